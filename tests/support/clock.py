"""A clock that tests set, and the date by the machine's own clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


class FakeClock:
    """Shows the same moment until a test advances it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def advance(self, **time: float) -> None:
        """``time``: arguments of ``timedelta``; negative ones set the clock back."""
        self.moment += timedelta(**time)


def get_today() -> date:
    """The date in Moscow, for bots that run with the machine's clock."""
    return datetime.now(ZoneInfo("Europe/Moscow")).date()
