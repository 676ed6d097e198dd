"""The database's disk is full, or may only be read: updates wait, and nothing is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bot.domain import Category
from bot.request_types import load
from tests.chat.conftest import cabinet
from tests.support import flows
from tests.support.form_filler import opened, questions
from tests.support.in_process import InProcessCabinet

__all__ = ["cabinet"]  # a fixture

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)
TROUBLES = ["PRAGMA query_only = ON", "PRAGMA max_page_count = 1"]


@asynccontextmanager
async def troubled(cabinet: InProcessCabinet, pragma: str) -> AsyncIterator[None]:
    """Every connection of the bot meets it; they are new before and after."""
    engine = cabinet.app.database._engine

    def spoil(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute(pragma)
        cursor.close()

    await engine.dispose()
    event.listen(engine.sync_engine, "connect", spoil)
    yield
    event.remove(engine.sync_engine, "connect", spoil)
    await engine.dispose()


async def fill_up(cabinet: InProcessCabinet) -> None:
    """Takes whatever room there is, down to the last piece."""
    for size in (100_000, 3000, 100, 1):
        for number in range(10_000):
            try:
                async with cabinet.app.database.begin() as tx:
                    await tx.values.set(f"junk-{size}-{number}", "x" * size)
            except OperationalError:
                break


@pytest.mark.parametrize("pragma", TROUBLES)
async def test_a_request_waits_for_the_disk(
    cabinet: InProcessCabinet, pragma: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # More than fits into what is left of any page.
    monkeypatch.setattr(flows, "TEXT", "Прошу рассмотреть. " * 104)
    phone = await opened(cabinet, FORM)
    async for _ in questions(phone, FORM, cabinet.today):
        pass
    await phone.press("Отправить")
    await phone.say("/menu")
    await phone.press("Заявки")
    await phone.press("Создание заявки")
    await phone.press("Бездоговорное потребление")
    async for _ in questions(phone, FORM, cabinet.today):
        pass
    async with troubled(cabinet, pragma):
        await fill_up(cabinet)
        with pytest.raises(OperationalError):
            await phone.press("Отправить")
        with pytest.raises(OperationalError):
            await cabinet.app.database.probe()
        await cabinet.app.database.ping()
    assert await cabinet.requests() == 1
    # Polling and Telegram's webhook give the update once more.
    cabinet.telegram.repeat(cabinet.taken[-1])
    await cabinet.take_updates()
    await phone.expects("зарегистрирована", "№ 2026-000002")
    assert await cabinet.requests() == 2
    await cabinet.app.database.probe()
    await cabinet.deliver()
    async with cabinet.app.database.read() as tx:
        assert await tx.outbox.count_waiting() == {}
