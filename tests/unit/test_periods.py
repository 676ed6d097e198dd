"""Periods of days that people choose."""

from datetime import date, timedelta

import pytest

from bot.fsm.model import Rejected
from bot.services.periods import (
    PeriodInvalid,
    check_order,
    parse_export_period,
    parse_history_period,
)

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("", date(2026, 10, 25), TODAY),
        ("readings", date(2026, 10, 25), TODAY),
        ("1.11.2026", date(2026, 11, 1), date(2026, 11, 1)),
        ("показания 01.11.2026-30.11.2026", date(2026, 11, 1), date(2026, 11, 30)),
    ],
)
def test_export_periods(words: str, first: date, last: date) -> None:
    assert parse_export_period(words, TODAY) == (first, last)


@pytest.mark.parametrize(
    "words", ["2026", "31.02.2026", "2.11.2026-1.11.2026", "1.11.2026 2.11.2026 3.11.2026"]
)
def test_export_periods_that_are_none(words: str) -> None:
    with pytest.raises(PeriodInvalid):
        parse_export_period(words, TODAY)


def test_history_periods() -> None:
    first, last = date(2026, 1, 2), date(2026, 3, 4)
    assert parse_history_period(first.toordinal(), last.toordinal(), TODAY) == (first, last)
    assert parse_history_period(0, 0, TODAY) == (TODAY - timedelta(days=365), TODAY)
    assert parse_history_period(10**12, 0, TODAY) == (TODAY, TODAY)
    assert parse_history_period(-1, 0, TODAY) == (TODAY, TODAY)


def test_a_period_does_not_end_before_it_begins() -> None:
    check_order("2026-11-24", "2026-11-24")
    with pytest.raises(Rejected, match="period-backwards"):
        check_order("2026-11-25", "2026-11-24")
