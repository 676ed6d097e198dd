"""Views of ASKUE: the table of the consumer's meters and its spreadsheet."""

from collections.abc import Sequence
from datetime import datetime

from aiogram.types import InlineKeyboardMarkup, InputRichBlockParagraph, InputRichBlockUnion

from bot.domain import Layout
from bot.formatting.askue import (
    AskueLayout,
    AskueRow,
    build_row,
    list_columns,
    list_energy_labels,
    list_units,
)
from bot.formatting.values import escape, strip_markup
from bot.integrations.askue import MeterState
from bot.keyboards import AskuePage, Go, Row, build_button, build_inline_keyboard
from bot.texts import Texts
from bot.views.menus import build_menu_button
from bot.views.readings import TABLE_WIDTH
from bot.views.view import View, build_rich_table

_PAGE = 4


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
    shown = [build_row(one, now, look, texts) for one in states[page * _PAGE : (page + 1) * _PAGE]]
    active, *_, reactive = list_units(look, texts)
    heading = texts(
        "askue-table",
        active=escape(active),
        reactive=escape(reactive),
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
        text="\n\n".join([heading, *(_format_meter(row, look, layout, texts) for row in shown)]),
        rich=_build_rich(heading, shown, look, texts) if layout is Layout.RICH and shown else (),
        keyboard=build_inline_keyboard(
            turns,
            [build_button(texts("button-xlsx"), Go(to="askue-xlsx"))] if states else [],
            [build_button(texts("button-askue-anew"), Go(to="askue"))],
            _build_onward_rows(texts),
        ),
    )


def _format_meter(row: AskueRow, look: AskueLayout, layout: Layout, texts: Texts) -> str:
    labels = list_energy_labels(texts)
    if layout is Layout.LINES:
        known = zip(labels, row.energies, list_units(look, texts), strict=True)
        energies = escape("; ".join(f"{label}: {value} {unit}" for label, value, unit in known))
    else:
        lines = [
            f"{label:<20}{value:>{TABLE_WIDTH - 20}}"
            for label, value in zip(labels, row.energies, strict=True)
        ]
        energies = f"<pre>{escape(chr(10).join(lines))}</pre>"
    names = [f"<b>{escape(row.object_name)}</b>", escape(row.meter_name), *row.notes]
    received = f"{texts('askue-received')}: {row.received}"
    marks = [f"⚠️ {words}" for words in row.warnings]
    return "\n".join([*names, energies, received, *marks])


def _build_rich(
    heading: str, shown: Sequence[AskueRow], look: AskueLayout, texts: Texts
) -> tuple[InputRichBlockUnion, ...]:
    """A table for each meter: side by side, seven columns are too many for a phone."""
    blocks: list[InputRichBlockUnion] = [InputRichBlockParagraph(text=strip_markup(heading))]
    _, _, *labels, received = list_columns(look, texts)
    for row in shown:
        title = f"{row.object_name} · {row.meter_name}"
        rows = [
            *([label, value] for label, value in zip(labels, row.energies, strict=True)),
            [received, row.received],
            *([words, ""] for words in row.notes),
            *([f"⚠️ {words}", ""] for words in row.warnings),
        ]
        blocks += build_rich_table(escape(title), (), rows, words=frozenset({0}))
    return tuple(blocks)


def _build_again_button(texts: Texts) -> InlineKeyboardMarkup:
    return build_inline_keyboard(
        [build_button(texts("button-askue-anew"), Go(to="askue"))], _build_onward_rows(texts)
    )


def _build_onward_rows(texts: Texts) -> Row:
    return [build_button(texts("button-to-readings"), Go(to="readings")), build_menu_button(texts)]
