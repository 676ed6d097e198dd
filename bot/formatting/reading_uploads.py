"""Formatting of readings in a file: its template, what it would store, what is wrong by row."""

from collections.abc import Iterable, Iterator, Sequence

from bot.domain import Reading, list_zones
from bot.formatting.forms import format_complaint
from bot.formatting.values import escape, format_kwh, strip_markup
from bot.fsm.model import Rejected
from bot.integrations.spreadsheet_reading import normalize_label
from bot.integrations.spreadsheets import Column, Table
from bot.services.reading_uploads import METER, RATIO, RowError, UploadCheck, UploadReceipt
from bot.services.readings import EarlierReadings
from bot.texts import Texts

#: The rest is in a file of its own.
_ERRORS_SHOWN = 5
_NEW_SHOWN = 5


def build_template(texts: Texts) -> Table[EarlierReadings]:
    """A row for each known meter; zones are left for the new readings."""

    def name(column: str) -> str:
        return _name_column(column, texts)

    return Table(
        (
            (Column(label=name(METER)), lambda one: one.meter.number),
            (
                Column(label=texts("upload-column-kind")),
                lambda one: texts(f"choice-reading-kind-{one.meter.kind}"),
            ),
            (Column(label=texts("upload-column-place"), width=24), lambda one: one.meter.place),
            (
                Column(label=texts("upload-column-before"), width=34),
                lambda one: _format_before(one.same_day or one.last, texts),
            ),
            *((Column(label=name(zone), kind="number"), _leave_blank) for zone in list_zones()),
            (Column(label=name(RATIO), kind="number", width=28), lambda one: one.meter.ratio),
        )
    )


def build_labels(all_texts: Iterable[Texts]) -> dict[str, str]:
    """Keys of the columns that are read, by their labels in each language."""
    return {
        normalize_label(_name_column(column, texts)): column
        for texts in all_texts
        for column in (METER, *list_zones(), RATIO)
    }


def _leave_blank(_: EarlierReadings) -> None:
    return None


def _name_column(column: str, texts: Texts) -> str:
    match column:
        case "meter":
            return texts("form-reading-meter-label")
        case "ratio":
            return texts("form-reading-ratio-label")
        case _:
            return f"{column.upper()}, {texts('kwh')}"


def _format_before(reading: Reading | None, texts: Texts) -> str:
    if reading is None:
        return ""
    values = "; ".join(
        f"{zone.upper()} {format_kwh(value, texts)}"
        for zone, value in reading.values_by_zone.items()
    )
    return f"{reading.day:%d.%m.%Y}: {values}"


def list_check_remarks(check: UploadCheck, texts: Texts) -> list[str]:
    """What «Ввести» would store, and what not; HTML."""
    counts = [texts("upload-right", count=check.right)]
    if check.replaced:
        counts.append(texts("upload-replaced", count=check.replaced))
    if check.late:
        counts.append(texts("upload-late", count=check.late))
    remarks = ["\n".join(counts)]
    if check.new:
        numbers = ", ".join(map(escape, check.new[:_NEW_SHOWN]))
        more = "…" if len(check.new) > _NEW_SHOWN else ""
        remarks.append(texts("upload-new", count=len(check.new), meters=numbers + more))
    return [*remarks, *_format_errors(check.errors, texts)]


def list_receipt_blocks(receipt: UploadReceipt, texts: Texts) -> list[str]:
    """What was stored and what was not; HTML."""
    words = texts("upload-submitted", count=receipt.stored)
    return [words, *_format_errors(receipt.errors, texts)]


def has_more_errors(errors: Sequence[RowError]) -> bool:
    """Whether a screen does not show all of them."""
    return len(errors) > _ERRORS_SHOWN


def format_first_errors(errors: Sequence[RowError], texts: Texts) -> str:
    """Plain text."""
    return "\n".join(list(list_errors(errors, texts))[:_ERRORS_SHOWN])


def list_errors(errors: Sequence[RowError], texts: Texts) -> Iterator[str]:
    """A line of plain text for each wrong row."""
    for one in errors:
        where = [texts("upload-line", line=one.line)]
        if one.meter:
            where.append(texts("numbered", number=one.meter))
        if one.column:
            where.append(texts("document-quoted", words=_name_column(one.column, texts)))
        yield f"{', '.join(where)}: {_format_rejected(one.rejected, texts)}"


def _format_errors(errors: Sequence[RowError], texts: Texts) -> list[str]:
    """Blocks of HTML."""
    if not errors:
        return []
    blocks = [texts("upload-wrong", count=len(errors)), escape(format_first_errors(errors, texts))]
    if has_more_errors(errors):
        blocks.append(texts("upload-more", count=len(errors) - _ERRORS_SHOWN))
    return blocks


def _format_rejected(rejected: Rejected, texts: Texts) -> str:
    """What is wrong in a file, where no button confirms anything."""
    own = f"upload-{rejected.code}"
    code = own if texts.has(f"error-{own}") else rejected.code
    return strip_markup(format_complaint(code, rejected, texts))
