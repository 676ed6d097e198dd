"""Inbox worker: handles updates in the order of their chat, and stores those that take long.

Polling and the webhook submit every update here and acknowledge it when its future is done.

Invariants:

* Order: updates with one chat key are handled one after the other, by ``update_id``. Among several
  processes PostgreSQL keeps that order: the lock of a conversation is not given to an update while
  the table holds an earlier one of its chat.
* No loss: an update is acknowledged after its effects are stored, or after its row is.
* No double effect: handling marks the update (``handled_updates``) in the write that keeps its
  effects, so an update that comes again, from Telegram or from the table, ends at its mark.
* A quick update writes nothing here. One that is unfinished after ``STORE_AFTER_SECONDS``, and all
  that wait behind it, get rows in one transaction. A chat with more than ``MAX_UNSTORED`` updates,
  with rows already, or with an update that waits for others, gets them at once.
* Words that may hold a secret stay in memory. The row has none, and after a crash the person is
  asked to write again and the message is deleted.
* A crowd costs little memory: ``AT_WORK`` updates are worked on at once, the first that came
  first; the others wait as the JSON they came as. One that takes long keeps no place: whatever it
  waits for, others go on.
* Poison: an update that raised ``MAX_TRIES`` times, took too long, or was in work at ``MAX_TRIES``
  crashes is parked, and its chat goes on. Crashes are counted by rows. What comes after a crash may
  be its cause, so it gets a row with one crash before it is worked on: in a single process, what
  Telegram gives first; in one of several, every update for a minute. The lock of a conversation
  tells of the crash, as what a dead process locked is free only once its death is known. Rows with
  ``MAX_TRIES - 1`` crashes are worked on one at a time: only the guilty one is in work when the
  process dies again.
"""

import asyncio
import json
import logging
import time
from bisect import insort
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, nullcontext
from contextvars import Context, copy_context
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any, Literal, Protocol, TypeVar, cast

from aiogram import Bot
from aiogram.dispatcher.middlewares.user_context import UserContextMiddleware
from aiogram.enums import ChatType
from aiogram.types import Update

from bot.db.errors import OUTAGES
from bot.db.inbox import InboxChanges, InboxRecord, InboxState
from bot.db.locks import CrashSuspected, EarlierUpdateWaits, UpdateTurn
from bot.fsm.storage import current_turn
from bot.logs import get_place
from bot.telegram.attempt import Attempt, current_attempt
from bot.telegram.deadline import DeadlineExceeded, TelegramCalls
from bot.telegram.session import AWAY
from bot.telegram.update_parser import parse_update, parse_update_json

log = logging.getLogger(__name__)

#: After so many seconds of waiting or work an update is stored and acknowledged.
STORE_AFTER_SECONDS = 1.0
#: The same while more than so many unstored updates are in hand: the window is filling.
CROWD = 30
STORE_IN_CROWD_SECONDS = 0.2
#: Of so many unstored updates of one chat, all are stored at once: they fill Telegram's window.
MAX_UNSTORED = 10
#: An update that failed, or was in work at a crash, so many times is parked.
MAX_TRIES = 3
#: Updates worked on at once: each may wait for Telegram for a while, and takes some 30 KB.
AT_WORK = 100
#: After so many seconds an update in work leaves its place to others, until so many are in work.
PLACE_SECONDS = 2.0
MOST_AT_WORK = 1000

#: Pauses before an update that raised is tried again.
_RETRY_PAUSES = (0.5, 2.0)
#: The same when Telegram failed while it answered others: a minute in all.
_TELEGRAM_PAUSES = (0.5, 2.0, 5.0, 10.0, 15.0, 30.0)
_FIRST_PAUSE = 0.25
_LONGEST_OUTAGE_PAUSE = 5.0
#: Between two looks whether an earlier update of the chat, in another process, is done.
_ORDER_PAUSE = 0.2
#: Telegram may still give the words of a row that has none: it is worked on after so long.
_WORDS_GRACE_SECONDS = 5.0
#: Between two looks for rows of dead processes and for replayed ones.
_ADOPT_SECONDS = 2.0
#: Rows of handled updates that nothing depends on are deleted together, after so long.
_REMOVE_SECONDS = 0.25
#: How long a stop may write.
_CLOSE_SECONDS = 1.0
_NOT_CLOSED: tuple[type[Exception], ...] = (TimeoutError, *OUTAGES)
_NOBODY = "0"

_Result = TypeVar("_Result")

Reason = Literal["overflow", "failed", "words-lost"]


class _Outcome(Enum):
    HANDLED = auto()
    PARKED = auto()
    #: An earlier update of the chat was adopted meanwhile.
    OVERTAKEN = auto()
    #: Another process has its row, and works on it.
    ELSEWHERE = auto()


class InboxStore(Protocol):
    """The table. Every method is one transaction and raises OUTAGES while there is none."""

    #: No other process takes updates, so the order is known without rows.
    exclusive: bool

    async def open(self) -> bool:
        """Called once, first; whether a process before this one did not stop cleanly.

        False when others run: then the lock of an update raises CrashSuspected.
        """
        ...

    async def apply(self, changes: InboxChanges) -> None:
        """Also marks those that it parks as handled: given again, they are not worked on."""
        ...

    async def adopt(self) -> list[InboxRecord]:
        """Rows of dead processes and replayed ones, which are this process's from now on."""
        ...

    async def is_owned(self, update_id: int) -> bool:
        """False when another process has the update's row, with its words."""
        ...

    async def has_earlier(self, chat_key: str, update_id: int) -> bool:
        """Whether an earlier row of the chat is not finished."""
        ...

    async def has_press_before(self, chat_key: str, update_id: int) -> bool:
        """Whether such a row of another process may open another question."""
        ...

    async def release(self) -> None:
        """A clean stop: gives this process's rows up."""
        ...

    async def is_handled(self, update_id: int) -> bool: ...

    async def mark_handled(self, update_id: int) -> None: ...


class InboxReplies(Protocol):
    """What people are told about updates that were not handled in the ordinary way."""

    async def may_ask_secret(self, update: Update) -> bool:
        """Whether a form with a secret question is open in the update's private chat."""
        ...

    async def tell(self, update: Update, reason: Reason) -> None:
        """Tells the author; raises nothing when Telegram refuses or is away."""
        ...

    async def erase(self, update: Update) -> None:
        """Deletes the person's message; raises AWAY."""
        ...


@dataclass(slots=True, eq=False)
class _Entry:
    """An update in this process. ``arrived``: on the clock of ``time.monotonic``.

    ``model``: what ``raw`` says; None while it waits behind a crowd, as it takes ten times as much.
    ``has_words``: a person typed something in a private chat; ``is_press``: it is of a button.
    ``stored``: its row is written, or is on its way; ``started``: the row says that it is in work.
    ``withheld``: the row is all there is, and has no words; ``usable_at``: how long to wait for
    them. ``secret``: it answers a secret question.
    """

    bot: Bot
    model: Update | None
    raw: dict[str, Any] | bytes
    chat_key: str
    context: Context
    released: asyncio.Future[None]
    arrived: float
    stored: bool = False
    started: bool = False
    withheld: bool = False
    usable_at: float = 0.0
    tries: int = 0
    attempt: Attempt | None = None
    id: int = field(init=False)
    has_words: bool = field(init=False)
    is_press: bool = field(init=False)

    def __post_init__(self) -> None:
        update = self.update
        self.id = update.update_id
        self.has_words = _has_words(update)
        self.is_press = update.callback_query is not None

    def give_words(self, update: Update, raw: dict[str, Any] | bytes) -> None:
        self.model, self.raw, self.withheld = update, raw, False
        self.has_words = _has_words(update)

    @property
    def secret(self) -> bool:
        return self.attempt is not None and self.attempt.secret

    @property
    def update(self) -> Update:
        """Parsed anew for each use while there is no model."""
        return self.model or _parse_again(self.raw, self.bot)

    def drop_model(self) -> None:
        if isinstance(self.raw, dict):
            self.raw = json.dumps(self.raw).encode()
        self.model = None

    def release(self) -> None:
        if not self.released.done():
            self.released.set_result(None)


@dataclass(slots=True, eq=False)
class _ChatQueue:
    key: str
    active: _Entry | None = None
    waiting: list[_Entry] = field(default_factory=list)
    unstored: int = 0
    storing: bool = False
    #: The one in hand waits for other chats, and will take long.
    blocked: bool = False
    overflowed: bool = False
    awaits_place: bool = False

    def is_slow(self) -> bool:
        """Whether it has rows, or soon will: what comes now is stored at once."""
        return self.blocked or (self.active is not None and self.active.stored)

    def list_entries(self) -> list[_Entry]:
        return [*([self.active] if self.active else []), *self.waiting]


class Inbox:
    """One for a process: the updates in hand, by chat, and their rows."""

    def __init__(
        self,
        bot: Bot,
        store: InboxStore,
        handle: Callable[[Update], Awaitable[None]],
        replies: InboxReplies,
        calls: TelegramCalls,
        *,
        per_chat: int,
    ) -> None:
        """``handle`` returns when the effects of an update are stored.

        ``calls`` is a middleware of the bot's session. ``per_chat``: how many updates of one chat
        may be in hand.
        """
        self._bot = bot
        self._store = store
        self._handle = handle
        self._replies = replies
        self._calls = calls
        self._per_chat = per_chat
        self._queues: dict[str, _ChatQueue] = {}
        self._entries: dict[int, _Entry] = {}
        self._unstored = 0
        #: Since when those with a place are worked on, the first first; chats that wait for one.
        self._at_work: OrderedDict[int, float] = OrderedDict()
        self._working = 0
        self._next_chats: deque[_ChatQueue] = deque()
        self._place_due: asyncio.TimerHandle | None = None
        self._writer = _Writer(store)
        self._due: asyncio.TimerHandle | None = None
        #: Kept beside it: uvloop has no timer, and no ``when``, for less than half a millisecond.
        self._due_at = 0.0
        self._look = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._suspects = asyncio.Lock()
        self._tasks: asyncio.TaskGroup
        self._work_tasks: set[asyncio.Task[None]] = set()
        #: A process before this one crashed: what Telegram gives first may be the cause.
        self.follows_crash = False

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Adopts rows before the body begins; at its end, gives up what is not finished."""
        failure: Exception | None = None
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            workers = [tasks.create_task(self._writer.run())]
            try:
                self.follows_crash = await self._store.open()
                await self._adopt()
                workers += [
                    tasks.create_task(self._adopt_for_ever()),
                    tasks.create_task(self._store_for_ever()),
                ]
                yield
            except Exception as error:  # noqa: BLE001 (raised below: a group would wrap it)
                failure = error
            finally:
                await self._close(workers)
        if failure is not None:
            raise failure

    def submit(
        self, update: Update, raw: dict[str, Any] | bytes, *, suspect: bool = False
    ) -> asyncio.Future[None]:
        """Takes an update; the future is done when Telegram may forget it.

        ``raw``: the update as it came. ``suspect``: it may have ended the process before this one.
        """
        known = self._entries.get(update.update_id)
        if known is not None:
            if known.withheld:
                known.give_words(update, raw)
                self._start_next(self._queues[known.chat_key])
            return known.released
        key = build_chat_key(update)
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _ChatQueue(key)
        entry = _Entry(
            bot=self._bot,
            model=update,
            raw=raw,
            chat_key=key,
            context=copy_context(),
            released=asyncio.get_running_loop().create_future(),
            arrived=time.monotonic(),
            tries=1 if suspect else 0,
        )
        if len(queue.waiting) >= self._per_chat:
            self._refuse(queue, entry)
        else:
            self._enqueue(queue, entry)
        return entry.released

    async def drain(self, seconds: float) -> None:
        """Returns when nothing is in hand, or after so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
                await self._writer.flush()
        except TimeoutError:
            log.warning("%d updates were not finished in time", len(self._entries))

    # --- the order of a chat -------------------------------------------------------------------

    def _enqueue(self, queue: _ChatQueue, entry: _Entry) -> None:
        self._entries[entry.id] = entry
        self._idle.clear()
        insort(queue.waiting, entry, key=lambda one: one.id)
        if not entry.stored:
            self._count_unstored(queue, 1)
            if queue.is_slow() or queue.unstored > MAX_UNSTORED:
                self._look.set()
            elif self._due is None or self._is_crowded():
                self._schedule_look(self._get_patience())
        self._start_next(queue)
        if queue.active is not entry and self._next_chats:
            entry.drop_model()

    def _refuse(self, queue: _ChatQueue, entry: _Entry) -> None:
        entry.release()
        if not queue.overflowed:
            queue.overflowed = True
            log.warning("a chat has %d updates in hand, more are refused", len(queue.waiting))
            self._spawn(self._replies.tell(entry.update, "overflow"), entry.context)

    def _start_next(self, queue: _ChatQueue) -> None:
        if queue.active is not None or queue.awaits_place:
            return
        if not queue.waiting:
            if self._queues.get(queue.key) is queue:
                del self._queues[queue.key]
            return
        if self._wait_for_words(queue):
            return
        queue.awaits_place = True
        self._next_chats.append(queue)
        self._give_places()

    def _wait_for_words(self, queue: _ChatQueue) -> bool:
        """Whether Telegram may still give the words of the chat's next update."""
        entry = queue.waiting[0]
        pause = entry.usable_at - time.monotonic() if entry.withheld else 0.0
        if pause > 0:
            asyncio.get_running_loop().call_later(pause, self._start_next, queue)
        return pause > 0

    def _give_places(self) -> None:
        """Begins the work of as many chats as there are places, each with its first update."""
        now = time.monotonic()
        while self._at_work and next(iter(self._at_work.values())) + PLACE_SECONDS <= now:
            self._at_work.popitem(last=False)
        while self._next_chats and len(self._at_work) < AT_WORK and self._working < MOST_AT_WORK:
            queue = self._next_chats.popleft()
            queue.awaits_place = False
            # An earlier update may have been adopted meanwhile.
            if self._wait_for_words(queue):
                continue
            queue.active = entry = queue.waiting.pop(0)
            self._at_work[entry.id] = now
            self._working += 1
            self._spawn(self._work(queue, entry), entry.context)
        if self._next_chats and self._at_work and self._place_due is None:
            oldest = next(iter(self._at_work.values()))
            self._place_due = asyncio.get_running_loop().call_later(
                oldest + PLACE_SECONDS - now, self._look_for_places
            )

    def _leave_place(self, entry: _Entry) -> None:
        self._at_work.pop(entry.id, None)
        self._give_places()

    def _look_for_places(self) -> None:
        self._place_due = None
        self._give_places()

    def _spawn(self, work: Coroutine[Any, Any, None], context: Context) -> None:
        task = self._tasks.create_task(work, context=context)
        self._work_tasks.add(task)
        task.add_done_callback(self._work_tasks.discard)

    async def _work(self, queue: _ChatQueue, entry: _Entry) -> None:
        """Handles one update to its end. When cancelled, it leaves the update to its row."""
        if entry.tries and not entry.stored and not await self._count_crashes(queue, entry):
            await self._end(queue, entry, _Outcome.ELSEWHERE)
            self._go_on(queue, entry)
            return
        # Those that may be poison are worked on one at a time.
        async with self._suspects if entry.tries >= MAX_TRIES - 1 else nullcontext():
            if entry.stored and not entry.started:
                await self._writer.write(start=[entry.id])
                entry.started = True
            outcome = await self._handle_or_park(queue, entry)
        if outcome is _Outcome.OVERTAKEN:
            insort(queue.waiting, entry, key=lambda one: one.id)
        else:
            await self._end(queue, entry, outcome)
        self._go_on(queue, entry)

    async def _count_crashes(self, queue: _ChatQueue, entry: _Entry) -> bool:
        """Gives a suspect its row; False when another process has one."""
        await self._write_rows(queue, [entry])
        return await _persist(lambda: self._store.is_owned(entry.id))

    def _go_on(self, queue: _ChatQueue, done: _Entry) -> None:
        queue.active, queue.blocked = None, False
        self._working -= 1
        self._leave_place(done)
        self._start_next(queue)
        if not self._entries:
            self._idle.set()

    async def _end(self, queue: _ChatQueue, entry: _Entry, outcome: "_Outcome") -> None:
        if not entry.stored:
            self._count_unstored(queue, -1)
        entry.release()
        if entry.stored and outcome is _Outcome.HANDLED and self._may_end_later(queue):
            self._writer.remove_later(entry.id)
        elif entry.stored and outcome is _Outcome.HANDLED:
            # One write less when the next row is known.
            following = self._find_next_start(queue)
            await self._writer.write(remove=[entry.id], start=[following.id] if following else [])
            if following:
                following.started = True
        del self._entries[entry.id]

    def _may_end_later(self, queue: _ChatQueue) -> bool:
        """Whether nothing depends on the row of what was handled: it goes with others."""
        return self._store.exclusive and not queue.waiting

    def _find_next_start(self, queue: _ChatQueue) -> _Entry | None:
        following = queue.waiting[0] if queue.waiting else None
        ready = (
            following is not None
            and following.stored
            and not following.withheld
            and following.tries < MAX_TRIES - 1
        )
        return following if ready else None

    # --- one update ------------------------------------------------------------------------------

    async def _handle_or_park(self, queue: _ChatQueue, entry: _Entry) -> _Outcome:
        if entry.tries >= MAX_TRIES:
            return await self._park(entry, "Crash")
        failures = 0
        outage = _FIRST_PAUSE
        patience = iter(_TELEGRAM_PAUSES)
        first_absence: float | None = None

        def expect_wait() -> None:
            queue.blocked = True
            self._look.set()
            self._leave_place(entry)

        while True:
            entry.attempt = attempt = Attempt(failures + 1 >= MAX_TRIES, expect_wait)
            try:
                await self._try(queue, entry, attempt)
            except EarlierUpdateWaits:
                if await self._is_superseded(queue, entry):
                    return _Outcome.OVERTAKEN
            except CrashSuspected:
                entry.tries = 1
                if not await self._count_crashes(queue, entry):
                    return _Outcome.ELSEWHERE
            except OUTAGES as error:
                # The update is as good as new when the database is back, however long that takes.
                outage = min(outage * 2, _LONGEST_OUTAGE_PAUSE)
                log.warning("update %d waits: %s", entry.id, type(error).__name__)
                await asyncio.sleep(outage)
            except AWAY as error:
                if first_absence is None:
                    first_absence = time.monotonic()
                # Without end while Telegram answers nobody.
                absent = self._calls.answered_at < first_absence
                pause = _FIRST_PAUSE if absent else next(patience, None)
                if pause is None:
                    return await self._park(entry, type(error).__name__)
                log.warning("update %d waits: %s", entry.id, type(error).__name__)
                await asyncio.sleep(max(pause, getattr(error, "retry_after", 0)))
            except DeadlineExceeded as error:
                return await self._park(entry, type(error).__name__)
            except Exception as error:  # noqa: BLE001 (an update must not end the process)
                failures += 1
                reason = type(error).__name__
                if attempt.last:
                    # Its message may hold what a person typed; its kind and place do not.
                    place = get_place(error)
                    return await self._park(entry, reason, f" at\n{place}")
                log.warning("update %d failed: %s, again soon", entry.id, reason)
                await asyncio.sleep(_RETRY_PAUSES[failures - 1])
            else:
                return _Outcome.HANDLED

    async def _try(self, queue: _ChatQueue, entry: _Entry, attempt: Attempt) -> None:
        if entry.withheld:
            await self._ask_again(queue, entry)
            return
        attempt_token = current_attempt.set(attempt)
        turn_token = current_turn.set(UpdateTurn(entry.chat_key, entry.id, counted=entry.stored))
        try:
            await self._handle(entry.update)
        finally:
            current_turn.reset(turn_token)
            current_attempt.reset(attempt_token)

    async def _ask_again(self, queue: _ChatQueue, entry: _Entry) -> None:
        """The words are lost: deletes the message, and of several asks once."""
        if await self._store.is_handled(entry.id):
            return
        await self._replies.erase(entry.update)
        if not (queue.waiting and queue.waiting[0].withheld):
            await self._replies.tell(entry.update, "words-lost")
        await self._store.mark_handled(entry.id)

    async def _is_superseded(self, queue: _ChatQueue, entry: _Entry) -> bool:
        """Waits until the earlier updates of the chat, in another process, are finished.

        True when that process died and they are here now. The row waits meanwhile: a crash is not
        this update's fault.
        """
        if not entry.stored:
            await self._write_rows(queue, [entry], start=False)
            entry.release()
        elif entry.started:
            await self._writer.write(pause=[entry.id])
            entry.started = False
        while True:
            await asyncio.sleep(_ORDER_PAUSE)
            if queue.waiting and queue.waiting[0].id < entry.id:
                return True
            if not await _persist(lambda: self._store.has_earlier(queue.key, entry.id)):
                break
        await self._writer.write(start=[entry.id])
        entry.started = True
        return False

    async def _park(self, entry: _Entry, reason: str, place: str = "") -> _Outcome:
        """Sets the update aside; one line at ERROR, with ids and kinds only."""
        withheld = entry.withheld or (
            entry.has_words and (entry.secret or await self._may_hold_secret(entry))
        )
        record = replace(
            _build_record(entry, withheld=withheld),
            state=InboxState.PARKED,
            tries=max(entry.tries, 1),
            error=reason,
        )
        await self._writer.write(park=[record])
        log.error(
            "update %d (%s) is parked: %s; to replay it: main.py replay %d%s",
            entry.id,
            record.kind,
            reason,
            entry.id,
            place,
        )
        if entry.attempt is None or not entry.attempt.notified:
            # Beside it: a replay may follow at once, and then the update must have ended.
            self._spawn(self._replies.tell(entry.update, "failed"), entry.context)
        return _Outcome.PARKED

    async def _may_hold_secret(self, entry: _Entry) -> bool:
        return await _persist(lambda: self._replies.may_ask_secret(entry.update))

    # --- rows --------------------------------------------------------------------------------

    def _get_patience(self) -> float:
        """How long an update may stay unstored, seconds."""
        patience = STORE_AFTER_SECONDS
        return min(STORE_IN_CROWD_SECONDS, patience) if self._is_crowded() else patience

    def _is_crowded(self) -> bool:
        return self._unstored > CROWD

    def _count_unstored(self, queue: _ChatQueue, change: int) -> None:
        queue.unstored += change
        self._unstored += change

    def _schedule_look(self, seconds: float) -> None:
        def look() -> None:
            self._due = None
            self._look.set()

        loop = asyncio.get_running_loop()
        at = loop.time() + seconds
        if self._due is not None:
            if self._due_at <= at:
                return
            self._due.cancel()
        self._due, self._due_at = loop.call_at(at, look), at

    async def _store_for_ever(self) -> None:
        """Stores the updates of each chat whose oldest one takes long, or that has many."""
        while True:
            await self._look.wait()
            self._look.clear()
            now = time.monotonic()
            patience = self._get_patience()
            soonest: float | None = None
            for queue in list(self._queues.values()):
                if not queue.unstored or queue.storing:
                    continue
                unstored = [one for one in queue.list_entries() if not one.stored]
                if not unstored:
                    continue
                age = now - min(one.arrived for one in unstored)
                crowded = queue.is_slow() or len(unstored) > MAX_UNSTORED
                if crowded or age >= patience:
                    queue.storing = True
                    self._spawn(self._store_queue(queue, unstored), copy_context())
                else:
                    left = patience - age
                    soonest = left if soonest is None else min(soonest, left)
            if soonest is not None:
                self._schedule_look(soonest)

    async def _store_queue(self, queue: _ChatQueue, entries: Sequence[_Entry]) -> None:
        try:
            await self._write_rows(queue, entries)
        finally:
            queue.storing = False
        for entry in entries:
            entry.release()
        if queue.unstored:
            self._look.set()

    async def _write_rows(
        self, queue: _ChatQueue, entries: Sequence[_Entry], *, start: bool = True
    ) -> None:
        """Writes rows for those that have none; all of them are stored afterwards.

        ``start``: the one in hand is in work.
        """
        withheld = await self._find_withheld(queue, entries)
        # While that was asked, some of them may have ended.
        fresh = [one for one in entries if not one.stored and one.id in self._entries]
        self._count_unstored(queue, -len(fresh))
        records = []
        for entry in fresh:
            entry.stored = True
            entry.started = start and entry is queue.active
            state = InboxState.WORKING if entry.started else InboxState.WAITING
            records.append(_build_record(entry, withheld=entry.id in withheld, state=state))
        if records:
            await self._writer.write(add=records)
        else:
            # They may be on their way.
            await self._writer.flush()

    async def _find_withheld(self, queue: _ChatQueue, entries: Iterable[_Entry]) -> set[int]:
        """Ids of the updates whose words may be a secret by the time they are handled.

        Those behind a button are unknown: it may open any form.
        """
        order = queue.list_entries()
        if not order:
            return set()
        wanted = {one.id for one in entries if one.has_words}
        first = order[0].id
        pressed = bool(wanted) and await _persist(
            lambda: self._store.has_press_before(queue.key, first)
        )
        withheld, others = set(), []
        for one in order:
            if one.id in wanted:
                if pressed or one.secret:
                    withheld.add(one.id)
                else:
                    others.append(one)
            pressed = pressed or one.is_press
        if others and await self._may_hold_secret(others[0]):
            withheld.update(one.id for one in others)
        return withheld

    async def _adopt_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_ADOPT_SECONDS)
            try:
                await self._adopt()
            except OUTAGES as error:
                log.warning("the inbox was not looked through: %s", type(error).__name__)

    async def _adopt(self) -> None:
        for record in await self._store.adopt():
            known = self._entries.get(record.update_id)
            if known is not None:
                # Telegram gave it again: it ends with this row.
                if not known.stored:
                    self._count_unstored(self._queues[known.chat_key], -1)
                    known.stored = True
                continue
            update = parse_update_json(record.raw.encode(), self._bot)
            if update is None:
                await self._writer.write(remove=[record.update_id])
                continue
            released = asyncio.get_running_loop().create_future()
            released.set_result(None)
            now = time.monotonic()
            queue = self._queues.setdefault(record.chat_key, _ChatQueue(record.chat_key))
            self._enqueue(
                queue,
                _Entry(
                    bot=self._bot,
                    model=update,
                    raw=record.raw.encode(),
                    chat_key=record.chat_key,
                    context=copy_context(),
                    released=released,
                    arrived=now,
                    stored=True,
                    withheld=record.withheld,
                    usable_at=now + _WORDS_GRACE_SECONDS,
                    tries=record.tries,
                ),
            )

    async def _close(self, workers: Sequence[asyncio.Task[None]]) -> None:
        for timer in (self._due, self._place_due):
            if timer is not None:
                timer.cancel()
        unfinished = list(self._work_tasks)
        for task in unfinished:
            task.cancel()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                if unfinished:
                    await asyncio.wait(unfinished)
                await self._writer.flush()
                await self._store.release()
        except _NOT_CLOSED as error:
            log.warning("the inbox was not closed: %s; its rows are adopted", type(error).__name__)
        for worker in workers:
            worker.cancel()


class _Writer:
    """Group commit: changes that wait together are written in one transaction."""

    def __init__(self, store: InboxStore) -> None:
        self._store = store
        self._pending: list[tuple[InboxChanges, asyncio.Future[None]]] = []
        self._removed: list[int] = []
        self._later: asyncio.TimerHandle | None = None
        self._wake = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()

    async def write(
        self,
        *,
        add: Sequence[InboxRecord] = (),
        start: Sequence[int] = (),
        pause: Sequence[int] = (),
        remove: Sequence[int] = (),
        park: Sequence[InboxRecord] = (),
    ) -> None:
        """Returns when it is committed, however long the database is away."""
        done = asyncio.get_running_loop().create_future()
        changes = InboxChanges(list(add), list(start), list(pause), list(remove), list(park))
        self._pending.append((changes, done))
        self._written.clear()
        self._wake.set()
        await done

    def remove_later(self, update_id: int) -> None:
        """Deletes a row together with others; a crash before that repeats no effect."""
        self._removed.append(update_id)
        if self._later is None:
            loop = asyncio.get_running_loop()
            self._later = loop.call_later(_REMOVE_SECONDS, self._remove_now)

    async def flush(self) -> None:
        self._remove_now()
        await self._written.wait()

    def _remove_now(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._removed:
            done = asyncio.get_running_loop().create_future()
            self._pending.append((InboxChanges(remove=self._removed), done))
            self._removed = []
            self._written.clear()
            self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch, self._pending = self._pending, []
            await self._commit(batch)
            if not self._pending:
                self._written.set()

    async def _commit(self, batch: Sequence[tuple[InboxChanges, asyncio.Future[None]]]) -> None:
        whole = InboxChanges()
        for changes, _ in batch:
            whole.add += changes.add
            whole.start += changes.start
            whole.pause += changes.pause
            whole.remove += changes.remove
            whole.park += changes.park
        try:
            await _persist(lambda: self._store.apply(whole))
        except Exception as error:  # noqa: BLE001 (one odd update must not keep the others out)
            if len(batch) > 1:
                for one in batch:
                    await self._commit([one])
                return
            log.error("the inbox refuses a row: %s", type(error).__name__)  # noqa: TRY400
        for _, done in batch:
            if not done.done():
                done.set_result(None)


async def _persist(call: Callable[[], Awaitable[_Result]]) -> _Result:
    """Calls until the database answers."""
    pause = _FIRST_PAUSE
    while True:
        try:
            return await call()
        except OUTAGES as error:
            log.warning("the inbox waits: %s", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_OUTAGE_PAUSE)


def build_chat_key(update: Update) -> str:
    """A private chat, or one person in another chat: what is handled in order."""
    place = UserContextMiddleware.resolve_event_context(update)
    if place.chat is None or place.chat.type == ChatType.PRIVATE:
        return str(place.chat_id or place.user_id or _NOBODY)
    return f"{place.chat_id}:{place.user_id or _NOBODY}"


def _parse_again(raw: dict[str, Any] | bytes, bot: Bot) -> Update:
    """What was understood before, so it is again."""
    update = parse_update_json(raw, bot) if isinstance(raw, bytes) else parse_update(raw, bot)
    return cast("Update", update)


def _has_words(update: Update) -> bool:
    """Whether a person typed something in a private chat."""
    message = update.message or update.edited_message
    return (
        message is not None
        and message.chat.type == ChatType.PRIVATE
        and bool(message.text or message.caption)
    )


def _build_record(
    entry: _Entry, *, withheld: bool, state: InboxState = InboxState.WAITING
) -> InboxRecord:
    raw = json.loads(entry.raw) if isinstance(entry.raw, bytes) else entry.raw
    kind = next((name for name in raw if name != "update_id"), "")
    update = entry.update if withheld else None
    message = update and (update.message or update.edited_message)
    if message:
        author = message.from_user.id if message.from_user else message.chat.id
        raw = {
            "update_id": entry.id,
            kind: {
                "message_id": message.message_id,
                "date": int(message.date.timestamp()),
                "chat": {"id": message.chat.id, "type": message.chat.type},
                "from": {"id": author, "is_bot": False, "first_name": ""},
            },
        }
    return InboxRecord(
        update_id=entry.id,
        chat_key=entry.chat_key,
        kind=kind,
        raw=json.dumps(raw),
        withheld=withheld,
        state=state,
        tries=entry.tries,
    )
