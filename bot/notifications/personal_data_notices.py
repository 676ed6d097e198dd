"""Personal data: archives to their owner, and notices and removals after an erasure."""

from aiogram.methods import SendDocument
from aiogram.types import BufferedInputFile, Message

from bot.db.outbox import LeasedNotice
from bot.formatting.personal_data import ArchiveRenderer
from bot.formatting.values import escape
from bot.notices import (
    AccountErased,
    FileRemoval,
    PersonalDataArchive,
    ScanInfected,
    SiteDataErased,
)
from bot.notifications.messages import compose_message
from bot.notifications.senders import SenderContext, register_sender
from bot.services import recipients
from bot.services.documents import Documents
from bot.services.file_cleanup import FileCleanup
from bot.services.personal_data import PersonalDataService
from bot.telegram.messenger import ChatUnreachable, Compose
from bot.views.view import View


class PersonalDataNotices:
    def __init__(
        self,
        context: SenderContext,
        *,
        data_service: PersonalDataService,
        file_cleanup: FileCleanup,
        documents: Documents,
    ) -> None:
        self._context = context
        self._personal_data = data_service
        self._file_cleanup = file_cleanup
        self._renderer = ArchiveRenderer(
            catalogue=context.catalogue,
            company=context.company,
            translations=context.translations,
            documents=documents,
        )

    @register_sender(PersonalDataArchive)
    async def send_archive(self, leased: LeasedNotice[PersonalDataArchive]) -> None:
        """Sends the archive only to a chat that is still logged in to the account."""
        account_id, chat_id = leased.notice.account_id, leased.notice.chat_id
        async with self._context.database.read() as tx:
            chats = await recipients.list_chats(tx, account_id, self._context.clock.now())
            if chat_id not in chats:
                return
            account = await tx.accounts.get(account_id)
        texts = self._context.translations.get_texts(account.locale)
        part = 0
        archives = self._personal_data.build_archives(
            account_id, self._renderer.render_summary, self._renderer.render_documents
        )
        async for data in archives:
            part += 1
            await self._send(chat_id, _compose_archive(data, part, texts("export-caption")))

    @register_sender(AccountErased)
    async def send_erased(self, leased: LeasedNotice[AccountErased]) -> None:
        """Deletes the conversation first: a draft of the erased account must not go on."""
        await self._personal_data.forget_conversation(leased.notice.chat_id)
        if leased.notice.silent:
            return
        texts = self._context.translations.get_texts(leased.notice.locale)
        view = View(text=texts("erased-elsewhere"))
        await self._send(leased.notice.chat_id, compose_message(view))

    @register_sender(SiteDataErased)
    async def erase_site_data(self, leased: LeasedNotice[SiteDataErased]) -> None:
        await self._personal_data.forget_site(leased.notice.account_id)

    @register_sender(ScanInfected)
    async def send_infected(self, leased: LeasedNotice[ScanInfected]) -> None:
        """Tells the applicant that a scan, checked late, did not reach the staff."""
        async with self._context.database.read() as tx:
            request = await tx.requests.get(leased.notice.request_id)
            scan = await tx.files.get(leased.notice.file_id)
            if request is None:
                return
            chats = await recipients.list_chats(tx, request.account.id, self._context.clock.now())
        texts = self._context.translations.get_texts(request.account.locale)
        view = View(text=texts("scan-infected", number=request.number, name=escape(scan.name)))
        for chat_id in chats:
            await self._send(chat_id, compose_message(view))

    @register_sender(FileRemoval)
    async def remove_file(self, leased: LeasedNotice[FileRemoval]) -> None:
        await self._file_cleanup.remove(leased.notice.key)

    async def _send(self, chat_id: int, compose: Compose[Message]) -> None:
        """Sends nothing to a chat that blocked the bot: its owner may ask again later."""
        try:
            await self._context.messenger.send(chat_id, compose)
        except ChatUnreachable:
            return


def _compose_archive(data: bytes, part: int, caption: str) -> Compose[Message]:
    async def compose(chat_id: int) -> SendDocument:
        return SendDocument(
            chat_id=chat_id,
            document=BufferedInputFile(data, f"my-data-{part}.zip"),
            caption=caption,
        )

    return compose
