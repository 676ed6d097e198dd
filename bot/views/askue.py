"""Screens about ASKUE."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aiogram.types import InlineKeyboardMarkup, InputRichBlockParagraph, InputRichBlockUnion

from bot.domain import Layout
from bot.fsm.field_types import show_decimal
from bot.integrations.askue import AskueTerms, MeterState
from bot.integrations.spreadsheets import Cell, Column
from bot.keyboards import AskuePage, Go, Row, button, inline
from bot.texts import Texts
from bot.views.menus import menu_button
from bot.views.readings import TABLE_WIDTH
from bot.views.view import Company, View, escape, plain, rich_table

_PAGE = 4
_ENERGIES = ("active-import", "active-export", "reactive-import", "reactive-export")
_MISSING = "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Units, age and time zone by which a table is shown."""

    terms: AskueTerms
    company: Company


def not_connected(texts: Texts) -> View:
    return View(text=texts("askue-not-connected"), keyboard=inline(_onward(texts)))


def waiting(texts: Texts) -> View:
    return View(
        text=texts("askue-waiting"),
        keyboard=inline(
            [button(texts("button-askue-waiting"), Go(to="askue-wait"))],
            [button(texts("button-cancel"), Go(to="askue-cancel"))],
        ),
    )


def cancelled(texts: Texts) -> View:
    return View(text=texts("askue-cancelled"), keyboard=_again(texts))


def forgotten(texts: Texts) -> View:
    """The table is no longer in memory."""
    return View(text=texts("askue-forgotten"), keyboard=_again(texts))


def failed(code: str, texts: Texts) -> View:
    """``code`` of AskueFailed."""
    return View(text=texts(f"askue-failed-{code}"), keyboard=_again(texts))


def table(
    states: Sequence[MeterState],
    page: int,
    now: datetime,
    look: Look,
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
        button(arrow, AskuePage(page=number))
        for arrow, number in (("◀", page - 1), ("▶", page + 1))
        if 0 <= number < pages
    ]
    return View(
        text="\n\n".join([heading, *(_meter(one, now, look, layout, texts) for one in shown)]),
        rich=_rich(heading, shown, now, look, texts) if layout is Layout.RICH and shown else (),
        keyboard=inline(
            turns,
            [button(texts("button-xlsx"), Go(to="askue-xlsx"))] if states else [],
            [button(texts("button-askue-anew"), Go(to="askue"))],
            _onward(texts),
        ),
    )


def columns(look: Look, texts: Texts) -> tuple[Column, ...]:
    return (
        Column(label=texts("askue-object"), width=30),
        Column(label=texts("askue-meter"), width=30),
        *(
            Column(label=f"{texts(f'askue-{name}')}, {unit}", kind="number", width=24)
            for name, unit in zip(_ENERGIES, _units(look), strict=True)
        ),
        Column(label=texts("askue-received"), kind="time"),
        Column(label=texts("table-marks"), width=30),
    )


async def rows(
    states: Sequence[MeterState], now: datetime, look: Look, texts: Texts
) -> AsyncIterator[Sequence[Cell]]:
    for one in states:
        received = one.received_at
        yield (
            one.object_name,
            one.meter_name,
            *one.energies,
            received.astimezone(look.company.timezone) if received else None,
            ", ".join(_marks(one, now, look, texts)),
        )


def _meter(one: MeterState, now: datetime, look: Look, layout: Layout, texts: Texts) -> str:
    labels = [texts(f"askue-{name}") for name in _ENERGIES]
    values = [_value(value, texts) for value in one.energies]
    if layout is Layout.LINES:
        known = zip(labels, values, _units(look), strict=True)
        energies = escape("; ".join(f"{label}: {value} {unit}" for label, value, unit in known))
    else:
        lines = [
            f"{label:<20}{value:>{TABLE_WIDTH - 20}}"
            for label, value in zip(labels, values, strict=True)
        ]
        energies = f"<pre>{escape(chr(10).join(lines))}</pre>"
    marks = "".join(f"\n⚠️ {words}" for words in _marks(one, now, look, texts))
    return (
        f"<b>{escape(one.object_name or _MISSING)}</b>\n{escape(one.meter_name or _MISSING)}\n"
        f"{energies}\n{texts('askue-received')}: {_received(one, look)}{marks}"
    )


def _rich(
    heading: str, shown: Sequence[MeterState], now: datetime, look: Look, texts: Texts
) -> tuple[InputRichBlockUnion, ...]:
    """A table for each meter: side by side, seven columns are too many for a phone."""
    blocks: list[InputRichBlockUnion] = [InputRichBlockParagraph(text=plain(heading))]
    for one in shown:
        title = " · ".join([one.object_name or _MISSING, one.meter_name or _MISSING])
        energies = zip(_ENERGIES, _units(look), one.energies, strict=True)
        rows = [
            *(
                [f"{texts(f'askue-{name}')}, {unit}", _value(value, texts)]
                for name, unit, value in energies
            ),
            [texts("askue-received"), _received(one, look)],
            *([f"⚠️ {words}", ""] for words in _marks(one, now, look, texts)),
        ]
        blocks += rich_table(escape(title), (), rows, words=frozenset({0}))
    return tuple(blocks)


def _received(one: MeterState, look: Look) -> str:
    return look.company.minute(one.received_at) if one.received_at else _MISSING


def _marks(one: MeterState, now: datetime, look: Look, texts: Texts) -> list[str]:
    marks = {
        "askue-stale": look.terms.is_stale(one, now),
        "askue-doubtful": one.doubtful,
    }
    return [texts(key) for key, holds in marks.items() if holds]


def _units(look: Look) -> tuple[str, ...]:
    active, reactive = look.terms.active_unit, look.terms.reactive_unit
    return (active, active, reactive, reactive)


def _value(value: Decimal | None, texts: Texts) -> str:
    return _MISSING if value is None else show_decimal(f"{value:f}", texts.locale)


def _again(texts: Texts) -> InlineKeyboardMarkup:
    return inline([button(texts("button-askue-anew"), Go(to="askue"))], _onward(texts))


def _onward(texts: Texts) -> Row:
    return [button(texts("button-to-readings"), Go(to="readings")), menu_button(texts)]
