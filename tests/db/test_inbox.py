"""The inbox's table: who owns a row, what a crash counts, and the order among processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.db.database import Database
from bot.db.inbox import InboxChanges, InboxRecord, InboxState
from bot.db.locks import CrashSuspected, EarlierUpdateWaits, UpdateTurn
from bot.fsm.storage import DatabaseConversationStorage
from bot.services.clock import SystemClock
from bot.telegram import inbox_store
from bot.telegram.inbox_store import DatabaseInboxStore, replay
from tests.support.postgres import create_migrated_postgres
from tests.support.samples import NOW

#: A turn alone, and one whose statement reads the conversation, too.
EACH_TURN = pytest.mark.parametrize("conversation", [None, ("key", 7)])


def record(update_id: int, chat_key: str = "7", raw: str = "{}") -> InboxRecord:
    return InboxRecord(update_id=update_id, chat_key=chat_key, kind="message", raw=raw)


def build_store(database: Database, *, exclusive: bool = True) -> DatabaseInboxStore:
    clock = SystemClock()
    storage = DatabaseConversationStorage(database, clock.now)
    return DatabaseInboxStore(database, storage, clock.now, exclusive=exclusive)


@asynccontextmanager
async def process(database: Database, **settings: bool) -> AsyncIterator[DatabaseInboxStore]:
    store = build_store(database, **settings)
    await store.open()
    yield store


async def states(database: Database) -> dict[int, str]:
    async with database.read() as tx:
        rows = await tx.connection.exec_driver_sql(
            "SELECT update_id, state FROM inbox ORDER BY update_id"
        )
        return {row.update_id: row.state for row in rows}


async def test_changes_are_one_transaction_in_their_order(database: Database) -> None:
    async with process(database) as store:
        await store.apply(InboxChanges(add=[record(1), record(2), record(3)], start=[1]))
        assert await states(database) == {1: "working", 2: "waiting", 3: "waiting"}
        # Added twice, it stays as it was.
        await store.apply(InboxChanges(add=[record(1)], remove=[2], start=[3]))
        assert await states(database) == {1: "working", 3: "working"}
        assert await store.adopt() == []


async def test_a_dead_process_leaves_its_rows_to_the_next_one(database: Database) -> None:
    async with process(database) as dead:
        await dead.apply(InboxChanges(add=[record(2), record(1, "8"), record(3)], start=[2]))
    heir = build_store(database)
    assert await heir.open(), "the one before did not stop cleanly"
    adopted = await heir.adopt()
    assert [(one.update_id, one.tries) for one in adopted] == [(1, 0), (2, 1), (3, 0)]
    assert {one.state for one in adopted} == {InboxState.WAITING}
    assert await heir.adopt() == []


async def test_a_clean_stop_counts_no_crash(database: Database) -> None:
    async with process(database) as first:
        await first.apply(InboxChanges(add=[record(1)], start=[1]))
        await first.release()
    heir = build_store(database)
    assert not await heir.open()
    assert [one.tries for one in await heir.adopt()] == [0]


async def test_a_parked_row_waits_for_its_replay(database: Database) -> None:
    clock = SystemClock()
    storage = DatabaseConversationStorage(database, clock.now)
    async with process(database) as store:
        parked = InboxRecord(
            update_id=1,
            chat_key="7",
            kind="message",
            raw="{}",
            state=InboxState.PARKED,
            tries=3,
            error="LookupError",
        )
        await store.apply(InboxChanges(add=[record(1), record(2)], start=[1]))
        await store.apply(InboxChanges(park=[parked]))
        assert await store.is_handled(1)
        # Neither a late change nor another process touches it.
        await store.apply(InboxChanges(start=[1], remove=[1]))
        assert await states(database) == {1: "parked", 2: "waiting"}
        async with database.read() as tx:
            assert await tx.inbox.count_by_state() == {"parked": 1, "waiting": 1}
            (kept,) = await tx.inbox.list_parked()
        assert (kept.error, kept.tries, kept.kind) == ("LookupError", 3, "message")
        assert await store.adopt() == []
        assert not await replay(database, storage, 5, clock.now())
        assert not await replay(database, storage, 2, clock.now())
        assert await replay(database, storage, 1, clock.now())
        assert not await store.is_handled(1)
        assert [(one.update_id, one.tries) for one in await store.adopt()] == [(1, 0)]


async def test_parked_rows_are_forgotten_after_their_term(database: Database) -> None:
    parked = InboxRecord(
        update_id=1, chat_key="7", kind="message", raw="{}", state=InboxState.PARKED
    )
    async with database.begin() as tx:
        await tx.inbox.apply(InboxChanges(park=[parked], add=[record(2)]), 5, NOW)
        await tx.inbox.forget_parked(NOW)
    assert await states(database) == {1: "parked", 2: "waiting"}
    async with database.begin() as tx:
        await tx.inbox.forget_parked(NOW + timedelta(seconds=1))
    assert await states(database) == {2: "waiting"}


async def test_an_erased_person_leaves_no_row(database: Database) -> None:
    async with database.begin() as tx:
        rows = [
            record(1, "70"),
            record(2, "70", raw='{"text": "a%"}'),
            record(3, "-500:9", raw='{"text": "anna_1@example.ru"}'),
            record(4, "-500:9", raw='{"text": "anna-1@example.ru"}'),
            record(5, "701"),
        ]
        await tx.inbox.apply(InboxChanges(add=rows), 5, NOW)
        await tx.inbox.erase([70], ["anna_1@example.ru", ""])
    assert set(await states(database)) == {4, 5}


@pytest.fixture
async def two() -> AsyncIterator[tuple[Database, Database]]:
    async with create_migrated_postgres() as url:
        one, other = Database(url), Database(url)
        yield one, other
        await one.dispose()
        await other.dispose()


async def test_rows_of_a_living_process_are_its_own(two: tuple[Database, Database]) -> None:
    one, other = two
    async with process(one, exclusive=False) as owner, process(other, exclusive=False) as heir:
        await owner.apply(InboxChanges(add=[record(1)], start=[1]))
        for _ in range(3):
            assert await heir.adopt() == []
        # A lost connection is forgiven: the owner says again that it lives.
        async with other.read() as tx:
            await tx.connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks "
                "WHERE locktype = 'advisory' AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        assert await heir.adopt() == []
        assert await owner.adopt() == []
        assert await heir.adopt() == []
        await crash(one, other)
        assert await heir.adopt() == [], "only at the second look"
        assert [(found.update_id, found.tries) for found in await heir.adopt()] == [(1, 1)]


@EACH_TURN
async def test_the_lock_of_a_conversation_tells_of_a_crash_for_a_minute(
    two: tuple[Database, Database],
    monkeypatch: pytest.MonkeyPatch,
    conversation: tuple[str, int] | None,
) -> None:
    one, other = two
    turn = UpdateTurn("7", 9, conversation=conversation)
    async with process(one, exclusive=False), process(other, exclusive=False) as heir:
        async with other.lock("chat", turn):
            pass
        await crash(one, other)
        for _ in range(2):
            with pytest.raises(CrashSuspected):
                async with other.lock("chat", turn):
                    pass
            await heir.adopt()
        async with other.lock("chat", replace(turn, counted=True)):
            pass
        monkeypatch.setattr(inbox_store, "SUSPECT_SECONDS", 0.0)
        await heir.adopt()
        async with other.lock("chat", turn):
            pass


async def crash(died: Database, survivor: Database) -> None:
    """Returns when PostgreSQL knows that the process of a database is dead."""
    await died.dispose()
    async with asyncio.timeout(10), survivor.read() as tx:
        while len(await tx.inbox.list_live_owners()) > 1:
            pass


@EACH_TURN
async def test_an_update_waits_for_the_earlier_ones_of_its_chat(
    two: tuple[Database, Database], conversation: tuple[str, int] | None
) -> None:
    one, other = two
    last = UpdateTurn("7", 9, conversation=conversation)
    async with process(one, exclusive=False) as owner:
        await owner.apply(InboxChanges(add=[record(5), record(6, "8")]))
        with pytest.raises(EarlierUpdateWaits):
            async with other.lock("chat", last):
                pass
        for turn in (replace(last, update_id=5), replace(last, chat_key="9"), None):
            async with other.lock("chat", turn):
                pass
        await owner.apply(InboxChanges(remove=[5]))
        async with other.lock("chat", last):
            pass
