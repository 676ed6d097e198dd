"""Backlog monitor: logs an ERROR once when notices of a kind are not delivered for minutes."""

import logging
from datetime import datetime, timedelta
from functools import partial

from bot.db.database import Database
from bot.notices import ReadingReminder
from bot.notifications.periodic import run_periodically
from bot.services.clock import Clock

log = logging.getLogger(__name__)

_CHECK_SECONDS = 60.0
_LONGEST_WAIT = timedelta(minutes=10)
#: They wait for the end of the quiet hours, and are sent by the thousand.
_SLOW_KINDS = frozenset({ReadingReminder.kind})


class BacklogMonitor:
    """Logs an ERROR when a kind starts to wait too long, and INFO when it is delivered again."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._reported: set[str] = set()

    async def check(self) -> None:
        async with self._database.read() as tx:
            waiting = await tx.outbox.find_oldest()
        stored_before = self._clock.now() - _LONGEST_WAIT
        delayed: dict[str, tuple[int, datetime]] = {
            kind: found
            for kind, found in waiting.items()
            if kind not in _SLOW_KINDS and found[1] < stored_before
        }
        for kind, (count, since) in delayed.items():
            if kind not in self._reported:
                log.error("%d notices (%s) wait, one since %s", count, kind, since.isoformat())
        for kind in self._reported - set(delayed):
            log.info("notices (%s) are delivered again", kind)
        self._reported = set(delayed)


async def run_backlog_monitor(monitor: BacklogMonitor) -> None:
    """Checks every minute, until cancelled."""
    await run_periodically(
        monitor.check, _CHECK_SECONDS, partial(log.warning, "the backlog was not checked: %s")
    )
