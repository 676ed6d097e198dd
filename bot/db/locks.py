"""One at a time for each key, among all processes on one database."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from weakref import WeakValueDictionary

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.db.errors import translate_outages

#: Between two looks whether another process is done.
_LOOK_SECONDS = 0.05


class KeyedLocks:
    """SQLite serves one process, so waiting in line inside it is enough there.

    On PostgreSQL a process takes advisory locks on one connection that it keeps for them: they end
    with it, however it ends, and nobody waits for the lease of a dead one.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._connection: AsyncConnection | None = None
        self._speaking = asyncio.Lock()

    @asynccontextmanager
    async def acquire(self, key: str) -> AsyncIterator[None]:
        """Raises what the database raises when it does not answer."""
        line = self._lines.setdefault(key, asyncio.Lock())
        async with line:
            if self._engine.dialect.name == "sqlite":
                yield
                return
            number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], signed=True)
            with translate_outages():
                while not await self._ask("SELECT pg_try_advisory_lock(:number)", number):  # noqa: ASYNC110
                    await asyncio.sleep(_LOOK_SECONDS)
            try:
                yield
            finally:
                # A connection that broke took the lock with it.
                with suppress(DBAPIError, OSError):
                    # Not to be cut short: a lock left behind would silence the chat.
                    await asyncio.shield(self._ask("SELECT pg_advisory_unlock(:number)", number))

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _ask(self, question: str, number: int) -> bool:
        async with self._speaking:
            for fresh in (False, True):
                if self._connection is None or self._connection.closed:
                    connection = await self._engine.connect()
                    self._connection = await connection.execution_options(
                        isolation_level="AUTOCOMMIT"
                    )
                try:
                    return bool(await self._connection.scalar(text(question), {"number": number}))
                except DBAPIError:
                    broken, self._connection = self._connection, None
                    await broken.invalidate()
                    await broken.close()
                    if fresh:
                        raise
            raise AssertionError("unreachable")
