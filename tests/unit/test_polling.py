import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramRetryAfter,
)
from aiogram.methods import TelegramMethod
from aiogram.types import Update

from bot.telegram import inbox as inbox_module
from bot.telegram import polling as module
from bot.telegram.deadline import TelegramCalls
from bot.telegram.inbox import Inbox
from bot.telegram.polling import IN_HAND, GetRawUpdates, Polling
from tests.support.in_memory_inbox import InboxTable, InMemoryInboxStore, RecordedReplies


def build_update(update_id: int, chat_id: int) -> dict[str, Any]:
    return {
        "update_id": update_id,
        "message": {
            "message_id": update_id,
            "date": 1764000000,
            "chat": {"id": chat_id, "type": "private"},
            "text": "Войти",
        },
    }


class UpdateQueueSession(BaseSession):
    """The queue of updates as Telegram keeps it: an offset acknowledges what is below it."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: list[dict[str, Any]] = []
        self.asked: list[GetRawUpdates] = []
        self.troubles: list[Exception] = []
        self.arrived = asyncio.Event()

    def send(self, *updates: dict[str, Any]) -> None:
        self.queue.extend(updates)
        self.arrived.set()

    async def make_request(
        self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None
    ) -> Any:
        assert isinstance(method, GetRawUpdates)
        self.asked.append(method)
        if self.troubles:
            raise self.troubles.pop(0)
        if method.offset is not None:
            self.queue = [one for one in self.queue if one["update_id"] >= method.offset]
        if not self.queue and method.timeout:
            self.arrived.clear()
            await self.arrived.wait()
        return self.queue[: method.limit]

    async def close(self) -> None: ...

    async def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        yield b""


class HeldHandler:
    """A handler of updates that can be held up, update by update."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.finished: list[int] = []
        self.held: dict[int, asyncio.Event] = {}
        self.failures: dict[int, int] = {}
        self.trouble: type[Exception] = LookupError
        self.changed = asyncio.Condition()

    def hold(self, *update_ids: int) -> None:
        self.held.update((update_id, asyncio.Event()) for update_id in update_ids)

    async def __call__(self, update: Update) -> None:
        await self._record(self.begun, update.update_id)
        if self.failures.get(update.update_id):
            self.failures[update.update_id] -= 1
            raise self.trouble(update.message and update.message.text)
        if held := self.held.get(update.update_id):
            await held.wait()
        await self._record(self.finished, update.update_id)

    async def _record(self, ids: list[int], update_id: int) -> None:
        async with self.changed:
            ids.append(update_id)
            self.changed.notify_all()

    async def wait_until(self, *, begun: int = 0, finished: int = 0) -> None:
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(
                lambda: len(self.begun) >= begun and len(self.finished) >= finished
            )


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST_BREATH", 0.02)
    monkeypatch.setattr(inbox_module, "_RETRY_PAUSES", (0.0, 0.0))


@pytest.fixture
def telegram() -> UpdateQueueSession:
    return UpdateQueueSession()


@pytest.fixture
def handling() -> HeldHandler:
    return HeldHandler()


@pytest.fixture
def table() -> InboxTable:
    return InboxTable()


@pytest.fixture
def inbox(telegram: UpdateQueueSession, handling: HeldHandler, table: InboxTable) -> Inbox:
    bot = Bot("1:a", session=telegram)
    store = InMemoryInboxStore(table)
    return Inbox(bot, store, handling, RecordedReplies(), TelegramCalls(), per_chat=200)


@asynccontextmanager
async def run_polling(telegram: UpdateQueueSession, inbox: Inbox) -> AsyncIterator[Polling]:
    polling = Polling(Bot("1:a", session=telegram), inbox, ["message"])
    async with asyncio.timeout(10), inbox.run():
        running = asyncio.create_task(polling.run())
        try:
            yield polling
        finally:
            await polling.stop()
            await running


async def test_an_update_is_acknowledged_only_after_it_was_handled(
    telegram: UpdateQueueSession, handling: HeldHandler, inbox: Inbox
) -> None:
    handling.hold(1)
    async with run_polling(telegram, inbox):
        telegram.send(build_update(1, chat_id=7), build_update(2, chat_id=8))
        await handling.wait_until(finished=1)
        telegram.send(build_update(3, chat_id=9))
        await handling.wait_until(finished=2)
        # What is still in hand comes again and again, and is not handled again.
        await asyncio.sleep(0.1)
        assert handling.begun == [1, 2, 3]
        assert telegram.queue[0]["update_id"] == 1
        assert telegram.asked[-1].offset == 1
        handling.held[1].set()
        await handling.wait_until(finished=3)
    assert telegram.queue == []
    assert telegram.asked[0].offset is None
    assert telegram.asked[0].allowed_updates == ["message"]


async def test_an_unfinished_update_is_no_reason_to_ask_without_a_breath(
    telegram: UpdateQueueSession, handling: HeldHandler, inbox: Inbox
) -> None:
    handling.hold(1)
    async with run_polling(telegram, inbox):
        telegram.send(build_update(1, chat_id=7))
        await handling.wait_until(begun=1)
        asked = len(telegram.asked)
        await asyncio.sleep(0.2)
        assert len(telegram.asked) - asked <= 11
        handling.held[1].set()


async def test_while_the_bot_is_busy_telegram_is_not_asked(
    telegram: UpdateQueueSession,
    handling: HeldHandler,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The thread has worked for as long as the clock runs.
    monkeypatch.setattr(module, "thread_time", time.monotonic)
    handling.hold(1)
    async with run_polling(telegram, inbox):
        telegram.send(build_update(1, chat_id=7))
        await handling.wait_until(begun=1)
        await asyncio.sleep(0.1)
        assert len(telegram.asked) == 1
        # Whatever takes long is stored, and others are heard.
        telegram.send(build_update(2, chat_id=8))
        await handling.wait_until(finished=1)
        handling.held[1].set()
        await handling.wait_until(finished=2)


async def test_fresh_updates_are_not_kept_waiting_by_one_that_is_slow(
    telegram: UpdateQueueSession,
    handling: HeldHandler,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_LONGEST_BREATH", 60)
    handling.hold(1)
    async with run_polling(telegram, inbox):
        telegram.send(build_update(1, chat_id=7))
        await handling.wait_until(begun=1)
        for update_id in range(2, 30):
            telegram.send(build_update(update_id, chat_id=8))
            # Each was asked for soon after the one before it was handled.
            await handling.wait_until(finished=update_id - 1)
        handling.held[1].set()


async def test_while_telegram_can_tell_of_no_more_it_is_not_asked(
    telegram: UpdateQueueSession,
    handling: HeldHandler,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_LONGEST_BREATH", 60)
    handling.hold(1)
    async with run_polling(telegram, inbox):
        telegram.send(*(build_update(n, chat_id=n) for n in range(1, IN_HAND + 2)))
        await handling.wait_until(finished=IN_HAND - 1)
        await asyncio.sleep(0.1)
        asked = len(telegram.asked)
        await asyncio.sleep(0.1)
        assert len(telegram.asked) == asked
        handling.held[1].set()
        await handling.wait_until(finished=IN_HAND + 1)


async def test_updates_of_one_chat_keep_their_order(
    telegram: UpdateQueueSession, handling: HeldHandler, inbox: Inbox
) -> None:
    handling.hold(1, 2)
    async with run_polling(telegram, inbox):
        telegram.send(*(build_update(n, chat_id=7) for n in (1, 2, 3)), build_update(4, chat_id=8))
        await handling.wait_until(finished=1)
        assert handling.begun == [1, 4]
        handling.held[1].set()
        await handling.wait_until(begun=3)
        assert handling.begun == [1, 4, 2]
        handling.held[2].set()
    assert handling.finished == [4, 1, 2, 3]


async def test_no_more_are_in_hand_than_agreed(
    telegram: UpdateQueueSession,
    handling: HeldHandler,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox_module, "STORE_AFTER_SECONDS", 60)
    monkeypatch.setattr(inbox_module, "STORE_IN_CROWD_SECONDS", 60)
    everything = range(1, 2 * IN_HAND + 1)
    handling.hold(*everything)
    async with run_polling(telegram, inbox):
        telegram.send(*(build_update(n, chat_id=n) for n in everything))
        await handling.wait_until(begun=IN_HAND)
        await asyncio.sleep(0.1)
        assert len(handling.begun) == IN_HAND
        for held in handling.held.values():
            held.set()
        await handling.wait_until(finished=2 * IN_HAND)
    assert telegram.queue == []


async def test_a_stop_finishes_what_is_in_hand_and_acknowledges_it(
    telegram: UpdateQueueSession, handling: HeldHandler, inbox: Inbox
) -> None:
    handling.hold(1)
    async with run_polling(telegram, inbox) as poll:
        telegram.send(build_update(1, chat_id=7))
        await handling.wait_until(begun=1)
        stopping = asyncio.create_task(poll.stop())
        await asyncio.sleep(0.05)
        assert not stopping.done()
        handling.held[1].set()
        await stopping
    assert (telegram.asked[-1].offset, telegram.asked[-1].timeout) == (2, 0)
    assert telegram.asked[-1].limit == 1
    assert telegram.queue == []


async def test_what_is_not_finished_in_time_comes_again(
    telegram: UpdateQueueSession,
    handling: HeldHandler,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.05)
    handling.hold(2)
    async with run_polling(telegram, inbox):
        telegram.send(
            build_update(1, chat_id=7), build_update(2, chat_id=7), build_update(3, chat_id=8)
        )
        await handling.wait_until(begun=3)
    assert [one["update_id"] for one in telegram.queue] == [2, 3]


async def test_a_stop_before_the_start_stops(
    telegram: UpdateQueueSession, handling: HeldHandler, inbox: Inbox
) -> None:
    poll = Polling(Bot("1:a", session=telegram), inbox, [])
    async with inbox.run():
        await poll.stop()
        await poll.run()
    assert handling.begun == []


async def test_a_lost_parting_does_no_harm(
    telegram: UpdateQueueSession, handling: HeldHandler, inbox: Inbox
) -> None:
    async with run_polling(telegram, inbox):
        telegram.send(build_update(1, chat_id=7))
        await handling.wait_until(finished=1)
        await asyncio.sleep(0.05)
        telegram.troubles.append(
            TelegramNetworkError(GetRawUpdates(offset=1, limit=1, timeout=0), "gone")
        )


async def test_troubles_are_waited_out(
    telegram: UpdateQueueSession,
    handling: HeldHandler,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "_LONGEST_PAUSE", 0.01)
    ask = GetRawUpdates(offset=None, limit=1, timeout=0)
    telegram.troubles = [
        TelegramNetworkError(ask, "no route"),
        TelegramConflictError(ask, "terminated by other getUpdates request"),
        TelegramRetryAfter(ask, "Too Many Requests", retry_after=0),
        ClientDecodeError("?", ValueError(), "<html>"),
        OSError("the proxy is gone"),
    ]
    telegram.send(build_update(1, chat_id=7))
    async with run_polling(telegram, inbox):
        await handling.wait_until(finished=1)
    assert telegram.troubles == []
    errors = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert "Another process polls" in errors[0]


def test_pauses_grow_up_to_half_a_minute() -> None:
    ask = GetRawUpdates(offset=None, limit=1, timeout=0)
    trouble = TelegramNetworkError(ask, "no route")
    assert [module._compute_pause(trouble, n) for n in (1, 2, 3, 9, 5000)] == [1, 2, 4, 30, 30]
    busy = TelegramRetryAfter(ask, "Too Many Requests", retry_after=77)
    assert module._compute_pause(busy, 1) == 77


async def test_an_update_that_fails_is_tried_again_and_then_given_up(
    telegram: UpdateQueueSession,
    handling: HeldHandler,
    inbox: Inbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    handling.failures = {1: 2, 2: 99}
    async with run_polling(telegram, inbox):
        telegram.send(*(build_update(n, chat_id=7) for n in (1, 2, 3)))
        await handling.wait_until(finished=2)
    assert handling.begun == [1, 1, 1, 2, 2, 2, 3]
    assert handling.finished == [1, 3]
    assert telegram.queue == []
    assert "update 2 (message) is parked: LookupError" in caplog.text
    assert "Войти" not in caplog.text


async def test_while_the_database_is_away_an_update_is_never_given_up(
    telegram: UpdateQueueSession,
    handling: HeldHandler,
    inbox: Inbox,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox_module, "_FIRST_PAUSE", 0.005)
    monkeypatch.setattr(inbox_module, "_LONGEST_OUTAGE_PAUSE", 0.01)
    handling.trouble, handling.failures = ConnectionError, {1: 20}
    async with run_polling(telegram, inbox):
        telegram.send(build_update(1, chat_id=7), build_update(2, chat_id=7))
        await handling.wait_until(finished=2)
    assert handling.begun == [1] * 21 + [2]
    assert telegram.queue == []
    assert "ERROR" not in caplog.text
    assert "Войти" not in caplog.text


async def test_an_update_of_an_unknown_shape_does_not_stop_the_others(
    telegram: UpdateQueueSession,
    handling: HeldHandler,
    inbox: Inbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    handling.hold(2)
    async with run_polling(telegram, inbox):
        telegram.send({"update_id": 1, "message": {"text": "Иванова"}}, build_update(2, chat_id=7))
        await handling.wait_until(begun=1)
        telegram.send({"update_id": 3, "message": 5}, {"update_id": 4})
        await handling.wait_until(begun=2)
        await asyncio.sleep(0.1)
        handling.held[2].set()
    assert handling.finished == [4, 2]
    assert telegram.queue == []
    assert caplog.text.count("is not understood") == 2
    assert "Иванова" not in caplog.text


async def test_what_takes_long_is_stored_and_acknowledged_with_all_behind_it(
    telegram: UpdateQueueSession,
    handling: HeldHandler,
    inbox: Inbox,
    table: InboxTable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox_module, "STORE_AFTER_SECONDS", 0.05)
    handling.hold(1)
    async with run_polling(telegram, inbox):
        telegram.send(
            build_update(1, chat_id=7), build_update(2, chat_id=7), build_update(3, chat_id=8)
        )
        await handling.wait_until(finished=1)
        while telegram.queue:  # noqa: ASYNC110 (a queue tells nobody)
            await asyncio.sleep(0.01)
        assert table.added == [[1, 2]]
        assert table.states() == {1: "working", 2: "waiting"}
        handling.held[1].set()
        await handling.wait_until(finished=3)
    assert handling.finished == [3, 1, 2]
    assert table.rows == {}


async def test_a_flood_of_one_chat_leaves_the_window_to_others_at_once(
    telegram: UpdateQueueSession,
    handling: HeldHandler,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Not by time.
    monkeypatch.setattr(inbox_module, "STORE_AFTER_SECONDS", 60)
    handling.hold(1)
    async with run_polling(telegram, inbox):
        telegram.send(*(build_update(n, chat_id=7) for n in range(1, IN_HAND + 6)))
        await handling.wait_until(begun=1)
        telegram.send(build_update(500, chat_id=8))
        await handling.wait_until(finished=1)
        assert handling.finished == [500]
        handling.held[1].set()
        await handling.wait_until(finished=IN_HAND + 6)
    assert handling.finished == [500, *range(1, IN_HAND + 6)]
