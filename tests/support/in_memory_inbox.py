"""The inbox's table in memory, shared by the processes of a test, and what people are told."""

import asyncio
from dataclasses import dataclass, field, replace

from aiogram.types import Update

from bot.db.inbox import InboxChanges, InboxRecord, InboxState
from bot.telegram.inbox import Reason


@dataclass
class InboxTable:
    """What outlives a process."""

    rows: dict[int, InboxRecord] = field(default_factory=dict)
    owners: dict[int, int | None] = field(default_factory=dict)
    handled: set[int] = field(default_factory=set)
    #: Owners that were opened and not released, and those of them that live.
    running: set[int] = field(default_factory=set)
    alive: set[int] = field(default_factory=set)
    #: Ids of the updates by transaction that added some.
    added: list[list[int]] = field(default_factory=list)
    #: Raised by the next transactions.
    troubles: list[Exception] = field(default_factory=list)

    def states(self) -> dict[int, str]:
        return {update_id: str(row.state) for update_id, row in sorted(self.rows.items())}


class InMemoryInboxStore:
    """One process's view of the table; a process that is not released crashed."""

    def __init__(self, table: InboxTable, owner: int = 1) -> None:
        self.table = table
        self.owner = owner
        self.exclusive = False

    async def open(self) -> bool:
        crashed = bool(self.table.running - self.table.alive)
        self.table.alive.add(self.owner)
        self.table.running = set(self.table.alive)
        return crashed

    def crash(self) -> None:
        """From now on nothing of the process reaches the table."""
        self.table.alive.discard(self.owner)
        self.table = InboxTable()

    async def apply(self, changes: InboxChanges) -> None:
        if self.table.troubles:
            raise self.table.troubles.pop(0)
        rows = self.table.rows
        if changes.add:
            self.table.added.append([one.update_id for one in changes.add])
        for record in changes.add:
            if record.update_id not in rows:
                rows[record.update_id] = record
                self.table.owners[record.update_id] = self.owner
        for update_id in changes.start:
            rows[update_id] = replace(rows[update_id], state=InboxState.WORKING)
        for update_id in changes.pause:
            rows[update_id] = replace(rows[update_id], state=InboxState.WAITING)
        for update_id in changes.remove:
            if update_id in rows and rows[update_id].state is not InboxState.PARKED:
                del rows[update_id]
        for record in changes.park:
            rows[record.update_id] = record
            self.table.owners[record.update_id] = None
            self.table.handled.add(record.update_id)

    async def adopt(self) -> list[InboxRecord]:
        adopted = []
        for update_id, row in sorted(self.table.rows.items()):
            if row.state is InboxState.PARKED or self.table.owners[update_id] in self.table.alive:
                continue
            tries = row.tries + (row.state is InboxState.WORKING)
            self.table.rows[update_id] = replace(row, tries=tries, state=InboxState.WAITING)
            self.table.owners[update_id] = self.owner
            adopted.append(self.table.rows[update_id])
        return adopted

    async def is_owned(self, update_id: int) -> bool:
        row = self.table.rows.get(update_id)
        return row is None or row.withheld or self.table.owners[update_id] == self.owner

    async def has_earlier(self, chat_key: str, update_id: int) -> bool:
        return any(self._list_before(chat_key, update_id))

    async def has_press_before(self, chat_key: str, update_id: int) -> bool:
        before = self._list_before(chat_key, update_id)
        return any(row.kind == "callback_query" or row.withheld for row in before)

    def _list_before(self, chat_key: str, update_id: int) -> list[InboxRecord]:
        return [
            row
            for row in self.table.rows.values()
            if row.chat_key == chat_key
            and row.update_id < update_id
            and row.state is not InboxState.PARKED
        ]

    async def release(self) -> None:
        self.table.running.discard(self.owner)
        self.table.alive.discard(self.owner)
        for update_id, row in self.table.rows.items():
            if self.table.owners[update_id] != self.owner:
                continue
            if row.state is InboxState.WORKING:
                self.table.rows[update_id] = replace(row, state=InboxState.WAITING)
            if row.state is not InboxState.PARKED:
                self.table.owners[update_id] = None

    async def is_handled(self, update_id: int) -> bool:
        return update_id in self.table.handled

    async def mark_handled(self, update_id: int) -> None:
        self.table.handled.add(update_id)


@dataclass
class RecordedReplies:
    """Remembers what would be told."""

    secret: bool = False
    given: list[tuple[int, Reason]] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def may_ask_secret(self, update: Update) -> bool:
        return self.secret

    async def tell(self, update: Update, reason: Reason) -> None:
        self.given.append((update.update_id, reason))
        self.changed.set()

    async def erase(self, update: Update) -> None:
        self.erased.append(update.update_id)
