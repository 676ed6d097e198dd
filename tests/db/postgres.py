"""A PostgreSQL database of one's own, on the server of this machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]

_SERVER = "postgres@127.0.0.1:5432"


@asynccontextmanager
async def empty_postgres() -> AsyncIterator[str]:
    """The URL of a database that is dropped afterwards."""
    name = f"test_{uuid4().hex}"
    server = await asyncpg.connect(f"postgresql://{_SERVER}/postgres")
    try:
        await server.execute(f"CREATE DATABASE {name}")
        try:
            yield f"postgresql+asyncpg://{_SERVER}/{name}"
        finally:
            await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()
