"""Views of the staff group: lists of requests, figures, reminders and the export of requests."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton

from bot.db.request_reports import OpenFilter, QueueCounts, ReportLine
from bot.domain import RUNNING, MeterReading, ReadingMark, Request, StaffUser, Status
from bot.formatting.values import escape, format_kwh
from bot.fsm.field_types import format_decimal, format_phone
from bot.integrations.spreadsheets import Column, Table
from bot.keyboards import (
    FoundPage,
    StaffAction,
    StaffListPage,
    build_button,
    build_inline_keyboard,
    build_link_button,
)
from bot.request_types import Catalogue
from bot.services.request_reports import (
    GroupStats,
    MemberStats,
    PeriodStats,
    ReportPage,
    Stats,
)
from bot.texts import Texts
from bot.views.assignments import format_assignee, format_mention
from bot.views.cards import build_rows
from bot.views.view import View, format_message_link, join_groups, split_pages

#: A message has no room for the figures of more members.
_MEMBERS_SHOWN = 25


def render_list(
    page: ReportPage, command: str, today: date, catalogue: Catalogue, texts: Texts
) -> View:
    """A page of a list; a button for each request leads to its card."""
    if not page.lines:
        return View(text=texts(f"desk-{command}-none"))
    heading = texts(f"desk-{command}", page=page.number + 1)
    return View(
        text="\n\n".join(
            [heading, *(_format_line(one, today, catalogue, texts) for one in page.lines)]
        ),
        keyboard=build_inline_keyboard(
            *_build_card_rows(page, texts),
            _build_turns(page, lambda number: StaffListPage(page=number)),
        ),
    )


def render_found(
    page: ReportPage, words: str, today: date, catalogue: Catalogue, texts: Texts
) -> View:
    """What ``/find`` found, for the private chat; its heading repeats the ``words``."""
    if not page.lines and not page.readings:
        return View(text=texts("desk-find-none"))
    lines = [_format_line(one, today, catalogue, texts) for one in page.lines]
    heading = texts("desk-find", words=escape(words), page=page.number + 1)
    photos = []
    if page.has_photos:
        of_whom = StaffAction(act="photos", id=page.readings[0].account.id)
        photos.append(build_button(texts("button-photos"), of_whom))
    return View(
        text="\n\n".join(
            [
                heading,
                *(lines or [texts("desk-find-no-requests")]),
                *_format_readings(page.readings, texts),
            ]
        ),
        keyboard=build_inline_keyboard(
            *_build_card_rows(page, texts),
            photos,
            _build_turns(page, lambda number: FoundPage(page=number)),
        ),
    )


def render_start(bot_name: str, texts: Texts) -> View:
    """Asks a member of the staff to open the private chat; names no consumer."""
    start = build_link_button(
        texts("desk-find-start-button"), f"https://t.me/{bot_name}?start=staff"
    )
    return View(text=texts("desk-find-start"), keyboard=build_inline_keyboard([start]))


def _build_card_rows(page: ReportPage, texts: Texts) -> list[list[InlineKeyboardButton]]:
    """A button for each request: a link to its card, where Telegram has links to messages."""
    buttons = []
    for one in page.lines:
        label = texts("numbered", number=one.number)
        link = format_message_link(*page.cards.get(one.id, (0, 0)))
        buttons.append(
            build_link_button(label, link)
            if link
            else build_button(label, StaffAction(act="show", id=one.id))
        )
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]


def _build_turns(
    page: ReportPage, build_page: Callable[[int], CallbackData]
) -> list[InlineKeyboardButton]:
    return [
        build_button(arrow, build_page(number))
        for arrow, number, there in (
            ("◀", page.number - 1, page.number > 0),
            ("▶", page.number + 1, page.more),
        )
        if there
    ]


def render_reminder(
    lines: Sequence[ReportLine],
    requests: Sequence[Request],
    today: date,
    catalogue: Catalogue,
    texts: Texts,
) -> tuple[View, ...]:
    """The requests that are overdue, then those that are due soon, with their cards' buttons.

    Their assignees are mentioned.
    """
    blocks = []
    for key, those in (
        # The staff are reminded of an emergency only when its moment has passed.
        ("desk-overdue-notice", [one for one in lines if one.due_at or one.review_due < today]),
        ("desk-soon-notice", [one for one in lines if not one.due_at and one.review_due >= today]),
    ):
        if those:
            shown = [_format_line(one, today, catalogue, texts, mention=True) for one in those]
            blocks.extend(join_groups([texts(key, count=len(those)), *shown]))
    return split_pages(blocks, build_inline_keyboard(*build_rows(requests, texts)))


def render_board(counts: QueueCounts, texts: Texts) -> View:
    """The pinned message with the live counts of a staff group."""
    return View(
        text=texts(
            "queue-board",
            new=counts.new,
            emergencies=counts.emergencies,
            in_work=counts.in_work,
            clarification=counts.clarification,
            overdue=counts.overdue,
        )
    )


def find_open_filter(
    words: str,
    catalogue: Catalogue,
    statuses: Mapping[str, Status],
    members: Sequence[StaffUser],
    texts: Texts,
) -> OpenFilter | None:
    """What ``/open`` is asked for: a type, a status or ``@owner``; None: words name nothing.

    Types are found by their code or the beginning of their button, owners by that of their name.
    """
    wanted = words.strip().casefold()
    if not wanted:
        return OpenFilter()
    if wanted.startswith("@"):
        found = [one for one in members if one.name.casefold().startswith(wanted[1:].strip())]
        return OpenFilter(assignee_id=found[0].id) if found and wanted[1:].strip() else None
    for label, status in statuses.items():
        if label.casefold().startswith(wanted):
            return OpenFilter(status=status)
    for one in catalogue.types:
        if wanted == one.code or one.button[texts.locale].casefold().startswith(wanted):
            return OpenFilter(type_code=one.code)
    return None


def render_digest(stats: Stats, today: date, catalogue: Catalogue, texts: Texts) -> View:
    return View(
        text="\n\n".join(
            [
                texts("desk-digest", date=f"{today:%d.%m.%Y}"),
                *_format_figures(stats, catalogue, texts),
            ]
        )
    )


def render_stats(period: PeriodStats, catalogue: Catalogue, texts: Texts) -> View:
    """The figures of all requests, then those of each type and of each member."""
    figures = period.everything
    blocks = [texts("desk-stats"), *_format_figures(figures, catalogue, texts)]
    if period.types:
        lines = [
            texts(
                "desk-stats-type",
                type=escape(catalogue.get(code).button[texts.locale]),
                figures=_format_group(one, texts),
            )
            for code, one in period.types.items()
        ]
        blocks.append("\n".join([texts("desk-stats-types", days=figures.days), *lines]))
    if period.members:
        lines = [_format_member(one, texts) for one in period.members[:_MEMBERS_SHOWN]]
        blocks.append("\n".join([texts("desk-stats-members", days=figures.days), *lines]))
    return View(text="\n\n".join(blocks))


def _format_member(one: MemberStats, texts: Texts) -> str:
    return texts(
        "desk-stats-member",
        name=format_assignee(one.member),
        open=one.open,
        figures=_format_group(one.figures, texts),
    )


def _format_group(one: GroupStats, texts: Texts) -> str:
    """Only what is known: nobody has waited for an answer yet, or rated one."""
    parts = [texts("desk-stats-group", taken=one.taken, closed=one.closed, late=one.late)]
    if one.hours is not None:
        parts.append(texts("desk-stats-hours", hours=f"{one.hours:.0f}"))
    if one.rating is not None:
        rating = format_decimal(f"{one.rating:.1f}", texts.locale)
        parts.append(texts("desk-stats-rating", rating=rating))
    return ", ".join(parts)


def build_chart(
    figures: Stats, catalogue: Catalogue, texts: Texts
) -> tuple[str, str, list[str], list[tuple[str, list[float]]], list[str]]:
    """The arguments of ``draw_bars`` for the chart that is sent with the figures."""
    codes = sorted(figures.open)
    return (
        texts("desk-chart"),
        "",
        [catalogue.get(code).button[texts.locale] for code in codes],
        [
            (texts(f"desk-age-{at}"), [float(figures.open[code][at]) for code in codes])
            for at in range(3)
        ],
        [str(sum(figures.open[code])) for code in codes],
    )


def render_weekly(figures: Stats, last: date, catalogue: Catalogue, texts: Texts) -> View:
    """The words below the weekly picture of the heads; ``last``: the day before it."""
    opened, *_, closed = _format_figures(figures, catalogue, texts)
    return View(text="\n".join([texts("desk-weekly", date=f"{last:%d.%m.%Y}"), opened, closed]))


def build_weekly_chart(
    members: Sequence[MemberStats], texts: Texts
) -> tuple[str, str, list[str], list[tuple[str, list[float]]], list[str]]:
    """The arguments of ``draw_bars`` for the weekly picture: what each member did and has."""
    shown = members[:_MEMBERS_SHOWN]
    return (
        texts("desk-weekly-chart"),
        "",
        [one.member.name or str(one.member.id) for one in shown],
        [
            (
                texts("desk-weekly-in-time"),
                [float(one.figures.closed - one.figures.late) for one in shown],
            ),
            (texts("desk-weekly-late"), [float(one.figures.late) for one in shown]),
            (texts("desk-weekly-open"), [float(one.open) for one in shown]),
        ],
        [str(one.figures.closed + one.open) for one in shown],
    )


def build_table(catalogue: Catalogue, texts: Texts, timezone: ZoneInfo) -> Table[ReportLine]:
    """The export of requests; times are in the company's ``timezone``."""

    def name(key: str, kind: Literal["text", "number", "date", "time"] = "text") -> Column:
        return Column(label=texts(f"desk-column-{key}"), kind=kind)

    return Table(
        (
            (name("number"), lambda line: line.number),
            (name("type"), lambda line: catalogue.get(line.type_code).title[texts.locale]),
            (name("status"), lambda line: texts(f"status-{line.status}")),
            (name("name"), lambda line: line.name),
            (name("email"), lambda line: line.email),
            (name("phone"), lambda line: format_phone(line.phone, texts.locale)),
            (name("registered", "time"), lambda line: line.registered_at.astimezone(timezone)),
            (name("due", "date"), lambda line: line.review_due),
            (
                name("closed", "time"),
                lambda line: line.closed_at.astimezone(timezone) if line.closed_at else None,
            ),
            (name("assignee"), lambda line: line.assignee.name if line.assignee else None),
            (name("rating", "number"), lambda line: line.rating),
            (name("text"), lambda line: line.text),
        )
    )


def _format_figures(figures: Stats, catalogue: Catalogue, texts: Texts) -> list[str]:
    rows = [
        texts(
            "desk-stats-line",
            type=escape(catalogue.get(code).button[texts.locale]),
            total=sum(ages),
            first=ages[0],
            second=ages[1],
            third=ages[2],
        )
        for code, ages in sorted(figures.open.items())
    ]
    return [
        texts(
            "desk-stats-open",
            total=sum(sum(ages) for ages in figures.open.values()),
            overdue=figures.overdue,
        ),
        *(["\n".join(rows)] if rows else []),
        _format_closed(figures, texts),
    ]


def _format_closed(figures: Stats, texts: Texts) -> str:
    closed = texts("desk-stats-closed", days=figures.days, closed=figures.closed)
    if figures.hours is None or figures.late_share is None:
        return closed
    hours, late = f"{figures.hours:.0f}", f"{figures.late_share:.0%}"
    return f"{closed}. {texts('desk-stats-answers', hours=hours, late=late)}"


def _format_readings(readings: Sequence[MeterReading], texts: Texts) -> list[str]:
    """The last readings of a consumer's meters, as one block."""
    if not readings:
        return []
    lines = [
        texts(
            "desk-find-reading",
            meter=escape(one.meter.number),
            date=f"{one.reading.day:%d.%m.%Y}",
            values="; ".join(
                f"T{zone} {format_kwh(value, texts)}"
                for zone, value in enumerate(one.reading.values, 1)
            ),
            marks="".join(
                f" · {texts(f'mark-{mark}')}" for mark in ReadingMark if mark in one.reading.marks
            ),
        )
        for one in readings
    ]
    return ["\n".join([texts("desk-find-readings"), *lines])]


def _format_left(one: ReportLine, today: date, texts: Texts) -> str:
    """The days left; empty for what is closed, late or awaits the consumer."""
    days = (one.review_due - today).days
    if one.status not in RUNNING or days < 0:
        return ""
    return " " + texts("queue-left", days=days)


def _format_line(
    one: ReportLine, today: date, catalogue: Catalogue, texts: Texts, *, mention: bool = False
) -> str:
    """``mention``: the assignee is notified by the message, if it is a new one."""
    assignee = ""
    if one.assignee is not None:
        assignee = f" · {(format_mention if mention else format_assignee)(one.assignee)}"
    return texts(
        "desk-line",
        mark=texts("emergency-mark" if one.due_at else f"status-mark-{one.status}"),
        number=one.number,
        type=escape(catalogue.get(one.type_code).button[texts.locale]),
        name=escape(one.name),
        due=f"{one.review_due:%d.%m.%Y}",
        status=texts(f"status-{one.status}"),
        assignee=assignee,
        left=_format_left(one, today, texts),
        late="true" if one.closed_at is None and one.review_due < today else "false",
    )
