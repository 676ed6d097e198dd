"""FSM storage of aiogram in the database, together with the ids of handled updates.

One write stores the data and marks the update as handled: after a crash an update is either marked
and has its effects, or is not and comes again.
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
from bot.fsm.model import Draft

#: The place of the current update in the order of its chat; None: the order does not matter.
current_turn: ContextVar[UpdateTurn | None] = ContextVar("current_turn", default=None)


class ConversationStorage(Protocol):
    """Stores conversations and, for 48 hours, the ids of handled updates."""

    async def recall(self, key: StorageKey, update_id: int) -> StoredConversation:
        """The conversation before this update, and whether the update was handled."""
        ...

    async def save(self, key: StorageKey, data: Mapping[str, Any], update_id: int) -> None:
        """Stores the data and marks the update in one transaction."""
        ...

    async def is_handled(self, update_id: int) -> bool:
        """For an update outside of any conversation, such as one of the staff group."""
        ...

    async def mark_handled(self, update_id: int) -> None:
        """Marks an update outside of any conversation, or one that is not to be handled."""
        ...

    async def unmark_handled(self, update_id: int) -> None:
        """Lets an update be handled again."""
        ...


class DatabaseIsolation(BaseEventIsolation):
    """Locks a conversation: one update of it at a time, across all processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key_of = DefaultKeyBuilder(prefix="turn", with_bot_id=True).build

    @asynccontextmanager
    async def lock(self, key: StorageKey) -> AsyncGenerator[None, None]:
        async with self._database.lock(self._key_of(key), current_turn.get()):
            yield

    async def close(self) -> None:
        """The database is closed by its owner."""


class StatelessStorage(BaseStorage):
    """A storage of data only: aiogram's named states are not used."""

    async def get_state(self, key: StorageKey) -> str | None:
        return None

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        if state is not None:
            raise NotImplementedError("conversations have drafts, not states")


class StoredConversations:
    """Reads and forgets conversations of private chats by their chat id."""

    def __init__(self, storage: BaseStorage, isolation: BaseEventIsolation, bot_id: int) -> None:
        self._storage = storage
        self._isolation = isolation
        self._bot_id = bot_id

    async def list_drafts(self, chat_id: int) -> list[Draft]:
        """The drafts that the conversation of a chat holds."""
        return _list_drafts(await self._storage.get_data(self._build_key(chat_id)))

    async def forget(self, chat_id: int) -> list[Draft]:
        """Deletes the conversation of a chat and returns its drafts.

        Waits for an update of the chat that is being handled, which would store it again.
        """
        key = self._build_key(chat_id)
        async with self._isolation.lock(key):
            drafts = _list_drafts(await self._storage.get_data(key))
            await self._storage.set_data(key, {})
        return drafts

    def _build_key(self, chat_id: int) -> StorageKey:
        return StorageKey(bot_id=self._bot_id, chat_id=chat_id, user_id=chat_id)


def _list_drafts(data: Mapping[str, Any]) -> list[Draft]:
    stored = [data.get("draft"), *data.get("waiting_drafts", [])]
    return [Draft.from_json(one) for one in stored if one]


class DatabaseConversationStorage(StatelessStorage):
    """Stores conversations in the bot's own database, one row each.

    ``PersonalDataService.forget_expired`` removes old marks.
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
        """Stores the data; empty data leaves no row, as the key holds the id of a chat."""
        async with self._database.begin(write_only=True) as tx:
            if data:
                await tx.conversations.save(self._key_of(key), dict(data), self._now())
            else:
                await tx.conversations.forget(self._key_of(key))

    async def close(self) -> None:
        """The database is closed by its owner."""
