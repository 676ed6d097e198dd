"""Consumers' chats: notices of changes, and what the staff write to them."""

from aiogram.methods import SendMessage
from aiogram.types import Message

from bot.db.database import Database, Tx
from bot.db.outbox import OutboxRow
from bot.notifications.emails import Letters
from bot.notifications.outbox_worker import Record
from bot.request_types import Catalogue
from bot.telegram.messenger import Compose, Messenger, Unreachable
from bot.texts import Library
from bot.views import requests
from bot.views.view import View


class People:
    def __init__(
        self,
        *,
        database: Database,
        messenger: Messenger,
        letters: Letters,
        library: Library,
        catalogue: Catalogue,
    ) -> None:
        self._database = database
        self._messenger = messenger
        self._letters = letters
        self._library = library
        self._catalogue = catalogue

    async def logged_out(self, row: OutboxRow) -> Record | None:
        async with self._database.read() as tx:
            account = await tx.accounts.get(int(row.payload["account_id"]))
        texts = self._library.texts(account.locale)
        record = await self._tell(row, (View(text=texts("logged-out-elsewhere")),))
        if record is not None:
            await self._letters.logged_out(row)
        return record

    async def status(self, row: OutboxRow) -> Record | None:
        """A notice of a change; whoever cannot be reached has a letter about it anyway."""
        async with self._database.read() as tx:
            request = await tx.requests.get(int(row.payload["request_id"]))
        if request is None:
            raise LookupError("a notice about a request that is not there")
        entry = next(one for one in request.history if one.id == row.payload["history_id"])
        texts = self._library.texts(request.account.locale)
        return await self._tell(row, requests.changed(request, entry, self._catalogue, texts))

    async def _tell(self, row: OutboxRow, views: tuple[View, ...]) -> Record | None:
        """Sends to the chat of the row; a record that it takes nothing, when that is so."""
        chat_id = int(row.payload["chat_id"])
        try:
            for view in views:
                await self._messenger.send(chat_id, to_person(view))
        except Unreachable:

            async def record(tx: Tx) -> None:
                await tx.chats.set_reachable(chat_id, reachable=False)

            return record
        return None


def to_person(view: View) -> Compose[Message]:
    async def compose(chat_id: int) -> SendMessage:
        return SendMessage(chat_id=chat_id, text=view.text, reply_markup=view.keyboard)

    return compose
