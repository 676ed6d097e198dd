"""Reminders of meter readings, to consumers' chats in the last days of a month's window."""

import logging
from functools import partial

from bot.db.outbox import LeasedNotice
from bot.notices import ReadingReminder
from bot.notifications.messages import send_to_consumer
from bot.notifications.periodic import run_periodically
from bot.notifications.senders import Record, SenderContext, register_sender
from bot.services import recipients
from bot.services.readings import Readings
from bot.telegram.rate_limit import RateLimited
from bot.views.readings import render_reminder

log = logging.getLogger(__name__)

_CHECK_SECONDS = 1800.0


async def run_reading_reminders(readings: Readings) -> None:
    """Stores the reminders that are due, every half an hour, until cancelled."""
    await run_periodically(
        readings.put_reminders,
        _CHECK_SECONDS,
        partial(log.error, "reading reminders were not stored: %s"),
    )


class ReadingReminders:
    def __init__(self, context: SenderContext, *, readings: Readings) -> None:
        self._context = context
        self._readings = readings

    @register_sender(ReadingReminder)
    async def send(self, leased: LeasedNotice[ReadingReminder]) -> Record | None:
        """Sends nothing when the reading came meanwhile, or reminders were switched off.

        Raises RateLimited in quiet hours.
        """
        notice = leased.notice
        if quiet_for := self._readings.find_quiet_end():
            raise RateLimited(quiet_for.total_seconds())
        async with self._context.database.read() as tx:
            account = await tx.accounts.get(notice.account_id)
            linked = notice.chat_id in await recipients.list_chats(
                tx, account.id, self._context.clock.now()
            )
        awaited = await self._readings.find_awaited(account.id, notice.object)
        if awaited is None or not linked:
            return None
        texts = self._context.translations.get_texts(account.locale)
        view = render_reminder(awaited, texts)
        return await send_to_consumer(self._context, notice.chat_id, (view,))
