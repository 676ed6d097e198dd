"""Per-key lock across processes: ``asyncio.Lock`` on SQLite, advisory locks on PostgreSQL."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakValueDictionary

from sqlalchemy import Executable, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.db.conversations import TAKE_TURN, StoredConversation, to_stored_conversation
from bot.db.errors import DatabaseUnavailable, WrongDatabase, translate_outages

#: Pause between two attempts to take a lock that another process holds.
_RETRY_SECONDS = 0.05

#: How many connections of a process hold its locks.
_SESSIONS = 4

#: SQLSTATE of a prepared statement that the server's session knows already, or does not know.
_LOST_STATEMENT = ("42P05", "26000")

_TRY_LOCK = text("SELECT pg_try_advisory_lock(:number)")
_UNLOCK = text("SELECT pg_advisory_unlock(:number)")
_LIVE_PROCESSES = (
    "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks "
    "WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND database = "
    "(SELECT oid FROM pg_database WHERE datname = current_database())"
)
#: Numbers that living processes hold: see KeyedLocks.hold.
LIVE_PROCESSES = text(_LIVE_PROCESSES)
#: In ``remembered_values``, before the number of a process that did not stop cleanly, or runs.
PROCESS_KEY = "process:"
# What a dead process locked is free once PostgreSQL knows of its death, so whoever gets the lock of
# an update that killed a process is told of it here, however soon that is. The schema's function
# take_turn does the same and reads the conversation.
_TRY_LOCK_IN_ORDER = text(
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM inbox WHERE chat_key = :chat_key"  # noqa: S608
    " AND update_id < :update_id AND state <> 'parked') THEN 'earlier'"
    " WHEN NOT pg_try_advisory_lock(:number) THEN 'held'"
    f" WHEN EXISTS (SELECT 1 FROM remembered_values WHERE key LIKE '{PROCESS_KEY}%'"
    f" AND substr(key, {len(PROCESS_KEY) + 1})::bigint NOT IN ({_LIVE_PROCESSES})) THEN 'crashed'"
    " ELSE 'locked' END"
)


class _DriverConnection(Protocol):
    def is_closed(self) -> bool: ...


#: The connection whose session holds the lock of what is in hand; None on SQLite.
_lock_connection: ContextVar[_DriverConnection | None] = ContextVar("lock_connection", default=None)


class TurnRefused(Exception):
    """An update is not to be handled now."""


class EarlierUpdateWaits(TurnRefused):
    """The inbox holds an earlier update of the chat, which has to be handled first."""


class CrashSuspected(TurnRefused):
    """A process died lately, and this update may be the cause: its tries have to be counted."""


@dataclass(frozen=True, slots=True)
class UpdateTurn:
    """An update's place in the order of its chat. ``counted``: its row counts crashes.

    ``conversation``: its key and the id of its chat, if it is to be read when it is locked.
    """

    chat_key: str
    update_id: int
    counted: bool = False
    conversation: tuple[str, int] | None = None


def verify_lock() -> None:
    """Raises DatabaseUnavailable when the lock of what is in hand was lost with its connection.

    Another process may hold it by now: what is in hand must not be stored, and begins anew. Costs
    no statement, as the end of a connection is known to its driver.
    """
    connection = _lock_connection.get()
    if connection is not None and connection.is_closed():
        raise DatabaseUnavailable("the connection of the lock was lost")


class _LockSession:
    """A session of PostgreSQL that holds locks; one that is lost is opened anew."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None
        #: To be locked for as long as the process lives, and those the connection holds.
        self._held: set[int] = set()
        self._locked: set[int] = set()
        self._statement_lock = asyncio.Lock()

    async def query(self, statement: Executable, **values: int | str) -> Sequence[Any]:
        """The only row."""
        async with self._statement_lock:
            for fresh in (False, True):
                try:
                    connection = await self._connect()
                    row = (await connection.execute(statement, values)).one()
                except DBAPIError:
                    broken, self._connection, self._locked = self._connection, None, set()
                    if broken is not None:
                        await broken.invalidate()
                        await broken.close()
                    if fresh:
                        raise
                else:
                    return row
            raise AssertionError("unreachable")

    async def hold(self, number: int) -> None:
        """Locks ``number`` for as long as this process lives."""
        self._held.add(number)
        await self.query(text("SELECT true"))

    async def restore(self) -> None:
        """Locks again what is held, if that was lost; costs no statement otherwise."""
        driver = self.find_driver_connection()
        if self._held and (driver is None or driver.is_closed()):
            await self.query(text("SELECT true"))

    def find_driver_connection(self) -> _DriverConnection | None:
        if self._connection is None or self._connection.invalidated:
            return None
        connection = self._connection.sync_connection
        return connection.connection.driver_connection if connection else None

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _connect(self) -> AsyncConnection:
        if self._connection is not None and self._connection.invalidated:
            # A statement was cancelled: nothing is known of the session, which is given up.
            await self._connection.close()
            self._connection = None
        if self._connection is None or self._connection.closed:
            connection = await self._engine.connect()
            self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            self._locked = set()
        for number in self._held - self._locked:
            if await self._connection.scalar(_TRY_LOCK, {"number": number}):
                self._locked.add(number)
        return self._connection


async def _try_lock(
    session: _LockSession, number: int, turn: UpdateTurn | None
) -> Sequence[Any] | None:
    """Returns what the statement that locks has read; None when another process holds it."""
    if turn is None:
        (locked,) = await session.query(_TRY_LOCK, number=number)
        return () if locked else None
    statement: Executable = _TRY_LOCK_IN_ORDER
    values: dict[str, int | str] = {
        "number": number,
        "chat_key": turn.chat_key,
        "update_id": turn.update_id,
    }
    if turn.conversation is not None:
        statement = TAKE_TURN
        values["conversation_key"], values["chat_id"] = turn.conversation
    outcome, *read = await session.query(statement, **values)
    if outcome == "earlier":
        raise EarlierUpdateWaits
    if outcome == "crashed" and not turn.counted:
        await asyncio.shield(session.query(_UNLOCK, number=number))
        raise CrashSuspected
    return None if outcome == "held" else read


class KeyedLocks:
    """Locks by key.

    A SQLite database belongs to one process, so locks of that process are enough. On PostgreSQL a
    process takes advisory locks on a few connections that it keeps open for them: PostgreSQL
    releases them when the process ends, however it ends, so nobody waits for a dead one.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._local_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        # A connection has one statement in hand at a time: a crowd on a single one waits in line.
        self._sessions = [_LockSession(engine) for _ in range(_SESSIONS)]

    @asynccontextmanager
    async def acquire(
        self, key: str, turn: UpdateTurn | None = None
    ) -> AsyncIterator[StoredConversation | None]:
        """Holds the lock of a key. Raises what the database raises when it does not answer.

        Yields the conversation of ``turn`` as it is under the lock; None when it was not read, as
        ever on SQLite.

        Raises TurnRefused instead of locking when ``turn`` has not come; the statement that locks
        asks that too, and only PostgreSQL is asked: where there is one process, it knows the order
        and the crashes itself.
        """
        local_lock = self._local_locks.setdefault(key, asyncio.Lock())
        async with local_lock:
            if self._engine.dialect.name == "sqlite":
                yield None
                return
            number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], signed=True)
            session = self._sessions[number % _SESSIONS]
            with translate_outages():
                # Others may not take this process for dead while it works.
                await self._sessions[0].restore()
                while (read := await _try_lock(session, number, turn)) is None:  # noqa: ASYNC110
                    await asyncio.sleep(_RETRY_SECONDS)
            token = _lock_connection.set(session.find_driver_connection())
            try:
                place = turn.conversation if turn else None
                yield to_stored_conversation(place[1], read) if place else None
            finally:
                _lock_connection.reset(token)
                # A broken connection has released the lock already.
                with suppress(DBAPIError, OSError):
                    # Shielded: a lock that is not released would block the chat for good.
                    await asyncio.shield(session.query(_UNLOCK, number=number))

    async def hold(self, number: int) -> None:
        """Locks a ``number`` of 0 to 2**63 - 1 for as long as this process lives.

        Called again, it makes sure of that: after a lost connection the lock is taken anew.
        """
        if self._engine.dialect.name != "sqlite":
            with translate_outages():
                await self._sessions[0].hold(number)

    async def verify(self) -> None:
        """Raises WrongDatabase when locks would keep nobody apart.

        Two connections may be one session of the server, behind PgBouncer with ``pool_mode =
        transaction``: both get the same lock. And what is read once a lock is had must be what is
        committed then, not what was when the statement began.
        """
        if self._engine.dialect.name == "sqlite":
            return
        number = {"number": secrets.randbits(62)}
        try:
            async with self._engine.connect() as first, self._engine.connect() as second:
                for connection in (first, second):
                    await connection.execution_options(isolation_level="AUTOCOMMIT")
                isolation = await first.scalar(text("SHOW transaction_isolation"))
                shared = await first.scalar(_TRY_LOCK, number)
                shared = shared and await second.scalar(_TRY_LOCK, number)
                await first.execute(_UNLOCK, number)
                if shared:
                    await second.execute(_UNLOCK, number)
        except DBAPIError as error:
            # Prepared statements belong to a session as well.
            shared = getattr(error.orig, "sqlstate", None) in _LOST_STATEMENT
            if not shared:
                raise
        if shared:
            raise WrongDatabase(
                "connections share sessions of PostgreSQL, so its locks keep nobody apart: set "
                "pool_mode = session for this database in PgBouncer, or connect without it"
            )
        if isolation != "read committed":
            raise WrongDatabase(
                f"transactions of PostgreSQL are {isolation} by default: set "
                "default_transaction_isolation = 'read committed' for this database"
            )

    async def close(self) -> None:
        for session in self._sessions:
            await session.close()
