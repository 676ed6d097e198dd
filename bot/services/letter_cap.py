"""Cap on letters to unproved addresses: what strangers' mailboxes get from the whole bot."""

import logging

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
            ends_at = await tx.login_attempts.count_in_window(
                _KEY, self._limit.times, self._limit.seconds, now
            )
        if ends_at is None:
            return 0.0
        log.warning("letters to unproved addresses wait, the limit of all chats is reached")
        return (ends_at - now).total_seconds()
