"""Who writes, in which language, and whether this update was handled before."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

from aiogram import BaseMiddleware, Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import CallbackQuery, TelegramObject, Update

from bot.handlers.conversation import Conversation
from bot.handlers.screen import Alert, Screen, answer_press
from bot.handlers.visit import Visit
from bot.services.accounts import Accounts
from bot.texts import Library

log = logging.getLogger(__name__)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

#: What log lines say about the update in hand: ids, never texts.
update_in_hand: ContextVar[Mapping[str, int | str]] = ContextVar(
    "update_in_hand",
    default=MappingProxyType({}),
)

_PAUSES = (0.5, 1.5, 4.0)


class LogContext(BaseMiddleware):
    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Update):
            raise TypeError("LogContext belongs to updates")
        token = update_in_hand.set({"update": event.update_id})
        try:
            return await handler(event, data)
        finally:
            update_in_hand.reset(token)


class PrivateChat(BaseMiddleware):
    """Gives the handlers of a private chat its conversation, person, language and screen."""

    def __init__(self, accounts: Accounts, library: Library) -> None:
        self._accounts = accounts
        self._library = library

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        place = data.get("event_chat")
        if not isinstance(event, Update) or place is None or place.type != ChatType.PRIVATE:
            return await handler(event, data)
        conversation = await Conversation.load(data["state"], event.update_id)
        if conversation.repeated:
            log.info("the update was handled before")
            return None
        inner = event.event
        if isinstance(inner, CallbackQuery) or (getattr(inner, "text", None) or "").startswith("/"):
            # Whoever goes somewhere else writes to the staff no longer.
            conversation.talk = None
        chat = await self._accounts.chat(place.id)
        # LogContext, which is outside of this one, takes it away again.
        update_in_hand.set(
            {
                **update_in_hand.get(),
                **({"account": chat.account.id} if chat.account else {}),
                **({"draft": conversation.draft.id} if conversation.draft else {}),
            }
        )
        texts = self._library.texts(chat.locale or self._library.locales[0])
        pressed = (
            inner.message.message_id
            if isinstance(inner, CallbackQuery) and inner.message is not None
            else None
        )
        data["visit"] = Visit(
            chat=chat,
            conversation=conversation,
            screen=Screen(data["bot"], place.id, conversation, texts, pressed),
            texts=texts,
        )
        return await handler(event, data)


class PressAnswer(BaseMiddleware):
    """Every press is answered, with a window when the handler set the ``alert``."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, CallbackQuery):
            raise TypeError("PressAnswer belongs to callback queries")
        alert = data["alert"] = Alert()
        result = await handler(event, data)
        await answer_press(event, alert)
        return result


class Patience(BaseRequestMiddleware):
    """Repeats a call to Telegram that failed for a moment, before a person would notice."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        for pause in _PAUSES:
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as error:
                if error.retry_after > max(_PAUSES):
                    raise
                await asyncio.sleep(error.retry_after)
            except (TelegramNetworkError, TelegramServerError) as error:
                log.warning("Telegram: %s, again in %s s", type(error).__name__, pause)
                await asyncio.sleep(pause)
        return await make_request(bot, method)
