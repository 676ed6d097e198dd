"""PostgreSQL databases on this machine's server."""

import asyncio
import atexit
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]

from bot.db.database import Database

_SERVER = "postgres@127.0.0.1:5432"

#: Migrated databases of this process that no test uses now.
_idle: list[str] = []

#: Making a database takes a fifth of a second, and this a few milliseconds.
_EMPTY = """
DO $$
DECLARE name text;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica; -- no foreign keys are checked
    FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename NOT IN ('schema_revision', 'alembic_version')
    LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'
    LOOP EXECUTE format('ALTER SEQUENCE %I RESTART', name); END LOOP;
END $$
"""


@asynccontextmanager
async def create_postgres() -> AsyncIterator[str]:
    """Yields the URL of a new database with nothing in it, which is dropped afterwards."""
    name = f"test_{uuid4().hex}"
    await _execute(f"CREATE DATABASE {name}")
    try:
        yield _build_url(name)
    finally:
        await _execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def create_migrated_postgres() -> AsyncIterator[str]:
    """Yields the URL of a database of the newest schema with no rows; nobody may alter it."""
    name = _idle.pop() if _idle else await _create_migrated()
    try:
        yield _build_url(name)
    finally:
        await _execute(_EMPTY, name)
        _idle.append(name)


async def _create_migrated() -> str:
    name = f"test_{uuid4().hex}"
    await _execute(f"CREATE DATABASE {name}")
    atexit.register(lambda: asyncio.run(_execute(f"DROP DATABASE {name} WITH (FORCE)")))
    database = Database(_build_url(name))
    await database.migrate()
    await database.dispose()
    return name


def _build_url(name: str) -> str:
    return f"postgresql+asyncpg://{_SERVER}/{name}"


async def _execute(statement: str, database: str = "postgres") -> None:
    server = await asyncpg.connect(f"postgresql://{_SERVER}/{database}")
    try:
        await server.execute(statement)
    finally:
        await server.close()
