"""Screens about requests."""

from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.domain import OPEN, Answer, HistoryEntry, Page, Request, RequestLine, Status
from bot.fsm import field_types
from bot.fsm.model import SKIPPED, Draft, Form, Rejected, visible
from bot.keyboards import (
    Deed,
    Go,
    NewRequest,
    OpenRequest,
    RequestsPage,
    Row,
    button,
    copy_button,
    inline,
)
from bot.request_types import Catalogue
from bot.texts import Texts
from bot.views.forms import complaint
from bot.views.menus import menu_button
from bot.views.view import Company, View, answered, escape, grouped, paged, quoted


def page(requests: Page[RequestLine], catalogue: Catalogue, company: Company, texts: Texts) -> View:
    lines = [
        texts(
            "request-line",
            number=line.number,
            type=escape(catalogue.by_code(line.type_code).button[texts.locale]),
            date=company.day(line.registered_at),
            status=texts(f"status-{line.status}"),
        )
        for line in requests.items
    ]
    heading = (
        texts("requests", page=requests.number + 1, pages=requests.pages)
        if lines
        else texts("requests-none")
    )
    turns = [
        button(arrow, RequestsPage(page=number))
        for arrow, number in (("◀", requests.number - 1), ("▶", requests.number + 1))
        if 0 <= number < requests.pages
    ]
    return View(
        text="\n\n".join([heading, *lines]),
        keyboard=inline(
            [button(texts("button-new"), Go(to="new"), style="primary")],
            *([button(f"№ {line.number}", OpenRequest(id=line.id))] for line in requests.items),
            turns,
            [menu_button(texts)],
        ),
    )


def types(catalogue: Catalogue, texts: Texts) -> View:
    return View(
        text=texts("request-types"),
        keyboard=inline(
            *(
                [button(one.button[texts.locale], NewRequest(number=one.number))]
                for one in catalogue.types
            ),
            [button(texts("button-to-requests"), Go(to="requests")), menu_button(texts)],
        ),
    )


def answers(form: Form, draft: Draft, texts: Texts) -> tuple[Answer, ...]:
    """The type's own answers as they were shown; text and scans are kept apart."""
    return tuple(
        Answer(
            key=field.key,
            label=field.label[texts.locale] if field.label else field.key,
            value=field_types.show(draft.answers[field.key], field, texts.locale),
        )
        for field in visible(form.fields, draft.answers)
        if field.key not in {"text", "scans"} and draft.answers[field.key] != SKIPPED
    )


def registered(request: Request, catalogue: Catalogue, company: Company, texts: Texts) -> View:
    return View(
        text=texts(
            "request-registered",
            number=request.number,
            type=escape(catalogue.by_code(request.type_code).title[texts.locale]),
            due=f"{request.review_due:%d.%m.%Y}",
            scans=len(request.scans),
            email=escape(request.account.email),
            emergency=str(request.emergency).lower(),
            phone=escape(company.support_phone),
        ),
        keyboard=inline(
            [copy_button(texts("button-copy-number"), request.number)],
            [button(texts("button-to-requests"), Go(to="requests")), menu_button(texts)],
        ),
    )


def request(one: Request, catalogue: Catalogue, company: Company, texts: Texts) -> tuple[View, ...]:
    """All of a request, never cut."""
    blocks = [
        texts(
            "request",
            number=one.number,
            type=escape(_title(one.type_code, catalogue, texts)),
            status=texts(f"status-{one.status}"),
            registered=company.minute(one.registered_at),
            due=f"{one.review_due:%d.%m.%Y}",
        ),
        *labelled(one.answers),
        *quoted(texts("request-text"), one.text),
        f"<b>{texts('request-scans', count=len(one.scans))}</b>"
        + "".join(f"\n• {escape(scan.name)}" for scan in one.scans),
        f"<b>{texts('request-history')}</b>"
        + "".join(
            f"\n{company.minute(entry.at)} – {texts(f'status-{entry.status}')}"
            for entry in one.history
        ),
        *(
            block
            for entry in one.history
            if entry.comment
            for block in quoted(
                f"{texts(f'status-{entry.status}')}, {company.minute(entry.at)}", entry.comment
            )
        ),
    ]
    keyboard = inline(
        *deeds(one, texts),
        [copy_button(texts("button-copy-number"), one.number)],
        [button(texts("button-to-requests"), Go(to="requests")), menu_button(texts)],
    )
    return paged(blocks, keyboard)


def deeds(one: Request, texts: Texts) -> list[Row]:
    """What its consumer may do with a request."""

    def deed(act: str, style: str | None = None) -> InlineKeyboardButton:
        return button(texts(f"button-{act}"), Deed(act=act, id=one.id), style=style)

    if one.status in OPEN:
        return [[deed("supplement", "primary"), deed("withdraw")]]
    if one.status is Status.WITHDRAWN:
        return []
    stars = [
        button(f"{number} ★", Deed(act="rate", id=one.id, index=number)) for number in range(1, 6)
    ]
    return [
        stars if one.rating is None else [],
        [deed("dispute"), *([deed("copy")] if one.status is Status.REJECTED else [])],
    ]


def sure(one: Request, act: str, texts: Texts) -> View:
    """Asks once more before ``withdraw`` or ``dispute``."""
    return View(
        text=texts(f"request-{act}-sure", number=one.number),
        keyboard=inline(
            [
                button(
                    texts(f"button-{act}-yes"), Deed(act=f"{act}_yes", id=one.id), style="danger"
                ),
                button(texts("button-back"), OpenRequest(id=one.id)),
            ]
        ),
    )


def talk(one: Request, texts: Texts, *, note: str = "request-talk") -> View:
    """What is written now goes to the staff; ``note`` is the key of the words."""
    return View(
        text=texts(note, number=one.number),
        keyboard=inline([button(texts("button-done"), OpenRequest(id=one.id), style="primary")]),
    )


def talk_rejected(one: Request, rejected: Rejected, texts: Texts) -> View:
    """What was wrong with a file; the staff did not get it."""
    return View(
        text=f"⚠️ {complaint(rejected.code, rejected, texts)}", keyboard=talk(one, texts).keyboard
    )


def told(one: Request, note: str, texts: Texts) -> View:
    """A short word about a request, and the way on."""
    return View(
        text=texts(note, number=one.number),
        keyboard=inline(
            [button(texts("button-open-request"), OpenRequest(id=one.id)), menu_button(texts)]
        ),
    )


def changed(
    one: Request, entry: HistoryEntry, catalogue: Catalogue, texts: Texts
) -> tuple[View, ...]:
    """The notice of a change of status."""
    blocks = [
        texts(
            f"notice-{entry.status}",
            number=one.number,
            type=escape(catalogue.by_code(one.type_code).button[texts.locale]),
            due=f"{one.review_due:%d.%m.%Y}",
        ),
        *(quoted(texts(f"notice-words-{entry.status}"), entry.comment) if entry.comment else ()),
    ]
    reply = [button(texts("button-reply"), Deed(act="supplement", id=one.id), style="primary")]
    return paged(
        blocks,
        inline(
            # What this notice asks for, unless something else has happened since.
            *([reply] if one.status is entry.status is Status.CLARIFICATION else ()),
            *(deeds(one, texts) if one.status is entry.status and one.status not in OPEN else ()),
            [button(texts("button-open-request"), OpenRequest(id=one.id))],
        ),
    )


def reply_keyboard(one: Request, texts: Texts) -> InlineKeyboardMarkup:
    return inline(
        [
            button(texts("button-reply"), Deed(act="supplement", id=one.id), style="primary"),
            button(texts("button-open-request"), OpenRequest(id=one.id)),
        ]
    )


def unknown(texts: Texts) -> View:
    return View(
        text=texts("request-unknown"),
        keyboard=inline(
            [button(texts("button-to-requests"), Go(to="requests")), menu_button(texts)]
        ),
    )


def labelled(answers: Sequence[Answer]) -> list[str]:
    """The answers of a request, in blocks."""
    return grouped(answered(one.label, escape(one.value)) for one in answers)


def _title(type_code: str, catalogue: Catalogue, texts: Texts) -> str:
    return catalogue.by_code(type_code).title[texts.locale]
