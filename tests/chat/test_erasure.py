"""Erased means erased: a person does everything a consumer can, leaves, and is found nowhere."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from aiogram.fsm.storage.base import StorageKey
from redis.asyncio import Redis
from sqlalchemy import select

from bot.db.models import Base
from bot.domain import Address, Category
from bot.fsm.storage import DatabaseIsolation
from bot.request_types import load
from tests.support import flows
from tests.support.files import make_pdf
from tests.support.in_process import (
    EACH_STORAGE,
    PASSWORD,
    STAFF_CHAT_ID,
    InProcessCabinet,
    InProcessPhone,
    InProcessStaffPhone,
)
from tests.support.redis import REDIS_URL

NAME = "Уходящая Вера Павловна"
EMAIL = "leaving@example.ru"
NUMBER = "+79161234567"
CHAT, TABLET = 7_412_345_678, 7_412_345_679
IDENTIFIER = "askue-9876543"
#: What must be found nowhere, in every spelling that the bot uses.
TRACES = ("Уходящая", "leaving@", "9161234567", "916 123-45-67", str(CHAT), str(TABLET))

pytestmark = EACH_STORAGE


async def find_traces(cabinet: InProcessCabinet) -> list[str]:
    """Where one of TRACES stands: tables, files, Redis, and messages of the staff group."""
    places: dict[str, str] = {}
    async with cabinet.app.database.read() as tx:
        for table in Base.metadata.sorted_tables:
            rows = (await tx.connection.execute(select(table))).mappings()
            places[f"table {table.name}"] = str([dict(row) for row in rows])
    for path in (cabinet.folder / "files").rglob("*"):
        content = path.read_bytes().decode(errors="replace") if path.is_file() else ""
        places[f"file {path}"] = path.name + content
    group = cabinet.telegram.chats[STAFF_CHAT_ID]
    for number, message in group.messages.items():
        places[f"message {number}"] = _describe(message, cabinet)
    if "redis_url" in cabinet.settings:
        async with Redis.from_url(REDIS_URL, decode_responses=True) as redis:
            bot_id = cabinet.telegram.token.partition(":")[0]
            for key in await redis.keys(f"*{bot_id}*"):
                kind = await redis.type(key)
                held = await redis.get(key) if kind == "string" else ""
                places[f"key {key!s}"] = f"{key!s} {held!s}"
    return [
        f"{trace} in {place}: {text[:300]}"
        for place, text in places.items()
        for trace in TRACES
        if trace in text
    ]


def _describe(message: Mapping[str, Any], cabinet: InProcessCabinet) -> str:
    file_id = message.get("document", {}).get("file_id")
    data = cabinet.telegram.files[file_id].data if file_id else b""
    # Telegram shows an answered message as it is now; the stand-in keeps a copy.
    shown = {key: value for key, value in message.items() if key != "reply_to_message"}
    return json.dumps(shown, ensure_ascii=False, default=str) + data.decode(errors="replace")


async def enter(cabinet: InProcessCabinet, phone: InProcessPhone) -> None:
    # A slip: nobody has this email, and the code names the chat that asked.
    await phone.say("/start")
    await phone.press("Забыли пароль?")
    await phone.say("lea@example.ru")
    await flows.register(phone, Category.INDIVIDUAL, EMAIL, NAME)
    await cabinet.deliver()
    words = cabinet.mailer.list_letters(EMAIL)[-1].text.split()
    await flows.log_in(phone, EMAIL, next(one for one in words if len(one) >= 12 and one.isalnum()))
    await phone.press("Сменить пароль")
    mailed = next(one for one in words if len(one) >= 12 and one.isalnum())
    for answer in (mailed, PASSWORD, PASSWORD):
        await phone.say(answer)
    await phone.press("Сохранить")


async def file_requests(cabinet: InProcessCabinet, phone: InProcessPhone) -> list[str]:
    """One of each type, with a scan; their numbers."""
    numbers = []
    for kind in load().types:
        await flows.open_form(phone, kind.button["ru"])
        form = load().get_form(kind.code, Category.INDIVIDUAL)
        await flows.fill_form(phone, form, cabinet.today)
        await phone.send_document(make_pdf(NAME), f"{NAME}.pdf")
        await phone.press("Готово")
        await phone.press("Отправить")
        numbers.append((await phone.expects("№ 2026")).partition("№ ")[2][:11])
        await cabinet.deliver()
    # A file that comes late is offered to the request, and the offer stays open.
    await phone.send_document(make_pdf("late"), f"Поздний {NAME}.pdf")
    return numbers


async def exchange_messages(cabinet: InProcessCabinet, phone: InProcessPhone, number: str) -> None:
    await flows.open_request(phone, number)
    await phone.press("Дополнить")
    await phone.say(f"Звоните мне, {NAME}, {NUMBER}")
    sent = phone.own_messages[-1]
    await phone.send_document(make_pdf("more"), f"Ещё {NAME}.pdf")
    cabinet.telegram.edit(CHAT, CHAT, sent["message_id"], f"Пишите мне, {NAME}, {EMAIL}")
    await phone.wait_until_handled()
    await cabinet.deliver()


async def decide(
    cabinet: InProcessCabinet, phone: InProcessPhone, olga: InProcessStaffPhone, numbers: list[str]
) -> None:
    """Withdraws one request; another one is answered, rated and disputed."""
    await flows.open_request(phone, numbers[4])
    await phone.press("Отозвать")
    await phone.press("Отозвать заявку")
    card = await olga.expects_card(numbers[1])
    await olga.press(card, "Взять в работу")
    await cabinet.deliver()
    await olga.finish(await olga.expects_card(numbers[1]))
    await cabinet.deliver()
    await flows.open_request(phone, numbers[1])
    await phone.press("5 ★")
    await flows.open_request(phone, numbers[1])
    await phone.press("Не согласен")
    await phone.press("Вернуть на рассмотрение")
    await cabinet.deliver()


async def ask_about(cabinet: InProcessCabinet, olga: InProcessStaffPhone, number: str) -> None:
    """The staff look the person up in every way."""
    for command in (f"/find {EMAIL}", f"/find {number}", f"/find {NUMBER}", "/my", "/overdue"):
        await olga.say(command)
    await olga.say(f"/reset {EMAIL}")
    await cabinet.deliver()
    await olga.expects("Просят новый пароль")
    cabinet.clock.advance(days=40)
    await cabinet.app.services.request_reports.put_reminders()
    await cabinet.deliver()


async def test_nothing_is_left_of_who_did_everything(cabinet: InProcessCabinet) -> None:
    async with cabinet.run(askue_url="http://127.0.0.1:9", session_days=365):
        phone = InProcessPhone(cabinet, CHAT, "Вера", NUMBER)
        tablet = InProcessPhone(cabinet, TABLET, "Вера", NUMBER)
        olga = cabinet.add_staff_phone(name="Ольга")
        await enter(cabinet, phone)
        numbers = await file_requests(cabinet, phone)
        await exchange_messages(cabinet, phone, numbers[2])
        card = await olga.expects_card(numbers[2])
        await olga.say(f"{NAME}, ответим завтра", reply_to=card)
        await cabinet.deliver()
        await decide(cabinet, phone, olga, numbers)
        await flows.enter_reading(phone, "Однотарифный", "12345678", "100")
        await phone.press("Ввести")
        await phone.say("/menu")
        await phone.press("Показания")
        await phone.press("АСКУЭ")
        await phone.say(IDENTIFIER)
        await phone.say("secret")
        async with cabinet.app.database.read() as tx:
            drafts = await tx.connection.exec_driver_sql("SELECT data FROM conversations")
            assert IDENTIFIER not in str(drafts.all())
        await phone.press("Получить данные")
        await phone.say("/language")
        await phone.press("English")
        await phone.say("/language")
        await phone.press("Русский")
        await phone.press("Профиль")
        await phone.press("Мои данные")
        await cabinet.deliver()
        await ask_about(cabinet, olga, numbers[3])
        await cabinet.accounts.log_in(Address.from_chat(TABLET), EMAIL, PASSWORD)
        kind = load().types[0]
        await flows.open_form(tablet, kind.button["ru"])
        form = load().get_form(kind.code, Category.INDIVIDUAL)
        await flows.fill_form(tablet, form, cabinet.today)
        await tablet.send_document(make_pdf("draft"), f"Черновик {NAME}.pdf")
        assert await find_traces(cabinet)

        await phone.say("/menu")
        await phone.press("Профиль")
        await phone.press("Удалить аккаунт")
        await phone.press("Продолжить удаление")
        await phone.say(PASSWORD)
        await phone.expects("Личный кабинет удалён")
        await cabinet.deliver()
        await tablet.expects("удалён его владельцем")
        assert await find_traces(cabinet) == []
        # The chats go on as those of guests.
        await phone.press("Меню")
        assert "Войти" in phone.buttons
        await tablet.say("/start")
        assert "Войти" in tablet.buttons


async def test_a_chat_in_the_middle_of_an_update_keeps_no_draft(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    account = (await cabinet.accounts.get_chat(phone.user_id)).account
    assert account is not None
    tablet = cabinet.add_phone("Планшет")
    await cabinet.accounts.log_in(Address.from_chat(tablet.user_id), account.email, PASSWORD)
    await flows.open_form(tablet, load().types[0].button["ru"])
    form = load().get_form(load().types[0].code, Category.INDIVIDUAL)
    await flows.fill_form(tablet, form, cabinet.today, until=form.fields[2].key)
    storage = cabinet.app.dispatcher.storage
    key = StorageKey(cabinet.app.bot.id, tablet.user_id, tablet.user_id)
    async with DatabaseIsolation(cabinet.app.database).lock(key):
        # An update of the tablet has been read and is stored only after the erasure.
        read = await storage.get_data(key)
        assert read["draft"]
        await cabinet.app.services.personal_data.erase(account.id, Address.from_chat(phone.user_id))
        delivery = asyncio.create_task(cabinet.deliver())
        await asyncio.sleep(0)
        await storage.set_data(key, read)
    await delivery
    assert await storage.get_data(key) == {}
    await tablet.expects("удалён его владельцем")


async def test_what_is_too_old_to_be_deleted_is_blanked(cabinet: InProcessCabinet) -> None:
    async with cabinet.run(session_days=365):
        phone = InProcessPhone(cabinet, CHAT, "Вера", NUMBER)
        await enter(cabinet, phone)
        numbers = await file_requests(cabinet, phone)
        await exchange_messages(cabinet, phone, numbers[2])
        olga = cabinet.add_staff_phone(name="Ольга")
        await olga.say(f"/find {numbers[0]}")
        group = cabinet.telegram.chats[STAFF_CHAT_ID]
        for message in group.messages.values():
            message["date"] -= 3 * 24 * 3600
        await cabinet.app.services.personal_data.erase(1, Address.from_chat(CHAT))
        await cabinet.deliver()
        left = {number: one for number, one in group.messages.items() if one["from"]["is_bot"]}
        found = [one for one in await find_traces(cabinet) if "message" in one]
        assert found == []
        assert any("document" in one for one in left.values())
