"""All requests together, as the staff ask for them; each question has its index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import AccountRow, AnswerRow, MeterRow, RequestRow
from bot.domain import OPEN, RUNNING, Status

#: More requests or accounts of one meter or phone than this are not looked for.
_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """A request as the staff see it in a list."""

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
)


class LedgerRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def by_number(self, number: str) -> list[LedgerLine]:
        return await self._lines(_line().where(RequestRow.number == number))

    async def accounts(self, *, email: str | None = None, phone: str | None = None) -> list[int]:
        """Ids of those with this email, or with this phone."""
        statement = select(AccountRow.id).where(
            AccountRow.email == email if email else AccountRow.phone == phone
        )
        return list((await self._connection.execute(statement.limit(_MOST))).scalars())

    async def holders(self, meter: str) -> list[int]:
        """Ids of the accounts that have the meter of this number."""
        statement = select(MeterRow.account_id).where(MeterRow.number == meter)
        return list((await self._connection.execute(statement.limit(_MOST))).scalars())

    async def of_accounts(self, ids: list[int], *, skip: int, take: int) -> list[LedgerLine]:
        """Newest first."""
        if not ids:
            return []
        mine = RequestRow.account_id == ids[0] if len(ids) == 1 else RequestRow.account_id.in_(ids)
        return await self._newest(mine, skip, take)

    async def naming(self, meter: str, *, skip: int, take: int) -> list[LedgerLine]:
        """Requests that name the meter in an answer, newest first."""
        named = (
            select(AnswerRow.request_id)
            .where(_stated(AnswerRow.key, "meter_number"), AnswerRow.value == meter)
            .limit(_MOST)
        )
        ids = list((await self._connection.execute(named)).scalars())
        return await self._newest(RequestRow.id.in_(ids), skip, take) if ids else []

    async def assigned(self, staff_id: int, *, skip: int, take: int) -> list[LedgerLine]:
        """Open requests that this person took, the most urgent first."""
        statement = _line().where(RequestRow.assignee_id == staff_id, _among(OPEN))
        return await self._lines(_urgent(statement, skip, take))

    async def overdue(self, today: date, *, skip: int, take: int) -> list[LedgerLine]:
        """Requests whose clock runs and whose day has passed, the oldest first."""
        statement = _line().where(RequestRow.review_due < today, _among(RUNNING))
        return await self._lines(_urgent(statement, skip, take))

    async def count_overdue(self, today: date) -> int:
        statement = (
            select(func.count())
            .select_from(RequestRow)
            .where(RequestRow.review_due < today, _among(RUNNING))
        )
        return await self._connection.scalar(statement) or 0

    async def open_by_type(self, registered_after: datetime | None) -> dict[str, int]:
        """How many are open by type, those registered after a moment or all."""
        statement = select(RequestRow.type_code, func.count()).where(_among(OPEN))
        if registered_after is not None:
            statement = statement.where(RequestRow.registered_at > registered_after)
        rows = await self._connection.execute(statement.group_by(RequestRow.type_code))
        return {row.type_code: row[1] for row in rows}

    async def closed_since(
        self, moment: datetime, most: int
    ) -> list[tuple[datetime, datetime, date]]:
        """When the newest were registered and closed, and when they were due."""
        statement = (
            select(RequestRow.registered_at, RequestRow.closed_at, RequestRow.review_due)
            .where(RequestRow.closed_at > moment)
            .order_by(RequestRow.closed_at.desc())
            .limit(most)
        )
        rows = await self._connection.execute(statement)
        return [(since, at, due) for since, at, due in rows if at is not None]

    async def registered(
        self, first: datetime, last: datetime, after: tuple[datetime, int] | None, size: int
    ) -> list[LedgerLine]:
        """A batch of those registered from ``first`` to before ``last``, oldest first."""
        statement = _line().where(
            RequestRow.registered_at < last,
            tuple_(RequestRow.registered_at, RequestRow.id) > tuple_(*(after or (first, 0))),
        )
        order = (RequestRow.registered_at, RequestRow.id)
        return await self._lines(statement.order_by(*order).limit(size))

    async def to_remind(self, now: datetime, limit: int) -> list[int]:
        """Requests of which the staff are to be reminded now; nobody else gets them meanwhile."""
        statement = (
            select(RequestRow.id)
            .where(RequestRow.remind_at <= now)
            .order_by(RequestRow.remind_at, RequestRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list((await self._connection.execute(statement)).scalars())

    async def lines(self, ids: Sequence[int]) -> list[LedgerLine]:
        statement = _line().where(RequestRow.id.in_(ids)).order_by(RequestRow.review_due)
        return await self._lines(statement)

    async def _newest(self, which: ColumnElement[bool], skip: int, take: int) -> list[LedgerLine]:
        statement = _line().where(which).order_by(RequestRow.id.desc())
        return await self._lines(statement.offset(skip).limit(take))

    async def _lines(self, statement: Any) -> list[LedgerLine]:
        names = [column.key for column in _COLUMNS]
        return [
            LedgerLine(**{**dict(zip(names, row, strict=True)), "status": Status(row[3])})
            for row in await self._connection.execute(statement)
        ]


def _line() -> Any:
    return select(*_COLUMNS).join(AccountRow, AccountRow.id == RequestRow.account_id)


def _urgent(statement: Any, skip: int, take: int) -> Any:
    return statement.order_by(RequestRow.review_due, RequestRow.id).offset(skip).limit(take)


def _among(statuses: Sequence[Status]) -> ColumnElement[bool]:
    """Spelled out in the statement: only so does a database see that a partial index serves."""
    words = [status.value for status in statuses]
    return RequestRow.status.in_(bindparam(None, words, expanding=True, literal_execute=True))


def _stated(column: Any, value: str) -> ColumnElement[bool]:
    stated: ColumnElement[bool] = column == literal(value, literal_execute=True)
    return stated
