"""Views of meter readings: the section, entering, history, charts and spreadsheets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from textwrap import wrap

from aiogram.types import InlineKeyboardButton, InputRichBlockUnion

from bot.domain import (
    Account,
    Category,
    Layout,
    Meter,
    MeterKind,
    ObjectKind,
    Page,
    Reading,
    ReadingPreferences,
    ReadingSource,
    TypeRole,
)
from bot.formatting.company import Company
from bot.formatting.readings import (
    build_history_table,
    format_by_zone,
    format_day,
    format_marks,
    format_meter,
    format_month,
    format_number,
    format_object,
    format_period,
    format_source,
    format_window,
    list_chart_lines,
    list_comparison_remarks,
    list_receipt_blocks,
    list_value_remarks,
)
from bot.formatting.values import escape, format_kwh
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


def build_value_hint(
    meter: Meter | None, earlier: EarlierReadings | None, kind: MeterKind, zone: int, texts: Texts
) -> Hints:
    """Which meter is asked about, when the form did not ask that, and its last value."""
    return Hints(
        remarks=(
            *_format_asked_meter(meter, texts),
            *list_value_remarks(earlier, kind, zone, texts),
            texts("reading-photo"),
        )
    )


def build_comparison_hint(
    meter: Meter | None, compared: ReadingComparison, kind: MeterKind, texts: Texts
) -> Hints:
    """For the review card: the reading that the values are compared with, and the difference."""
    remarks = list_comparison_remarks(compared, kind, texts)
    return Hints(remarks=(*_format_asked_meter(meter, texts), *remarks))


def _format_asked_meter(meter: Meter | None, texts: Texts) -> list[str]:
    return [f"<b>{escape(format_meter(meter, texts))}</b>"] if meter else []


def render_submitted(receipt: ReadingReceipt, company: Company, texts: Texts) -> View:
    """The receipt of a reading; of a meter's first one it asks what the meter stands in."""
    meter = receipt.reading.meter
    return View(
        text="\n\n".join(list_receipt_blocks(receipt, company, texts)),
        keyboard=build_inline_keyboard(
            [_build_object_button(meter, texts)] if receipt.is_first else [],
            [build_button(texts("button-history"), OpenMeter(id=meter.id))],
            [
                build_button(texts("button-to-readings"), Go(to="readings")),
                build_menu_button(texts),
            ],
        ),
    )


def _build_object_button(meter: Meter, texts: Texts) -> InlineKeyboardButton:
    other = next(kind for kind in ObjectKind if kind is not meter.object)
    return build_button(texts(f"button-object-{other}"), SetObject(id=meter.id, kind=other))


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
        format_object(meter, month, window, texts),
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
            window=format_window(awaited.month, awaited.window, texts),
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


def format_chart(months: Mapping[date, Mapping[str, Decimal]], texts: Texts) -> str:
    """The sums of the chart in words, as many as fit a caption; HTML."""
    words, *lines = list_chart_lines(months, texts)
    for line in lines:
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
    values = "; ".join(f"{zone}: {value}" for zone, value in format_by_zone(reading, texts))
    return texts(
        "history-line",
        date=format_day(reading.day),
        values=escape(values),
        used=texts("used-unknown")
        if reading.used is None
        else f"{format_kwh(sum(reading.used, Decimal(0)), texts)} {texts('kwh')}",
        source=format_source(reading, texts),
        marks=", ".join(format_marks(reading, texts)) or texts("marks-none"),
    )


def _build_rich(
    heading: str, readings: Sequence[Reading], texts: Texts
) -> tuple[InputRichBlockUnion, ...]:
    table = build_history_table(readings, texts)
    return build_rich_table(heading, table.head, table.body, words=table.words)
