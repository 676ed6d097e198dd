"""Tables of XLSX files as people fill them in: read rightly, or refused by name."""

from datetime import datetime
from typing import Any

import pytest
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from bot.integrations.spreadsheet_reading import read_table
from tests.support.workbooks import add_sheet, make_workbook, replace_part

LABELS = {"номер счётчика": "meter", "t1, квт·ч": "t1", "t2, квт·ч": "t2"}
HEADER = ["Номер счётчика", "Место", "T1, кВт·ч", "T2, кВт·ч"]
CONTENT_TYPES = "[Content_Types].xml"


def read(data: bytes, most_rows: int = 300) -> tuple[str, list[Any]]:
    return read_table(data, LABELS, "meter", most_rows)


def read_rows(*rows: list[Any], change: Any = lambda _: None) -> list[Any]:
    code, found = read(make_workbook([HEADER, *rows], change))
    assert code == ""
    return found


def test_values_keep_their_spelling_and_their_row() -> None:
    assert read_rows(
        ["0812-094521", "подвал", 12345.6, 7],
        [],
        [812094521, "", "8 120,5", None],
        [" № 5 ", "", 0.1 + 0.2, 1e-7],
    ) == [
        (2, {"meter": ("text", "0812-094521"), "t1": ("number", "12345.6"), "t2": ("number", "7")}),
        (4, {"meter": ("number", "812094521"), "t1": ("text", "8 120,5")}),
        (
            5,
            {
                "meter": ("text", "№ 5"),
                "t1": ("number", "0.3"),
                "t2": ("number", "0.0000001"),
            },
        ),
    ]


def test_columns_are_found_by_their_labels_below_titles() -> None:
    data = make_workbook(
        [["Показания за ноябрь"], [], ["t1,  КВТ·Ч", None, " номер\nсчётчика "], [5, "?", "A-1"]],
        lambda sheet: sheet.merge_cells("A1:C1"),
    )
    assert read(data) == ("", [(4, {"t1": ("number", "5"), "meter": ("text", "A-1")})])


@pytest.mark.parametrize(
    "header", [["Номер счётчика"], ["T1, кВт·ч", "T2, кВт·ч"], [*HEADER, "T1, кВт·ч"], ["x"] * 50]
)
def test_missing_and_doubled_columns_refuse_the_file(header: list[str]) -> None:
    assert read(make_workbook([header, [1, 2, 3]])) == ("table-columns", [])


def test_what_is_no_plain_value_is_told_apart() -> None:
    def compute(sheet: Worksheet) -> None:
        sheet["C6"] = ArrayFormula("C6:C7", "=D2:D3*2")
        sheet["C7"] = 8  # what the formula above computed there

    rows = read_rows(
        ["A-1", "", "=1+1", datetime(2026, 5, 12)],
        ["A-2", "", True, "#REF!"],
        ["=A2", "", None, None],
        ["A-4", "", "'=1+1", None],
        ["A-5", "", None, None],
        ["A-6", "", None, 5],
        change=compute,
    )
    assert [{key: cell[0] for key, cell in row.items()} for _, row in rows] == [
        {"meter": "text", "t1": "table-formula", "t2": "table-date"},
        {"meter": "text", "t1": "table-other", "t2": "table-other"},
        {"meter": "table-formula"},
        {"meter": "text", "t1": "text"},
        {"meter": "text", "t1": "table-formula"},
        {"meter": "text", "t1": "table-formula", "t2": "number"},
    ]


def test_merged_cells_are_told_in_each_row_they_cover() -> None:
    rows = read_rows(
        ["A-1", "", 1, 2],
        ["A-2", "", None, 3],
        ["A-3", "", 4, None],
        change=lambda sheet: (sheet.merge_cells("C2:C3"), sheet.merge_cells("C4:D4")),
    )
    assert [(row["t1"][0], row["t2"][0]) for _, row in rows] == [
        ("table-merged", "number"),
        ("table-merged", "number"),
        ("table-merged", "table-merged"),
    ]


def test_two_hundred_rows_are_read_and_too_many_refused() -> None:
    rows = [[f"A-{number}", "", number, None] for number in range(200)]
    assert len(read_rows(*rows)) == 200
    assert read(make_workbook([HEADER, *rows]), 199) == ("table-rows", [])
    far = make_workbook([HEADER, *rows], lambda sheet: sheet.__setitem__("A1048576", "A-1"))
    assert read(far) == ("table-rows", [])


def test_one_sheet_is_read_whichever_is_hidden_or_empty() -> None:
    def add_sheets(sheet: Worksheet) -> None:
        add_sheet(sheet, "Лист2")
        hidden = add_sheet(sheet, "Списки")
        hidden["A1"], hidden.sheet_state = "x", "hidden"

    assert len(read_rows(["A-1", "", 1], change=add_sheets)) == 1

    def add_month(sheet: Worksheet) -> None:
        add_sheet(sheet, "Октябрь").append(HEADER)

    assert read(make_workbook([HEADER, ["A-1", "", 1]], add_month)) == ("table-sheets", [])
    assert read(make_workbook([])) == ("table-sheets", [])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "table-type"),
        (b"number;t1\n1;2", "table-type"),
        (b"\xff\xd8\xff\xe0 a photo", "table-type"),
        (replace_part(make_workbook([]), "xl/vbaProject.bin", lambda _: b"x"), "table-runs-code"),
        (
            replace_part(
                make_workbook([]),
                CONTENT_TYPES,
                lambda part: part.replace(
                    b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
                ),
            ),
            "table-runs-code",
        ),
        (make_workbook([HEADER, ["A-1", "", 1]])[:-40], "table-damaged"),
        (make_workbook([HEADER]) + b"and more", "table-damaged"),
        (
            replace_part(make_workbook([]), "xl/worksheets/sheet1.xml", lambda part: part[:200]),
            "table-damaged",
        ),
        (
            replace_part(make_workbook([]), "xl/media/image1.png", lambda _: bytes(50 * 1024**2)),
            "table-too-large",
        ),
    ],
    ids=["empty", "csv", "photo", "macro", "xlsm", "cut", "tail", "broken", "unfolds"],
)
def test_what_is_no_table_is_refused(data: bytes, code: str) -> None:
    assert read(data) == (code, [])
