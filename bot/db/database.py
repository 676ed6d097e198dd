"""Unit of work: database transactions, each with all repositories."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import cached_property, partial
from pathlib import Path
from typing import cast
from uuid import uuid4

from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError
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
from bot.db.contact_changes import ContactChangeRepository
from bot.db.conversations import ConversationRepository, ValueRepository
from bot.db.errors import (
    DatabaseUnavailable,
    translate_outages,
    translate_refusals,
)
from bot.db.files import FileRepository
from bot.db.inbox import InboxRepository
from bot.db.locks import KeyedLocks
from bot.db.logins import KnownChatRepository, OneTimeCodeRepository
from bot.db.migrations.runner import find_revision, upgrade
from bot.db.one_time_tokens import OneTimeTokenRepository
from bot.db.outbox import OutboxRepository
from bot.db.personal_data import PersonalDataRepository
from bot.db.postgresql_driver import StatementList, build_postgresql_engine
from bot.db.readings import ReadingRepository
from bot.db.request_messages import RequestMessageRepository
from bot.db.request_reports import RequestReportRepository
from bot.db.request_words import RequestWordRepository
from bot.db.requests import RequestRepository
from bot.db.sqlite_driver import (
    BUSY_MILLISECONDS,
    PRAGMAS,
    FastConnection,
    HintingCompiler,
    build_connection_factory,
    open_file,
)
from bot.db.sqlite_hot_path import KeyReader, WriteGatherer, WriterLine, translate_error
from bot.db.staff_members import StaffMemberRepository
from bot.db.staff_mentions import StaffMentionRepository
from bot.db.uploads import UploadRepository
from bot.db.web_sessions import WebSessionRepository

_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)

#: Key of the advisory lock; arbitrary, other programs on the same PostgreSQL must not use it.
_MIGRATION_LOCK = 0x0CAB_1E7
#: In ``remembered_values`` of SQLite: see ``Database.find_identity``.
IDENTITY_KEY = "database"
_POSTGRESQL_IDENTITY = text(
    "SELECT system_identifier || '-' || oid FROM pg_control_system(), pg_database"
    " WHERE datname = current_database()"
)
_LOCK_NOT_AVAILABLE = "55P03"
#: For a minute: tries of a migration to get at its tables, and seconds between them.
_MIGRATION_TRIES = 120
_MIGRATION_PAUSE = 0.3
#: Seconds.
_BUSY_PAUSE = 0.05


def is_in_transaction() -> bool:
    """Whether the current task is in a transaction, in which nothing may be sent to anybody."""
    return _in_transaction.get()


class Tx:
    """A transaction with its repositories, which never commit."""

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
    def web_sessions(self) -> WebSessionRepository:
        return WebSessionRepository(self.connection)

    @cached_property
    def login_attempts(self) -> LoginAttemptRepository:
        return LoginAttemptRepository(self.connection)

    @cached_property
    def known_chats(self) -> KnownChatRepository:
        return KnownChatRepository(self.connection)

    @cached_property
    def one_time_codes(self) -> OneTimeCodeRepository:
        return OneTimeCodeRepository(self.connection)

    @cached_property
    def one_time_tokens(self) -> OneTimeTokenRepository:
        return OneTimeTokenRepository(self.connection)

    @cached_property
    def contact_changes(self) -> ContactChangeRepository:
        return ContactChangeRepository(self.connection)

    @cached_property
    def files(self) -> FileRepository:
        return FileRepository(self.connection)

    @cached_property
    def uploads(self) -> UploadRepository:
        return UploadRepository(self.connection)

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
    def request_words(self) -> RequestWordRepository:
        return RequestWordRepository(self.connection)

    @cached_property
    def password_resets(self) -> PasswordResetRepository:
        return PasswordResetRepository(self.connection)

    @cached_property
    def staff_members(self) -> StaffMemberRepository:
        return StaffMemberRepository(self.connection)

    @cached_property
    def staff_mentions(self) -> StaffMentionRepository:
        return StaffMentionRepository(self.connection)

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
    """Transactions on SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        """``url``: ``sqlite+aiosqlite:///path`` or ``postgresql+asyncpg://…``."""
        self._url = make_url(url)
        #: What each connection to a file of SQLite executes first.
        self._pragmas = [*PRAGMAS]
        path = self._url.database or ":memory:"
        self._open_file = partial(open_file, path, self._pragmas)
        self._engine = self._build_engine()
        self._locks = KeyedLocks(self._engine)
        #: None on PostgreSQL.
        self._reader: KeyReader | None = None
        self._writers: WriterLine | None = None
        if self._engine.dialect.name == "sqlite":
            self._reader = KeyReader(path, self._engine)
            self._writers = WriterLine(self._open_file)
        #: ``async with lock(key)``: a lock by key across all processes; see ``KeyedLocks``.
        self.lock = self._locks.acquire
        #: ``await hold(number)``: tells other processes that this one lives; PostgreSQL only.
        self.hold = self._locks.hold
        #: Called after each commit that put something into the outbox.
        self.on_outbox: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def begin(self, *, write_only: bool = False) -> AsyncIterator[Tx]:
        """Opens a transaction that may write; commits when the block ends without an error.

        ``write_only``: it reads nothing and asks for no results, and puts nothing into the outbox;
        on SQLite it shares a commit with others that wait. Raises DatabaseUnavailable.
        """
        if write_only:
            gathered = (
                WriteGatherer(self._writers) if self._writers else StatementList(self._engine)
            )
            with _mark_transaction():
                yield Tx(cast("AsyncConnection", gathered))
            await gathered.write()
            return
        async with self._open_transaction(writes=True) as tx:
            yield tx
        if tx.outbox.filled:
            self.on_outbox()

    @asynccontextmanager
    async def read(self, *, by_key: bool = False) -> AsyncIterator[Tx]:
        """Opens a transaction that only reads; on SQLite it never waits for a writer.

        ``by_key``: it finds a few rows by key, each statement for itself and made once and kept.
        """
        if by_key and self._reader is not None:
            with _mark_transaction():
                yield Tx(cast("AsyncConnection", self._reader))
            return
        async with self._open_transaction(writes=False) as tx:
            yield tx

    @property
    def serves_one_process(self) -> bool:
        """Whether no other process can handle updates over this database: it is SQLite."""
        return self._engine.dialect.name == "sqlite"

    async def migrate(self) -> None:
        """Upgrades the schema to the newest revision; other processes wait meanwhile.

        Raises WrongDatabase and DatabaseUnavailable.
        """
        with translate_outages(), translate_refusals():
            if self._engine.dialect.name == "sqlite":
                await self._enable_wal()
            await self._locks.verify()
            for _ in range(_MIGRATION_TRIES):
                if await self._try_to_migrate():
                    return
                await asyncio.sleep(_MIGRATION_PAUSE)
        raise DatabaseUnavailable("the tables are in use")

    async def ping(self) -> None:
        """Raises what the database raises when it does not answer."""
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def find_server_version(self) -> str:
        """The name and version of the database server."""
        is_sqlite = self._engine.dialect.name == "sqlite"
        statement = "SELECT sqlite_version()" if is_sqlite else "SHOW server_version"
        async with self._engine.connect() as connection:
            version = (await connection.execute(text(statement))).scalar_one()
        return f"{'SQLite' if is_sqlite else 'PostgreSQL'} {version}"

    async def find_identity(self) -> str:
        """Tells this database from a restored copy of it.

        PostgreSQL's own number of the cluster and the database; SQLite has none, so that
        ``restore`` makes a copy forget the stored one.
        """
        if self._engine.dialect.name != "sqlite":
            async with self.read() as tx:
                return str((await tx.connection.execute(_POSTGRESQL_IDENTITY)).scalar_one())
        async with self.begin() as tx:
            identity = await tx.values.get(IDENTITY_KEY)
            if identity is None:
                identity = uuid4().hex
                await tx.values.set(IDENTITY_KEY, identity)
        return identity

    async def find_revision(self) -> str | None:
        """The revision of the schema; None when there is none yet.

        Raises WrongDatabase, and what the database raises when it does not answer.
        """
        with translate_refusals():
            await self._locks.verify()
            async with self._engine.connect() as connection:
                return await connection.run_sync(find_revision)

    async def probe(self) -> None:
        """Writes a test value: a full disk or a read-only copy still answers every query."""
        async with self.begin() as tx:
            await tx.values.set("probe", "")

    async def dispose(self) -> None:
        await self._locks.close()
        if self._reader is not None and self._writers is not None:
            self._reader.close()
            await self._writers.close()
        await self._engine.dispose()

    async def _try_to_migrate(self) -> bool:
        """False when other processes work with the tables: who waits for one holds them all up."""
        try:
            async with self._begin_connection(writes=True) as connection:
                if connection.dialect.name == "postgresql":
                    await connection.execute(
                        text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK}
                    )
                    # Sooner than PostgreSQL finds a deadlock and ends one side, maybe the other.
                    await connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
                await connection.run_sync(upgrade)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
                return False
            raise
        return True

    async def _enable_wal(self) -> None:
        """Turns write-ahead logging on; the file keeps the mode."""
        # Here SQLite ignores the busy timeout and fails at once while another process writes.
        async with asyncio.timeout(BUSY_MILLISECONDS / 1000):
            while True:
                try:
                    async with self._engine.connect() as connection:
                        await connection.run_sync(_set_wal_mode)
                except sqlite3.Error as error:
                    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                        raise translate_error(error) from error
                    await asyncio.sleep(_BUSY_PAUSE)
                else:
                    return

    @asynccontextmanager
    async def _open_transaction(self, *, writes: bool) -> AsyncIterator[Tx]:
        turn = self._writers.take_turn() if writes and self._writers else nullcontext()
        with translate_outages():
            async with turn, self._begin_connection(writes=writes) as connection:
                with _mark_transaction():
                    yield Tx(connection)

    @asynccontextmanager
    async def _begin_connection(self, *, writes: bool) -> AsyncIterator[AsyncConnection]:
        async with self._engine.connect() as connection, connection.begin():
            pooled = connection.sync_connection and connection.sync_connection.connection
            if isinstance(driver := pooled and pooled.driver_connection, FastConnection):
                driver.begin(writes=writes)
            yield connection

    def _build_engine(self) -> AsyncEngine:
        if self._url.get_backend_name() != "sqlite":
            return build_postgresql_engine(self._url)
        if self._url.database:
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(
            self._url,
            async_creator=build_connection_factory(self._open_file),
            # Each connection costs a thread and four PRAGMAs. Most of the time one is busy, which
            # is the same one again and again, with warm caches; only a burst opens more than four.
            pool_size=4,
            max_overflow=11,
            pool_use_lifo=True,
            hide_parameters=True,
        )
        engine.dialect.statement_compiler = HintingCompiler
        return engine


@contextmanager
def _mark_transaction() -> Iterator[None]:
    token = _in_transaction.set(True)
    try:
        yield
    finally:
        _in_transaction.reset(token)


def _set_wal_mode(connection: Connection) -> None:
    # By the driver's cursor: inside a transaction the mode cannot change.
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()
