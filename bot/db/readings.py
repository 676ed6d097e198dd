"""Meters, their readings, and how an account wants to see them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.accounts import ACCOUNT_COLUMNS, is_logged_in, to_account
from bot.db.models import AccountRow, ChatRow, MeterRow, ReadingPreferencesRow, ReadingRow
from bot.db.upsert import build_insert
from bot.domain import (
    Layout,
    Meter,
    MeterKind,
    MeterReading,
    ObjectKind,
    Page,
    Reading,
    ReadingMark,
    ReadingPreferences,
    ReadingSource,
)

_METER_COLUMNS = (
    MeterRow.id.label("owner_id"),
    MeterRow.account_id,
    MeterRow.number,
    MeterRow.kind.label("meter_kind"),
    MeterRow.place,
    MeterRow.digits,
    MeterRow.object,
    MeterRow.ratio.label("meter_ratio"),
    MeterRow.hidden,
)
_READING_COLUMNS = (
    ReadingRow.id.label("reading_id"),
    ReadingRow.meter_id,
    ReadingRow.day,
    ReadingRow.submitted_at,
    ReadingRow.kind.label("reading_kind"),
    ReadingRow.values,
    ReadingRow.used,
    ReadingRow.source,
    ReadingRow.marks,
    ReadingRow.ratio.label("reading_ratio"),
)
_FIRST_ID, _LAST_ID = 0, 2**63 - 1


class EnergyUse(NamedTuple):
    """The kWh by tariff zone between a reading and the one before it; empty for a first one."""

    day: date
    reading_id: int
    by_zone: dict[str, Decimal]


class ReadingRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    # --- meters --------------------------------------------------------------------------------

    async def list_meters(self, account_id: int) -> tuple[Meter, ...]:
        """The account's meters, hidden ones included, the oldest first."""
        statement = (
            select(*_METER_COLUMNS).where(MeterRow.account_id == account_id).order_by(MeterRow.id)
        )
        return tuple(_to_meter(row) for row in await self._connection.execute(statement))

    async def find_meter(self, account_id: int, number: str) -> Meter | None:
        return await self._fetch_meter(MeterRow.number == number, MeterRow.account_id == account_id)

    async def get_meter(self, account_id: int, meter_id: int) -> Meter | None:
        """None when there is no such meter, or when it is another account's."""
        return await self._fetch_meter(MeterRow.id == meter_id, MeterRow.account_id == account_id)

    async def lock_meter(
        self, account_id: int, number: str, kind: MeterKind, stands_in: ObjectKind
    ) -> Meter:
        """Returns the meter, locked until the transaction ends; adds it when it is new."""
        await self._connection.execute(
            build_insert(self._connection, MeterRow)
            .values(
                account_id=account_id,
                number=number,
                kind=kind.value,
                place="",
                object=stands_in.value,
            )
            .on_conflict_do_nothing(index_elements=[MeterRow.account_id, MeterRow.number])
        )
        statement = (
            select(*_METER_COLUMNS)
            .where(MeterRow.account_id == account_id, MeterRow.number == number)
            .with_for_update()
        )
        return _to_meter((await self._connection.execute(statement)).one())

    async def save_meter(self, meter: Meter) -> None:
        """Stores all but the number of a meter, which is locked."""
        await self._connection.execute(
            update(MeterRow)
            .where(MeterRow.id == meter.id)
            .values(
                kind=meter.kind.value,
                place=meter.place,
                digits=meter.digits,
                object=meter.object.value,
                ratio=meter.ratio,
                hidden=meter.hidden,
            )
        )

    # --- preferences ---------------------------------------------------------------------------

    async def get_preferences(self, account_id: int) -> ReadingPreferences:
        statement = select(ReadingPreferencesRow.layout, ReadingPreferencesRow.reminders).where(
            ReadingPreferencesRow.account_id == account_id
        )
        row = (await self._connection.execute(statement)).one_or_none()
        if row is None:
            return ReadingPreferences()
        return ReadingPreferences(layout=Layout(row.layout), reminders=row.reminders)

    async def set_preferences(self, account_id: int, preferences: ReadingPreferences) -> None:
        chosen = {"layout": preferences.layout.value, "reminders": preferences.reminders}
        await self._connection.execute(
            build_insert(self._connection, ReadingPreferencesRow)
            .values(account_id=account_id, **chosen)
            .on_conflict_do_update(index_elements=[ReadingPreferencesRow.account_id], set_=chosen)
        )

    # --- readings ------------------------------------------------------------------------------

    async def add(
        self,
        *,
        meter_id: int,
        draft_id: str,
        day: date,
        submitted_at: datetime,
        kind: MeterKind,
        values: Sequence[Decimal],
        used: Sequence[Decimal] | None,
        source: ReadingSource,
        marks: Collection[ReadingMark],
        ratio: int = 1,
    ) -> int:
        """Adds a reading that replaces the day's earlier one, and returns its id.

        ``values`` and ``used`` are kWh in the order of ``kind.zones``. Raises StatementError for
        more than three decimals.
        """
        await self._connection.execute(
            update(ReadingRow)
            .where(ReadingRow.meter_id == meter_id, ReadingRow.day == day, ReadingRow.current)
            .values(current=False)
        )
        statement = (
            build_insert(self._connection, ReadingRow)
            .values(
                meter_id=meter_id,
                draft_id=draft_id,
                day=day,
                submitted_at=submitted_at,
                kind=kind.value,
                values=values,
                used=used,
                source=source.value,
                marks=" ".join(sorted(marks)),
                current=True,
                ratio=ratio,
            )
            .returning(ReadingRow.id)
        )
        reading_id: int = (await self._connection.execute(statement)).scalar_one()
        return reading_id

    async def set_marks(self, reading_id: int, marks: Collection[ReadingMark]) -> None:
        await self._connection.execute(
            update(ReadingRow)
            .where(ReadingRow.id == reading_id)
            .values(marks=" ".join(sorted(marks)))
        )

    async def get(self, reading_id: int) -> MeterReading | None:
        return await self._fetch_reading(_select_readings().where(ReadingRow.id == reading_id))

    async def get_by_draft(self, draft_id: str) -> MeterReading | None:
        return await self._fetch_reading(_select_readings().where(ReadingRow.draft_id == draft_id))

    async def count_by_drafts(self, account_id: int, draft_ids: Collection[str]) -> int:
        """How many readings of the account were submitted from these drafts."""
        statement = (
            select(func.count())
            .select_from(ReadingRow)
            .join(MeterRow, MeterRow.id == ReadingRow.meter_id)
            .where(MeterRow.account_id == account_id, ReadingRow.draft_id.in_(draft_ids))
        )
        return await self._connection.scalar(statement) or 0

    async def count_uploaded_since(
        self, account_id: int, since: datetime
    ) -> tuple[int, datetime | None]:
        """How many readings of files the account sent after ``since``, and when the first."""
        statement = (
            select(func.count(), func.min(ReadingRow.submitted_at))
            .join(MeterRow, MeterRow.id == ReadingRow.meter_id)
            .where(
                MeterRow.account_id == account_id,
                # The index has days; a day begins earlier in one time zone than in another.
                ReadingRow.day >= since.date() - timedelta(days=1),
                ReadingRow.submitted_at > since,
                ReadingRow.source == ReadingSource.FILE.value,
            )
        )
        count, first = (await self._connection.execute(statement)).one()
        return count, first

    async def find_replaced(self, meter_id: int, day: date, before_id: int) -> Reading | None:
        """The last reading of a day before the one with this id."""
        statement = (
            select(*_READING_COLUMNS, ReadingRow.current)
            .where(
                ReadingRow.meter_id == meter_id, ReadingRow.day == day, ReadingRow.id < before_id
            )
            .order_by(ReadingRow.id.desc())
            .limit(1)
        )
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else _to_reading(row)

    async def list_latest(self, meter_id: int, *, until: date, limit: int) -> tuple[Reading, ...]:
        """Readings in force up to and including a day, newest first."""
        statement = (
            select(*_READING_COLUMNS, ReadingRow.current)
            .where(ReadingRow.meter_id == meter_id, ReadingRow.day <= until, ReadingRow.current)
            .order_by(ReadingRow.day.desc(), ReadingRow.id.desc())
            .limit(limit)
        )
        return tuple(_to_reading(row) for row in await self._connection.execute(statement))

    async def list_latest_of_meters(
        self, account_id: int, *, until: date, limit: int
    ) -> dict[int, tuple[Reading, ...]]:
        """As ``list_latest``, of each of the account's meters by its id."""
        place = func.row_number().over(
            partition_by=ReadingRow.meter_id,
            order_by=(ReadingRow.day.desc(), ReadingRow.id.desc()),
        )
        numbered = (
            select(ReadingRow.id, place.label("place"))
            .join(MeterRow, MeterRow.id == ReadingRow.meter_id)
            .where(MeterRow.account_id == account_id, ReadingRow.day <= until, ReadingRow.current)
            .subquery()
        )
        statement = (
            select(*_READING_COLUMNS, ReadingRow.current)
            .join(numbered, numbered.c.id == ReadingRow.id)
            .where(numbered.c.place <= limit)
            .order_by(ReadingRow.day.desc(), ReadingRow.id.desc())
        )
        latest: dict[int, tuple[Reading, ...]] = {}
        for row in await self._connection.execute(statement):
            latest[row.meter_id] = (*latest.get(row.meter_id, ()), _to_reading(row))
        return latest

    async def list_last_of_meters(self, account_id: int, *, limit: int) -> tuple[MeterReading, ...]:
        """The last reading in force of each of the account's first ``limit`` meters."""
        last = (
            select(ReadingRow.id)
            .where(ReadingRow.meter_id == MeterRow.id, ReadingRow.current)
            .order_by(ReadingRow.day.desc(), ReadingRow.id.desc())
            .limit(1)
            .correlate(MeterRow)
            .scalar_subquery()
        )
        ids = (
            select(last)
            .select_from(MeterRow)
            .where(MeterRow.account_id == account_id)
            .order_by(MeterRow.id)
            .limit(limit)
        )
        statement = _select_readings().where(ReadingRow.id.in_(ids)).order_by(MeterRow.id)
        return tuple(_to_meter_reading(row) for row in await self._connection.execute(statement))

    async def list_page(
        self, meter_id: int, first: date, last: date, page: int, size: int
    ) -> Page[Reading]:
        """Readings of a period, newest first, corrected ones included.

        A ``page`` beyond the last one returns the last one.
        """
        period = (ReadingRow.meter_id == meter_id, ReadingRow.day.between(first, last))
        total = await self._connection.scalar(
            select(func.count()).select_from(ReadingRow).where(*period)
        )
        pages = max(1, -(-(total or 0) // size))
        page = min(max(page, 0), pages - 1)
        order = (ReadingRow.day.desc(), ReadingRow.id.desc())
        # The index alone finds the page; the table is read for the rows of the page only.
        ids = (
            select(ReadingRow.id)
            .where(*period)
            .order_by(*order)
            .limit(size)
            .offset(page * size)
            .scalar_subquery()
        )
        statement = (
            select(*_READING_COLUMNS, ReadingRow.current)
            .where(ReadingRow.id.in_(ids))
            .order_by(*order)
        )
        rows = await self._connection.execute(statement)
        return Page(items=tuple(_to_reading(row) for row in rows), number=page, pages=pages)

    async def list_batch(
        self,
        first: date,
        last: date,
        after: tuple[date, int] | None = None,
        *,
        meter_id: int | None = None,
        size: int = 200,
    ) -> list[MeterReading]:
        """Readings of all meters, or of one, by day, oldest first, corrected ones included.

        ``after`` is day and id of the last reading of the previous batch.
        """
        statement = (
            _select_readings()
            .where(
                ReadingRow.day <= last,
                tuple_(ReadingRow.day, ReadingRow.id) > tuple_(*(after or (first, _FIRST_ID))),
            )
            .order_by(ReadingRow.day, ReadingRow.id)
            .limit(size)
        )
        if meter_id is not None:
            statement = statement.where(ReadingRow.meter_id == meter_id)
        return [_to_meter_reading(row) for row in await self._connection.execute(statement)]

    async def list_uses(
        self,
        meter_id: int,
        first: date,
        last: date,
        before: tuple[date, int] | None = None,
        size: int = 400,
    ) -> list[EnergyUse]:
        """What the readings of a meter sum up to, newest first, without those that do not count.

        A whole reading takes six times as long, and a chart needs a thousand of them. ``before`` is
        day and id of the last reading of the previous batch.
        """
        statement = (
            select(ReadingRow.day, ReadingRow.id, ReadingRow.kind, ReadingRow.used)
            .where(
                ReadingRow.meter_id == meter_id,
                ReadingRow.day >= first,
                tuple_(ReadingRow.day, ReadingRow.id) < tuple_(*(before or (last, _LAST_ID))),
                ReadingRow.current,
                ~ReadingRow.marks.contains(ReadingMark.MISTAKEN.value),
            )
            .order_by(ReadingRow.day.desc(), ReadingRow.id.desc())
            .limit(size)
        )
        return [
            EnergyUse(
                day,
                reading_id,
                {} if used is None else dict(zip(MeterKind(kind).zones, used, strict=True)),
            )
            for day, reading_id, kind, used in await self._connection.execute(statement)
        ]

    async def list_chats_to_remind(
        self,
        stands_in: ObjectKind,
        since: date,
        first: date,
        now: datetime,
        after: int,
        limit: int = 200,
    ) -> list[tuple[int, int]]:
        """Chat and account of people who send readings but sent none since the day ``first``.

        An account counts when one of its meters in such an object was read on ``since`` or later
        and before ``first``, and not since; hidden meters do not count. Chats that are unreachable
        or whose login is over, and accounts without reminders are left out. ``after`` is the last
        chat of the previous batch.
        """
        statement = (
            select(ChatRow.chat_id, AccountRow.id)
            .join(AccountRow, AccountRow.id == ChatRow.account_id)
            .outerjoin(ReadingPreferencesRow, ReadingPreferencesRow.account_id == AccountRow.id)
            .where(
                ChatRow.chat_id > after,
                ChatRow.reachable,
                is_logged_in(now),
                or_(ReadingPreferencesRow.reminders.is_(None), ReadingPreferencesRow.reminders),
                exists().where(
                    MeterRow.account_id == AccountRow.id, _is_awaited(stands_in, since, first)
                ),
            )
            .order_by(ChatRow.chat_id)
            .limit(limit)
        )
        return [(chat, account) for chat, account in await self._connection.execute(statement)]

    async def list_awaited(
        self, account_id: int, stands_in: ObjectKind, since: date, first: date
    ) -> tuple[Meter, ...]:
        """The account's meters whose readings are due, by the rule of ``list_chats_to_remind``."""
        statement = (
            select(*_METER_COLUMNS)
            .where(MeterRow.account_id == account_id, _is_awaited(stands_in, since, first))
            .order_by(MeterRow.id)
        )
        return tuple(_to_meter(row) for row in await self._connection.execute(statement))

    async def _fetch_reading(self, statement: Select[Any]) -> MeterReading | None:
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else _to_meter_reading(row)

    async def _fetch_meter(self, *conditions: Any) -> Meter | None:
        statement = select(*_METER_COLUMNS).where(*conditions)
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else _to_meter(row)


def _is_awaited(stands_in: ObjectKind, since: date, first: date) -> ColumnElement[bool]:
    """Whether MeterRow was read on ``since`` or later, but not on ``first`` or later."""

    def was_read(*days: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists().where(ReadingRow.meter_id == MeterRow.id, *days)

    return and_(
        MeterRow.object == stands_in.value,
        ~MeterRow.hidden,
        was_read(ReadingRow.day >= since, ReadingRow.day < first),
        ~was_read(ReadingRow.day >= first),
    )


def _select_readings() -> Select[Any]:
    columns: tuple[Any, ...] = (
        *ACCOUNT_COLUMNS,
        *_METER_COLUMNS,
        *_READING_COLUMNS,
        ReadingRow.current,
    )
    return (
        select(*columns)
        .select_from(ReadingRow)
        .join(MeterRow, MeterRow.id == ReadingRow.meter_id)
        .join(AccountRow, AccountRow.id == MeterRow.account_id)
    )


def _to_meter(row: Any) -> Meter:
    return Meter(
        id=row.owner_id,
        account_id=row.account_id,
        number=row.number,
        kind=MeterKind(row.meter_kind),
        place=row.place,
        digits=row.digits,
        object=ObjectKind(row.object),
        ratio=row.meter_ratio,
        hidden=row.hidden,
    )


def _to_reading(row: Any) -> Reading:
    marks = {ReadingMark(mark) for mark in row.marks.split()}
    if not row.current:
        marks.add(ReadingMark.CORRECTED)
    return Reading(
        id=row.reading_id,
        meter_id=row.meter_id,
        day=row.day,
        submitted_at=row.submitted_at,
        kind=MeterKind(row.reading_kind),
        values=row.values,
        used=row.used,
        source=ReadingSource(row.source),
        marks=frozenset(marks),
        ratio=row.reading_ratio,
    )


def _to_meter_reading(row: Any) -> MeterReading:
    return MeterReading(account=to_account(row), meter=_to_meter(row), reading=_to_reading(row))
