"""Request middleware that repeats a failed call to Telegram after a short pause."""

import asyncio
import logging

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

log = logging.getLogger(__name__)

#: Seconds between attempts.
_PAUSES = (0.5, 1.5, 4.0)


class RetryMiddleware(BaseRequestMiddleware):
    """Repeats calls for six seconds at most; longer outages are left to the caller."""

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
