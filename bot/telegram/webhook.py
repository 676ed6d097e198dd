"""Webhook: takes updates from Telegram and puts one method into the answer."""

import hmac
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.methods import AnswerCallbackQuery, EditMessageReplyMarkup, Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import Update
from aiohttp import web

from bot.db.errors import OUTAGES
from bot.telegram.session import AWAY
from bot.telegram.update_parser import parse_update_json

log = logging.getLogger(__name__)

WEBHOOK_PATH = "/telegram/webhook"
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a header's name)
#: Updates in hand at once, and connections that Telegram may open for them: no more than 100. It
#: keeps the others.
IN_HAND = 100
#: An update that met these is to be sent again.
_AWAY: tuple[type[Exception], ...] = (*OUTAGES, *AWAY)


class _ReplySlot:
    """What Telegram is told to do in the answer to its own request: one method, or nothing."""

    def __init__(self) -> None:
        self._method: TelegramMethod[Any] | None = None
        self._gone = False

    def take(self, method: TelegramMethod[Any]) -> bool:
        """False when there is no room for it, or no longer."""
        if self._gone or self._method is not None:
            return False
        self._method = method
        return True

    def build_response(self) -> web.Response:
        self._gone = True
        if self._method is None:
            return web.Response()
        told = self._method.model_dump(mode="json", exclude_none=True)
        return web.json_response({"method": self._method.__api_method__, **told})


_reply: ContextVar[_ReplySlot | None] = ContextVar("reply", default=None)


class WebhookReply(BaseRequestMiddleware):
    """Spares the call of a method whose result nobody needs: it goes with the webhook's answer.

    Telegram never tells how such a method ended, so this is for those that may fail: the answer of
    a press, and the buttons of a screen that is being left.
    """

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        reply = _reply.get()
        fits = isinstance(method, AnswerCallbackQuery | EditMessageReplyMarkup)
        if fits and reply is not None and reply.take(method):
            # A session gives back results, whatever aiogram's types say.
            return cast("Response[TelegramType]", True)
        return await make_request(bot, method)


class Webhook:
    """Takes updates from Telegram; one that was answered 200 was handled to the end."""

    def __init__(self, bot: Bot, secret: str, handle: Callable[[Update], Awaitable[None]]) -> None:
        self._bot = bot
        self._secret = secret.encode()
        self._handle = handle
        self._in_hand = 0

    async def receive(self, request: web.Request) -> web.Response:
        # Headers arrive as text in which foreign bytes are surrogates.
        told = request.headers.get(_SECRET_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(told, self._secret):
            raise web.HTTPUnauthorized
        if self._in_hand >= IN_HAND:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "1"})
        self._in_hand += 1
        try:
            return await self._take(request)
        finally:
            self._in_hand -= 1

    async def _take(self, request: web.Request) -> web.Response:
        try:
            update = parse_update_json(await request.read(), self._bot)
        except ValueError:
            raise web.HTTPBadRequest from None
        if update is None:
            # Sent again, it would be as strange again: let it pass.
            return web.Response()
        reply = _ReplySlot()
        token = _reply.set(reply)
        try:
            await self._handle(update)
        except _AWAY as error:
            log.warning("update %d waits: %s", update.update_id, type(error).__name__)
            raise web.HTTPServiceUnavailable from None
        finally:
            _reply.reset(token)
        return reply.build_response()
