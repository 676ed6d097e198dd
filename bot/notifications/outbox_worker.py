"""Outbox worker: leases notices, sends them outside of any transaction and records the outcome."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from secrets import SystemRandom
from uuid import uuid4

from aiogram.exceptions import AiogramError, TelegramNetworkError, TelegramServerError

from bot.db.database import Database, Tx
from bot.db.errors import OUTAGES
from bot.db.outbox import LONGEST_PAUSE, LeasedNotice, UnreadableNotice
from bot.integrations.errors import (
    FileDamaged,
    FileMissing,
    MailFailed,
    MailRefused,
    MailRetry,
    ScannerUnavailable,
    StoreUnavailable,
)
from bot.logs import get_place
from bot.notices import STAFF_QUEUES, Notice, Queue
from bot.notifications.senders import NoticeSender, Record
from bot.services.clock import Clock
from bot.telegram.messenger import ChatClosed, ChatUnreachable, MessageRefused
from bot.telegram.rate_limit import RateLimited

log = logging.getLogger(__name__)

#: The longest time that one try may take.
_TRY_SECONDS = 240.0
#: After this time another process takes over what a dead one was sending; a live one renews.
_LEASE = timedelta(seconds=15)
_RENEWAL_SECONDS = 5.0
#: The clock was set when it differs this much from the monotonic one between two polls.
_JUMP_SECONDS = 5.0

_POLL_SECONDS = 1.0
_STOP_SECONDS = 1.0
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = LONGEST_PAUSE.total_seconds()
#: While Telegram, the database or the file store is away: notices go out soon after it is back.
_LONGEST_OUTAGE_PAUSE = 30.0

#: A staff group to which the bot may not write is tried again this often: cheap, and soon noticed.
_LONGEST_CLOSED_PAUSE = 60.0

#: Errors after which another try cannot succeed.
_FINAL = (MessageRefused, MailRefused, FileMissing, FileDamaged)

#: Errors that are not caused by the notice itself.
_OUTAGES: tuple[type[Exception], ...] = (
    AiogramError,
    MailRetry,
    ChatUnreachable,
    OSError,
    *OUTAGES,
)

#: Errors whose messages may be stored: they are ours, or a mail server's without the address.
_SAFE_MESSAGES = (MailRefused, MailRetry, FileMissing, FileDamaged, ChatUnreachable)

_jitter = SystemRandom()


#: A queue; of those of the staff, with the group whose it is, None: the main one.
_Place = tuple[Queue, int | None]

OnOutcome = Callable[[str, str], None]
"""Called with the kind of a notice and ``sent``, ``put_off``, ``failed`` or ``given_up``."""


def ignore_outcome(_kind: str, _outcome: str) -> None:
    """For a worker whose outcomes are not counted."""


class OutboxWorker:
    """Delivers each notice at least once; notices of one stream are delivered in their order."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        queue_limits: Mapping[Queue, int],
        senders: Mapping[type[Notice], NoticeSender],
        on_outcome: OnOutcome = ignore_outcome,
    ) -> None:
        """``queue_limits``: how many notices of each queue are sent at once, to each staff group.

        Notices without a sender wait: a newer version may have stored them.
        """
        self._database = database
        self._clock = clock
        self._queue_limits = queue_limits
        self._senders = senders
        self._on_outcome = on_outcome
        self._held: dict[asyncio.Task[None], LeasedNotice[Notice]] = {}
        self._woken = asyncio.Event()
        self._owner = uuid4().hex
        self._last_poll = (clock.now(), time.monotonic())
        self._leases_end_after = 0.0
        #: Until when a place whose group is closed pauses, and how often it was tried in vain.
        self._paused: dict[_Place, tuple[datetime, int]] = {}

    def wake(self) -> None:
        """Makes the worker poll at once: there is a new notice."""
        self._woken.set()

    async def run(self) -> None:
        """Delivers until cancelled; what is being sent then has a second to arrive."""
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
        """Tries up to one lease of due notices, once; returns how many there were."""
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
                    held = [leased.id for leased in self._held.values()]
                    await tx.outbox.renew(held, self._clock.now() + _LEASE)
            except Exception as error:  # noqa: BLE001 (at worst something is sent twice)
                log.error("leases were not renewed: %s", type(error).__name__)  # noqa: TRY400

    async def _lease_due(self) -> int:
        """Leases due notices and starts to send those whose queue has room."""
        now = self._clock.now()
        sending = Counter(_get_place(leased) for leased in self._held.values())
        full = {place for place, count in sending.items() if count >= self._queue_limits[place[0]]}
        # A clock that was set back prolongs no pause.
        longest = now + timedelta(seconds=_LONGEST_CLOSED_PAUSE)
        full |= {place for place, (end, _) in self._paused.items() if now < end <= longest}
        kinds = self._list_kinds(set(Queue) - {queue for queue, _ in full - _list_staff(full)})
        busy = [(self._list_kinds({queue}), chat_id) for queue, chat_id in _list_staff(full)]
        if not kinds:
            return 0
        limit = sum(self._queue_limits.values())
        taken: list[LeasedNotice[Notice]] = []
        unreadable: list[UnreadableNotice] = []
        async with self._database.begin() as tx:
            held = [leased.id for leased in self._held.values()]
            for row in await tx.outbox.lease(
                now,
                _LEASE,
                limit,
                self._owner,
                kinds,
                held,
                busy=busy,
                leases_end=self._may_end_leases(now),
            ):
                if isinstance(row, UnreadableNotice):
                    unreadable.append(row)
                    await tx.outbox.mark_dead(row.id, row.reason, now)
                elif sending[_get_place(row)] < self._queue_limits[row.notice.queue]:
                    sending[_get_place(row)] += 1
                    taken.append(row)
                else:
                    # Not postponed: the notices of a queue keep the order in which they came.
                    await tx.outbox.release(row.id)
        for broken in unreadable:
            self._on_outcome(broken.kind, "given_up")
            log.error(
                "notice %d (%s) is given up, its payload does not fit: %s",
                broken.id,
                broken.kind,
                broken.reason,
            )
        for leased in taken:
            task = asyncio.create_task(self._send_and_record(leased))
            self._held[task] = leased
            task.add_done_callback(self._finish_task)
        return len(taken) + len(unreadable)

    def _list_kinds(self, queues: Collection[Queue]) -> list[str]:
        return [one.kind for one in self._senders if one.queue in queues]

    def _may_end_leases(self, now: datetime) -> bool:
        """False for a while after the clock was set: others renew their leases meanwhile."""
        last_now, last_monotonic = self._last_poll
        monotonic = time.monotonic()
        self._last_poll = (now, monotonic)
        jump = (now - last_now).total_seconds() - (monotonic - last_monotonic)
        if abs(jump) > _JUMP_SECONDS:
            self._leases_end_after = monotonic + _LEASE.total_seconds()
        return monotonic >= self._leases_end_after

    def _finish_task(self, task: asyncio.Task[None]) -> None:
        del self._held[task]
        self._woken.set()

    async def _send_and_record(self, leased: LeasedNotice[Notice]) -> None:
        try:
            record = await self._try(leased)
            async with self._database.begin() as tx:
                await record(tx)
        except Exception as error:  # noqa: BLE001 (the lease runs out and the notice comes again)
            log.error(  # noqa: TRY400 (the message may hold what a person typed)
                "the outcome of notice %d was not recorded: %s", leased.id, type(error).__name__
            )

    async def _try(self, leased: LeasedNotice[Notice]) -> Record:
        """Sends the notice and returns what records the outcome."""
        kind = leased.notice.kind
        send = self._senders[type(leased.notice)]
        try:
            async with asyncio.timeout(_TRY_SECONDS):
                record_change = await send(leased)
        except RateLimited as busy:
            self._on_outcome(kind, "put_off")
            later = self._add_seconds(min(busy.seconds, _LONGEST_PAUSE))
            return lambda tx: tx.outbox.postpone(leased.id, later)
        except _FINAL as error:
            self._on_outcome(kind, "given_up")
            reason, now = _describe_error(error), self._clock.now()
            log.error(  # noqa: TRY400 (the message may hold what a person typed)
                "notice %d (%s) is given up: %s", leased.id, kind, _name_error(error)
            )
            if not leased.notice.is_recorded:
                return lambda tx: tx.outbox.remove(leased.id)
            return lambda tx: tx.outbox.mark_dead(leased.id, reason, now)
        except Exception as error:  # noqa: BLE001 (whatever it is, the notice is not lost)
            self._on_outcome(kind, "failed")
            reason = _describe_error(error)
            if isinstance(error, ChatClosed) and leased.notice.queue in STAFF_QUEUES:
                # Its queue pauses, and the notice keeps its turn: all come in order afterwards.
                self._pause(_get_place(leased))
                later = self._clock.now()
            else:
                later = self._add_seconds(_compute_pause(leased.attempts, error))
            _log_failure(leased, error)
            return lambda tx: tx.outbox.retry(leased.id, later, reason)
        self._on_outcome(kind, "sent")
        self._paused.pop(_get_place(leased), None)
        now = self._clock.now()

        async def mark_done(tx: Tx) -> None:
            if record_change is not None:
                await record_change(tx)
            if leased.notice.is_recorded:
                await tx.outbox.mark_done(leased.id, now)
            else:
                await tx.outbox.remove(leased.id)

        return mark_done

    def _pause(self, place: _Place) -> None:
        tries = self._paused[place][1] if place in self._paused else 0
        seconds = min(_FIRST_PAUSE * 2.0 ** min(tries, 20), _LONGEST_CLOSED_PAUSE)
        self._paused[place] = (self._add_seconds(seconds), tries + 1)

    def _add_seconds(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)


def _compute_pause(attempts: int, error: Exception) -> float:
    """Seconds before the next try; ``attempts`` failed before this one."""
    away = isinstance(error, TelegramNetworkError | TelegramServerError | StoreUnavailable)
    longest = _LONGEST_OUTAGE_PAUSE if away else _LONGEST_PAUSE
    return min(_FIRST_PAUSE * 2.0 ** min(attempts, 20), longest) * _jitter.uniform(0.8, 1)


def _get_place(leased: LeasedNotice[Notice]) -> _Place:
    queue = leased.notice.queue
    return queue, leased.staff_chat_id if queue in STAFF_QUEUES else None


def _list_staff(places: Collection[_Place]) -> set[_Place]:
    return {place for place in places if place[0] in STAFF_QUEUES}


def _describe_error(error: Exception) -> str:
    """What is stored of an error: only its class when its message may quote a person."""
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, _SAFE_MESSAGES) else kind


def _name_error(error: Exception) -> str:
    """The class, with the codes of a mail server: they tell a relay's rules from its absence."""
    kind = type(error).__name__
    return f"{kind} {error.smtp_code}".rstrip() if isinstance(error, MailFailed) else kind


def _log_failure(leased: LeasedNotice[Notice], error: Exception) -> None:
    kind = leased.notice.kind
    if isinstance(error, ScannerUnavailable):
        # The outage has its own line, and many files wait for the one scanner.
        return
    if isinstance(error, _OUTAGES):
        log.warning("notice %d (%s) waits: %s", leased.id, kind, _name_error(error))
        return
    log.error(
        "notice %d (%s) failed: %s at\n%s",
        leased.id,
        kind,
        type(error).__name__,
        get_place(error),
    )
