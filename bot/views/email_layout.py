"""Layout of emails: the same blocks become plain text and HTML, so both say the same.

Mail clients know little of HTML: tables, inline styles, no images. The styles of the head only
change the colours in dark mode. Every word is escaped by the function that renders its block.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.formatting.values import escape

_BLACK, _WHITE = "#000000", "#ffffff"
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif"
_DARK = """
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background:#16181c!important}
.card{background:#22252b!important;color:#e8eaed!important}
.soft{color:#b3bac5!important}
.code{background:#16181c!important;color:#e8eaed!important}
.line{border-color:#4a505a!important}
}"""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Something to copy, such as a password."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Values with their labels."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what belongs below it: somebody's words, or the next step."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Button:
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Footnote:
    text: str


Block = Paragraph | Code | Facts | Section | Button | Footnote


def render_text(company: str, blocks: Sequence[Block]) -> str:
    return "\n\n".join([company, *map(_write, blocks)]) + "\n"


def render_html(company: str, color: str, title: str, locale: str, blocks: Sequence[Block]) -> str:
    """``color`` is ``#rrggbb``, of the head and the buttons."""
    look = f"background:{color};color:{choose_contrast(color)}"
    body = "\n".join(_draw(one, color, look) for one in blocks)
    return f"""<!doctype html>
<html lang="{locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{escape(title)}</title>
<style>{_DARK}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f1f3f5">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td align="center" style="padding:16px 8px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="max-width:600px;text-align:left">
<tr><td style="{look};padding:16px 24px;border-radius:8px 8px 0 0;{_FONT};font-size:18px;\
line-height:1.3;font-weight:bold">{escape(company)}</td></tr>
<tr><td class="card" style="background:#ffffff;color:#1c1e21;padding:8px 24px 16px;\
border-radius:0 0 8px 8px;{_FONT};font-size:16px;line-height:1.5;overflow-wrap:anywhere">
{body}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
"""


def choose_contrast(color: str) -> str:
    """Black or white, whichever is read better on ``color``: at least 4.5 to 1 (WCAG)."""
    luminance = _measure_luminance(color)
    on_white = 1.05 / (luminance + 0.05)
    on_black = (luminance + 0.05) / (_measure_luminance(_BLACK) + 0.05)
    return _WHITE if on_white >= on_black else _BLACK


def _measure_luminance(color: str) -> float:
    """Relative luminance by WCAG."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(share * one for share, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _write(block: Block) -> str:
    match block:
        case Paragraph(text) | Footnote(text):
            return text
        case Code(text):
            return f"    {text}"
        case Facts(rows):
            return "\n".join(f"{label}: {value}" for label, value in rows)
        case Section(heading, text):
            return f"{heading}:\n{text}"
        case Button(words, url):
            return f"{words}: {url}"


def _draw(block: Block, color: str, look: str) -> str:
    match block:
        case Paragraph(text):
            return f'<p style="margin:16px 0">{_format_lines(text)}</p>'
        case Footnote(text):
            return (
                '<p class="soft line" style="margin:24px 0 0;padding-top:16px;border-top:1px solid '
                f'#d5d9de;color:#59616b;font-size:14px">{_format_lines(text)}</p>'
            )
        case Code(text):
            return (
                '<p class="code" style="margin:16px 0;padding:12px 16px;background:#f1f3f5;'
                f'border-radius:6px;font:bold 20px/1.4 monospace">{escape(text)}</p>'
            )
        case Facts(rows):
            lines = "<br>\n".join(
                f'<span class="soft" style="color:#59616b">{escape(label)}:</span> {escape(value)}'
                for label, value in rows
            )
            return f'<p style="margin:16px 0">{lines}</p>'
        case Section(heading, text):
            return (
                f'<div style="margin:16px 0;padding-left:12px;border-left:3px solid {color}">'
                f"<b>{escape(heading)}</b><br>\n{_format_lines(text)}</div>"
            )
        case Button(words, url):
            style = f"{look};display:inline-block;padding:12px 24px;border-radius:6px"
            style += ";text-decoration:none;font-weight:bold"
            link = f'<a href="{escape(url)}" style="{style}">{escape(words)}</a>'
            return f'<p style="margin:24px 0">{link}</p>'


def _format_lines(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")
