"""Notices that stand still: a person has to know, once."""

import logging
from datetime import datetime, timedelta
from functools import partial

from bot.db.database import Database
from bot.notifications.periodic import run_periodically
from bot.services.clock import Clock

log = logging.getLogger(__name__)

_WATCH_SECONDS = 60.0
_PATIENCE = timedelta(minutes=10)
#: These wait for a decent hour, and go out by the thousand.
_SLOW = frozenset({"reading_reminder"})


class BacklogMonitor:
    """Says at ERROR that notices of a kind stand still, and nothing more until they go again."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: set[str] = set()

    async def look(self) -> None:
        async with self._database.read() as tx:
            waiting = await tx.outbox.find_oldest()
        long_ago = self._clock.now() - _PATIENCE
        standing: dict[str, tuple[int, datetime]] = {
            kind: found
            for kind, found in waiting.items()
            if kind not in _SLOW and found[1] < long_ago
        }
        for kind, (count, since) in standing.items():
            if kind not in self._known:
                log.error("%d notices (%s) wait, one since %s", count, kind, since.isoformat())
        for kind in self._known - set(standing):
            log.info("notices (%s) go out again", kind)
        self._known = set(standing)


async def run_backlog_monitor(stalls: BacklogMonitor) -> None:
    """Looks every minute, until cancelled."""
    await run_periodically(
        stalls.look, _WATCH_SECONDS, partial(log.warning, "the outbox was not looked at: %s")
    )
