"""On which days meters are read, until when readings are sent, and for which month they count."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import Category, ObjectKind, get_default_object
from bot.services.reading_windows import DEFAULT_WINDOWS, ReadingWindow
from bot.services.readings import ReadingRules

DWELLING, OTHER = (DEFAULT_WINDOWS[kind] for kind in ObjectKind)
#: The whole month, its end, the begin of the next one, and a long time for sending.
WINDOWS = (
    DWELLING,
    OTHER,
    ReadingWindow(first=1, last=31, due=31),
    ReadingWindow(first=31, last=31, due=31),
    ReadingWindow(first=25, last=32, due=34),
    ReadingWindow(first=32, last=35, due=51),
)


@pytest.mark.parametrize(
    ("day", "window", "month"),
    [
        (date(2026, 11, 23), DWELLING, date(2026, 11, 1)),
        (date(2026, 11, 26), DWELLING, date(2026, 11, 1)),
        (date(2026, 11, 27), DWELLING, date(2026, 12, 1)),
        (date(2026, 12, 1), DWELLING, date(2026, 12, 1)),
        (date(2026, 12, 31), DWELLING, date(2027, 1, 1)),
        (date(2026, 11, 30), OTHER, date(2026, 11, 1)),
        (date(2026, 12, 1), OTHER, date(2026, 11, 1)),
        (date(2026, 12, 2), OTHER, date(2026, 12, 1)),
        (date(2027, 1, 1), OTHER, date(2026, 12, 1)),
        (date(2028, 2, 29), OTHER, date(2028, 2, 1)),
        (date(2028, 3, 1), OTHER, date(2028, 2, 1)),
        (date(2028, 2, 29), WINDOWS[2], date(2028, 2, 1)),
        (date(2027, 2, 28), WINDOWS[3], date(2027, 2, 1)),
        (date(2027, 3, 3), WINDOWS[4], date(2027, 2, 1)),
        (date(2027, 3, 4), WINDOWS[4], date(2027, 3, 1)),
        (date(2027, 3, 20), WINDOWS[5], date(2027, 2, 1)),
    ],
)
def test_the_month_that_a_reading_counts_for(day: date, window: ReadingWindow, month: date) -> None:
    assert window.find_month(day) == month


@settings(deadline=None)
@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), window=st.sampled_from(WINDOWS))
def test_each_day_counts_for_one_month_and_months_follow_each_other(
    day: date, window: ReadingWindow
) -> None:
    month = window.find_month(day)
    assert month.day == 1
    assert window.find_beginning(month) <= day <= window.find_due(month)
    assert window.find_beginning(month) <= window.find_first(month)
    assert window.find_first(month) <= window.find_last(month) <= window.find_due(month)
    tomorrow = window.find_month(day + timedelta(days=1))
    assert (tomorrow == month) is (day < window.find_due(month))
    assert timedelta(0) <= tomorrow - month <= timedelta(days=31)


@pytest.mark.parametrize(
    ("window", "month", "days"),
    [
        (DWELLING, date(2026, 11, 1), ("23.11", "25.11", "26.11")),
        (OTHER, date(2026, 12, 1), ("01.01", "01.01", "01.01")),
        (WINDOWS[2], date(2028, 2, 1), ("01.02", "29.02", "29.02")),
        (WINDOWS[3], date(2027, 2, 1), ("28.02", "28.02", "28.02")),
        (WINDOWS[5], date(2027, 1, 1), ("01.02", "04.02", "20.02")),
    ],
)
def test_the_days_of_a_window(
    window: ReadingWindow, month: date, days: tuple[str, str, str]
) -> None:
    found = (window.find_first(month), window.find_last(month), window.find_due(month))
    assert tuple(f"{day:%d.%m}" for day in found) == days


@pytest.mark.parametrize(
    ("day", "window", "previous", "late"),
    [
        # A new meter owes the month that is not over.
        (date(2026, 11, 26), DWELLING, None, False),
        (date(2026, 11, 27), DWELLING, None, True),
        (date(2026, 11, 30), DWELLING, None, True),
        (date(2026, 12, 1), DWELLING, None, False),
        (date(2026, 12, 2), OTHER, None, False),
        # A known one, each month.
        (date(2026, 11, 27), DWELLING, date(2026, 10, 25), True),
        (date(2026, 12, 22), DWELLING, date(2026, 10, 25), True),
        (date(2026, 12, 23), DWELLING, date(2026, 10, 25), False),
        (date(2026, 11, 27), DWELLING, date(2026, 11, 24), False),
        (date(2026, 11, 27), DWELLING, date(2026, 10, 28), False),
        (date(2026, 12, 1), OTHER, date(2026, 11, 1), False),
        (date(2026, 12, 2), OTHER, date(2026, 11, 1), True),
        (date(2026, 12, 2), OTHER, date(2026, 12, 1), False),
        (date(2027, 1, 2), OTHER, date(2026, 12, 1), True),
    ],
)
def test_when_a_reading_is_late(
    day: date, window: ReadingWindow, previous: date | None, late: bool
) -> None:
    assert window.is_late(day, previous) is late


@pytest.mark.parametrize(
    ("day", "kind", "month"),
    [
        (date(2026, 11, 22), ObjectKind.DWELLING, None),
        (date(2026, 11, 23), ObjectKind.DWELLING, date(2026, 11, 1)),
        (date(2026, 11, 26), ObjectKind.DWELLING, date(2026, 11, 1)),
        (date(2026, 11, 27), ObjectKind.DWELLING, None),
        (date(2026, 11, 27), ObjectKind.OTHER, None),
        (date(2026, 11, 28), ObjectKind.OTHER, date(2026, 11, 1)),
        (date(2026, 12, 1), ObjectKind.OTHER, date(2026, 11, 1)),
        (date(2026, 12, 2), ObjectKind.OTHER, None),
        (date(2028, 2, 27), ObjectKind.OTHER, date(2028, 2, 1)),
        (date(2027, 1, 1), ObjectKind.OTHER, date(2026, 12, 1)),
    ],
)
def test_the_days_of_reminders(day: date, kind: ObjectKind, month: date | None) -> None:
    assert ReadingRules().find_reminded_month(day, kind) == month


def test_midnight_is_that_of_the_company() -> None:
    moment = datetime(2026, 12, 1, 20, 30, tzinfo=UTC)
    in_moscow = moment.astimezone(ZoneInfo("Europe/Moscow")).date()
    in_vladivostok = moment.astimezone(ZoneInfo("Asia/Vladivostok")).date()
    assert OTHER.find_month(in_moscow) == date(2026, 11, 1)
    assert OTHER.find_month(in_vladivostok) == date(2026, 12, 1)


def test_who_has_a_dwelling_until_he_says_otherwise() -> None:
    assert get_default_object(Category.INDIVIDUAL) is ObjectKind.DWELLING
    assert get_default_object(Category.LEGAL) is ObjectKind.OTHER
