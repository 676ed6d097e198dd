"""Escalations: the heads of the staff are told of requests that wait for too long."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from bot.db.database import Database
from bot.db.request_reports import ReportLine
from bot.domain import RUNNING, Delay
from bot.services import quiet_hours, recipients
from bot.services.clock import Clock
from bot.services.deadlines import ReviewDeadlines

#: In ``remembered_values``: the Monday of the last weekly picture.
_WEEK = "weekly_picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPolicy:
    """Whom the heads are, and after which delay they are told.

    ``chat_ids`` are Telegram ids; ``overdue_after``: the last day of the answer;
    ``untaken_after``: the registration of an emergency.
    """

    chat_ids: frozenset[int]
    emails: tuple[str, ...]
    overdue_after: timedelta
    untaken_after: timedelta


class Escalations:
    def __init__(
        self,
        database: Database,
        deadlines: ReviewDeadlines,
        clock: Clock,
        policy: EscalationPolicy,
    ) -> None:
        self._database = database
        self._deadlines = deadlines
        self._clock = clock
        self.policy = policy

    async def put_escalations(self) -> None:
        """Stores notices about what has waited for too long, once for each request and delay.

        What is overdue waits for the end of the quiet hours, an emergency does not.
        """
        if not self.policy.chat_ids and not self.policy.emails:
            return
        now = self._clock.now()
        today = self._deadlines.get_today(now)
        async with self._database.begin() as tx:
            untaken = await tx.request_reports.lock_untaken_emergencies(
                now - self.policy.untaken_after
            )
            overdue: list[int] = []
            if not quiet_hours.FOR_STAFF.is_quiet(now, self._deadlines.timezone):
                overdue = await tx.request_reports.lock_long_overdue(
                    today - self.policy.overdue_after
                )
            for delay, ids in ((Delay.UNTAKEN, untaken), (Delay.OVERDUE, overdue)):
                for request_id in ids:
                    await tx.requests.change(request_id, escalated=delay.value)
                if ids:
                    await recipients.tell_heads(
                        tx, ids, delay, self.policy.chat_ids, len(self.policy.emails), now
                    )

    async def put_weekly_pictures(self) -> None:
        """Stores the notices of the weekly picture, on Monday after the quiet hours."""
        now = self._clock.now()
        today = self._deadlines.get_today(now)
        if not self.policy.chat_ids or quiet_hours.FOR_STAFF.is_quiet(
            now, self._deadlines.timezone
        ):
            return
        monday = today - timedelta(days=today.weekday())
        async with self._database.read() as tx:
            if await tx.values.get(_WEEK) == monday.isoformat():
                return
        async with self._database.begin() as tx:
            await tx.values.set(_WEEK, monday.isoformat())
            await recipients.send_weekly_pictures(tx, self.policy.chat_ids, monday, now)

    async def list_delayed(self, ids: Collection[int], delay: Delay) -> list[ReportLine]:
        """Those of the requests that still wait."""
        async with self._database.read() as tx:
            lines = await tx.request_reports.get_many(list(ids))
        return [
            one
            for one in lines
            if one.status in RUNNING and (delay is Delay.OVERDUE or one.assignee is None)
        ]
