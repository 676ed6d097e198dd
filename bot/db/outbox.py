"""What is still to be told to somebody: written with its cause, leased by the delivery."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from bot.db import models
from bot.db.upsert import build_insert

_Waiting = models.OutboxRow
_ERROR_LENGTH = 500

#: No notice is put off for longer. What lies further ahead was written by a clock that has been set
#: back since, and is due.
LONGEST_PAUSE = timedelta(minutes=10)
#: By so much clocks of several machines may differ.
_SKEW = timedelta(minutes=1)

#: Answers to people go before notices to the staff, and new cards before what follows them.
_PEOPLE = 0
_STAFF_KINDS = {
    "card": 10,
    "reset_card": 10,
    "scan": 20,
    "card_edit": 20,
    "talk_in": 20,
    "erased_card": 20,
    "file_removal": 30,
    "reminder": 30,
    "digest": 30,
    "export": 30,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedNotice:
    """A notice in hand: ``payload`` holds ids only, ``attempts`` counts failures so far."""

    id: int
    stream: str
    kind: str
    payload: Mapping[str, int | str]
    attempts: int
    created_at: datetime


class OutboxRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        #: Whether this transaction put something in.
        self.filled = False

    async def put(
        self,
        *,
        stream: str,
        kind: str,
        payload: Mapping[str, int | str],
        dedupe_key: str,
        not_before: datetime,
    ) -> None:
        """Promises a notice; one with the same ``dedupe_key`` was promised already."""
        await self._connection.execute(
            build_insert(self._connection, _Waiting)
            .values(
                stream=stream,
                kind=kind,
                payload=dict(payload),
                dedupe_key=dedupe_key,
                priority=_STAFF_KINDS.get(kind, _PEOPLE),
                not_before=not_before,
                attempts=0,
                created_at=not_before,
            )
            .on_conflict_do_nothing(index_elements=[_Waiting.dedupe_key])
        )
        self.filled = True

    async def lease(
        self,
        now: datetime,
        lease_for: timedelta,
        limit: int,
        owner: str,
        exclude: Collection[str] = (),
        held: Collection[int] = (),
        *,
        leases_end: bool = True,
    ) -> list[LeasedNotice]:
        """The heads of up to ``limit`` streams, except of kinds in ``but``.

        Nobody else gets them before the lease ends. Rows ``in_hand`` stay with the owner even if a
        clock that jumped has ended their lease; without ``leases_end`` so do those of others.
        """
        earlier = aliased(_Waiting)
        free: list[ColumnElement[bool]] = [_Waiting.leased_until.is_(None)]
        if leases_end:
            free.append(_Waiting.leased_until <= now)
            free.append(_Waiting.leased_until > now + lease_for + _SKEW)
        statement = (
            select(
                _Waiting.id,
                _Waiting.stream,
                _Waiting.kind,
                _Waiting.payload,
                _Waiting.attempts,
                _Waiting.created_at,
            )
            .where(
                *_is_waiting(_Waiting),
                _Waiting.kind.not_in(exclude),
                _Waiting.id.not_in(held),
                or_(_Waiting.not_before <= now, _Waiting.not_before > now + LONGEST_PAUSE + _SKEW),
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
        rows = [
            LeasedNotice(
                id=identity,
                stream=stream,
                kind=kind,
                payload=payload,
                attempts=attempts,
                created_at=created_at,
            )
            for identity, stream, kind, payload, attempts, created_at in (
                await self._connection.execute(statement)
            )
        ]
        if rows:
            await self._connection.execute(
                update(_Waiting)
                .where(_Waiting.id.in_([row.id for row in rows]))
                .values(leased_until=now + lease_for, leased_by=owner)
            )
        return rows

    async def renew(self, row_ids: Collection[int], until: datetime) -> None:
        """They are still being delivered."""
        await self._connection.execute(
            update(_Waiting)
            .where(_Waiting.id.in_(row_ids), *_is_waiting(_Waiting))
            .values(leased_until=until)
        )

    async def mark_done(self, row_id: int, now: datetime) -> None:
        await self._set(row_id, done_at=now, last_error=None)

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
        """Gives a row back untried."""
        await self._set(row_id, not_before=not_before, leased_until=None)

    async def release(self, row_id: int) -> None:
        """Gives a row back untried, at its old place."""
        await self._set(row_id, leased_until=None)

    async def mark_dead(self, row_id: int, error: str, now: datetime) -> None:
        """Ends a notice that can never be delivered; its stream goes on."""
        await self._set(row_id, dead_at=now, last_error=error[:_ERROR_LENGTH])

    async def count_waiting(self) -> dict[str, int]:
        """How many notices of each kind wait."""
        return {kind: count for kind, (count, _) in (await self.find_oldest()).items()}

    async def find_oldest(self) -> dict[str, tuple[int, datetime]]:
        """By kind, how many notices wait and when the oldest was promised."""
        statement = (
            select(_Waiting.kind, func.count(), func.min(_Waiting.created_at))
            .where(*_is_waiting(_Waiting))
            .group_by(_Waiting.kind)
        )
        return {row[0]: (row[1], row[2]) for row in await self._connection.execute(statement)}

    async def _set(self, row_id: int, **values: object) -> None:
        await self._connection.execute(update(_Waiting).where(_Waiting.id == row_id).values(values))


def _is_waiting(row: type[models.OutboxRow]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return row.done_at.is_(None), row.dead_at.is_(None)
