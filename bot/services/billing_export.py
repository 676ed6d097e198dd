"""Exports readings to files for billing. The columns are stable: docs/operations.md lists them."""

import asyncio
import csv
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from zoneinfo import ZoneInfo

from bot.domain import MeterReading, list_zones
from bot.integrations.spreadsheets import Cell, Column, write_xlsx
from bot.integrations.worker_process import WorkerProcess

#: Value of a column for a reading; times are in the company's time zone.
_Getter = Callable[[MeterReading, ZoneInfo], Cell]

#: The zones whose columns stand in the middle; new columns are only ever added at the end.
_FIRST_ZONES = ("t1", "t2", "t3")

_BATCH = 500


async def write(
    readings: AsyncIterator[MeterReading],
    kind: Literal["csv", "xlsx"],
    path: Path,
    worker: WorkerProcess,
    timezone: ZoneInfo,
) -> int:
    """Writes the file, whole or not at all, and returns the number of readings."""
    count = 0
    columns, getters = zip(*list_columns(), strict=True)

    async def rows() -> AsyncIterator[Sequence[Cell]]:
        nonlocal count
        async for one in readings:
            count += 1
            yield [get(one, timezone) for get in getters]

    with TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
        if kind == "csv":
            made = await _write_csv(Path(folder), columns, rows())
        else:
            made = await write_xlsx(worker, Path(folder), "readings", columns, rows())
        await asyncio.to_thread(shutil.move, made, path)
    return count


async def _write_csv(
    folder: Path, columns: Sequence[Column], rows: AsyncIterator[Sequence[Cell]]
) -> Path:
    path = folder / "readings.csv"
    batch: list[Sequence[Cell]] = [[column.label for column in columns]]
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


def list_columns() -> list[tuple[Column, _Getter]]:
    """The columns of the file, each with what it takes from a reading."""
    later = [zone for zone in list_zones() if zone not in _FIRST_ZONES]
    return [
        (Column(label="reading_id", kind="number"), lambda one, _: one.reading.id),
        (Column(label="account_id", kind="number"), lambda one, _: one.account.id),
        (Column(label="category"), lambda one, _: one.account.category.value),
        (Column(label="consumer", width=36), lambda one, _: one.account.name),
        (Column(label="email", width=28), lambda one, _: one.account.email),
        (Column(label="phone"), lambda one, _: one.account.phone),
        (Column(label="meter_number"), lambda one, _: one.meter.number),
        (Column(label="meter_kind"), lambda one, _: one.reading.kind.value),
        (Column(label="meter_place", width=28), lambda one, _: one.meter.place),
        (Column(label="reading_date", kind="date"), lambda one, _: one.reading.day),
        (
            Column(label="submitted_at", kind="time"),
            lambda one, timezone: one.reading.submitted_at.astimezone(timezone),
        ),
        *_list_zone_columns(_FIRST_ZONES),
        (Column(label="source"), lambda one, _: one.reading.source.value),
        (Column(label="marks", width=28), lambda one, _: " ".join(sorted(one.reading.marks))),
        *_list_zone_columns(later),
    ]


def _list_zone_columns(zones: Sequence[str]) -> list[tuple[Column, _Getter]]:
    def value(zone: str) -> _Getter:
        return lambda one, _: one.reading.values_by_zone.get(zone)

    def used(zone: str) -> _Getter:
        return lambda one, _: one.reading.used_by_zone.get(zone)

    return [
        *((Column(label=f"{zone}_kwh", kind="number"), value(zone)) for zone in zones),
        *((Column(label=f"used_{zone}_kwh", kind="number"), used(zone)) for zone in zones),
    ]
