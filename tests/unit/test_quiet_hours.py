"""Quiet hours: when reminders wait, and for how long."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from annotated_types import Ge, Le

from bot.services.quiet_hours import FOR_CONSUMERS, FOR_STAFF, QuietHours
from bot.settings import Settings

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("hour", "minute", "waits"),
    [
        (0, 0, timedelta(hours=10)),
        (9, 59, timedelta(minutes=1)),
        (10, 0, timedelta()),
        (19, 59, timedelta()),
        (20, 0, timedelta(hours=14)),
        (23, 30, timedelta(hours=10, minutes=30)),
    ],
)
def test_the_wait_ends_when_the_day_begins(hour: int, minute: int, waits: timedelta) -> None:
    now = datetime(2026, 11, 24, hour, minute, tzinfo=MOSCOW).astimezone(UTC)
    hours = QuietHours(day_begins=10, day_ends=20)
    assert hours.find_end(now, MOSCOW) == waits
    assert hours.is_quiet(now, MOSCOW) is bool(waits)


def test_each_addressee_has_hours() -> None:
    assert (FOR_CONSUMERS.day_begins, FOR_CONSUMERS.day_ends) == (10, 20)
    assert (FOR_STAFF.day_begins, FOR_STAFF.day_ends) == (8, 20)


def test_the_digest_can_only_be_set_to_an_hour_of_the_day_of_the_staff() -> None:
    bounds = Settings.model_fields["staff_digest_hour"].metadata
    assert Ge(FOR_STAFF.day_begins) in bounds
    assert Le(FOR_STAFF.day_ends - 1) in bounds
