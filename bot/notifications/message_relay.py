"""Talk about a request: relayed between the staff group and the consumer's chats, and mirrored."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any, TypeVar

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import (
    EditMessageCaption,
    EditMessageText,
    SendDocument,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    SetMessageReaction,
    TelegramMethod,
)
from aiogram.types import (
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    ReactionTypeEmoji,
)

from bot.db.bot_messages import BotMessage
from bot.db.database import Database
from bot.db.outbox import LeasedNotice
from bot.domain import ActorKind, MessageKind, Request, RequestMessage
from bot.fsm.model import Rejected
from bot.integrations.errors import MailRefused
from bot.integrations.smtp import Attachment
from bot.notifications.emails import EmailNotices
from bot.notifications.staff_cards import StaffCards, build_reply_parameters
from bot.services.scans import MAX_FILE_BYTES, Scans
from bot.telegram.messenger import (
    ChatUnreachable,
    Compose,
    MessageNotFound,
    MessageNotModified,
    MessageRefused,
    Messenger,
)
from bot.texts import Texts, Translations
from bot.views import request_messages
from bot.views.forms import format_complaint
from bot.views.view import View

log = logging.getLogger(__name__)

T = TypeVar("T")

_RECEIPT = "👍"
_DOWNLOAD_SECONDS = 60


class MessageRelay:
    def __init__(
        self,
        *,
        bot: Bot,
        database: Database,
        messenger: Messenger,
        letters: EmailNotices,
        group: StaffCards,
        scans: Scans,
        translations: Translations,
    ) -> None:
        self._bot = bot
        self._database = database
        self._messenger = messenger
        self._letters = letters
        self._group = group
        self._scans = scans
        self._translations = translations
        self._staff_texts = translations.get_texts(translations.locales[0])

    async def send_to_consumer(self, notice: LeasedNotice) -> None:
        """A message of the staff to the consumer's chats; by letter when none of them takes it.

        Files are examined first: what is wrong with one is told to its sender.
        """
        request, messages, copies = await self._read(notice)
        own = _find_own(notice, messages)
        if request.account.erased:
            await self._tell_sender(own, self._staff_texts("talk-erased", number=request.number))
            return
        try:
            await self._pass_on(notice, request, messages, copies)
        except (MessageRefused, MailRefused):
            await self._tell_sender(
                own, request_messages.format_given_up(request, self._staff_texts)
            )
            raise

    async def _pass_on(
        self,
        notice: LeasedNotice,
        request: Request,
        messages: Sequence[RequestMessage],
        copies: Sequence[BotMessage],
    ) -> None:
        own = _find_own(notice, messages)
        async with self._database.read() as tx:
            chats = await tx.chats.list_for_account(request.account.id)
        there = {copy.chat_id for copy in copies}
        if not there.issuperset(chats) or not chats:
            try:
                files = await self._examine_album(own, messages)
            except Rejected as rejected:
                await self._tell_sender(
                    own, request_messages.format_refused(rejected, self._staff_texts)
                )
                return
            passed = [message for message in messages if message.id in files]
            for chat_id in chats:
                if chat_id not in there and await self._try_chat(request, passed, chat_id):
                    there.add(chat_id)
            if not there:
                await self._write_letter(notice, request, own, files[own.id])
                return
        await self._send_receipt(own)

    async def send_to_staff(self, notice: LeasedNotice) -> None:
        """A message of the consumer to the staff, below the card.

        Its files were examined when they came, but not by a virus scanner that was away then.
        """
        request, messages, copies = await self._read(notice)
        if copies:
            return
        if self._scans.has_antivirus:
            try:
                files = await self._examine_album(_find_own(notice, messages), messages)
            except Rejected as rejected:
                await self._reject_infected(request, _find_own(notice, messages), rejected)
                return
            messages = [message for message in messages if message.id in files]
        texts = self._staff_texts
        for at in range(len(_build_methods(request, messages, texts, 0, None))):

            async def compose(chat_id: int, card: BotMessage, at: int = at) -> TelegramMethod[Any]:
                return _build_methods(request, messages, texts, chat_id, card)[at]

            await self._record_copies(messages, await self._group.send_below(request.id, compose))

    async def mirror_edit(self, notice: LeasedNotice) -> None:
        """Mirrors an edit in every copy of the message."""
        talk_id = int(notice.payload["talk_id"])
        async with self._database.read() as tx:
            message = await tx.request_messages.get(talk_id)
            request = await tx.requests.get(message.request_id)
            copies = await tx.bot_messages.list_copies([talk_id])
        if request is None:
            raise LookupError("talk about a request that is not there")
        to_staff = message.author.kind is ActorKind.CONSUMER
        locale = self._translations.locales[0] if to_staff else request.account.locale
        pages = request_messages.render_pages(
            request, message, self._translations.get_texts(locale)
        )
        for chat_id in {copy.chat_id for copy in copies}:
            here = [copy for copy in copies if copy.chat_id == chat_id]
            for copy, page in zip(here, pages, strict=False):
                await self._edit(chat_id, copy, message, page)
            for page in pages[len(here) :]:
                method = SendMessage(
                    chat_id=chat_id,
                    text=page.text,
                    message_thread_id=here[0].thread_id,
                    reply_parameters=build_reply_parameters(here[0].message_id),
                )
                await self._record_copies(
                    [message], await self._messenger.send(chat_id, _compose_ready(method))
                )

    async def _edit(
        self, chat_id: int, copy: BotMessage, message: RequestMessage, page: View
    ) -> None:
        method: TelegramMethod[Message | bool]
        if message.content.kind is MessageKind.TEXT:
            method = EditMessageText(
                chat_id=chat_id,
                message_id=copy.message_id,
                text=page.text,
                reply_markup=page.inline,
            )
        else:
            method = EditMessageCaption(
                chat_id=chat_id,
                message_id=copy.message_id,
                caption=page.text,
                reply_markup=page.inline,
            )
        try:
            await self._messenger.send(chat_id, _compose_ready(method))
        except (MessageNotModified, MessageNotFound, ChatUnreachable) as error:
            log.info("an edit is not mirrored: %s", type(error).__name__)

    async def _try_chat(
        self, request: Request, messages: Sequence[RequestMessage], chat_id: int
    ) -> bool:
        """Sends to one of the consumer's chats; False when it takes nothing from the bot."""
        texts = self._translations.get_texts(request.account.locale)
        try:
            for method in _build_methods(request, messages, texts, chat_id, None):
                await self._record_copies(
                    messages, await self._messenger.send(chat_id, _compose_ready(method))
                )
        except ChatUnreachable:
            async with self._database.begin() as tx:
                await tx.chats.set_reachable(chat_id, reachable=False)
            return False
        return True

    async def _write_letter(
        self, notice: LeasedNotice, request: Request, message: RequestMessage, data: bytes
    ) -> None:
        attached = (
            [Attachment(name=_get_file_name(message), data=data)] if message.content.media else []
        )
        await self._letters.send_staff_message(notice, request, message, attached)
        await self._tell_sender(
            message, request_messages.format_not_delivered(request, self._staff_texts)
        )

    async def _reject_infected(
        self, request: Request, message: RequestMessage, rejected: Rejected
    ) -> None:
        """A consumer's file that the virus scanner found out late: both sides are told."""
        words = request_messages.format_refused(rejected, self._staff_texts, "talk-in-refused")

        async def compose(chat_id: int, card: BotMessage) -> SendMessage:
            return SendMessage(
                chat_id=chat_id,
                text=words,
                message_thread_id=card.thread_id,
                reply_parameters=build_reply_parameters(card.message_id),
            )

        await self._group.send_below(request.id, compose)
        texts = self._translations.get_texts(request.account.locale)
        with suppress(ChatUnreachable):
            await self._messenger.send(
                message.content.chat_id,
                _compose_reply(
                    message.content.message_id, format_complaint(rejected.code, rejected, texts)
                ),
            )

    async def _send_receipt(self, message: RequestMessage) -> None:
        """Tells the staff that the consumer has it."""
        react = SetMessageReaction(
            chat_id=message.content.chat_id,
            message_id=message.content.message_id,
            reaction=[ReactionTypeEmoji(emoji=_RECEIPT)],
        )
        try:
            await self._group.ask(react)
        except MessageNotFound:
            return
        except MessageRefused:
            # The group allows no reactions.
            await self._tell_sender(message, self._staff_texts("talk-delivered"))

    async def _tell_sender(self, message: RequestMessage, words: str) -> None:
        await self._group.send(_compose_reply(message.content.message_id, words))

    async def _examine_album(
        self, own: RequestMessage, messages: Sequence[RequestMessage]
    ) -> dict[int, bytes]:
        """The files that are fit to be passed on, by message; texts are, with no bytes.

        Raises Rejected for ``own``; the others of its album have their own turn.
        """
        files = {}
        for message in messages:
            try:
                files[message.id] = await self._examine_file(message)
            except Rejected:
                if message is own:
                    raise
        return files

    async def _examine_file(self, message: RequestMessage) -> bytes:
        """The bytes of its file; raises Rejected, and ScannerAway (try again later)."""
        if message.content.media is None:
            return b""
        name = _get_file_name(message)
        content = BytesIO()
        try:
            await self._bot.download(message.content.media, content, timeout=_DOWNLOAD_SECONDS)
        except TelegramBadRequest as error:
            if "file is too big" not in error.message:
                raise MessageRefused(error.message) from error
            raise Rejected("file-too-big", name=name, limit=MAX_FILE_BYTES // 1024**2) from error
        await self._scans.examine(name, content.getvalue())
        return content.getvalue()

    async def _read(
        self, notice: LeasedNotice
    ) -> tuple[Request, list[RequestMessage], list[BotMessage]]:
        """The request, the message with the album it came in, and where it was relayed already."""
        async with self._database.read() as tx:
            message = await tx.request_messages.get(int(notice.payload["talk_id"]))
            request = await tx.requests.get(message.request_id)
            copies = await tx.bot_messages.list_copies([message.id])
            messages = [
                one
                for one in await tx.request_messages.list_album(message)
                if one.id == message.id or not await tx.bot_messages.list_copies([one.id])
            ]
        if request is None:
            raise LookupError("talk about a request that is not there")
        return request, messages, copies

    async def _record_copies(self, messages: Sequence[RequestMessage], sent: Any) -> None:
        """Remembers which copies are of which message."""
        copies = sent if isinstance(sent, list) else [sent]
        async with self._database.begin() as tx:
            for at, copy in enumerate(copies):
                if isinstance(copy, Message):
                    message = messages[min(at, len(messages) - 1)]
                    await tx.bot_messages.add(
                        message.request_id,
                        "talk",
                        None,
                        copy.chat.id,
                        copy.message_id,
                        thread_id=copy.message_thread_id,
                        talk_id=message.id,
                    )


def _build_methods(
    request: Request,
    messages: Sequence[RequestMessage],
    texts: Texts,
    chat_id: int,
    card: BotMessage | None,
) -> list[TelegramMethod[Any]]:
    """A text in as many messages as it needs, a file with its caption, or an album."""
    place = {
        "chat_id": chat_id,
        "message_thread_id": card.thread_id if card else None,
        "reply_parameters": build_reply_parameters(card.message_id) if card else None,
    }
    if len(messages) > 1:
        kind = (
            InputMediaPhoto if messages[0].content.kind is MessageKind.PHOTO else InputMediaDocument
        )
        album = [
            kind(
                media=one.content.media or "",
                caption=request_messages.render_pages(request, one, texts)[0].text,
            )
            for one in messages
        ]
        rest = [
            page
            for one in messages
            for page in request_messages.render_pages(request, one, texts)[1:]
        ]
        first: TelegramMethod[Any] = SendMediaGroup.model_validate({**place, "media": album})
    else:
        (message,) = messages
        head, *rest = request_messages.render_pages(request, message, texts)
        more: dict[str, object] = {**place, "reply_markup": head.inline}
        if message.content.kind is MessageKind.TEXT:
            first = SendMessage.model_validate({**more, "text": head.text})
        elif message.content.kind is MessageKind.PHOTO:
            file = {"photo": message.content.media, "caption": head.text}
            first = SendPhoto.model_validate({**more, **file})
        else:
            file = {"document": message.content.media, "caption": head.text}
            first = SendDocument.model_validate({**more, **file})
    texts_after = [
        SendMessage.model_validate({**place, "text": page.text, "reply_markup": page.keyboard})
        for page in rest
    ]
    return [first, *texts_after]


def _compose_ready(method: TelegramMethod[T]) -> Compose[T]:
    async def compose(_: int) -> TelegramMethod[T]:
        return method

    return compose


def _find_own(notice: LeasedNotice, messages: Sequence[RequestMessage]) -> RequestMessage:
    """The message that the notice is about, of those of its album."""
    return next(one for one in messages if one.id == notice.payload["talk_id"])


def _get_file_name(message: RequestMessage) -> str:
    return message.content.file_name or f"photo-{message.content.message_id}.jpg"


def _compose_reply(message_id: int, words: str) -> Compose[Message]:
    async def compose(chat_id: int) -> SendMessage:
        return SendMessage(
            chat_id=chat_id, text=words, reply_parameters=build_reply_parameters(message_id)
        )

    return compose
