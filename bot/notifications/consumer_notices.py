"""Consumers' chats: notices of changes, and what the staff write to them."""

from aiogram.methods import SendMessage
from aiogram.types import Message

from bot.db.database import Database, Tx
from bot.db.outbox import LeasedNotice
from bot.notifications.emails import EmailNotices
from bot.notifications.outbox_worker import Record
from bot.request_types import Catalogue
from bot.telegram.messenger import ChatUnreachable, Compose, Messenger
from bot.texts import Translations
from bot.views import auth, requests
from bot.views.view import View


class ConsumerNotices:
    def __init__(
        self,
        *,
        database: Database,
        messenger: Messenger,
        letters: EmailNotices,
        translations: Translations,
        catalogue: Catalogue,
    ) -> None:
        self._database = database
        self._messenger = messenger
        self._letters = letters
        self._translations = translations
        self._catalogue = catalogue

    async def send_logged_out(self, notice: LeasedNotice) -> Record | None:
        async with self._database.read() as tx:
            account = await tx.accounts.get(int(notice.payload["account_id"]))
        texts = self._translations.get_texts(account.locale)
        record = await self._tell(notice, (View(text=texts("logged-out-elsewhere")),))
        if record is not None:
            await self._letters.send_logged_out(notice)
        return record

    async def send_registration_refused(self, notice: LeasedNotice) -> Record | None:
        texts = self._translations.get_texts(str(notice.payload["locale"]))
        return await self._tell(notice, (auth.render_registration_refused(texts),))

    async def send_status_changed(self, notice: LeasedNotice) -> Record | None:
        """A notice of a change; whoever cannot be reached has a letter about it anyway."""
        async with self._database.read() as tx:
            request = await tx.requests.get(int(notice.payload["request_id"]))
        if request is None:
            raise LookupError("a notice about a request that is not there")
        entry = next(one for one in request.history if one.id == notice.payload["history_id"])
        texts = self._translations.get_texts(request.account.locale)
        return await self._tell(
            notice, requests.render_status_changed(request, entry, self._catalogue, texts)
        )

    async def _tell(self, notice: LeasedNotice, views: tuple[View, ...]) -> Record | None:
        """Sends to the chat of the row; a record that it takes nothing, when that is so."""
        chat_id = int(notice.payload["chat_id"])
        try:
            for view in views:
                await self._messenger.send(chat_id, compose_view(view))
        except ChatUnreachable:

            async def record(tx: Tx) -> None:
                await tx.chats.set_reachable(chat_id, reachable=False)

            return record
        return None


def compose_view(view: View) -> Compose[Message]:
    async def compose(chat_id: int) -> SendMessage:
        return SendMessage(chat_id=chat_id, text=view.text, reply_markup=view.keyboard)

    return compose
