"""Views of meter readings: the section, entering, history, charts and spreadsheets."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from textwrap import wrap

from aiogram.types import InputRichBlockUnion

from bot.domain import (
    Layout,
    Meter,
    MeterKind,
    MeterReading,
    Page,
    Reading,
    ReadingMark,
    ReadingPreferences,
    ReadingSource,
    TypeRole,
    list_zones,
)
from bot.fsm.builtin_forms import build_zone_key
from bot.integrations.spreadsheets import Column, Table
from bot.keyboards import (
    ChooseLayout,
    Go,
    MeterFile,
    MeterForm,
    NewRequest,
    OpenMeter,
    SetReminders,
    build_button,
    build_inline_keyboard,
)
from bot.request_types import Catalogue
from bot.services.readings import EarlierReadings
from bot.texts import Texts
from bot.views.forms import Hints, Suggestion
from bot.views.menus import build_menu_button
from bot.views.view import Company, View, build_rich_table, escape, format_kwh

#: Characters of the fixed width that a phone shows without breaking the line.
TABLE_WIDTH = 34


def render_section(
    choices: ReadingPreferences, catalogue: Catalogue, company: Company, texts: Texts
) -> View:
    """The section «Показания»; without a type of the role its button is left out."""
    visit = catalogue.find_by_role(TypeRole.READING_VISIT)
    return View(
        text=texts("readings", phone=escape(company.support_phone)),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-reading"), Go(to="reading"), style="primary")],
            [build_button(texts("button-meters"), Go(to="history"))],
            [build_button(texts("button-askue"), Go(to="askue"))],
            [build_button(texts("button-reading-visit"), NewRequest(code=visit.code))]
            if visit
            else [],
            [
                build_button(
                    texts("button-reminders-off" if choices.reminders else "button-reminders-on"),
                    SetReminders(on=not choices.reminders),
                )
            ],
            [build_button(texts("button-layout"), Go(to="layouts")), build_menu_button(texts)],
        ),
    )


def build_meter_hints(meters: Sequence[Meter], texts: Texts) -> Hints:
    """The account's meters as ready answers."""
    return Hints(
        suggestions=tuple(
            Suggestion(answer=one.number, words=format_meter(one, texts)) for one in meters
        )
    )


def format_meter(meter: Meter, texts: Texts) -> str:
    """Number and place; not HTML."""
    number = texts("numbered", number=meter.number)
    return f"{number} · {meter.place or texts(f'choice-reading-kind-{meter.kind}')}"


def build_previous_hint(
    earlier: EarlierReadings | None, kind: MeterKind, zone: int, texts: Texts
) -> Hints:
    """The last value of this zone of the meter."""
    last = earlier.last if earlier else None
    if last is None or last.kind is not kind:
        return Hints()
    words = texts(
        "reading-before", value=format_kwh(last.values[zone], texts), date=_to_day(last.day)
    )
    return Hints(remarks=(words,))


def build_comparison_hint(
    earlier: EarlierReadings | None,
    kind: MeterKind,
    used: Sequence[Decimal] | None,
    texts: Texts,
    *,
    late: bool,
) -> Hints:
    """For the review card: the reading that the values are compared with, and the difference."""
    remarks = []
    if earlier is not None and earlier.last is not None:
        last = earlier.last
        remarks.append(
            texts("reading-last", date=_to_day(last.day))
            + "".join(f"\n{zone}: {value}" for zone, value in _format_by_zone(last, texts))
        )
    if used is not None:
        remarks.append(_format_used(kind, used, texts))
    else:
        remarks.append(texts("reading-no-difference"))
    if earlier is not None and earlier.same_day is not None:
        remarks.append(texts("reading-corrects"))
    if late:
        remarks.append(texts("reading-late"))
    return Hints(remarks=tuple(remarks))


def render_submitted(reading: MeterReading, company: Company, texts: Texts) -> View:
    """The receipt of a reading."""
    one = reading.reading
    blocks = [
        texts(
            "reading-submitted",
            number=one.id,
            time=company.format_minute(one.submitted_at),
            meter=escape(format_meter(reading.meter, texts)),
        ),
        "\n".join(f"{zone}: <b>{value}</b>" for zone, value in _format_by_zone(one, texts)),
    ]
    if one.used is not None:
        blocks.append(_format_used(one.kind, one.used, texts))
    blocks += [texts(f"reading-mark-{mark}") for mark in ReadingMark if mark in one.marks]
    return View(
        text="\n\n".join(blocks),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-history"), OpenMeter(id=reading.meter.id))],
            [
                build_button(texts("button-to-readings"), Go(to="readings")),
                build_menu_button(texts),
            ],
        ),
    )


def _format_by_zone(reading: Reading, texts: Texts) -> list[tuple[str, str]]:
    return [
        (format_zone(reading.kind, zone, texts), format_kwh(value, texts))
        for zone, value in reading.values_by_zone.items()
    ]


def format_zone(kind: MeterKind, zone: str, texts: Texts) -> str:
    """``T1, день``."""
    return texts(f"form-reading-{build_zone_key(kind, zone)}-label")


def _format_used(kind: MeterKind, used: Sequence[Decimal], texts: Texts) -> str:
    if len(used) == 1:
        return texts("reading-used", value=format_kwh(used[0], texts))
    return texts("reading-used", value=format_kwh(sum(used, Decimal(0)), texts)) + "".join(
        f"\n{format_zone(kind, zone, texts)}: {format_kwh(value, texts)}"
        for zone, value in zip(kind.zones, used, strict=True)
    )


def render_meters(known: Sequence[Meter], texts: Texts) -> View:
    """Asks of which meter the history is shown."""
    return View(
        text=texts("meters", count=len(known)),
        keyboard=build_inline_keyboard(
            *([build_button(format_meter(one, texts), OpenMeter(id=one.id))] for one in known),
            []
            if known
            else [build_button(texts("button-reading"), Go(to="reading"), style="primary")],
            [
                build_button(texts("button-to-readings"), Go(to="readings")),
                build_menu_button(texts),
            ],
        ),
    )


def render_history(
    meter: Meter, page: Page[Reading], first: date, last: date, layout: Layout, texts: Texts
) -> View:
    """One page of a meter's readings, newest first, in the layout that the person chose."""
    heading = texts(
        "history",
        meter=escape(format_meter(meter, texts)),
        period=texts("history-whole")
        if first == date.min
        else f"{_to_day(first)} – {_to_day(last)}",
        page=page.number + 1,
        pages=page.pages,
    )

    def turn(number: int) -> OpenMeter:
        return OpenMeter(id=meter.id, first=first.toordinal(), last=last.toordinal(), page=number)

    turns = [
        build_button(arrow, turn(number))
        for arrow, number in (("◀", page.number - 1), ("▶", page.number + 1))
        if 0 <= number < page.pages
    ]
    files = [
        build_button(
            texts(f"button-{kind}"),
            MeterFile(id=meter.id, first=first.toordinal(), last=last.toordinal(), kind=kind),
        )
        for kind in ("png", "xlsx")
        if page.items
    ]
    whole = OpenMeter(id=meter.id, first=date.min.toordinal())
    return View(
        text=f"{heading}\n\n{_format_body(page.items, layout, texts)}",
        rich=_build_rich(heading, page.items, texts)
        if layout is Layout.RICH and page.items
        else (),
        keyboard=build_inline_keyboard(
            turns,
            files,
            [
                build_button(texts("button-period"), MeterForm(id=meter.id, form="period")),
                build_button(texts("button-whole"), whole),
            ],
            [
                build_button(texts("button-place"), MeterForm(id=meter.id, form="place")),
                build_button(texts("button-layout"), Go(to="layouts")),
            ],
            [
                build_button(texts("button-to-readings"), Go(to="readings")),
                build_menu_button(texts),
            ],
        ),
    )


def render_reminder(closing: date, texts: Texts) -> View:
    return View(
        text=texts("reading-reminder", closing=_to_day(closing)),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-reading"), Go(to="reading"), style="primary")],
            [build_button(texts("button-reminders-off"), SetReminders(on=False))],
        ),
    )


def render_layouts(texts: Texts) -> View:
    return View(
        text=texts("layouts"),
        keyboard=build_inline_keyboard(
            *(
                [build_button(texts(f"layout-{one}"), ChooseLayout(layout=one.value))]
                for one in Layout
            ),
            [
                build_button(texts("button-to-readings"), Go(to="readings")),
                build_menu_button(texts),
            ],
        ),
    )


def render_sample(texts: Texts) -> View:
    """A sample of a rich table: not every Telegram client shows one."""
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
        text=f"{texts('layout-sample')}\n\n{render_table([shown], texts)}",
        rich=_build_rich(texts("layout-sample"), [shown], texts),
        keyboard=build_inline_keyboard(
            [
                build_button(
                    texts("button-seen"), ChooseLayout(layout=Layout.RICH.value, tried=True)
                ),
                build_button(texts("button-unseen"), ChooseLayout(layout=Layout.TEXT.value)),
            ],
            [build_menu_button(texts)],
        ),
    )


def render_table(readings: Sequence[Reading], texts: Texts) -> str:
    """Aligned columns, no line longer than fits a phone."""
    rule = "─" * TABLE_WIDTH
    lines = [
        f"{texts('table-date'):<11}{texts('table-notes')}",
        _build_zone_columns(texts("table-zone"), texts("table-value"), texts("table-used")),
    ]
    for reading in readings:
        notes = _format_notes(reading, texts)
        used = reading.used_by_zone
        lines.append(rule)
        lines += wrap(f"{_to_day(reading.day)} {notes}", TABLE_WIDTH, subsequent_indent=" " * 11)
        lines += [
            _build_zone_columns(
                zone.upper(),
                format_kwh(value, texts),
                f"+{format_kwh(used[zone], texts)}" if zone in used else "",
            )
            for zone, value in reading.values_by_zone.items()
        ]
    return f"<pre>{escape(chr(10).join(lines))}</pre>"


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
                lambda one: _format_source(one.reading, texts),
            ),
            (
                Column(label=texts("table-marks"), width=30),
                lambda one: ", ".join(_format_marks(one.reading, texts)),
            ),
        )
    )


def _get_zone_value(one: MeterReading, *, zone: str) -> Decimal | None:
    return one.reading.values_by_zone.get(zone)


def _get_zone_usage(one: MeterReading, *, zone: str) -> Decimal | None:
    return one.reading.used_by_zone.get(zone)


def build_chart(
    meter: Meter, months: Mapping[date, Mapping[str, Decimal]], texts: Texts
) -> tuple[str, str, list[str], list[tuple[str, list[float]]]]:
    """The arguments of ``draw_columns``: consumption by month and zone."""
    zones = [
        (
            format_zone(meter.kind, zone, texts),
            [float(used.get(zone, 0)) for used in months.values()],
        )
        for zone in meter.kind.zones
    ]
    title = texts("chart-title", meter=format_meter(meter, texts))
    return title, texts("kwh"), [f"{month:%m.%Y}" for month in months], zones


def _format_body(readings: Sequence[Reading], layout: Layout, texts: Texts) -> str:
    if not readings:
        return texts("history-none")
    if layout is Layout.LINES:
        return "\n\n".join(_format_sentence(one, texts) for one in readings)
    return render_table(readings, texts)


def _format_sentence(reading: Reading, texts: Texts) -> str:
    values = "; ".join(f"{zone}: {value}" for zone, value in _format_by_zone(reading, texts))
    return texts(
        "history-line",
        date=_to_day(reading.day),
        values=escape(values),
        used=texts("used-unknown")
        if reading.used is None
        else f"{format_kwh(sum(reading.used, Decimal(0)), texts)} {texts('kwh')}",
        source=_format_source(reading, texts),
        marks=", ".join(_format_marks(reading, texts)) or texts("marks-none"),
    )


def _build_rich(
    heading: str, readings: Sequence[Reading], texts: Texts
) -> tuple[InputRichBlockUnion, ...]:
    present = {zone for one in readings for zone in one.kind.zones}
    zones = [zone for zone in list_zones() if zone in present]
    head = [
        texts("table-date"),
        *(zone.upper() for zone in zones),
        texts("table-used"),
        texts("table-notes"),
    ]
    body = [
        [
            _to_day(reading.day),
            *(format_kwh(values[zone], texts) if zone in values else "" for zone in zones),
            "" if reading.used is None else f"+{format_kwh(sum(reading.used, Decimal(0)), texts)}",
            _format_notes(reading, texts),
        ]
        for reading, values in ((one, one.values_by_zone) for one in readings)
    ]
    return build_rich_table(heading, head, body, words=frozenset({0, len(head) - 1}))


def _format_source(reading: Reading, texts: Texts) -> str:
    return texts(f"source-{reading.source}")


def _format_marks(reading: Reading, texts: Texts) -> list[str]:
    return [texts(f"mark-{mark}") for mark in ReadingMark if mark in reading.marks]


def _format_notes(reading: Reading, texts: Texts) -> str:
    return ", ".join([_format_source(reading, texts), *_format_marks(reading, texts)])


def _build_zone_columns(zone: str, value: str, used: str) -> str:
    return f"{zone:<5}{value:>13}{used:>{TABLE_WIDTH - 18}}"


def _to_day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
