"""Readings, entered and looked at as a person with a phone would."""

import csv
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
from sqlalchemy import select, update

from bot.db.database import Database
from bot.db.models import ReadingRow
from tests.support import flows
from tests.support.environment import run_main
from tests.support.phone import Phone
from tests.support.world import World, run_world


async def test_a_consumer_enters_readings(world: World) -> None:
    anna = await flows.add_consumer(world)
    await flows.enter_reading(anna, "Однотарифный", "№ 0812 094521")
    assert "Шаг 3 из 3" in anna.screen
    assert "Например:" in anna.screen
    for wrong, complaint in {
        "двенадцать": "одно число",
        "-5": "меньше нуля",
        "NaN": "одно число",
        "1e9": "одно число",
        "123456789": "Слишком много цифр",
        "12·5": "посторонний знак",
        "100\n200": "больше одного числа",
        "1,2345": "знаков после запятой",
    }.items():
        await anna.say(wrong)
        assert complaint in anna.screen, wrong
        assert "Шаг 3 из 3" in anna.screen
    await anna.say("00123,4")
    assert "0812094521" in anna.screen
    assert "123,4" in anna.screen
    await anna.press("Ввести")
    assert "Показания приняты" in anna.screen
    receipt = anna.screen

    await flows.enter_reading(anna, "Однотарифный", "0812094521")
    await anna.press("Отмена")
    await anna.press("Удалить черновик")
    await anna.press("Показания")
    await anna.press("Ручной ввод")
    await anna.press("№ 0812094521 · Однотарифный")
    assert "Шаг 1 из 1" in anna.screen
    assert "Сегодня уже введено: 123,4" in anna.screen
    await anna.say("130.5")
    assert "заменят" in anna.screen
    await anna.press("Ввести")
    assert receipt != anna.screen

    await anna.press("К показаниям")
    await anna.press("Не напоминать о показаниях")
    assert "Напоминать о показаниях" in anna.buttons

    await flows.enter_reading(anna, "Трехтарифный", "0812094521", "50")
    # The meter of this day's only reading has no reading before it: nothing is in the way.
    assert "Шаг 4 из 5" in anna.screen
    await anna.press("Отмена")
    await anna.press("Удалить черновик")
    await flows.stop_and_check(world)
    assert [(row["t1_kwh"], row["marks"]) for row in await export_readings(world)] == [
        ("123.400", "corrected"),
        ("130.500", ""),
    ]


async def export_readings(world: World) -> list[dict[str, str]]:
    """What billing gets of all time, without the mark of lateness: it depends on the day."""
    path = world.folder / "billing.csv"
    days = ("--from", "2000-01-01", "--to", "2100-01-01")
    code, _, errors = await run_main(
        world.folder, "export", "readings", *days, "--output", str(path), **world.settings
    )
    assert code == 0, errors
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["marks"] = " ".join(mark for mark in row["marks"].split() if mark != "late")
    return rows


async def test_history_comes_as_table_lines_files_and_rich_table(tmp_path: Path) -> None:
    async with run_world(tmp_path) as world:
        await world.start()
        anna = await flows.add_consumer(world)
        await anna.press("Показания")
        await anna.press("Ранее введенные показания")
        assert "Показаний пока нет" in anna.screen
        for day, night in (("100", "50"), ("120,5", "60")):
            await flows.enter_reading(anna, "Двухтарифный", "7777-1", day, night)
            await anna.press("Ввести")
        await anna.press("История счётчика")
        shown = anna.messages[-1]
        table = next(one for one in shown["entities"] if one["type"] == "pre")
        lines = shown["text"][table["offset"] :].splitlines()
        assert max(map(len, lines)) <= 34
        assert [line.split()[-2:] for line in lines if "T" in line] == [
            ["T1", "120,5"],
            ["T2", "60"],
            ["T1", "100"],
            ["T2", "50"],
        ]
        assert "исправлено" in shown["text"]

        await anna.press("Excel")
        name, data = read_newest_document(world, anna)
        assert name == "7777-1.xlsx"
        sheet = openpyxl.load_workbook(BytesIO(data)).active
        assert sheet is not None
        assert [cell.value for cell in sheet[2]][1:3] == [100, 50]
        await anna.press("График")
        photo = anna.messages[-2]["photo"][0]
        assert world.telegram.files[photo["file_id"]].data.startswith(b"\x89PNG")

        await anna.press("Вид таблиц")
        await anna.press("Таблицей Telegram")
        assert anna.messages[-1]["rich_message"]["blocks"][1]["type"] == "table"
        await anna.press("Вижу таблицу")
        await anna.press("№ 7777-1 · Двухтарифный")
        rows = anna.messages[-1]["rich_message"]["blocks"][1]["cells"]
        assert [cell.get("text") for cell in rows[1]][1:3] == ["120,5", "60"]

        await anna.press("Счётчик")
        await anna.press("Где счётчик")
        await anna.say("Дача <у пруда>")
        assert "№ 7777-1 · Дача <у пруда>" in anna.screen
        await anna.press("К показаниям")
        await anna.press("Вид таблиц")
        await anna.press("Строками")
        await anna.press("Дача <у пруда>")
        assert "T1, день: 120,5; T2, ночь: 60" in anna.screen

        await anna.press("Период")
        await anna.say("01.01.2099")
        assert "слишком поздняя" in anna.screen
        await anna.say("02.01.2026")
        await anna.say("01.01.2026")
        assert "раньше начала" in anna.screen
        await anna.say("03.01.2026")
        assert "За это время показаний нет" in anna.screen
        await anna.press("За всё время")
        assert "T2, ночь: 60" in anna.screen
        await flows.stop_and_check(world)


def read_newest_document(world: World, phone: Phone) -> tuple[str, bytes]:
    """The newest file that the bot sent."""
    document = next(one["document"] for one in reversed(phone.messages) if "document" in one)
    return document["file_name"], world.telegram.files[document["file_id"]].data


async def backdate(world: World, days: int) -> None:
    """As if everything had been entered so many days earlier."""
    database = Database(world.settings["DATABASE_URL"])
    try:
        async with database.begin() as tx:
            rows = await tx.connection.execute(select(ReadingRow.id, ReadingRow.day))
            for identity, day in rows.all():
                await tx.connection.execute(
                    update(ReadingRow)
                    .where(ReadingRow.id == identity)
                    .values(day=day - timedelta(days=days))
                )
    finally:
        await database.dispose()


async def test_lower_and_far_higher_readings_are_asked_about(world: World) -> None:
    anna = await flows.add_consumer(world)
    for value in ("99000", "99200", "99400"):
        await flows.enter_reading(anna, "Однотарифный", "7777-1", value)
        await anna.press("Ввести")
        await backdate(world, 30)
    await flows.enter_reading(anna, "Однотарифный", "7777-1")
    assert "Прежнее показание: 99400" in anna.screen
    await anna.say("99399,9")
    assert "меньше прежнего показания: 99400" in anna.screen
    assert "Прошёл через ноль" not in anna.buttons
    await anna.say("99994")  # within five times the usual
    assert "594 кВт·ч" in anna.screen
    await anna.press("Изменить")
    await anna.press("Показание")
    await anna.say("999400,5")
    assert "Не потерялась ли запятая" in anna.screen
    await anna.press("Всё верно")
    assert "900000,5 кВт·ч" in anna.screen
    await anna.press("Изменить")
    await anna.press("Показание")
    await anna.say("12")
    await anna.press("Прошёл через ноль")
    assert "612 кВт·ч" in anna.screen
    await anna.press("Ввести")
    assert "прошёл через ноль" in anna.screen
    await backdate(world, 30)

    await flows.enter_reading(anna, "Двухтарифный", "7777-1", "1")
    assert "был однотарифным" in anna.screen
    await anna.press("Счётчик заменён")
    await anna.say("2")
    assert "сравнить не с чем" in anna.screen
    message, button = anna.find_button("Ввести")
    await anna.press("Ввести")
    assert "счётчик заменён" in anna.screen
    receipt = anna.screen
    await anna.forge(button["callback_data"], message["message_id"])
    assert anna.screen == receipt  # pressed twice, kept once
    await anna.press("История счётчика")
    assert anna.screen.count("замена") == 1
    await flows.stop_and_check(world)
