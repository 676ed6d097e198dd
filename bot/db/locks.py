"""Per-key lock across processes: ``asyncio.Lock`` on SQLite, advisory locks on PostgreSQL."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from weakref import WeakValueDictionary

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.db.errors import translate_outages

#: Pause between two attempts to take a lock that another process holds.
_RETRY_SECONDS = 0.05


class KeyedLocks:
    """Locks by key.

    A SQLite database belongs to one process, so locks of that process are enough. On PostgreSQL a
    process takes advisory locks on one connection that it keeps open for them: PostgreSQL releases
    them when the process ends, however it ends, so nobody waits for a dead one.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._local_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._connection: AsyncConnection | None = None
        self._connection_lock = asyncio.Lock()

    @asynccontextmanager
    async def acquire(self, key: str) -> AsyncIterator[None]:
        """Holds the lock of a key. Raises what the database raises when it does not answer."""
        local_lock = self._local_locks.setdefault(key, asyncio.Lock())
        async with local_lock:
            if self._engine.dialect.name == "sqlite":
                yield
                return
            number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], signed=True)
            with translate_outages():
                while not await self._query("SELECT pg_try_advisory_lock(:number)", number):  # noqa: ASYNC110
                    await asyncio.sleep(_RETRY_SECONDS)
            try:
                yield
            finally:
                # A broken connection has released the lock already.
                with suppress(DBAPIError, OSError):
                    # Shielded: a lock that is not released would block the chat for good.
                    await asyncio.shield(self._query("SELECT pg_advisory_unlock(:number)", number))

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _query(self, statement: str, number: int) -> bool:
        async with self._connection_lock:
            for fresh in (False, True):
                if self._connection is None or self._connection.closed:
                    connection = await self._engine.connect()
                    self._connection = await connection.execution_options(
                        isolation_level="AUTOCOMMIT"
                    )
                try:
                    return bool(await self._connection.scalar(text(statement), {"number": number}))
                except DBAPIError:
                    broken, self._connection = self._connection, None
                    await broken.invalidate()
                    await broken.close()
                    if fresh:
                        raise
            raise AssertionError("unreachable")
