"""The bot's process in the sandbox: ``main.py run`` with a clock that may be set ahead."""

import os
import sys
from datetime import UTC, datetime, timedelta

from bot.app import run

#: The environment variable with the offset of the clock, in whole hours.
HOURS_AHEAD = "SANDBOX_HOURS_AHEAD"


class ShiftedClock:
    """Shows the machine's time plus ``hours``."""

    def __init__(self, hours: int) -> None:
        self._ahead = timedelta(hours=hours)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


if __name__ == "__main__":
    sys.exit(run(ShiftedClock(int(os.environ.get(HOURS_AHEAD, "0")))))
