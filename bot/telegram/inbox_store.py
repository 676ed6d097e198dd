"""The inbox's table and the marks of handled updates, as the inbox worker uses them."""

import secrets
import time
from collections.abc import Callable
from datetime import datetime

from bot.db.database import Database, Tx
from bot.db.inbox import InboxChanges, InboxRecord
from bot.db.locks import PROCESS_KEY
from bot.fsm.storage import ConversationStorage, DatabaseConversationStorage

#: For so long after a crash any update may be its cause: Telegram gives the real one again sooner.
SUSPECT_SECONDS = 60.0


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
        #: Processes that do not hold their number, and since when, on the clock of
        #: ``time.monotonic``; None before the first look.
        self._missing_since: dict[int, float] | None = None

    async def open(self) -> bool:
        await self._database.hold(self._owner)
        async with self._database.begin() as tx:
            dead = await tx.values.list_keys(PROCESS_KEY) if self.exclusive else []
            await tx.values.delete(dead)
            await tx.values.set(f"{PROCESS_KEY}{self._owner}", "")
        return bool(dead)

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
        past: list[int] = []
        async with self._database.read() as tx:
            owners = await tx.inbox.list_owners() - {self._owner}
            free = await tx.inbox.has_unowned()
            if not self.exclusive:
                dead, past = await self._find_dead(tx, owners)
                owners &= dead
        if not owners and not free and not past:
            return []
        async with self._database.begin() as tx:
            await tx.values.delete([f"{PROCESS_KEY}{one}" for one in past])
            return await tx.inbox.adopt(self._owner, owners, self._now())

    async def _find_dead(self, tx: Tx, owners: set[int]) -> tuple[set[int], list[int]]:
        """Processes that are dead, and those whose crash is past suspicion.

        A lost connection is forgiven once, but not at the first look.
        """
        keys = await tx.values.list_keys(PROCESS_KEY)
        processes = owners | {int(key.removeprefix(PROCESS_KEY)) for key in keys}
        missing = processes - await tx.inbox.list_live_owners()
        before, now = self._missing_since, time.monotonic()
        self._missing_since = {one: (before or {}).get(one, now) for one in missing}
        dead = missing if before is None else missing & before.keys()
        past = [one for one, at in self._missing_since.items() if now - at > SUSPECT_SECONDS]
        return dead, past

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
            await tx.values.delete([f"{PROCESS_KEY}{self._owner}"])

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
