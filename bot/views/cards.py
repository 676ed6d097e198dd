"""Views of the staff group: cards of requests and of password resets, questions for reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Literal

from aiogram.types import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from bot.canned_answers import CannedAnswers, Purpose
from bot.domain import (
    OPEN,
    TRANSITIONS,
    Account,
    Actor,
    ActorKind,
    Address,
    Channel,
    HistoryEntry,
    Request,
    Status,
    StoredFile,
    UndoStep,
)
from bot.formatting.company import Company
from bot.formatting.values import MISSING, escape
from bot.fsm.field_types import format_phone
from bot.keyboards import (
    AssignmentAct,
    AssignmentAction,
    CannedReply,
    CloseQuestion,
    CommentAction,
    QuestionHeading,
    StaffAction,
    StatusAction,
    UndoAction,
    build_button,
    build_inline_keyboard,
)
from bot.request_types import Catalogue
from bot.texts import Texts
from bot.views.assignments import NAME_IN_HEADING, format_assignee, format_mention
from bot.views.requests import format_labelled
from bot.views.view import CAPTION_LENGTH, View, count_units, format_quote, join_groups, split_pages

_STYLES = {Status.DONE: "success", Status.REJECTED: "danger"}
_TOPIC_LENGTH = 128
#: So many characters are taken from the end of a caption until it fits.
_CLIPPED = 16
#: An alert takes 200 UTF-16 units, and a name may fill most of them.
NAME_IN_ALERT = 40

#: PDFs that a button of the card brings.
CARD_DOCUMENTS: tuple[Literal["receipt", "joined_photos"], ...] = ("receipt", "joined_photos")

#: Statuses that need words: a result, a reason or a question.
COMMENTED: Mapping[Status, Purpose] = MappingProxyType(
    {Status.CLARIFICATION: "clarification", Status.DONE: "done", Status.REJECTED: "rejected"}
)


def render_card(
    request: Request,
    today: date,
    catalogue: Catalogue,
    company: Company,
    texts: Texts,
    undo: UndoStep | None = None,
) -> tuple[View, ...]:
    """The whole request in as many messages as it needs; buttons below the first one.

    ``undo``: what takes the last change back now.
    """
    blocks = [
        texts(
            "card",
            emergency=str(request.emergency).lower(),
            number=request.number,
            type=escape(catalogue.get(request.type_code).title[texts.locale]),
            status=texts(f"status-{request.status}"),
            by=_join_after_dot(escape(_format_actor(request, company, texts))),
            registered=company.format_minute(request.registered_at),
            due=company.format_due(request.review_due, request.due_at),
            left=_join_after_dot(_format_days_left(request, today, texts)),
        )
        + _format_assignee(request, texts),
        *_format_undo(request, undo, texts),
        *([texts("card-answered")] if request.was_clarified else []),
        *([texts("card-from-site")] if request.channel is Channel.WEB else []),
        _format_applicant(request.account, texts),
        *format_labelled(request.answers),
        *format_quote(texts("request-text"), request.text),
        f"<b>{texts('request-scans', count=len(request.scans))}</b>",
        *(
            block
            for scan in request.scans
            if scan.caption
            for block in format_quote(f"• {escape(scan.name)}", scan.caption)
        ),
        *_format_application_number(request, texts),
        *_format_required_papers(request, catalogue, texts),
        *_format_history(request, company, texts),
        *_format_rating(request, texts),
    ]
    views = split_pages(blocks, None)
    undo_by = undo.staff_id if undo else None
    return (
        replace(views[0], keyboard=build_inline_keyboard(*build_rows([request], texts, undo_by))),
        *views[1:],
    )


def format_topic_name(request: Request, catalogue: Catalogue, texts: Texts) -> str:
    """The name of a request's topic; the card below it holds what does not fit."""
    name = texts(
        "card-topic",
        mark=_format_mark(request, texts),
        number=request.number,
        type=catalogue.get(request.type_code).button[texts.locale],
        assignee=f" → {request.assignee.name}" if request.assignee else "",
        name=request.account.name,
    )
    return name if len(name) <= _TOPIC_LENGTH else f"{name[: _TOPIC_LENGTH - 1]}…"


def format_scan_caption(request: Request, scan: StoredFile, texts: Texts) -> str:
    """With as much of what the consumer wrote below the file as fits; the card has all of it."""
    head = texts("card-scan", number=request.number, name=escape(scan.name))
    words = scan.caption
    while words and count_units(f"{head}\n{escape(words)}…") > CAPTION_LENGTH:
        words = words[:-_CLIPPED]
    if not words:
        return head
    return f"{head}\n{escape(words)}{'' if words == scan.caption else '…'}"


def render_backlog(waiting: int, texts: Texts) -> View:
    return View(text=texts("card-backlog", count=waiting))


def format_conflict(request: Request, company: Company, texts: Texts) -> str:
    """For an alert: the status that the request got before the button was pressed."""
    return texts(
        "desk-overtaken",
        number=request.number,
        status=texts(f"status-{request.status}"),
        by=_format_actor(request, company, texts, NAME_IN_ALERT) or MISSING,
    )


def render_comment_question(
    request: Request, to: Status, staff: Actor, answers: CannedAnswers, texts: Texts
) -> View:
    """Asks for a result, a reason or a question in place of the buttons of the request.

    The text is for a message whose buttons cannot be changed any more.
    """

    def build_data(act: Literal["ready", "own"], key: int = 0) -> CommentAction:
        return CommentAction(
            act=act, id=request.id, seen=request.status, to=to, by=staff.id, key=key
        )

    heading = texts(f"desk-heading-{to}", name=staff.name[:NAME_IN_HEADING])
    return View(
        text=format_comment_question(request, to, texts),
        keyboard=build_inline_keyboard(
            [build_button(heading, QuestionHeading(id=request.id, to=to))],
            *(
                [build_button(one.button, build_data("ready", one.key))]
                for one in answers.list_for(COMMENTED[to], request.type_code)
            ),
            [
                build_button(texts("desk-own-words"), build_data("own")),
                build_button(texts("button-back"), AssignmentAction(act="card", id=request.id)),
            ],
        ),
    )


def format_comment_question(request: Request, to: Status, texts: Texts) -> str:
    return texts(f"desk-ask-{to}", number=request.number)


def render_own_comment_question(request: Request, to: Status, staff: Actor, texts: Texts) -> View:
    return View(
        text=texts(f"desk-own-{to}", number=request.number, mention=format_mention(staff)),
        keyboard=ForceReply(
            selective=True, input_field_placeholder=texts(f"desk-own-{to}-placeholder")
        ),
    )


def render_replies_question(
    request: Request, staff: Actor, answers: CannedAnswers, texts: Texts
) -> View:
    """Offers the canned answers for a message to the consumer."""
    return View(
        text=texts("desk-ask-reply", number=request.number, name=escape(staff.name)),
        keyboard=build_inline_keyboard(
            *(
                [build_button(one.button, CannedReply(id=request.id, key=one.key, by=staff.id))]
                for one in answers.list_for("reply", request.type_code)
            ),
            [build_button(texts("button-cancel"), CloseQuestion(by=staff.id))],
        ),
    )


def render_reply_undo(
    request: Request, words: str, message_id: int, staff: Actor, seconds: int, texts: Texts
) -> View:
    """What will be sent to the consumer; ``message_id`` is that of the request message."""
    heading = texts("desk-undo-reply", number=request.number, seconds=seconds)
    (quote, *_) = format_quote(heading, words)
    row = _build_undo_row("reply", message_id, staff.id, texts)
    return View(text=quote, keyboard=build_inline_keyboard(row))


def _build_undo_row(
    act: Literal["status", "reply", "reset"], identity: int, staff_id: int, texts: Texts
) -> list[InlineKeyboardButton]:
    return [build_button(texts("desk-undo"), UndoAction(act=act, id=identity, by=staff_id))]


def format_undone(request: Request, texts: Texts) -> str:
    """For an alert: what was done is taken back."""
    return texts("desk-undone", number=request.number, status=texts(f"status-{request.status}"))


def render_reset_card(
    account: Account, reset_id: int, address: Address | None, texts: Texts, *, is_known: bool
) -> View:
    """``address`` is where it was asked for, None for a command of the staff.

    ``is_known``: the account was entered from there before.
    """
    known = "yes" if is_known else "no"
    if address is None:
        origin = texts("desk-reset-by-staff")
    elif address.chat_id is None:
        origin = texts("desk-reset-browser", known=known)
    else:
        origin = texts("desk-reset-chat", id=str(address.chat_id), known=known)
    return View(
        text="\n\n".join([texts("desk-reset"), origin, _format_applicant(account, texts)]),
        keyboard=build_inline_keyboard(
            [
                build_button(
                    texts("desk-reset-button"),
                    StaffAction(act="reset", id=reset_id),
                    style="danger",
                )
            ]
        ),
    )


def render_reset_undo(
    account: Account, reset_id: int, staff: Actor, seconds: int, texts: Texts
) -> View:
    """The password will be reset, unless that is taken back."""
    return View(
        text="\n\n".join(
            [
                texts("desk-undo-reset", name=escape(staff.name), seconds=seconds),
                _format_applicant(account, texts),
            ]
        ),
        keyboard=build_inline_keyboard(_build_undo_row("reset", reset_id, staff.id, texts)),
    )


def render_reset_expired(texts: Texts) -> View:
    """Replaces a card whose button no longer does anything; it names nobody."""
    return View(text=texts("desk-reset-expired"))


def render_reset_done(account: Account, staff: Actor, at: str, texts: Texts) -> View:
    return View(
        text="\n\n".join(
            [
                texts("desk-reset-done", name=escape(staff.name), at=at),
                _format_applicant(account, texts),
            ]
        )
    )


def add_buttons(
    request: Request, keyboard: InlineKeyboardMarkup | None, texts: Texts
) -> InlineKeyboardMarkup:
    """The buttons of a card in place of its own button below a message with several requests."""
    rows = [
        [one for one in row if one.callback_data != _build_opener(request, texts).callback_data]
        for row in (keyboard.inline_keyboard if keyboard else [])
    ]
    heading = build_button(
        texts("numbered", number=request.number), StaffAction(act="show", id=request.id)
    )
    return build_inline_keyboard([heading], *_build_rows(request, texts), *rows)


def replace_rows(
    request: Request,
    keyboard: InlineKeyboardMarkup | None,
    rows: Sequence[Sequence[InlineKeyboardButton]],
) -> InlineKeyboardMarkup:
    """The rows in place of the buttons of the request, below its card or one of several."""
    shown = keyboard.inline_keyboard if keyboard else []
    heading = StaffAction(act="show", id=request.id).pack()
    begin = next((at for at, row in enumerate(shown, 1) if row[0].callback_data == heading), None)
    if begin is None:
        return build_inline_keyboard(*rows)
    others = (at for at, row in enumerate(shown) if at >= begin and _is_of_several(row[0]))
    return build_inline_keyboard(*shown[:begin], *rows, *shown[next(others, len(shown)) :])


def _is_of_several(button: InlineKeyboardButton) -> bool:
    """Whether a row with this button begins the buttons of another request."""
    try:
        return StaffAction.unpack(button.callback_data or "").act in {"show", "buttons"}
    except (TypeError, ValueError):
        return False


def build_rows(
    requests: Sequence[Request], texts: Texts, undo_by: int | None = None
) -> list[Sequence[InlineKeyboardButton]]:
    """The buttons of one request, or a button for each of several that brings its buttons.

    While a member, ``undo_by``, may take the last change back, that is the only button.
    """
    if undo_by is not None:
        return [_build_undo_row("status", requests[0].history[-1].id, undo_by, texts)]
    if len(requests) == 1:
        return _build_rows(requests[0], texts)
    openers = [_build_opener(one, texts) for one in requests]
    return [openers[at : at + 2] for at in range(0, len(openers), 2)]


def _build_opener(request: Request, texts: Texts) -> InlineKeyboardButton:
    return build_button(
        texts("desk-buttons", number=request.number), StaffAction(act="buttons", id=request.id)
    )


def _build_assignment_row(request: Request, texts: Texts) -> list[InlineKeyboardButton]:
    if request.status not in OPEN:
        return []
    acts: tuple[AssignmentAct, ...] = ("members", "give_back")
    if request.assignee is None:
        # While it is not in work, the button of the status takes it.
        acts = ("take", "members") if request.status is Status.IN_WORK else ("members",)
    return [
        build_button(texts(f"desk-assign-{act}"), AssignmentAction(act=act, id=request.id))
        for act in acts
    ]


def _build_rows(request: Request, texts: Texts) -> list[Sequence[InlineKeyboardButton]]:
    allowed = TRANSITIONS.get((ActorKind.STAFF, request.status), frozenset())
    buttons = [
        build_button(
            texts(f"desk-button-{'reopen' if request.status not in OPEN else to}"),
            StatusAction(act="set", id=request.id, seen=request.status, to=to),
            style=_STYLES.get(to),
        )
        for to in Status
        if to in allowed
    ]
    documents = [
        build_button(texts(f"desk-button-{document}"), StaffAction(act=document, id=request.id))
        for document in CARD_DOCUMENTS
        if request.status in OPEN and (document != "joined_photos" or request.photos)
    ]
    return [
        *(buttons[at : at + 2] for at in range(0, len(buttons), 2)),
        _build_assignment_row(request, texts),
        [build_button(texts("desk-button-replies"), StaffAction(act="replies", id=request.id))]
        if request.status in OPEN
        else [],
        documents,
    ]


def _format_actor(request: Request, company: Company, texts: Texts, most: int | None = None) -> str:
    """Who set the present status and when; empty while the request is as it was registered.

    ``most`` is the greatest number of characters of the name.
    """
    if len(request.history) < 2:
        return ""
    last = request.history[-1]
    who = _format_who(last, texts)
    if most is not None and len(who) > most:
        who = f"{who[:most]}…"
    return f"{who}, {company.format_minute(last.at)}"


def _format_who(entry: HistoryEntry, texts: Texts) -> str:
    return entry.actor_name if entry.actor is ActorKind.STAFF else texts(f"actor-{entry.actor}")


def _format_undo(request: Request, undo: UndoStep | None, texts: Texts) -> list[str]:
    if undo is None or undo.until is None:
        return []
    seconds = (undo.until - request.history[-1].at).seconds
    return [texts("card-undo", seconds=seconds)]


def _format_mark(request: Request, texts: Texts) -> str:
    if request.was_clarified:
        return texts("answered-mark")
    if request.emergency and request.status is Status.REGISTERED:
        return texts("emergency-mark")
    return texts(f"status-mark-{request.status}")


def _format_required_papers(request: Request, catalogue: Catalogue, texts: Texts) -> list[str]:
    """The mandatory papers, for the check of completeness."""
    papers = catalogue.list_required_papers(
        request.type_code, request.account.category, request.raw_answers or {}
    )
    names = "".join(f"\n• {escape(one[texts.locale])}" for one in papers)
    return [f"{texts('card-required-papers')}{names}"] if papers else []


def _format_application_number(request: Request, texts: Texts) -> list[str]:
    """With it a signed scan is compared: other answers would have given another number."""
    number = request.application_number
    return [texts("card-application", number=number)] if number and request.scans else []


def _format_days_left(request: Request, today: date, texts: Texts) -> str:
    if request.closed_at is not None:
        return ""
    if request.clock_stopped_at is not None:
        if request.answer_by is None:
            return texts("card-clock-stopped")
        return texts("card-answer-by", answer_by=f"{request.answer_by:%d.%m.%Y}")
    if request.due_at is not None:
        # A number of days would be always 0.
        return ""
    days = (request.review_due - today).days
    return texts(
        "card-overdue" if days < 0 else "card-left", days=abs(days), today=f"{today:%d.%m}"
    )


def _format_applicant(account: Account, texts: Texts) -> str:
    words = texts(
        "card-applicant",
        category=texts(f"choice-registration-category-{account.category}"),
        name=escape(account.name),
        # In its international form Telegram makes it a link by itself.
        phone=escape(format_phone(account.phone, texts.locale)),
        email=escape(account.email),
    )
    if account.answer_channel is None:
        return words
    channel = texts(f"answer-channel-{account.answer_channel}")
    return f"{words}\n{texts('card-answer-channel', channel=channel)}"


def _format_rating(request: Request, texts: Texts) -> list[str]:
    stars = request.rating or 0
    return [texts("card-rating", rating="★" * stars + "☆" * (5 - stars))] if stars else []


def _format_assignee(request: Request, texts: Texts) -> str:
    if request.assignee is None:
        return ""
    return "\n" + texts("card-assignee", name=format_assignee(request.assignee))


def _join_after_dot(words: str) -> str:
    return f" · {words}" if words else ""


def _format_history(request: Request, company: Company, texts: Texts) -> list[str]:
    blocks = []
    for entry in request.history[1:]:
        line = (
            f"{company.format_minute(entry.at)} – {texts(f'status-{entry.status}')} – "
            f"{escape(_format_who(entry, texts))}"
        )
        blocks.extend(format_quote(line, entry.comment) if entry.comment else [f"<b>{line}</b>"])
    return join_groups(blocks)
