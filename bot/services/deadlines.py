"""The review clock: when an answer is due, and when the staff are reminded of it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain import Request
from bot.services.calendar import WorkingCalendar

#: «Due soon»: so many working days are left.
SOON_DAYS = 2
#: Whoever disagrees is answered anew within at least so many working days.
_SECOND_REVIEW_DAYS = 5

_DAY = timedelta(days=1)


class Terms:
    def __init__(self, calendar: WorkingCalendar, timezone: ZoneInfo, hour: int) -> None:
        """``hour``: of the company's day, when the staff are told what waits."""
        self._calendar = calendar
        self._timezone = timezone
        self._hour = hour

    def today(self, now: datetime) -> date:
        return now.astimezone(self._timezone).date()

    def resumed(self, request: Request, now: datetime) -> date:
        """The day of the answer once a stopped clock runs again: what was left then is left now."""
        if request.clock_stopped_at is None:
            return request.review_due
        return self._shifted(request, self.today(request.clock_stopped_at), self.today(now))

    def reopened(self, request: Request, now: datetime) -> date:
        """The day of the answer to somebody who disagrees: the clock stood while it was closed."""
        today = self.today(now)
        least = self._calendar.working_day_after(today, _SECOND_REVIEW_DAYS)
        if request.closed_at is None:
            return least
        return max(least, self._shifted(request, self.today(request.closed_at), today))

    def is_soon(self, due: date, now: datetime) -> bool:
        return self.today(now) >= self._soon(due)

    def reminder(self, due: date, now: datetime) -> datetime:
        """When next to remind: before the day, on the morning after it, then each working day."""
        for moment in (self._morning(self._soon(due)), self._morning(due + _DAY)):
            if now < moment:
                return moment
        return self._morning(self._calendar.working_day_after(self.today(now), 1))

    def working_days_left(self, due: date, now: datetime) -> int:
        """How many there are after today up to ``due``; 0 on the day itself."""
        return self._calendar.working_days(self.today(now), due)

    def _shifted(self, request: Request, stopped: date, today: date) -> date:
        due = request.review_due
        if stopped > due or not request.term_is_working:
            return due + (today - stopped)
        return self._calendar.working_day_after(today, self._calendar.working_days(stopped, due))

    def _soon(self, due: date) -> date:
        return self._calendar.working_day_before(due, SOON_DAYS)

    def _morning(self, day: date) -> datetime:
        return datetime.combine(day, time(self._hour), self._timezone)
