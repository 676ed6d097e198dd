"""Relays messages about requests between the staff chat and consumers' chats, and their edits."""

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
from bot.db.outbox import LeasedNotice
from bot.domain import ActorKind, MessageKind, Request, RequestMessage
from bot.formatting.forms import format_complaint
from bot.fsm.model import Rejected
from bot.integrations.errors import MailRefused
from bot.integrations.smtp import Attachment
from bot.notices import MessageEdited, MessageToConsumer, MessageToStaff
from bot.notifications.emails import EmailNotices
from bot.notifications.messages import build_reply_parameters, compose_message
from bot.notifications.senders import SenderContext, register_sender
from bot.notifications.staff_cards import StaffCards, compose_text_below
from bot.services import recipients
from bot.services.scans import MAX_FILE_BYTES, Scans
from bot.telegram.messenger import (
    ChatUnreachable,
    Compose,
    MessageNotFound,
    MessageNotModified,
    MessageRefused,
)
from bot.texts import Texts
from bot.views import request_messages
from bot.views.view import View

log = logging.getLogger(__name__)

T = TypeVar("T")

_RECEIPT = "👍"
_DOWNLOAD_SECONDS = 60


class MessageRelay:
    def __init__(
        self,
        context: SenderContext,
        *,
        bot: Bot,
        emails: EmailNotices,
        staff_cards: StaffCards,
        scans: Scans,
    ) -> None:
        self._bot = bot
        self._clock = context.clock
        self._database = context.database
        self._messenger = context.messenger
        self._translations = context.translations
        self._staff_texts = context.staff_texts
        self._emails = emails
        self._staff_cards = staff_cards
        self._scans = scans

    @register_sender(MessageToConsumer)
    async def send_to_consumer(self, leased: LeasedNotice[MessageToConsumer]) -> None:
        """Sends a message of the staff to the consumer's chats; by email when none is reachable.

        Files are examined first; the staff are told what is wrong with one.
        """
        request, message, album, copies = await self._read(leased.notice.request_message_id)
        if request.account.erased:
            await self._reply_to_author(
                message, self._staff_texts("talk-erased", number=request.number)
            )
            return
        try:
            await self._send_to_consumer(leased, request, message, album, copies)
        except (MessageRefused, MailRefused):
            await self._reply_to_author(
                message, request_messages.format_given_up(request, self._staff_texts)
            )
            raise

    async def _send_to_consumer(
        self,
        leased: LeasedNotice[MessageToConsumer],
        request: Request,
        message: RequestMessage,
        album: Sequence[RequestMessage],
        copies: Sequence[BotMessage],
    ) -> None:
        async with self._database.read() as tx:
            chats = await recipients.list_chats(tx, request.account.id, self._clock.now())
        delivered = {copy.chat_id for copy in copies}
        if not delivered.issuperset(chats) or not chats:
            try:
                files = await self._examine_album(message, album)
            except Rejected as rejected:
                await self._reply_to_author(
                    message, request_messages.format_refused(rejected, self._staff_texts)
                )
                return
            accepted = [one for one in album if one.id in files]
            for one in accepted:
                if one.content.media is not None:
                    await self._scans.keep_staff_file(
                        one, one.content.media, self._get_file_name(one), files[one.id]
                    )
            for chat_id in chats:
                if chat_id not in delivered and await self._try_chat(request, accepted, chat_id):
                    delivered.add(chat_id)
            if not delivered:
                await self._send_email(leased, request, message, files[message.id])
                return
        if message.content.media is not None:
            await self._scans.announce_staff_file(request.id, message.id, message.content.media)
        await self._send_receipt(message)

    @register_sender(MessageToStaff)
    async def send_to_staff(self, leased: LeasedNotice[MessageToStaff]) -> None:
        """Sends a message of the consumer to the staff, as a reply to the card.

        Its files are examined again: the virus scanner may have been away when they came.
        """
        request, message, album, copies = await self._read(leased.notice.request_message_id)
        if copies:
            return
        if self._scans.has_antivirus:
            try:
                files = await self._examine_album(message, album)
            except Rejected as rejected:
                await self._reject_infected(request, message, rejected)
                return
            album = [one for one in album if one.id in files]
        texts = self._staff_texts
        for at in range(len(_build_methods(request, album, texts, 0, None))):

            async def compose(chat_id: int, card: BotMessage, at: int = at) -> TelegramMethod[Any]:
                return _build_methods(request, album, texts, chat_id, card)[at]

            await self._record_copies(
                album,
                await self._staff_cards.send_below(
                    request.id, compose, messages=1 if at else len(album)
                ),
            )

    @register_sender(MessageEdited)
    async def mirror_edit(self, leased: LeasedNotice[MessageEdited]) -> None:
        """Edits every copy of the message as its author did."""
        request_message_id = leased.notice.request_message_id
        async with self._database.read() as tx:
            message = await tx.request_messages.get(request_message_id)
            request = await tx.requests.get(message.request_id)
            copies = await tx.bot_messages.list_copies([request_message_id])
        if request is None:
            raise LookupError("a message about a request that does not exist")
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
        """Sends to one of the consumer's chats; False when it is unreachable."""
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

    async def _send_email(
        self,
        leased: LeasedNotice[MessageToConsumer],
        request: Request,
        message: RequestMessage,
        data: bytes,
    ) -> None:
        attachments = (
            [Attachment(name=self._get_file_name(message), data=data)]
            if message.content.media
            else []
        )
        await self._emails.send_staff_message(leased, request, message, attachments)
        await self._reply_to_author(
            message, request_messages.format_not_delivered(request, self._staff_texts)
        )

    async def _reject_infected(
        self, request: Request, message: RequestMessage, rejected: Rejected
    ) -> None:
        """Tells both sides that a consumer's file, checked late, is infected."""
        text = request_messages.format_refused(rejected, self._staff_texts, "talk-in-refused")
        await self._staff_cards.send_below(request.id, compose_text_below(text))
        texts = self._translations.get_texts(request.account.locale)
        with suppress(ChatUnreachable):
            await self._messenger.send(
                message.content.chat_id,
                compose_message(
                    View(text=format_complaint(rejected.code, rejected, texts)),
                    reply_to=message.content.message_id,
                ),
            )

    async def _send_receipt(self, message: RequestMessage) -> None:
        """Shows the staff that the message was delivered: a reaction, or a reply without it."""
        react = SetMessageReaction(
            chat_id=message.content.chat_id,
            message_id=message.content.message_id,
            reaction=[ReactionTypeEmoji(emoji=_RECEIPT)],
        )
        try:
            await self._messenger.ask(message.content.chat_id, react)
        except MessageNotFound:
            return
        except MessageRefused:
            # The chat allows no reactions.
            await self._reply_to_author(message, self._staff_texts("talk-delivered"))

    async def _reply_to_author(self, message: RequestMessage, text: str) -> None:
        await self._staff_cards.send(
            compose_message(View(text=text), reply_to=message.content.message_id),
            chat_id=message.content.chat_id,
        )

    async def _examine_album(
        self, message: RequestMessage, album: Sequence[RequestMessage]
    ) -> dict[int, bytes]:
        """The bytes of the album's accepted files by message id; empty for texts.

        Raises Rejected for ``message`` only: each other message of the album has its own notice.
        """
        files = {}
        for one in album:
            try:
                files[one.id] = await self._examine_file(one)
            except Rejected:
                if one is message:
                    raise
        return files

    async def _examine_file(self, message: RequestMessage) -> bytes:
        """The bytes of its file; raises Rejected, and ScannerUnavailable (try again later)."""
        if message.content.media is None:
            return b""
        name = self._get_file_name(message)
        content = BytesIO()
        try:
            await self._bot.download(message.content.media, content, timeout=_DOWNLOAD_SECONDS)
        except TelegramBadRequest as error:
            if "file is too big" not in error.message:
                raise MessageRefused(error.message) from error
            raise Rejected("file-too-big", name=name, limit=MAX_FILE_BYTES // 1024**2) from error
        await self._scans.examine(name, content.getvalue())
        return content.getvalue()

    def _get_file_name(self, message: RequestMessage) -> str:
        return message.content.file_name or f"{self._staff_texts('photo')}.jpg"

    async def _read(
        self, request_message_id: int
    ) -> tuple[Request, RequestMessage, list[RequestMessage], list[BotMessage]]:
        """The request, the message, its album with itself, and the copies of the message."""
        async with self._database.read() as tx:
            message = await tx.request_messages.get(request_message_id)
            request = await tx.requests.get(message.request_id)
            copies = await tx.bot_messages.list_copies([message.id])
            album = [
                one
                for one in await tx.request_messages.list_album(message)
                if one.id == message.id or not await tx.bot_messages.list_copies([one.id])
            ]
        if request is None:
            raise LookupError("a message about a request that does not exist")
        # The very object that stands in the album.
        message = next(one for one in album if one.id == request_message_id)
        return request, message, album, copies

    async def _record_copies(self, messages: Sequence[RequestMessage], sent: Any) -> None:
        """Stores which of the sent messages is a copy of which message."""
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
                        request_message_id=message.id,
                    )


def _build_methods(
    request: Request,
    messages: Sequence[RequestMessage],
    texts: Texts,
    chat_id: int,
    card: BotMessage | None,
) -> list[TelegramMethod[Any]]:
    """A text in as many messages as it needs, a file with a caption, or an album."""
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
