"""Durable inbox: updates of Telegram that are acknowledged but not handled yet, and parked ones.

Invariants:

* A row and the acknowledgement of its update: the row is committed first.
* A row ends with its update: it is deleted only after the update is marked as handled, so a crash
  between the two repeats a deletion, never an effect.
* ``owner`` is the process that works on the row. A row of a dead owner is adopted by one other
  process, and one that was in work at that moment counts a crash.
* Rows of one chat are worked on in the order of ``update_id``, by one process at a time.
* ``withheld`` rows hold no words of a person: whoever finds one after a crash asks for them again.
* A parked row is never worked on until an operator replays it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    and_,
    case,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.locks import LIVE_PROCESSES
from bot.db.models import InboxRow
from bot.db.upsert import build_insert


class InboxState(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRecord:
    """One row. ``raw``: the update as JSON. ``tries``: how often it brought a process down.

    ``chat_key``: see ``bot.telegram.inbox.build_chat_key``. ``error``: why it was parked.
    """

    update_id: int
    chat_key: str
    kind: str
    raw: str
    withheld: bool = False
    state: InboxState = InboxState.WAITING
    tries: int = 0
    error: str | None = None
    changed_at: datetime | None = None


@dataclass(slots=True)
class InboxChanges:
    """What one transaction writes, in this order."""

    add: list[InboxRecord] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    pause: list[int] = field(default_factory=list)
    remove: list[int] = field(default_factory=list)
    park: list[InboxRecord] = field(default_factory=list)


class InboxRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def apply(self, changes: InboxChanges, owner: int, now: datetime) -> None:
        """Writes all the changes; a row that exists already is not added again."""
        if changes.add:
            await self._connection.execute(
                build_insert(self._connection, InboxRow).on_conflict_do_nothing(),
                [_build_values(record, owner, now) for record in changes.add],
            )
        if changes.start:
            await self._connection.execute(
                update(InboxRow)
                .where(InboxRow.update_id.in_(changes.start), _is_open())
                .values(state=InboxState.WORKING, owner=owner, changed_at=now)
            )
        if changes.pause:
            await self._connection.execute(
                update(InboxRow)
                .where(InboxRow.update_id.in_(changes.pause), _is_open())
                .values(state=InboxState.WAITING, changed_at=now)
            )
        if changes.remove:
            await self._connection.execute(
                delete(InboxRow).where(InboxRow.update_id.in_(changes.remove), _is_open())
            )
        for record in changes.park:
            values = _build_values(record, None, now)
            parked = {name: values[name] for name in ("state", "tries", "error", "owner")}
            await self._connection.execute(
                build_insert(self._connection, InboxRow)
                .values(**values)
                .on_conflict_do_update(
                    index_elements=[InboxRow.update_id], set_={**parked, "changed_at": now}
                )
            )

    async def is_owned_by_other(self, update_id: int, owner: int) -> bool:
        """Whether another process has the row of an update, with its words."""
        row = InboxRow.update_id == update_id
        return await self._exists(row & (InboxRow.owner != owner) & ~InboxRow.withheld)

    async def has_earlier(self, chat_key: str, update_id: int) -> bool:
        """Whether an earlier update of the chat waits or is in work."""
        return await self._exists(_is_before(chat_key, update_id))

    async def has_press_before(self, chat_key: str, update_id: int) -> bool:
        """Whether one of them may open another question, or answers a secret one."""
        opens = or_(InboxRow.kind == "callback_query", InboxRow.withheld)
        return await self._exists(_is_before(chat_key, update_id) & opens)

    async def list_owners(self) -> set[int]:
        """Owners of rows that wait or are in work."""
        statement = select(InboxRow.owner).where(_is_open(), InboxRow.owner.is_not(None)).distinct()
        return {owner for owner in (await self._connection.execute(statement)).scalars() if owner}

    async def list_live_owners(self) -> set[int]:
        """Owners whose processes hold their lock; SQLite has no locks to be asked for."""
        if self._connection.dialect.name == "sqlite":
            return set()
        return set((await self._connection.execute(LIVE_PROCESSES)).scalars())

    async def has_unowned(self) -> bool:
        """Whether a row is nobody's: a replayed one, or one of a clean stop."""
        return await self._exists(_is_open() & InboxRow.owner.is_(None))

    async def adopt(self, owner: int, others: Collection[int], now: datetime) -> list[InboxRecord]:
        """Takes over the rows of the ``others`` and those of nobody; one in work counts a crash.

        Of several processes one gets each row. They are in the order of their updates.
        """
        crashed = case((InboxRow.state == InboxState.WORKING, 1), else_=0)
        adopted = await self._connection.execute(
            update(InboxRow)
            .where(_is_open(), or_(InboxRow.owner.is_(None), InboxRow.owner.in_(others)))
            .values(
                owner=owner,
                tries=InboxRow.tries + crashed,
                state=InboxState.WAITING,
                changed_at=now,
            )
            .returning(*_COLUMNS)
        )
        return sorted(
            (_to_record(row) for row in adopted.mappings()), key=lambda one: one.update_id
        )

    async def release(self, owner: int) -> None:
        """A clean stop: the owner's rows are anybody's, and none of them counts a crash."""
        await self._connection.execute(
            update(InboxRow)
            .where(_is_open(), InboxRow.owner == owner)
            .values(owner=None, state=InboxState.WAITING)
        )

    async def count_by_state(self) -> Mapping[str, int]:
        """How many rows are parked, and how many wait or are in work."""
        statement = select(InboxRow.state, func.count()).group_by(InboxRow.state)
        counted: Counter[str] = Counter()
        for state, count in await self._connection.execute(statement):
            parked = state == InboxState.PARKED
            counted[InboxState.PARKED if parked else InboxState.WAITING] += count
        return counted

    async def _exists(self, which: ColumnElement[bool]) -> bool:
        statement = select(InboxRow.update_id).where(which).limit(1)
        return (await self._connection.execute(statement)).first() is not None

    # --- parked rows -------------------------------------------------------------------------

    async def list_parked(self) -> list[InboxRecord]:
        statement = (
            select(*_COLUMNS)
            .where(InboxRow.state == InboxState.PARKED)
            .order_by(InboxRow.update_id)
        )
        return [_to_record(row) for row in (await self._connection.execute(statement)).mappings()]

    async def replay(self, update_id: int, now: datetime) -> bool:
        """A parked row waits again, as if it had never been tried; False when there is none."""
        replayed = await self._connection.execute(
            update(InboxRow)
            .where(InboxRow.update_id == update_id, InboxRow.state == InboxState.PARKED)
            .values(state=InboxState.WAITING, owner=None, tries=0, error=None, changed_at=now)
        )
        return replayed.rowcount == 1

    async def forget_parked(self, parked_before: datetime) -> None:
        await self._connection.execute(
            delete(InboxRow).where(
                InboxRow.state == InboxState.PARKED, InboxRow.changed_at < parked_before
            )
        )

    async def erase(self, chats: Sequence[int], words: Sequence[str]) -> None:
        """Deletes the rows of private ``chats``, and all that hold one of the ASCII ``words``.

        The staff's updates quote cards, so a row of the group may name a person.
        """
        await self._connection.execute(
            delete(InboxRow).where(
                or_(
                    InboxRow.chat_key.in_([str(chat) for chat in chats]),
                    *(InboxRow.raw.contains(word, autoescape=True) for word in words if word),
                )
            )
        )


_COLUMNS = (
    InboxRow.update_id,
    InboxRow.chat_key,
    InboxRow.kind,
    InboxRow.raw,
    InboxRow.withheld,
    InboxRow.state,
    InboxRow.tries,
    InboxRow.error,
    InboxRow.changed_at,
)


def _is_open() -> ColumnElement[bool]:
    return InboxRow.state != InboxState.PARKED


def _is_before(chat_key: str, update_id: int) -> ColumnElement[bool]:
    return and_(_is_open(), InboxRow.chat_key == chat_key, InboxRow.update_id < update_id)


def _build_values(record: InboxRecord, owner: int | None, now: datetime) -> dict[str, Any]:
    return {
        "update_id": record.update_id,
        "chat_key": record.chat_key,
        "kind": record.kind,
        "raw": record.raw,
        "withheld": record.withheld,
        "state": record.state,
        "tries": record.tries,
        "error": record.error,
        "owner": owner,
        "received_at": now,
        "changed_at": now,
    }


def _to_record(row: RowMapping) -> InboxRecord:
    values = dict(row)
    return InboxRecord(**values | {"state": InboxState(values["state"])})
