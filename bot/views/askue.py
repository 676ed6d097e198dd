"""Views of ASKUE: the table of the consumer's meters and its spreadsheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from aiogram.types import InlineKeyboardMarkup, InputRichBlockParagraph, InputRichBlockUnion

from bot.domain import Layout
from bot.formatting.company import Company
from bot.formatting.values import MISSING, escape, strip_markup
from bot.fsm.field_types import format_decimal
from bot.integrations.askue import AskueTerms, MeterState
from bot.integrations.spreadsheets import Column, Table
from bot.keyboards import AskuePage, Go, Row, build_button, build_inline_keyboard
from bot.texts import Texts
from bot.views.menus import build_menu_button
from bot.views.readings import TABLE_WIDTH
from bot.views.view import View, build_rich_table

_PAGE = 4
_ENERGIES = ("active-import", "active-export", "reactive-import", "reactive-export")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskueLayout:
    """Units, age and time zone by which a table is shown."""

    terms: AskueTerms
    company: Company


def render_not_connected(texts: Texts) -> View:
    return View(
        text=texts("askue-not-connected"), keyboard=build_inline_keyboard(_build_onward_rows(texts))
    )


def render_waiting(texts: Texts) -> View:
    return View(
        text=texts("askue-waiting"),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-askue-waiting"), Go(to="askue-wait"))],
            [build_button(texts("button-cancel"), Go(to="askue-cancel"))],
        ),
    )


def render_cancelled(texts: Texts) -> View:
    return View(text=texts("askue-cancelled"), keyboard=_build_again_button(texts))


def render_forgotten(texts: Texts) -> View:
    """The table is no longer in memory."""
    return View(text=texts("askue-forgotten"), keyboard=_build_again_button(texts))


def render_credentials_gone(texts: Texts) -> View:
    """Identifier and password are no longer in memory."""
    return View(text=texts("askue-credentials-gone"), keyboard=_build_again_button(texts))


def render_failed(code: str, texts: Texts) -> View:
    """``code`` of AskueFailed."""
    return View(text=texts(f"askue-failed-{code}"), keyboard=_build_again_button(texts))


def render_table(
    states: Sequence[MeterState],
    page: int,
    now: datetime,
    look: AskueLayout,
    layout: Layout,
    texts: Texts,
) -> View:
    """One page of the consumer's meters, in the layout that the person chose."""
    pages = max(1, -(-len(states) // _PAGE))
    page = min(max(page, 0), pages - 1)
    shown = states[page * _PAGE : (page + 1) * _PAGE]
    heading = texts(
        "askue-table",
        active=escape(look.terms.active_unit),
        reactive=escape(look.terms.reactive_unit),
        count=len(states),
        page=page + 1,
        pages=pages,
    )
    turns = [
        build_button(arrow, AskuePage(page=number))
        for arrow, number in (("◀", page - 1), ("▶", page + 1))
        if 0 <= number < pages
    ]
    return View(
        text="\n\n".join(
            [heading, *(_format_meter(one, now, look, layout, texts) for one in shown)]
        ),
        rich=_build_rich(heading, shown, now, look, texts)
        if layout is Layout.RICH and shown
        else (),
        keyboard=build_inline_keyboard(
            turns,
            [build_button(texts("button-xlsx"), Go(to="askue-xlsx"))] if states else [],
            [build_button(texts("button-askue-anew"), Go(to="askue"))],
            _build_onward_rows(texts),
        ),
    )


def build_table(now: datetime, look: AskueLayout, texts: Texts) -> Table[MeterState]:
    """The consumer's meters as a spreadsheet; ``now`` decides which values are stale."""
    return Table(
        (
            (Column(label=texts("askue-object"), width=30), lambda one: one.object_name),
            (Column(label=texts("askue-meter"), width=30), lambda one: one.meter_name),
            *(
                (
                    Column(label=f"{texts(f'askue-{name}')}, {unit}", kind="number", width=24),
                    partial(_get_energy, at=at),
                )
                for at, (name, unit) in enumerate(zip(_ENERGIES, _list_units(look), strict=True))
            ),
            (
                Column(label=texts("askue-received"), kind="time"),
                lambda one: (
                    one.received_at.astimezone(look.company.timezone) if one.received_at else None
                ),
            ),
            (
                Column(label=texts("table-marks"), width=30),
                lambda one: ", ".join(
                    [*_format_day(one, texts), *_format_marks(one, now, look, texts)]
                ),
            ),
        )
    )


def _get_energy(one: MeterState, *, at: int) -> Decimal | None:
    return one.energies[at]


def _format_meter(
    one: MeterState, now: datetime, look: AskueLayout, layout: Layout, texts: Texts
) -> str:
    labels = [texts(f"askue-{name}") for name in _ENERGIES]
    values = [_format_value(value, texts) for value in one.energies]
    if layout is Layout.LINES:
        known = zip(labels, values, _list_units(look), strict=True)
        energies = escape("; ".join(f"{label}: {value} {unit}" for label, value, unit in known))
    else:
        lines = [
            f"{label:<20}{value:>{TABLE_WIDTH - 20}}"
            for label, value in zip(labels, values, strict=True)
        ]
        energies = f"<pre>{escape(chr(10).join(lines))}</pre>"
    names = [
        f"<b>{escape(one.object_name or MISSING)}</b>",
        escape(one.meter_name or MISSING),
        *_format_day(one, texts),
    ]
    received = f"{texts('askue-received')}: {_format_received(one, look)}"
    marks = [f"⚠️ {words}" for words in _format_marks(one, now, look, texts)]
    return "\n".join([*names, energies, received, *marks])


def _build_rich(
    heading: str, shown: Sequence[MeterState], now: datetime, look: AskueLayout, texts: Texts
) -> tuple[InputRichBlockUnion, ...]:
    """A table for each meter: side by side, seven columns are too many for a phone."""
    blocks: list[InputRichBlockUnion] = [InputRichBlockParagraph(text=strip_markup(heading))]
    for one in shown:
        title = " · ".join([one.object_name or MISSING, one.meter_name or MISSING])
        energies = zip(_ENERGIES, _list_units(look), one.energies, strict=True)
        rows = [
            *(
                [f"{texts(f'askue-{name}')}, {unit}", _format_value(value, texts)]
                for name, unit, value in energies
            ),
            [texts("askue-received"), _format_received(one, look)],
            *([words, ""] for words in _format_day(one, texts)),
            *([f"⚠️ {words}", ""] for words in _format_marks(one, now, look, texts)),
        ]
        blocks += build_rich_table(escape(title), (), rows, words=frozenset({0}))
    return tuple(blocks)


def _format_received(one: MeterState, look: AskueLayout) -> str:
    return look.company.format_minute(one.received_at) if one.received_at else MISSING


def _format_day(one: MeterState, texts: Texts) -> list[str]:
    return [texts("askue-day", day=f"{one.day:%d.%m.%Y}")] if one.day else []


def _format_marks(one: MeterState, now: datetime, look: AskueLayout, texts: Texts) -> list[str]:
    marks = {
        "askue-stale": look.terms.is_stale(one, now),
        "askue-doubtful": one.doubtful,
    }
    gaps = [texts("askue-gaps", count=one.gaps)] if one.gaps else []
    return [*(texts(key) for key, holds in marks.items() if holds), *gaps]


def _list_units(look: AskueLayout) -> tuple[str, ...]:
    active, reactive = look.terms.active_unit, look.terms.reactive_unit
    return (active, active, reactive, reactive)


def _format_value(value: Decimal | None, texts: Texts) -> str:
    return MISSING if value is None else format_decimal(f"{value:f}", texts.locale)


def _build_again_button(texts: Texts) -> InlineKeyboardMarkup:
    return build_inline_keyboard(
        [build_button(texts("button-askue-anew"), Go(to="askue"))], _build_onward_rows(texts)
    )


def _build_onward_rows(texts: Texts) -> Row:
    return [build_button(texts("button-to-readings"), Go(to="readings")), build_menu_button(texts)]
