"""Long polling that acknowledges an update after it was handled or stored in the inbox."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from time import monotonic, thread_time
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramConflictError, TelegramRetryAfter
from aiogram.methods import TelegramMethod

from bot.telegram.inbox import Inbox
from bot.telegram.update_parser import parse_update

log = logging.getLogger(__name__)

#: Updates in hand at once; Telegram gives no more than the first hundred not acknowledged.
IN_HAND = 100

#: How long the updates in hand may take after ``stop``, seconds.
STOP_SECONDS = 5.0

_ASK_SECONDS = 30
_ASK_MARGIN = 10
#: Between two looks for updates while others are unfinished: most are handled within the first, and
#: fresh ones shall not wait for those that are not.
_BREATH, _LONGEST_BREATH = 0.01, 0.05
#: A timer is no finer.
_TICK = 0.001
_LONGEST_PAUSE = 30.0
_PARTING_SECONDS = 1.5


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """``getUpdates``, each as it came: those known already need not be understood anew, and one of
    a shape unknown to us must not keep the others from being read."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None
    limit: int
    timeout: int
    allowed_updates: list[str] | None = None


class Polling:
    """Asks from the lowest update that the inbox has not released, so a crash loses none."""

    def __init__(self, bot: Bot, inbox: Inbox, allowed_updates: Sequence[str]) -> None:
        self._bot = bot
        self._inbox = inbox
        self._allowed_updates = list(allowed_updates)
        self._unfinished: dict[int, asyncio.Future[None]] = {}
        self._known: set[int] = set()
        self._next_offset: int | None = None
        self._asked_before = False
        self._stopping = asyncio.Event()
        self._at_rest = asyncio.Event()
        self._at_rest.set()

    async def run(self) -> None:
        """Until ``stop``."""
        self._at_rest.clear()
        try:
            async with asyncio.TaskGroup() as tasks:
                asking = tasks.create_task(self._ask_for_ever())
                await self._stopping.wait()
                # An answer that is lost by this was not acknowledged, and comes again.
                asking.cancel()
                await asyncio.wait([asking])
                await self._inbox.drain(STOP_SECONDS)
                await self._acknowledge()
        finally:
            self._at_rest.set()

    async def stop(self) -> None:
        """Takes no new updates, finishes and acknowledges those in hand; at most ten seconds."""
        self._stopping.set()
        await self._at_rest.wait()

    async def _ask_for_ever(self) -> None:
        failures = 0
        breath = _BREATH
        while True:
            try:
                updates = await self._ask()
            except Exception as error:  # noqa: BLE001 (proxies raise errors of their own kinds)
                failures += 1
                await asyncio.sleep(_compute_pause(error, failures))
                continue
            failures = 0
            # While one is unfinished, Telegram answers at once with what we know already.
            if taken := self._take(updates):
                await _wait(taken, _BREATH, asyncio.ALL_COMPLETED)
                breath = _BREATH
            elif self._unfinished:
                if len(updates) == IN_HAND:
                    # It tells of no more before the oldest is acknowledged.
                    in_hand, pause = [self._unfinished[min(self._unfinished)]], _LONGEST_BREATH
                else:
                    in_hand, pause = list(self._unfinished.values()), breath
                finished = await _wait(in_hand, pause, asyncio.FIRST_COMPLETED)
                breath = _BREATH if finished else min(2 * breath, _LONGEST_BREATH)

    async def _ask(self) -> list[dict[str, Any]]:
        method = GetRawUpdates(
            offset=self._compute_offset(),
            limit=IN_HAND,
            timeout=_ASK_SECONDS,
            allowed_updates=self._allowed_updates,
        )
        return await self._bot(method, request_timeout=_ASK_SECONDS + _ASK_MARGIN)

    def _take(self, updates: list[dict[str, Any]]) -> list[asyncio.Future[None]]:
        """Submits those that are new."""
        # What a crashed process had in hand comes with the first answer.
        suspect = self._inbox.follows_crash and not self._asked_before
        self._asked_before = True
        taken = []
        for data in updates:
            update_id = data["update_id"]
            if update_id in self._known:
                continue
            self._known.add(update_id)
            self._next_offset = max(self._next_offset or 0, update_id + 1)
            if (update := parse_update(data, self._bot)) is None:
                continue
            released = self._inbox.submit(update, data, suspect=suspect)
            if not released.done():
                self._unfinished[update_id] = released
                released.add_done_callback(partial(self._forget, update_id))
            taken.append(released)
        return taken

    def _forget(self, update_id: int, _: asyncio.Future[None]) -> None:
        self._unfinished.pop(update_id, None)

    def _compute_offset(self) -> int | None:
        offset = min(self._unfinished, default=self._next_offset)
        if offset is not None:
            self._known = {known for known in self._known if known >= offset}
        return offset

    async def _acknowledge(self) -> None:
        if (offset := self._compute_offset()) is None:
            return
        try:
            async with asyncio.timeout(_PARTING_SECONDS):
                await self._bot(GetRawUpdates(offset=offset, limit=1, timeout=0))
        except Exception as error:  # noqa: BLE001 (see above; nothing is lost by it)
            log.warning("updates were not acknowledged: %s; they come again", type(error).__name__)


async def _wait(
    unfinished: Sequence[asyncio.Future[None]], seconds: float, return_when: str
) -> bool:
    """Waits for updates until this thread has rested for so long; whether they are done.

    While it works, fresh updates would wait here as they do at Telegram, and asking is work, too.
    """
    begun = monotonic() - thread_time()
    while (left := seconds - (monotonic() - thread_time() - begun)) > _TICK:
        done, pending = await asyncio.wait(unfinished, timeout=left, return_when=return_when)
        if not pending or (done and return_when == asyncio.FIRST_COMPLETED):
            return True
    return False


def _compute_pause(error: Exception, failures: int) -> float:
    """Seconds before asking again."""
    if isinstance(error, TelegramRetryAfter):
        log.warning("Telegram asks to pause getUpdates for %d s", error.retry_after)
        return error.retry_after
    pause = min(2.0 ** min(failures - 1, 10), _LONGEST_PAUSE)
    if isinstance(error, TelegramConflictError):
        log.error(
            "getUpdates: conflict. Another process polls with this token, or a webhook is set; "
            "again in %.0f s",
            pause,
        )
    else:
        log.warning("getUpdates: %s, again in %.0f s", type(error).__name__, pause)
    return pause
