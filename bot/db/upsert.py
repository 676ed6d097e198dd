"""``INSERT … ON CONFLICT`` for both databases: SQLAlchemy has one class for each of them."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import Base


def build_insert(connection: AsyncConnection, table: type[Base]) -> Any:
    """``INSERT`` with ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    return build_insert_for(connection.dialect.name, table)


def build_insert_for(dialect: str, table: type[Base]) -> Any:
    """The same by the dialect's name, for statements that are built once and cached."""
    return (sqlite if dialect == "sqlite" else postgresql).insert(table)
