"""A database of the newest schema with no rows, on SQLite or PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot.db.database import Database
from tests.support.postgres import create_migrated_postgres
from tests.support.sqlite_file import copy_database


@asynccontextmanager
async def open_database(kind: str, folder: Path, template: Path) -> AsyncIterator[Database]:
    """``kind``: ``sqlite`` or ``postgresql``; ``template``: a migrated file of SQLite."""
    async with AsyncExitStack() as stack:
        if kind == "postgresql":
            url = await stack.enter_async_context(create_migrated_postgres())
        else:
            url = copy_database(template, folder)
        database = Database(url)
        stack.push_async_callback(database.dispose)
        yield database
