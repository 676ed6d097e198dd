"""File cleanup: deletes bytes of the file store that no row of this database needs."""

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.db.database import Database, Tx
from bot.integrations.errors import FileMissing, StoreUnavailable
from bot.integrations.file_store import PING_PREFIX, FileStore
from bot.notices import FileRemoval
from bot.services.clock import Clock

log = logging.getLogger(__name__)

#: Under this key the store says which database deletes in it.
OWNER_KEY = "owner"
#: No upload takes so long: what is older and has no row is left over.
_LEFT_OVER_AFTER = timedelta(days=1)


class StoreOfAnother(StoreUnavailable):
    """The store says that another database deletes in it, so this one does not."""

    def __init__(self) -> None:
        super().__init__(
            "the files belong to another database, of which this one may be a copy: give it a "
            "FILES_URL of its own, or, when the other one is gone for good, run: files --take-over"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreReport:
    """``unknown``: how many of the objects are older than a day and were never named by a row."""

    owned: bool
    stored: int
    unknown: int


class FileCleanup:
    """Deletes what this database once wrote down as its own, and only from a store that it owns.

    A restored copy of the database, or one that shares the bucket, thus deletes nothing that the
    other one needs; docs/decisions/0019 tells why.
    """

    def __init__(self, database: Database, store: FileStore, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._clock = clock

    async def remove(self, key: str) -> None:
        """Deletes the bytes of a file whose row is gone; they may be gone already.

        Raises StoreOfAnother and StoreUnavailable: the caller tries again later.
        """
        async with self._database.read() as tx:
            needed = await tx.files.list_named([key])
        if not needed:
            await self._ensure_owned()
            await self._store.delete(key)

    async def remove_orphans(self) -> int:
        """Deletes what broken uploads left; returns how many objects no row ever named.

        Those stay: they may be another database's. Raises StoreUnavailable. Safe to run at any time
        and twice.
        """
        try:
            await self._ensure_owned()
        except StoreOfAnother as error:
            log.error("nothing is deleted: %s", error)  # noqa: TRY400 (it says what to do)
            return 0
        now = self._clock.now()
        async with self._database.begin() as tx:
            await put_file_removals(tx, await tx.uploads.expire(now - _LEFT_OVER_AFTER), now)
        await self._store.remove_unfinished(now - _LEFT_OVER_AFTER)
        unknown = 0
        async for portion in self._compare():
            unknown += len(portion.unknown)
            for key in portion.removed:
                await self._store.delete(key)
        if unknown:
            log.warning("%d objects in the file store have no row: see main.py files", unknown)
        return unknown

    async def remove_unknown(self) -> int:
        """Deletes the objects that no row ever named; returns how many. A person has to ask so."""
        await self._ensure_owned()
        unknown = [key async for portion in self._compare() for key in portion.unknown]
        for key in unknown:
            await self._store.delete(key)
        return len(unknown)

    async def report(self) -> StoreReport:
        """Counts what is there; raises StoreUnavailable."""
        owner = await self._find_owner()
        portions = [portion async for portion in self._compare()]
        return StoreReport(
            owned=owner in {None, await self._database.find_identity()},
            stored=sum(one.stored for one in portions),
            unknown=sum(len(one.unknown) for one in portions),
        )

    async def take_over(self) -> None:
        """From now on this database deletes in the store, and its former owner does not."""
        await self._store.put(OWNER_KEY, (await self._database.find_identity()).encode())

    async def _compare(self) -> AsyncIterator["_Portion"]:
        """Compares the store with the rows, portion by portion."""
        written_before = self._clock.now() - _LEFT_OVER_AFTER
        async for listed in self._store.list_keys():
            stored = {key: at for key, at in listed.items() if key != OWNER_KEY}
            old = {key for key, at in stored.items() if at < written_before}
            pings = {key for key in old if key.startswith(PING_PREFIX)}
            async with self._database.read() as tx:
                old -= pings | await tx.files.list_named(old) | await tx.uploads.list_open(old)
                recorded = await tx.outbox.list_recorded(
                    {FileRemoval(key=key).dedupe_key: key for key in old}
                )
            # A process that was stopped for long may have written after the removal.
            removed = {key for key, is_done in recorded.items() if is_done}
            yield _Portion(len(stored), removed | pings, old - recorded.keys())

    async def _ensure_owned(self) -> None:
        """Takes a store that nobody owns; raises StoreOfAnother."""
        owner = await self._find_owner()
        if owner is None:
            await self.take_over()
        elif owner != await self._database.find_identity():
            raise StoreOfAnother

    async def _find_owner(self) -> str | None:
        try:
            return (await self._store.get(OWNER_KEY)).decode()
        except FileMissing:
            return None


async def put_file_removals(tx: Tx, keys: Sequence[str], now: datetime) -> None:
    """The bytes are deleted after the transaction, as often as it takes."""
    for key in keys:
        await tx.outbox.put(FileRemoval(key=key), now)


@dataclass(frozen=True, slots=True)
class _Portion:
    """``stored``: how many objects; ``removed``: those that were deleted, and are there again."""

    stored: int
    removed: set[str]
    unknown: set[str]
