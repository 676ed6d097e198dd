"""Quiet hours: the time of the company's day in which no reminders are sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """It is quiet before the hour ``day_begins`` and from the hour ``day_ends`` on."""

    day_begins: int
    day_ends: int

    def find_end(self, now: datetime, timezone: ZoneInfo) -> timedelta:
        """Time until reminders may be sent; zero when they may be sent ``now``."""
        local = now.astimezone(timezone)
        if self.day_begins <= local.hour < self.day_ends:
            return timedelta()
        begin = local.replace(hour=self.day_begins, minute=0, second=0, microsecond=0)
        if begin <= local:
            begin += timedelta(days=1)
        return begin - local

    def is_quiet(self, now: datetime, timezone: ZoneInfo) -> bool:
        return bool(self.find_end(now, timezone))


FOR_CONSUMERS = QuietHours(day_begins=10, day_ends=20)
#: The setting STAFF_DIGEST_HOUR lies within this day.
FOR_STAFF = QuietHours(day_begins=8, day_ends=20)
