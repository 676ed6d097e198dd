"""Telegram for tests of notices: chats that keep messages and fail on request."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
)
from aiogram.methods import (
    EditMessageText,
    GetChat,
    GetMe,
    SendDocument,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    TelegramMethod,
)
from aiogram.types import AcceptedGiftTypes, Chat, ChatFullInfo, InputFile, Message, User

from bot.db.database import is_in_transaction

Trouble = Callable[[TelegramMethod[Any]], Exception]


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeMessage:
    message_id: int
    text: str
    reply_to: int | None
    name: str | None
    data: bytes | None


class FakeTelegram(BaseSession):
    """A session that keeps what is sent; ``blocked``, ``unknown`` and ``moved`` chats refuse it."""

    def __init__(self) -> None:
        super().__init__()
        self.chats: dict[int, list[FakeMessage]] = defaultdict(list)
        self.blocked: set[int] = set()
        self.unknown: set[int] = set()
        self.moved: dict[int, int] = {}
        #: Errors of the next calls; None: the call succeeds.
        self.troubles: list[Trouble | None] = []
        #: Called before each call; an exception that it returns is raised.
        self.limit: Callable[[TelegramMethod[Any]], Exception | None] = lambda _: None
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.lose_answers = False

    def build_bot(self) -> Bot:
        return Bot("1:a", session=self, default=DefaultBotProperties(parse_mode="HTML"))

    async def make_request(
        self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None
    ) -> Any:
        assert not is_in_transaction(), "nothing is sent inside a transaction"
        called: TelegramMethod[Any] = method
        if isinstance(method, GetMe):
            return User(id=1, is_bot=True, first_name="Кабинет", username="cabinet_bot")
        assert isinstance(
            method,
            SendMessage | SendDocument | SendPhoto | SendMediaGroup | EditMessageText | GetChat,
        )
        assert isinstance(method.chat_id, int)
        if isinstance(method, GetChat):
            return self._get_chat(method)
        self.calls += 1
        await self.gate.wait()
        if self.troubles and (trouble := self.troubles.pop(0)):
            raise trouble(method)
        if refusal := self.limit(called):
            raise refusal
        chat_id = method.chat_id
        if chat_id in self.moved:
            raise TelegramMigrateToChat(
                called,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.moved[chat_id],
            )
        if chat_id in self.unknown:
            raise TelegramBadRequest(called, "Bad Request: chat not found")
        if chat_id in self.blocked:
            raise TelegramForbiddenError(called, "Forbidden: bot was blocked by the user")
        messages = self.chats[chat_id]
        if isinstance(method, EditMessageText):
            return self._edit_message(method, messages)
        reply = method.reply_parameters
        replied = (
            reply.message_id
            if reply and any(message.message_id == reply.message_id for message in messages)
            else None
        )
        if reply and replied is None and not reply.allow_sending_without_reply:
            raise TelegramBadRequest(called, "Bad Request: message to be replied not found")
        sent = [
            FakeMessage(
                message_id=number,
                text=text,
                reply_to=replied,
                name=upload.filename if upload else None,
                data=await _read_upload(upload, bot) if upload else None,
            )
            for number, (text, upload) in enumerate(_list_contents(method), len(messages) + 1)
        ]
        messages += sent
        if self.lose_answers:
            raise ConnectionResetError
        answer = [
            Message(
                message_id=message.message_id,
                date=datetime.now(UTC),
                chat=Chat(id=chat_id, type="private" if chat_id > 0 else "supergroup"),
                text=message.text,
            )
            for message in sent
        ]
        return answer if isinstance(method, SendMediaGroup) else answer[0]

    def _get_chat(self, method: GetChat) -> ChatFullInfo:
        assert isinstance(method.chat_id, int)
        if method.chat_id in self.moved:
            raise TelegramMigrateToChat(
                method, "Bad Request: upgraded", migrate_to_chat_id=self.moved[method.chat_id]
            )
        return ChatFullInfo(
            id=method.chat_id,
            type="supergroup",
            accent_color_id=0,
            max_reaction_count=1,
            accepted_gift_types=AcceptedGiftTypes(
                unlimited_gifts=False,
                limited_gifts=False,
                unique_gifts=False,
                premium_subscription=False,
                gifts_from_channels=False,
            ),
        )

    def _edit_message(self, method: EditMessageText, messages: list[FakeMessage]) -> bool:
        for at, message in enumerate(messages):
            if message.message_id == method.message_id:
                messages[at] = replace(message, text=method.text or "")
                return True
        raise TelegramBadRequest(method, "Bad Request: message to edit not found")

    async def close(self) -> None: ...

    async def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        yield b""


async def _read_upload(upload: InputFile, bot: Bot) -> bytes:
    return b"".join([piece async for piece in upload.read(bot)])


def _list_contents(
    method: SendMessage | SendDocument | SendPhoto | SendMediaGroup,
) -> list[tuple[str, InputFile | None]]:
    """The text or caption and the file of each message that the call sends."""
    contents: list[tuple[str | None, Any]]
    match method:
        case SendMessage():
            assert 0 < len(method.text) <= 4096
            contents = [(method.text, None)]
        case SendDocument():
            contents = [(method.caption, method.document)]
        case SendPhoto():
            contents = [(method.caption, method.photo)]
        case SendMediaGroup():
            assert 2 <= len(method.media) <= 10
            assert len({item.type for item in method.media}) == 1
            contents = [(item.caption, item.media) for item in method.media]
    assert all(upload is None or isinstance(upload, InputFile) for _, upload in contents)
    return [(text or "", upload) for text, upload in contents]
