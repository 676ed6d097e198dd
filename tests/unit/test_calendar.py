import subprocess
import sys
from datetime import date

import pytest

from bot.request_types import ReviewTerm
from bot.services.calendar import WorkingCalendar


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 24), True),
        (date(2026, 11, 28), False),  # Saturday
        (date(2026, 11, 4), False),  # Unity Day
        (date(2026, 1, 9), False),  # transferred from 3 January
        (date(2026, 3, 9), False),  # for 8 March, a Sunday
        (date(2026, 12, 31), False),  # transferred from 4 January
        (date(2025, 11, 1), True),  # a working Saturday
    ],
)
def test_days_as_the_government_named_them(day: date, working: bool) -> None:
    # A new calendar for each: a year must be known without another day of it asked before.
    assert WorkingCalendar().is_working(day) is working


def test_other_countries_stay_on_disk() -> None:
    """They would hold 7 MB. Asked in a process of its own, as a test may have loaded them here."""
    program = (
        "import sys; from bot.services.calendar import WorkingCalendar; WorkingCalendar();"
        "sys.exit(any(name.startswith('holidays.countries') for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_the_company_has_the_last_word() -> None:
    calendar = WorkingCalendar(
        days_off=frozenset({date(2026, 11, 24)}),
        working_weekends=frozenset({date(2026, 11, 28), date(2026, 11, 4)}),
    )
    assert not calendar.is_working(date(2026, 11, 24))
    assert calendar.is_working(date(2026, 11, 28))
    assert calendar.is_working(date(2026, 11, 4))


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        (date(2026, 11, 24), 1, date(2026, 11, 25)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 11, 28), 1, date(2026, 11, 30)),
        (date(2026, 11, 24), 10, date(2026, 12, 8)),
        (date(2026, 12, 30), 1, date(2027, 1, 11)),  # over the New Year holidays
        (date(2026, 11, 24), 0, date(2026, 11, 24)),
    ],
)
def test_working_days_are_counted_from_the_day_after(
    day: date, number: int, expected: date
) -> None:
    assert WorkingCalendar().find_working_day_after(day, number) == expected


def test_terms() -> None:
    calendar = WorkingCalendar()
    registered = date(2026, 12, 25)
    assert calendar.compute_due(registered, ReviewTerm(days=30, working=False)) == date(2027, 1, 24)
    assert calendar.compute_due(registered, ReviewTerm(days=10, working=True)) == date(2027, 1, 19)


def test_extra_days_off_prolong_a_working_term_only() -> None:
    calendar = WorkingCalendar(days_off=frozenset({date(2026, 11, 25)}))
    day = date(2026, 11, 24)
    assert calendar.compute_due(day, ReviewTerm(days=1, working=True)) == date(2026, 11, 26)
    assert calendar.compute_due(day, ReviewTerm(days=1, working=False)) == date(2026, 11, 25)
