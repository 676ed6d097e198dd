"""The one statement that SQLite and PostgreSQL spell alike and SQLAlchemy keeps apart."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import Base


def insert(connection: AsyncConnection, table: type[Base]) -> Any:
    """``INSERT`` with ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)
