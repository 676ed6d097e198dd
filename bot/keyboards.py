"""Keyboards and the callback data of buttons: 64 bytes, so a choice is carried as its index."""

from collections.abc import Sequence
from typing import Self

from aiogram.filters.callback_data import CallbackData
from aiogram.types import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
)

#: Rows, pages and days are counted below this; databases take no more than 64 bits.
_LARGEST = 2**53


class ButtonData(CallbackData, prefix="-"):
    """Data of a button; a forged one with a number that nothing has is nobody's."""

    @classmethod
    def unpack(cls, value: str) -> Self:
        """Raises ValueError, as for any other data that is not of this kind."""
        unpacked = super().unpack(value)
        for number in unpacked.__dict__.values():
            if isinstance(number, int) and abs(number) > _LARGEST:
                raise ValueError("a number beyond all that is counted")
        return unpacked


class Go(ButtonData, prefix="go"):
    """Opens a screen that needs no more than its name."""

    to: str


class FormButton(ButtonData, prefix="f"):
    """An answer to the question ``at`` of a draft; ``index``: of a choice, a field or a scan."""

    draft: str
    at: int
    act: str
    index: int = 0


class NewRequest(ButtonData, prefix="new"):
    """Opens the form of a request type; its code is short enough, see ``bot.request_types``."""

    code: str


class OpenRequest(ButtonData, prefix="r"):
    id: int


class RequestsPage(ButtonData, prefix="rp"):
    page: int


class OpenMeter(ButtonData, prefix="m"):
    """A page of a meter's history; ``first`` and ``last`` are ordinals of days, 0: a year."""

    id: int
    first: int = 0
    last: int = 0
    page: int = 0


class MeterFile(ButtonData, prefix="mf"):
    """A period of a meter's history as a file; ``kind`` is ``xlsx`` or ``png``."""

    id: int
    first: int
    last: int
    kind: str


class MeterForm(ButtonData, prefix="mq"):
    """A question about a meter; ``form`` is ``period`` or ``place``."""

    id: int
    form: str


class AskuePage(ButtonData, prefix="ap"):
    page: int


class SetReminders(ButtonData, prefix="rem"):
    on: bool


class ChooseLayout(ButtonData, prefix="lay"):
    """``tried``: the person has seen a sample of the layout."""

    layout: str
    tried: bool = False


class RequestAction(ButtonData, prefix="q"):
    """An action of a consumer on a request of theirs."""

    act: str
    id: int
    index: int = 0


class LateFiles(ButtonData, prefix="lf"):
    """What becomes of files that came after the last question or after the request was sent.

    ``act`` is ``attach`` or ``leave``; ``request`` is 0 while the request is being filled in.
    """

    act: str
    request: int = 0


class StaffAction(ButtonData, prefix="d"):
    """An action of the staff: ``seen`` is the status on the card pressed, ``to`` the wanted one.

    ``id`` is the request's, or the password reset's.
    """

    act: str
    id: int
    seen: str = ""
    to: str = ""
    index: int = 0


class StaffListPage(ButtonData, prefix="dp"):
    """A page of a command's results; the message that the list answers holds the command."""

    page: int


class ChooseLanguage(ButtonData, prefix="l"):
    locale: str


Row = Sequence[InlineKeyboardButton]


def build_button(
    words: str, data: CallbackData, *, style: str | None = None
) -> InlineKeyboardButton:
    """``style``: ``primary``, ``success`` or ``danger``."""
    return InlineKeyboardButton(text=words, callback_data=data.pack(), style=style)


def build_copy_button(words: str, what: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=words, copy_text=CopyTextButton(text=what))


def build_inline_keyboard(*rows: Row) -> InlineKeyboardMarkup:
    """Rows of buttons, empty ones left out."""
    return InlineKeyboardMarkup(inline_keyboard=[list(row) for row in rows if row])


def build_contact_keyboard(share: str, placeholder: str, *others: str) -> ReplyKeyboardMarkup:
    """The only reply keyboard: an inline one cannot ask for a contact."""
    return ReplyKeyboardMarkup(
        keyboard=[
            [KeyboardButton(text=share, request_contact=True)],
            [KeyboardButton(text=words) for words in others],
        ],
        resize_keyboard=True,
        input_field_placeholder=placeholder,
    )
