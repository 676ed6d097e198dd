"""Webhook: takes updates from Telegram and puts one method into the answer."""

import asyncio
import hmac
import logging
import time
from contextvars import ContextVar
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.methods import AnswerCallbackQuery, Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp import web

from bot.telegram.inbox import Inbox
from bot.telegram.methods import RemoveButtons
from bot.telegram.update_parser import parse_update_json

log = logging.getLogger(__name__)

WEBHOOK_PATH = "/telegram/webhook"
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a header's name)
#: Updates in hand at once, and connections that Telegram may open for them: no more than 100. It
#: keeps the others.
IN_HAND = 100
#: How long Telegram waits for an answer while the database takes neither effects nor the update.
_ANSWER_SECONDS = 10.0
#: Telegram gives what a crashed process had in hand again within so many seconds.
_SUSPECT_SECONDS = 60.0


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
        fits = isinstance(method, AnswerCallbackQuery | RemoveButtons)
        if fits and reply is not None and reply.take(method):
            # A session gives back results, whatever aiogram's types say.
            return cast("Response[TelegramType]", True)
        return await make_request(bot, method)


class Webhook:
    """Takes updates from Telegram; one that was answered 200 is handled, or in the inbox."""

    def __init__(self, bot: Bot, secret: str, inbox: Inbox) -> None:
        self._bot = bot
        self._secret = secret.encode()
        self._inbox = inbox
        self._open_requests = 0
        self._begun = time.monotonic()

    async def receive(self, request: web.Request) -> web.Response:
        # Headers arrive as text in which foreign bytes are surrogates.
        told = request.headers.get(_SECRET_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(told, self._secret):
            raise web.HTTPUnauthorized
        if self._open_requests >= IN_HAND:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "1"})
        self._open_requests += 1
        try:
            return await self._take(request)
        finally:
            self._open_requests -= 1

    async def _take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        try:
            update = parse_update_json(raw, self._bot)
        except ValueError:
            raise web.HTTPBadRequest from None
        if update is None:
            # Sent again, it would be as strange again: let it pass.
            return web.Response()
        slot = _ReplySlot()
        token = _reply.set(slot)
        try:
            released = self._inbox.submit(update, raw, suspect=self._is_suspect())
        finally:
            _reply.reset(token)
        done, _ = await asyncio.wait([released], timeout=_ANSWER_SECONDS)
        reply = slot.build_response()
        if not done:
            # It is still in hand, and given again it is the same one.
            log.warning("update %d waits", update.update_id)
            raise web.HTTPServiceUnavailable
        return reply

    def _is_suspect(self) -> bool:
        return self._inbox.follows_crash and time.monotonic() - self._begun < _SUSPECT_SECONDS
