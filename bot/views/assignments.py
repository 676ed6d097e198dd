"""Views of who answers a request: choosing a member, asking before a press, shifts."""

from collections.abc import Callable, Sequence

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.db.request_reports import ReportLine
from bot.domain import Actor, Request, StaffUser
from bot.formatting.values import MISSING, escape
from bot.keyboards import (
    AssignmentAction,
    QuestionHeading,
    ShiftAct,
    ShiftAction,
    build_button,
    build_inline_keyboard,
    build_link_button,
)
from bot.texts import Texts
from bot.views.view import View, format_message_link

_NAME_LENGTH = 40
#: On a button a phone shows about 35 characters.
NAME_IN_HEADING = 16


def format_assignee(member: StaffUser) -> str:
    """The name of who answers a request, as HTML."""
    return escape(member.name or MISSING)


def format_mention(member: StaffUser | Actor) -> str:
    """A link that Telegram notifies the member by, when it stands in a new message."""
    return f'<a href="tg://user?id={member.id}">{escape(member.name or MISSING)}</a>'


def render_first_question(
    request: Request, staff: Actor, agreed: CallbackData, texts: Texts
) -> View:
    """Asks before a press on a request that another member answers, in place of its buttons."""
    assignee = request.assignee.name if request.assignee else MISSING
    heading = texts(
        "desk-heading-first",
        assignee=assignee[:NAME_IN_HEADING],
        name=staff.name[:NAME_IN_HEADING],
    )
    return View(
        text=format_first_question(request, texts),
        keyboard=build_inline_keyboard(
            [build_button(heading, QuestionHeading(id=request.id))],
            [
                build_button(texts("desk-ask-first-yes"), agreed),
                build_button(texts("button-back"), AssignmentAction(act="card", id=request.id)),
            ],
        ),
    )


def format_first_question(request: Request, texts: Texts, most: int | None = None) -> str:
    """``most`` is the greatest number of characters of the assignee's name."""
    name = request.assignee.name if request.assignee else MISSING
    return texts("desk-ask-first", number=request.number, assignee=escape(name[:most]))


def build_members_keyboard(
    members: Sequence[StaffUser],
    choose: Callable[[int], CallbackData],
    back: CallbackData,
    texts: Texts,
) -> InlineKeyboardMarkup:
    """A button for each member to hand over to; who is on duty is marked and comes first."""
    buttons = [
        build_button(
            texts(
                "desk-member",
                name=one.name[:_NAME_LENGTH],
                duty="yes" if one.on_duty else "no",
            ),
            choose(one.id),
        )
        for one in members
    ]
    return build_inline_keyboard(
        *(buttons[at : at + 2] for at in range(0, len(buttons), 2)),
        [build_button(texts("button-back"), back)],
    )


def render_shift(members: Sequence[StaffUser], texts: Texts) -> View:
    """Who is on duty."""
    names = ", ".join(escape(one.name) for one in members if one.on_duty)
    return View(text=texts("desk-shift", names=names or MISSING))


def render_shift_end(staff: Actor, count: int, texts: Texts) -> View:
    """Asks what becomes of the open requests of a member who goes off duty."""
    return View(
        text=texts("desk-shift-end", name=escape(staff.name), count=count),
        keyboard=build_shift_end_keyboard(staff.id, texts),
    )


def render_shift_rest(staff: Actor, count: int, texts: Texts) -> View:
    """Asks what becomes of the requests in groups where the chosen member is not."""
    return View(
        text=texts("desk-shift-rest", name=escape(staff.name), count=count),
        keyboard=build_shift_end_keyboard(staff.id, texts),
    )


def build_shift_end_keyboard(member_id: int, texts: Texts) -> InlineKeyboardMarkup:
    def build_row(act: ShiftAct) -> list[InlineKeyboardButton]:
        return [build_button(texts(f"desk-shift-{act}"), ShiftAction(act=act, by=member_id))]

    return build_inline_keyboard(build_row("give_back"), build_row("members"), build_row("keep"))


def render_member_left(name: str, lines: Sequence[ReportLine], texts: Texts) -> View:
    """These requests of a member who left the group wait for another one."""
    numbers = ", ".join(texts("numbered", number=one.number) for one in lines)
    return View(text=texts("desk-member-left", name=escape(name or MISSING), numbers=numbers))


def render_assignment(request: Request, place: tuple[int, int], texts: Texts) -> View:
    """To the new assignee in private; ``place``: chat and message of the card."""
    link = format_message_link(*place)
    return View(
        text=texts("card-handed-over", number=request.number),
        keyboard=build_inline_keyboard(
            [build_link_button(texts("numbered", number=request.number), link)] if link else []
        ),
    )


def render_card_note(request: Request, about: str, texts: Texts) -> View:
    """A reply to the card that mentions who answers the request."""
    return View(
        text=texts(
            f"card-note-{about}",
            number=request.number,
            mention=f"{format_mention(request.assignee)}, " if request.assignee else "",
            stars="★" * (request.rating or 0),
        )
    )


def render_given_back(staff: Actor, count: int, texts: Texts) -> View:
    """Requests of a member went back to the queue."""
    return View(text=texts("desk-shift-given-back", name=escape(staff.name), count=count))


def render_handed_over(name: str, to: StaffUser, count: int, texts: Texts) -> View:
    """Requests of a member with this name went to another member, who is mentioned."""
    return View(
        text=texts(
            "desk-shift-given",
            name=escape(name or MISSING),
            count=count,
            mention=format_mention(to),
        )
    )
