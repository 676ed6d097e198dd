"""The view of a message, and how all views split their text over messages."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiogram.types import (
    ForceReply,
    InlineKeyboardMarkup,
    InputRichBlockParagraph,
    InputRichBlockTable,
    InputRichBlockUnion,
    ReplyKeyboardMarkup,
    RichBlockTableCell,
)

from bot.formatting.values import escape, strip_markup

#: Telegram's limits of a message and of a caption, in UTF-16 units.
MESSAGE_LENGTH = 4096
CAPTION_LENGTH = 1024

#: A longer quotation is collapsed; in characters.
_FOLDED = 300
#: A longer quotation is split over several messages; in UTF-16 units.
_QUOTED = 3500
#: A longer block of lines is split; in UTF-16 units.
_GROUPED = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """``text`` is Telegram's HTML; ``rich`` blocks hold the same for clients that can show them."""

    text: str
    rich: tuple[InputRichBlockUnion, ...] = ()
    keyboard: InlineKeyboardMarkup | ReplyKeyboardMarkup | ForceReply | None = None

    @property
    def inline(self) -> InlineKeyboardMarkup | None:
        """The keyboard when it is inline: only such a one can be edited later."""
        return self.keyboard if isinstance(self.keyboard, InlineKeyboardMarkup) else None


def format_message_link(chat_id: int, message_id: int) -> str | None:
    """Where Telegram opens a message of a group; None: only supergroups have such links."""
    supergroup = re.fullmatch(r"-100(\d+)", str(chat_id))
    return f"https://t.me/c/{int(supergroup[1])}/{message_id}" if supergroup else None


def count_units(text: str) -> int:
    """The length in UTF-16 units, tags included; Telegram does not count tags."""
    return len(text.encode("utf-16-le")) // 2


def build_rich_table(
    heading: str, head: Sequence[str], body: Sequence[Sequence[str]], *, words: frozenset[int]
) -> tuple[InputRichBlockUnion, ...]:
    """Telegram's own table below its heading, which is HTML; numbers are right-aligned.

    ``head`` may be empty; ``words`` are the indexes of the columns that hold no numbers.
    """
    cells = [
        [
            RichBlockTableCell(
                align="left" if at in words else "right",
                valign="top",
                text=text or None,
                is_header=(row is head) or None,
            )
            for at, text in enumerate(row)
        ]
        for row in ([head] if head else []) + list(body)
    ]
    return (
        InputRichBlockParagraph(text=strip_markup(heading)),
        InputRichBlockTable(cells=cells, is_striped=True, is_compact=True),
    )


def split_pages(blocks: list[str], keyboard: InlineKeyboardMarkup | None) -> tuple[View, ...]:
    """Puts blocks of HTML, each whole, into as few messages as possible; ``keyboard`` in the last.

    A block must fit a message: answers are limited by their questions, and ``format_quote`` splits
    a long text into several blocks.
    """
    messages: list[str] = []
    for block in blocks:
        if messages and count_units(messages[-1]) + count_units(block) + 2 <= MESSAGE_LENGTH:
            # The frame of a quotation is distance enough.
            gap = "\n" if messages[-1].endswith("</blockquote>") else "\n\n"
            messages[-1] += f"{gap}{block}"
        else:
            messages.append(block)
    return tuple(
        View(text=text, keyboard=keyboard if at == len(messages) else None)
        for at, text in enumerate(messages, 1)
    )


def join_groups(lines: Iterable[str]) -> list[str]:
    """Joins lines of HTML into blocks that are short enough for a message."""
    blocks: list[str] = []
    for line in lines:
        if blocks and count_units(blocks[-1]) + count_units(line) < _GROUPED:
            blocks[-1] += f"\n{line}"
        else:
            blocks.append(line)
    return blocks


def format_quote(heading: str, words: str) -> list[str]:
    """A user's longer text as blocks below a heading; collapsed when it is long."""
    tag = "blockquote expandable" if len(words) > _FOLDED else "blockquote"
    pieces = []
    while words:
        cut = _cut_to_fit(words)
        pieces.append(f"<{tag}>{escape(words[:cut])}</blockquote>")
        words = words[cut:]
    return [f"<b>{heading}</b>\n{pieces[0]}", *pieces[1:]]


def _cut_to_fit(words: str) -> int:
    """How many characters fit into one quotation, up to a blank if one is near the end."""
    cut = min(len(words), _QUOTED)
    while (long := count_units(escape(words[:cut]))) > _QUOTED:
        cut = cut * _QUOTED // long
    if cut < len(words):
        blank = max(words.rfind(" ", cut // 2, cut), words.rfind("\n", cut // 2, cut)) + 1
        cut = blank or cut
    return cut
