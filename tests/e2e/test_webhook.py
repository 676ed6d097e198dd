"""The bot behind a webhook: Telegram pushes, and pushes again what was not taken."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.domain import Category
from tests.support import flows
from tests.support.world import World, find_free_port, run_world

SECRET = "tell-nobody_1"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    port = find_free_port()
    url = f"http://127.0.0.1:{port}"
    async with run_world(
        tmp_path, WEBHOOK_URL=url, WEBHOOK_SECRET=SECRET, WEB_PORT=str(port)
    ) as made:
        await made.start()
        yield made


async def test_a_consumer_registers_and_a_restart_loses_nothing(world: World) -> None:
    assert world.telegram.webhook == {
        "url": f"{world.settings['WEBHOOK_URL']}/telegram/webhook",
        "secret": SECRET,
        "connections": 100,
    }
    assert "getUpdates" not in world.telegram.calls
    phone = world.add_phone("Анна")
    await flows.register_and_log_in(
        phone, world.mail_client, Category.INDIVIDUAL, "anna@example.ru", "Ли Анна"
    )
    assert await world.stop() == 0
    phone.telegram.send(phone.user_id, phone.user_id, text="/help")
    await world.start()
    await phone.wait_until_handled()
    await phone.expects("/cancel")
    await flows.open_form(phone, "Хищение объектов")
    assert "Шаг 1 из" in phone.screen
    assert world.telegram.violations == []
    assert SECRET not in world.log()


async def test_who_does_not_know_the_secret_is_refused(world: World) -> None:
    phone = world.add_phone("Пётр")
    await phone.say("/start")
    seen = len(phone.messages)
    forged = {
        "update_id": 1,
        "message": {
            "message_id": 1,
            "date": 1764000000,
            "chat": {"id": phone.user_id, "type": "private"},
            "from": {"id": phone.user_id, "is_bot": False, "first_name": "П"},
            "text": "/menu",
        },
    }
    url = f"{world.settings['WEBHOOK_URL']}/telegram/webhook"
    async with ClientSession() as session:
        for headers in ({}, {SECRET_HEADER: ""}, {SECRET_HEADER: f"{SECRET}x"}):
            async with session.post(url, json=forged, headers=headers) as answer:
                assert answer.status == 401
        async with session.get(url, headers={SECRET_HEADER: SECRET}) as answer:
            assert answer.status == 405
    assert len(phone.messages) == seen
