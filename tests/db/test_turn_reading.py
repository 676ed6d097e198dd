"""On PostgreSQL the statement that takes an update's turn reads its conversation, under the lock.

The outcomes of that statement are in ``test_inbox.py``, the locks themselves in ``test_locks.py``.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from aiogram.fsm.storage.base import BaseStorage, StorageKey
from alembic import command
from redis.asyncio import Redis
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from bot.db.conversations import StoredConversation
from bot.db.database import Database
from bot.db.errors import DatabaseUnavailable, WrongDatabase
from bot.db.locks import UpdateTurn, verify_lock
from bot.db.migrations.runner import build_configuration
from bot.fsm.redis import RedisConversationStorage
from bot.fsm.storage import DatabaseConversationStorage, DatabaseIsolation, current_turn
from tests.support.clock import FakeClock
from tests.support.postgres import create_migrated_postgres, create_postgres
from tests.support.redis import REDIS_URL
from tests.support.samples import FAR_FUTURE, NOW, add_account
from tests.support.statement_recorder import record_statements

KEY = StorageKey(bot_id=5, chat_id=7, user_id=7)
#: Whether a statement waits for another one.
HELD_UP = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database()))"
)


class Process:
    """What a process of the bot handles an update with."""

    def __init__(self, url: str, storage: BaseStorage | None = None) -> None:
        self.database = Database(url)
        self.storage = DatabaseConversationStorage(self.database, FakeClock().now)
        self._isolation = DatabaseIsolation(self.database, storage or self.storage)

    @asynccontextmanager
    async def take_turn(self, update_id: int, key: StorageKey = KEY) -> AsyncIterator[None]:
        """As the inbox and aiogram do."""
        token = current_turn.set(UpdateTurn(str(key.chat_id), update_id))
        try:
            async with asyncio.timeout(10), self._isolation.lock(key):
                yield
        finally:
            current_turn.reset(token)

    async def recall(self, update_id: int) -> StoredConversation:
        """What an update of its own finds; nothing but its turn asks the database."""
        with record_statements(self.database) as statements:
            async with self.take_turn(update_id):
                del statements[:-1]
                found = await self.storage.recall(KEY, update_id)
                ((statement, _),) = statements
        assert "take_turn" in statement
        return found


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with create_migrated_postgres() as url:
        yield url


@pytest.fixture
async def two(url: str) -> AsyncIterator[tuple[Process, Process]]:
    one, other = Process(url), Process(url)
    yield one, other
    await one.database.dispose()
    await other.database.dispose()


async def test_who_waits_for_a_turn_reads_what_was_stored_meanwhile(
    two: tuple[Process, Process],
) -> None:
    one, other = two
    with record_statements(other.database) as statements:
        async with one.take_turn(1):
            waiting = asyncio.create_task(other.recall(2))
            while len(statements) < 2:  # noqa: ASYNC110 (PostgreSQL tells nobody)
                await asyncio.sleep(0.01)
            await one.storage.save(KEY, {"answer": "first"}, 1)
            assert not waiting.done()
        assert (await waiting).data == {"answer": "first"}


async def test_a_statement_that_began_before_reads_it_too(two: tuple[Process, Process]) -> None:
    """Had it read as of its beginning, the answer before would be lost."""
    one, other = two
    async with one.database.begin() as tx:
        await tx.connection.exec_driver_sql("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE")
        waiting = asyncio.create_task(other.recall(2))
        while not (await tx.connection.exec_driver_sql(HELD_UP)).scalar_one():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        # The process whose turn it was until now; it waited for nothing.
        await one.storage.save(KEY, {"answer": "first"}, 1)
    assert (await waiting).data == {"answer": "first"}


async def test_what_the_turn_reads_is_what_a_query_reads(two: tuple[Process, Process]) -> None:
    one, other = two

    async def compare() -> StoredConversation:
        async with one.take_turn(1):
            read = await one.storage.recall(KEY, 1)
            with record_statements(one.database) as statements:
                assert await one.storage.recall(KEY, 1) == read
            assert len(statements) == 1, "only the first one was read with the turn"
        return read

    read = await compare()
    assert (read.data, read.handled) == ({}, False)
    async with other.database.begin() as tx:
        account = await add_account(tx)
        await tx.chats.link(KEY.chat_id, account.id, NOW, FAR_FUTURE)
        await tx.chats.set_locale(KEY.chat_id, "en")
    await other.storage.save(KEY, {"answer": ["ё", 1, None]}, 1)
    read = await compare()
    assert (read.data, read.handled) == ({"answer": ["ё", 1, None]}, True)
    assert read.chat is not None
    assert (read.chat.account, read.chat.logged_in_until) == (account, FAR_FUTURE)


async def test_a_repeated_update_is_told_as_handled(two: tuple[Process, Process]) -> None:
    one, other = two
    async with one.take_turn(1):
        await one.storage.save(KEY, {}, 1)
    assert (await other.recall(1)).handled
    assert not (await other.recall(2)).handled


async def test_what_was_read_is_of_one_update_and_not_changed(two: tuple[Process, Process]) -> None:
    one, _ = two
    async with one.take_turn(1):
        await one.storage.set_data(KEY, {"answer": "of the site"})
        assert (await one.storage.recall(KEY, 1)).data == {"answer": "of the site"}
    async with one.take_turn(2):
        await one.storage.set_data(KEY, {})
        assert (await one.storage.recall(KEY, 2)).data == {}
    async with one.take_turn(3):
        await one.storage.save(KEY, {"answer": "saved"}, 3)
        assert await one.storage.recall(KEY, 3) == replace(
            await one.storage.recall(KEY, 4), handled=True
        )
    async with one.take_turn(4):
        pass
    await one.storage.save(KEY, {"answer": "later"}, 5)
    assert (await one.storage.recall(KEY, 4)).data == {"answer": "later"}


async def test_what_was_read_is_worth_nothing_without_the_lock(
    two: tuple[Process, Process],
) -> None:
    one, other = two

    async def verify_for_ever() -> None:
        while True:
            await asyncio.sleep(0)
            verify_lock()

    async with one.take_turn(1):
        async with other.database.read() as tx:
            await tx.connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        async with asyncio.timeout(10):
            await asyncio.create_task(other.recall(2))
            with pytest.raises(DatabaseUnavailable):
                await verify_for_ever()
        with pytest.raises(DatabaseUnavailable):
            await one.storage.recall(KEY, 1)
    assert (await one.recall(1)).data == {}


async def test_only_an_update_of_a_private_chat_reads_with_its_turn(
    url: str, two: tuple[Process, Process]
) -> None:
    one, _ = two
    group = StorageKey(bot_id=5, chat_id=-7, user_id=7)
    with record_statements(one.database) as statements:
        async with one.take_turn(1, group):
            pass
        async with DatabaseIsolation(one.database, one.storage).lock(KEY):
            pass
    assert not any("take_turn" in statement for statement, _ in statements)
    async with Redis.from_url(REDIS_URL) as redis:
        bot_id = uuid4().int % 10**9
        in_redis = Process(url, RedisConversationStorage(redis, bot_id, timedelta(hours=1)))
        with record_statements(in_redis.database) as statements:
            async with in_redis.take_turn(1):
                pass
        assert ["take_turn" in statement for statement, _ in statements] == [False, False]
        await in_redis.database.dispose()


async def test_columns_that_come_later_need_no_other_function() -> None:
    """Nor does a process stop that has called it before."""
    async with create_postgres() as url:
        process = Process(url)
        await process.database.migrate()
        await process.storage.save(KEY, {"answer": "first"}, 1)
        # As often as PostgreSQL plans a statement anew before it keeps the plan.
        for _ in range(6):
            await process.recall(2)
        async with process.database.begin() as tx:
            for table in ("conversations", "chats", "accounts"):
                await tx.connection.exec_driver_sql(
                    f"ALTER TABLE {table} ADD COLUMN later text NOT NULL DEFAULT 'x'"
                )
        assert (await process.recall(2)).data == {"answer": "first"}
        async with process.database.begin() as tx:
            await tx.connection.exec_driver_sql("ALTER TABLE conversations DROP COLUMN later")
        assert (await process.recall(2)).data == {"answer": "first"}
        await process.database.dispose()


async def test_what_was_stored_over_the_schema_before_is_read() -> None:
    def upgrade(connection: Connection) -> None:
        command.upgrade(build_configuration(connection), "0008")

    async with create_postgres() as url:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
        await engine.dispose()
        process = Process(url)
        await process.storage.save(KEY, {"answer": "first"}, 1)
        await process.database.migrate()
        assert await process.recall(1) == await process.storage.recall(KEY, 1)
        assert (await process.recall(1)).data == {"answer": "first"}
        await process.database.dispose()


async def test_a_database_that_reads_as_of_the_beginning_is_refused() -> None:
    async with create_postgres() as url:
        database = Database(url)
        async with database.begin() as tx:
            await tx.connection.exec_driver_sql(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation "
                "= ''repeatable read''', current_database()); END $$"
            )
        await database.dispose()
        with pytest.raises(WrongDatabase, match="repeatable read by default"):
            await database.migrate()
        await database.dispose()
