"""Talk about a request: relayed between the staff group and the consumer's chats, and mirrored."""

import logging
from collections.abc import Sequence
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

from bot.db.database import Database
from bot.db.outbox import OutboxRow
from bot.db.posts import Post
from bot.delivery.letters import Letters
from bot.delivery.staff_group import StaffGroup, reply_to
from bot.delivery.telegram import Compose, Gone, Messenger, Refused, Unchanged, Unreachable
from bot.domain import ActorKind, Request, Talk, TalkKind
from bot.services.mail import Attachment
from bot.texts import Library, Texts
from bot.views import talk as views
from bot.views.view import View

log = logging.getLogger(__name__)

T = TypeVar("T")

_RECEIPT = "👍"
_DOWNLOAD_SECONDS = 60


class Relay:
    def __init__(
        self,
        *,
        bot: Bot,
        database: Database,
        messenger: Messenger,
        letters: Letters,
        group: StaffGroup,
        library: Library,
    ) -> None:
        self._bot = bot
        self._database = database
        self._messenger = messenger
        self._letters = letters
        self._group = group
        self._library = library

    async def out(self, row: OutboxRow) -> None:
        """A message of the staff to the consumer's chats; by letter when none of them takes it."""
        request, talks, posts = await self._read(row)
        texts = self._library.texts(request.account.locale)
        async with self._database.read() as tx:
            chats = await tx.chats.of_account(request.account.id)
        reached = False
        for chat_id in chats:
            if any(post.chat_id == chat_id for post in posts):
                reached = True
                continue
            try:
                for method in _messages(request, talks, texts, chat_id, None):
                    await self._keep(talks, await self._messenger.send(chat_id, _ready(method)))
                reached = True
            except Unreachable:
                async with self._database.begin() as tx:
                    await tx.chats.set_reachable(chat_id, reachable=False)
        await self._receipt(request, talks[0] if reached else talks[-1], row, reached=reached)

    async def into(self, row: OutboxRow) -> None:
        """A message of the consumer to the staff, below the card."""
        request, talks, posts = await self._read(row)
        if posts:
            return
        texts = self._library.texts(self._library.locales[0])
        for at in range(len(_messages(request, talks, texts, 0, None))):

            async def compose(chat_id: int, card: Post, at: int = at) -> TelegramMethod[Any]:
                return _messages(request, talks, texts, chat_id, card)[at]

            await self._keep(talks, await self._group.send_below(request.id, compose))

    async def edit(self, row: OutboxRow) -> None:
        """Mirrors an edit in every copy of the message."""
        talk_id = int(row.payload["talk_id"])
        async with self._database.read() as tx:
            talk = await tx.talk.get(talk_id)
            request = await tx.requests.get(talk.request_id)
            copies = await tx.posts.of_talk([talk_id])
        if request is None:
            raise LookupError("talk about a request that is not there")
        to_staff = talk.author.kind is ActorKind.CONSUMER
        locale = self._library.locales[0] if to_staff else request.account.locale
        pages = views.pages(request, talk, self._library.texts(locale))
        for chat_id in {copy.chat_id for copy in copies}:
            here = [copy for copy in copies if copy.chat_id == chat_id]
            for copy, page in zip(here, pages, strict=False):
                await self._edit(chat_id, copy, talk, page)
            for page in pages[len(here) :]:
                method = SendMessage(
                    chat_id=chat_id,
                    text=page.text,
                    message_thread_id=here[0].thread_id,
                    reply_parameters=reply_to(here[0].message_id),
                )
                await self._keep([talk], await self._messenger.send(chat_id, _ready(method)))

    async def _edit(self, chat_id: int, copy: Post, talk: Talk, page: View) -> None:
        method: TelegramMethod[Message | bool]
        if talk.written.kind is TalkKind.TEXT:
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
            await self._messenger.send(chat_id, _ready(method))
        except (Unchanged, Gone, Unreachable) as error:
            log.info("an edit is not mirrored: %s", type(error).__name__)

    async def _receipt(
        self, request: Request, talk: Talk, row: OutboxRow, *, reached: bool
    ) -> None:
        """Tells the staff whether the consumer has it."""
        written = talk.written
        staff_texts = self._library.texts(self._library.locales[0])
        if reached:
            react = SetMessageReaction(
                chat_id=written.chat_id,
                message_id=written.message_id,
                reaction=[ReactionTypeEmoji(emoji=_RECEIPT)],
            )
            try:
                await self._group.ask(react)
            except Gone:
                return
            except Refused:
                # The group allows no reactions.
                await self._group.send(_answer(written.message_id, staff_texts("talk-delivered")))
            return
        await self._letters.message(row, request, talk, await self._attachments(talk))
        await self._group.send(
            _answer(
                written.message_id,
                views.not_delivered(request, staff_texts),
            )
        )

    async def _attachments(self, talk: Talk) -> list[Attachment]:
        if talk.written.media is None:
            return []
        content = BytesIO()
        try:
            await self._bot.download(talk.written.media, content, timeout=_DOWNLOAD_SECONDS)
        except TelegramBadRequest as error:
            # Bots are given no files above 20 MB.
            raise Refused(error.message) from error
        name = talk.written.file_name or f"photo-{talk.written.message_id}.jpg"
        return [Attachment(name=name, data=content.getvalue())]

    async def _read(self, row: OutboxRow) -> tuple[Request, list[Talk], list[Post]]:
        """The request, the message with the album it came in, and where it was relayed already."""
        async with self._database.read() as tx:
            talk = await tx.talk.get(int(row.payload["talk_id"]))
            request = await tx.requests.get(talk.request_id)
            posts = await tx.posts.of_talk([talk.id])
            talks = [
                one
                for one in await tx.talk.album_of(talk)
                if one.id == talk.id or not await tx.posts.of_talk([one.id])
            ]
        if request is None:
            raise LookupError("talk about a request that is not there")
        return request, talks, posts

    async def _keep(self, talks: Sequence[Talk], sent: Any) -> None:
        """Remembers which copies are of which message."""
        messages = sent if isinstance(sent, list) else [sent]
        async with self._database.begin() as tx:
            for at, message in enumerate(messages):
                if isinstance(message, Message):
                    talk = talks[min(at, len(talks) - 1)]
                    await tx.posts.add(
                        talk.request_id,
                        "talk",
                        None,
                        message.chat.id,
                        message.message_id,
                        thread_id=message.message_thread_id,
                        talk_id=talk.id,
                    )


def _messages(
    request: Request, talks: Sequence[Talk], texts: Texts, chat_id: int, card: Post | None
) -> list[TelegramMethod[Any]]:
    """A text in as many messages as it needs, a file with its caption, or an album."""
    place = {
        "chat_id": chat_id,
        "message_thread_id": card.thread_id if card else None,
        "reply_parameters": reply_to(card.message_id) if card else None,
    }
    if len(talks) > 1:
        kind = InputMediaPhoto if talks[0].written.kind is TalkKind.PHOTO else InputMediaDocument
        album = [
            kind(media=one.written.media or "", caption=views.pages(request, one, texts)[0].text)
            for one in talks
        ]
        rest = [page for one in talks for page in views.pages(request, one, texts)[1:]]
        first: TelegramMethod[Any] = SendMediaGroup.model_validate({**place, "media": album})
    else:
        (talk,) = talks
        head, *rest = views.pages(request, talk, texts)
        more: dict[str, object] = {**place, "reply_markup": head.inline}
        if talk.written.kind is TalkKind.TEXT:
            first = SendMessage.model_validate({**more, "text": head.text})
        elif talk.written.kind is TalkKind.PHOTO:
            file = {"photo": talk.written.media, "caption": head.text}
            first = SendPhoto.model_validate({**more, **file})
        else:
            file = {"document": talk.written.media, "caption": head.text}
            first = SendDocument.model_validate({**more, **file})
    texts_after = [
        SendMessage.model_validate({**place, "text": page.text, "reply_markup": page.keyboard})
        for page in rest
    ]
    return [first, *texts_after]


def _ready(method: TelegramMethod[T]) -> Compose[T]:
    async def compose(_: int) -> TelegramMethod[T]:
        return method

    return compose


def _answer(message_id: int, words: str) -> Compose[Message]:
    async def compose(chat_id: int) -> SendMessage:
        return SendMessage(chat_id=chat_id, text=words, reply_parameters=reply_to(message_id))

    return compose
