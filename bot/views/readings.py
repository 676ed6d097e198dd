"""Screens about meter readings."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from textwrap import wrap

from aiogram.types import InputRichBlockUnion

from bot.domain import (
    Layout,
    Meter,
    MeterKind,
    MeterReading,
    Page,
    Reading,
    ReadingChoices,
    ReadingMark,
    ReadingSource,
)
from bot.fsm.builtin_forms import zone_key
from bot.integrations.spreadsheets import Cell, Column
from bot.keyboards import (
    ChooseLayout,
    Go,
    MeterFile,
    MeterForm,
    NewRequest,
    OpenMeter,
    Reminders,
    button,
    inline,
)
from bot.services.readings import Earlier
from bot.texts import Texts
from bot.views.forms import Advice, Offer
from bot.views.menus import menu_button
from bot.views.view import Company, View, escape, kwh, rich_table

#: The request by which a specialist comes to read the meter.
_READING_VISIT = 2

#: Characters of the fixed width that a phone shows without breaking the line.
TABLE_WIDTH = 34


def section(choices: ReadingChoices, company: Company, texts: Texts) -> View:
    return View(
        text=texts("readings", phone=escape(company.support_phone)),
        keyboard=inline(
            [button(texts("button-reading"), Go(to="reading"), style="primary")],
            [button(texts("button-meters"), Go(to="history"))],
            [button(texts("button-askue"), Go(to="askue"))],
            [button(texts("button-reading-visit"), NewRequest(number=_READING_VISIT))],
            [
                button(
                    texts("button-reminders-off" if choices.reminders else "button-reminders-on"),
                    Reminders(on=not choices.reminders),
                )
            ],
            [button(texts("button-layout"), Go(to="layouts")), menu_button(texts)],
        ),
    )


def known_meters(meters: Sequence[Meter], texts: Texts) -> Advice:
    """The account's meters as ready answers."""
    return Advice(
        offers=tuple(Offer(answer=one.number, words=meter_words(one, texts)) for one in meters)
    )


def meter_words(meter: Meter, texts: Texts) -> str:
    """Number and place; not HTML."""
    return f"№ {meter.number} · {meter.place or texts(f'choice-reading-kind-{meter.kind}')}"


def before(earlier: Earlier | None, kind: MeterKind, zone: int, texts: Texts) -> Advice:
    """What this zone of the meter showed last."""
    last = earlier.last if earlier else None
    if last is None or last.kind is not kind:
        return Advice()
    words = texts("reading-before", value=kwh(last.values[zone], texts), date=_day(last.day))
    return Advice(remarks=(words,))


def comparison(
    earlier: Earlier | None,
    kind: MeterKind,
    used: Sequence[Decimal] | None,
    texts: Texts,
    *,
    late: bool,
) -> Advice:
    """For the review card: what the values are compared with, and how they differ."""
    remarks = []
    if earlier is not None and earlier.last is not None:
        last = earlier.last
        remarks.append(
            texts("reading-last", date=_day(last.day))
            + "".join(f"\n{zone}: {value}" for zone, value in _by_zone(last, texts))
        )
    if used is not None:
        remarks.append(_used(kind, used, texts))
    else:
        remarks.append(texts("reading-no-difference"))
    if earlier is not None and earlier.same_day is not None:
        remarks.append(texts("reading-corrects"))
    if late:
        remarks.append(texts("reading-late"))
    return Advice(remarks=tuple(remarks))


def submitted(reading: MeterReading, company: Company, texts: Texts) -> View:
    """The receipt."""
    one = reading.reading
    blocks = [
        texts(
            "reading-submitted",
            number=one.id,
            time=company.minute(one.submitted_at),
            meter=escape(meter_words(reading.meter, texts)),
        ),
        "\n".join(f"{zone}: <b>{value}</b>" for zone, value in _by_zone(one, texts)),
    ]
    if one.used is not None:
        blocks.append(_used(one.kind, one.used, texts))
    blocks += [texts(f"reading-mark-{mark}") for mark in ReadingMark if mark in one.marks]
    return View(
        text="\n\n".join(blocks),
        keyboard=inline(
            [button(texts("button-history"), OpenMeter(id=reading.meter.id))],
            [button(texts("button-to-readings"), Go(to="readings")), menu_button(texts)],
        ),
    )


def _by_zone(reading: Reading, texts: Texts) -> list[tuple[str, str]]:
    return [
        (zone_words(reading.kind, zone, texts), kwh(value, texts))
        for zone, value in enumerate(reading.values)
    ]


def zone_words(kind: MeterKind, zone: int, texts: Texts) -> str:
    """``T1, день``."""
    return texts(f"form-reading-{zone_key(kind, zone)}-label")


def _used(kind: MeterKind, used: Sequence[Decimal], texts: Texts) -> str:
    if len(used) == 1:
        return texts("reading-used", value=kwh(used[0], texts))
    return texts("reading-used", value=kwh(sum(used, Decimal(0)), texts)) + "".join(
        f"\n{zone_words(kind, zone, texts)}: {kwh(value, texts)}" for zone, value in enumerate(used)
    )


def meters(known: Sequence[Meter], texts: Texts) -> View:
    """Whose history is to be shown."""
    return View(
        text=texts("meters", count=len(known)),
        keyboard=inline(
            *([button(meter_words(one, texts), OpenMeter(id=one.id))] for one in known),
            [] if known else [button(texts("button-reading"), Go(to="reading"), style="primary")],
            [button(texts("button-to-readings"), Go(to="readings")), menu_button(texts)],
        ),
    )


def history(
    meter: Meter, page: Page[Reading], first: date, last: date, layout: Layout, texts: Texts
) -> View:
    """One page of a meter's readings, newest first, in the layout that the person chose."""
    heading = texts(
        "history",
        meter=escape(meter_words(meter, texts)),
        period=texts("history-whole") if first == date.min else f"{_day(first)} – {_day(last)}",
        page=page.number + 1,
        pages=page.pages,
    )

    def turn(number: int) -> OpenMeter:
        return OpenMeter(id=meter.id, first=first.toordinal(), last=last.toordinal(), page=number)

    turns = [
        button(arrow, turn(number))
        for arrow, number in (("◀", page.number - 1), ("▶", page.number + 1))
        if 0 <= number < page.pages
    ]
    files = [
        button(
            texts(f"button-{kind}"),
            MeterFile(id=meter.id, first=first.toordinal(), last=last.toordinal(), kind=kind),
        )
        for kind in ("png", "xlsx")
        if page.items
    ]
    whole = OpenMeter(id=meter.id, first=date.min.toordinal())
    return View(
        text=f"{heading}\n\n{_body(page.items, layout, texts)}",
        rich=_rich(heading, page.items, texts) if layout is Layout.RICH and page.items else (),
        keyboard=inline(
            turns,
            files,
            [
                button(texts("button-period"), MeterForm(id=meter.id, form="period")),
                button(texts("button-whole"), whole),
            ],
            [
                button(texts("button-place"), MeterForm(id=meter.id, form="place")),
                button(texts("button-layout"), Go(to="layouts")),
            ],
            [button(texts("button-to-readings"), Go(to="readings")), menu_button(texts)],
        ),
    )


def reminder(closing: date, texts: Texts) -> View:
    return View(
        text=texts("reading-reminder", closing=_day(closing)),
        keyboard=inline(
            [button(texts("button-reading"), Go(to="reading"), style="primary")],
            [button(texts("button-reminders-off"), Reminders(on=False))],
        ),
    )


def layouts(texts: Texts) -> View:
    return View(
        text=texts("layouts"),
        keyboard=inline(
            *([button(texts(f"layout-{one}"), ChooseLayout(layout=one.value))] for one in Layout),
            [button(texts("button-to-readings"), Go(to="readings")), menu_button(texts)],
        ),
    )


def sample(texts: Texts) -> View:
    """What a rich table would look like here: not every client shows it."""
    shown = Reading(
        id=0,
        meter_id=0,
        day=date(2026, 11, 24),
        submitted_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
        kind=MeterKind.DOUBLE,
        values=(Decimal("8120.5"), Decimal("4225.1")),
        used=(Decimal("120.4"), Decimal("80.1")),
        source=ReadingSource.BOT,
        marks=frozenset(),
    )
    return View(
        text=f"{texts('layout-sample')}\n\n{table([shown], texts)}",
        rich=_rich(texts("layout-sample"), [shown], texts),
        keyboard=inline(
            [
                button(texts("button-seen"), ChooseLayout(layout=Layout.RICH.value, tried=True)),
                button(texts("button-unseen"), ChooseLayout(layout=Layout.TEXT.value)),
            ],
            [menu_button(texts)],
        ),
    )


def table(readings: Sequence[Reading], texts: Texts) -> str:
    """Aligned columns, no line longer than fits a phone."""
    rule = "─" * TABLE_WIDTH
    lines = [
        f"{texts('table-date'):<11}{texts('table-notes')}",
        _columns(texts("table-zone"), texts("table-value"), texts("table-used")),
    ]
    for reading in readings:
        notes = ", ".join(_notes(reading, texts))
        lines.append(rule)
        lines += wrap(f"{_day(reading.day)} {notes}", TABLE_WIDTH, subsequent_indent=" " * 11)
        lines += [
            _columns(
                f"T{zone + 1}",
                kwh(value, texts),
                "" if reading.used is None else f"+{kwh(reading.used[zone], texts)}",
            )
            for zone, value in enumerate(reading.values)
        ]
    return f"<pre>{escape(chr(10).join(lines))}</pre>"


def columns(kind: MeterKind, texts: Texts) -> tuple[Column, ...]:
    """Of a meter's history as a spreadsheet."""
    zones = [zone_words(kind, zone, texts) for zone in range(kind.zones)]
    return (
        Column(label=texts("table-date"), kind="date", width=12),
        *(Column(label=f"{zone}, {texts('kwh')}", kind="number") for zone in zones),
        *(
            Column(label=f"{texts('table-used')} {zone}, {texts('kwh')}", kind="number", width=24)
            for zone in zones
        ),
        Column(label=texts("table-source"), width=12),
        Column(label=texts("table-marks"), width=30),
    )


async def rows(
    readings: AsyncIterator[MeterReading], kind: MeterKind, texts: Texts
) -> AsyncIterator[Sequence[Cell]]:
    """Readings as rows of ``columns``; those of a former kind fill the zones that they had."""
    async for one in readings:
        reading = one.reading
        source, *marks = _notes(reading, texts)
        yield (
            reading.day,
            *_filled(reading.values, kind.zones),
            *_filled(reading.used or (), kind.zones),
            source,
            ", ".join(marks),
        )


def chart(
    meter: Meter, months: Mapping[date, Sequence[Decimal]], texts: Texts
) -> tuple[str, str, list[str], list[tuple[str, list[float]]]]:
    """What ``draw_columns`` is called with: consumption by month and zone."""
    zones = [
        (
            zone_words(meter.kind, zone, texts),
            [float(used[zone]) if zone < len(used) else 0.0 for used in months.values()],
        )
        for zone in range(meter.kind.zones)
    ]
    title = texts("chart-title", meter=meter_words(meter, texts))
    return title, texts("kwh"), [f"{month:%m.%Y}" for month in months], zones


def _body(readings: Sequence[Reading], layout: Layout, texts: Texts) -> str:
    if not readings:
        return texts("history-none")
    if layout is Layout.LINES:
        return "\n\n".join(_sentence(one, texts) for one in readings)
    return table(readings, texts)


def _sentence(reading: Reading, texts: Texts) -> str:
    values = "; ".join(f"{zone}: {value}" for zone, value in _by_zone(reading, texts))
    source, *marks = _notes(reading, texts)
    return texts(
        "history-line",
        date=_day(reading.day),
        values=escape(values),
        used=texts("used-unknown")
        if reading.used is None
        else f"{kwh(sum(reading.used, Decimal(0)), texts)} {texts('kwh')}",
        source=source,
        marks=", ".join(marks) or texts("marks-none"),
    )


def _rich(
    heading: str, readings: Sequence[Reading], texts: Texts
) -> tuple[InputRichBlockUnion, ...]:
    zones = max(reading.kind.zones for reading in readings)
    head = [
        texts("table-date"),
        *(f"T{zone + 1}" for zone in range(zones)),
        texts("table-used"),
        texts("table-notes"),
    ]
    body = [
        [
            _day(reading.day),
            *(kwh(value, texts) for value in reading.values),
            *[""] * (zones - reading.kind.zones),
            "" if reading.used is None else f"+{kwh(sum(reading.used, Decimal(0)), texts)}",
            ", ".join(_notes(reading, texts)),
        ]
        for reading in readings
    ]
    return rich_table(heading, head, body, words=frozenset({0, len(head) - 1}))


def _notes(reading: Reading, texts: Texts) -> list[str]:
    """The source, then the marks."""
    return [
        texts(f"source-{reading.source}"),
        *(texts(f"mark-{mark}") for mark in ReadingMark if mark in reading.marks),
    ]


def _columns(zone: str, value: str, used: str) -> str:
    return f"{zone:<5}{value:>13}{used:>{TABLE_WIDTH - 18}}"


def _filled(values: Sequence[Decimal], zones: int) -> list[Decimal | None]:
    """As many cells as the meter has zones now."""
    return [*values, *[None] * zones][:zones]


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
