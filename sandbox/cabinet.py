"""The bot as the sandbox runs it: ``main.py run`` by a clock that may be set ahead."""

import os
import sys
from datetime import UTC, datetime, timedelta

from bot.app import run

#: Whole hours; an environment variable of the bot's process.
HOURS_AHEAD = "SANDBOX_HOURS_AHEAD"


class ShiftedClock:
    """Goes as fast as any clock, but is ``hours`` ahead of it."""

    def __init__(self, hours: int) -> None:
        self._ahead = timedelta(hours=hours)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


if __name__ == "__main__":
    sys.exit(run(ShiftedClock(int(os.environ.get(HOURS_AHEAD, "0")))))
