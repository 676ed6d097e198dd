"""How fast Telegram lets a bot send; notices wait for their turn, answers to people do not."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most ``messages`` in any stretch of ``seconds``."""

    messages: int
    seconds: float


#: Telegram takes 30 a second from a bot; the rest is left to answers.
NOTICES = Limit(messages=25, seconds=1)
#: One a second; a few at once are fine.
PRIVATE_CHAT = Limit(messages=3, seconds=3)
GROUP = Limit(messages=20, seconds=60)

#: Of a group's twenty: whoever asks something while cards queue is answered at once.
_LEFT_TO_ANSWERS = 3

#: A message is counted when it arrives, and the first of a minute may be on its way for longer
#: than the one that follows after that minute.
_ON_THE_WAY = 1.05

_CHATS_REMEMBERED = 1000


def group_limit(a_minute: int) -> Limit:
    """For notices, of so many that the bot may send in a minute; never more in a row than 20."""
    row = min(a_minute, GROUP.messages)
    return Limit(
        messages=row - row * _LEFT_TO_ANSWERS // GROUP.messages,
        seconds=GROUP.seconds * _ON_THE_WAY * row / a_minute,
    )


class NotNow(Exception):
    """The chat takes the next notice in ``seconds``: too long to wait for it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the chat takes no notice for {seconds:.0f} s")
        self.seconds = seconds


class _Window:
    def __init__(self, limit: Limit) -> None:
        self._sent: deque[float] = deque(maxlen=limit.messages)
        self._limit = limit

    def free_at(self, now: float) -> float:
        if len(self._sent) < self._limit.messages:
            return now
        return max(now, self._sent[0] + self._limit.seconds)

    def take(self, at: float) -> None:
        self._sent.append(max(at, self._sent[-1]) if self._sent else at)

    def idle(self, now: float) -> bool:
        return not self._sent or self._sent[-1] + self._limit.seconds <= now


class Pace:
    """Counts what this process sends; what others send, Telegram tells by ``hold``."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        group: Limit = GROUP,
    ) -> None:
        """``now`` and ``sleep`` count the same seconds."""
        self._group = group
        self._now = now
        self._sleep = sleep
        self._overall = _Window(NOTICES)
        self._chats: dict[int, _Window] = {}
        self._held: dict[int, float] = {}

    async def turn(self, chat_id: int, patience: float) -> None:
        """Returns when a notice may go to the chat, in the order of asking.

        Raises NotNow when that would take longer than ``patience`` seconds.
        """
        now = self._now()
        chat = self._chat(chat_id, now)
        at = max(chat.free_at(now), self._held.get(chat_id, now))
        if at - now > patience:
            raise NotNow(at - now)
        chat.take(at)
        while at > now:
            await self._sleep(at - now)
            # It may have been held meanwhile.
            now, at = self._now(), max(at, self._held.get(chat_id, at))
            if at - now > patience:
                raise NotNow(at - now)
        while (at := self._overall.free_at(now)) > now:
            await self._sleep(at - now)
            now = self._now()
        self._overall.take(now)

    def hold(self, chat_id: int, seconds: float) -> None:
        """Telegram wants to hear nothing in this chat for so long."""
        self._held[chat_id] = max(self._held.get(chat_id, 0.0), self._now() + seconds)

    def answered(self, chat_id: int) -> None:
        """An answer to a person went out; notices make room for it.

        Not in that person's own chat: Telegram bears bursts there, and a notice of what others did
        should not come later because somebody presses buttons.
        """
        now = self._now()
        if _is_group(chat_id):
            self._chat(chat_id, now).take(now)
        self._overall.take(now)

    def _chat(self, chat_id: int, now: float) -> _Window:
        if len(self._chats) >= _CHATS_REMEMBERED:
            self._chats = {id_: one for id_, one in self._chats.items() if not one.idle(now)}
            self._held = {id_: until for id_, until in self._held.items() if until > now}
        limit = self._group if _is_group(chat_id) else PRIVATE_CHAT
        return self._chats.setdefault(chat_id, _Window(limit))


def _is_group(chat_id: int) -> bool:
    # Telegram numbers groups below zero.
    return chat_id < 0


class AnswersCounted(BaseRequestMiddleware):
    """Tells the pace what handlers send on their own; never holds it up."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        chat_id = getattr(method, "chat_id", None)
        if isinstance(chat_id, int) and method.__api_method__.startswith(("send", "edit")):
            self._pace.answered(chat_id)
        return await make_request(bot, method)
