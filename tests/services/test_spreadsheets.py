"""Tables as files: kinds of cells, and words that look like formulas."""

from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from bot.integrations.spreadsheets import Cell, Column, write_xlsx
from bot.integrations.worker_process import WorkerProcess

COLUMNS = (
    Column(label="Текст", width=40),
    Column(label="Число", kind="number"),
    Column(label="День", kind="date"),
    Column(label="Время", kind="time"),
)


@pytest.fixture
async def worker() -> AsyncIterator[WorkerProcess]:
    made = WorkerProcess()
    yield made
    await made.close()


async def _iterate_rows(rows: Sequence[Sequence[Cell]]) -> AsyncIterator[Sequence[Cell]]:
    for row in rows:
        yield row


async def test_cells_keep_their_kinds(worker: WorkerProcess, tmp_path: Path) -> None:
    rows: list[tuple[Cell, ...]] = [
        ("=HYPERLINK(1)", Decimal("1234.5"), date(2026, 11, 24), datetime(2026, 11, 24, 9, 30)),
        ("@SUM(A1)\n+7 912", None, None, None),
    ]
    path = await write_xlsx(worker, tmp_path, "Заявки", COLUMNS, _iterate_rows(rows))
    sheet = openpyxl.load_workbook(path)["Заявки"]
    read = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert read == [
        [column.label for column in COLUMNS],
        ["=HYPERLINK(1)", 1234.5, datetime(2026, 11, 24), datetime(2026, 11, 24, 9, 30)],
        ["@SUM(A1)\n+7 912", None, None, None],
    ]
    assert sheet["A2"].data_type == "s"
    assert [one.suffix for one in tmp_path.iterdir()] == [".xlsx"]


async def test_many_rows_come_in_batches(worker: WorkerProcess, tmp_path: Path) -> None:
    rows = [(f"строка {n}", n, None, None) for n in range(1234)]
    path = await write_xlsx(worker, tmp_path, "Строки", COLUMNS, _iterate_rows(rows))
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        assert sum(1 for _ in book["Строки"].iter_rows()) == 1235
