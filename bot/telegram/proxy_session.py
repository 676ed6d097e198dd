"""HTTP session of the Bot API behind a proxy; imported only when one is set, as it takes 40 ms."""

from collections.abc import AsyncGenerator
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp import ClientConnectionError
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError

from bot.telegram.session import JsonSession

_PROXY_AWAY = (ProxyConnectionError, ProxyError, ProxyTimeoutError)


class ProxySession(JsonSession):
    """Errors of the proxy are what the same errors of Telegram's network are: it is away."""

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        try:
            return await super().make_request(bot, method, timeout)
        except _PROXY_AWAY as error:
            raise TelegramNetworkError(method, f"the proxy: {type(error).__name__}") from error

    async def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        try:
            async for chunk in super().stream_content(*args, **kwargs):
                yield chunk
        except _PROXY_AWAY as error:
            raise ClientConnectionError(f"the proxy: {type(error).__name__}") from error
