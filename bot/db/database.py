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
    ChatRepository,
    ConsentRepository,
    LoginAttemptRepository,
    PasswordResetRepository,
)
from bot.db.audit import AuditRepository
from bot.db.bot_messages import BotMessageRepository
from bot.db.conversations import ConversationRepository, ValueRepository
from bot.db.errors import translate_outages
from bot.db.files import FileRepository
from bot.db.inbox import InboxRepository
from bot.db.locks import KeyedLocks
from bot.db.migrations.runner import upgrade
from bot.db.outbox import OutboxRepository
from bot.db.personal_data import PersonalDataRepository
from bot.db.readings import ReadingRepository
from bot.db.request_messages import RequestMessageRepository
from bot.db.request_reports import RequestReportRepository
from bot.db.requests import RequestRepository
from bot.db.sqlite_driver import BUSY_MILLISECONDS, FastConnection, build_connection_factory

_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)

#: Any number that no other program takes for its own advisory lock on the same PostgreSQL.
_MIGRATION_LOCK = 0x0CAB_1E7
_BUSY_PAUSE = 0.05


def is_in_transaction() -> bool:
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
    def login_attempts(self) -> LoginAttemptRepository:
        return LoginAttemptRepository(self.connection)

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
    def bot_messages(self) -> BotMessageRepository:
        return BotMessageRepository(self.connection)

    @cached_property
    def request_messages(self) -> RequestMessageRepository:
        return RequestMessageRepository(self.connection)

    @cached_property
    def request_reports(self) -> RequestReportRepository:
        return RequestReportRepository(self.connection)

    @cached_property
    def password_resets(self) -> PasswordResetRepository:
        return PasswordResetRepository(self.connection)

    @cached_property
    def audit(self) -> AuditRepository:
        return AuditRepository(self.connection)

    @cached_property
    def conversations(self) -> ConversationRepository:
        return ConversationRepository(self.connection)

    @cached_property
    def inbox(self) -> InboxRepository:
        return InboxRepository(self.connection)

    @cached_property
    def personal_data(self) -> PersonalDataRepository:
        return PersonalDataRepository(self.connection)

    @cached_property
    def values(self) -> ValueRepository:
        return ValueRepository(self.connection)


class Database:
    """SQLite or PostgreSQL behind the same transactions."""

    def __init__(self, url: str) -> None:
        """``url``: ``sqlite+aiosqlite:///path`` or ``postgresql+asyncpg://…``."""
        self._url = make_url(url)
        self._engine = self._build_engine()
        self._turns = KeyedLocks(self._engine)
        self._writers: AbstractAsyncContextManager[None] = (
            # SQLite lets one write at a time, and whoever comes again and again before the others.
            asyncio.Lock() if self._engine.dialect.name == "sqlite" else nullcontext()
        )
        #: ``async with turn(key)``: one at a time for each key, among all processes.
        self.turn = self._turns.acquire
        #: ``await hold(number)``: tells other processes that this one lives; PostgreSQL only.
        self.hold = self._turns.hold
        #: Called after each commit that put something into the outbox.
        self.on_outbox: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def begin(self, *, write_only: bool = False) -> AsyncIterator[Tx]:
        """A transaction that writes; commits on a clean exit.

        ``write_only``: it asks nothing, so on SQLite its statements go together with the commit.
        """
        async with self._open_transaction(writes=True, write_only=write_only) as tx:
            yield tx
        if tx.outbox.filled:
            self.on_outbox()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction that only reads: on SQLite it never waits for a writer."""
        async with self._open_transaction(writes=False) as tx:
            yield tx

    @property
    def serves_one_process(self) -> bool:
        """SQLite: no other process handles updates over this database."""
        return self._engine.dialect.name == "sqlite"

    async def migrate(self) -> None:
        """Brings the schema up to date; of several processes one does so and the others wait."""
        if self._engine.dialect.name == "sqlite":
            await self._enable_wal()
        async with self._begin_connection(writes=True) as connection:
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

    async def _enable_wal(self) -> None:
        """Write-ahead, for good: the file remembers it."""
        # SQLite fails at once, whatever the busy timeout, when another process is in the way here.
        async with asyncio.timeout(BUSY_MILLISECONDS / 1000):
            while True:
                try:
                    async with self._engine.connect() as connection:
                        await connection.run_sync(_set_wal_mode)
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                        raise
                    await asyncio.sleep(_BUSY_PAUSE)
                else:
                    return

    @asynccontextmanager
    async def _open_transaction(
        self, *, writes: bool, write_only: bool = False
    ) -> AsyncIterator[Tx]:
        with translate_outages():
            async with (
                self._writers if writes else nullcontext(),
                self._begin_connection(writes=writes, write_only=write_only) as connection,
            ):
                token = _in_transaction.set(True)
                try:
                    yield Tx(connection)
                finally:
                    _in_transaction.reset(token)

    @asynccontextmanager
    async def _begin_connection(
        self, *, writes: bool, write_only: bool = False
    ) -> AsyncIterator[AsyncConnection]:
        async with self._engine.connect() as connection, connection.begin():
            pooled = connection.sync_connection and connection.sync_connection.connection
            if isinstance(driver := pooled and pooled.driver_connection, FastConnection):
                driver.begin(writes=writes, write_only=write_only)
            yield connection

    def _build_engine(self) -> AsyncEngine:
        if self._url.get_backend_name() != "sqlite":
            return create_async_engine(self._url, pool_pre_ping=True, hide_parameters=True)
        if self._url.database:
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
        return create_async_engine(
            self._url,
            async_creator=build_connection_factory(self._url.database or ":memory:"),
            # A burst that opened more would pay for a thread and four settings each.
            pool_size=15,
            max_overflow=0,
            hide_parameters=True,
        )


def _set_wal_mode(connection: Connection) -> None:
    # By the driver: inside a transaction the mode cannot change.
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()
