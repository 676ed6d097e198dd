"""Migrations run up and down, match the models, and run once when several processes start."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.db.database import Database
from bot.db.errors import WrongDatabase
from bot.db.migrations import runner
from bot.db.migrations.runner import (
    COMPATIBLE_TABLE,
    REVISION_TABLE,
    build_configuration,
    downgrade,
    get_newest_revision,
    upgrade,
)
from bot.db.models import Base
from tests.support.postgres import create_postgres
from tests.support.samples import add_account

VERSION_TABLES = (REVISION_TABLE, COMPATIBLE_TABLE)
#: Migrations that change nothing on SQLite.
OF_POSTGRESQL = {"0009"}


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(url)
    yield engine
    await engine.dispose()


def read_schema(connection: Connection) -> dict[str, Any]:
    """Tables with their columns and names of indexes, without those of the revision; functions."""
    inspector = inspect(connection)
    return read_functions(connection) | {
        table: (
            # What comes back by a downgrade comes last.
            sorted((one["name"], str(one["type"])) for one in inspector.get_columns(table)),
            sorted(str(index["name"]) for index in inspector.get_indexes(table)),
        )
        for table in inspector.get_table_names()
        if table not in VERSION_TABLES
    }


def read_functions(connection: Connection) -> dict[str, str]:
    """What each function of the schema takes and gives."""
    if connection.dialect.name == "sqlite":
        return {}
    statement = (
        "SELECT 'function ' || proname AS name, pg_get_function_arguments(oid) || ' to ' ||"
        " pg_get_function_result(oid) AS signature FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace"
    )
    return {row.name: row.signature for row in connection.execute(text(statement))}


async def test_every_migration_goes_up_down_and_up_again(engine: AsyncEngine) -> None:
    def walk(connection: Connection) -> None:
        config = build_configuration(connection)
        revisions = list(ScriptDirectory.from_config(config).walk_revisions())
        assert revisions[0].revision == get_newest_revision()
        for script in reversed(revisions):
            before = read_schema(connection)
            command.upgrade(config, script.revision)
            after = read_schema(connection)
            silent = connection.dialect.name == "sqlite" and script.revision in OF_POSTGRESQL
            assert (after == before) is silent
            downgrade(connection, str(script.down_revision or "base"))
            assert read_schema(connection) == before
            command.upgrade(config, script.revision)
            assert read_schema(connection) == after

    async with engine.begin() as connection:
        await connection.run_sync(walk)


async def test_a_migration_that_does_not_say_otherwise_only_expands(engine: AsyncEngine) -> None:
    """Code of the release before goes on beside it: CONTRIBUTING.md, "Migrations"."""

    def walk(connection: Connection) -> None:
        config = build_configuration(connection)
        first, *others = reversed(list(ScriptDirectory.from_config(config).walk_revisions()))
        command.upgrade(config, first.revision)
        for script in others:
            before = read_rules(connection)
            command.upgrade(config, script.revision)
            if not hasattr(script.module, "oldest_code"):
                assert list_contractions(before, read_rules(connection)) == []

    async with engine.begin() as connection:
        await connection.run_sync(walk)


def read_rules(connection: Connection) -> dict[str, tuple[dict[str, Any], set[str]]]:
    """Of each table its columns, and what a row must hold to; of each function what it takes."""
    inspector = inspect(connection)
    rules: dict[str, tuple[dict[str, Any], set[str]]] = {
        name: ({}, {signature}) for name, signature in read_functions(connection).items()
    }
    for table in inspector.get_table_names():
        unique = [
            *inspector.get_unique_constraints(table),
            *(one for one in inspector.get_indexes(table) if one["unique"]),
        ]
        constraints = {
            *(f"unique {one['column_names']}" for one in unique),
            f"primary key {inspector.get_pk_constraint(table)['constrained_columns']}",
            *(f"check {one['sqltext']}" for one in inspector.get_check_constraints(table)),
            *(
                f"{one['constrained_columns']} of {one['referred_table']}"
                for one in inspector.get_foreign_keys(table)
            ),
        }
        rules[table] = ({one["name"]: one for one in inspector.get_columns(table)}, constraints)
    return rules


def list_contractions(
    before: dict[str, tuple[dict[str, Any], set[str]]],
    after: dict[str, tuple[dict[str, Any], set[str]]],
) -> list[str]:
    """What keeps code that knows the schema ``before`` from working over the one ``after``."""
    found = []
    for table, (columns, constraints) in before.items():
        if table not in after:
            found.append(f"{table} is gone")
            continue
        present, present_constraints = after[table]
        # A constraint of new columns alone binds no row that old code writes.
        added = present.keys() - columns.keys()
        found += [
            f"{table}: {one}"
            for one in constraints ^ present_constraints
            if one in constraints or not any(f"'{name}'" in one for name in added)
        ]
        for name, old in columns.items():
            new = present.get(name)
            if new is None or str(new["type"]) != str(old["type"]):
                found.append(f"{table}.{name} is gone or changed")
            elif old["nullable"] and not new["nullable"]:
                found.append(f"{table}.{name} must not be empty")
        found += [
            f"{table}.{name} is needed"
            for name in added
            if not present[name]["nullable"] and present[name]["default"] is None
        ]
    return found


EXPANSION = """
revision = "9998"
down_revision = "{newest}"

def upgrade():
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("requests", sa.Column("later", sa.Text(), nullable=True))
    op.add_column("accounts", sa.Column("later", sa.Text(), nullable=True))

def downgrade():
    op.drop_column("requests", "later")
    op.drop_column("accounts", "later")
    op.drop_table("later")
"""
CONTRACTION = """
revision = "9999"
down_revision = "9998"
oldest_code = "9998"

def upgrade():
    op.drop_table("later")

def downgrade():
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
"""


#: Migrates with one migration more.
MigrateWith = Callable[[Database, str, str], Coroutine[None, None, None]]


@pytest.fixture
def migrate_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MigrateWith:
    newest = get_newest_revision()
    later = tmp_path / "migrations"
    shutil.copytree(runner._HERE, later)

    async def migrate(database: Database, revision: str, script: str) -> None:
        head = "import sqlalchemy as sa\nfrom alembic import op\n"
        (later / "versions" / f"{revision}.py").write_text(head + script.format(newest=newest))
        with monkeypatch.context() as patched:
            patched.setattr(runner, "_HERE", later)
            await database.migrate()

    return migrate


async def test_code_goes_on_over_an_expanded_schema_and_refuses_a_contracted_one(
    url: str, migrate_with: MigrateWith
) -> None:
    database = Database(url)
    try:
        await database.migrate()
        await migrate_with(database, "9998", EXPANSION)
        await database.migrate()
        assert await database.find_revision() == "9998"
        async with database.begin() as tx:
            await add_account(tx)
        await migrate_with(database, "9999", CONTRACTION)
        with pytest.raises(WrongDatabase, match=r"schema 9999 is newer .* that knows 9998"):
            await database.migrate()
    finally:
        await database.dispose()


async def test_a_migration_gives_way_to_work_on_the_tables(migrate_with: MigrateWith) -> None:
    """Both would wait for each other until PostgreSQL ends one: maybe that of a consumer."""
    async with create_postgres() as url:
        migrating, working = Database(url), Database(url)
        await migrating.migrate()
        async with working.begin() as tx:
            await tx.connection.execute(text("SELECT FROM accounts"))
            migration = asyncio.create_task(migrate_with(migrating, "9998", EXPANSION))
            # Longer than PostgreSQL lets a deadlock be.
            await tx.connection.execute(text("SELECT pg_sleep(1.2)"))
            await tx.connection.execute(text("SELECT FROM requests"))
            assert not migration.done()
        await migration
        assert await working.find_revision() == "9998"
        for database in (migrating, working):
            await database.dispose()


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
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                # What the search for words has made for it: of no model.
                "include_name": lambda name, _kind, _parents: (
                    name not in VERSION_TABLES and not str(name).startswith("request_index")
                ),
            },
        )
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
        return {one for one in found if REVISION_TABLE not in one and "request_index" not in one}

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


async def test_a_file_that_may_only_be_read_is_an_outage(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/cabinet.db")
    database._pragmas.append("query_only = ON")
    with pytest.raises(OperationalError, match="readonly"):
        await database.migrate()
    await database.dispose()


async def test_data_survives_a_second_migrate(database: Database) -> None:
    async with database.begin() as tx:
        account = await add_account(tx)
    await database.migrate()
    async with database.read() as tx:
        assert await tx.accounts.get(account.id) == account
