"""Turns: within one process, and between processes on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from aiogram.fsm.storage.base import StorageKey
from redis.asyncio import Redis

from bot.db.database import Database
from bot.db.errors import DatabaseUnavailable
from bot.db.locks import UpdateTurn
from bot.fsm.redis import RedisConversationStorage
from bot.fsm.storage import DatabaseConversationStorage
from tests.support.clock import FakeClock
from tests.support.postgres import create_migrated_postgres, create_postgres
from tests.support.redis import REDIS_URL, delete_bot_keys

Storage = DatabaseConversationStorage | RedisConversationStorage

#: Of nobody else's keys in Redis.
BOT_ID = uuid4().int % 10**9


async def test_one_key_has_one_turn_at_a_time_and_in_order(database: Database) -> None:
    seen: list[str] = []

    async def take(name: str) -> None:
        async with database.lock("chat:1"):
            seen.append(f"{name} in")
            await asyncio.sleep(0)
            seen.append(f"{name} out")

    await asyncio.gather(*(take(name) for name in "abc"))
    assert seen == [f"{name} {way}" for name in "abc" for way in ("in", "out")]


async def test_other_keys_do_not_wait(database: Database) -> None:
    async with asyncio.timeout(10), database.lock("chat:1"), database.lock("chat:2"):
        pass


@pytest.fixture
async def two() -> AsyncIterator[tuple[Database, Database]]:
    async with create_migrated_postgres() as url:
        one, other = Database(url), Database(url)
        yield one, other
        await one.dispose()
        await other.dispose()


async def test_processes_wait_for_each_other(two: tuple[Database, Database]) -> None:
    one, other = two
    async with one.lock("chat:1"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), other.lock("chat:1"):
                pass
    async with asyncio.timeout(10), other.lock("chat:1"):
        pass


async def end_lock_sessions(database: Database) -> None:
    async with database.read() as tx:
        await tx.connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


async def test_a_dead_process_holds_nobody_up(two: tuple[Database, Database]) -> None:
    one, other = two
    async with one.lock("chat:1"):
        await end_lock_sessions(other)
        async with asyncio.timeout(10), other.lock("chat:1"):
            pass
    # The survivor of a cut connection goes on with another one.
    async with asyncio.timeout(10), one.lock("chat:1"):
        pass


@pytest.fixture(params=["database", "redis"])
async def storages(
    request: pytest.FixtureRequest, two: tuple[Database, Database]
) -> AsyncIterator[list[Storage]]:
    """The conversations as each of the two processes stores them."""
    if request.param == "database":
        yield [DatabaseConversationStorage(each, FakeClock().now) for each in two]
        return
    async with Redis.from_url(REDIS_URL) as redis:
        yield [RedisConversationStorage(redis, BOT_ID, timedelta(hours=1)) for _ in two]
    await delete_bot_keys(f"{BOT_ID}:")


@pytest.mark.parametrize("is_noticed", [False, True])
async def test_whoever_lost_the_lock_stores_nothing(
    two: tuple[Database, Database], storages: list[Storage], is_noticed: bool
) -> None:
    one, other = two
    late, early = storages
    key = StorageKey(bot_id=BOT_ID, chat_id=1, user_id=1)

    async def take_turn(database: Database, name: str) -> None:
        async with database.lock(name):
            await early.save(key, {"answer": "of the other process"}, 1)

    async def save_late() -> None:
        while True:
            await asyncio.sleep(0)
            await late.save(key, {"answer": "too late"}, 2)

    async with asyncio.timeout(10), one.lock("chat:1"):
        await end_lock_sessions(other)
        await asyncio.create_task(take_turn(other, "chat:1"))
        if is_noticed:
            # Another update of this process finds the connection lost, and takes a new one.
            await asyncio.create_task(take_turn(one, "chat:2"))
        with pytest.raises(DatabaseUnavailable):
            await save_late()
    assert not await early.is_handled(2)
    async with asyncio.timeout(10), one.lock("chat:1"):
        assert await late.get_data(key) == {"answer": "of the other process"}
        await late.save(key, {"answer": "again"}, 2)


async def test_a_cancelled_turn_leaves_the_process_alive(two: tuple[Database, Database]) -> None:
    one, other = two
    turn = UpdateTurn("1", 9)
    await one.hold(5)
    async with other.begin() as tx:
        await tx.connection.exec_driver_sql("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), one.lock("chat:1", turn):
                pass
    # Whatever the process asks next, others see that it lives.
    async with one.lock("chat:2", turn), other.read() as tx:
        assert await tx.inbox.list_live_owners() >= {5}
        async with asyncio.timeout(10), other.lock("chat:1"):
            pass


@pytest.mark.parametrize("chat", range(8))
async def test_a_process_that_lost_its_connections_lives_again(
    two: tuple[Database, Database], chat: int
) -> None:
    """Whichever of its connections the next lock needs."""
    one, other = two

    async def is_alive() -> bool:
        async with other.read() as tx:
            return 5 in await tx.inbox.list_live_owners()

    await one.hold(5)
    assert await is_alive()
    await end_lock_sessions(other)
    async with asyncio.timeout(10):
        while not await is_alive():
            async with one.lock(f"chat:{chat}"):
                pass


async def test_a_crowd_waits_for_no_single_connection(two: tuple[Database, Database]) -> None:
    one, other = two
    async with asyncio.timeout(10), other.begin() as tx, asyncio.TaskGroup() as tasks:
        # Whoever asks for the order of the chats now waits, with the connection of their lock.
        await tx.connection.exec_driver_sql("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE")
        stuck = tasks.create_task(take(one, "chat:1", UpdateTurn("1", 9)))
        free = [tasks.create_task(take(one, f"chat:{n}")) for n in range(2, 20)]
        await asyncio.wait(free, return_when=asyncio.FIRST_COMPLETED)
        stuck.cancel()


async def take(database: Database, key: str, turn: UpdateTurn | None = None) -> None:
    async with database.lock(key, turn):
        pass


@pytest.mark.parametrize(
    ("setting", "statement"),
    [
        ("statement_timeout", "SELECT pg_sleep(20)"),
        ("lock_timeout", "LOCK TABLE remembered_values"),
    ],
)
async def test_a_statement_that_takes_too_long_is_an_outage(
    two: tuple[Database, Database], setting: str, statement: str
) -> None:
    async def execute() -> None:
        async with two[0].begin() as tx:
            await tx.connection.exec_driver_sql(f"SET LOCAL {setting} = 20")
            await tx.connection.exec_driver_sql(statement)

    async with two[1].begin() as tx:
        await tx.values.set("probe", "")
        with pytest.raises(DatabaseUnavailable):
            await execute()


async def test_a_copy_that_only_reads_is_an_outage() -> None:
    """It answers every query; only a write tells."""
    async with create_postgres() as url:
        database = Database(url)
        await database.migrate()
        async with database.begin() as tx:
            await tx.connection.exec_driver_sql(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only "
                "= on', current_database()); END $$"
            )
        await database.dispose()
        await database.ping()
        with pytest.raises(DatabaseUnavailable):
            await database.probe()
        await database.dispose()
