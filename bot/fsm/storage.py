"""Conversation state of aiogram in the bot's own database: nothing to install beside it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import (
    BaseEventIsolation,
    BaseStorage,
    DefaultKeyBuilder,
    StateType,
    StorageKey,
)

from bot.db.database import Database


class DatabaseIsolation(BaseEventIsolation):
    """One update of a conversation at a time, also when several processes take updates."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key_of = DefaultKeyBuilder(prefix="turn", with_bot_id=True).build

    @asynccontextmanager
    async def lock(self, key: StorageKey) -> AsyncGenerator[None, None]:
        async with self._database.turn(self._key_of(key)):
            yield

    async def close(self) -> None:
        """The database is closed by its owner."""


class DatabaseStorage(BaseStorage):
    """One row a conversation: the state's name and the data as JSON."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key_of = DefaultKeyBuilder(prefix="", with_bot_id=True).build

    async def get_state(self, key: StorageKey) -> str | None:
        return (await self._load(key))[0]

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return (await self._load(key))[1]

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        name = state.state if isinstance(state, State) else state
        async with self._database.begin() as tx:
            _, data = await tx.conversations.load(self._key_of(key))
            await tx.conversations.save(self._key_of(key), name, data, datetime.now(UTC))

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        async with self._database.begin() as tx:
            state, _ = await tx.conversations.load(self._key_of(key))
            await tx.conversations.save(self._key_of(key), state, dict(data), datetime.now(UTC))

    async def close(self) -> None:
        """The database is closed by its owner."""

    async def _load(self, key: StorageKey) -> tuple[str | None, dict[str, Any]]:
        async with self._database.read() as tx:
            return await tx.conversations.load(self._key_of(key))
