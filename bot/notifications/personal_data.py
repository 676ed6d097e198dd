"""A person's data on its way out: archives to its owner, and the traces of a closed account."""

from aiogram.methods import SendDocument, SendMessage
from aiogram.types import BufferedInputFile, Message

from bot.db.database import Database
from bot.db.outbox import LeasedNotice
from bot.services.personal_data import PersonalDataService
from bot.services.scans import Scans
from bot.telegram.messenger import ChatUnreachable, Compose, Messenger
from bot.texts import Translations
from bot.views.view import escape


class PersonalDataNotices:
    def __init__(
        self,
        *,
        database: Database,
        messenger: Messenger,
        personal_data: PersonalDataService,
        scans: Scans,
        translations: Translations,
    ) -> None:
        self._database = database
        self._messenger = messenger
        self._personal_data = personal_data
        self._scans = scans
        self._translations = translations

    async def send_archive(self, notice: LeasedNotice) -> None:
        """Goes only to a chat that is still logged in to the account."""
        account_id, chat_id = int(notice.payload["account_id"]), int(notice.payload["chat_id"])
        async with self._database.read() as tx:
            if chat_id not in await tx.personal_data.list_chats(account_id):
                return
            account = await tx.accounts.get(account_id)
        texts = self._translations.get_texts(account.locale)
        part = 0
        async for data in self._personal_data.build_archives(account_id):
            part += 1
            await self._send(chat_id, _compose_document(data, part, texts("export-caption")))

    async def send_erased(self, notice: LeasedNotice) -> None:
        """Tells a chat that it is logged out for good; nobody is to be told any more than that."""
        texts = self._translations.get_texts(str(notice.payload["locale"]))
        chat_id = int(notice.payload["chat_id"])

        async def compose(chat_id: int) -> SendMessage:
            return SendMessage(chat_id=chat_id, text=texts("erased-elsewhere"))

        await self._send(chat_id, compose)

    async def send_infected(self, notice: LeasedNotice) -> None:
        """Tells the applicant that a scan, checked late, did not reach the staff."""
        async with self._database.read() as tx:
            request = await tx.requests.get(int(notice.payload["request_id"]))
            scan = await tx.files.get(int(notice.payload["file_id"]))
            if request is None:
                return
            chats = await tx.chats.list_for_account(request.account.id)
        texts = self._translations.get_texts(request.account.locale)
        words = texts("scan-infected", number=request.number, name=escape(scan.name))

        async def compose(chat_id: int) -> SendMessage:
            return SendMessage(chat_id=chat_id, text=words)

        for chat_id in chats:
            await self._send(chat_id, compose)

    async def remove_file(self, notice: LeasedNotice) -> None:
        await self._scans.remove_bytes(str(notice.payload["key"]))

    async def _send(self, chat_id: int, compose: Compose[Message]) -> None:
        try:
            await self._messenger.send(chat_id, compose)
        except ChatUnreachable:
            # Whoever blocked the bot has no use for it, and asks again when they are back.
            return


def _compose_document(data: bytes, part: int, caption: str) -> Compose[Message]:
    async def compose(chat_id: int) -> SendDocument:
        return SendDocument(
            chat_id=chat_id,
            document=BufferedInputFile(data, f"my-data-{part}.zip"),
            caption=caption,
        )

    return compose
