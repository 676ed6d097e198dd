"""Conversation state, ids of handled updates, and values that the bot learned at run time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    Text,
    TextualSelect,
    bindparam,
    column,
    delete,
    exists,
    literal,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.accounts import CHAT_COLUMNS, ChatRecord, to_chat_record
from bot.db.models import AccountRow, ChatRow, ConversationRow, HandledUpdateRow, ValueRow
from bot.db.upsert import build_insert, build_insert_for

#: Telegram repeats an unacknowledged update for 24 hours; a later one with its id is another one.
HANDLED_UPDATES = timedelta(hours=48)


# Each update needs these statements, and building one takes longer than executing it.
_ONE_ROW = select(literal(1).label("one")).subquery()
_RECALL = (
    select(
        select(ConversationRow.data)
        .where(ConversationRow.key == bindparam("key"))
        .scalar_subquery(),
        exists().where(HandledUpdateRow.update_id == bindparam("update")),
        *CHAT_COLUMNS,
    )
    .select_from(_ONE_ROW)
    .outerjoin(ChatRow, ChatRow.chat_id == bindparam("chat"))
    .outerjoin(AccountRow, AccountRow.id == ChatRow.account_id)
)


def _build_take_turn() -> TextualSelect:
    # The function returns whole rows: which of their columns are read is said here.
    chat = [
        f"({'account' if one.class_ is AccountRow else 'chat'}).{one.key}" for one in CHAT_COLUMNS
    ]
    statement = text(
        f"SELECT outcome, (conversation).data, handled, {', '.join(chat)}"  # noqa: S608
        " FROM take_turn(:number, :chat_key, :update_id, :conversation_key, :chat_id)"
    )
    outcome, handled = column("outcome", Text), column("handled", Boolean)
    return statement.columns(outcome, ConversationRow.data, handled, *CHAT_COLUMNS)


#: Locks the conversation of an update and reads what ``_RECALL`` does, under the lock. The first
#: column is the outcome, see ``KeyedLocks``; the others are for ``to_stored_conversation``.
#: PostgreSQL only.
TAKE_TURN = _build_take_turn()


_IS_HANDLED = select(exists().where(HandledUpdateRow.update_id == bindparam("update")))
_LOAD = select(ConversationRow.data).where(ConversationRow.key == bindparam("key"))


@cache
def _build_save(dialect: str) -> Any:
    put = build_insert_for(dialect, ConversationRow).values(
        key=bindparam("key"), data=bindparam("data"), saved_at=bindparam("saved_at")
    )
    return put.on_conflict_do_update(
        index_elements=[ConversationRow.key],
        set_={"data": put.excluded.data, "saved_at": put.excluded.saved_at},
    )


@cache
def _build_mark(dialect: str) -> Any:
    return (
        build_insert_for(dialect, HandledUpdateRow)
        .values(update_id=bindparam("update"), handled_at=bindparam("handled_at"))
        .on_conflict_do_nothing(index_elements=[HandledUpdateRow.update_id])
    )


@cache
def _build_save_and_mark() -> Any:
    # PostgreSQL only: SQLite allows no INSERT inside another statement.
    return _build_save("postgresql").add_cte(_build_mark("postgresql").cte("marked"))


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """A conversation's data, whether the update was handled before, and the chat's record.

    ``chat`` is None when it was not read.
    """

    data: dict[str, Any]
    handled: bool
    chat: ChatRecord | None = None


def to_stored_conversation(chat_id: int, row: Sequence[Any]) -> StoredConversation:
    """``row`` is the data, whether the update was handled, and CHAT_COLUMNS."""
    data, handled, *chat = row
    return StoredConversation(data or {}, bool(handled), to_chat_record(chat_id, chat))


class ConversationRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def load(self, key: str) -> dict[str, Any]:
        """The data; empty when nothing is stored."""
        return await self._connection.scalar(_LOAD, {"key": key}) or {}

    async def recall(self, key: str, update_id: int, chat_id: int) -> StoredConversation:
        """Reads everything that handling an update begins with, by one statement."""
        parameters = {"key": key, "update": update_id, "chat": chat_id}
        row = (await self._connection.execute(_RECALL, parameters)).one()
        return to_stored_conversation(chat_id, row)

    async def is_handled(self, update_id: int) -> bool:
        return bool(await self._connection.scalar(_IS_HANDLED, {"update": update_id}))

    async def save(self, key: str, data: dict[str, Any], now: datetime) -> None:
        """Replaces the data."""
        await self._connection.execute(
            _build_save(self._connection.dialect.name), {"key": key, "data": data, "saved_at": now}
        )

    async def forget(self, key: str) -> None:
        await self._connection.execute(delete(ConversationRow).where(ConversationRow.key == key))

    async def save_and_mark(
        self, key: str, data: dict[str, Any], update_id: int, now: datetime
    ) -> None:
        """Replaces the data and marks the update that changed it as handled."""
        if self._connection.dialect.name == "sqlite":
            await self.save(key, data, now)
            await self.mark_handled(update_id, now)
        else:
            values = {"key": key, "data": data, "saved_at": now}
            await self._connection.execute(
                _build_save_and_mark(), {**values, "update": update_id, "handled_at": now}
            )

    async def mark_handled(self, update_id: int, now: datetime) -> None:
        """Marks an update as handled."""
        await self._connection.execute(
            _build_mark(self._connection.dialect.name), {"update": update_id, "handled_at": now}
        )

    async def unmark_handled(self, update_id: int) -> None:
        """From now on that update may be handled again."""
        await self._connection.execute(
            delete(HandledUpdateRow).where(HandledUpdateRow.update_id == update_id)
        )

    async def forget_updates(self, handled_before: datetime, limit: int) -> int:
        """Deletes up to ``limit`` marks, lowest ids first, and returns their number."""
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


class ValueRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, key: str) -> str | None:
        return await self._connection.scalar(select(ValueRow.value).where(ValueRow.key == key))

    async def get_many(self, keys: Sequence[str]) -> dict[str, str]:
        """The values of those keys that have one."""
        statement = select(ValueRow.key, ValueRow.value).where(ValueRow.key.in_(keys))
        return {row.key: row.value for row in await self._connection.execute(statement)}

    async def set(self, key: str, value: str) -> None:
        await self._connection.execute(
            build_insert(self._connection, ValueRow)
            .values(key=key, value=value)
            .on_conflict_do_update(index_elements=[ValueRow.key], set_={"value": value})
        )

    async def list_keys(self, prefix: str) -> list[str]:
        statement = select(ValueRow.key).where(ValueRow.key.startswith(prefix, autoescape=True))
        return list((await self._connection.execute(statement)).scalars())

    async def delete(self, keys: Sequence[str]) -> None:
        await self._connection.execute(delete(ValueRow).where(ValueRow.key.in_(keys)))
