"""Formatting of single values. HTML is what both Telegram and browsers read."""

import re
from decimal import Decimal
from html import escape as escape_html
from html import unescape

from bot.fsm.field_types import format_decimal
from bot.texts import Texts

#: Stands for a value that is not there.
MISSING = "—"


def format_answer(label: str, words: str) -> str:
    """An answer with its label; ``words`` are HTML. A label that is a question gets no colon."""
    mark = "" if label.endswith("?") else ":"
    return f"<b>{escape(label)}{mark}</b> {words}"


def escape(words: str) -> str:
    """Escapes a user's text for HTML."""
    return escape_html(words, quote=True)


def format_initials(name: str) -> str:
    """``И. А. П.``: enough for a person to know the own name, and no name for others."""
    return "\N{NO-BREAK SPACE}".join(f"{word[0]}." for word in re.findall(r"\w+", name)[:3])


def format_masked_email(email: str) -> str:
    """``i•••@example.ru``."""
    return f"{email[0]}•••@{email.rpartition('@')[2]}"


def strip_markup(text: str) -> str:
    """The text of HTML, for places that take no markup."""
    return unescape(re.sub(r"<[^>]+>", "", text))


def format_kwh(value: Decimal, texts: Texts) -> str:
    """``12345,6``: without trailing zeros, with the decimal sign of the language."""
    digits = f"{value:f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return format_decimal(digits, texts.locale)
