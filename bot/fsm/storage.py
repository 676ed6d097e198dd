"""FSM storage of aiogram in the database, together with the ids of handled updates.

One write stores the data and marks the update as handled: after a crash an update is either marked
and has its effects, or is not and comes again.
"""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, Protocol

from aiogram.fsm.storage.base import (
    BaseEventIsolation,
    BaseStorage,
    DefaultKeyBuilder,
    StateType,
    StorageKey,
)

from bot.db.conversations import StoredConversation
from bot.db.database import Database
from bot.db.locks import UpdateTurn, verify_lock
from bot.fsm.kept_drafts import is_of_account, list_drafts, put_draft, remove_draft
from bot.fsm.model import Draft

#: The place of the current update in the order of its chat; None: the order does not matter.
current_turn: ContextVar[UpdateTurn | None] = ContextVar("current_turn", default=None)


class ConversationStorage(Protocol):
    """Stores conversations and, for 48 hours, the ids of handled updates."""

    async def recall(self, key: StorageKey, update_id: int) -> StoredConversation:
        """The conversation before this update, and whether the update was handled."""
        ...

    async def save(self, key: StorageKey, data: Mapping[str, Any], update_id: int) -> None:
        """Stores the data and marks the update in one transaction.

        Raises DatabaseUnavailable when the lock of the conversation was lost meanwhile.
        """
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
    """Locks a conversation: one update of it at a time, across all processes.

    ``storage``: where the handlers of updates ask for conversations. When it is PostgreSQL, too,
    the statement that locks a private chat for an update reads its conversation.
    """

    def __init__(self, database: Database, storage: BaseStorage | None = None) -> None:
        self._database = database
        self._storage: DatabaseConversationStorage | None = None
        if isinstance(storage, DatabaseConversationStorage) and not database.serves_one_process:
            self._storage = storage
        self._key_of = ConversationKeys(prefix="turn", with_bot_id=True).build

    @asynccontextmanager
    async def lock(self, key: StorageKey) -> AsyncGenerator[None, None]:
        turn, storage = current_turn.get(), self._storage
        if turn is None or storage is None or key.chat_id != key.user_id:
            async with self._database.lock(self._key_of(key), turn):
                yield
            return
        turn = replace(turn, conversation=(storage.build_key(key), key.chat_id))
        async with self._database.lock(self._key_of(key), turn) as stored:
            with storage.keep(key, turn.update_id, stored):
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


#: The ``destiny`` of what the site keeps for an account.
_SITE = "site"


class ConversationKeys(DefaultKeyBuilder):
    """Keys of private chats, and ``…:site:<account id>`` of what the site keeps for an account."""

    def build(
        self,
        key: StorageKey,
        part: Literal["data", "state", "lock"] | None = None,
    ) -> str:
        if key.destiny != _SITE:
            return super().build(key, part)
        words = [self.prefix, str(key.bot_id), _SITE, str(key.chat_id), *([part] if part else [])]
        return self.separator.join(words)


class StoredConversations:
    """Reads, changes and forgets conversations: of private chats, and of accounts on the site.

    Of both, the chat's is locked first.
    """

    def __init__(self, storage: BaseStorage, isolation: BaseEventIsolation, bot_id: int) -> None:
        self._storage = storage
        self._isolation = isolation
        self._bot_id = bot_id

    async def list_drafts(self, chat_id: int, account_id: int) -> list[Draft]:
        """The drafts of an account that the conversation of a chat holds."""
        data = await self._storage.get_data(self._build_key(chat_id))
        return list_drafts(data) if is_of_account(data, account_id) else []

    async def forget(self, chat_id: int) -> list[Draft]:
        """Deletes the conversation of a chat and returns its drafts.

        Waits for an update of the chat that is being handled, which would store it again.
        """
        key = self._build_key(chat_id)
        async with self._isolation.lock(key):
            drafts = list_drafts(await self._storage.get_data(key))
            await self._storage.set_data(key, {})
        return drafts

    async def load_site(self, account_id: int) -> Mapping[str, Any]:
        """What the site keeps for an account."""
        return await self._storage.get_data(self._build_site_key(account_id))

    @asynccontextmanager
    async def change_site(self, account_id: int) -> AsyncGenerator[dict[str, Any], None]:
        """What the site keeps for an account, locked; it is stored when the block ends."""
        key = self._build_site_key(account_id)
        async with self._isolation.lock(key):
            data = await self._storage.get_data(key)
            yield data
            await self._storage.set_data(key, data)

    async def list_site_drafts(self, account_id: int) -> list[Draft]:
        return list_drafts(await self.load_site(account_id))

    async def forget_site(self, account_id: int) -> list[Draft]:
        """Deletes what the site keeps for an account and returns its drafts."""
        async with self.change_site(account_id) as data:
            drafts = list_drafts(data)
            data.clear()
        return drafts

    async def move_to_site(self, chat_id: int, draft_id: str, account_id: int) -> None:
        """Moves a draft from a chat to the site; nothing happens when the chat has none such.

        A process that dies in between leaves it in both, under one id.
        """
        key = self._build_key(chat_id)
        async with self._isolation.lock(key):
            data = await self._storage.get_data(key)
            draft = next((one for one in list_drafts(data) if one.id == draft_id), None)
            if draft is None or not is_of_account(data, account_id):
                return
            async with self.change_site(account_id) as site:
                put_draft(site, draft)
            remove_draft(data, draft_id)
            await self._storage.set_data(key, data)

    def _build_key(self, chat_id: int) -> StorageKey:
        return StorageKey(bot_id=self._bot_id, chat_id=chat_id, user_id=chat_id)

    def _build_site_key(self, account_id: int) -> StorageKey:
        return StorageKey(
            bot_id=self._bot_id, chat_id=account_id, user_id=account_id, destiny=_SITE
        )


class DatabaseConversationStorage(StatelessStorage):
    """Stores conversations in the bot's own database, one row each.

    ``PersonalDataService.forget_expired`` removes old marks.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        #: The key of a conversation's row.
        self.build_key = ConversationKeys(prefix="", with_bot_id=True).build
        #: By that key, what was read when it was locked for an update that has not asked yet.
        self._kept: dict[str, tuple[int, StoredConversation]] = {}

    @contextmanager
    def keep(
        self, key: StorageKey, update_id: int, stored: StoredConversation | None
    ) -> Iterator[None]:
        """Inside, the first ``recall`` for this update gets what its lock has read.

        Unless the conversation was changed meanwhile.
        """
        name = self.build_key(key)
        if stored is not None:
            self._kept[name] = update_id, stored
        try:
            yield
        finally:
            self._kept.pop(name, None)

    async def recall(self, key: StorageKey, update_id: int) -> StoredConversation:
        """Raises DatabaseUnavailable, too, when the lock under which it was read was lost."""
        name = self.build_key(key)
        reader, stored = self._kept.pop(name, (None, None))
        if stored is not None and reader == update_id:
            # Another process may have changed it by now.
            verify_lock()
            return stored
        async with self._database.read(by_key=True) as tx:
            return await tx.conversations.recall(name, update_id, key.chat_id)

    async def save(self, key: StorageKey, data: Mapping[str, Any], update_id: int) -> None:
        verify_lock()
        name = self.build_key(key)
        self._kept.pop(name, None)
        async with self._database.begin(write_only=True) as tx:
            await tx.conversations.save_and_mark(name, dict(data), update_id, self._now())

    async def is_handled(self, update_id: int) -> bool:
        async with self._database.read(by_key=True) as tx:
            return await tx.conversations.is_handled(update_id)

    async def mark_handled(self, update_id: int) -> None:
        async with self._database.begin(write_only=True) as tx:
            await tx.conversations.mark_handled(update_id, self._now())

    async def unmark_handled(self, update_id: int) -> None:
        async with self._database.begin(write_only=True) as tx:
            await tx.conversations.unmark_handled(update_id)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        async with self._database.read(by_key=True) as tx:
            return await tx.conversations.load(self.build_key(key))

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """Stores the data; empty data leaves no row, as the key holds the id of a chat."""
        name = self.build_key(key)
        self._kept.pop(name, None)
        async with self._database.begin(write_only=True) as tx:
            if data:
                await tx.conversations.save(name, dict(data), self._now())
            else:
                await tx.conversations.forget(name)

    async def close(self) -> None:
        """The database is closed by its owner."""
