"""Conversation state, and values the bot found out by itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import ConversationRow, ValueRow
from bot.db.statements import insert


class ConversationRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def load(self, key: str) -> tuple[str | None, dict[str, Any]]:
        """The state's name and the data; ``(None, {})`` when nothing was saved."""
        statement = select(ConversationRow.state, ConversationRow.data).where(
            ConversationRow.key == key
        )
        row = (await self._connection.execute(statement)).one_or_none()
        return (None, {}) if row is None else (row.state, row.data)

    async def save(self, key: str, state: str | None, data: dict[str, Any], now: datetime) -> None:
        values = {"state": state, "data": data, "saved_at": now}
        await self._connection.execute(
            insert(self._connection, ConversationRow)
            .values({"key": key, **values})
            .on_conflict_do_update(index_elements=[ConversationRow.key], set_=values)
        )


class ValueRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, key: str) -> str | None:
        return await self._connection.scalar(select(ValueRow.value).where(ValueRow.key == key))

    async def set(self, key: str, value: str) -> None:
        await self._connection.execute(
            insert(self._connection, ValueRow)
            .values(key=key, value=value)
            .on_conflict_do_update(index_elements=[ValueRow.key], set_={"value": value})
        )
