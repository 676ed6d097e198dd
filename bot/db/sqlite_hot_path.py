"""What each update asks of SQLite, past SQLAlchemy's engine and its threads: see decision 22.

A read by key takes less time than the way to another thread and back, so it is made on the event
loop's own thread. Writes that wait at the same time share one transaction and one sync.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from queue import SimpleQueue
from threading import Thread
from typing import Any

from sqlalchemy import Dialect, Executable
from sqlalchemy.dialects.sqlite import dialect as make_dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.compiler import SQLCompiler

#: So many writes at most share a transaction: whoever comes first waits for all of them.
_SHARED_BY = 50

#: SQL and the values of its question marks.
Bound = tuple[str, tuple[Any, ...]]
_Parameters = Mapping[str, Any]
_DIALECT: Dialect = make_dialect(paramstyle="qmark")


class Prepared:
    """A statement of SQLAlchemy as SQL, with the functions that convert its values."""

    def __init__(self, statement: Any, keys: tuple[str, ...]) -> None:
        compiled = statement.compile(dialect=_DIALECT, column_keys=list(keys) or None)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("only statements that SQLAlchemy compiles to SQL")
        self._compiled = compiled
        #: Of values that the statement itself holds.
        self._constants = compiled.construct_params(_check=False)
        self._binders: dict[str, Any] = {**compiled._bind_processors}  # noqa: SLF001
        readers = (
            one.type._cached_result_processor(_DIALECT, None)  # noqa: SLF001
            for one in compiled._result_columns  # noqa: SLF001
        )
        self._readers = [(at, one) for at, one in enumerate(readers) if one is not None]

    def fill(self, parameters: _Parameters) -> Bound:
        """The SQL and the values of its question marks."""
        compiled, binders = self._compiled, self._binders
        text: str = compiled.string
        names: Sequence[str] | None = compiled.positiontup
        values: _Parameters = {**self._constants, **parameters}
        if compiled.post_compile_params:
            # Lists of ``IN`` become as many question marks as they have members.
            state = compiled.construct_expanded_state(dict(values))
            text, names, values = state.statement, state.positiontup, state.parameters
            binders = {**binders, **state.processors}
        return text, tuple(
            binders[name](values[name]) if name in binders else values[name] for name in names or ()
        )

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        """A row of the result in Python's types."""
        values = list(row)
        for at, process in self._readers:
            values[at] = process(values[at])
        return values


# Statements that a module keeps are the same objects each time; others only pass through.
@lru_cache(maxsize=100)
def _prepare(statement: Executable, keys: tuple[str, ...]) -> Prepared:
    return Prepared(statement, keys)


class KeyReader:
    """Stands for a connection: executes a statement at once, on the thread of the event loop.

    For statements that find a few rows by key. Whatever goes wrong, also that SQLite is busy, is
    left to the engine, which waits in a thread and raises what it has to.
    """

    dialect = _DIALECT

    def __init__(self, path: str, engine: AsyncEngine) -> None:
        self._path = path
        self._engine = engine
        self._connection: sqlite3.Connection | None = None

    async def execute(self, statement: Executable, parameters: _Parameters) -> "KeyedRows":
        prepared = _prepare(statement, tuple(parameters))
        try:
            if self._connection is None:
                # No timeout: the event loop waits for nobody.
                self._connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
                self._connection.execute("PRAGMA query_only = ON")
            rows = self._connection.execute(*prepared.fill(parameters)).fetchall()
        except sqlite3.Error:
            async with self._engine.connect() as connection:
                return KeyedRows((await connection.execute(statement, parameters)).all())
        return KeyedRows([prepared.read(row) for row in rows])

    async def scalar(self, statement: Executable, parameters: _Parameters) -> Any:
        rows = await self.execute(statement, parameters)
        return rows[0][0] if rows else None

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class KeyedRows(list[Sequence[Any]]):
    """All rows of a result."""

    def one(self) -> Sequence[Any]:
        (row,) = self
        return row


class WriteGatherer:
    """Stands for a connection in a transaction that reads nothing: gathers its statements."""

    dialect = _DIALECT

    def __init__(self, writers: "WriterLine") -> None:
        self._writers = writers
        self._statements: list[Bound] = []

    async def execute(
        self, statement: Executable, parameters: _Parameters | Sequence[_Parameters] | None = None
    ) -> None:
        """Once, or with each of several parameters."""
        for one in [parameters or {}] if isinstance(parameters, Mapping | None) else parameters:
            self._statements.append(_prepare(statement, tuple(one)).fill(one))

    async def write(self) -> None:
        """Executes all of them or none."""
        if self._statements:
            await self._writers.write(self._statements)


@dataclass(frozen=True, slots=True, eq=False)
class _Write:
    statements: Sequence[Bound]
    done: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class WriterLine:
    """The one line of all who write: SQLite has one writer and no queue.

    A transaction with statements and thoughts between them takes a turn of its own. Gathered writes
    that wait when their turn comes share one transaction, each with a savepoint. The one thread
    that executes it tells each its outcome after the commit. Turns and gathered writes alternate,
    so that neither can starve the other.
    """

    def __init__(self, open_file: Callable[[], sqlite3.Connection]) -> None:
        self._open_file = open_file
        self._turns: deque[asyncio.Future[None]] = deque()
        self._writes: deque[_Write] = deque()
        self._busy = False
        self._turn_is_next = False
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: Thread | None = None
        #: Used by the thread alone.
        self._connection: sqlite3.Connection | None = None

    @asynccontextmanager
    async def take_turn(self) -> AsyncIterator[None]:
        """Nobody else of this process writes within the block."""
        turn = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        self._go_on()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._end_turn()
            raise
        try:
            yield
        finally:
            self._end_turn()

    async def write(self, statements: Sequence[Bound]) -> None:
        """Executes the statements as a whole; returns when they are synced to the disk.

        Raises what SQLAlchemy would raise.
        """
        write = _Write(statements)
        self._writes.append(write)
        self._go_on()
        await write.done

    async def close(self) -> None:
        """Closes the file after what is in hand; a later write opens it again."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(self._close_file)
            self._jobs.put(None)
            await asyncio.to_thread(thread.join)

    def _end_turn(self) -> None:
        self._busy = False
        self._go_on()

    def _go_on(self) -> None:
        """Lets the next one write, if nobody does."""
        if self._busy:
            return
        while self._turns and self._turns[0].done():
            # Whoever waited was cancelled.
            self._turns.popleft()
        group: list[_Write] = []
        if not (self._turns and self._turn_is_next):
            while self._writes and len(group) < _SHARED_BY:
                write = self._writes.popleft()
                if not write.done.done():
                    group.append(write)
        if group:
            self._busy = self._turn_is_next = True
            self._start(group)
        elif self._turns:
            self._busy, self._turn_is_next = True, False
            self._turns.popleft().set_result(None)

    def _start(self, group: list[_Write]) -> None:
        loop = asyncio.get_running_loop()

        def execute() -> None:
            outcomes = self._execute(group)
            with suppress(RuntimeError):  # The loop is closed: nobody waits any more.
                loop.call_soon_threadsafe(self._end_group, group, outcomes)

        if self._thread is None:
            # A disk that hangs must not keep the process alive.
            self._thread = Thread(target=self._run_jobs, name="sqlite-writer", daemon=True)
            self._thread.start()
        self._jobs.put(execute)

    def _end_group(self, group: list[_Write], outcomes: list[Exception | None]) -> None:
        for write, error in zip(group, outcomes, strict=True):
            if write.done.done():
                continue
            if error is None:
                write.done.set_result(None)
            else:
                write.done.set_exception(translate_error(error))
        self._end_turn()

    # In the thread.

    def _run_jobs(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _execute(self, group: list[_Write]) -> list[Exception | None]:
        """Executes and commits; the outcome of each write in order."""
        try:
            if self._connection is None:
                self._connection = self._open_file()
            return _execute_group(self._connection, [one.statements for one in group])
        except Exception as error:  # noqa: BLE001 (each of the group raises it)
            self._undo()
            return [error] * len(group)

    def _undo(self) -> None:
        try:
            if self._connection is not None and self._connection.in_transaction:
                self._connection.rollback()
        except sqlite3.Error:
            # The next group must not continue this transaction.
            self._close_file()

    def _close_file(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _execute_group(
    connection: sqlite3.Connection, group: Sequence[Sequence[Bound]]
) -> list[Exception | None]:
    """Raises when nothing of the whole group is stored."""
    outcomes: list[Exception | None] = []
    connection.execute("BEGIN IMMEDIATE")
    for statements in group:
        connection.execute("SAVEPOINT one")
        outcome = None
        try:
            for statement, values in statements:
                connection.execute(statement, values)
        except Exception as error:
            if not connection.in_transaction:
                # A full disk, for one: SQLite has undone the others as well.
                raise
            connection.execute("ROLLBACK TO one")
            outcome = error
        connection.execute("RELEASE one")
        outcomes.append(outcome)
    connection.execute("COMMIT")
    return outcomes


def translate_error(error: Exception) -> Exception:
    """The error as SQLAlchemy raises it, without the values: they may be a person's words."""
    if not isinstance(error, sqlite3.Error):
        return error
    translated = DBAPIError.instance(None, None, error, sqlite3.Error, hide_parameters=True)
    translated.__cause__ = error
    return translated
