"""Transactional outbox: rows are written with the change they announce and leased by the worker."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    and_,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from bot.db import models
from bot.db.upsert import build_insert
from bot.notices import STAFF_QUEUES, Notice, PayloadMismatch, dump_payload, load_notice

N_co = TypeVar("N_co", bound=Notice, covariant=True)

_Waiting = models.OutboxRow
_ERROR_LENGTH = 500

#: The longest pause before a retry. A row that waits longer was written while the clock was ahead,
#: and is due.
LONGEST_PAUSE = timedelta(minutes=10)
#: The clocks of several machines may differ by this much.
_CLOCK_SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedNotice(Generic[N_co]):
    """A notice that this worker delivers now; ``attempts`` counts earlier failures.

    ``staff_chat_id`` is the staff group that it goes to, where that is not the main one.
    """

    id: int
    notice: N_co
    attempts: int
    stored_at: datetime
    staff_chat_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableNotice:
    """A leased row whose payload does not fit its kind; ``reason`` holds no values of it."""

    id: int
    kind: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUpNotice:
    """A notice that was never delivered; ``error`` is what the last try raised."""

    id: int
    kind: str
    error: str | None
    at: datetime


class OutboxRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        #: Whether this transaction stored a notice.
        self.filled = False

    async def put(
        self, notice: Notice, now: datetime, *, not_before: datetime | None = None
    ) -> None:
        """Stores a notice, unless one with its ``dedupe_key`` was ever stored.

        It is delivered at ``not_before`` or later, at once without it.
        """
        await self._connection.execute(
            build_insert(self._connection, _Waiting)
            .values(
                stream=notice.stream,
                kind=notice.kind,
                payload=dump_payload(notice),
                dedupe_key=notice.dedupe_key,
                priority=notice.priority.value,
                not_before=not_before or now,
                attempts=0,
                created_at=now,
                staff_chat_id=_select_staff_chat(notice),
            )
            .on_conflict_do_nothing(index_elements=[_Waiting.dedupe_key])
        )
        self.filled = True

    async def list_recorded(self, items: Mapping[str, str]) -> dict[str, bool]:
        """Those of ``items``, by ``dedupe_key``, that have a notice; True: it was delivered."""
        statement = select(_Waiting.dedupe_key, _Waiting.done_at).where(
            _Waiting.dedupe_key.in_(items)
        )
        rows = await self._connection.execute(statement)
        return {items[dedupe_key]: done_at is not None for dedupe_key, done_at in rows}

    async def lease(
        self,
        now: datetime,
        lease_for: timedelta,
        limit: int,
        owner: str,
        kinds: Collection[str],
        held: Collection[int] = (),
        *,
        busy: Collection[tuple[Collection[str], int | None]] = (),
        leases_end: bool = True,
    ) -> list[LeasedNotice[Notice] | UnreadableNotice]:
        """Leases the first notice of up to ``limit`` streams, of these ``kinds`` only.

        Nobody else gets them before the lease ends. ``held``: rows that the owner delivers now; it
        keeps them even when a clock that was set ended their lease. ``busy``: kinds that are not
        leased for a staff group, None: the main one. ``leases_end`` False keeps the leases of other
        owners too.

        A row of a kind that is not in ``kinds`` waits, and the rest of its stream with it: a newer
        version may have written it.
        """
        earlier = aliased(_Waiting)
        free: list[ColumnElement[bool]] = [_Waiting.leased_until.is_(None)]
        if leases_end:
            free.append(_Waiting.leased_until <= now)
            free.append(_Waiting.leased_until > now + lease_for + _CLOCK_SKEW)
        statement = (
            select(
                _Waiting.id,
                _Waiting.kind,
                _Waiting.payload,
                _Waiting.attempts,
                _Waiting.created_at,
                _Waiting.staff_chat_id,
            )
            .where(
                *_is_waiting(_Waiting),
                _Waiting.kind.in_(kinds),
                *(
                    not_(
                        and_(
                            _Waiting.kind.in_(some),
                            _Waiting.staff_chat_id.is_not_distinct_from(one),
                        )
                    )
                    for some, one in busy
                ),
                _Waiting.id.not_in(held),
                or_(
                    _Waiting.not_before <= now,
                    _Waiting.not_before > now + LONGEST_PAUSE + _CLOCK_SKEW,
                ),
                or_(*free),
                ~exists().where(
                    earlier.stream == _Waiting.stream,
                    earlier.id < _Waiting.id,
                    *_is_waiting(earlier),
                ),
            )
            .order_by(_Waiting.priority, _Waiting.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        leased = [_read_row(*row) for row in await self._connection.execute(statement)]
        if leased:
            await self._connection.execute(
                update(_Waiting)
                .where(_Waiting.id.in_([one.id for one in leased]))
                .values(leased_until=now + lease_for, leased_by=owner)
            )
        return leased

    async def renew(self, row_ids: Collection[int], until: datetime) -> None:
        """Prolongs the leases of rows that are still being delivered."""
        await self._connection.execute(
            update(_Waiting)
            .where(_Waiting.id.in_(row_ids), *_is_waiting(_Waiting))
            .values(leased_until=until)
        )

    async def mark_done(self, row_id: int, now: datetime) -> None:
        await self._set(row_id, done_at=now, last_error=None)

    async def remove(self, row_id: int) -> None:
        """Ends a notice of which no record may remain."""
        await self._connection.execute(delete(_Waiting).where(_Waiting.id == row_id))

    async def retry(self, row_id: int, not_before: datetime, error: str) -> None:
        """Gives a row back after a failure."""
        await self._set(
            row_id,
            attempts=_Waiting.attempts + 1,
            not_before=not_before,
            leased_until=None,
            last_error=error[:_ERROR_LENGTH],
        )

    async def postpone(self, row_id: int, not_before: datetime) -> None:
        """Gives a row back that was not tried."""
        await self._set(row_id, not_before=not_before, leased_until=None)

    async def release(self, row_id: int) -> None:
        """Gives a row back that was not tried; it keeps its place."""
        await self._set(row_id, leased_until=None)

    async def mark_dead(self, row_id: int, error: str, now: datetime) -> None:
        """Gives up a notice that can never be delivered; the next one of its stream follows."""
        await self._set(row_id, dead_at=now, last_error=error[:_ERROR_LENGTH])

    async def cancel(self, keys: Collection[str]) -> bool:
        """Removes the notices with these dedupe keys; False when one of them is under way or gone.

        The caller must roll back then.
        """
        statement = (
            delete(_Waiting)
            .where(
                _Waiting.dedupe_key.in_(keys),
                *_is_waiting(_Waiting),
                _Waiting.leased_until.is_(None),
            )
            .returning(_Waiting.id)
        )
        removed = (await self._connection.execute(statement)).scalars().all()
        return len(removed) == len(keys)

    async def count_waiting(self) -> dict[str, int]:
        """How many notices of each kind wait."""
        return {kind: count for kind, (count, _) in (await self.find_oldest()).items()}

    async def find_oldest(self) -> dict[str, tuple[int, datetime]]:
        """By kind, how many notices wait and when the oldest was stored."""
        statement = (
            select(_Waiting.kind, func.count(), func.min(_Waiting.created_at))
            .where(*_is_waiting(_Waiting))
            .group_by(_Waiting.kind)
        )
        return {row[0]: (row[1], row[2]) for row in await self._connection.execute(statement)}

    async def count_waiting_for(self, kind: str, staff_chat_id: int | None) -> int:
        """How many notices of a kind wait for a staff group; None: the main one."""
        statement = select(func.count()).where(
            *_is_waiting(_Waiting),
            _Waiting.kind == kind,
            _is_for_group(staff_chat_id),
        )
        return await self._connection.scalar(statement) or 0

    async def list_given_up(self, limit: int) -> list[GivenUpNotice]:
        """The last ones, newest first."""
        statement = (
            select(_Waiting.id, _Waiting.kind, _Waiting.last_error, _Waiting.dead_at)
            .where(_Waiting.dead_at.is_not(None))
            .order_by(_Waiting.dead_at.desc())
            .limit(limit)
        )
        return [
            GivenUpNotice(id=row_id, kind=kind, error=error, at=at)
            for row_id, kind, error, at in await self._connection.execute(statement)
            if at is not None
        ]

    async def _set(self, row_id: int, **values: object) -> None:
        await self._connection.execute(update(_Waiting).where(_Waiting.id == row_id).values(values))


def _select_staff_chat(notice: Notice) -> int | ScalarSelect[int | None] | None:
    """The group of the notice, or of the request that it is about."""
    if notice.queue not in STAFF_QUEUES:
        return None
    request_id: int | None = getattr(notice, "request_id", None)
    if request_id is None:
        return getattr(notice, "staff_chat_id", None)
    return (
        select(models.RequestRow.staff_chat_id)
        .where(models.RequestRow.id == request_id)
        .scalar_subquery()
    )


def _read_row(
    row_id: int,
    kind: str,
    payload: object,
    attempts: int,
    stored_at: datetime,
    staff_chat_id: int | None,
) -> LeasedNotice[Notice] | UnreadableNotice:
    try:
        return LeasedNotice(
            id=row_id,
            notice=load_notice(kind, payload),
            attempts=attempts,
            stored_at=stored_at,
            staff_chat_id=staff_chat_id,
        )
    except PayloadMismatch as error:
        return UnreadableNotice(id=row_id, kind=kind, reason=str(error))


def _is_for_group(staff_chat_id: int | None) -> ColumnElement[bool]:
    return _Waiting.staff_chat_id.is_not_distinct_from(staff_chat_id)


def _is_waiting(row: type[models.OutboxRow]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return row.done_at.is_(None), row.dead_at.is_(None)
