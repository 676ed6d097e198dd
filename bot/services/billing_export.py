"""Readings as files for billing. The columns are a promise: docs/operations.md lists them."""

import asyncio
import csv
import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from zoneinfo import ZoneInfo

from bot.domain import MeterReading
from bot.integrations.spreadsheets import Cell, Column, write_xlsx
from bot.integrations.worker_process import WorkerProcess

COLUMNS = (
    Column(label="reading_id", kind="number"),
    Column(label="account_id", kind="number"),
    Column(label="category"),
    Column(label="consumer", width=36),
    Column(label="email", width=28),
    Column(label="phone"),
    Column(label="meter_number"),
    Column(label="meter_kind"),
    Column(label="meter_place", width=28),
    Column(label="reading_date", kind="date"),
    Column(label="submitted_at", kind="time"),
    *(Column(label=f"t{zone}_kwh", kind="number") for zone in (1, 2, 3)),
    *(Column(label=f"used_t{zone}_kwh", kind="number") for zone in (1, 2, 3)),
    Column(label="source"),
    Column(label="marks", width=28),
)

_BATCH = 500


async def write(
    readings: AsyncIterator[MeterReading],
    kind: Literal["csv", "xlsx"],
    path: Path,
    worker: WorkerProcess,
    timezone: ZoneInfo,
) -> int:
    """Writes the file, whole or not at all; how many readings there were."""
    count = 0

    async def build_rows() -> AsyncIterator[Sequence[Cell]]:
        nonlocal count
        async for one in readings:
            count += 1
            yield _to_row(one, timezone)

    with TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
        if kind == "csv":
            made = await _write_csv(Path(folder), build_rows())
        else:
            made = await write_xlsx(worker, Path(folder), "readings", COLUMNS, build_rows())
        await asyncio.to_thread(shutil.move, made, path)
    return count


async def _write_csv(folder: Path, rows: AsyncIterator[Sequence[Cell]]) -> Path:
    path = folder / "readings.csv"
    batch: list[Sequence[Cell]] = [[column.label for column in COLUMNS]]
    async for row in rows:
        batch.append([None if cell is None else _format_cell(cell) for cell in row])
        if len(batch) >= _BATCH:
            await asyncio.to_thread(_append_rows, path, batch)
            batch = []
    await asyncio.to_thread(_append_rows, path, batch)
    return path


def _append_rows(path: Path, rows: Sequence[Sequence[Cell]]) -> None:
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())


def _format_cell(cell: str | int | Decimal | date) -> str:
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _to_row(one: MeterReading, timezone: ZoneInfo) -> tuple[Cell, ...]:
    account, meter, reading = one.account, one.meter, one.reading
    return (
        reading.id,
        account.id,
        account.category.value,
        account.name,
        account.email,
        account.phone,
        meter.number,
        reading.kind.value,
        meter.place,
        reading.day,
        reading.submitted_at.astimezone(timezone),
        *[*reading.values, None, None][:3],
        *[*(reading.used or ()), None, None, None][:3],
        reading.source.value,
        " ".join(sorted(reading.marks)),
    )
