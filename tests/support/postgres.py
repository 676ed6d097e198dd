"""A PostgreSQL database of one's own, on the server of this machine."""

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
async def empty_postgres(template: str = "template1") -> AsyncIterator[str]:
    """The URL of a database that is dropped afterwards."""
    name = f"test_{uuid4().hex}"
    await _execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield f"postgresql+asyncpg://{_SERVER}/{name}"
    finally:
        await _execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def migrated_postgres() -> AsyncIterator[str]:
    """As ``empty_postgres``, with our tables in it."""
    template = await asyncio.to_thread(_template)
    async with empty_postgres(template) as url:
        yield url


@cache
def _template() -> str:
    """Migrated once in this process: a copy of it is made in a moment."""
    name = f"template_{uuid4().hex}"

    async def make() -> None:
        await _execute(f"CREATE DATABASE {name}")
        database = Database(f"postgresql+asyncpg://{_SERVER}/{name}")
        await database.migrate()
        await database.dispose()

    asyncio.run(make())
    atexit.register(lambda: asyncio.run(_execute(f"DROP DATABASE {name}")))
    return name


async def _execute(statement: str) -> None:
    server = await asyncpg.connect(f"postgresql://{_SERVER}/postgres")
    try:
        await server.execute(statement)
    finally:
        await server.close()
