"""Review deadlines: when an answer is due, and when the staff are reminded of it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain import Request
from bot.services.calendar import WorkingCalendar

#: «Due soon»: so many working days are left.
SOON_DAYS = 2
#: Whoever disagrees is answered anew within at least so many working days.
_SECOND_REVIEW_DAYS = 5

_DAY = timedelta(days=1)


class ReviewDeadlines:
    def __init__(self, calendar: WorkingCalendar, timezone: ZoneInfo, hour: int) -> None:
        """``hour``: of the company's day, when the staff are told what waits."""
        self._calendar = calendar
        self._timezone = timezone
        self._hour = hour

    def get_today(self, now: datetime) -> date:
        return now.astimezone(self._timezone).date()

    def compute_resumed(self, request: Request, now: datetime) -> date:
        """The day of the answer once a stopped clock runs again: what was left then is left now."""
        if request.clock_stopped_at is None:
            return request.review_due
        return self._shift(request, self.get_today(request.clock_stopped_at), self.get_today(now))

    def compute_reopened(self, request: Request, now: datetime) -> date:
        """The day of the answer to somebody who disagrees: the clock stood while it was closed."""
        today = self.get_today(now)
        least = self._calendar.find_working_day_after(today, _SECOND_REVIEW_DAYS)
        if request.closed_at is None:
            return least
        return max(least, self._shift(request, self.get_today(request.closed_at), today))

    def is_soon(self, due: date, now: datetime) -> bool:
        return self.get_today(now) >= self._compute_soon(due)

    def compute_reminder(self, due: date, now: datetime) -> datetime:
        """When next to remind: before the day, on the morning after it, then each working day."""
        for moment in (self._get_morning(self._compute_soon(due)), self._get_morning(due + _DAY)):
            if now < moment:
                return moment
        return self._get_morning(self._calendar.find_working_day_after(self.get_today(now), 1))

    def _shift(self, request: Request, stopped: date, today: date) -> date:
        due = request.review_due
        if stopped > due or not request.term_is_working:
            return due + (today - stopped)
        return self._calendar.find_working_day_after(
            today, self._calendar.count_working_days(stopped, due)
        )

    def _compute_soon(self, due: date) -> date:
        return self._calendar.find_working_day_before(due, SOON_DAYS)

    def _get_morning(self, day: date) -> datetime:
        return datetime.combine(day, time(self._hour), self._timezone)
