"""Conversation state of aiogram, kept together with the updates that made it.

An update is marked as handled in the very write that keeps what it changed, so that it is either
known with its effects or comes again without them.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol

from aiogram.fsm.storage.base import (
    BaseEventIsolation,
    BaseStorage,
    DefaultKeyBuilder,
    StateType,
    StorageKey,
)

from bot.db.conversations import StoredConversation
from bot.db.database import Database
from bot.db.locks import UpdateTurn

#: The place of the update in hand in the order of its chat; None: whatever comes is handled.
current_turn: ContextVar[UpdateTurn | None] = ContextVar("current_turn", default=None)


class ConversationStorage(Protocol):
    """Knows conversations, and for 48 hours the updates that were handled."""

    async def recall(self, key: StorageKey, update_id: int) -> StoredConversation:
        """What is known before that update is handled."""
        ...

    async def save(self, key: StorageKey, data: Mapping[str, Any], update_id: int) -> None:
        """The data and the mark of the update, both or neither."""
        ...

    async def is_handled(self, update_id: int) -> bool:
        """Of an update outside of any conversation, such as one of the staff group."""
        ...

    async def mark_handled(self, update_id: int) -> None:
        """Marks such an update, or one that is not to be handled."""
        ...

    async def unmark_handled(self, update_id: int) -> None:
        """From now on that update may be handled again."""
        ...


class DatabaseIsolation(BaseEventIsolation):
    """One update of a conversation at a time, also when several processes take updates."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key_of = DefaultKeyBuilder(prefix="turn", with_bot_id=True).build

    @asynccontextmanager
    async def lock(self, key: StorageKey) -> AsyncGenerator[None, None]:
        async with self._database.turn(self._key_of(key), current_turn.get()):
            yield

    async def close(self) -> None:
        """The database is closed by its owner."""


class StatelessStorage(BaseStorage):
    """A conversation is its data: aiogram's named states are not used, nor asked for anywhere."""

    async def get_state(self, key: StorageKey) -> str | None:
        return None

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        if state is not None:
            raise NotImplementedError("conversations have drafts, not states")


class DatabaseConversationStorage(StatelessStorage):
    """In the bot's own database, nothing to install beside it: one row a conversation.

    Old marks are forgotten by ``PersonalData.forget_expired``.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._key_of = DefaultKeyBuilder(prefix="", with_bot_id=True).build

    async def recall(self, key: StorageKey, update_id: int) -> StoredConversation:
        async with self._database.read() as tx:
            return await tx.conversations.recall(self._key_of(key), update_id, key.chat_id)

    async def save(self, key: StorageKey, data: Mapping[str, Any], update_id: int) -> None:
        async with self._database.begin(write_only=True) as tx:
            await tx.conversations.save_and_mark(
                self._key_of(key), dict(data), update_id, self._now()
            )

    async def is_handled(self, update_id: int) -> bool:
        async with self._database.read() as tx:
            return await tx.conversations.is_handled(update_id)

    async def mark_handled(self, update_id: int) -> None:
        async with self._database.begin(write_only=True) as tx:
            await tx.conversations.mark_handled(update_id, self._now())

    async def unmark_handled(self, update_id: int) -> None:
        async with self._database.begin(write_only=True) as tx:
            await tx.conversations.unmark_handled(update_id)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        async with self._database.read() as tx:
            return await tx.conversations.load(self._key_of(key))

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        async with self._database.begin(write_only=True) as tx:
            await tx.conversations.save(self._key_of(key), dict(data), self._now())

    async def close(self) -> None:
        """The database is closed by its owner."""
