"""XLSX files of any number of rows, written in constant memory; no cell is a formula."""

import asyncio
import json
from collections.abc import AsyncIterable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Generic, Literal, TypeVar

from bot.integrations.worker_process import WorkerProcess

Cell = str | int | Decimal | date | datetime | None
T = TypeVar("T")

_BATCH = 500
#: Characters that Excel accepts in one cell.
_CELL_LENGTH = 32_767
#: Excel turns digits that are typed into a column without the format of a text into a number.
_FORMATS = {"text": "@", "date": "dd.mm.yyyy", "time": "dd.mm.yyyy hh:mm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``width`` is in characters; a ``time`` is written in the time zone that it comes in."""

    label: str
    kind: Literal["text", "number", "date", "time"] = "text"
    width: int = 18


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """The columns of a table, each with the function that reads its cell from an item."""

    parts: Sequence[tuple[Column, Callable[[T], Cell]]]

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(column for column, _ in self.parts)

    def build_row(self, item: T) -> tuple[Cell, ...]:
        return tuple(get_cell(item) for _, get_cell in self.parts)


async def write_xlsx(
    worker: WorkerProcess,
    folder: Path,
    sheet: str,
    columns: Sequence[Column],
    rows: AsyncIterable[Sequence[Cell]],
) -> Path:
    """Writes one sheet and returns the path of the file in ``folder``; the caller removes it.

    ``rows`` may come slowly, for example from a database in batches: they are stored in a file
    until the last one has come.
    """
    raw = Path(await asyncio.to_thread(_create_file, folder, ".jsonl"))
    try:
        batch: list[str] = []
        async for row in rows:
            batch.append(json.dumps([_to_plain(cell) for cell in row], ensure_ascii=False))
            if len(batch) == _BATCH:
                await asyncio.to_thread(_append_lines, raw, batch)
                batch = []
        await asyncio.to_thread(_append_lines, raw, batch)
        return Path(await worker.run(_write_workbook, raw, folder, sheet, tuple(columns)))
    finally:
        with suppress(FileNotFoundError):
            await asyncio.to_thread(raw.unlink)


async def build_xlsx(
    worker: WorkerProcess,
    sheet: str,
    columns: Sequence[Column],
    rows: AsyncIterable[Sequence[Cell]],
) -> bytes:
    """The file of ``write_xlsx`` as bytes, for one that a chat takes."""
    with TemporaryDirectory() as folder:
        path = await write_xlsx(worker, Path(folder), sheet, columns, rows)
        return await asyncio.to_thread(path.read_bytes)


def _to_plain(cell: Cell) -> str | None:
    if cell is None:
        return None
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _create_file(folder: Path, suffix: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, suffix=suffix, delete=False) as file:
        return file.name


def _append_lines(path: Path, lines: Sequence[str]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def _write_workbook(raw: Path, folder: Path, sheet: str, columns: tuple[Column, ...]) -> str:
    """Runs in the worker process, the only one that loads xlsxwriter."""
    import xlsxwriter  # noqa: PLC0415

    path = Path(_create_file(folder, ".xlsx"))
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        page = book.add_worksheet(sheet)
        bold = book.add_format({"bold": True})
        formats = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
        page.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            page.set_column(place, place, column.width, formats.get(column.kind))
            page.write_string(0, place, column.label, bold)
        for line, cells in enumerate(_read_lines(raw), 1):
            for place, (cell, column) in enumerate(zip(cells, columns, strict=True)):
                if cell is None:
                    continue
                match column.kind:
                    case "number":
                        page.write_number(line, place, float(cell))
                    case "date" | "time":
                        moment = datetime.fromisoformat(cell).replace(tzinfo=None)
                        page.write_datetime(line, place, moment, formats[column.kind])
                    case "text":
                        # A string, so that Excel never computes «=…» that a person typed.
                        page.write_string(line, place, cell[:_CELL_LENGTH])
    return str(path)


def _read_lines(raw: Path) -> Iterator[list[str | None]]:
    with raw.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
