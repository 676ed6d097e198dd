"""Reminders of readings: promised while the month's window closes, sent unless in vain."""

import logging
from functools import partial

from aiogram.methods import SendMessage

from bot.db.database import Database, Tx
from bot.db.outbox import OutboxRow
from bot.notifications.outbox_worker import Record
from bot.notifications.periodic import go_round
from bot.services.readings import Readings
from bot.telegram.messenger import Messenger, Unreachable
from bot.telegram.rate_limit import NotNow
from bot.texts import Library
from bot.views.readings import reminder

log = logging.getLogger(__name__)

_WATCH_SECONDS = 1800.0


async def watch(readings: Readings) -> None:
    """Looks every half an hour whether it is time, until cancelled."""
    await go_round(
        readings.promise_reminders,
        _WATCH_SECONDS,
        partial(log.error, "reminders were not promised: %s"),
    )


class Reminders:
    def __init__(
        self, *, database: Database, messenger: Messenger, readings: Readings, library: Library
    ) -> None:
        self._database = database
        self._messenger = messenger
        self._readings = readings
        self._library = library

    async def send(self, row: OutboxRow) -> Record | None:
        """Nothing is sent to who has given the reading meanwhile, or wants no reminders."""
        chat_id = int(row.payload["chat_id"])
        if seconds := self._readings.until_decent():
            raise NotNow(seconds)
        async with self._database.read() as tx:
            account = await tx.accounts.get(int(row.payload["account_id"]))
            linked = chat_id in await tx.chats.of_account(account.id)
        closing = await self._readings.closing_for(account)
        if closing is None or not linked:
            return None
        view = reminder(closing, self._library.texts(account.locale))

        async def compose(chat_id: int) -> SendMessage:
            return SendMessage(chat_id=chat_id, text=view.text, reply_markup=view.keyboard)

        try:
            await self._messenger.send(chat_id, compose)
        except Unreachable:

            async def record(tx: Tx) -> None:
                await tx.chats.set_reachable(chat_id, reachable=False)

            return record
        return None
