"""FSM storage of aiogram in Redis; imported only when Redis is set, as its client takes 5 MB."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from aiogram.fsm.storage.base import StorageKey
from aiogram.fsm.storage.redis import RedisStorage
from redis import exceptions
from redis.asyncio import Redis

from bot.db.conversations import HANDLED_UPDATES, StoredConversation
from bot.db.locks import verify_lock
from bot.fsm.storage import ConversationKeys, StatelessStorage


class RedisConversationStorage(StatelessStorage, RedisStorage):
    """Stores conversations and marks in Redis, where both expire by themselves."""

    def __init__(self, redis: Redis, bot_id: int, lifetime: timedelta) -> None:
        """``lifetime``: how long a conversation without updates is kept."""
        super().__init__(
            redis,
            ConversationKeys(with_bot_id=True),
            state_ttl=lifetime,
            data_ttl=lifetime,
        )
        self._marks = f"fsm:{bot_id}:update"

    async def recall(self, key: StorageKey, update_id: int) -> StoredConversation:
        with _translate_outages():
            data, mark = await self.redis.mget(
                self.key_builder.build(key, "data"), self._mark(update_id)
            )
        return StoredConversation(self.json_loads(data) if data else {}, mark is not None)

    async def save(self, key: StorageKey, data: Mapping[str, Any], update_id: int) -> None:
        verify_lock()
        with _translate_outages():
            async with self.redis.pipeline(transaction=True) as both:
                whole = self.json_dumps(data)
                both.set(self.key_builder.build(key, "data"), whole, ex=self.data_ttl)
                both.set(self._mark(update_id), 1, ex=HANDLED_UPDATES)
                await both.execute()

    async def is_handled(self, update_id: int) -> bool:
        with _translate_outages():
            return bool(await self.redis.exists(self._mark(update_id)))

    async def mark_handled(self, update_id: int) -> None:
        with _translate_outages():
            await self.redis.set(self._mark(update_id), 1, ex=HANDLED_UPDATES)

    async def unmark_handled(self, update_id: int) -> None:
        with _translate_outages():
            await self.redis.delete(self._mark(update_id))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        with _translate_outages():
            return await super().get_data(key)

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        with _translate_outages():
            await super().set_data(key, data)

    async def close(self) -> None:
        """The connection is closed by its owner."""

    def _mark(self, update_id: int) -> str:
        return f"{self._marks}:{update_id}"


@contextmanager
def _translate_outages() -> Iterator[None]:
    """Translates an outage of Redis into one of ``bot.db.errors.OUTAGES``.

    One that is full, read-only, loading or behind another address refuses with an error of its own
    kind; none of them is an update's fault.
    """
    try:
        yield
    except exceptions.RedisError as error:
        raise ConnectionError(str(error)) from error
