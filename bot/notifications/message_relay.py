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
from bot.integrations.smtp import Attachment
from bot.notifications.emails import EmailNotices
from bot.notifications.staff_cards import StaffCards, build_reply_parameters
from bot.services.errors import MailRefused
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
        library: Translations,
    ) -> None:
        self._bot = bot
        self._database = database
        self._messenger = messenger
        self._letters = letters
        self._group = group
        self._scans = scans
        self._library = library
        self._staff_texts = library.get_texts(library.locales[0])

    async def send_to_consumer(self, row: LeasedNotice) -> None:
        """A message of the staff to the consumer's chats; by letter when none of them takes it.

        Files are examined first: what is wrong with one is told to its sender.
        """
        request, talks, posts = await self._read(row)
        own = _find_own(row, talks)
        if request.account.erased:
            await self._tell_sender(own, self._staff_texts("talk-erased", number=request.number))
            return
        try:
            await self._pass_on(row, request, talks, posts)
        except (MessageRefused, MailRefused):
            await self._tell_sender(own, request_messages.format_given_up(request, self._staff_texts))
            raise

    async def _pass_on(
        self, row: LeasedNotice, request: Request, talks: Sequence[RequestMessage], posts: Sequence[BotMessage]
    ) -> None:
        own = _find_own(row, talks)
        async with self._database.read() as tx:
            chats = await tx.chats.list_for_account(request.account.id)
        there = {post.chat_id for post in posts}
        if not there.issuperset(chats) or not chats:
            try:
                files = await self._examine_album(own, talks)
            except Rejected as rejected:
                await self._tell_sender(own, request_messages.format_refused(rejected, self._staff_texts))
                return
            passed = [talk for talk in talks if talk.id in files]
            for chat_id in chats:
                if chat_id not in there and await self._try_chat(request, passed, chat_id):
                    there.add(chat_id)
            if not there:
                await self._write_letter(row, request, own, files[own.id])
                return
        await self._send_receipt(own)

    async def send_to_staff(self, row: LeasedNotice) -> None:
        """A message of the consumer to the staff, below the card.

        Its files were examined when they came, but not by a virus scanner that was away then.
        """
        request, talks, posts = await self._read(row)
        if posts:
            return
        if self._scans.has_antivirus:
            try:
                files = await self._examine_album(_find_own(row, talks), talks)
            except Rejected as rejected:
                await self._reject_infected(request, _find_own(row, talks), rejected)
                return
            talks = [talk for talk in talks if talk.id in files]
        texts = self._staff_texts
        for at in range(len(_build_methods(request, talks, texts, 0, None))):

            async def compose(chat_id: int, card: BotMessage, at: int = at) -> TelegramMethod[Any]:
                return _build_methods(request, talks, texts, chat_id, card)[at]

            await self._record_copies(talks, await self._group.send_below(request.id, compose))

    async def mirror_edit(self, row: LeasedNotice) -> None:
        """Mirrors an edit in every copy of the message."""
        talk_id = int(row.payload["talk_id"])
        async with self._database.read() as tx:
            talk = await tx.request_messages.get(talk_id)
            request = await tx.requests.get(talk.request_id)
            copies = await tx.bot_messages.list_copies([talk_id])
        if request is None:
            raise LookupError("talk about a request that is not there")
        to_staff = talk.author.kind is ActorKind.CONSUMER
        locale = self._library.locales[0] if to_staff else request.account.locale
        pages = request_messages.render_pages(request, talk, self._library.get_texts(locale))
        for chat_id in {copy.chat_id for copy in copies}:
            here = [copy for copy in copies if copy.chat_id == chat_id]
            for copy, page in zip(here, pages, strict=False):
                await self._edit(chat_id, copy, talk, page)
            for page in pages[len(here) :]:
                method = SendMessage(
                    chat_id=chat_id,
                    text=page.text,
                    message_thread_id=here[0].thread_id,
                    reply_parameters=build_reply_parameters(here[0].message_id),
                )
                await self._record_copies([talk], await self._messenger.send(chat_id, _compose_ready(method)))

    async def _edit(self, chat_id: int, copy: BotMessage, talk: RequestMessage, page: View) -> None:
        method: TelegramMethod[Message | bool]
        if talk.content.kind is MessageKind.TEXT:
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

    async def _try_chat(self, request: Request, talks: Sequence[RequestMessage], chat_id: int) -> bool:
        """Sends to one of the consumer's chats; False when it takes nothing from the bot."""
        texts = self._library.get_texts(request.account.locale)
        try:
            for method in _build_methods(request, talks, texts, chat_id, None):
                await self._record_copies(talks, await self._messenger.send(chat_id, _compose_ready(method)))
        except ChatUnreachable:
            async with self._database.begin() as tx:
                await tx.chats.set_reachable(chat_id, reachable=False)
            return False
        return True

    async def _write_letter(
        self, row: LeasedNotice, request: Request, talk: RequestMessage, data: bytes
    ) -> None:
        attached = [Attachment(name=_get_file_name(talk), data=data)] if talk.content.media else []
        await self._letters.send_staff_message(row, request, talk, attached)
        await self._tell_sender(talk, request_messages.format_not_delivered(request, self._staff_texts))

    async def _reject_infected(self, request: Request, talk: RequestMessage, rejected: Rejected) -> None:
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
        texts = self._library.get_texts(request.account.locale)
        with suppress(ChatUnreachable):
            await self._messenger.send(
                talk.content.chat_id,
                _compose_reply(talk.content.message_id, format_complaint(rejected.code, rejected, texts)),
            )

    async def _send_receipt(self, talk: RequestMessage) -> None:
        """Tells the staff that the consumer has it."""
        react = SetMessageReaction(
            chat_id=talk.content.chat_id,
            message_id=talk.content.message_id,
            reaction=[ReactionTypeEmoji(emoji=_RECEIPT)],
        )
        try:
            await self._group.ask(react)
        except MessageNotFound:
            return
        except MessageRefused:
            # The group allows no reactions.
            await self._tell_sender(talk, self._staff_texts("talk-delivered"))

    async def _tell_sender(self, talk: RequestMessage, words: str) -> None:
        await self._group.send(_compose_reply(talk.content.message_id, words))

    async def _examine_album(self, own: RequestMessage, talks: Sequence[RequestMessage]) -> dict[int, bytes]:
        """The files that are fit to be passed on, by message; texts are, with no bytes.

        Raises Rejected for ``own``; the others of its album have their own turn.
        """
        files = {}
        for talk in talks:
            try:
                files[talk.id] = await self._examine_file(talk)
            except Rejected:
                if talk is own:
                    raise
        return files

    async def _examine_file(self, talk: RequestMessage) -> bytes:
        """The bytes of its file; raises Rejected, and ScannerAway (try again later)."""
        if talk.content.media is None:
            return b""
        name = _get_file_name(talk)
        content = BytesIO()
        try:
            await self._bot.download(talk.content.media, content, timeout=_DOWNLOAD_SECONDS)
        except TelegramBadRequest as error:
            if "file is too big" not in error.message:
                raise MessageRefused(error.message) from error
            raise Rejected("file-too-big", name=name, limit=MAX_FILE_BYTES // 1024**2) from error
        await self._scans.examine(name, content.getvalue())
        return content.getvalue()

    async def _read(self, row: LeasedNotice) -> tuple[Request, list[RequestMessage], list[BotMessage]]:
        """The request, the message with the album it came in, and where it was relayed already."""
        async with self._database.read() as tx:
            talk = await tx.request_messages.get(int(row.payload["talk_id"]))
            request = await tx.requests.get(talk.request_id)
            posts = await tx.bot_messages.list_copies([talk.id])
            talks = [
                one
                for one in await tx.request_messages.list_album(talk)
                if one.id == talk.id or not await tx.bot_messages.list_copies([one.id])
            ]
        if request is None:
            raise LookupError("talk about a request that is not there")
        return request, talks, posts

    async def _record_copies(self, talks: Sequence[RequestMessage], sent: Any) -> None:
        """Remembers which copies are of which message."""
        messages = sent if isinstance(sent, list) else [sent]
        async with self._database.begin() as tx:
            for at, message in enumerate(messages):
                if isinstance(message, Message):
                    talk = talks[min(at, len(talks) - 1)]
                    await tx.bot_messages.add(
                        talk.request_id,
                        "talk",
                        None,
                        message.chat.id,
                        message.message_id,
                        thread_id=message.message_thread_id,
                        talk_id=talk.id,
                    )


def _build_methods(
    request: Request, talks: Sequence[RequestMessage], texts: Texts, chat_id: int, card: BotMessage | None
) -> list[TelegramMethod[Any]]:
    """A text in as many messages as it needs, a file with its caption, or an album."""
    place = {
        "chat_id": chat_id,
        "message_thread_id": card.thread_id if card else None,
        "reply_parameters": build_reply_parameters(card.message_id) if card else None,
    }
    if len(talks) > 1:
        kind = InputMediaPhoto if talks[0].content.kind is MessageKind.PHOTO else InputMediaDocument
        album = [
            kind(media=one.content.media or "", caption=request_messages.render_pages(request, one, texts)[0].text)
            for one in talks
        ]
        rest = [page for one in talks for page in request_messages.render_pages(request, one, texts)[1:]]
        first: TelegramMethod[Any] = SendMediaGroup.model_validate({**place, "media": album})
    else:
        (talk,) = talks
        head, *rest = request_messages.render_pages(request, talk, texts)
        more: dict[str, object] = {**place, "reply_markup": head.inline}
        if talk.content.kind is MessageKind.TEXT:
            first = SendMessage.model_validate({**more, "text": head.text})
        elif talk.content.kind is MessageKind.PHOTO:
            file = {"photo": talk.content.media, "caption": head.text}
            first = SendPhoto.model_validate({**more, **file})
        else:
            file = {"document": talk.content.media, "caption": head.text}
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


def _find_own(row: LeasedNotice, talks: Sequence[RequestMessage]) -> RequestMessage:
    """The message that the notice is about, of those of its album."""
    return next(one for one in talks if one.id == row.payload["talk_id"])


def _get_file_name(talk: RequestMessage) -> str:
    return talk.content.file_name or f"photo-{talk.content.message_id}.jpg"


def _compose_reply(message_id: int, words: str) -> Compose[Message]:
    async def compose(chat_id: int) -> SendMessage:
        return SendMessage(chat_id=chat_id, text=words, reply_parameters=build_reply_parameters(message_id))

    return compose
