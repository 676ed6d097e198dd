"""Callback data and keyboards. Choices are indexes: callback data holds only 64 bytes.

A button's data are parsed where they enter: what names no act, status or kind of ours is nobody's,
and the fallback of each chat answers that the screen is outdated.
"""

from collections.abc import Sequence
from typing import Literal, Self

from aiogram.filters.callback_data import CallbackData
from aiogram.types import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
)

from bot.domain import AnswerChannel, Layout, ObjectKind, Status

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
    """Opens the plain screen ``to``."""

    to: str


class EndSession(ButtonData, prefix="out"):
    """Logs out another chat or browser of the account, by the id of its address."""

    id: int


class LogInByLink(ButtonData, prefix="li"):
    """Logs the chat in by the token of the site's link."""

    token: str


class FormButton(ButtonData, prefix="f"):
    """A button of the form with draft id ``draft``, shown at the question with index ``at``.

    ``act`` says what the button does; ``index`` is that of a choice, field or reason, the id of a
    scan, or the ordinal of a day.
    """

    draft: str
    at: int
    act: str
    index: int = 0


class DraftAction(ButtonData, prefix="fd"):
    """What becomes of an unfinished form."""

    act: Literal["resume", "discard", "anew"]
    draft: str


class NewRequest(ButtonData, prefix="new"):
    """Opens the form of a request type; its code is short enough, see ``bot.request_types``."""

    code: str


class OpenRequest(ButtonData, prefix="r"):
    id: int


class OpenFile(ButtonData, prefix="rf"):
    """Sends a file of a request once more."""

    request: int
    id: int


class RequestsPage(ButtonData, prefix="rp"):
    page: int


class OpenMeter(ButtonData, prefix="m"):
    """A page of a meter's history; ``first`` and ``last`` are ordinals of days, 0: default."""

    id: int
    first: int = 0
    last: int = 0
    page: int = 0


MeterFileKind = Literal["xlsx", "png", "pdf", "act"]


class MeterFile(ButtonData, prefix="mf"):
    """A period of a meter's history as a file.

    ``act`` is the act of the last readings of the meter, or of all meters when ``id`` is 0.
    """

    id: int
    first: int
    last: int
    kind: MeterFileKind


class MeterForm(ButtonData, prefix="mq"):
    """Opens a form about a meter."""

    id: int
    form: Literal["period", "place", "ratio"]


MeterList = Literal["reading", "history", "hidden"]


class MetersPage(ButtonData, prefix="mp"):
    """A page of the account's meters."""

    to: MeterList
    page: int = 0


class EnterReading(ButtonData, prefix="mr"):
    """Asks for the reading of a known meter."""

    id: int


class ShowMeter(ButtonData, prefix="mc"):
    id: int


class SetObject(ButtonData, prefix="mo"):
    """What a meter stands in."""

    id: int
    kind: ObjectKind


class HideMeter(ButtonData, prefix="mh"):
    id: int
    hidden: bool


class AskuePage(ButtonData, prefix="ap"):
    page: int


class SetReminders(ButtonData, prefix="rem"):
    on: bool


class ChooseLayout(ButtonData, prefix="lay"):
    """``tried``: the person has seen a sample of the layout."""

    layout: Layout
    tried: bool = False


class ChooseAnswerChannel(ButtonData, prefix="way"):
    """How the consumer prefers to get answers."""

    channel: AnswerChannel


ConsumerAct = Literal[
    "supplement",
    "withdraw",
    "withdraw_yes",
    "dispute",
    "dispute_yes",
    "rate",
    "receipt",
    "copy",
    "files",
]


class RequestAction(ButtonData, prefix="q"):
    """A consumer's action on a request; ``index`` holds the stars of a rating."""

    act: ConsumerAct
    id: int
    index: int = 0


class LooseMessages(ButtonData, prefix="lm"):
    """What becomes of messages that no question asked for.

    ``pass``: to the staff, about a request; ``attach``: files, to the open form; else neither.
    """

    act: Literal["pass", "attach", "leave", "leave_files"]
    request: int = 0


class StatusAction(ButtonData, prefix="d"):
    """Sets the status of the request ``id``, or asks for the comment that it needs.

    ``seen`` is the status that the card showed, ``to`` the status to set, ``agreed`` the assignee
    whom the member has agreed to pass over.
    """

    act: Literal["set"]
    id: int
    seen: Status
    to: Status
    agreed: int = 0


class CommentAction(ButtonData, prefix="dc"):
    """An answer to the question for the comment of a transition; ``by`` was asked.

    ``ready``: the canned answer with this ``key``; ``own``: the member will write one.
    """

    act: Literal["ready", "own"]
    id: int
    seen: Status
    to: Status
    by: int
    key: int = 0


class QuestionHeading(ButtonData, prefix="dq"):
    """The question in place of a card's buttons, which says in a window what may be answered.

    It is for the comment of the status ``to``, or, where it is empty, whether to pass over the
    assignee.
    """

    id: int
    to: Status | None = None


class CannedReply(ButtonData, prefix="dr"):
    """Sends the canned answer with this ``key`` to the consumer of a request; ``by`` was asked."""

    id: int
    key: int
    by: int


class UndoAction(ButtonData, prefix="du"):
    """Takes back what ``by`` has just done.

    ``id`` is that of the history entry, of the message or of the password reset.
    """

    act: Literal["status", "reply", "reset"]
    id: int
    by: int


class CloseQuestion(ButtonData, prefix="dx"):
    """Deletes a question; ``by`` was asked."""

    by: int


AssignmentAct = Literal["take", "members", "give", "give_back", "card"]


class AssignmentAction(ButtonData, prefix="da"):
    """Changes who answers the request ``id``.

    ``members`` offers the members to ``give`` it to, ``card`` goes back to the card's buttons;
    ``to`` is the member chosen, ``agreed``: as in ``StatusAction``.
    """

    act: AssignmentAct
    id: int
    to: int = 0
    agreed: int = 0


ShiftAct = Literal["give_back", "members", "give", "keep", "question"]


class ShiftAction(ButtonData, prefix="ds"):
    """What becomes of the open requests of the member ``by``, who goes off duty."""

    act: ShiftAct
    by: int
    to: int = 0


class StaffAction(ButtonData, prefix="d"):
    """Any other staff action; ``id`` is that of the request, account or password reset.

    ``buttons``: those of the request's card, below a message with several requests; ``replies``:
    canned answers.
    The fields without a name are those of ``StatusAction``: buttons of both stand on cards that
    earlier versions sent.
    """

    act: Literal["show", "buttons", "replies", "photos", "reset", "receipt", "joined_photos"]
    id: int
    unused_seen: Literal[""] = ""
    unused_to: Literal[""] = ""
    index: int = 0


class StaffListPage(ButtonData, prefix="dp"):
    """A page of a staff list; the message with the list replies to the command."""

    page: int


class FoundPage(ButtonData, prefix="df"):
    """A page of what ``/find`` found, in private; the message says what was searched for."""

    page: int


class ChooseLanguage(ButtonData, prefix="l"):
    locale: str


Row = Sequence[InlineKeyboardButton]


def build_button(
    text: str, data: CallbackData, *, style: str | None = None
) -> InlineKeyboardButton:
    """``style``: ``primary``, ``success`` or ``danger``."""
    return InlineKeyboardButton(text=text, callback_data=data.pack(), style=style)


def build_link_button(text: str, url: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, url=url)


def build_copy_button(text: str, copied: str) -> InlineKeyboardButton:
    """A button that copies the text ``copied`` to the clipboard."""
    return InlineKeyboardButton(text=text, copy_text=CopyTextButton(text=copied))


def build_inline_keyboard(*rows: Row) -> InlineKeyboardMarkup:
    """A keyboard of the rows that are not empty."""
    return InlineKeyboardMarkup(inline_keyboard=[list(row) for row in rows if row])


def build_contact_keyboard(share: str, placeholder: str, *others: str) -> ReplyKeyboardMarkup:
    """The only reply keyboard: an inline keyboard cannot ask for a contact."""
    return ReplyKeyboardMarkup(
        keyboard=[
            [KeyboardButton(text=share, request_contact=True)],
            [KeyboardButton(text=text) for text in others],
        ],
        resize_keyboard=True,
        input_field_placeholder=placeholder,
    )
