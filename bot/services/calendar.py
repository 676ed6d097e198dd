"""Working days of Russia, as the company corrects them."""

from datetime import date, timedelta
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import holidays

from bot.request_types import ReviewTerm

_DAY = timedelta(days=1)


class WorkingCalendar:
    """Weekends, public holidays and the transfers known to ``holidays``, year by year on demand.

    The company's own days win: the government names next year's transfers each autumn, later
    than a release of a library may.
    """

    def __init__(
        self,
        days_off: frozenset[date] = frozenset(),
        working_weekends: frozenset[date] = frozenset(),
    ) -> None:
        self._days_off = days_off
        self._working = working_weekends
        self._public = _load_holidays()()

    def is_working(self, day: date) -> bool:
        if day in self._working:
            return True
        # This membership test also loads the year, without which `is_working_day` would not
        # know its working Saturdays.
        if day in self._days_off or day in self._public:
            return False
        return self._public.is_working_day(day)

    def find_working_day_after(self, day: date, number: int) -> date:
        """The ``number``-th working day after ``day``; ``day`` itself is never counted."""
        while number > 0:
            day += _DAY
            number -= self.is_working(day)
        return day

    def find_working_day_before(self, day: date, number: int) -> date:
        """The ``number``-th working day before ``day``."""
        while number > 0:
            day -= _DAY
            number -= self.is_working(day)
        return day

    def count_working_days(self, after: date, until: date) -> int:
        """How many there are after ``after`` and up to ``until``."""
        days = (until - after).days
        return sum(self.is_working(after + number * _DAY) for number in range(1, days + 1))

    def compute_due(self, day: date, term: ReviewTerm) -> date:
        """The last day of a term that starts on the day after ``day``."""
        if term.working:
            return self.find_working_day_after(day, term.days)
        return day + term.days * _DAY


@cache
def _load_holidays() -> type[holidays.HolidayBase]:
    """What ``holidays`` knows of Russia, without the 200 other countries.

    Asked by its public name it imports them all: a tenth of a second and 7 MB.
    """
    file = Path(holidays.__file__).with_name("countries") / "russia.py"
    spec = spec_from_file_location("russia", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file}: cannot be imported")
    russia = module_from_spec(spec)
    spec.loader.exec_module(russia)
    country: type[holidays.HolidayBase] = russia.Russia
    return country
