"""The outbox worker: leases notices, sends them outside of any transaction, records it."""

import asyncio
import logging
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from secrets import SystemRandom
from uuid import uuid4

from aiogram.exceptions import AiogramError, TelegramNetworkError, TelegramServerError

from bot.db.database import Database, Tx
from bot.db.errors import OUTAGES
from bot.db.outbox import LONGEST_PAUSE, LeasedNotice
from bot.integrations.errors import FileDamaged, FileMissing, MailRefused, MailRetry
from bot.services.clock import Clock
from bot.telegram.messenger import ChatUnreachable, MessageRefused
from bot.telegram.rate_limit import RateLimited

log = logging.getLogger(__name__)

Record = Callable[[Tx], Awaitable[None]]
"""Writes down what a delivered notice changed, in the transaction that marks it done."""

NoticeSender = Callable[[LeasedNotice], Awaitable[Record | None]]
"""Sends one notice."""

#: A notice is given up for this try after so long.
_TRY_SECONDS = 240.0
#: What a dead process had in hand comes to another after so long; the living renew it in time.
_LEASE = timedelta(seconds=15)
_RENEWAL_SECONDS = 5.0
#: A clock that gains or loses so much between two looks was set.
_JUMP_SECONDS = 5.0

_POLL_SECONDS = 1.0
_STOP_SECONDS = 1.0
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = LONGEST_PAUSE.total_seconds()
#: While Telegram or the database is away: what waited for it goes soon after it is back.
_LONGEST_OUTAGE_PAUSE = 30.0

#: Errors after which trying again is of no use.
_FINAL = (MessageRefused, MailRefused, FileMissing, FileDamaged)

#: Errors that say nothing about the notice itself.
_OUTAGES: tuple[type[Exception], ...] = (
    AiogramError,
    MailRetry,
    ChatUnreachable,
    OSError,
    *OUTAGES,
)

#: Errors whose messages are ours, or are a mail server's without the address.
_SPOKEN = (MailRefused, MailRetry, FileMissing, FileDamaged, ChatUnreachable)

_jitter = SystemRandom()


OnOutcome = Callable[[str, str], None]
"""Called with kind of notice and ``sent``, ``put_off``, ``failed`` or ``given_up``."""


def ignore_outcome(_kind: str, _outcome: str) -> None:
    """Nobody asks what comes of notices."""


class OutboxWorker:
    """Delivers each notice at least once; notices of one stream go in their order.

    A lane is what notices share and may wait for, such as the mail server; each takes only so many
    at once, so that a slow one leaves the others free.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        queues: Mapping[str, int],
        senders: Mapping[str, tuple[str, NoticeSender]],
        on_outcome: OnOutcome = ignore_outcome,
    ) -> None:
        """``lanes`` tells how many each takes, ``errands`` lane and errand by kind of notice."""
        self._database = database
        self._clock = clock
        self._queues = queues
        self._senders = senders
        self._on_outcome = on_outcome
        self._held: dict[asyncio.Task[None], LeasedNotice] = {}
        self._woken = asyncio.Event()
        self._owner = uuid4().hex
        self._last_look = (clock.now(), time.monotonic())
        self._leases_end_after = 0.0

    def wake(self) -> None:
        """There is something to deliver: do not wait for the next look."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; what is being sent then has a second to arrive."""
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._lease_forever())
                loops.create_task(self._renew_forever())
        finally:
            if self._held:
                _, late = await asyncio.wait(self._held, timeout=_STOP_SECONDS)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)

    async def drain_once(self) -> int:
        """Tries everything that is due, once; returns how many notices that were."""
        leased = await self._lease_due()
        while self._held:
            await asyncio.wait(self._held)
        return leased

    async def _lease_forever(self) -> None:
        failures = 0
        while True:
            self._woken.clear()
            try:
                leased = await self._lease_due()
            except Exception as error:  # noqa: BLE001 (a database that is away comes back)
                pause = min(2.0 ** min(failures, 5), _LONGEST_OUTAGE_PAUSE)
                failures += 1
                level = logging.ERROR if failures == 1 else logging.WARNING
                log.log(level, "the outbox cannot be read: %s", type(error).__name__)
                await asyncio.sleep(pause)
                continue
            failures = 0
            if not leased:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_SECONDS):
                        await self._woken.wait()

    async def _renew_forever(self) -> None:
        while True:
            await asyncio.sleep(_RENEWAL_SECONDS)
            if not self._held:
                continue
            try:
                async with self._database.begin() as tx:
                    held = [notice.id for notice in self._held.values()]
                    await tx.outbox.renew(held, self._clock.now() + _LEASE)
            except Exception as error:  # noqa: BLE001 (at worst something is sent twice)
                log.error("leases were not renewed: %s", type(error).__name__)  # noqa: TRY400

    async def _lease_due(self) -> int:
        """Leases due notices and sets about those whose lane has room."""
        room = sum(self._queues.values()) - len(self._held)
        if room <= 0:
            return 0
        now = self._clock.now()
        crowd = Counter(self._get_queue(notice) for notice in self._held.values())
        full = [
            kind
            for kind, (queue, _) in self._senders.items()
            if crowd[queue] >= self._queues.get(queue, 1)
        ]
        taken = []
        async with self._database.begin() as tx:
            held = [notice.id for notice in self._held.values()]
            rows = await tx.outbox.lease(
                now, _LEASE, room, self._owner, full, held, leases_end=self._may_end_leases(now)
            )
            for notice in rows:
                queue = self._get_queue(notice)
                if crowd[queue] < self._queues.get(queue, 1):
                    crowd[queue] += 1
                    taken.append(notice)
                else:
                    # Not put off: those of one lane go in the order in which they came.
                    await tx.outbox.release(notice.id)
        for notice in taken:
            task = asyncio.create_task(self._send_and_record(notice))
            self._held[task] = notice
            task.add_done_callback(self._finish_task)
        return len(taken)

    def _may_end_leases(self, now: datetime) -> bool:
        """False for a while after the clock was set: others renew their leases meanwhile."""
        then, begun = self._last_look
        passed = time.monotonic()
        self._last_look = (now, passed)
        if abs((now - then).total_seconds() - (passed - begun)) > _JUMP_SECONDS:
            self._leases_end_after = passed + _LEASE.total_seconds()
        return passed >= self._leases_end_after

    def _finish_task(self, task: asyncio.Task[None]) -> None:
        del self._held[task]
        self._woken.set()

    async def _send_and_record(self, notice: LeasedNotice) -> None:
        try:
            record = await self._try(notice)
            async with self._database.begin() as tx:
                await record(tx)
        except Exception as error:  # noqa: BLE001 (the lease runs out and the notice comes again)
            log.error(  # noqa: TRY400 (the message may hold what a person typed)
                "what came of notice %d was not recorded: %s", notice.id, type(error).__name__
            )

    async def _try(self, notice: LeasedNotice) -> Record:
        """Sends the notice and returns what to write down about it."""
        try:
            async with asyncio.timeout(_TRY_SECONDS):
                _, sender = self._senders[notice.kind]
                changed = await sender(notice)
        except RateLimited as busy:
            self._on_outcome(notice.kind, "put_off")
            later = self._add_seconds(min(busy.seconds, _LONGEST_PAUSE))
            return lambda tx: tx.outbox.postpone(notice.id, later)
        except _FINAL as error:
            self._on_outcome(notice.kind, "given_up")
            reason, now = _describe_error(error), self._clock.now()
            log.error(  # noqa: TRY400 (the message may hold what a person typed)
                "notice %d (%s) is given up: %s", notice.id, notice.kind, type(error).__name__
            )
            return lambda tx: tx.outbox.mark_dead(notice.id, reason, now)
        except Exception as error:  # noqa: BLE001 (whatever it is, the notice is not lost)
            self._on_outcome(notice.kind, "failed")
            reason = _describe_error(error)
            later = self._add_seconds(_compute_pause(notice.attempts, error))
            _log_failure(notice, error)
            return lambda tx: tx.outbox.retry(notice.id, later, reason)
        self._on_outcome(notice.kind, "sent")
        now = self._clock.now()

        async def done(tx: Tx) -> None:
            if changed is not None:
                await changed(tx)
            await tx.outbox.mark_done(notice.id, now)

        return done

    def _get_queue(self, notice: LeasedNotice) -> str:
        # A newer process may have left a kind that this one does not know.
        return self._senders[notice.kind][0] if notice.kind in self._senders else notice.kind

    def _add_seconds(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)


def _compute_pause(attempts: int, error: Exception) -> float:
    """Seconds before the next try, after ``attempts`` that failed before this one."""
    away = isinstance(error, TelegramNetworkError | TelegramServerError)
    longest = _LONGEST_OUTAGE_PAUSE if away else _LONGEST_PAUSE
    return min(_FIRST_PAUSE * 2.0 ** min(attempts, 20), longest) * _jitter.uniform(0.8, 1)


def _describe_error(error: Exception) -> str:
    """What is kept of an error: of one that may quote a person's words, only its kind."""
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, _SPOKEN) else kind


def _log_failure(notice: LeasedNotice, error: Exception) -> None:
    if isinstance(error, _OUTAGES):
        log.warning("notice %d (%s) waits: %s", notice.id, notice.kind, type(error).__name__)
        return
    # The message of an unforeseen error may hold a person's words; its kind and place do not.
    place = "".join(traceback.format_tb(error.__traceback__))
    log.error(
        "notice %d (%s) failed: %s at\n%s", notice.id, notice.kind, type(error).__name__, place
    )
