"""Periods of days that people choose: checked, and filled in when no days are given."""

import re
from datetime import date, timedelta

from bot.fsm.model import Rejected

_EXPORT_DAYS = 30
_HISTORY_DAYS = 365


class PeriodInvalid(ValueError):
    """The words name no period."""


def parse_export_period(words: str, today: date) -> tuple[date, date]:
    """The first and last day of an export, both included: ``1.11.2026-30.11.2026``, or one day.

    The last 30 days when ``words`` hold no digits. Raises PeriodInvalid.
    """
    try:
        days = [
            date(int(year), int(month), int(day))
            for day, month, year in re.findall(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", words)
        ]
    except ValueError:
        raise PeriodInvalid(words) from None
    if not days:
        if re.search(r"\d", words):
            raise PeriodInvalid(words)
        return today - timedelta(days=_EXPORT_DAYS), today
    first, last = days[0], days[-1]
    if len(days) > 2 or first > last:
        raise PeriodInvalid(words)
    return first, last


def parse_history_period(first: int, last: int, today: date) -> tuple[date, date]:
    """The days of a meter's history, from proleptic Gregorian ordinals; 0 means not given.

    A year up to today by default; only today when the ordinals are no dates.
    """
    try:
        return (
            date.fromordinal(first) if first else today - timedelta(days=_HISTORY_DAYS),
            date.fromordinal(last) if last else today,
        )
    except (ValueError, OverflowError):
        return today, today


def check_order(first: str, last: str) -> None:
    """Raises Rejected ``period-backwards``; both are ISO dates."""
    if last < first:
        raise Rejected("period-backwards")
