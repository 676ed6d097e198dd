"""Fluent texts as safe HTML of a page: their own tags stay, every value is escaped."""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

from bot.texts import Texts

#: What the texts hold of Telegram's HTML.
_BULLET = "• "


def translate(texts: Texts, key: str, **values: object) -> Markup:
    """A text in one line. Raises KeyError for an unknown key, ValueError for a missing value."""
    return Markup(  # noqa: S704 (the texts are ours, the values are escaped)
        texts(key, **{name: _prepare(value) for name, value in values.items()})
    )


def translate_plain(texts: Texts, key: str, **values: str | int) -> str:
    """A text for places that take no markup, such as a title; the template escapes it."""
    return Markup(texts(key, **values)).striptags()  # noqa: S704 (it is a plain string again)


def format_paragraphs(text: Markup) -> Markup:
    """Blank lines part paragraphs, lines with a bullet become a list."""
    return Markup().join(_format_block(block) for block in re.split(r"\n\s*\n", text) if block)


def _format_block(block: str) -> Markup:
    lines = block.strip().split("\n")
    html, items = Markup(), Markup()
    for line in lines:
        if line.startswith(_BULLET):
            items += Markup("<li>{}</li>").format(mark_safe(line.removeprefix(_BULLET)))
        else:
            html += Markup("{}{}").format(Markup("<br>") if html else "", mark_safe(line))
    if html:
        html = Markup("<p>{}</p>").format(html)
    return html + (Markup("<ul>{}</ul>").format(items) if items else Markup())


def mark_safe(html: str) -> Markup:
    """HTML of ``bot.formatting``, whose values are escaped, or a part of Markup."""
    return Markup(html)  # noqa: S704


def join_blocks(blocks: Iterable[str]) -> Markup:
    """Blocks of HTML of ``bot.formatting`` as paragraphs and lists."""
    return format_paragraphs(mark_safe("\n\n".join(blocks)))


def _prepare(value: object) -> str | int:
    return value if isinstance(value, int) else str(escape(value))
