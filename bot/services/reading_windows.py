"""Windows of readings: on which days meters are read and sent, and for which month they count."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from bot.domain import ObjectKind

#: Days of a window above this number are those of the next month: 32 is its 1st.
_LAST_OF_MONTH = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingWindow:
    """A month's readings are taken from day ``first`` to ``last`` and sent by ``due``.

    32 is the 1st day of the next month. A month that is too short has its last day instead. A
    window closes before the next one opens; the settings check that.
    """

    first: int
    last: int
    due: int

    def find_month(self, day: date) -> date:
        """The month, by its first day, for which a reading of ``day`` counts.

        It is the first one whose readings may still be sent.
        """
        month = _shift(day.replace(day=1), -1)
        while day > self.find_due(month):
            month = _shift(month, 1)
        return month

    def find_first(self, month: date) -> date:
        return _find_day(month, self.first)

    def find_last(self, month: date) -> date:
        return _find_day(month, self.last)

    def find_due(self, month: date) -> date:
        return _find_day(month, self.due)

    def find_beginning(self, month: date) -> date:
        """The first of the days whose readings count for ``month``."""
        return self.find_due(_shift(month, -1)) + timedelta(days=1)

    def is_late(self, day: date, previous: date | None) -> bool:
        """Whether a reading comes after the end of a month that has none.

        ``previous`` is the day of the reading before. Without one only the month that is not over
        yet can have been missed: a new meter owes nothing for earlier ones.
        """
        month = self.find_month(day)
        if day >= self.find_first(month):
            return False
        missed = _shift(month, -1)
        if previous is None:
            return day < _shift(missed, 1)
        return previous < self.find_beginning(missed)


#: 442 п. 157 and 159.
DEFAULT_WINDOWS: Mapping[ObjectKind, ReadingWindow] = MappingProxyType(
    {
        ObjectKind.DWELLING: ReadingWindow(first=23, last=25, due=26),
        ObjectKind.OTHER: ReadingWindow(first=32, last=32, due=32),
    }
)


def _find_day(month: date, number: int) -> date:
    if number > _LAST_OF_MONTH:
        return _shift(month, 1) + timedelta(days=number - _LAST_OF_MONTH - 1)
    return month.replace(day=min(number, monthrange(month.year, month.month)[1]))


def _shift(month: date, by: int) -> date:
    """The first day of the month that is ``by`` months later."""
    months = month.year * 12 + month.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)
