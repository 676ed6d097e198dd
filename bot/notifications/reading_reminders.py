"""Reminders of readings: promised while the month's window closes, sent unless in vain."""

import logging
from functools import partial

from aiogram.methods import SendMessage

from bot.db.database import Database, Tx
from bot.db.outbox import LeasedNotice
from bot.notifications.outbox_worker import Record
from bot.notifications.periodic import run_periodically
from bot.services.readings import Readings
from bot.telegram.messenger import ChatUnreachable, Messenger
from bot.telegram.rate_limit import RateLimited
from bot.texts import Translations
from bot.views.readings import render_reminder

log = logging.getLogger(__name__)

_WATCH_SECONDS = 1800.0


async def run_reading_reminders(readings: Readings) -> None:
    """Looks every half an hour whether it is time, until cancelled."""
    await run_periodically(
        readings.promise_reminders,
        _WATCH_SECONDS,
        partial(log.error, "reminders were not promised: %s"),
    )


class ReadingReminders:
    def __init__(
        self,
        *,
        database: Database,
        messenger: Messenger,
        readings: Readings,
        translations: Translations,
    ) -> None:
        self._database = database
        self._messenger = messenger
        self._readings = readings
        self._translations = translations

    async def send(self, notice: LeasedNotice) -> Record | None:
        """Nothing is sent to who has given the reading meanwhile, or wants no reminders."""
        chat_id = int(notice.payload["chat_id"])
        if seconds := self._readings.find_quiet_end():
            raise RateLimited(seconds)
        async with self._database.read() as tx:
            account = await tx.accounts.get(int(notice.payload["account_id"]))
            linked = chat_id in await tx.chats.list_for_account(account.id)
        closing = await self._readings.find_window_end(account)
        if closing is None or not linked:
            return None
        view = render_reminder(closing, self._translations.get_texts(account.locale))

        async def compose(chat_id: int) -> SendMessage:
            return SendMessage(chat_id=chat_id, text=view.text, reply_markup=view.keyboard)

        try:
            await self._messenger.send(chat_id, compose)
        except ChatUnreachable:

            async def record(tx: Tx) -> None:
                await tx.chats.set_reachable(chat_id, reachable=False)

            return record
        return None
