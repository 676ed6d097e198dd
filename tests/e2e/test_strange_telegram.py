"""A Bot API server of another edition over HTTP: polling and webhook, people and the staff."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain import Category
from bot.request_types import load
from sandbox.bot_api.methods import list_methods
from sandbox.bot_api.state import Fault
from tests.chat.test_other_editions import HIDDEN, UNREADABLE, keep_little
from tests.e2e.test_cabinet import pdf, today
from tests.support import flows
from tests.support.phone import Phone
from tests.support.staff_phone import StaffPhone
from tests.support.world import STAFF_CHAT_ID, World, free_port, run_world

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)
ALWAYS = 10**9


@pytest.fixture(params=["polling", "webhook"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    port = free_port()
    settings = (
        {}
        if request.param == "polling"
        else {
            "WEBHOOK_URL": f"http://127.0.0.1:{port}",
            "WEBHOOK_SECRET": "tell-nobody_1",
            "WEB_PORT": str(port),
        }
    )
    async with run_world(tmp_path, **settings) as made:
        await made.start(**settings)
        yield made


def give(world: World, chat_id: int, user_id: int, **content: Any) -> None:
    message = {
        "message_id": 10**6,
        "date": 1,
        "chat": world.telegram.chats[chat_id].card(),
        "from": {"id": user_id, "is_bot": False, "first_name": "Анна"},
        "text": "Пересланные слова",
        **content,
    }
    world.telegram.give({"message": message})


async def gives_and_is_answered(world: World, phone: Phone, **strange: Any) -> None:
    before = phone.messages[-1]["message_id"]
    give(world, phone.user_id, phone.user_id, **strange)
    await phone.settled()
    answered = await world.telegram.until(lambda: phone.messages[-1]["message_id"] > before, 30)
    assert answered, phone.screen


async def test_nobody_is_left_without_an_answer(world: World) -> None:
    telegram = world.telegram
    telegram.faults.extend(
        Fault(method=name, alter=keep_little, times=ALWAYS)
        for name in list_methods()
        if name != "getUpdates"
    )
    maria = StaffPhone(telegram, STAFF_CHAT_ID, 501, "Мария")
    phone = await flows.consumer(world)
    for strange in (HIDDEN, UNREADABLE):
        await gives_and_is_answered(world, phone, **strange)
    await flows.open_form(phone, "Бездоговорное потребление")
    await gives_and_is_answered(world, phone, **UNREADABLE)
    await flows.fill(phone, FORM, today())
    await phone.send_document(pdf("a"), "Акт.pdf")
    for strange in (HIDDEN, UNREADABLE):
        await gives_and_is_answered(world, phone, **strange)
    await phone.press("Готово")
    await phone.press("Отправить")
    number = (await phone.expects("зарегистрирована")).partition("№ ")[2][:11]
    card = await maria.card(number)
    give(world, STAFF_CHAT_ID, 501, **HIDDEN, reply_to_message=card)
    await phone.expects("Пересланные слова")
    give(world, STAFF_CHAT_ID, 501, **UNREADABLE)
    await maria.expects("никому не передано")
    await flows.ends_well(world)


async def test_a_refused_letter_is_told_in_the_chat(world: World) -> None:
    world.mailbox.refusal = "550 5.1.1 No such user here"
    phone = world.phone("Анна")
    await flows.register(phone, Category.INDIVIDUAL, "nobody@example.ru", "Иванова Анна Петровна")
    await phone.expects("Письмо с паролем не принято")
    world.mailbox.refusal = None
    await phone.press("Регистрация")
    await flows.register(phone, Category.INDIVIDUAL, flows.ANNA, "Иванова Анна Петровна")
    await flows.password_from(world.mail_client, flows.ANNA)
    await flows.ends_well(world)
