"""Updates that come again and people who do too much: neither has a second effect."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from aiogram.fsm.storage.base import StorageKey
from redis.asyncio import Redis
from sqlalchemy import event

from bot.db.conversations import StoredConversation
from bot.domain import Category
from bot.fsm.redis import RedisConversationStorage
from bot.request_types import load
from tests.e2e.test_cabinet import pdf
from tests.support.form_filler import opened, questions
from tests.support.in_process import ON_SQLITE, STAFF_CHAT_ID, InProcessCabinet, InProcessPhone
from tests.support.staff_phone import StaffPhone

CATALOGUE = load()
FORM = CATALOGUE.get_form("unmetered_report", Category.INDIVIDUAL)


class InProcessStaffPhone(StaffPhone):
    def __init__(self, cabinet: InProcessCabinet) -> None:
        super().__init__(cabinet.telegram, STAFF_CHAT_ID, 501, "Ольга")
        self._cabinet = cabinet

    async def settled(self) -> None:
        await self._cabinet.take_updates()


async def resent(cabinet: InProcessCabinet, updates: list[dict[str, Any]]) -> int:
    """Gives updates once more, latest first; how many calls of Telegram they caused."""
    calls = len(cabinet.telegram.calls)
    for update in reversed(updates):
        cabinet.telegram.repeat(update)
    await cabinet.take_updates()
    return len(cabinet.telegram.calls) - calls


@contextmanager
def statements(cabinet: InProcessCabinet) -> Iterator[list[str]]:
    """The first words of what the database is told."""
    engine = cabinet.app.database._engine.sync_engine
    said: list[str] = []

    def hear(*about: Any) -> None:
        said.append(about[2].split()[0])

    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


async def registered(phone: InProcessPhone, email: str) -> None:
    await phone.say("/start")
    await phone.press("Регистрация")
    await phone.press("Физическое лицо")
    await phone.say("Иванова Анна")
    await phone.say(email)
    await phone.share_contact()
    await phone.press("Согласен")
    await phone.press("Зарегистрировать")


@ON_SQLITE
async def test_an_update_is_known_for_two_days_in_every_process(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.consumer()
    for _ in range(40):
        await phone.say("/menu")
    await phone.say("просто слова")
    staff_member = InProcessStaffPhone(cabinet)
    await staff_member.say("/help")
    taken = list(cabinet.taken)
    assert len(taken) == 43
    assert await resent(cabinet, taken) == 0
    async with cabinet.running():
        assert await resent(cabinet, taken) == 0
        cabinet.clock.advance(hours=49)
        await cabinet.app.services.personal_data.forget_expired()
        assert await resent(cabinet, taken) > 43


@ON_SQLITE
async def test_knowing_updates_and_limits_costs_one_statement(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.consumer()
    with statements(cabinet) as said:
        await phone.say("/menu")
    # Conversation, mark and person at once; and, in one transaction, conversation and mark.
    assert said == ["SELECT", "INSERT", "INSERT"]
    cabinet.telegram.repeat(cabinet.taken[-1])
    with statements(cabinet) as said:
        await cabinet.take_updates()
    assert said.count("INSERT") == 0


async def test_who_writes_too_much_is_told_so_once(cabinet: InProcessCabinet) -> None:
    async with cabinet.running(limit_messages="5/1m"):
        phone, other = cabinet.phone(), cabinet.phone("Пётр")
        for _ in range(5):
            await phone.say("/start")
        await phone.say("/start")
        assert "снова ответит через 1 минуту" in phone.screen
        calls = len(cabinet.telegram.calls)
        for _ in range(3):
            await phone.press("Регистрация")
        assert len(cabinet.telegram.calls) == calls
        await other.say("/start")
        assert "Регистрация" in other.buttons
    async with cabinet.running():
        # Another process knows it too.
        await phone.say("/start")
        cabinet.clock.advance(seconds=60)
        assert "снова ответит" in phone.screen
        await phone.say("/start")
        assert "Регистрация" in phone.buttons


async def test_files_beyond_the_limit_are_refused_and_the_others_stay(
    cabinet: InProcessCabinet,
) -> None:
    async with cabinet.running(limit_files="2/1h"):
        phone = await opened(cabinet, FORM)
        async for question in questions(phone, FORM, cabinet.today):
            if question.key == "scans":
                for number in range(4):
                    await phone.send_document(pdf(str(number)), f"{number}.pdf")
                break
        warnings = [one for one in phone.messages if "этот не принят" in one.get("text", "")]
        assert len(warnings) == 1
        assert "через 60 минут" in warnings[0]["text"]
        await phone.say("/menu")
        await phone.press("Продолжить заполнение")
        assert "1.pdf" in phone.screen
        assert "2.pdf" not in phone.screen


async def test_registrations_and_resets_are_limited_by_chat(cabinet: InProcessCabinet) -> None:
    async with cabinet.running(limit_registrations="1/1d", limit_resets="1/1d"):
        phone = cabinet.phone()
        for number in range(3):
            await registered(phone, f"{number}@example.ru")
            await phone.say("/cancel")
        assert phone.alerts[-1].startswith("Слишком много регистраций")
        assert len(phone.alerts) == 1
        async with cabinet.app.database.read() as tx:
            assert await tx.accounts.get_by_email("0@example.ru")
            assert await tx.accounts.get_by_email("1@example.ru") is None


async def test_in_redis_marks_and_conversations_end_by_themselves() -> None:
    key = StorageKey(bot_id=int(uuid4().int % 10**9), chat_id=7, user_id=7)
    async with Redis.from_url("redis://127.0.0.1:6379/0") as redis:
        memory = RedisConversationStorage(redis, key.bot_id, timedelta(days=90))
        assert await memory.recall(key, 5) == StoredConversation({}, handled=False)
        await memory.save(key, {"draft": "x"}, 5)
        await memory.mark_handled(6)
        assert await memory.recall(key, 5) == StoredConversation({"draft": "x"}, handled=True)
        assert await memory.recall(key, 7) == StoredConversation({"draft": "x"}, handled=False)
        assert [await memory.is_handled(one) for one in (5, 6, 7)] == [True, True, False]
        names = [one async for one in redis.scan_iter(f"fsm:{key.bot_id}:*")]
        lives = sorted([await redis.ttl(name) for name in names])
        assert len(lives) == 3
        assert 47 * 3600 < lives[0] <= lives[1] <= 48 * 3600
        assert 89 * 86400 < lives[2] <= 90 * 86400
        await redis.delete(*names)
