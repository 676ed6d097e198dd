"""Answers callback queries: each is answered once, with an alert when a handler set one."""

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
    """What a press is answered with once it was handled: nothing, or a window with ``text``."""

    text: str | None = None


async def answer_callback(query: CallbackQuery, alert: CallbackAlert) -> None:
    try:
        await query.answer(alert.text, show_alert=alert.text is not None)
    except TelegramBadRequest as error:
        # After an outage presses come late, and Telegram no longer wants their answers.
        log.debug("a press is too old to be answered: %s", error.message)


class CallbackAnswerMiddleware(BaseMiddleware):
    """Every press is answered, with a window when the handler set the ``alert``."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, CallbackQuery):
            raise TypeError("PressAnswer belongs to callback queries")
        alert = data["alert"] = CallbackAlert()
        result = await handler(event, data)
        await answer_callback(event, alert)
        return result
