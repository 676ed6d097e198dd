"""Queries of the staff over all requests; each of them uses an index."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import AccountRow, AnswerRow, MeterRow, RequestRow, StaffMemberRow
from bot.db.requests import has_status, to_assignee
from bot.domain import OPEN, RUNNING, AnswerKey, Delay, StaffUser, Status

_ESCALATED_AT_ONCE = 40
_HOUR = timedelta(hours=1)
#: Upper limit for accounts or requests of one meter or phone.
_SEARCH_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """A request in a list for the staff."""

    id: int
    number: str
    type_code: str
    status: Status
    account_id: int
    name: str
    email: str
    phone: str
    registered_at: datetime
    review_due: date
    closed_at: datetime | None
    rating: int | None
    text: str
    due_at: datetime | None = None
    assignee: StaffUser | None = None
    staff_chat_id: int | None = None


class ClosedRequest(NamedTuple):
    """A closed request, for the figures, which are made of thousands."""

    type_code: str
    #: From the registration.
    hours: float
    closed_at: datetime
    review_due: date
    rating: int | None
    assignee_id: int | None


_COLUMNS = (
    RequestRow.id,
    RequestRow.number,
    RequestRow.type_code,
    RequestRow.status,
    RequestRow.account_id,
    AccountRow.name,
    AccountRow.email,
    AccountRow.phone,
    RequestRow.registered_at,
    RequestRow.review_due,
    RequestRow.closed_at,
    RequestRow.rating,
    RequestRow.text,
    RequestRow.due_at,
    RequestRow.staff_chat_id,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFilter:
    """Which open requests are listed; at most one field is given."""

    type_code: str | None = None
    status: Status | None = None
    assignee_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounts:
    """Open requests of a staff group; ``emergencies`` and ``overdue`` are among the others.

    ``new``: they wait for who takes them; ``staff_chat_id`` None: the main group.
    """

    staff_chat_id: int | None = None
    new: int = 0
    emergencies: int = 0
    in_work: int = 0
    clarification: int = 0
    overdue: int = 0


class RequestReportRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find_by_number(self, number: str) -> list[ReportLine]:
        return await self._fetch_lines(_select_lines().where(RequestRow.number == number))

    async def find_accounts(
        self, *, email: str | None = None, phone: str | None = None
    ) -> list[int]:
        """Ids of the accounts with this email, or with this phone and any extension."""
        statement = select(AccountRow.id).where(
            AccountRow.email == email
            if email
            # The extension follows a semicolon; a range uses the index on both databases.
            else or_(
                AccountRow.phone == phone,
                and_(AccountRow.phone > f"{phone};", AccountRow.phone < f"{phone}<"),
            )
        )
        return list((await self._connection.execute(statement.limit(_SEARCH_LIMIT))).scalars())

    async def find_meter_owners(self, meter: str) -> list[int]:
        """Ids of the accounts with a meter of this number."""
        statement = select(MeterRow.account_id).where(MeterRow.number == meter)
        return list((await self._connection.execute(statement.limit(_SEARCH_LIMIT))).scalars())

    async def list_for_accounts(self, ids: list[int], *, skip: int, take: int) -> list[ReportLine]:
        """Newest first."""
        if not ids:
            return []
        mine = RequestRow.account_id == ids[0] if len(ids) == 1 else RequestRow.account_id.in_(ids)
        return await self._list_newest(mine, skip, take)

    async def find_by_meter(self, meter: str, *, skip: int, take: int) -> list[ReportLine]:
        """Requests with the meter's number among their answers, newest first."""
        matching = (
            select(AnswerRow.request_id)
            .where(
                _build_equality(AnswerRow.key, AnswerKey.METER_NUMBER.value),
                AnswerRow.value == meter,
            )
            .limit(_SEARCH_LIMIT)
        )
        ids = list((await self._connection.execute(matching)).scalars())
        return await self._list_newest(RequestRow.id.in_(ids), skip, take) if ids else []

    async def list_newest(self, ids: Sequence[int]) -> list[ReportLine]:
        """These requests, newest first."""
        return await self._list_newest(RequestRow.id.in_(ids), 0, len(ids)) if ids else []

    async def list_assigned(self, staff_id: int, *, skip: int, take: int) -> list[ReportLine]:
        """Open requests assigned to a staff member, the most urgent first."""
        those = (RequestRow.assignee_id == staff_id, has_status(OPEN))
        return await self._list_most_urgent(*those, skip=skip, take=take)

    async def list_new(self, *, skip: int, take: int) -> list[ReportLine]:
        """Requests that wait for who takes them: emergencies first, then the nearest due day."""
        first = (RequestRow.emergency.desc(),)
        index = "ix_requests_open_assignee"
        return await self._list_most_urgent(
            *_IS_NEW, first=first, skip=skip, take=take, index=index
        )

    async def list_open(self, which: OpenFilter, *, skip: int, take: int) -> list[ReportLine]:
        """Open requests, the nearest due day first."""
        those = [has_status(OPEN)]
        index = None if any(astuple(which)) else "ix_requests_open_due"
        if which.type_code is not None:
            those.append(RequestRow.type_code == which.type_code)
        if which.status is not None:
            those.append(RequestRow.status == which.status.value)
        if which.assignee_id is not None:
            those.append(RequestRow.assignee_id == which.assignee_id)
        return await self._list_most_urgent(*those, skip=skip, take=take, index=index)

    async def count_queue(self, today: date, now: datetime) -> list[QueueCounts]:
        """By staff group, where it has open requests."""

        def count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
            return func.sum(case((and_(*conditions), 1), else_=0))

        statement = (
            select(
                RequestRow.staff_chat_id,
                count(*_IS_NEW).label("new"),
                count(*_IS_NEW, RequestRow.emergency.is_(True)).label("emergencies"),
                count(has_status(RUNNING), RequestRow.assignee_id.is_not(None)).label("in_work"),
                count(RequestRow.status == Status.CLARIFICATION.value).label("clarification"),
                count(
                    RequestRow.status != Status.CLARIFICATION.value,
                    or_(RequestRow.review_due < today, RequestRow.due_at < now),
                ).label("overdue"),
            )
            .where(has_status(OPEN))
            .group_by(RequestRow.staff_chat_id)
        )
        rows = await self._connection.execute(_use_index(statement, "ix_requests_open_counts"))
        return [QueueCounts(**row) for row in rows.mappings()]

    async def list_overdue(
        self, today: date, now: datetime, *, skip: int, take: int
    ) -> list[ReportLine]:
        """Requests whose review clock runs and whose due day or moment has passed.

        Emergencies first, then the oldest. No index has both in this order, so as many of each are
        taken as the page may need.
        """
        parts = []
        for place, index, which in (
            (0, "ix_requests_running_emergencies", RequestRow.due_at.is_not(None)),
            (1, "ix_requests_running", RequestRow.due_at.is_(None)),
        ):
            part = (
                select(literal(place).label("place"), RequestRow.review_due, RequestRow.id)
                .where(*_is_overdue(today, now), which)
                .order_by(RequestRow.review_due, RequestRow.id)
                .limit(skip + take)
            )
            parts.append(select(_use_index(part, index).subquery()))
        both = union_all(*parts).subquery()
        order = (both.c.place, both.c.review_due, both.c.id)
        page = select(both).order_by(*order).offset(skip).limit(take).subquery()
        return await self._fetch_page(page, page.c)

    async def count_overdue(self, today: date, now: datetime) -> int:
        statement = select(func.count()).select_from(RequestRow).where(*_is_overdue(today, now))
        return await self._connection.scalar(statement) or 0

    async def count_open_by_type(self, moments: Sequence[datetime]) -> dict[str, list[int]]:
        """Numbers of open requests by type: registered after each of the moments, then all."""
        after = (func.sum(case((RequestRow.registered_at > one, 1), else_=0)) for one in moments)
        statement = (
            select(RequestRow.type_code, *after, func.count())
            .where(has_status(OPEN))
            .group_by(RequestRow.type_code)
        )
        rows = await self._connection.execute(_use_index(statement, "ix_requests_open_type"))
        return {code: list(counts) for code, *counts in rows}

    async def count_open_by_assignee(self) -> dict[int, int]:
        """How many open requests each member has, by their id."""
        statement = (
            select(RequestRow.assignee_id, func.count())
            .where(has_status(OPEN), RequestRow.assignee_id.is_not(None))
            .group_by(RequestRow.assignee_id)
        )
        rows = await self._connection.execute(_use_index(statement, "ix_requests_open_assignee"))
        return {user_id: count for user_id, count in rows if user_id is not None}

    async def count_taken(self, since: datetime) -> dict[tuple[int, str], int]:
        """How many of the requests registered since then each took, by their id and by type."""
        statement = (
            select(RequestRow.assignee_id, RequestRow.type_code, func.count())
            .where(RequestRow.registered_at > since, RequestRow.assignee_id.is_not(None))
            .group_by(RequestRow.assignee_id, RequestRow.type_code)
        )
        rows = await self._connection.execute(statement)
        return {(user_id, code): count for user_id, code, count in rows if user_id is not None}

    async def list_closed_since(self, moment: datetime, most: int) -> list[ClosedRequest]:
        """The newest ``most`` closed requests."""
        statement = (
            select(
                RequestRow.type_code,
                RequestRow.registered_at,
                RequestRow.closed_at,
                RequestRow.review_due,
                RequestRow.rating,
                RequestRow.assignee_id,
            )
            .where(RequestRow.closed_at > moment)
            .order_by(RequestRow.closed_at.desc())
            .limit(most)
        )
        rows = (await self._connection.execute(statement)).all()
        return [
            ClosedRequest(code, (at - since) / _HOUR, at, due, rating, user_id)
            for code, since, at, due, rating, user_id in rows
            if at is not None
        ]

    async def list_registered(
        self, first: datetime, last: datetime, after: tuple[datetime, int] | None, size: int
    ) -> list[ReportLine]:
        """A batch of requests registered in [``first``, ``last``), oldest first.

        ``after`` is registration and id of the last request of the previous batch.
        """
        statement = _select_lines().where(
            RequestRow.registered_at < last,
            tuple_(RequestRow.registered_at, RequestRow.id) > tuple_(*(after or (first, 0))),
        )
        order = (RequestRow.registered_at, RequestRow.id)
        return await self._fetch_lines(statement.order_by(*order).limit(size))

    async def lock_due_reminders(
        self, now: datetime, limit: int, *, emergencies_only: bool = False
    ) -> list[int]:
        """Ids of requests with a reminder due, locked; locked ones of others are skipped."""
        statement = (
            select(RequestRow.id)
            .where(
                RequestRow.remind_at <= now,
                *([RequestRow.due_at.is_not(None)] if emergencies_only else []),
            )
            .order_by(RequestRow.remind_at, RequestRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list((await self._connection.execute(statement)).scalars())

    async def lock_untaken_emergencies(self, registered_before: datetime) -> list[int]:
        """Ids of emergencies that nobody has taken, and of which the heads were not told."""
        statement = select(RequestRow.id).where(
            *_IS_NEW,
            RequestRow.emergency.is_(True),
            RequestRow.registered_at <= registered_before,
            RequestRow.escalated.is_(None),
        )
        ordered = statement.order_by(RequestRow.review_due)
        return await self._lock(_use_index(ordered, "ix_requests_open_assignee"))

    async def lock_long_overdue(self, last_day: date) -> list[int]:
        """Ids of requests due on ``last_day`` or before, of which the heads were not told."""
        statement = select(RequestRow.id).where(
            RequestRow.review_due <= last_day,
            has_status(RUNNING),
            RequestRow.escalated.is_distinct_from(Delay.OVERDUE.value),
        )
        return await self._lock(statement.order_by(RequestRow.review_due, RequestRow.id))

    async def _lock(self, statement: Any) -> list[int]:
        locked = statement.limit(_ESCALATED_AT_ONCE).with_for_update(skip_locked=True)
        return list((await self._connection.execute(locked)).scalars())

    async def get_many(self, ids: Sequence[int]) -> list[ReportLine]:
        statement = (
            _select_lines()
            .where(RequestRow.id.in_(ids))
            # Emergencies first.
            .order_by(RequestRow.due_at.is_(None), RequestRow.due_at, RequestRow.review_due)
        )
        return await self._fetch_lines(statement)

    async def _list_most_urgent(
        self,
        *those: ColumnElement[bool],
        first: Sequence[ColumnElement[Any]] = (),
        skip: int,
        take: int,
        index: str | None = None,
    ) -> list[ReportLine]:
        """The nearest due day first."""
        order = (*first, RequestRow.review_due, RequestRow.id)
        ids = select(RequestRow.id).where(*those).order_by(*order).offset(skip).limit(take)
        page = (_use_index(ids, index) if index else ids).subquery()
        return await self._fetch_page(page, order)

    async def _fetch_page(
        self, page: Subquery, order: Iterable[SQLColumnExpression[Any]]
    ) -> list[ReportLine]:
        """The requests whose ids are in ``page``: only these are joined with other tables."""
        statement = _select_lines().join(page, page.c.id == RequestRow.id)
        return await self._fetch_lines(statement.order_by(*order))

    async def _list_newest(
        self, which: ColumnElement[bool], skip: int, take: int
    ) -> list[ReportLine]:
        statement = _select_lines().where(which).order_by(RequestRow.id.desc())
        return await self._fetch_lines(statement.offset(skip).limit(take))

    async def _fetch_lines(self, statement: Any) -> list[ReportLine]:
        names = [column.key for column in _COLUMNS]
        return [
            ReportLine(
                **{
                    **dict(zip(names, row[:-2], strict=True)),
                    "status": Status(row.status),
                    "assignee": to_assignee(*row[-2:]),
                }
            )
            for row in await self._connection.execute(statement)
        ]


#: Nobody has taken them, or who had gave them back. The first is the condition of the index.
_IS_NEW = (has_status(OPEN), has_status(RUNNING), RequestRow.assignee_id.is_(None))


def _is_overdue(today: date, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The clock runs, and the day of the answer, or the moment of an emergency, has passed."""
    return (
        # The first comparison is the one that an index serves.
        RequestRow.review_due <= today,
        or_(RequestRow.review_due < today, RequestRow.due_at < now),
        has_status(RUNNING),
    )


def _select_lines() -> Any:
    return (
        select(*_COLUMNS, RequestRow.assignee_id, StaffMemberRow.name.label("assignee_name"))
        .join(AccountRow, AccountRow.id == RequestRow.account_id)
        .outerjoin(StaffMemberRow, StaffMemberRow.user_id == RequestRow.assignee_id)
    )


def _use_index(statement: Any, index: str) -> Any:
    """On SQLite, which has no statistics here and takes the index that begins with the status."""
    return statement.with_hint(RequestRow.__table__, f"INDEXED BY {index}", "sqlite")


def _build_equality(column: Any, value: str) -> ColumnElement[bool]:
    stated: ColumnElement[bool] = column == literal(value, literal_execute=True)
    return stated
