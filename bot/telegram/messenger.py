"""Sends notices to Telegram within its limits and translates its errors."""

from contextlib import suppress
from typing import Protocol, TypeVar

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
)
from aiogram.methods import SendDocument, SendMediaGroup, SendPhoto, TelegramMethod

from bot.telegram.rate_limit import RateLimited, SendRateLimiter

T = TypeVar("T")

#: A notice whose turn comes later than this is put back into the queue. Notices to the group wait
#: longer than its limit ever takes, so that they keep their order.
_PATIENCE_SECONDS = 10.0
_GROUP_PATIENCE_SECONDS = 90.0
_MESSAGE_SECONDS = 30
_DOCUMENT_SECONDS = 180
#: A letter goes without its link rather than wait longer.
_NAME_SECONDS = 3

#: Errors about the chat, which a person can repair, and not about the message.
_CHAT_ERRORS = (
    "chat not found",
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_restricted",
    "topic_closed",
    "user is deactivated",
    "peer_id_invalid",
)

#: Those of them after which nothing else would be taken either.
_CLOSED = (
    "chat not found",
    "not enough rights to send text messages",
    "have no rights to send a message",
    "chat_write_forbidden",
    "chat_restricted",
    "peer_id_invalid",
)

#: Errors about a message or topic that no longer exists.
_GONE = (
    "message to edit not found",
    "message to delete not found",
    "message to react not found",
    "message can't be edited",
    "message can't be deleted",
    "message_id_invalid",
)
_TOPIC_GONE = ("message thread not found", "topic_deleted", "topic_id_invalid")
_UNCHANGED = ("message is not modified", "topic_not_modified")


class Compose(Protocol[T]):
    """Composes the notice for the chat with this id."""

    async def __call__(self, chat_id: int, /) -> TelegramMethod[T]: ...


class ChatMigrated(Exception):
    """The group was upgraded to a supergroup, which has another id."""

    def __init__(self, chat_id: int) -> None:
        super().__init__(f"moved to {chat_id}")
        self.chat_id = chat_id


class ChatUnreachable(Exception):
    """The bot may not write to this chat, or the chat no longer exists."""


class ChatClosed(ChatUnreachable):
    """Nothing may be sent to this chat: the bot was removed, or may not write."""


class MessageRefused(Exception):
    """Telegram will never take this message."""


class MessageNotFound(MessageRefused):
    """The message was deleted, or the bot may not change it."""


class TopicNotFound(MessageRefused):
    """The forum topic was deleted."""


class MessageNotModified(MessageRefused):
    """The message or topic has this content already."""


class Messenger:
    """Sends within the rate limits; errors other than those above may pass with time."""

    def __init__(self, bot: Bot, rate_limiter: SendRateLimiter) -> None:
        self._bot = bot
        self._rate_limiter = rate_limiter
        self._bot_name: str | None = None

    async def find_bot_name(self) -> str | None:
        """The bot's name in links; None while Telegram cannot be asked for it, or keeps it back."""
        if self._bot_name is None:
            with suppress(AiogramError):
                self._bot_name = (await self._bot.get_me(request_timeout=_NAME_SECONDS)).username
        return self._bot_name

    async def send(
        self, chat_id: int, compose: Compose[T], *, urgent: bool = False, messages: int = 1
    ) -> T:
        """Composes and sends the notice once the rate limits allow it.

        ``messages``: as many as an album has. An ``urgent`` one goes as answers do: at once, in the
        place that notices leave to them. Raises RateLimited, ChatMigrated, ChatUnreachable,
        MessageRefused and subclasses.
        """
        if urgent:
            async with self._rate_limiter.count_answer(chat_id, messages):
                return await self.ask(chat_id, await compose(chat_id))
        patience = _PATIENCE_SECONDS if chat_id > 0 else _GROUP_PATIENCE_SECONDS
        while True:
            try:
                async with self._rate_limiter.acquire(chat_id, patience, messages):
                    return await self.ask(chat_id, await compose(chat_id))
            except RateLimited as busy:
                if busy.seconds > patience:
                    raise

    async def ask(self, chat_id: int, method: TelegramMethod[T]) -> T:
        """Calls a method apart from the rate limits; raises what ``send`` does."""
        large = isinstance(method, SendDocument | SendPhoto | SendMediaGroup)
        seconds = _DOCUMENT_SECONDS if large else _MESSAGE_SECONDS
        try:
            return await self._bot(method, request_timeout=seconds)
        except TelegramRetryAfter as error:
            self._rate_limiter.hold(chat_id, error.retry_after)
            raise RateLimited(error.retry_after) from error
        except TelegramMigrateToChat as error:
            raise ChatMigrated(error.migrate_to_chat_id) from error
        except TelegramForbiddenError as error:
            raise ChatClosed(error.message) from error
        except TelegramBadRequest as error:
            raise _translate_error(error) from error
        except TelegramEntityTooLarge as error:
            raise MessageRefused(error.message) from error


def _translate_error(error: TelegramBadRequest) -> Exception:
    message = error.message.lower()
    for kind, fragments in (
        (MessageNotModified, _UNCHANGED),
        (MessageNotFound, _GONE),
        (TopicNotFound, _TOPIC_GONE),
        (ChatClosed, _CLOSED),
        (ChatUnreachable, _CHAT_ERRORS),
    ):
        if any(fragment in message for fragment in fragments):
            return kind(error.message)
    return MessageRefused(error.message)
