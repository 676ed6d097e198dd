"""Turns: within one process, and between processes on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.db.database import Database
from tests.support.postgres import create_migrated_postgres


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


async def test_a_dead_process_holds_nobody_up(two: tuple[Database, Database]) -> None:
    one, other = two
    async with one.lock("chat:1"):
        async with other.read() as tx:
            await tx.connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        async with asyncio.timeout(10), other.lock("chat:1"):
            pass
    # The survivor of a cut connection goes on with another one.
    async with asyncio.timeout(10), one.lock("chat:1"):
        pass
