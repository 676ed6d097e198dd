"""XLSX files that people fill in, rightly and wrongly."""

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet


def make_workbook(
    rows: Sequence[Sequence[Any]], change: Callable[[Worksheet], None] = lambda _: None
) -> bytes:
    """A file of one sheet; ``change`` does to it what values cannot say."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    change(sheet)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def add_sheet(sheet: Worksheet, title: str) -> Worksheet:
    """Another sheet beside this one."""
    book = sheet.parent
    assert book is not None
    added = book.create_sheet(title)
    assert isinstance(added, Worksheet)
    return added


def replace_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same file with another content of one of its parts, which is added if it is not there."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", 8) as new:
        parts = {one: old.read(one) for one in old.namelist()}
        for one, content in (parts | {name: change(parts.get(name, b""))}).items():
            new.writestr(one, content)
    return made.getvalue()
