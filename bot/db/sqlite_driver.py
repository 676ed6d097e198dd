"""SQLite driver for SQLAlchemy's asynchronous engine with few switches to the worker thread.

aiosqlite runs SQLite in a thread for each connection. A switch to that thread and back costs more
than most statements do, and aiosqlite makes one to open a cursor, one to execute, one to fetch and
one to close. Here a statement is one switch with all its rows, a transaction begins together with
its first statement, and one that only read ends without being awaited. What each update asks goes
past this driver: see ``sqlite_hot_path``.

It uses private parts of aiosqlite: tests/unit/test_library_internals.py names them.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiosqlite.core import _STOP_RUNNING_SENTINEL, Connection
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

Rows = list[Any]

BUSY_MILLISECONDS = 10_000
PRAGMAS = (
    f"busy_timeout = {BUSY_MILLISECONDS}",
    # A request number that a consumer was shown must survive a power cut.
    "synchronous = FULL",
    "foreign_keys = ON",
    # Erased data must not remain in the file.
    "secure_delete = ON",
)


class HintingCompiler(SQLiteCompiler):
    """Writes hints such as ``INDEXED BY`` behind the table, which SQLAlchemy leaves out."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:
        return text


class FastConnection(Connection):
    """aiosqlite's connection with fewer switches; SQLAlchemy uses it as any other."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        # A connection that nobody closed must not keep the process alive.
        self._thread.daemon = True
        #: The BEGIN that goes with the next statement.
        self._begin_statement: str | None = None
        self._writes = False
        self._begun = False

    def begin(self, *, writes: bool) -> None:
        """Lets the next statement begin a transaction."""
        # IMMEDIATE: SQLite refuses to turn a reader into a writer once another one has written.
        self._begin_statement = "BEGIN IMMEDIATE" if writes else "BEGIN"
        self._writes = writes

    def cursor(self) -> "FastCursor":  # type: ignore[override]
        return FastCursor(self)

    async def execute_and_fetch(
        self, statement: str, parameters: Any, *, many: bool = False
    ) -> tuple[sqlite3.Cursor, Rows]:
        """Executes once, or with each of ``many`` parameters."""
        begin, self._begin_statement = self._begin_statement, None
        self._begun = self._begun or begin is not None
        connection = self._conn

        def execute_statement() -> tuple[sqlite3.Cursor, Rows]:
            if begin:
                connection.execute(begin)
            execute = connection.executemany if many else connection.execute
            cursor = execute(statement, parameters)
            return cursor, cursor.fetchall() if cursor.description else []

        done: tuple[sqlite3.Cursor, Rows] = await self._run_in_thread(execute_statement)
        return done

    async def commit(self) -> None:
        connection = self._conn

        def commit_or_undo() -> None:
            try:
                connection.commit()
            except sqlite3.Error:
                # The next user of the connection must not continue this transaction.
                if connection.in_transaction:
                    connection.rollback()
                raise

        await self._end(commit_or_undo)

    async def rollback(self) -> None:
        await self._end(self._conn.rollback)

    def stop(self) -> None:
        """Lets the thread close the file and end; tells nobody, as the loop may end before it."""
        self._running = False
        self._tx.put_nowait((None, self._close_file))

    def _close_file(self) -> object:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        return _STOP_RUNNING_SENTINEL

    async def _run_in_thread(self, work: Callable[[], Any]) -> Any:
        return await self._execute(work)  # type: ignore[no-untyped-call]

    async def _end(self, work: Callable[[], None]) -> None:
        self._begin_statement = None
        if not self._begun:
            return
        self._begun = False
        if self._writes:
            await self._run_in_thread(work)
        else:
            # The next statement comes after it in the thread's queue anyway.
            self._tx.put_nowait((None, work))


class FastCursor:
    """Cursor of ``FastConnection``: all rows are fetched when a statement is executed."""

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
        self._cursor, self._rows = await self._connection.execute_and_fetch(statement, parameters)

    async def executemany(self, statement: str, parameters: Sequence[Any]) -> None:
        self._cursor, self._rows = await self._connection.execute_and_fetch(
            statement, parameters, many=True
        )

    async def fetchall(self) -> Rows:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Does nothing: no rows are left to fetch."""


def open_file(path: str, pragmas: Sequence[str] = PRAGMAS) -> sqlite3.Connection:
    """A connection that begins no transactions by itself: sqlite3 does before the first write."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def build_connection_factory(
    connect: Callable[[], sqlite3.Connection],
) -> Callable[[], Awaitable[FastConnection]]:
    """Returns the function that SQLAlchemy calls for each new connection of its pool."""

    async def open_connection() -> FastConnection:
        connection = FastConnection(connect)
        await connection
        return connection

    return open_connection
