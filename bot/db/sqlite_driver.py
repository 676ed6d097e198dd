"""SQLite for SQLAlchemy's asynchronous engine, with few trips to the connection's thread.

A trip costs more than most statements do. aiosqlite makes one to open a cursor, one to execute, one
to fetch and one to close; here a statement is one trip with all its rows, a transaction begins on
the trip of its first statement, and one that only read ends without being waited for. One that asks
nothing is a single trip.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiosqlite.core import Connection

Rows = list[Any]

BUSY_MILLISECONDS = 10_000
_PRAGMAS = (
    f"busy_timeout = {BUSY_MILLISECONDS}",
    # A number given to a consumer must survive a power cut.
    "synchronous = FULL",
    "foreign_keys = ON",
    # What was erased must not be found in the file.
    "secure_delete = ON",
)


class FastConnection(Connection):
    """aiosqlite's connection to one file, seen by SQLAlchemy as it sees any of them."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        # Whoever forgets to close it shall not keep the process alive.
        self._thread.daemon = True
        self._opening: str | None = None
        self._writes = False
        self._begun = False
        self._gathered: list[Callable[[], Any]] | None = None

    def begin(self, *, writes: bool, write_only: bool = False) -> None:
        """The next statement begins a transaction; ``write_only``: all go with the commit."""
        self._gathered = [] if write_only else None
        # A writer that began as a reader could not become one once another had written.
        self._opening = "BEGIN IMMEDIATE" if writes else "BEGIN"
        self._writes = writes

    def cursor(self) -> "FastCursor":  # type: ignore[override]
        return FastCursor(self)

    async def ask(
        self, statement: str, parameters: Any, *, many: bool = False
    ) -> tuple[sqlite3.Cursor | None, Rows]:
        """Executes with each of ``many`` parameters, or once; no cursor when that comes later."""
        opening, self._opening = self._opening, None
        self._begun = self._begun or opening is not None
        connection = self._conn

        def work() -> tuple[sqlite3.Cursor, Rows]:
            if opening:
                connection.execute(opening)
            execute = connection.executemany if many else connection.execute
            cursor = execute(statement, parameters)
            return cursor, cursor.fetchall() if cursor.description else []

        if self._gathered is not None:
            self._gathered.append(work)
            return None, []
        done: tuple[sqlite3.Cursor, Rows] = await self._run_in_thread(work)
        return done

    async def commit(self) -> None:
        gathered, self._gathered = self._gathered or (), None
        connection = self._conn

        def work() -> None:
            try:
                for one in gathered:
                    one()
                connection.commit()
            except sqlite3.Error:
                # Whoever uses the connection next must not go on in this transaction.
                if connection.in_transaction:
                    connection.rollback()
                raise

        await self._end(work)

    async def rollback(self) -> None:
        self._gathered = None
        await self._end(self._conn.rollback)

    async def _run_in_thread(self, work: Callable[[], Any]) -> Any:
        return await self._execute(work)  # type: ignore[no-untyped-call]

    async def _end(self, how: Callable[[], None]) -> None:
        self._opening = None
        if not self._begun:
            return
        self._begun = False
        if self._writes:
            await self._run_in_thread(how)
        else:
            # Whatever is asked next waits behind it in the thread's queue.
            self._tx.put_nowait((None, how))


class FastCursor:
    """Rows are there as soon as it has executed."""

    arraysize = 1

    def __init__(self, connection: FastConnection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._rows: Rows = []

    async def __aenter__(self) -> "FastCursor":
        return self

    @property
    def description(self) -> Any:
        return self._cursor and self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount if self._cursor else -1

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid if self._cursor else None

    async def execute(self, statement: str, parameters: Any = ()) -> None:
        self._cursor, self._rows = await self._connection.ask(statement, parameters)

    async def executemany(self, statement: str, parameters: Sequence[Any]) -> None:
        self._cursor, self._rows = await self._connection.ask(statement, parameters, many=True)

    async def fetchall(self) -> Rows:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is left to be fetched."""


def build_connection_factory(path: str) -> Callable[[], Awaitable[FastConnection]]:
    """What SQLAlchemy calls for each new connection of its pool."""

    def open_file() -> sqlite3.Connection:
        # Without transactions of the driver's own, which never begin early enough.
        connection = sqlite3.connect(path, isolation_level=None)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    async def opened() -> FastConnection:
        connection = FastConnection(open_file)
        await connection
        return connection

    return opened
