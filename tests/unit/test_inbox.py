"""The inbox worker over a table in memory: order, crashes, poison, secrets, bounds."""

import asyncio
import gc
import json
import logging
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import GetMe
from aiogram.types import Update

from bot.db.locks import CrashSuspected, EarlierUpdateWaits
from bot.telegram import inbox as module
from bot.telegram.deadline import DeadlineExceeded, TelegramCalls
from bot.telegram.inbox import Inbox, build_chat_key
from tests.support.in_memory_inbox import InboxTable, InMemoryInboxStore, RecordedReplies

ANNA, IVAN, GROUP = 7, 8, -500
WORDS = "синий чайник"
#: Ends a test that hangs; a busy machine takes seconds for a crowd.
PATIENCE_SECONDS = 60


def message(update_id: int, chat_id: int = ANNA, user_id: int | None = None) -> dict[str, Any]:
    return {
        "update_id": update_id,
        "message": {
            "message_id": update_id,
            "date": 1764000000,
            "chat": {"id": chat_id, "type": "private" if chat_id > 0 else "supergroup"},
            "from": {"id": user_id or chat_id, "is_bot": False, "first_name": "Я"},
            "text": WORDS,
        },
    }


def press(update_id: int, chat_id: int = ANNA) -> dict[str, Any]:
    return {
        "update_id": update_id,
        "callback_query": {
            "id": str(update_id),
            "from": {"id": chat_id, "is_bot": False, "first_name": "Я"},
            "chat_instance": "1",
            "message": {
                "message_id": 1,
                "date": 1764000000,
                "chat": {"id": chat_id, "type": "private"},
            },
            "data": "menu",
        },
    }


class Process:
    """A bot's process on a table: what it handles can be held up, fail, or end it."""

    def __init__(self, table: InboxTable, owner: int = 1) -> None:
        self.table = table
        self.begun: list[int] = []
        self.done: list[int] = []
        self.texts: list[str | None] = []
        self.held: dict[int, asyncio.Event] = {}
        self.raised: dict[int, list[Exception]] = {}
        self.waits: set[int] = set()
        self.replies = RecordedReplies()
        self.calls = TelegramCalls()
        self.bot = Bot("1:a")
        self.inbox = Inbox(
            self.bot,
            InMemoryInboxStore(table, owner),
            self._handle,
            self.replies,
            self.calls,
            per_chat=30,
        )

    def hold(self, *update_ids: int) -> None:
        self.held.update((update_id, asyncio.Event()) for update_id in update_ids)

    def submit(self, raw: dict[str, Any], *, suspect: bool = False) -> asyncio.Future[None]:
        update = Update.model_validate(raw, context={"bot": self.bot})
        return self.inbox.submit(update, raw, suspect=suspect)

    async def _handle(self, update: Update) -> None:
        self.begun.append(update.update_id)
        if update.update_id in self.waits:
            raise EarlierUpdateWaits
        if errors := self.raised.get(update.update_id):
            raise errors.pop(0)
        if held := self.held.get(update.update_id):
            await held.wait()
        # As the mark of a handled update ends it.
        if update.update_id not in self.table.handled:
            self.done.append(update.update_id)
            self.texts.append(update.message.text if update.message else None)
            self.table.handled.add(update.update_id)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 (a table tells nobody)
            await asyncio.sleep(0.002)


@asynccontextmanager
async def alive(process: Process) -> AsyncIterator[Process]:
    """The process runs; when the body raises ``Killed``, it ends without a clean stop."""
    try:
        async with asyncio.timeout(2 * PATIENCE_SECONDS), process.inbox.run():
            yield process
            await process.inbox.drain(5)
    except Killed:
        pass


class Killed(Exception):
    """``kill -9``: nothing is written any more."""


@asynccontextmanager
async def killed_at_the_end(process: Process) -> AsyncIterator[Process]:
    async with alive(process):
        yield process
        store = process.inbox._store
        assert isinstance(store, InMemoryInboxStore)
        store.crash()
        raise Killed


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STORE_AFTER_SECONDS", 0.03)
    monkeypatch.setattr(module, "_RETRY_PAUSES", (0.0, 0.0))
    monkeypatch.setattr(module, "_TELEGRAM_PAUSES", (0.0, 0.0))
    monkeypatch.setattr(module, "_FIRST_PAUSE", 0.001)
    monkeypatch.setattr(module, "_ORDER_PAUSE", 0.001)
    monkeypatch.setattr(module, "_ADOPT_SECONDS", 0.01)
    monkeypatch.setattr(module, "_WORDS_GRACE_SECONDS", 0.0)


@pytest.fixture
def table() -> InboxTable:
    return InboxTable()


async def test_a_quick_update_writes_no_row(table: InboxTable) -> None:
    async with alive(Process(table)) as process:
        await process.submit(message(1))
        await process.submit(message(2))
    assert process.done == [1, 2]
    assert table.added == []


def test_a_look_that_is_due_at_once_is_no_timer_of_uvloop(
    table: InboxTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bot runs on uvloop, whose handle for less than half a millisecond has no ``when``."""
    monkeypatch.setattr(module, "STORE_AFTER_SECONDS", 0.0001)
    monkeypatch.setattr(module, "CROWD", 0)
    process = Process(table)

    async def submit_crowd() -> None:
        async with alive(process):
            for number in (1, 2, 3):
                process.submit(message(number, chat_id=number))

    uvloop.run(submit_crowd())
    assert sorted(process.done) == [1, 2, 3]


async def test_the_chat_goes_on_from_memory_in_its_order(table: InboxTable) -> None:
    process = Process(table)
    process.replies.secret = True
    process.hold(1)
    async with alive(process):
        for update_id in (1, 2, 3):
            released = process.submit(message(update_id))
        await released
        assert table.added == [[1, 2, 3]]
        # Each row was written without words, yet this process knows them.
        assert all(WORDS not in json.loads(one.raw) for one in table.rows.values())
        process.held[1].set()
    assert process.done == [1, 2, 3]
    assert process.texts == [WORDS] * 3
    assert process.replies.given == []
    assert table.rows == {}


async def test_a_crash_loses_nothing_and_doubles_nothing(table: InboxTable) -> None:
    process = Process(table)
    process.hold(2)
    async with killed_at_the_end(process):
        released = [process.submit(message(n)) for n in (1, 2, 3, 4)]
        await asyncio.wait(released)
        assert table.states() == {2: "working", 3: "waiting", 4: "waiting"}
    async with alive(Process(table, 2)) as heir:
        # Telegram may give some of them once more.
        heir.submit(message(2))
        heir.submit(message(1))
    assert process.done == [1]
    assert heir.done == [2, 3, 4]
    assert heir.texts == [WORDS] * 3
    assert table.rows == {}


async def test_a_crash_after_the_mark_repeats_no_effect(table: InboxTable) -> None:
    process = Process(table)
    process.hold(1)
    async with killed_at_the_end(process):
        await process.submit(message(1))
        table.handled.add(1)
    async with alive(Process(table, 2)) as heir:
        pass
    assert heir.done == []
    assert table.rows == {}


async def test_after_a_crash_secret_words_are_asked_for_again(table: InboxTable) -> None:
    process = Process(table)
    process.replies.secret = True
    process.hold(1)
    async with killed_at_the_end(process):
        await asyncio.wait([process.submit(message(n)) for n in (1, 2)])
        assert WORDS not in str(table.rows)
        assert all(json.loads(row.raw)["message"].keys() >= {"chat"} for row in table.rows.values())
    heir = Process(table, 2)
    async with alive(heir):
        pass
    assert heir.begun == []
    assert heir.replies.erased == [1, 2]
    assert heir.replies.given == [(2, "words-lost")], "once for both"
    assert table.handled == {1, 2}
    assert table.rows == {}


async def test_words_that_telegram_gives_again_are_handled(
    table: InboxTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WORDS_GRACE_SECONDS", 60.0)
    process = Process(table)
    process.replies.secret = True
    process.hold(1)
    async with killed_at_the_end(process):
        await process.submit(message(1))
    async with alive(Process(table, 2)) as heir:
        heir.submit(message(1))
    assert heir.texts == [WORDS]
    assert heir.replies.given == []


async def test_words_behind_a_button_may_be_a_secret(table: InboxTable) -> None:
    process = Process(table)
    process.hold(1)
    async with alive(process):
        for raw in (message(1), press(2), message(3)):
            released = process.submit(raw)
        await released
        kept = {one.update_id for one in table.rows.values() if not one.withheld}
        process.held[1].set()
    assert kept == {1, 2}


async def test_staff_words_are_kept(table: InboxTable) -> None:
    process = Process(table)
    process.replies.secret = True
    process.hold(1)
    async with alive(process):
        await process.submit(message(1, GROUP, ANNA))
        assert not table.rows[1].withheld
        process.held[1].set()


async def test_an_update_that_fails_three_times_is_parked_and_its_chat_goes_on(
    table: InboxTable, caplog: pytest.LogCaptureFixture
) -> None:
    process = Process(table)
    process.raised = {1: [LookupError(WORDS)] * 3, 2: [LookupError(WORDS)] * 2}
    async with alive(process):
        await process.submit(message(1))
        await process.submit(message(2))
    assert process.begun == [1, 1, 1, 2, 2, 2]
    assert process.done == [2]
    assert table.states() == {1: "parked"}
    assert table.rows[1].error == "LookupError"
    assert 1 in table.handled, "given again by Telegram, it is not worked on"
    assert process.replies.given == [(1, "failed")]
    errors = [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert errors[0].startswith("update 1 (message) is parked: LookupError")
    assert WORDS not in caplog.text


async def test_a_parked_row_has_no_secret_either(table: InboxTable) -> None:
    process = Process(table)
    process.replies.secret = True
    process.raised = {1: [LookupError()] * 3}
    async with alive(process):
        await process.submit(message(1))
    assert table.rows[1].withheld
    assert WORDS not in json.loads(table.rows[1].raw)["message"].values()


async def test_the_deadline_parks_at_once(table: InboxTable) -> None:
    process = Process(table)
    process.raised = {1: [DeadlineExceeded()]}
    async with alive(process):
        await process.submit(message(1))
        await process.submit(message(2))
    assert process.begun == [1, 2]
    assert table.states() == {1: "parked"}


async def test_who_brings_the_process_down_three_times_is_parked_and_the_innocent_is_not(
    table: InboxTable, caplog: pytest.LogCaptureFixture
) -> None:
    # Both are in work whenever the process ends, as nobody knows which of them did it.
    for owner in (1, 2):
        process = Process(table, owner)
        process.hold(1, 2)
        async with killed_at_the_end(process):
            for raw in (message(1, ANNA), message(2, IVAN)):
                process.submit(raw, suspect=process.inbox.follows_crash)
            await until(lambda: len(process.begun) == 2)  # noqa: B023
    assert {row.tries for row in table.rows.values()} == {1}
    third = Process(table, 3)
    third.hold(1)
    async with killed_at_the_end(third):
        third.submit(message(3, ANNA))
        await until(lambda: third.begun == [1])
        await until(lambda: 3 in third.inbox._entries)
        states = table.states()
        assert (states[1], states[2]) == ("working", "waiting"), "one at a time"
    async with alive(Process(table, 4)) as fourth:
        fourth.submit(message(3, ANNA), suspect=True)
    assert sorted(fourth.begun) == [2, 3]
    assert table.states() == {1: "parked"}
    assert table.rows[1].error == "Crash"
    assert fourth.replies.given == [(1, "failed")]
    assert caplog.text.count("is parked") == 1


async def test_the_crash_of_another_process_is_counted_before_the_work(table: InboxTable) -> None:
    process = Process(table)
    process.raised = {1: [CrashSuspected()]}
    process.hold(1)
    async with killed_at_the_end(process):
        process.submit(message(1))
        await until(lambda: process.begun == [1, 1])
        assert table.states() == {1: "working"}
        assert table.rows[1].tries == 1
    async with alive(Process(table, 2)) as heir:
        pass
    assert heir.done == [1]


async def test_after_a_clean_stop_nobody_is_suspected(table: InboxTable) -> None:
    async with alive(Process(table)) as process:
        assert not process.inbox.follows_crash
    async with alive(Process(table, 2)) as process:
        assert not process.inbox.follows_crash


async def test_a_clean_stop_counts_no_crash(
    table: InboxTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = Process(table)
    process.hold(1)
    async with process.inbox.run():
        await process.submit(message(1))
        await process.inbox.drain(0.01)
    assert table.states() == {1: "waiting"}
    assert table.rows[1].tries == 0
    async with alive(Process(table, 2)) as heir:
        pass
    assert heir.done == [1]


async def test_one_chat_has_a_bound_and_is_told_once(table: InboxTable) -> None:
    process = Process(table)
    process.hold(1)
    async with alive(process):
        for update_id in range(1, 41):
            process.submit(message(update_id))
        await process.submit(message(50, IVAN))
        process.held[1].set()
        await process.inbox.drain(5)
        # Afterwards there is room again.
        await process.submit(message(60))
    assert process.done == [50, *range(1, 32), 60]
    assert process.replies.given == [(32, "overflow")]
    assert set(table.handled) == set(process.done)


async def test_a_crowd_is_worked_on_a_few_at_a_time(
    table: InboxTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_WORK", 2)
    monkeypatch.setattr(module, "PLACE_SECONDS", 60.0)
    async with alive(Process(table)) as process:
        process.hold(1, 2)
        released = [process.submit(message(one, chat_id=one)) for one in range(1, 6)]
        released.append(process.submit(message(6, chat_id=3)))
        await until(lambda: all(one.done() for one in released))
        assert process.begun == [1, 2]
        assert set(table.rows) == set(range(1, 7))
        process.held[2].set()
        # Each chat once, then the second update of one of them.
        await until(lambda: process.done == [2, 3, 4, 5, 6])
        process.held[1].set()
        await until(lambda: len(process.done) == 6)
        assert process.texts == [WORDS] * 6


async def test_what_takes_long_keeps_no_place(
    table: InboxTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_WORK", 2)
    monkeypatch.setattr(module, "PLACE_SECONDS", 0.05)
    async with alive(Process(table)) as process:
        process.hold(1, 2, 3)
        for one in range(1, 5):
            process.submit(message(one, chat_id=one))
        await until(lambda: process.done == [4])
        for held in process.held.values():
            held.set()


async def test_places_that_are_left_have_an_end(
    table: InboxTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_WORK", 1)
    monkeypatch.setattr(module, "PLACE_SECONDS", 0.01)
    monkeypatch.setattr(module, "MOST_AT_WORK", 3)
    async with alive(Process(table)) as process:
        process.hold(1, 2, 3, 5)
        released = [process.submit(message(one, chat_id=one)) for one in range(1, 6)]
        await until(lambda: process.begun == [1, 2, 3])
        await until(lambda: all(one.done() for one in released))
        assert process.begun == [1, 2, 3]
        process.held[2].set()
        await until(lambda: process.done == [2, 4])
        for held in process.held.values():
            held.set()


async def test_what_waits_behind_a_crowd_takes_little_memory(
    table: InboxTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_WORK", 1)
    monkeypatch.setattr(module, "PLACE_SECONDS", 60.0)
    many = 500
    async with alive(Process(table)) as process:
        process.hold(1)
        await process.submit(message(1))
        tracemalloc.start()
        try:
            for one in range(many):
                process.submit(message(100 + one, chat_id=100 + one))
            gc.collect()
            taken, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        process.held[1].set()
        await until(lambda: len(process.done) == many + 1)
    # Bytes of one: its JSON is 220 of them, its model 9,000.
    assert taken / many < 3_000


async def test_what_another_process_has_earlier_is_waited_for(table: InboxTable) -> None:
    process, other = Process(table), Process(table, 2)
    other.hold(4)
    async with alive(process):
        async with killed_at_the_end(other):
            await other.submit(message(4))
            process.waits = {5}
            await process.submit(message(5))
            assert table.states() == {4: "working", 5: "waiting"}, "no crash is its fault"
            assert not table.rows[5].withheld
        # The other one dies, and its row comes here: it goes first.
        await until(lambda: process.done == [4])
        process.waits.clear()
    assert process.done == [4, 5]
    assert process.texts == [WORDS, WORDS]


async def test_a_row_of_another_process_is_left_to_it(table: InboxTable) -> None:
    process, other = Process(table), Process(table, 2)
    other.hold(4)
    async with alive(other), alive(process):
        await other.submit(message(4))
        # Given again after a crash, it may be poison: one process counts its crashes.
        await process.submit(message(4), suspect=True)
        assert process.begun == []
        process.raised = {4: [CrashSuspected()]}
        await process.submit(message(4))
        other.held[4].set()
    assert process.done == []
    assert other.done == [4]


async def test_a_row_adopted_while_its_update_is_in_hand_ends_with_it(table: InboxTable) -> None:
    process, other = Process(table), Process(table, 2)
    other.hold(4)
    process.hold(4)
    async with alive(process):
        async with killed_at_the_end(other):
            await other.submit(message(4))
            process.submit(message(4))
            await until(lambda: process.begun == [4])
        await until(lambda: table.owners.get(4) == 1)
        process.held[4].set()
    assert process.done == [4]
    assert table.rows == {}


async def test_words_behind_another_process_s_button_may_be_a_secret(table: InboxTable) -> None:
    process, other = Process(table), Process(table, 2)
    other.hold(4)
    async with alive(other), alive(process):
        await other.submit(press(4))
        process.waits = {5}
        await process.submit(message(5))
        assert table.rows[5].withheld
        process.waits.clear()
        other.held[4].set()
    assert process.texts == [WORDS]


async def test_while_telegram_answers_nobody_an_update_is_not_given_up(table: InboxTable) -> None:
    process = Process(table)
    absence = TelegramNetworkError(GetMe(), "gone")
    process.raised = {1: [absence] * 20}
    process.calls.answered_at = 0.0
    async with alive(process):
        await process.submit(message(1))
    assert process.done == [1]


async def test_what_telegram_refuses_only_here_is_parked_after_a_while(table: InboxTable) -> None:
    process = Process(table)
    process.raised = {1: [TelegramNetworkError(GetMe(), "gone")] * 20}
    process.calls.answered_at = float("inf")
    async with alive(process):
        await process.submit(message(1))
    assert len(process.begun) == 3
    assert table.rows[1].error == "TelegramNetworkError"


async def test_rows_wait_for_the_database(table: InboxTable) -> None:
    process = Process(table)
    process.hold(1)
    table.troubles = [ConnectionError(), ConnectionError()]
    async with alive(process):
        released = process.submit(message(1))
        await released
        assert table.troubles == []
        assert table.states() == {1: "working"}
        process.held[1].set()


def test_people_of_a_group_do_not_wait_for_each_other() -> None:
    keys = {
        build_chat_key(Update.model_validate(message(1, chat_id, user_id)))
        for chat_id, user_id in ((GROUP, ANNA), (GROUP, IVAN), (ANNA, ANNA))
    }
    assert keys == {"-500:7", "-500:8", "7"}


async def test_a_crowd_is_stored_sooner(table: InboxTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STORE_AFTER_SECONDS", 60.0)
    monkeypatch.setattr(module, "STORE_IN_CROWD_SECONDS", 0.05)
    process = Process(table)
    people = range(1, module.CROWD + 6)
    process.hold(*people)
    async with alive(process):
        released = [process.submit(message(n, 100 + n)) for n in people]
        await asyncio.wait(released, return_when=asyncio.FIRST_COMPLETED)
        assert table.rows
        for held in process.held.values():
            held.set()


async def test_where_there_is_one_process_finished_rows_are_deleted_together(
    table: InboxTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_REMOVE_SECONDS", 0.05)
    process = Process(table)
    store = process.inbox._store
    assert isinstance(store, InMemoryInboxStore)
    store.exclusive = True
    process.hold(1, 2)
    async with alive(process):
        await asyncio.wait([process.submit(message(1, ANNA)), process.submit(message(2, IVAN))])
        for held in process.held.values():
            held.set()
        await until(lambda: len(process.done) == 2)
        assert table.states() == {1: "working", 2: "working"}
        await until(lambda: table.rows == {})
        # A stop waits for none of them.
        process.hold(3)
        await process.submit(message(3))
        process.held[3].set()
    assert table.rows == {}
