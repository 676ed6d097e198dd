"""Cap on letters to unproved addresses: what strangers' mailboxes get from the whole bot."""

import logging
from datetime import timedelta

from bot.db.database import Database
from bot.services.clock import Clock
from bot.services.rate_limits import RateLimit

log = logging.getLogger(__name__)

_KEY = "letters:unproved"


class UnprovedLetterCap:
    """Counts the letters of all chats and processes in one row of the database."""

    def __init__(self, database: Database, clock: Clock, limit: RateLimit) -> None:
        self._database = database
        self._clock = clock
        self._limit = limit

    async def take(self) -> float:
        """Counts one letter and returns 0, or returns how many seconds it has to wait."""
        now = self._clock.now()
        async with self._database.begin() as tx:
            counted = await tx.login_attempts.get(_KEY, now)
            used, ends_at = counted.failures, counted.blocked_until
            if ends_at is None or ends_at <= now:
                used, ends_at = 0, now + timedelta(seconds=self._limit.seconds)
            free = used < self._limit.times
            if free:
                await tx.login_attempts.record(_KEY, used + 1, ends_at, now)
        if free:
            return 0.0
        log.warning("letters to unproved addresses wait, the limit of all chats is reached")
        return (ends_at - now).total_seconds()
