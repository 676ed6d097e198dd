"""Rate limits of Telegram: notices wait for their turn, answers to people pass them."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType


@dataclass(frozen=True, slots=True, kw_only=True)
class SendLimit:
    """At most ``messages`` within any ``seconds``."""

    messages: int
    seconds: float


#: Answers and notices together.
OVERALL = SendLimit(messages=30, seconds=1)
#: One a second; Telegram tolerates a few at once.
PRIVATE_CHAT = SendLimit(messages=3, seconds=3)
GROUP = SendLimit(messages=20, seconds=60)

#: Of a group's twenty messages: a question asked while cards queue is answered at once.
_LEFT_TO_ANSWERS = 3

#: Telegram counts a message when it arrives, and the first of a minute may travel for longer than
#: the one that follows after that minute.
_ON_THE_WAY = 1.05

#: Evenly spaced, notices leave a place for an answer soon, and not thirty of them once a second.
_BETWEEN_NOTICES = 1 / 29

#: The longest wait of an answer for its place, seconds: the time of three notices. An answer that
#: Telegram refuses would wait for a second.
_ANSWER_PATIENCE = 0.1

_CHATS_REMEMBERED = 1000


def build_group_limit(a_minute: int) -> SendLimit:
    """The limit of notices to a group that takes ``a_minute`` messages, at most 20 in a row."""
    row = min(a_minute, GROUP.messages)
    return SendLimit(
        messages=row - row * _LEFT_TO_ANSWERS // GROUP.messages,
        seconds=GROUP.seconds * _ON_THE_WAY * row / a_minute,
    )


class RateLimited(Exception):
    """The chat takes no notice for ``seconds``, longer than the caller waits."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the chat takes no notice for {seconds:.0f} s")
        self.seconds = seconds


@dataclass(slots=True)
class _SentMessage:
    """When Telegram is assumed to have counted a message; monotonic seconds."""

    at: float


class _Window:
    def __init__(self, limit: SendLimit) -> None:
        self._sent: deque[_SentMessage] = deque(maxlen=limit.messages)
        self._limit = limit

    def get_free_time(self, now: float, messages: int = 1) -> float:
        """When so many messages may be sent together; more than the limit count as the limit."""
        freed = len(self._sent) + min(messages, self._limit.messages) - self._limit.messages
        return now if freed <= 0 else max(now, self._sent[freed - 1].at + self._limit.seconds)

    def take(self, at: float) -> _SentMessage:
        self._sent.append(_SentMessage(max(at, self._sent[-1].at) if self._sent else at))
        return self._sent[-1]

    def is_idle(self, now: float) -> bool:
        return not self._sent or self._sent[-1].at + self._limit.seconds <= now


class SendRateLimiter:
    """Counts the messages of this process; ``hold`` accounts for those of others."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        group: SendLimit = GROUP,
    ) -> None:
        """``now`` and ``sleep`` count the same seconds."""
        self._group = group
        self._now = now
        self._sleep = sleep
        self._overall = _Window(OVERALL)
        self._notices = asyncio.Lock()
        self._next_notice = now()
        self._chats: dict[int, _Window] = {}
        self._held: dict[int, float] = {}

    @asynccontextmanager
    async def acquire(
        self, chat_id: int, patience: float, messages: int = 1
    ) -> AsyncGenerator[None]:
        """Enters when a notice may be sent to the chat, in the order of calls; exit it when sent.

        ``messages``: as many as an album has, since Telegram counts each. Raises RateLimited when
        that would take longer than ``patience`` seconds.
        """
        await self._acquire_in_chat(chat_id, patience, messages)
        async with self._notices:
            now = self._now()
            while (at := max(self._next_notice, self._overall.get_free_time(now, messages))) > now:
                await self._sleep(at - now)
                now = self._now()
            # A sleep that was too long is made up for.
            self._next_notice = max(now, self._next_notice + messages * _BETWEEN_NOTICES)
            sent = [self._overall.take(now) for _ in range(messages)]
        async with self._on_its_way(sent):
            yield

    @asynccontextmanager
    async def count_answer(self, chat_id: int, messages: int = 1) -> AsyncGenerator[None]:
        """Enters when an answer to a person may be sent: at once, or ahead of all notices.

        An answer is not counted in a private chat: Telegram tolerates bursts there, and presses
        of buttons should not delay the notices to that chat.
        """
        now = self._now()
        if _is_group(chat_id):
            for _ in range(messages):
                self._get_window(chat_id, now).take(now)
        at = self._overall.get_free_time(now, messages)
        if at - now > _ANSWER_PATIENCE or now - self._next_notice > OVERALL.seconds:
            at = now
        sent = [self._overall.take(at) for _ in range(messages)]
        while at > now:
            # A sleep may end a little early by this clock, and Telegram would refuse the message.
            await self._sleep(at - now)
            now = self._now()
        async with self._on_its_way(sent):
            yield

    def hold(self, chat_id: int, seconds: float) -> None:
        """Sends no notices to the chat for so many seconds, as Telegram demanded."""
        self._held[chat_id] = max(self._held.get(chat_id, 0.0), self._now() + seconds)

    async def _acquire_in_chat(self, chat_id: int, patience: float, messages: int) -> None:
        now = self._now()
        chat = self._get_window(chat_id, now)
        at = max(chat.get_free_time(now, messages), self._held.get(chat_id, now))
        if at - now > patience:
            raise RateLimited(at - now)
        for _ in range(messages):
            chat.take(at)
        while at > now:
            await self._sleep(at - now)
            # Another call may have held the chat during the wait.
            now, at = self._now(), max(at, self._held.get(chat_id, at))
            if at - now > patience:
                raise RateLimited(at - now)

    @asynccontextmanager
    async def _on_its_way(self, sent: Sequence[_SentMessage]) -> AsyncGenerator[None]:
        """Assumes that Telegram counted the messages when its answer came, at the latest."""
        try:
            yield
        finally:
            for one in sent:
                one.at = max(one.at, self._now())

    def _get_window(self, chat_id: int, now: float) -> _Window:
        if len(self._chats) >= _CHATS_REMEMBERED:
            self._chats = {id_: one for id_, one in self._chats.items() if not one.is_idle(now)}
            self._held = {id_: until for id_, until in self._held.items() if until > now}
        limit = self._group if _is_group(chat_id) else PRIVATE_CHAT
        return self._chats.setdefault(chat_id, _Window(limit))


def _is_group(chat_id: int) -> bool:
    # Telegram numbers groups below zero.
    return chat_id < 0


class AnswerPriorityMiddleware(BaseRequestMiddleware):
    """Lets the answers of handlers pass the notices that wait."""

    def __init__(self, limiter: SendRateLimiter) -> None:
        self._limiter = limiter

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        chat_id = getattr(method, "chat_id", None)
        if isinstance(chat_id, int) and method.__api_method__.startswith(("send", "edit")):
            async with self._limiter.count_answer(chat_id):
                return await make_request(bot, method)
        return await make_request(bot, method)
