"""The file that billing reads: the same columns and values in both formats."""

import csv
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from bot.domain import (
    Account,
    Category,
    Meter,
    MeterKind,
    MeterReading,
    ObjectKind,
    Reading,
    ReadingMark,
    ReadingSource,
)
from bot.integrations.worker_process import WorkerProcess
from bot.services.billing_export import build_table, write
from bot.services.reading_windows import DEFAULT_WINDOWS

MOSCOW = ZoneInfo("Europe/Moscow")
DAYS = {1: date(2026, 12, 1), 2: date(2026, 12, 2)}
OPERATIONS = Path(__file__).parents[2] / "docs/operations.md"


@pytest.fixture
async def worker() -> AsyncIterator[WorkerProcess]:
    made = WorkerProcess()
    yield made
    await made.close()


async def _make_readings() -> AsyncIterator[MeterReading]:
    account = Account(
        id=7,
        category=Category.LEGAL,
        name='=ООО "Заря", Тула',
        email="zarya@example.ru",
        phone="+79123456789",
        locale="ru",
        password_is_temporary=False,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    meter = Meter(
        id=3,
        account_id=7,
        number="7777-1",
        kind=MeterKind.DOUBLE,
        place="щит",
        digits=None,
        object=ObjectKind.OTHER,
    )
    for number, used in ((1, None), (2, (Decimal("20.5"), Decimal(0)))):
        yield MeterReading(
            account=account,
            meter=meter,
            reading=Reading(
                id=number,
                meter_id=3,
                day=DAYS[number],
                submitted_at=datetime(2026, 11, 23 + number, 9, 0, tzinfo=UTC),
                kind=MeterKind.DOUBLE,
                values=(Decimal("12345.678"), Decimal("0.000")),
                used=used,
                source=ReadingSource.BOT,
                marks=frozenset({ReadingMark.LATE, ReadingMark.CONFIRMED} if used else ()),
                ratio=20,
            ),
        )


async def test_csv_has_stable_columns(worker: WorkerProcess, tmp_path: Path) -> None:
    path = tmp_path / "november.csv"
    assert await write(_make_readings(), "csv", path, worker, MOSCOW, DEFAULT_WINDOWS) == 2
    with path.open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert first["consumer"] == '=ООО "Заря", Тула'
    assert first["reading_date"] == "2026-12-01"
    assert first["submitted_at"] == "2026-11-24T12:00:00+03:00"
    assert (first["t1_kwh"], first["t2_kwh"], first["t3_kwh"]) == ("12345.678", "0.000", "")
    assert (first["used_t1_kwh"], second["used_t1_kwh"]) == ("", "20.5")
    assert second["marks"] == "confirmed late"
    assert (first["meter_object"], first["transformer_ratio"]) == ("other", "20")
    # Not a dwelling: what is read on the 1st is the reading of the month before.
    assert [one["billing_period"] for one in (first, second)] == ["2026-11", "2026-12"]
    assert list(first) == [column.label for column in build_table(MOSCOW, DEFAULT_WINDOWS).columns]
    assert list(tmp_path.iterdir()) == [path]


async def test_xlsx_has_the_same(worker: WorkerProcess, tmp_path: Path) -> None:
    path = tmp_path / "november.xlsx"
    assert await write(_make_readings(), "xlsx", path, worker, MOSCOW, DEFAULT_WINDOWS) == 2
    sheet = openpyxl.load_workbook(path)["readings"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == [column.label for column in build_table(MOSCOW, DEFAULT_WINDOWS).columns]
    assert rows[1][9:15] == [
        datetime(2026, 12, 1),
        datetime(2026, 11, 24, 12, 0),
        12345.678,
        0,
        None,
        None,
    ]
    assert sheet["D2"].data_type == "s"


def test_operations_list_the_columns() -> None:
    section = OPERATIONS.read_text(encoding="utf-8").partition("## Hand-over")[2]
    table = section.partition("## ")[0]
    named = [
        name
        for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    ]
    assert named == [column.label for column in build_table(MOSCOW, DEFAULT_WINDOWS).columns]
