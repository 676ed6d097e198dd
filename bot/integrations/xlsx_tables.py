"""Tables of XLSX files, by their parser. Runs in a worker process; see ``spreadsheet_reading``.

Formulas are never computed, and what a program computed before is not trusted: a cell that shows
the result of one is told apart, as are merged cells, dates and whatever else is no plain value.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.worksheet import Worksheet

from bot.fsm.model import Rejected
from bot.integrations.office_inspection import inspect_office
from bot.integrations.spreadsheet_reading import TableCell, TableRow, normalize_label

#: A table of 300 rows has 0.1 MB; exports of other programs are full of styles.
_MAX_UNFOLDED_BYTES = 16 * 1024**2
#: What is read at most: rows without values and columns that nobody asks for count here too.
_MAX_LINES = 5_000
_MAX_COLUMNS = 40
#: Titles may stand above the table.
_HEADER_WITHIN = 10

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def load_sheet(data: bytes) -> Worksheet:
    """The only visible sheet with values."""
    if not data.startswith((_ZIP, _OLE)):
        raise Rejected("table-type")
    inspect_office(data, "xlsx")
    if not data.startswith(_ZIP):
        raise Rejected("table-type")
    with ZipFile(BytesIO(data)) as package:
        if "xl/workbook.xml" not in package.namelist():
            raise Rejected("table-type")
        if sum(one.file_size for one in package.infolist()) > _MAX_UNFOLDED_BYTES:
            raise Rejected("table-too-large")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(BytesIO(data), keep_links=False)
    filled = [
        sheet
        for sheet in book.worksheets
        if sheet.sheet_state == "visible" and (sheet.max_row > 1 or sheet["A1"].value is not None)
    ]
    if len(filled) != 1:
        raise Rejected("table-sheets")
    return filled[0]


def read_rows(
    sheet: Worksheet, labels: Mapping[str, str], required: str, most_rows: int
) -> Iterator[TableRow]:
    if sheet.max_row > _MAX_LINES:
        raise Rejected("table-rows")
    columns: dict[int, str] = {}
    computed: list[CellRange] = []
    count = 0
    lines = sheet.iter_rows(max_col=min(sheet.max_column, _MAX_COLUMNS))
    for number, line in enumerate(lines, 1):
        # A formula of an array stands in the first cell of those that it fills.
        computed += [
            CellRange(cell.value.ref)
            for cell in line
            if isinstance(cell.value, ArrayFormula | DataTableFormula)
        ]
        if not columns:
            columns = _find_columns(line, labels, required)
            if not columns and number == min(sheet.max_row, _HEADER_WITHIN):
                raise Rejected("table-columns")
            continue
        row = {
            columns[cell.column]: _read_cell(cell, sheet.merged_cells.ranges, computed)
            for cell in line
            if cell.column in columns
        }
        filled = {key: cell for key, cell in row.items() if cell is not None}
        if filled:
            count += 1
            if count > most_rows:
                raise Rejected("table-rows")
            yield number, filled


def _find_columns(line: Iterable[Any], labels: Mapping[str, str], required: str) -> dict[int, str]:
    """Keys by the number of their column; empty when the line is no header."""
    found = [
        (cell.column, labels[label])
        for cell in line
        if isinstance(cell.value, str) and (label := normalize_label(cell.value)) in labels
    ]
    keys = [key for _, key in found]
    if required not in keys:
        return {}
    if len(set(keys)) < len(keys) or len(keys) == 1:
        raise Rejected("table-columns")
    return dict(found)


def _read_cell(
    cell: Any, merged: Iterable[CellRange], computed: Iterable[CellRange]
) -> TableCell | None:
    if any(cell.coordinate in one for one in merged):
        return "table-merged", ""
    if cell.data_type == "f" or any(cell.coordinate in one for one in computed):
        return "table-formula", ""
    value = cell.value if isinstance(cell, Cell) else None
    match value:
        case None:
            return None
        case str() if cell.data_type == "s":
            text = value.strip()
            return ("text", text) if text else None
        case bool():
            return "table-other", ""
        case int() | float():
            # Programs write whole numbers as 5, 5.0 or 5E0.
            number = Decimal(repr(value))
            return "number", str(int(number)) if number == int(number) else f"{number:f}"
        case date() | time() | timedelta():
            return "table-date", ""
        case _:
            return "table-other", ""
