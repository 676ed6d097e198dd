"""A Bot API server of another edition over HTTP: polling and webhook, people and the staff."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain import Category
from bot.request_types import load
from sandbox.bot_api.methods import list_methods
from sandbox.bot_api.state import Fault
from tests.support import flows
from tests.support.clock import get_today
from tests.support.files import make_pdf
from tests.support.phone import Phone
from tests.support.staff_phone import StaffPhone
from tests.support.strange_content import HIDDEN, UNREADABLE, keep_little
from tests.support.world import STAFF_CHAT_ID, World, find_free_port, run_world

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)
ALWAYS = 10**9


@pytest.fixture(params=["polling", "webhook"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    port = find_free_port()
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
        "chat": world.telegram.chats[chat_id].to_json(),
        "from": {"id": user_id, "is_bot": False, "first_name": "Анна"},
        "text": "Пересланные слова",
        **content,
    }
    world.telegram.queue_update({"message": message})


async def gives_and_is_answered(world: World, phone: Phone, **strange: Any) -> None:
    before = phone.messages[-1]["message_id"]
    give(world, phone.user_id, phone.user_id, **strange)
    await phone.wait_until_handled()
    answered = await world.telegram.wait_until(
        lambda: phone.messages[-1]["message_id"] > before, 30
    )
    assert answered, phone.screen


async def test_nobody_is_left_without_an_answer(world: World) -> None:
    telegram = world.telegram
    telegram.faults.extend(
        Fault(method=name, alter=keep_little, times=ALWAYS)
        for name in list_methods()
        if name != "getUpdates"
    )
    maria = StaffPhone(telegram, STAFF_CHAT_ID, 501, "Мария")
    phone = await flows.add_consumer(world)
    for strange in (HIDDEN, UNREADABLE):
        await gives_and_is_answered(world, phone, **strange)
    await flows.open_form(phone, "Бездоговорное потребление")
    await gives_and_is_answered(world, phone, **UNREADABLE)
    await flows.fill_form(phone, FORM, get_today())
    await phone.send_document(make_pdf("a"), "Акт.pdf")
    for strange in (HIDDEN, UNREADABLE):
        await gives_and_is_answered(world, phone, **strange)
    await phone.press("Готово")
    await phone.press("Отправить")
    number = (await phone.expects("зарегистрирована")).partition("№ ")[2][:11]
    card = await maria.expects_card(number)
    give(world, STAFF_CHAT_ID, 501, **HIDDEN, reply_to_message=card)
    await phone.expects("Пересланные слова")
    give(world, STAFF_CHAT_ID, 501, **UNREADABLE)
    await maria.expects("никому не передано")
    await flows.stop_and_check(world)


async def test_a_refused_letter_is_told_in_the_chat(world: World) -> None:
    world.mailbox.refusal = "550 5.1.1 No such user here"
    phone = world.add_phone("Анна")
    await flows.register(phone, Category.INDIVIDUAL, "nobody@example.ru", "Иванова Анна Петровна")
    await phone.expects("Письмо с паролем не принято")
    world.mailbox.refusal = None
    await phone.press("Исправить email")
    await phone.say(flows.ANNA)
    await phone.press("Зарегистрировать")
    await flows.read_password(world.mail_client, flows.ANNA)
    await flows.stop_and_check(world)
