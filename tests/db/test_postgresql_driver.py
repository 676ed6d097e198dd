"""What PostgreSQL is asked besides the statements of a transaction: nothing."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg  # type: ignore[import-untyped]
import pytest

from bot.db.database import Database
from tests.support.postgres import create_migrated_postgres
from tests.support.samples import NOW


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    async with create_migrated_postgres() as url:
        database = Database(url)
        yield database
        await database.dispose()


async def test_connections_that_the_server_ended_are_replaced(database: Database) -> None:
    async def read() -> None:
        async with database.read() as tx:
            await tx.connection.exec_driver_sql("SELECT pg_sleep(0.1)")

    # As many connections as there are tasks, and as many are lost.
    await asyncio.gather(*(read() for _ in range(5)))
    async with database.read() as tx:
        await tx.connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await asyncio.sleep(0.1)
    await asyncio.gather(*(read() for _ in range(5)))


async def test_a_step_is_stored_by_its_statement_alone(database: Database) -> None:
    asked: list[str] = []

    def record(logged: asyncpg.connection.LoggedQuery) -> None:
        asked.append(logged.query)

    async with database.read() as tx:
        driver = (await tx.connection.get_raw_connection()).driver_connection
        assert driver is not None
        # Told of all but prepared statements, among them the beginnings and ends of transactions.
        driver.add_query_logger(record)
    asked.clear()
    async with database.begin(write_only=True) as tx:
        await tx.conversations.save_and_mark("k", {"screen": 1}, 7, NOW)
    assert asked == []
    async with database.begin(write_only=True) as tx:
        await tx.conversations.save("k", {"screen": 2}, NOW)
        await tx.conversations.mark_handled(8, NOW)
    assert asked == ["BEGIN ISOLATION LEVEL READ COMMITTED;", "COMMIT;"]
