"""Export of readings for billing, as CSV or XLSX; docs/operations.md documents the columns."""

import asyncio
import csv
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from zoneinfo import ZoneInfo

from bot.domain import MeterReading, ObjectKind, list_zones
from bot.integrations.spreadsheets import Cell, Column, Table, write_xlsx
from bot.integrations.worker_process import WorkerProcess
from bot.services.reading_windows import ReadingWindow

#: The zones whose columns are in the middle; new columns are only ever added at the end.
_FIRST_ZONES = ("t1", "t2", "t3")

_BATCH = 500


async def write(
    readings: AsyncIterator[MeterReading],
    kind: Literal["csv", "xlsx"],
    path: Path,
    worker: WorkerProcess,
    timezone: ZoneInfo,
    windows: Mapping[ObjectKind, ReadingWindow],
) -> int:
    """Writes the file, whole or not at all, and returns the number of readings in it."""
    table = build_table(timezone, windows)
    count = 0

    async def build_rows() -> AsyncIterator[Sequence[Cell]]:
        nonlocal count
        async for one in readings:
            count += 1
            yield table.build_row(one)

    with TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
        if kind == "csv":
            made = await _write_csv(Path(folder), table.columns, build_rows())
        else:
            made = await write_xlsx(worker, Path(folder), "readings", table.columns, build_rows())
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


def build_table(
    timezone: ZoneInfo, windows: Mapping[ObjectKind, ReadingWindow]
) -> Table[MeterReading]:
    """The columns that billing imports; times are in the company's ``timezone``.

    ``windows`` say for which month a reading counts.
    """
    return Table(
        (
            (Column(label="reading_id", kind="number"), lambda one: one.reading.id),
            (Column(label="account_id", kind="number"), lambda one: one.account.id),
            (Column(label="category"), lambda one: one.account.category.value),
            (Column(label="consumer", width=36), lambda one: one.account.name),
            (Column(label="email", width=28), lambda one: one.account.email),
            (Column(label="phone"), lambda one: one.account.phone),
            (Column(label="meter_number"), lambda one: one.meter.number),
            (Column(label="meter_kind"), lambda one: one.reading.kind.value),
            (Column(label="meter_place", width=28), lambda one: one.meter.place),
            (Column(label="reading_date", kind="date"), lambda one: one.reading.day),
            (
                Column(label="submitted_at", kind="time"),
                lambda one: one.reading.submitted_at.astimezone(timezone),
            ),
            *_list_zone_columns(_FIRST_ZONES),
            (Column(label="source"), lambda one: one.reading.source.value),
            (
                Column(label="marks", width=28),
                lambda one: " ".join(sorted(one.reading.marks)),
            ),
            *_list_zone_columns([zone for zone in list_zones() if zone not in _FIRST_ZONES]),
            (Column(label="meter_object"), lambda one: one.meter.object.value),
            (Column(label="transformer_ratio", kind="number"), lambda one: one.reading.ratio),
            (
                Column(label="billing_period"),
                lambda one: f"{windows[one.meter.object].find_month(one.reading.day):%Y-%m}",
            ),
        )
    )


def _list_zone_columns(
    zones: Sequence[str],
) -> Iterator[tuple[Column, Callable[[MeterReading], Cell]]]:
    for zone in zones:
        yield Column(label=f"{zone}_kwh", kind="number"), partial(_get_value, zone=zone)
    for zone in zones:
        yield Column(label=f"used_{zone}_kwh", kind="number"), partial(_get_used, zone=zone)


def _get_value(one: MeterReading, *, zone: str) -> Decimal | None:
    return one.reading.values_by_zone.get(zone)


def _get_used(one: MeterReading, *, zone: str) -> Decimal | None:
    return one.reading.used_by_zone.get(zone)
