"""A new PostgreSQL database on this machine's server."""

import asyncio
import atexit
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]

from bot.db.database import Database

_SERVER = "postgres@127.0.0.1:5432"


@asynccontextmanager
async def create_postgres(template: str = "template1") -> AsyncIterator[str]:
    """Yields the URL of an empty database, which is dropped afterwards."""
    name = f"test_{uuid4().hex}"
    await _execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield f"postgresql+asyncpg://{_SERVER}/{name}"
    finally:
        await _execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def create_migrated_postgres() -> AsyncIterator[str]:
    """Like ``create_postgres``, with the newest schema."""
    template = await asyncio.to_thread(_create_template)
    async with create_postgres(template) as url:
        yield url


@cache
def _create_template() -> str:
    """Migrates a template database once in this process, as copying it is fast."""
    name = f"template_{uuid4().hex}"

    async def migrate() -> None:
        await _execute(f"CREATE DATABASE {name}")
        database = Database(f"postgresql+asyncpg://{_SERVER}/{name}")
        await database.migrate()
        await database.dispose()

    asyncio.run(migrate())
    atexit.register(lambda: asyncio.run(_execute(f"DROP DATABASE {name}")))
    return name


async def _execute(statement: str) -> None:
    server = await asyncpg.connect(f"postgresql://{_SERVER}/postgres")
    try:
        await server.execute(statement)
    finally:
        await server.close()
