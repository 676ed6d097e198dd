"""The durable inbox under the whole bot: what people see, and what the tables hold."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram.types import Update
from sqlalchemy import select

from bot.app import dispatcher
from bot.db.inbox import InboxChanges, InboxRecord
from bot.db.models import Base
from bot.domain import Address
from bot.telegram import inbox as module
from bot.telegram.inbox_store import replay
from bot.telegram.update_parser import parse_update
from sandbox.bot_api.state import ApiError, Fault
from tests.support.in_process import (
    EACH_STORAGE,
    ON_SQLITE,
    PASSWORD,
    STAFF_CHAT_ID,
    InProcessCabinet,
    InProcessPhone,
    get_email,
    read_metrics,
)
from tests.support.statement_recorder import record_statements

STORED_AFTER = 0.05


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STORE_AFTER_SECONDS", STORED_AFTER)
    monkeypatch.setattr(module, "_RETRY_PAUSES", (0.0, 0.0))
    monkeypatch.setattr(module, "_WORDS_GRACE_SECONDS", 0.0)


def submit(cabinet: InProcessCabinet) -> asyncio.Future[None]:
    """Gives everything that waits at Telegram to the inbox; the future of the last one."""
    released = None
    while cabinet.telegram.updates:
        raw = cabinet.telegram.updates.pop(0)
        update = Update.model_validate(raw, context={"bot": cabinet.app.bot})
        released = cabinet.app.inbox.submit(update, raw)
    assert released is not None
    return released


@asynccontextmanager
async def crash_at_the_end(
    cabinet: InProcessCabinet, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """The inbox runs, and ends without giving its rows up."""

    async def die() -> None:
        raise ConnectionError

    async with cabinet.app.inbox.run():
        yield
        monkeypatch.setattr(cabinet.app.inbox._store, "release", die)


async def rows(cabinet: InProcessCabinet) -> list[dict[str, Any]]:
    async with cabinet.app.database.read() as tx:
        inbox = Base.metadata.tables["inbox"]
        found = await tx.connection.execute(select(inbox).order_by(inbox.c.update_id))
        return [dict(row) for row in found.mappings()]


async def dump(cabinet: InProcessCabinet) -> str:
    async with cabinet.app.database.read() as tx:
        tables = [
            [dict(row) for row in (await tx.connection.execute(select(table))).mappings()]
            for table in Base.metadata.sorted_tables
        ]
    return json.dumps(tables, default=str, ensure_ascii=False)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 (a chat in memory tells nobody)
            await asyncio.sleep(0.005)


async def at_the_password(cabinet: InProcessCabinet) -> InProcessPhone:
    """A person with an account, asked for the password, which takes as long as the gate is shut."""
    phone = await cabinet.add_consumer()
    await phone.say("/menu")
    await phone.press("Выйти")
    await phone.press("Войти")
    await phone.say(get_email(phone))
    assert "ароль" in phone.screen
    cabinet.hasher.gate.clear()
    return phone


@ON_SQLITE
async def test_a_quick_update_costs_nothing_more(
    cabinet: InProcessCabinet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STORE_AFTER_SECONDS", 60)
    monkeypatch.setattr(module, "_ADOPT_SECONDS", 60)
    phone = await cabinet.add_consumer()
    async with cabinet.app.inbox.run():
        cabinet.telegram.send(phone.user_id, phone.user_id, text="/menu")
        with record_statements(cabinet.app.database) as said:
            submit(cabinet)
            await cabinet.app.inbox.drain(10)
    assert [one.split()[0] for one, _ in said] == ["SELECT", "INSERT", "INSERT"]


@EACH_STORAGE
async def test_a_password_is_never_written(cabinet: InProcessCabinet) -> None:
    phone = await at_the_password(cabinet)
    async with cabinet.app.inbox.run():
        cabinet.telegram.send(phone.user_id, phone.user_id, text=PASSWORD)
        await submit(cabinet)
        (row,) = await rows(cabinet)
        assert (row["state"], row["withheld"]) == ("working", True)
        kept = await dump(cabinet)
        assert PASSWORD not in kept
        assert json.dumps(PASSWORD)[1:-1] not in kept
        cabinet.hasher.gate.set()
        await cabinet.app.inbox.drain(10)
        assert await rows(cabinet) == []
    assert "Выберите раздел" in phone.screen


@EACH_STORAGE
async def test_a_login_beside_another_one_is_acknowledged_at_once(
    cabinet: InProcessCabinet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STORE_AFTER_SECONDS", 60)
    monkeypatch.setattr(module, "STORE_IN_CROWD_SECONDS", 60)
    first = await at_the_password(cabinet)
    cabinet.hasher.gate.set()
    second = await at_the_password(cabinet)
    async with cabinet.app.inbox.run():
        released = {}
        for phone in (first, second):
            cabinet.telegram.send(phone.user_id, phone.user_id, text=PASSWORD)
            released[submit(cabinet)] = phone
        # The window of Telegram is free for others, and a crash loses no login.
        done, _ = await asyncio.wait(released, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        # Either may be the first whose password is asked about: each takes its turn by itself.
        (acknowledged,) = done
        (row,) = await rows(cabinet)
        assert (row["chat_key"], row["withheld"]) == (str(released[acknowledged].user_id), True)
        assert json.dumps(PASSWORD)[1:-1] not in await dump(cabinet)
        cabinet.hasher.gate.set()
        await cabinet.app.inbox.drain(10)
        assert await rows(cabinet) == []
    for phone in (first, second):
        assert "Выберите раздел" in phone.screen


@EACH_STORAGE
async def test_after_a_crash_a_password_is_asked_for_again(
    cabinet: InProcessCabinet, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await at_the_password(cabinet)
    async with crash_at_the_end(cabinet, monkeypatch):
        cabinet.telegram.send(phone.user_id, phone.user_id, text=PASSWORD)
        await submit(cabinet)
    async with cabinet.run():
        async with cabinet.app.inbox.run():
            assert cabinet.app.inbox.follows_crash
            await cabinet.app.inbox.drain(10)
        assert "Напишите ещё раз" in phone.screen
        assert all(one.get("text") != PASSWORD for one in phone.own_messages)
        assert await rows(cabinet) == []
        await phone.say(PASSWORD)
        assert "Выберите раздел" in phone.screen


@EACH_STORAGE
async def test_what_fails_three_times_is_parked_told_once_and_replayed(
    cabinet: InProcessCabinet,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "_ADOPT_SECONDS", 0.01)
    phone = await cabinet.add_consumer()
    said = len(phone.messages)
    refusal = ApiError(400, "Bad Request")
    cabinet.telegram.faults.append(Fault(method="sendMessage", error=refusal, times=3))
    async with cabinet.app.inbox.run():
        cabinet.telegram.send(phone.user_id, phone.user_id, text="/help")
        submit(cabinet)
        await cabinet.app.inbox.drain(10)
        assert "неполадка" in phone.screen
        assert len(phone.messages) == said + 1
        assert caplog.text.count(" is parked: TelegramBadRequest") == 1
        assert caplog.text.count("ERROR") == 1
        caplog.clear()
        (row,) = await rows(cabinet)
        found = await read_metrics(cabinet)
        assert found["cabinet_inbox_updates parked"] == 1
        assert found["cabinet_inbox_updates waiting"] == 0
        # The chat goes on.
        cabinet.telegram.send(phone.user_id, phone.user_id, text="/menu")
        submit(cabinet)
        await cabinet.app.inbox.drain(10)
        assert "Заявки" in phone.buttons
        storage = cabinet.app.inbox._store._storage  # type: ignore[attr-defined]
        now = cabinet.clock.now()
        assert await replay(cabinet.app.database, storage, row["update_id"], now)
        await until(lambda: "/cancel" in phone.screen)
        await cabinet.app.inbox.drain(10)
        assert await rows(cabinet) == []


@EACH_STORAGE
async def test_what_takes_too_long_is_stopped_and_told(
    cabinet: InProcessCabinet,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(dispatcher, "WORK_SECONDS", 0.2)
    async with cabinet.run():
        phone = await at_the_password(cabinet)
        async with cabinet.app.inbox.run():
            cabinet.telegram.send(phone.user_id, phone.user_id, text=PASSWORD)
            submit(cabinet)
            await cabinet.app.inbox.drain(10)
            assert "слишком много времени" in phone.screen
            (row,) = await rows(cabinet)
            assert (row["state"], row["error"]) == ("parked", "DeadlineExceeded")
            assert row["withheld"]
            assert caplog.text.count(" is parked: DeadlineExceeded") == 1
            caplog.clear()
            cabinet.hasher.gate.set()
            cabinet.telegram.send(phone.user_id, phone.user_id, text="/menu")
            submit(cabinet)
            await cabinet.app.inbox.drain(10)
            assert "Войти" in phone.buttons


async def test_more_than_a_chat_may_have_is_refused_once(cabinet: InProcessCabinet) -> None:
    async with cabinet.run(limit_inbox=20):
        phone = await at_the_password(cabinet)
        async with cabinet.app.inbox.run():
            for _ in range(30):
                cabinet.telegram.send(phone.user_id, phone.user_id, text=PASSWORD)
            submit(cabinet)
            await until(lambda: "Слишком много сообщений сразу" in phone.screen)
            cabinet.hasher.gate.set()
            await cabinet.app.inbox.drain(10)
        words = [one["text"] for one in phone.messages if "сообщений сразу" in one["text"]]
        assert len(words) == 1


async def test_an_erased_person_leaves_nothing_in_the_inbox(cabinet: InProcessCabinet) -> None:
    phone, other = await cabinet.add_consumer(), await cabinet.add_consumer("Петров Пётр")
    account = (await cabinet.accounts.get_chat(phone.user_id, None)).account
    assert account is not None
    raws = [(str(phone.user_id), ""), ("-500:1", get_email(phone)), (str(other.user_id), "")]
    records = [
        InboxRecord(update_id=n, chat_key=key, kind="message", raw=json.dumps({"text": words}))
        for n, (key, words) in enumerate(raws)
    ]
    async with cabinet.app.database.begin() as tx:
        await tx.inbox.apply(InboxChanges(add=records), 1, cabinet.clock.now())
    await cabinet.app.services.personal_data.erase(account.id, Address.from_chat(phone.user_id))
    assert [row["update_id"] for row in await rows(cabinet)] == [2]


async def test_the_staff_are_told_in_a_reply(cabinet: InProcessCabinet) -> None:
    maria = cabinet.add_staff_phone()
    maria.telegram.send(STAFF_CHAT_ID, maria.user_id, text="/find 1")
    update = parse_update(cabinet.telegram.updates.pop(), cabinet.app.bot)
    assert update is not None
    await cabinet.app.inbox._replies.tell(update, "failed")
    assert maria.messages[-1]["reply_to_message"]["text"] == "/find 1"
