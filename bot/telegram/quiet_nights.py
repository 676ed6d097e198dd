"""Quiet nights: messages to groups make no sound in the quiet hours of the staff."""

from collections.abc import Callable

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType


class QuietNightsMiddleware(BaseRequestMiddleware):
    """Whoever sets ``disable_notification`` has decided already: emergencies always sound."""

    def __init__(self, is_quiet: Callable[[], bool]) -> None:
        self._is_quiet = is_quiet

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        chat_id = getattr(method, "chat_id", None)
        if (
            isinstance(chat_id, int)
            and chat_id < 0
            and getattr(method, "disable_notification", False) is None
            and self._is_quiet()
        ):
            method = method.model_copy(update={"disable_notification": True})
        return await make_request(bot, method)
