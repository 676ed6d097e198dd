"""Notices to the heads of the staff: in private and by email."""

import logging
from datetime import timedelta

from aiogram.methods import SendPhoto
from aiogram.types import BufferedInputFile, Message

from bot.db.outbox import LeasedNotice
from bot.domain import Delay
from bot.integrations.charts import draw_bars
from bot.integrations.smtp import Mailer
from bot.integrations.worker_process import WorkerProcess
from bot.notices import Escalation, EscalationEmail, WeeklyPicture
from bot.notifications.messages import compose_message
from bot.notifications.senders import SenderContext, register_sender
from bot.services.escalations import Escalations
from bot.services.request_reports import RequestReports
from bot.telegram.messenger import ChatUnreachable, Compose
from bot.views import escalations as views
from bot.views import request_reports
from bot.views.emails import Letterhead

log = logging.getLogger(__name__)

_WEEK_DAYS = 7


class EscalationNotices:
    def __init__(
        self,
        context: SenderContext,
        *,
        mailer: Mailer,
        escalations: Escalations,
        request_reports: RequestReports,
        worker: WorkerProcess,
    ) -> None:
        self._context = context
        self._request_reports = request_reports
        self._worker = worker
        self._mailer = mailer
        self._escalations = escalations
        self._texts = context.staff_texts

    @register_sender(Escalation)
    async def send_escalation(self, leased: LeasedNotice[Escalation]) -> None:
        """Sends nothing when all were answered meanwhile, or to who never wrote to the bot."""
        notice = leased.notice
        delay = Delay(notice.delay)
        lines = await self._escalations.list_delayed(notice.request_ids, delay)
        if not lines:
            return
        today = self._context.clock.now().astimezone(self._context.company.timezone).date()
        pages = views.render_escalation(lines, delay, today, self._context.catalogue, self._texts)
        await self._send(notice.chat_id, *(compose_message(page) for page in pages))

    @register_sender(WeeklyPicture)
    async def send_weekly_picture(self, leased: LeasedNotice[WeeklyPicture]) -> None:
        """Sends nothing when nobody did anything, or to who never wrote to the bot."""
        notice = leased.notice
        period = await self._request_reports.compute_period_stats(_WEEK_DAYS)
        if not period.members:
            return
        words = request_reports.render_weekly(
            period.everything,
            notice.monday - timedelta(days=1),
            self._context.catalogue,
            self._texts,
        )
        chart = request_reports.build_weekly_chart(period.members, self._texts)
        picture = await self._worker.run(draw_bars, *chart)

        async def compose(chat_id: int) -> SendPhoto:
            return SendPhoto(
                chat_id=chat_id,
                photo=BufferedInputFile(picture, "week.png"),
                caption=words.text,
            )

        await self._send(notice.chat_id, compose)

    async def _send(self, chat_id: int, *messages: Compose[Message]) -> None:
        """To a head in private; nothing to who never wrote to the bot."""
        try:
            for compose in messages:
                await self._context.messenger.send(chat_id, compose)
        except ChatUnreachable as error:
            log.warning("a head of the staff cannot be written to: %s", error)

    @register_sender(EscalationEmail)
    async def send_escalation_email(self, leased: LeasedNotice[EscalationEmail]) -> None:
        """Sends nothing when all were answered, or the settings name fewer addresses now."""
        notice = leased.notice
        delay = Delay(notice.delay)
        lines = await self._escalations.list_delayed(notice.request_ids, delay)
        emails = self._escalations.policy.emails
        if not lines or notice.recipient >= len(emails):
            return
        head = Letterhead(
            company=self._context.company, bot=await self._context.messenger.find_bot_name()
        )
        today = self._context.clock.now().astimezone(self._context.company.timezone).date()
        email = views.build_escalation_email(
            emails[notice.recipient],
            lines,
            delay,
            today,
            self._context.catalogue,
            head,
            self._texts,
        )
        message_id = f"{notice.kind}-{leased.id}-{leased.stored_at:%Y%m%d%H%M%S%f}"
        await self._mailer.send(email, message_id)
