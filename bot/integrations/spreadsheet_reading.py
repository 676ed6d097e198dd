"""Reads the table of an XLSX file that a person sent, in a worker process.

``xlsx_tables`` does the work: with its parsers it is loaded by the worker only.
"""

from collections.abc import Mapping

from bot.fsm.model import Rejected

#: What the inspection of office documents says, in the words of this module.
_CODES = {
    "file-type": "table-type",
    "file-locked": "table-locked",
    "file-runs-code": "table-runs-code",
    "file-unfolds": "table-too-large",
    "file-damaged": "table-damaged",
    "file-hides-another": "table-damaged",
}

#: ``text`` or ``number`` and the value, of which a number has a point and no exponent; or the code
#: of what is wrong with the cell: ``table-formula``, ``table-merged``, ``table-date`` or
#: ``table-other``.
TableCell = tuple[str, str]
#: The number of a row in the sheet, and its cells that are not empty by the keys of their columns.
TableRow = tuple[int, dict[str, TableCell]]


def read_table(
    data: bytes, labels: Mapping[str, str], required: str, most_rows: int
) -> tuple[str, list[TableRow]]:
    """The code of what is wrong with the whole file, or an empty string, and its rows.

    ``labels`` are keys of columns by their labels in small letters; other columns are left out. The
    column ``required`` must be there with another one, and each only once. Codes: ``table-type``,
    ``table-locked``, ``table-runs-code``, ``table-too-large``, ``table-damaged``,
    ``table-sheets``, ``table-columns``, ``table-rows``.
    """
    from bot.integrations.xlsx_tables import load_sheet, read_rows  # noqa: PLC0415

    try:
        return "", list(read_rows(load_sheet(data), labels, required, most_rows))
    except Rejected as rejected:
        return _CODES.get(rejected.code, rejected.code), []
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 (parsers raise many types of errors for malformed files)
        return "table-damaged", []


def normalize_label(label: str) -> str:
    return " ".join(label.split()).casefold()
