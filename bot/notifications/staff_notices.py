"""Notices to the staff chat other than request cards: reminders, digest, resets, exports."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from aiogram.methods import SendDocument
from aiogram.types import FSInputFile, Message

from bot.db.database import Tx
from bot.db.outbox import LeasedNotice
from bot.db.staff_mentions import StaffMention
from bot.domain import Actor, ActorKind, StaffUser
from bot.integrations.spreadsheets import write_xlsx
from bot.integrations.worker_process import WorkerProcess
from bot.notices import (
    DailyDigest,
    DeadlineReminder,
    MemberLeft,
    PasswordResetCard,
    QuestionExpired,
    QueueBoard,
    RequestsHandedOver,
    ResetApproved,
    StaffExport,
)
from bot.notifications.messages import build_reply_parameters, compose_message
from bot.notifications.periodic import run_periodically
from bot.notifications.senders import Record, SenderContext, register_sender
from bot.notifications.staff_cards import StaffCards
from bot.services import billing_export
from bot.services.errors import ResetExpired
from bot.services.password_resets import PasswordResets
from bot.services.readings import Readings
from bot.services.request_reports import RequestReports
from bot.services.staff_mentions import record_mention
from bot.views import assignments, cards, request_reports
from bot.views.view import View

log = logging.getLogger(__name__)

_CHECK_SECONDS = 60.0
#: Four edits a minute of a group's twenty at most.
_BOARD_SECONDS = 15.0


async def run_boards(request_reports: RequestReports) -> None:
    """Stores what the boards of the staff groups shall show, until cancelled."""
    await run_periodically(
        request_reports.put_boards,
        _BOARD_SECONDS,
        partial(log.error, "the counts of the queue were not stored: %s"),
    )


async def run_reminders(request_reports: RequestReports) -> None:
    """Stores the notices that are due, every minute, until cancelled."""
    await run_periodically(
        request_reports.put_reminders,
        _CHECK_SECONDS,
        partial(log.error, "staff reminders were not stored: %s"),
    )


class StaffNotices:
    def __init__(
        self,
        context: SenderContext,
        *,
        staff_cards: StaffCards,
        request_reports: RequestReports,
        password_resets: PasswordResets,
        readings: Readings,
        worker: WorkerProcess,
    ) -> None:
        self._password_resets = password_resets
        self._context = context
        self._staff_cards = staff_cards
        self._request_reports = request_reports
        self._readings = readings
        self._worker = worker
        self._texts = context.staff_texts

    @register_sender(PasswordResetCard)
    async def send_reset_card(self, leased: LeasedNotice[PasswordResetCard]) -> Record | None:
        """Sends nothing when nobody has the email."""
        if leased.notice.account_id is None:
            return None
        async with self._context.database.read() as tx:
            reset = await tx.password_resets.get(leased.notice.reset_id)
            if reset is None:
                raise LookupError("a password reset that does not exist")
            account = await tx.accounts.get(leased.notice.account_id)
            known = reset.address is not None and await tx.known_chats.is_known(
                account.id, reset.address
            )
        sent = await self._send(
            cards.render_reset_card(account, reset.id, reset.address, self._texts, is_known=known)
        )
        return self._record_mentions([account.id], sent)

    @register_sender(DeadlineReminder)
    async def send_reminder(self, leased: LeasedNotice[DeadlineReminder]) -> Record | None:
        """Lists the requests that still wait; sends nothing when all were answered meanwhile."""
        lines = await self._request_reports.take_due_reminders(leased.notice.request_ids)
        if not lines:
            return None
        async with self._context.database.read() as tx:
            requests = [one for line in lines if (one := await tx.requests.get(line.id))]
        today = self._request_reports.get_today()
        views = request_reports.render_reminder(
            lines, requests, today, self._context.catalogue, self._texts
        )
        sent = await self._send(*views, chat_id=leased.notice.staff_chat_id)
        return self._record_mentions([line.account_id for line in lines], sent)

    @register_sender(ResetApproved)
    async def approve_reset(self, leased: LeasedNotice[ResetApproved]) -> None:
        """It is too late to undo: resets the password, and says so on the card."""
        notice = leased.notice
        async with self._context.database.read() as tx:
            name = await tx.staff_members.find_name(notice.staff_id)
        staff = Actor(kind=ActorKind.STAFF, id=notice.staff_id, name=name)
        try:
            account = await self._password_resets.approve(notice.reset_id, staff)
        except ResetExpired:
            return
        if account is None:
            return
        at = self._context.company.format_minute(self._context.clock.now())
        view = cards.render_reset_done(account, staff, at, self._texts)
        await self._staff_cards.replace_text(notice.chat_id, notice.message_id, view)

    @register_sender(QuestionExpired)
    async def delete_question(self, leased: LeasedNotice[QuestionExpired]) -> None:
        """One that is older than 48 hours can only be edited."""
        chat_id, message_id = leased.notice.chat_id, leased.notice.message_id
        if not await self._staff_cards.delete(chat_id, message_id):
            view = View(text=self._texts("desk-question-closed"))
            await self._staff_cards.replace_text(chat_id, message_id, view)

    @register_sender(MemberLeft)
    async def send_member_left(self, leased: LeasedNotice[MemberLeft]) -> None:
        """Lists the requests that went back to the queue; names no consumer."""
        async with self._context.database.read() as tx:
            name = await tx.staff_members.find_name(leased.notice.user_id)
            lines = await tx.request_reports.get_many(leased.notice.request_ids)
        view = assignments.render_member_left(name, lines, self._texts)
        await self._send(view, chat_id=leased.notice.staff_chat_id)

    @register_sender(RequestsHandedOver)
    async def send_hand_over(self, leased: LeasedNotice[RequestsHandedOver]) -> None:
        """A new message, as only that notifies who is mentioned."""
        notice = leased.notice
        async with self._context.database.read() as tx:
            name = await tx.staff_members.find_name(notice.user_id)
            to = StaffUser(id=notice.to, name=await tx.staff_members.find_name(notice.to))
        view = assignments.render_handed_over(name, to, notice.count, self._texts)
        await self._send(view, chat_id=notice.staff_chat_id)

    @register_sender(QueueBoard)
    async def update_board(self, leased: LeasedNotice[QueueBoard]) -> Record | None:
        """Edits the pinned message in place; one that is gone is sent and pinned anew."""
        group = leased.notice.staff_chat_id
        counts = await self._request_reports.count_queue(group)
        view = request_reports.render_board(counts, self._texts)
        key = f"staff_board:{group or ''}"
        async with self._context.database.read() as tx:
            shown = await tx.values.get(key)
        if shown is not None:
            chat_id, message_id = map(int, shown.split())
            if await self._staff_cards.edit_board(chat_id, message_id, view):
                return None
        message = await self._staff_cards.send_board(group, view)

        async def record(tx: Tx) -> None:
            await tx.values.set(key, f"{message.chat.id} {message.message_id}")

        return record

    @register_sender(DailyDigest)
    async def send_digest(self, _: LeasedNotice[DailyDigest]) -> None:
        """Sends nothing while there is nothing to sum up."""
        figures = await self._request_reports.compute_stats()
        if not figures.open and not figures.closed:
            return
        today = self._request_reports.get_today()
        await self._send(
            request_reports.render_digest(figures, today, self._context.catalogue, self._texts)
        )

    @register_sender(StaffExport)
    async def send_export(self, leased: LeasedNotice[StaffExport]) -> None:
        """Reads in batches and writes the file in another process, so that the loop stays free."""
        notice = leased.notice
        what, first, last = notice.what, notice.first, notice.last
        with TemporaryDirectory(prefix="cabinet-export-") as folder:
            path = Path(folder) / f"{what}-{first}-{last}.xlsx"
            if what == "readings":
                await billing_export.write(
                    self._readings.iterate_between(first, last),
                    "xlsx",
                    path,
                    self._worker,
                    self._context.company.timezone,
                    self._readings.rules.windows,
                )
            else:
                lines = self._request_reports.list_registered(first, last)
                table = request_reports.build_table(
                    self._context.catalogue, self._texts, self._context.company.timezone
                )
                made = await write_xlsx(
                    self._worker,
                    Path(folder),
                    self._texts("desk-export-sheet"),
                    table.columns,
                    (table.build_row(line) async for line in lines),
                )
                await asyncio.to_thread(made.rename, path)
            caption = self._texts(
                f"desk-export-{what}", first=f"{first:%d.%m.%Y}", last=f"{last:%d.%m.%Y}"
            )

            async def compose(chat_id: int) -> SendDocument:
                return SendDocument(
                    chat_id=chat_id,
                    document=FSInputFile(path),
                    caption=caption,
                    reply_parameters=build_reply_parameters(notice.message_id),
                )

            await self._staff_cards.send(compose, chat_id=notice.chat_id)

    async def _send(self, *views: View, chat_id: int | None = None) -> list[Message]:
        return [
            await self._staff_cards.send(compose_message(view), chat_id=chat_id) for view in views
        ]

    def _record_mentions(self, account_ids: Sequence[int], sent: Sequence[Message]) -> Record:
        async def record(tx: Tx) -> None:
            for message in sent:
                mention = StaffMention(
                    chat_id=message.chat.id, message_id=message.message_id, by_bot=True
                )
                await record_mention(tx, account_ids, mention, self._context.clock.now())

        return record
