"""Deadline of an update: limits its work; waiting for Telegram and for a turn is not counted."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any

from aiogram import BaseMiddleware, Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import TelegramObject

#: How long an update may be worked on, seconds.
WORK_SECONDS = 30.0

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class DeadlineExceeded(Exception):
    """An update was worked on for too long."""


class _WorkTimer:
    """A time-out that several waits may stop at once; it runs while none of them lasts."""

    def __init__(self, timeout: asyncio.Timeout) -> None:
        self._timeout = timeout
        self._waits = 0
        self._left = 0.0
        self.ended = False

    @contextmanager
    def pause(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        if not self._waits and not self.ended:
            self._left = (self._timeout.when() or 0.0) - loop.time()
            self._timeout.reschedule(None)
        self._waits += 1
        try:
            yield
        finally:
            self._waits -= 1
            # A task that the handler started may outlive it.
            if not self._waits and not self.ended:
                self._timeout.reschedule(loop.time() + self._left)


_timer: ContextVar[_WorkTimer | None] = ContextVar("work_timer", default=None)


@asynccontextmanager
async def limit_work(seconds: float) -> AsyncIterator[None]:
    """Raises DeadlineExceeded when the body takes longer, without what ``pause_work`` covers."""
    timeout = asyncio.timeout(seconds)
    try:
        async with timeout:
            timer = _WorkTimer(timeout)
            token = _timer.set(timer)
            try:
                yield
            finally:
                timer.ended = True
                _timer.reset(token)
    except TimeoutError:
        if timeout.expired():
            raise DeadlineExceeded from None
        raise


@contextmanager
def pause_work() -> Iterator[None]:
    """What is waited for inside is not work of the update in hand."""
    timer = _timer.get()
    if timer is None:
        yield
        return
    with timer.pause():
        yield


class DeadlineMiddleware(BaseMiddleware):
    """Raises DeadlineExceeded in a handler that works for longer than ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        async with limit_work(self._seconds):
            return await handler(event, data)


class TelegramCalls(BaseRequestMiddleware):
    """Stops the deadline while Telegram is asked, and remembers when it last answered.

    It belongs outside of the middleware that repeats calls: pauses between tries are no work.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        #: When a call last succeeded, by ``now``.
        self.answered_at = now()

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        with pause_work():
            response = await make_request(bot, method)
        self.answered_at = self._now()
        return response
