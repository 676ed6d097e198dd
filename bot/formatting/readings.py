"""Formatting of meter readings: meters, values, windows, histories, charts and spreadsheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from babel.dates import format_date
from babel.numbers import format_decimal

from bot.domain import (
    Meter,
    MeterKind,
    MeterReading,
    Reading,
    ReadingMark,
    list_zones,
)
from bot.formatting.company import Company
from bot.formatting.values import escape, format_kwh
from bot.fsm.builtin_forms import build_zone_key
from bot.integrations.spreadsheets import Column, Table
from bot.services.reading_entry import ReadingComparison, ReadingReceipt
from bot.services.reading_windows import ReadingWindow
from bot.services.readings import EarlierReadings
from bot.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryTable:
    """Readings as words in columns; ``words`` are the indexes of those that hold no numbers."""

    head: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    words: frozenset[int]


def format_meter(meter: Meter, texts: Texts) -> str:
    """Number and place; not HTML."""
    number = texts("numbered", number=meter.number)
    return f"{number} · {meter.place or texts(f'choice-reading-kind-{meter.kind}')}"


def format_month(month: date, texts: Texts) -> str:
    """``ноябрь 2026``."""
    return str(format_date(month, "LLLL y", locale=texts.locale))


def format_day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def format_period(first: date, last: date, texts: Texts) -> str:
    """The period of a history."""
    if first == date.min:
        return texts("history-whole")
    return f"{format_day(first)} – {format_day(last)}"


def format_number(value: Decimal, texts: Texts) -> str:
    """``10 347,8``: with groups of thousands."""
    return str(format_decimal(value, "#,##0.###", locale=texts.locale))


def format_zone(kind: MeterKind, zone: str, texts: Texts) -> str:
    """``T1, день``."""
    return texts(f"form-reading-{build_zone_key(kind, zone)}-label")


def format_by_zone(reading: Reading, texts: Texts) -> list[tuple[str, str]]:
    """The name of each zone and its value."""
    return [
        (format_zone(reading.kind, zone, texts), format_kwh(value, texts))
        for zone, value in reading.values_by_zone.items()
    ]


def format_used(kind: MeterKind, used: Sequence[Decimal], ratio: int, texts: Texts) -> str:
    """The use since the reading before, all of it and by zone; HTML."""
    total = texts("reading-used", value=format_kwh(sum(used, Decimal(0)), texts))
    if ratio != 1:
        total += "\n" + texts("reading-ratio", ratio=ratio)
    if len(used) == 1:
        return total
    return total + "".join(
        f"\n{format_zone(kind, zone, texts)}: {format_kwh(value, texts)}"
        for zone, value in zip(kind.zones, used, strict=True)
    )


def format_earlier(key: str, reading: Reading, texts: Texts) -> str:
    """The text ``key`` with the day of an earlier reading, and its values below it; HTML."""
    return texts(key, date=format_day(reading.day)) + "".join(
        f"\n{zone}: {value}" for zone, value in format_by_zone(reading, texts)
    )


def format_object(meter: Meter, month: date, window: ReadingWindow, texts: Texts) -> str:
    """What the meter stands in, and until when its readings are sent."""
    return texts(f"meter-object-{meter.object}") + "\n" + format_window(month, window, texts)


def format_window(month: date, window: ReadingWindow, texts: Texts) -> str:
    """On which days the readings of a month are taken, and until when they are sent."""
    first, last = window.find_first(month), window.find_last(month)
    return texts(
        "reading-window",
        month=format_month(month, texts),
        days=format_day(first) if first == last else f"{first:%d.%m}–{format_day(last)}",
        due=format_day(window.find_due(month)),
    )


def format_source(reading: Reading, texts: Texts) -> str:
    return texts(f"source-{reading.source}")


def format_marks(reading: Reading, texts: Texts) -> list[str]:
    return [texts(f"mark-{mark}") for mark in ReadingMark if mark in reading.marks]


def format_notes(reading: Reading, texts: Texts) -> str:
    """Where a reading came from, and its marks."""
    return ", ".join([format_source(reading, texts), *format_marks(reading, texts)])


def list_value_remarks(
    earlier: EarlierReadings | None, kind: MeterKind, zone: int, texts: Texts
) -> list[str]:
    """What a question about a zone says of the readings before; HTML."""
    remarks = []
    last = earlier.last if earlier else None
    if last is not None and last.kind is kind:
        value = format_kwh(last.values[zone], texts)
        remarks.append(texts("reading-before", value=value, date=format_day(last.day)))
    if earlier is not None and earlier.same_day is not None and earlier.same_day.kind is kind:
        value = format_kwh(earlier.same_day.values[zone], texts)
        remarks.append(texts("reading-today", value=value))
    return remarks


def list_comparison_remarks(
    compared: ReadingComparison, kind: MeterKind, texts: Texts
) -> list[str]:
    """The reading that new values are compared with, and the difference; HTML."""
    earlier = compared.earlier
    remarks = []
    if earlier is not None and earlier.last is not None:
        remarks.append(format_earlier("reading-last", earlier.last, texts))
    if compared.used is not None:
        ratio = earlier.meter.ratio if earlier else 1
        remarks.append(format_used(kind, compared.used, ratio, texts))
    else:
        remarks.append(texts("reading-no-difference"))
    if earlier is not None and earlier.same_day is not None:
        remarks.append(format_earlier("reading-corrects", earlier.same_day, texts))
    if compared.late:
        remarks.append(texts("reading-late", month=format_month(compared.month, texts)))
    return remarks


def list_receipt_blocks(receipt: ReadingReceipt, company: Company, texts: Texts) -> list[str]:
    """The receipt of a reading; HTML."""
    meter, one = receipt.reading.meter, receipt.reading.reading
    blocks = [
        texts(
            "reading-submitted",
            number=one.id,
            time=company.format_minute(one.submitted_at),
            meter=escape(format_meter(meter, texts)),
        ),
        "\n".join(f"{zone}: <b>{value}</b>" for zone, value in format_by_zone(one, texts)),
    ]
    if one.used is not None:
        blocks.append(format_used(one.kind, one.used, one.ratio, texts))
    if receipt.replaced is not None:
        blocks.append(format_earlier("reading-replaced", receipt.replaced, texts))
    blocks += [texts(f"reading-mark-{mark}") for mark in ReadingMark if mark in one.marks]
    blocks.append(texts("reading-month", month=format_month(receipt.month, texts)))
    if receipt.is_first:
        blocks.append(format_object(meter, receipt.month, receipt.window, texts))
    return blocks


def build_history_table(readings: Sequence[Reading], texts: Texts) -> HistoryTable:
    """A row for each reading; readings of a former kind leave cells empty."""
    present = {zone for one in readings for zone in one.kind.zones}
    zones = [zone for zone in list_zones() if zone in present]
    head = (
        texts("table-date"),
        *(zone.upper() for zone in zones),
        texts("table-used"),
        texts("table-notes"),
    )
    body = tuple(
        (
            format_day(reading.day),
            *(format_kwh(values[zone], texts) if zone in values else "" for zone in zones),
            "" if reading.used is None else f"+{format_kwh(sum(reading.used, Decimal(0)), texts)}",
            format_notes(reading, texts),
        )
        for reading, values in ((one, one.values_by_zone) for one in readings)
    )
    return HistoryTable(head=head, body=body, words=frozenset({0, len(head) - 1}))


def build_table(kind: MeterKind, texts: Texts) -> Table[MeterReading]:
    """A meter's history as a spreadsheet; readings of a former kind leave cells empty."""

    def name_zone(zone: str) -> str:
        return f"{format_zone(kind, zone, texts)}, {texts('kwh')}"

    return Table(
        (
            (Column(label=texts("table-date"), kind="date", width=12), lambda one: one.reading.day),
            *(
                (
                    Column(label=name_zone(zone), kind="number"),
                    partial(_get_zone_value, zone=zone),
                )
                for zone in kind.zones
            ),
            *(
                (
                    Column(
                        label=f"{texts('table-used')} {name_zone(zone)}", kind="number", width=24
                    ),
                    partial(_get_zone_usage, zone=zone),
                )
                for zone in kind.zones
            ),
            (
                Column(label=texts("table-source"), width=12),
                lambda one: format_source(one.reading, texts),
            ),
            (
                Column(label=texts("table-marks"), width=30),
                lambda one: ", ".join(format_marks(one.reading, texts)),
            ),
        )
    )


def _get_zone_value(one: MeterReading, *, zone: str) -> Decimal | None:
    return one.reading.values_by_zone.get(zone)


def _get_zone_usage(one: MeterReading, *, zone: str) -> Decimal | None:
    return one.reading.used_by_zone.get(zone)


def build_chart(
    meter: Meter, months: Mapping[date, Mapping[str, Decimal]], texts: Texts
) -> tuple[str, str, list[str], list[tuple[str, list[float]]], list[str]]:
    """The arguments of ``draw_bars``: consumption by month and zone."""
    used_zones = {zone for used in months.values() for zone in used}
    zones = [
        (
            format_zone(meter.kind, zone, texts) if zone in meter.kind.zones else zone.upper(),
            [float(used.get(zone, 0)) for used in months.values()],
        )
        for zone in list_zones()
        # The meter may have been of another kind.
        if zone in meter.kind.zones or zone in used_zones
    ]
    return (
        texts("chart-title"),
        format_meter(meter, texts),
        [format_month(month, texts) for month in months],
        zones,
        [format_number(sum(used.values(), Decimal(0)), texts) for used in months.values()],
    )


def list_chart_lines(months: Mapping[date, Mapping[str, Decimal]], texts: Texts) -> list[str]:
    """The chart in words: the whole sum, then that of each month, the newest first; HTML."""
    sums = {month: sum(used.values(), Decimal(0)) for month, used in months.items()}
    return [
        texts("chart-total", value=format_number(sum(sums.values(), Decimal(0)), texts)),
        *(
            texts("chart-month", month=format_month(month, texts), value=format_number(used, texts))
            for month, used in reversed(sums.items())
        ),
    ]
