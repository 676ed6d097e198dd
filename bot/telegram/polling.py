"""Long polling that acknowledges an update only after it was handled."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from aiogram import Bot
from aiogram.dispatcher.middlewares.user_context import UserContextMiddleware
from aiogram.exceptions import TelegramConflictError, TelegramRetryAfter
from aiogram.methods import TelegramMethod
from aiogram.types import Update

from bot.db.errors import OUTAGES
from bot.logs import get_place
from bot.telegram.session import AWAY
from bot.telegram.update_parser import parse_update

log = logging.getLogger(__name__)

#: Updates in hand at once; Telegram gives no more than the first hundred not acknowledged.
IN_HAND = 100

#: How long the updates in hand may take after ``stop``, seconds.
STOP_SECONDS = 8.0

_ASK_SECONDS = 30
_ASK_MARGIN = 10
#: Between two looks for updates while others are unfinished: most are handled within the first, and
#: fresh ones shall not wait for those that are not.
_BREATH, _LONGEST_BREATH = 0.01, 0.05
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 30.0
_LONGEST_OUTAGE_PAUSE = 5.0
_PARTING_SECONDS = 1.5
#: Pauses before an update that could not be handled is tried again.
_TRIES = (0.5, 2.0)

#: The same when it was Telegram that failed: a minute in all.
_TELEGRAM_TRIES = (0.5, 2.0, 5.0, 10.0, 15.0, 30.0)


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
    """Asks from the lowest update still in hand, so that a crash loses none of them.

    Updates of one chat are handled in their order, those of different chats side by side.
    """

    def __init__(
        self,
        bot: Bot,
        handle: Callable[[Update], Awaitable[None]],
        allowed_updates: Sequence[str],
    ) -> None:
        """``handle`` returns when the effects of an update are stored."""
        self._bot = bot
        self._handle = handle
        self._allowed_updates = list(allowed_updates)
        self._unfinished: dict[int, asyncio.Task[None]] = {}
        self._last_of_chat: dict[int, asyncio.Task[None]] = {}
        self._known: set[int] = set()
        self._next_offset: int | None = None
        self._cut_off = False
        self._stopping = asyncio.Event()
        self._at_rest = asyncio.Event()
        self._at_rest.set()

    async def run(self) -> None:
        """Until ``stop``."""
        self._at_rest.clear()
        try:
            async with asyncio.TaskGroup() as tasks:
                asking = tasks.create_task(self._ask_for_ever(tasks))
                await self._stopping.wait()
                # An answer that is lost by this was not acknowledged, and comes again.
                asking.cancel()
                await asyncio.wait([asking])
                await self._drop_update()
        finally:
            self._at_rest.set()

    async def stop(self) -> None:
        """Takes no new updates, finishes and acknowledges those in hand; at most ten seconds."""
        self._stopping.set()
        await self._at_rest.wait()

    async def _ask_for_ever(self, tasks: asyncio.TaskGroup) -> None:
        failures = 0
        breath = _BREATH
        while True:
            try:
                updates = await self._ask()
            except Exception as error:  # noqa: BLE001 (proxies raise errors of their own kinds)
                failures += 1
                self._cut_off = True
                await asyncio.sleep(_compute_pause(error, failures))
                continue
            failures = 0
            self._cut_off = False
            # While one is unfinished, Telegram answers at once with what we know already.
            if taken := [self._take(update, tasks) for update in self._select_new(updates)]:
                await asyncio.wait(taken, timeout=_BREATH)
                breath = _BREATH
            elif self._unfinished:
                if len(updates) == IN_HAND:
                    # It tells of no more before the oldest is acknowledged.
                    in_hand, pause = [self._unfinished[min(self._unfinished)]], _LONGEST_BREATH
                else:
                    in_hand, pause = list(self._unfinished.values()), breath
                finished, _ = await asyncio.wait(
                    in_hand, timeout=pause, return_when=asyncio.FIRST_COMPLETED
                )
                breath = _BREATH if finished else min(2 * breath, _LONGEST_BREATH)

    async def _ask(self) -> list[dict[str, Any]]:
        method = GetRawUpdates(
            offset=self._compute_offset(),
            limit=IN_HAND,
            timeout=_ASK_SECONDS,
            allowed_updates=self._allowed_updates,
        )
        return await self._bot(method, request_timeout=_ASK_SECONDS + _ASK_MARGIN)

    def _select_new(self, updates: list[dict[str, Any]]) -> Iterator[Update]:
        for data in updates:
            update_id = data["update_id"]
            if update_id in self._known:
                continue
            self._known.add(update_id)
            self._next_offset = max(self._next_offset or 0, update_id + 1)
            if (update := parse_update(data, self._bot)) is not None:
                yield update

    def _take(self, update: Update, tasks: asyncio.TaskGroup) -> asyncio.Task[None]:
        chat = UserContextMiddleware.resolve_event_context(update).chat_id or 0
        task = tasks.create_task(self._handle_in_turn(update, self._last_of_chat.get(chat)))
        self._unfinished[update.update_id] = self._last_of_chat[chat] = task

        def forget(_: asyncio.Task[None]) -> None:
            if self._last_of_chat.get(chat) is task:
                del self._last_of_chat[chat]

        task.add_done_callback(forget)
        return task

    async def _handle_in_turn(self, update: Update, earlier: asyncio.Task[None] | None) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        pauses = iter((*_TRIES, None))
        patience = iter((*_TELEGRAM_TRIES, None))
        outage = _FIRST_PAUSE
        while True:
            try:
                await self._handle(update)
            except OUTAGES as error:
                # The update is as good as new when the database is back, however long that takes.
                outage = min(outage * 2, _LONGEST_OUTAGE_PAUSE)
                log.warning("update %d waits: %s", update.update_id, type(error).__name__)
                await asyncio.sleep(outage)
            except AWAY as error:
                # Also without end while nothing at all comes from Telegram.
                if (pause := _FIRST_PAUSE if self._cut_off else next(patience)) is None:
                    log.error("update %d is given up: %s", update.update_id, type(error).__name__)  # noqa: TRY400
                    break
                log.warning("update %d waits: %s", update.update_id, type(error).__name__)
                await asyncio.sleep(max(pause, getattr(error, "retry_after", 0)))
            except Exception as error:  # noqa: BLE001 (an update must not end the polling)
                reason = type(error).__name__
                if (pause := next(pauses)) is None:
                    # Its message may hold what a person typed; its kind and place do not.
                    log.error(  # noqa: TRY400
                        "update %d is given up: %s at\n%s",
                        update.update_id,
                        reason,
                        get_place(error),
                    )
                    break
                log.warning("update %d failed: %s, again soon", update.update_id, reason)
                await asyncio.sleep(pause)
            else:
                break
        # Not reached when cancelled: such an update stays unacknowledged and comes again.
        del self._unfinished[update.update_id]

    def _compute_offset(self) -> int | None:
        offset = min(self._unfinished, default=self._next_offset)
        if offset is not None:
            self._known = {known for known in self._known if known >= offset}
        return offset

    async def _drop_update(self) -> None:
        if self._unfinished:
            in_hand = list(self._unfinished.values())
            _, late = await asyncio.wait(in_hand, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            if late:
                log.warning("%d updates were not finished in time, they come again", len(late))
        if (offset := self._compute_offset()) is None:
            return
        try:
            async with asyncio.timeout(_PARTING_SECONDS):
                await self._bot(GetRawUpdates(offset=offset, limit=1, timeout=0))
        except Exception as error:  # noqa: BLE001 (see above; nothing is lost by it)
            log.warning("updates were not acknowledged: %s; they come again", type(error).__name__)


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
