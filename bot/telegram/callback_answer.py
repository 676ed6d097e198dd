"""Answers each callback query once, with an alert when a handler or filter set one."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiogram import BaseMiddleware
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, TelegramObject

log = logging.getLogger(__name__)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


@dataclass(slots=True)
class CallbackAlert:
    """The answer to a callback query: a window with ``text``, or nothing."""

    text: str | None = None


async def answer_callback(query: CallbackQuery, alert: CallbackAlert) -> None:
    """Answers a query, unless Telegram no longer takes the answer."""
    if not query.id:
        # Made by ConversationMiddleware: Telegram waits for no answer.
        return
    try:
        await query.answer(alert.text, show_alert=alert.text is not None)
    except TelegramBadRequest as error:
        # After an outage queries arrive late, and Telegram refuses answers to old ones.
        log.debug("a query is too old to be answered: %s", error.message)


class CallbackAnswerMiddleware(BaseMiddleware):
    """Provides the ``alert`` and answers the query after its handler."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, CallbackQuery):
            raise TypeError("CallbackAnswerMiddleware belongs to callback queries")
        alert = data["alert"] = CallbackAlert()
        result = await handler(event, data)
        await answer_callback(event, alert)
        return result
