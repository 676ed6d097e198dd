"""Views of meter readings: the section, entering, history, charts and spreadsheets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from textwrap import wrap

from aiogram.types import InlineKeyboardButton, InputRichBlockUnion
from babel.dates import format_date
from babel.numbers import format_decimal

from bot.domain import (
    Account,
    Category,
    Layout,
    Meter,
    MeterKind,
    MeterReading,
    ObjectKind,
    Page,
    Reading,
    ReadingMark,
    ReadingPreferences,
    ReadingSource,
    TypeRole,
    list_zones,
)
from bot.formatting.company import Company
from bot.formatting.values import escape, format_kwh
from bot.fsm.builtin_forms import build_zone_key
from bot.integrations.spreadsheets import Column, Table
from bot.keyboards import (
    ChooseLayout,
    EnterReading,
    Go,
    HideMeter,
    MeterFile,
    MeterForm,
    MetersPage,
    NewRequest,
    OpenMeter,
    Row,
    SetObject,
    SetReminders,
    ShowMeter,
    build_button,
    build_inline_keyboard,
)
from bot.request_types import Catalogue
from bot.services.reading_entry import ReadingComparison, ReadingReceipt
from bot.services.reading_windows import ReadingWindow
from bot.services.readings import AwaitedReadings, EarlierReadings
from bot.texts import Texts
from bot.views.forms import Hints
from bot.views.menus import build_menu_button
from bot.views.view import CAPTION_LENGTH, View, build_rich_table

#: Characters of the fixed width that a phone shows without breaking the line.
TABLE_WIDTH = 34
#: Meters that are offered without opening their list, and those of a page of it.
_METERS_AHEAD = 5
_METERS_PER_PAGE = 10


def render_section(
    known: Sequence[Meter],
    choices: ReadingPreferences,
    catalogue: Catalogue,
    company: Company,
    texts: Texts,
    *,
    takes_files: bool = False,
) -> View:
    """The section «Показания»; without a type of the role its button is left out.

    A press on one of the ``known`` meters asks for its value at once. ``takes_files``: readings of
    many meters may come in one file.
    """
    visit = catalogue.find_by_role(TypeRole.READING_VISIT)
    return View(
        text=texts("readings", phone=escape(company.support_phone)),
        keyboard=build_inline_keyboard(
            *([_build_entry_button(one, texts)] for one in known[:_METERS_AHEAD]),
            [
                build_button(
                    texts("button-reading"), Go(to="reading"), style=None if known else "primary"
                )
            ],
            [build_button(texts("button-upload"), Go(to="upload"))] if takes_files else [],
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


def _build_entry_button(meter: Meter, texts: Texts) -> InlineKeyboardButton:
    return build_button(format_meter(meter, texts), EnterReading(id=meter.id), style="primary")


def format_meter(meter: Meter, texts: Texts) -> str:
    """Number and place; not HTML."""
    number = texts("numbered", number=meter.number)
    return f"{number} · {meter.place or texts(f'choice-reading-kind-{meter.kind}')}"


def build_value_hint(
    meter: Meter | None, earlier: EarlierReadings | None, kind: MeterKind, zone: int, texts: Texts
) -> Hints:
    """Which meter is asked about, when the form did not ask that, and its last value."""
    remarks = [f"<b>{escape(format_meter(meter, texts))}</b>"] if meter else []
    last = earlier.last if earlier else None
    if last is not None and last.kind is kind:
        value = format_kwh(last.values[zone], texts)
        remarks.append(texts("reading-before", value=value, date=_to_day(last.day)))
    if earlier is not None and earlier.same_day is not None and earlier.same_day.kind is kind:
        value = format_kwh(earlier.same_day.values[zone], texts)
        remarks.append(texts("reading-today", value=value))
    remarks.append(texts("reading-photo"))
    return Hints(remarks=tuple(remarks))


def build_comparison_hint(
    meter: Meter | None, compared: ReadingComparison, kind: MeterKind, texts: Texts
) -> Hints:
    """For the review card: the reading that the values are compared with, and the difference."""
    earlier = compared.earlier
    remarks = [f"<b>{escape(format_meter(meter, texts))}</b>"] if meter else []
    if earlier is not None and earlier.last is not None:
        remarks.append(_format_earlier("reading-last", earlier.last, texts))
    if compared.used is not None:
        ratio = earlier.meter.ratio if earlier else 1
        remarks.append(_format_used(kind, compared.used, ratio, texts))
    else:
        remarks.append(texts("reading-no-difference"))
    if earlier is not None and earlier.same_day is not None:
        remarks.append(_format_earlier("reading-corrects", earlier.same_day, texts))
    if compared.late:
        remarks.append(texts("reading-late", month=format_month(compared.month, texts)))
    return Hints(remarks=tuple(remarks))


def render_submitted(receipt: ReadingReceipt, company: Company, texts: Texts) -> View:
    """The receipt of a reading; of a meter's first one it asks what the meter stands in."""
    meter, one = receipt.reading.meter, receipt.reading.reading
    blocks = [
        texts(
            "reading-submitted",
            number=one.id,
            time=company.format_minute(one.submitted_at),
            meter=escape(format_meter(meter, texts)),
        ),
        "\n".join(f"{zone}: <b>{value}</b>" for zone, value in _format_by_zone(one, texts)),
    ]
    if one.used is not None:
        blocks.append(_format_used(one.kind, one.used, one.ratio, texts))
    if receipt.replaced is not None:
        blocks.append(_format_earlier("reading-replaced", receipt.replaced, texts))
    blocks += [texts(f"reading-mark-{mark}") for mark in ReadingMark if mark in one.marks]
    blocks.append(texts("reading-month", month=format_month(receipt.month, texts)))
    if receipt.is_first:
        blocks.append(_format_object(meter, receipt.month, receipt.window, texts))
    return View(
        text="\n\n".join(blocks),
        keyboard=build_inline_keyboard(
            [_build_object_button(meter, texts)] if receipt.is_first else [],
            [build_button(texts("button-history"), OpenMeter(id=meter.id))],
            [
                build_button(texts("button-to-readings"), Go(to="readings")),
                build_menu_button(texts),
            ],
        ),
    )


def format_month(month: date, texts: Texts) -> str:
    """``ноябрь 2026``."""
    return str(format_date(month, "LLLL y", locale=texts.locale))


def _format_earlier(key: str, reading: Reading, texts: Texts) -> str:
    """The text ``key`` with the day of an earlier reading, and its values below it."""
    return texts(key, date=_to_day(reading.day)) + "".join(
        f"\n{zone}: {value}" for zone, value in _format_by_zone(reading, texts)
    )


def _format_object(meter: Meter, month: date, window: ReadingWindow, texts: Texts) -> str:
    """What the meter stands in, and until when its readings are sent."""
    return texts(f"meter-object-{meter.object}") + "\n" + _format_window(month, window, texts)


def _format_window(month: date, window: ReadingWindow, texts: Texts) -> str:
    first, last = window.find_first(month), window.find_last(month)
    return texts(
        "reading-window",
        month=format_month(month, texts),
        days=_to_day(first) if first == last else f"{first:%d.%m}–{_to_day(last)}",
        due=_to_day(window.find_due(month)),
    )


def _build_object_button(meter: Meter, texts: Texts) -> InlineKeyboardButton:
    other = next(kind for kind in ObjectKind if kind is not meter.object)
    return build_button(texts(f"button-object-{other}"), SetObject(id=meter.id, kind=other))


def _format_by_zone(reading: Reading, texts: Texts) -> list[tuple[str, str]]:
    return [
        (format_zone(reading.kind, zone, texts), format_kwh(value, texts))
        for zone, value in reading.values_by_zone.items()
    ]


def format_zone(kind: MeterKind, zone: str, texts: Texts) -> str:
    """``T1, день``."""
    return texts(f"form-reading-{build_zone_key(kind, zone)}-label")


def _format_used(kind: MeterKind, used: Sequence[Decimal], ratio: int, texts: Texts) -> str:
    total = texts("reading-used", value=format_kwh(sum(used, Decimal(0)), texts))
    if ratio != 1:
        total += "\n" + texts("reading-ratio", ratio=ratio)
    if len(used) == 1:
        return total
    return total + "".join(
        f"\n{format_zone(kind, zone, texts)}: {format_kwh(value, texts)}"
        for zone, value in zip(kind.zones, used, strict=True)
    )


def render_entry(known: Sequence[Meter], page: int, texts: Texts) -> View:
    """Asks of which meter the reading is."""
    return View(
        text=texts("reading-entry"),
        keyboard=build_inline_keyboard(
            *_build_meter_rows(known, page, "reading", lambda one: _build_entry_button(one, texts)),
            [build_button(texts("button-other-meter"), Go(to="other_meter"))],
            [
                build_button(texts("button-to-readings"), Go(to="readings")),
                build_menu_button(texts),
            ],
        ),
    )


def render_meters(
    known: Sequence[Meter], page: int, texts: Texts, *, has_hidden: bool = False
) -> View:
    """Asks of which meter the history is shown."""
    return View(
        text=texts("meters", count=len(known)),
        keyboard=build_inline_keyboard(
            *_build_meter_rows(
                known,
                page,
                "history",
                lambda one: build_button(format_meter(one, texts), OpenMeter(id=one.id)),
            ),
            []
            if known
            else [build_button(texts("button-reading"), Go(to="reading"), style="primary")],
            [build_button(texts("button-act"), MeterFile(id=0, first=0, last=0, kind="act"))]
            if known
            else [],
            [build_button(texts("button-hidden-meters"), MetersPage(to="hidden"))]
            if has_hidden
            else [],
            [
                build_button(texts("button-to-readings"), Go(to="readings")),
                build_menu_button(texts),
            ],
        ),
    )


def render_hidden_meters(hidden: Sequence[Meter], page: int, texts: Texts) -> View:
    return View(
        text=texts("meters-hidden"),
        keyboard=build_inline_keyboard(
            *_build_meter_rows(
                hidden,
                page,
                "hidden",
                lambda one: build_button(format_meter(one, texts), ShowMeter(id=one.id)),
            ),
            [
                build_button(texts("button-to-readings"), Go(to="readings")),
                build_menu_button(texts),
            ],
        ),
    )


def _build_meter_rows(
    meters: Sequence[Meter],
    page: int,
    to: str,
    build_meter_button: Callable[[Meter], InlineKeyboardButton],
) -> Iterator[Row]:
    """Buttons of one page of meters, and those that turn it; a wrong page is the nearest one."""
    pages = max(1, -(-len(meters) // _METERS_PER_PAGE))
    page = min(max(page, 0), pages - 1)
    for one in meters[page * _METERS_PER_PAGE : (page + 1) * _METERS_PER_PAGE]:
        yield [build_meter_button(one)]
    yield [
        build_button(arrow, MetersPage(to=to, page=number))
        for arrow, number in (("◀", page - 1), ("▶", page + 1))
        if 0 <= number < pages
    ]


def render_meter(
    meter: Meter, account: Account, month: date, window: ReadingWindow, texts: Texts
) -> View:
    """What is known about a meter, and what may be changed; ``month``: that counts today."""
    is_legal = account.category is Category.LEGAL
    lines = [
        f"<b>{escape(format_meter(meter, texts))}</b>",
        texts(f"choice-reading-kind-{meter.kind}"),
        _format_object(meter, month, window, texts),
    ]
    if is_legal or meter.ratio != 1:
        lines.append(texts("meter-ratio", ratio=meter.ratio))
    if meter.hidden:
        lines.append(texts("meter-hidden"))
    return View(
        text="\n\n".join(lines),
        keyboard=build_inline_keyboard(
            [
                build_button(
                    texts("button-enter-reading"), EnterReading(id=meter.id), style="primary"
                )
            ],
            [build_button(texts("button-place"), MeterForm(id=meter.id, form="place"))],
            [_build_object_button(meter, texts)],
            [build_button(texts("button-ratio"), MeterForm(id=meter.id, form="ratio"))]
            if is_legal
            else [],
            [
                build_button(
                    texts("button-unhide-meter" if meter.hidden else "button-hide-meter"),
                    HideMeter(id=meter.id, hidden=not meter.hidden),
                )
            ],
            [
                build_button(texts("button-history"), OpenMeter(id=meter.id)),
                build_button(texts("button-to-readings"), Go(to="readings")),
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
        period=format_period(first, last, texts),
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
        for kind in ("png", "xlsx", "pdf", "act")
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
            files[:3],
            files[3:],
            [
                build_button(texts("button-period"), MeterForm(id=meter.id, form="period")),
                build_button(texts("button-whole"), whole),
            ],
            [
                build_button(texts("button-meter"), ShowMeter(id=meter.id)),
                build_button(texts("button-layout"), Go(to="layouts")),
            ],
            [
                build_button(texts("button-to-readings"), Go(to="readings")),
                build_menu_button(texts),
            ],
        ),
    )


def format_period(first: date, last: date, texts: Texts) -> str:
    """The period of a history."""
    if first == date.min:
        return texts("history-whole")
    return f"{_to_day(first)} – {_to_day(last)}"


def render_reminder(awaited: AwaitedReadings, texts: Texts) -> View:
    """Names the meters; a press on one asks for its value at once."""
    named = awaited.meters[:_METERS_AHEAD]
    more = len(awaited.meters) - len(named)
    return View(
        text=texts(
            "reading-reminder",
            month=format_month(awaited.month, texts),
            meters="\n".join(f"• {escape(format_meter(one, texts))}" for one in named)
            + (f"\n{texts('reading-reminder-more', count=more)}" if more else ""),
            window=_format_window(awaited.month, awaited.window, texts),
        ),
        keyboard=build_inline_keyboard(
            *([_build_entry_button(one, texts)] for one in named),
            [build_button(texts("button-reading"), Go(to="reading"))] if more else [],
            [build_button(texts("button-reminders-off"), SetReminders(on=False))],
        ),
    )


def render_layouts(texts: Texts) -> View:
    return View(
        text=texts("layouts"),
        keyboard=build_inline_keyboard(
            *([build_button(texts(f"layout-{one}"), ChooseLayout(layout=one))] for one in Layout),
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
                build_button(texts("button-seen"), ChooseLayout(layout=Layout.RICH, tried=True)),
                build_button(texts("button-unseen"), ChooseLayout(layout=Layout.TEXT)),
            ],
            [build_menu_button(texts)],
        ),
    )


def render_table(readings: Sequence[Reading], texts: Texts) -> str:
    """A line for each reading, or for each of its zones; none is longer than fits a phone."""
    rows = [row for one in readings for row in _build_rows(one, texts)]
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    if not (is_wide := sum(widths) + len(widths) > TABLE_WIDTH):
        # Without zones their column and its gap are left out.
        widths[1] += 1 if widths[1] else 0
    lines = []
    for day, zone, value, used, notes in rows:
        line = f"{day:<{widths[0]}} {zone:<{widths[1]}}{value:>{widths[2]}}"
        if is_wide and used:
            lines += [line, f"{used:>{TABLE_WIDTH}}"]
        else:
            lines.append(f"{line} {used:>{widths[3]}}".rstrip())
        indent = " " * (widths[0] + 1)
        lines += wrap(notes, TABLE_WIDTH, initial_indent=indent, subsequent_indent=indent)
    return f"<pre>{escape(chr(10).join(lines))}</pre>"


def _build_rows(reading: Reading, texts: Texts) -> Iterator[tuple[str, str, str, str, str]]:
    """Day, zone, value, use and remarks, one row for each zone; the remarks are in the last."""
    used = reading.used_by_zone
    zones = reading.kind.zones
    for at, (zone, value) in enumerate(reading.values_by_zone.items()):
        yield (
            "" if at else f"{reading.day:%d.%m.%y}",
            zone.upper() if len(zones) > 1 else "",
            format_number(value, texts),
            f"+{format_number(used[zone], texts)}" if zone in used else "",
            ", ".join(format_marks(reading, texts)) if at == len(zones) - 1 else "",
        )


def format_number(value: Decimal, texts: Texts) -> str:
    """``10 347,8``: with groups of thousands."""
    return str(format_decimal(value, "#,##0.###", locale=texts.locale))


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


def format_chart(months: Mapping[date, Mapping[str, Decimal]], texts: Texts) -> str:
    """The sums of the chart in words, the newest month first; HTML of a caption."""
    sums = {month: sum(used.values(), Decimal(0)) for month, used in months.items()}
    words = texts("chart-total", value=format_number(sum(sums.values(), Decimal(0)), texts))
    for month, used in reversed(sums.items()):
        line = texts(
            "chart-month", month=format_month(month, texts), value=format_number(used, texts)
        )
        if len(words) + len(line) >= CAPTION_LENGTH:
            break
        words += f"\n{line}"
    return words


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
        marks=", ".join(format_marks(reading, texts)) or texts("marks-none"),
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


def format_marks(reading: Reading, texts: Texts) -> list[str]:
    return [texts(f"mark-{mark}") for mark in ReadingMark if mark in reading.marks]


def _format_notes(reading: Reading, texts: Texts) -> str:
    return ", ".join([_format_source(reading, texts), *format_marks(reading, texts)])


def _to_day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
