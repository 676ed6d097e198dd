"""Conversation state, the updates that made it, and values the bot found out by itself."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Exists, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import ConversationRow, HandledUpdateRow, ValueRow
from bot.db.statements import insert

#: Telegram keeps an update that nobody takes for a day; one that comes later is another one.
HANDLED_UPDATES = timedelta(hours=48)


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

    async def recall(self, key: str, update_id: int) -> tuple[dict[str, Any], bool]:
        """The data, and whether that update was handled before; one statement for both."""
        data = select(ConversationRow.data).where(ConversationRow.key == key).scalar_subquery()
        row = (await self._connection.execute(select(data, _handled(update_id)))).one()
        return row[0] or {}, bool(row[1])

    async def handled(self, update_id: int) -> bool:
        return bool(await self._connection.scalar(select(_handled(update_id))))

    async def keep(self, key: str, data: dict[str, Any], now: datetime) -> None:
        """Replaces the data, and leaves the state as it is."""
        values = {"data": data, "saved_at": now}
        await self._connection.execute(
            insert(self._connection, ConversationRow)
            .values({"key": key, "state": None, **values})
            .on_conflict_do_update(index_elements=[ConversationRow.key], set_=values)
        )

    async def mark(self, update_id: int, now: datetime) -> None:
        """From now on that update is known as handled."""
        await self._connection.execute(
            insert(self._connection, HandledUpdateRow)
            .values(update_id=update_id, handled_at=now)
            .on_conflict_do_nothing(index_elements=[HandledUpdateRow.update_id])
        )

    async def forget_updates(self, handled_before: datetime, limit: int) -> int:
        """Forgets up to ``limit`` of them, oldest numbers first; how many they were."""
        old = (
            select(HandledUpdateRow.update_id)
            .where(HandledUpdateRow.handled_at < handled_before)
            .order_by(HandledUpdateRow.update_id)
            .limit(limit)
        )
        forgotten = await self._connection.execute(
            delete(HandledUpdateRow).where(HandledUpdateRow.update_id.in_(old))
        )
        return forgotten.rowcount


def _handled(update_id: int) -> Exists:
    return exists().where(HandledUpdateRow.update_id == update_id)


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
