"""The database's disk is full, or may only be read: updates wait, and nothing is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.exc import OperationalError

from bot.domain import Category
from bot.request_types import load
from tests.support import flows
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import InProcessCabinet

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)
TROUBLES = ["query_only = ON", "max_page_count = 1"]


@asynccontextmanager
async def run_with_pragma(cabinet: InProcessCabinet, pragma: str) -> AsyncIterator[None]:
    """Executes the pragma on every connection of the bot, which are new before and after."""
    database = cabinet.app.database
    await database.dispose()
    database._pragmas.append(pragma)
    yield
    database._pragmas.remove(pragma)
    await database.dispose()


async def fill_up(cabinet: InProcessCabinet) -> None:
    """Fills the database file until not even a byte fits."""
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
    phone = await start_form(cabinet, FORM)
    async for _ in answer_questions(phone, FORM, cabinet.today):
        pass
    await phone.press("Отправить")
    await phone.say("/menu")
    await phone.press("Заявки")
    await phone.press("Создание заявки")
    await phone.press("Бездоговорное потребление")
    async for _ in answer_questions(phone, FORM, cabinet.today):
        pass
    async with run_with_pragma(cabinet, pragma):
        await fill_up(cabinet)
        with pytest.raises(OperationalError):
            await phone.press("Отправить")
        with pytest.raises(OperationalError):
            await cabinet.app.database.probe()
        await cabinet.app.database.ping()
    assert await cabinet.count_requests() == 1
    # Polling and Telegram's webhook give the update once more.
    cabinet.telegram.repeat_update(cabinet.taken[-1])
    await cabinet.take_updates()
    await phone.expects("зарегистрирована", "№ 2026-000002")
    assert await cabinet.count_requests() == 2
    await cabinet.app.database.probe()
    await cabinet.deliver()
    async with cabinet.app.database.read() as tx:
        assert await tx.outbox.count_waiting() == {}
