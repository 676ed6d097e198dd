"""The database and its transactions."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.db.accounts import (
    AccountRepository,
    AttemptRepository,
    ChatRepository,
    ConsentRepository,
    ResetRepository,
)
from bot.db.audit import AuditRepository
from bot.db.bot_messages import PostRepository
from bot.db.conversations import ConversationRepository, ValueRepository
from bot.db.errors import outages_told
from bot.db.files import FileRepository
from bot.db.locks import Turns
from bot.db.migrations.runner import upgrade
from bot.db.outbox import OutboxRepository
from bot.db.personal_data import PersonalRepository
from bot.db.readings import ReadingRepository
from bot.db.request_messages import TalkRepository
from bot.db.request_reports import LedgerRepository
from bot.db.requests import RequestRepository
from bot.db.sqlite_driver import BUSY_MILLISECONDS, SwiftConnection, opener

_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)

#: Any number that no other program takes for its own advisory lock on the same PostgreSQL.
_MIGRATION_LOCK = 0x0CAB_1E7
_BUSY_PAUSE = 0.05


def in_transaction() -> bool:
    """Whether the present task is inside a transaction, where nobody may be spoken to."""
    return _in_transaction.get()


class Tx:
    """One transaction, as repositories. They never commit."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    @cached_property
    def accounts(self) -> AccountRepository:
        return AccountRepository(self.connection)

    @cached_property
    def consents(self) -> ConsentRepository:
        return ConsentRepository(self.connection)

    @cached_property
    def chats(self) -> ChatRepository:
        return ChatRepository(self.connection)

    @cached_property
    def attempts(self) -> AttemptRepository:
        return AttemptRepository(self.connection)

    @cached_property
    def files(self) -> FileRepository:
        return FileRepository(self.connection)

    @cached_property
    def requests(self) -> RequestRepository:
        return RequestRepository(self.connection)

    @cached_property
    def readings(self) -> ReadingRepository:
        return ReadingRepository(self.connection)

    @cached_property
    def outbox(self) -> OutboxRepository:
        return OutboxRepository(self.connection)

    @cached_property
    def posts(self) -> PostRepository:
        return PostRepository(self.connection)

    @cached_property
    def talk(self) -> TalkRepository:
        return TalkRepository(self.connection)

    @cached_property
    def ledger(self) -> LedgerRepository:
        return LedgerRepository(self.connection)

    @cached_property
    def resets(self) -> ResetRepository:
        return ResetRepository(self.connection)

    @cached_property
    def audit(self) -> AuditRepository:
        return AuditRepository(self.connection)

    @cached_property
    def conversations(self) -> ConversationRepository:
        return ConversationRepository(self.connection)

    @cached_property
    def personal(self) -> PersonalRepository:
        return PersonalRepository(self.connection)

    @cached_property
    def values(self) -> ValueRepository:
        return ValueRepository(self.connection)


class Database:
    """SQLite or PostgreSQL behind the same transactions."""

    def __init__(self, url: str) -> None:
        """``url``: ``sqlite+aiosqlite:///path`` or ``postgresql+asyncpg://…``."""
        self._url = make_url(url)
        self._engine = self._connected()
        self._turns = Turns(self._engine)
        self._writers: AbstractAsyncContextManager[None] = (
            # SQLite lets one write at a time, and whoever comes again and again before the others.
            asyncio.Lock() if self._engine.dialect.name == "sqlite" else nullcontext()
        )
        #: ``async with turn(key)``: one at a time for each key, among all processes.
        self.turn = self._turns.of
        #: Called after each commit that put something into the outbox.
        self.on_outbox: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def begin(self, *, at_once: bool = False) -> AsyncIterator[Tx]:
        """A transaction that writes; commits on a clean exit.

        ``at_once``: it asks nothing, so on SQLite its statements go together with the commit.
        """
        async with self._transaction(writes=True, at_once=at_once) as tx:
            yield tx
        if tx.outbox.filled:
            self.on_outbox()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction that only reads: on SQLite it never waits for a writer."""
        async with self._transaction(writes=False) as tx:
            yield tx

    async def migrate(self) -> None:
        """Brings the schema up to date; of several processes one does so and the others wait."""
        if self._engine.dialect.name == "sqlite":
            await self._use_a_journal()
        async with self._begun(writes=True) as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK}
                )
            await connection.run_sync(upgrade)

    async def ping(self) -> None:
        """Raises what the database raises when it does not answer."""
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def probe(self) -> None:
        """Writes something of no use: a full disk and a read-only copy answer every question."""
        async with self.begin() as tx:
            await tx.values.set("probe", "")

    async def dispose(self) -> None:
        await self._turns.close()
        await self._engine.dispose()

    async def _use_a_journal(self) -> None:
        """Write-ahead, for good: the file remembers it."""
        # SQLite fails at once, whatever the busy timeout, when another process is in the way here.
        async with asyncio.timeout(BUSY_MILLISECONDS / 1000):
            while True:
                try:
                    async with self._engine.connect() as connection:
                        await connection.run_sync(_switch_journal)
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                        raise
                    await asyncio.sleep(_BUSY_PAUSE)
                else:
                    return

    @asynccontextmanager
    async def _transaction(self, *, writes: bool, at_once: bool = False) -> AsyncIterator[Tx]:
        with outages_told():
            async with (
                self._writers if writes else nullcontext(),
                self._begun(writes=writes, at_once=at_once) as connection,
            ):
                token = _in_transaction.set(True)
                try:
                    yield Tx(connection)
                finally:
                    _in_transaction.reset(token)

    @asynccontextmanager
    async def _begun(
        self, *, writes: bool, at_once: bool = False
    ) -> AsyncIterator[AsyncConnection]:
        async with self._engine.connect() as connection, connection.begin():
            pooled = connection.sync_connection and connection.sync_connection.connection
            if isinstance(driver := pooled and pooled.driver_connection, SwiftConnection):
                driver.begin(writes=writes, at_once=at_once)
            yield connection

    def _connected(self) -> AsyncEngine:
        if self._url.get_backend_name() != "sqlite":
            return create_async_engine(self._url, pool_pre_ping=True, hide_parameters=True)
        if self._url.database:
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
        return create_async_engine(
            self._url,
            async_creator=opener(self._url.database or ":memory:"),
            # A burst that opened more would pay for a thread and four settings each.
            pool_size=15,
            max_overflow=0,
            hide_parameters=True,
        )


def _switch_journal(connection: Connection) -> None:
    # By the driver: inside a transaction the mode cannot change.
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()
