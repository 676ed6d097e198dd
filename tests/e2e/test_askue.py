"""ASKUE in the chat: the table, every failure, and a gateway that keeps others waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
from aiohttp import web

from bot.domain import Category
from sandbox.askue import IDENTIFIER, PASSWORD, build_askue, build_lers
from tests.support import flows
from tests.support.phone import PATIENCE_SECONDS, Phone
from tests.support.web_apps import run_app
from tests.support.world import World, run_world

WRONG = "не-тот-пароль"


@asynccontextmanager
async def run_with_gateway(
    folder: Path, gateway: web.Application, path: str = "", **settings: str
) -> AsyncIterator[World]:
    """A running bot with that gateway behind it."""
    async with (
        run_app(gateway) as url,
        run_world(folder, ASKUE_URL=f"{url}{path}", **settings) as made,
    ):
        await made.start()
        yield made


async def add_legal_consumer(world: World) -> Phone:
    return await flows.add_consumer(world, "Завод", "plant@example.ru", Category.LEGAL)


async def query_askue(phone: Phone, identifier: str, password: str = PASSWORD) -> None:
    await phone.say("/menu")
    await phone.press("Показания")
    await phone.press("АСКУЭ")
    await phone.say(identifier)
    await phone.say(password)
    await phone.press("Получить данные")


async def wait_for_screen(phone: Phone, *words: str) -> str:
    """Waits until the newest screen has these words."""
    came = await phone.telegram.wait_until(
        lambda: all(one in phone.screen for one in words), PATIENCE_SECONDS
    )
    assert came, phone.screen
    return phone.screen


async def wait_for_rich_table(
    phone: Phone,
) -> tuple[str, list[tuple[str, list[list[dict[str, Any]]]]]]:
    """Waits for a screen of Telegram's own tables: its heading, title and cells of each meter."""
    came = await phone.telegram.wait_until(
        lambda: "rich_message" in phone.messages[-1], PATIENCE_SECONDS
    )
    assert came, phone.screen
    heading, *blocks = phone.messages[-1]["rich_message"]["blocks"]
    meters = [
        (one["text"], two["cells"]) for one, two in zip(blocks[::2], blocks[1::2], strict=True)
    ]
    return heading["text"], meters


async def test_the_table_and_every_failure(tmp_path: Path) -> None:
    async with run_with_gateway(tmp_path, build_askue(), ASKUE_TIMEOUT="0.7") as world:
        plant = await add_legal_consumer(world)
        await plant.press("Показания")
        await plant.press("АСКУЭ")
        await plant.say("12:34")
        assert "не в том виде" in plant.screen
        await query_askue(plant, IDENTIFIER)
        table = await wait_for_screen(plant, "Меркурий 230 № 12345678", "15234,70", "кварч", "—")
        assert "устарели" not in table
        assert not [one for one in plant.own_messages if PASSWORD in one.get("text", "")]

        await plant.press("Excel")
        sent = next(one["document"] for one in reversed(plant.messages) if "document" in one)
        sheet = openpyxl.load_workbook(BytesIO(world.telegram.files[sent["file_id"]].data)).active
        assert sheet is not None
        assert [cell.value for cell in sheet[2]][1:4] == ["Меркурий 230 № 12345678", 15234.7, 0]
        assert sheet.max_column == 8

        for identifier, words in {
            "busy": "просит подождать",
            "down": "недоступна",
            "reset": "недоступна",
            "slow": "не ответила вовремя",
            "html": "не удалось прочитать данные",
            "huge": "не удалось прочитать данные",
            "forbidden": "не подошли",
            "old": "Данные устарели",
            "none": "0 счётчиков",
            "absurd": "пришла с ошибкой",
        }.items():
            await query_askue(plant, identifier)
            await wait_for_screen(plant, words)
        await query_askue(plant, IDENTIFIER, WRONG)
        await wait_for_screen(plant, "не подошли")
        await plant.press("К показаниям")
        await plant.press("Вид таблиц")
        await plant.press("Строками")
        await query_askue(plant, IDENTIFIER)
        await wait_for_screen(plant, "Активная (приём): 15234,70 кВт·ч", "отдача): 0,00 кВт·ч")
        await plant.press("К показаниям")
        await plant.press("Вид таблиц")
        await plant.press("Таблицей Telegram")
        await plant.press("Вижу таблицу")
        await query_askue(plant, IDENTIFIER)
        _, meters = await wait_for_rich_table(plant)
        title, cells = meters[0]
        assert title == "ТП-12, ввод 1 · Меркурий 230 № 12345678"
        assert [[cell.get("text") for cell in row] for row in cells][:2] == [
            ["Активная (приём), кВт·ч", "15234,70"],
            ["Активная (отдача), кВт·ч", "0,00"],
        ]
        assert len(cells) == 5
        await query_askue(plant, "many")
        heading, _ = await wait_for_rich_table(plant)
        assert "500 счётчиков" in heading
        assert "страница 1 из 125" in heading
        await plant.press("▶")
        heading, meters = await wait_for_rich_table(plant)
        assert "страница 2 из 125" in heading
        assert "№ 00000004" in meters[0][0]
        assert await world.stop() == 0
        assert world.telegram.violations == []
        log = world.log()
        assert "Traceback" not in log
        kept = b"".join(one.read_bytes() for one in tmp_path.rglob("*.db*"))
        for secret in (PASSWORD, WRONG):
            assert secret not in log
            assert secret.encode() not in kept


async def test_a_slow_gateway_holds_nobody_up(tmp_path: Path) -> None:
    async with run_with_gateway(tmp_path, build_askue(), ASKUE_TIMEOUT="30") as world:
        plant, anna = await add_legal_consumer(world), await flows.add_consumer(world)
        await query_askue(plant, "slow")
        assert "Получаю данные" in plant.buttons[0]
        acted = world.telegram.calls.count("sendChatAction")
        assert acted or await world.telegram.wait_until(
            lambda: "sendChatAction" in world.telegram.calls, PATIENCE_SECONDS
        )
        await plant.press("Получаю данные…")
        assert "ещё отвечает" in world.telegram.alerts[-1].text
        await asyncio.wait_for(anna.say("/menu"), 5)
        await asyncio.wait_for(plant.say("/cancel"), 5)
        assert "Заявки" in plant.buttons
        await query_askue(plant, "slow")
        await asyncio.wait_for(plant.press("Отмена"), 5)
        assert "Запрос отменён" in plant.screen
        await query_askue(plant, IDENTIFIER)
        await wait_for_screen(plant, "15234,70")
        await query_askue(plant, "slow")
        del world.telegram.chats[plant.user_id].messages[plant.messages[-1]["message_id"]]
        assert await world.stop() == 0
        assert "недоступна" in plant.screen  # sent anew: the message it was to replace is gone
        await world.start()
        await plant.press("Получить снова")
        assert "Идентификатор" in plant.screen
        assert await world.stop() == 0
        assert world.telegram.violations == []


async def test_lers(tmp_path: Path) -> None:
    lers = {"path": "/api/v1", "ASKUE_KIND": "lers"}
    async with run_with_gateway(tmp_path, build_lers(), **lers) as world:
        plant = await add_legal_consumer(world)
        await query_askue(plant, IDENTIFIER)
        await wait_for_screen(plant, "Ввод 1 № 12345678", "15234,7", "24.11.2026 06:00")
        await query_askue(plant, IDENTIFIER, WRONG)
        await wait_for_screen(plant, "не подошли")


async def test_without_an_address_it_is_not_connected(tmp_path: Path) -> None:
    async with run_world(tmp_path) as world:
        await world.start()
        plant = await add_legal_consumer(world)
        await plant.press("Показания")
        await plant.press("АСКУЭ")
        assert "не подключён" in plant.screen
