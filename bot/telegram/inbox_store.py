"""The inbox's table and the marks of handled updates, as the inbox worker uses them."""

import secrets
from collections.abc import Callable
from datetime import datetime

from bot.db.database import Database
from bot.db.inbox import InboxChanges, InboxRecord
from bot.fsm.storage import ConversationStorage, DatabaseConversationStorage

#: What is remembered of a process until it stops cleanly.
_PROCESS = "process:"


class DatabaseInboxStore:
    """``InboxStore`` over the bot's database; each call is one transaction."""

    def __init__(
        self,
        database: Database,
        storage: ConversationStorage,
        now: Callable[[], datetime],
        *,
        exclusive: bool,
    ) -> None:
        """``exclusive``: no other process takes updates, so all rows of others are orphans."""
        self._database = database
        self._storage = storage
        self._now = now
        #: No other process takes updates.
        self.exclusive = exclusive or database.serves_one_process
        #: Also the number of the advisory lock that says that this process lives.
        self._owner = secrets.randbits(62) + 1
        #: Owners without a process at the last look: a lost connection is forgiven once. At the
        #: first look nothing is forgiven: Telegram gives what a crash interrupted again at once,
        #: and its row must be counted before.
        self._missing: set[int] | None = None

    async def open(self) -> bool:
        await self._database.hold(self._owner)
        async with self._database.begin() as tx:
            known = await tx.values.list_keys(_PROCESS)
            gone = known
            if not self.exclusive:
                live = await tx.inbox.list_live_owners()
                gone = [key for key in known if int(key.removeprefix(_PROCESS)) not in live]
            if gone:
                await tx.values.delete(gone)
            await tx.values.set(f"{_PROCESS}{self._owner}", "")
        return bool(gone)

    async def apply(self, changes: InboxChanges) -> None:
        now = self._now()
        in_database = isinstance(self._storage, DatabaseConversationStorage)
        async with self._database.begin(write_only=True) as tx:
            await tx.inbox.apply(changes, self._owner, now)
            for record in changes.park if in_database else ():
                await tx.conversations.mark_handled(record.update_id, now)
        for record in () if in_database else changes.park:
            await self._storage.mark_handled(record.update_id)

    async def adopt(self) -> list[InboxRecord]:
        await self._database.hold(self._owner)
        async with self._database.read() as tx:
            owners = await tx.inbox.list_owners() - {self._owner}
            free = await tx.inbox.has_unowned()
            if owners and not self.exclusive:
                missing = owners - await tx.inbox.list_live_owners()
                owners = missing if self._missing is None else missing & self._missing
                self._missing = missing
            elif self._missing is None:
                self._missing = set()
        if not owners and not free:
            return []
        async with self._database.begin() as tx:
            return await tx.inbox.adopt(self._owner, owners, self._now())

    async def is_owned(self, update_id: int) -> bool:
        if self.exclusive:
            return True
        async with self._database.read() as tx:
            return not await tx.inbox.is_owned_by_other(update_id, self._owner)

    async def has_earlier(self, chat_key: str, update_id: int) -> bool:
        async with self._database.read() as tx:
            return await tx.inbox.has_earlier(chat_key, update_id)

    async def has_press_before(self, chat_key: str, update_id: int) -> bool:
        if self.exclusive:
            return False
        async with self._database.read() as tx:
            return await tx.inbox.has_press_before(chat_key, update_id)

    async def release(self) -> None:
        async with self._database.begin() as tx:
            await tx.inbox.release(self._owner)
            await tx.values.delete([f"{_PROCESS}{self._owner}"])

    async def is_handled(self, update_id: int) -> bool:
        return await self._storage.is_handled(update_id)

    async def mark_handled(self, update_id: int) -> None:
        await self._storage.mark_handled(update_id)


async def replay(
    database: Database, storage: ConversationStorage, update_id: int, now: datetime
) -> bool:
    """Gives a parked update to the bot again, running or not; False when none has this id."""
    # The mark goes first: a row that waits with its mark would end at it.
    async with database.read() as tx:
        if update_id not in {record.update_id for record in await tx.inbox.list_parked()}:
            return False
    await storage.unmark_handled(update_id)
    async with database.begin() as tx:
        return await tx.inbox.replay(update_id, now)
