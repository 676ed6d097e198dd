"""Deadlines of requests: when an answer is due, and when staff and consumers are reminded."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain import Request
from bot.request_types import Catalogue
from bot.services.calendar import WorkingCalendar
from bot.services.quiet_hours import FOR_CONSUMERS

#: «Due soon»: so many working days are left.
SOON_DAYS = 2
#: Whoever disagrees is answered anew within at least so many working days.
_SECOND_REVIEW_DAYS = 5

_DAY = timedelta(days=1)
#: How often the staff are reminded of an emergency that is overdue.
_EMERGENCY_PAUSE = timedelta(hours=1)


class ReviewDeadlines:
    def __init__(
        self, catalogue: Catalogue, calendar: WorkingCalendar, timezone: ZoneInfo, hour: int
    ) -> None:
        """``hour``: of the company's day, when the staff are reminded."""
        self._catalogue = catalogue
        self._calendar = calendar
        self._timezone = timezone
        self._hour = hour

    @property
    def timezone(self) -> ZoneInfo:
        return self._timezone

    def get_today(self, now: datetime) -> date:
        return now.astimezone(self._timezone).date()

    def compute_resumed(self, request: Request, now: datetime) -> date:
        """The day of the answer once a stopped clock runs again.

        By the rule of the request's type the rest of the term goes on, or the term starts anew.
        """
        if request.clock_stopped_at is None:
            return request.review_due
        today = self.get_today(now)
        if moment := self.compute_resumed_moment(request, now):
            return self.get_today(moment)
        if self._catalogue.get_clarification_rule(request.type_code).restarts:
            term = self._catalogue.find_term(
                request.type_code, request.account.category, request.raw_answers or {}
            )
            return self._calendar.compute_due(today, term)
        return self._shift(request, self.get_today(request.clock_stopped_at), today)

    def compute_resumed_moment(self, request: Request, now: datetime) -> datetime | None:
        """The moment of the answer to an emergency once its stopped clock runs again."""
        if request.due_at is None or request.clock_stopped_at is None:
            return request.due_at
        return request.due_at + (now - request.clock_stopped_at)

    def compute_answer_by(self, request: Request, now: datetime) -> date | None:
        """The last day for the answer to a clarification that is asked now; None: no limit."""
        rule = self._catalogue.get_clarification_rule(request.type_code)
        if rule.annul_after is None:
            return None
        return self._calendar.find_working_day_after(self.get_today(now), rule.annul_after)

    def compute_answer_reminder(self, request: Request, answer_by: date) -> datetime:
        """When the consumer is reminded of a clarification; without a reminder, when it is over."""
        rule = self._catalogue.get_clarification_rule(request.type_code)
        if rule.remind_before is None:
            return self.compute_answer_end(answer_by)
        day = self._calendar.find_working_day_before(answer_by, rule.remind_before)
        return self._get_morning(day, FOR_CONSUMERS.day_begins)

    def compute_answer_end(self, answer_by: date) -> datetime:
        """When a request whose clarification was not answered is annulled."""
        return self._get_morning(answer_by + _DAY, FOR_CONSUMERS.day_begins)

    def extend_answer(self, answer_by: date, now: datetime) -> date:
        """At least one working day remains after a reminder that is late."""
        return max(answer_by, self._calendar.find_working_day_after(self.get_today(now), 1))

    def is_quiet_for_consumers(self, now: datetime) -> bool:
        return FOR_CONSUMERS.is_quiet(now, self._timezone)

    def compute_reopened(self, request: Request, now: datetime) -> date:
        """The day of the answer to somebody who disagrees: the clock stood while it was closed."""
        today = self.get_today(now)
        least = self._calendar.find_working_day_after(today, _SECOND_REVIEW_DAYS)
        if request.closed_at is None:
            return least
        return max(least, self._shift(request, self.get_today(request.closed_at), today))

    def is_soon(self, due: date, now: datetime, due_at: datetime | None = None) -> bool:
        """Whether the staff are reminded now; ``due_at`` is the moment of an emergency."""
        if due_at is not None:
            return now >= due_at
        return self.get_today(now) >= self._compute_soon(due)

    def compute_reminder(
        self, due: date, now: datetime, due_at: datetime | None = None
    ) -> datetime:
        """When next to remind the staff.

        Before the day, on the morning after it, then each working day; of an emergency at its
        moment ``due_at``, then each hour, at night too.
        """
        if due_at is not None:
            return due_at if now < due_at else now + _EMERGENCY_PAUSE
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

    def _get_morning(self, day: date, hour: int | None = None) -> datetime:
        return datetime.combine(day, time(hour or self._hour), self._timezone)
