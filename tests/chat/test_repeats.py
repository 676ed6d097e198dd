"""Updates that come again and people who do too much: neither has a second effect."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from aiogram.fsm.storage.base import StorageKey
from redis.asyncio import Redis

from bot.db.conversations import StoredConversation
from bot.domain import Category
from bot.fsm.redis import RedisConversationStorage
from bot.request_types import load
from tests.support.files import make_pdf
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import ON_SQLITE, InProcessCabinet, InProcessPhone
from tests.support.redis import REDIS_URL
from tests.support.statement_recorder import record_statements

CATALOGUE = load()
FORM = CATALOGUE.get_form("unmetered_report", Category.INDIVIDUAL)


async def resend(cabinet: InProcessCabinet, updates: list[dict[str, Any]]) -> int:
    """Gives updates once more, latest first; how many calls of Telegram they caused."""
    calls = len(cabinet.telegram.calls)
    for update in reversed(updates):
        cabinet.telegram.repeat_update(update)
    await cabinet.take_updates()
    return len(cabinet.telegram.calls) - calls


async def register(phone: InProcessPhone, email: str) -> None:
    await phone.say("/start")
    await phone.press("Регистрация")
    await phone.press("Согласен")
    await phone.press("Физическое лицо")
    await phone.say("Иванова Анна")
    await phone.say(email)
    await phone.share_contact()
    await phone.press("Зарегистрировать")


@ON_SQLITE
async def test_an_update_is_known_for_two_days_in_every_process(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    for _ in range(40):
        await phone.say("/menu")
    await phone.say("просто слова")
    staff_member = cabinet.add_staff_phone()
    await staff_member.say("/help")
    taken = list(cabinet.taken)
    assert len(taken) == 43
    assert await resend(cabinet, taken) == 0
    async with cabinet.run():
        assert await resend(cabinet, taken) == 0
        cabinet.clock.advance(hours=49)
        await cabinet.app.services.personal_data.forget_expired()
        assert await resend(cabinet, taken) > 43


@ON_SQLITE
async def test_knowing_updates_and_limits_costs_one_statement(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    with record_statements(cabinet.app.database) as statements:
        await phone.say("/menu")
    # Conversation, mark and person at once; and, in one transaction, conversation and mark.
    assert [one.split()[0] for one, _ in statements] == ["SELECT", "INSERT", "INSERT"]
    cabinet.telegram.repeat_update(cabinet.taken[-1])
    with record_statements(cabinet.app.database) as statements:
        await cabinet.take_updates()
    assert not [one for one, _ in statements if one.startswith("INSERT")]


async def test_who_writes_too_much_is_told_so_once(cabinet: InProcessCabinet) -> None:
    async with cabinet.run(limit_messages="5/1m"):
        phone, other = cabinet.add_phone(), cabinet.add_phone("Пётр")
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
    async with cabinet.run():
        # Another process knows it too.
        await phone.say("/start")
        cabinet.clock.advance(seconds=60)
        assert "снова ответит" in phone.screen
        await phone.say("/start")
        assert "Регистрация" in phone.buttons


async def test_files_beyond_the_limit_are_refused_and_the_others_stay(
    cabinet: InProcessCabinet,
) -> None:
    async with cabinet.run(limit_files="2/1h"):
        phone = await start_form(cabinet, FORM)
        async for question in answer_questions(phone, FORM, cabinet.today):
            if question.key == "scans":
                for number in range(4):
                    await phone.send_document(make_pdf(str(number)), f"{number}.pdf")
                break
        warnings = [one for one in phone.messages if "этот не принят" in one.get("text", "")]
        assert len(warnings) == 1
        assert "через 60 минут" in warnings[0]["text"]
        await phone.say("/menu")
        await phone.press("Продолжить заполнение")
        assert "1.pdf" in phone.screen
        assert "2.pdf" not in phone.screen


async def test_registrations_and_resets_are_limited_by_chat(cabinet: InProcessCabinet) -> None:
    async with cabinet.run(limit_registrations="1/1d", limit_resets="1/1d"):
        phone = cabinet.add_phone()
        for number in range(3):
            await register(phone, f"{number}@example.ru")
            await phone.say("/cancel")
            if number:
                # Not registered: the answers are still there.
                await phone.press("Удалить черновик")
        assert phone.alerts[-1].startswith("Слишком много регистраций")
        assert len(phone.alerts) == 1
        async with cabinet.app.database.read() as tx:
            assert await tx.accounts.get_by_email("0@example.ru")
            assert await tx.accounts.get_by_email("1@example.ru") is None


async def test_in_redis_marks_and_conversations_end_by_themselves() -> None:
    key = StorageKey(bot_id=int(uuid4().int % 10**9), chat_id=7, user_id=7)
    async with Redis.from_url(REDIS_URL) as redis:
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
