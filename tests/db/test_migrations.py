"""Migrations run up and down, match the models, and run once when several processes start."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.db.database import Database
from bot.db.migrations.runner import build_configuration, downgrade, get_newest_revision, upgrade
from bot.db.models import Base
from tests.support.samples import add_account


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(url)
    yield engine
    await engine.dispose()


def read_schema(connection: Connection) -> dict[str, Any]:
    """Tables with their columns and names of indexes, without Alembic's own table."""
    inspector = inspect(connection)
    return {
        table: (
            # What comes back by a downgrade comes last.
            sorted((one["name"], str(one["type"])) for one in inspector.get_columns(table)),
            sorted(str(index["name"]) for index in inspector.get_indexes(table)),
        )
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


async def test_every_migration_goes_up_down_and_up_again(engine: AsyncEngine) -> None:
    def walk(connection: Connection) -> None:
        config = build_configuration(connection)
        revisions = list(ScriptDirectory.from_config(config).walk_revisions())
        assert revisions[0].revision == get_newest_revision()
        for script in reversed(revisions):
            before = read_schema(connection)
            command.upgrade(config, script.revision)
            after = read_schema(connection)
            assert after != before
            downgrade(connection, str(script.down_revision or "base"))
            assert read_schema(connection) == before
            command.upgrade(config, script.revision)
            assert read_schema(connection) == after

    async with engine.begin() as connection:
        await connection.run_sync(walk)


async def test_from_the_newest_down_to_nothing_and_back(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
        newest = await connection.run_sync(read_schema)
    async with engine.begin() as connection:
        await connection.run_sync(downgrade, "base")
        assert await connection.run_sync(read_schema) == {}
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
        assert await connection.run_sync(read_schema) == newest


async def test_models_match_the_migrations(engine: AsyncEngine) -> None:
    def compare_schemas(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
        assert await connection.run_sync(compare_schemas) == []


async def test_indexes_match_the_migrations(engine: AsyncEngine) -> None:
    """Alembic compares no conditions of partial indexes: what both make is compared instead."""

    def list_indexes(connection: Connection) -> set[str]:
        statement = {
            "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
            "postgresql": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
        }[connection.dialect.name]
        found = connection.execute(text(statement)).scalars()
        return {one for one in found if "alembic_version" not in one}

    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
        migrated = await connection.run_sync(list_indexes)
        await connection.run_sync(downgrade, "base")
        await connection.run_sync(Base.metadata.create_all)
        assert await connection.run_sync(list_indexes) == migrated
    assert sum(" WHERE " in one for one in migrated) >= 9


async def test_several_processes_migrate_at_once(url: str) -> None:
    databases = [Database(url) for _ in range(4)]
    await asyncio.gather(*(database.migrate() for database in databases))
    for number, database in enumerate(databases):
        async with database.begin() as tx:
            await add_account(tx, f"{number}@example.ru")
        await database.dispose()


async def test_a_first_start_waits_for_another_one_on_sqlite(tmp_path: Path) -> None:
    # Processes that start at once rarely meet here; the test keeps the database locked instead.
    file = tmp_path / "cabinet.db"
    database = Database(f"sqlite+aiosqlite:///{file}")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("CREATE TABLE unfinished (id INTEGER)")
        migration = asyncio.create_task(database.migrate())
        await asyncio.sleep(0.2)
        other.execute("ROLLBACK")
    try:
        await migration
    finally:
        await database.dispose()


async def test_data_survives_a_second_migrate(database: Database) -> None:
    async with database.begin() as tx:
        account = await add_account(tx)
    await database.migrate()
    async with database.read() as tx:
        assert await tx.accounts.get(account.id) == account
