"""Tables as XLSX files: any number of rows in little memory, and no formula ever."""

import asyncio
import json
from collections.abc import AsyncIterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal

from bot.services.workshop import Workshop

Cell = str | int | Decimal | date | datetime | None

_BATCH = 500
#: What Excel takes in one cell.
_CELL_LENGTH = 32_767
_FORMATS = {"date": "dd.mm.yyyy", "time": "dd.mm.yyyy hh:mm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``width`` is in characters; a ``time`` is shown as it is given: convert its zone before."""

    label: str
    kind: Literal["text", "number", "date", "time"] = "text"
    width: int = 18


async def write_xlsx(
    workshop: Workshop,
    folder: Path,
    sheet: str,
    columns: Sequence[Column],
    rows: AsyncIterable[Sequence[Cell]],
) -> Path:
    """Writes one sheet and returns its file in ``folder``, which the caller removes.

    ``rows`` are read as they come, so a reader of a database may yield between its batches.
    """
    raw = Path(await asyncio.to_thread(_new_file, folder, ".jsonl"))
    try:
        batch: list[str] = []
        async for row in rows:
            batch.append(json.dumps([_plain(cell) for cell in row], ensure_ascii=False))
            if len(batch) == _BATCH:
                await asyncio.to_thread(_append, raw, batch)
                batch = []
        await asyncio.to_thread(_append, raw, batch)
        return Path(await workshop.run(_make, raw, folder, sheet, tuple(columns)))
    finally:
        with suppress(FileNotFoundError):
            await asyncio.to_thread(raw.unlink)


def _plain(cell: Cell) -> str | None:
    if cell is None:
        return None
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _new_file(folder: Path, suffix: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, suffix=suffix, delete=False) as made:
        return made.name


def _append(path: Path, lines: Sequence[str]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def _make(raw: Path, folder: Path, sheet: str, columns: tuple[Column, ...]) -> str:
    """Runs in the workshop's process, which alone needs the library."""
    import xlsxwriter  # noqa: PLC0415

    path = Path(_new_file(folder, ".xlsx"))
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        page = book.add_worksheet(sheet)
        bold = book.add_format({"bold": True})
        formats = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
        page.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            page.set_column(place, place, column.width)
            page.write_string(0, place, column.label, bold)
        for line, cells in enumerate(_lines(raw), 1):
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
                        # As a string, so that «=…» typed by a person is never computed.
                        page.write_string(line, place, cell[:_CELL_LENGTH])
    return str(path)


def _lines(raw: Path) -> Iterator[list[str | None]]:
    with raw.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
