"""A fourth tariff zone is data: a kind of meter with its texts, and no other code."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from bot.domain import MeterKind
from bot.formatting.readings import build_chart
from bot.services import billing_export
from bot.services.reading_windows import DEFAULT_WINDOWS
from bot.texts import PACKAGED, Texts, Translations
from tests.support.flows import enter_reading
from tests.support.in_process import InProcessCabinet, InProcessPhone
from tests.support.meter_kinds import add_meter_kind

pytestmark = pytest.mark.parametrize("cabinet", ["sqlite", "postgresql"], indirect=True)

ZONES = ("t1", "t2", "t3", "t4")
NUMBER = "0812-094521"
EVER = (date(2000, 1, 1), date(2100, 1, 1))

#: What a person who adds the kind writes into each ``.ftl`` file.
_WORDS = "choice-reading-kind-quadruple = Четырёхтарифный\n" + "".join(
    f"form-reading-quadruple_{zone} = {zone.upper()}: показание\n"
    f"form-reading-quadruple_{zone}-label = {zone.upper()}, зона\n"
    f"form-reading-quadruple_{zone}-example = 100\n"
    for zone in ZONES
)


@pytest.fixture
def quadruple(monkeypatch: pytest.MonkeyPatch) -> Iterator[MeterKind]:
    sources = {path.stem: path.read_text(encoding="utf-8") for path in PACKAGED.glob("*.ftl")}
    library = Translations(
        {
            locale: Texts(locale, f"{sources[locale]}\n{_WORDS}")
            for locale in Translations.load().locales
        }
    )
    monkeypatch.setattr(Translations, "load", lambda: library)
    with add_meter_kind("quadruple", *ZONES) as kind:
        yield kind


async def test_four_zones_from_entry_to_history_export_and_chart(
    quadruple: MeterKind, cabinet: InProcessCabinet
) -> None:
    anna = await cabinet.add_consumer()
    await enter_reading(anna, "Двухтарифный", NUMBER, "10", "20")
    await anna.press("Ввести")

    cabinet.clock.advance(days=30)
    await enter_reading(anna, "Четырёхтарифный", NUMBER, "100")
    await anna.press("Счётчик заменён")
    for value in ("200", "300", "400,5"):
        await anna.say(value)
    assert "T4, зона: 400,5" in anna.screen
    await anna.press("Ввести")

    cabinet.clock.advance(days=30)
    await enter_reading(anna, "Четырёхтарифный", NUMBER, "101", "202", "303", "404")
    assert "T4, зона: 3,5" in anna.screen
    await anna.press("Ввести")
    assert "T4, зона: 404" in anna.screen

    await anna.press("История счётчика")
    table = anna.screen
    for row in (
        ("T4", "404", "+3,5"),
        ("23.01.27", "T1", "101", "+1"),
        ("T4", "400,5"),
        ("T2", "20"),
    ):
        assert list(row) in [line.split() for line in table.splitlines()], row

    await anna.press("Excel")
    assert read_zone_cells(cabinet, anna) == [
        [10, 20, None, None, None, None, None, None],
        [100, 200, 300, 400.5, None, None, None, None],
        [101, 202, 303, 404, 1, 2, 3, 3.5],
    ]
    await anna.press("График")
    photo = anna.messages[-2]["photo"][0]
    assert cabinet.telegram.files[photo["file_id"]].data.startswith(b"\x89PNG")

    await anna.press("Вид таблиц")
    await anna.press("Таблицей Telegram")
    await anna.press("Вижу таблицу")
    await anna.press("№ 0812-094521 · Четырёхтарифный")
    cells = anna.messages[-1]["rich_message"]["blocks"][1]["cells"]
    shown = [[cell.get("text") for cell in row] for row in cells]
    assert shown[0][1:5] == ["T1", "T2", "T3", "T4"]
    assert [row[1:5] for row in shown[1:]] == [
        ["101", "202", "303", "404"],
        ["100", "200", "300", "400,5"],
        ["10", "20", None, None],
    ]


def read_zone_cells(cabinet: InProcessCabinet, phone: InProcessPhone) -> list[list[object]]:
    """The newest spreadsheet without its heads, days, sources and marks."""
    document = next(one["document"] for one in reversed(phone.messages) if "document" in one)
    data = cabinet.telegram.files[document["file_id"]].data
    sheet = openpyxl.load_workbook(BytesIO(data)).active
    assert sheet is not None
    _, *rows = sheet.iter_rows()
    return [[cell.value for cell in row[1:-2]] for row in rows]


async def test_four_zones_in_the_file_for_billing_and_in_the_chart_of_months(
    quadruple: MeterKind, cabinet: InProcessCabinet, tmp_path: Path
) -> None:
    anna = await cabinet.add_consumer()
    for values in (("1", "2", "3", "4"), ("11", "22", "33", "44.125")):
        await enter_reading(anna, "Четырёхтарифный", NUMBER, *values)
        await anna.press("Ввести")
        cabinet.clock.advance(days=30)

    readings = cabinet.app.services.readings
    path = tmp_path / "billing.csv"
    worker = cabinet.app.dispatcher["worker"]
    found = readings.iterate_between(*EVER)
    moscow = ZoneInfo("Europe/Moscow")
    assert await billing_export.write(found, "csv", path, worker, moscow, DEFAULT_WINDOWS) == 2
    with path.open(encoding="utf-8", newline="") as file:
        _, second = csv.DictReader(file)
    # Today's columns stay where they are; those of another zone are the last ones.
    assert list(second)[11:] == [
        *("t1_kwh", "t2_kwh", "t3_kwh", "used_t1_kwh", "used_t2_kwh", "used_t3_kwh"),
        *("source", "marks", "t4_kwh", "used_t4_kwh"),
        *("meter_object", "transformer_ratio", "billing_period"),
    ]
    assert (second["t4_kwh"], second["used_t4_kwh"]) == ("44.125", "40.125")
    assert (second["t1_kwh"], second["used_t1_kwh"]) == ("11.000", "10.000")

    (meter,) = await readings.list_meters(1)
    months = await readings.sum_by_month(meter, *EVER)
    assert list(months.values())[-1] == dict(
        zip(ZONES, map(Decimal, ("10", "20", "30", "40.125")), strict=True)
    )
    texts = Translations.load().get_texts("ru")
    *_, series, totals = build_chart(meter, months, texts)
    assert series[-1] == ("T4, зона", [0.0, 40.125])
    assert totals == ["0", "100,125"]
