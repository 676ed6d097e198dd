"""Views of requests: the list, one request, its registration and the notices about it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.domain import (
    OPEN,
    RATINGS,
    Answer,
    AnswerChannel,
    HistoryEntry,
    Page,
    Request,
    RequestMessage,
    RequestSummary,
    Status,
    StoredFile,
)
from bot.formatting.company import Company
from bot.formatting.forms import format_complaint
from bot.formatting.requests import format_awaited_answer, format_due, list_actions
from bot.formatting.values import escape, format_answer
from bot.fsm.model import Rejected
from bot.keyboards import (
    ChooseAnswerChannel,
    Go,
    NewRequest,
    OpenFile,
    OpenRequest,
    RequestAction,
    RequestsPage,
    Row,
    build_button,
    build_copy_button,
    build_inline_keyboard,
)
from bot.request_types import Catalogue
from bot.texts import Texts
from bot.views.menus import build_menu_button
from bot.views.view import View, format_quote, join_groups, split_pages

#: A keyboard has at most 100 buttons.
_FILES_SHOWN = 90


def render_page(
    requests: Page[RequestSummary], catalogue: Catalogue, company: Company, texts: Texts
) -> View:
    lines = [
        texts(
            "request-line",
            number=line.number,
            type=escape(catalogue.get(line.type_code).button[texts.locale]),
            date=company.format_day(line.registered_at),
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
        build_button(arrow, RequestsPage(page=number))
        for arrow, number in (("◀", requests.number - 1), ("▶", requests.number + 1))
        if 0 <= number < requests.pages
    ]
    return View(
        text="\n\n".join([heading, *lines]),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-new"), Go(to="new"), style="primary")],
            *(
                [
                    build_button(
                        texts(
                            "button-request",
                            status=texts(f"status-{line.status}"),
                            type=catalogue.get(line.type_code).button[texts.locale],
                            number=line.number,
                        ),
                        OpenRequest(id=line.id),
                    )
                ]
                for line in requests.items
            ),
            turns,
            [build_menu_button(texts)],
        ),
    )


def render_types(catalogue: Catalogue, texts: Texts) -> View:
    return View(
        text=texts("request-types"),
        keyboard=build_inline_keyboard(
            *(
                [build_button(one.button[texts.locale], NewRequest(code=one.code))]
                for one in catalogue.types
            ),
            [
                build_button(texts("button-to-requests"), Go(to="requests")),
                build_menu_button(texts),
            ],
        ),
    )


def render_registered(
    request: Request, catalogue: Catalogue, company: Company, texts: Texts
) -> View:
    """The number and the day of the answer; asks once how the consumer wants the answer."""
    words = texts(
        "request-registered",
        number=request.number,
        type=escape(catalogue.get(request.type_code).title[texts.locale]),
        due=company.format_due(request.review_due, request.due_at),
        scans=len(request.scans),
        email=escape(request.account.email),
        emergency=str(request.emergency).lower(),
        phone=escape(company.support_phone),
    )
    is_asked = request.account.answer_channel is None
    supplement = build_button(
        texts("button-supplement"), RequestAction(act="supplement", id=request.id), style="primary"
    )
    return View(
        text="\n\n".join([words, *([texts("answer-channel-asked")] if is_asked else [])]),
        keyboard=build_inline_keyboard(
            [supplement] if request.emergency else [],
            *(build_answer_channel_rows(texts) if is_asked else []),
            _build_number_row(request, texts),
            [
                build_button(texts("button-to-requests"), Go(to="requests")),
                build_menu_button(texts),
            ],
        ),
    )


def render_request(
    one: Request,
    messages: Sequence[RequestMessage],
    catalogue: Catalogue,
    company: Company,
    texts: Texts,
) -> tuple[View, ...]:
    """The whole request, nothing shortened; ``messages`` are the end of its conversation."""
    blocks = [
        texts(
            "request",
            number=one.number,
            type=escape(_get_title(one.type_code, catalogue, texts)),
            status=texts(f"status-{one.status}"),
            registered=company.format_minute(one.registered_at),
        )
        + (f"\n{due}" if (due := format_due(one, company, texts)) else ""),
        *([awaited] if (awaited := format_awaited_answer(one, texts)) else []),
        *format_labelled(one.answers),
        *format_quote(texts("request-text"), one.text),
        f"<b>{texts('request-scans', count=len(one.scans))}</b>" + _format_file_names(one.scans),
        *(
            [f"<b>{texts('request-documents')}</b>" + _format_file_names(one.documents)]
            if one.documents
            else []
        ),
        f"<b>{texts('request-history')}</b>"
        + "".join(
            f"\n{company.format_minute(entry.at)} – {texts(f'status-{entry.status}')}"
            for entry in one.history
        ),
        *(
            block
            for entry in one.history
            if entry.comment
            for block in format_quote(
                f"{texts(f'status-{entry.status}')}, {company.format_minute(entry.at)}",
                entry.comment,
            )
        ),
        *_format_messages(messages, company, texts),
    ]
    has_files = bool(one.scans or one.documents)
    keyboard = build_inline_keyboard(
        *build_action_rows(one, texts),
        [build_button(texts("button-files"), RequestAction(act="files", id=one.id))]
        if has_files
        else [],
        _build_number_row(one, texts),
        [build_button(texts("button-to-requests"), Go(to="requests")), build_menu_button(texts)],
    )
    return split_pages(blocks, keyboard)


def _build_number_row(one: Request, texts: Texts) -> Row:
    return [
        build_copy_button(texts("button-copy-number"), one.number),
        build_button(texts("button-receipt"), RequestAction(act="receipt", id=one.id)),
    ]


def render_files(one: Request, texts: Texts) -> View:
    """A button for each file of a request, the newest ones when there are very many."""
    files = [*one.scans, *one.documents]
    return View(
        text=texts("request-files", number=one.number),
        keyboard=build_inline_keyboard(
            *(
                [build_button(f"📎 {file.name}", OpenFile(request=one.id, id=file.id))]
                for file in files[-_FILES_SHOWN:]
            ),
            [build_button(texts("button-back"), OpenRequest(id=one.id)), build_menu_button(texts)],
        ),
    )


def build_action_rows(one: Request, texts: Texts) -> list[Row]:
    """The actions that the consumer may take on a request."""

    def build_action_button(act: str, style: str | None = None) -> InlineKeyboardButton:
        return build_button(texts(f"button-{act}"), RequestAction(act=act, id=one.id), style=style)

    acts = list_actions(one)
    stars = [
        build_button(f"{number} ★", RequestAction(act="rate", id=one.id, index=number))
        for number in RATINGS
        if "rate" in acts
    ]
    return [
        stars,
        [
            build_action_button(act, "primary" if act == "supplement" else None)
            for act in acts
            if act != "rate"
        ],
    ]


def render_confirmation(one: Request, act: str, texts: Texts) -> View:
    """Asks for a confirmation of ``withdraw`` or ``dispute``."""
    return View(
        text=texts(f"request-{act}-sure", number=one.number),
        keyboard=build_inline_keyboard(
            [
                build_button(
                    texts(f"button-{act}-yes"),
                    RequestAction(act=f"{act}_yes", id=one.id),
                    style="danger",
                ),
                build_button(texts("button-back"), OpenRequest(id=one.id)),
            ]
        ),
    )


def render_message_prompt(
    one: Request, texts: Texts, *, note: str = "request-talk", due: str = ""
) -> View:
    """The next messages go to the staff; ``note`` is the key of the text that says so."""
    return View(
        text=texts(note, number=one.number, due=due),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-done"), OpenRequest(id=one.id), style="primary")]
        ),
    )


def render_passed(
    one: Request, rejected: Sequence[Rejected], texts: Texts, *, due: str, all_rejected: bool
) -> View:
    """Messages were passed to the staff; ``rejected``: what is wrong with some or all of them."""
    note = "request-talk-answered" if one.was_clarified else "request-talk-taken"
    prompt = render_message_prompt(one, texts, note=note, due=due)
    lines = [f"⚠️ {format_complaint(why.code, why, texts)}" for why in rejected]
    if not all_rejected:
        lines.append(prompt.text)
    return replace(prompt, text="\n\n".join(lines))


def render_note(one: Request, note: str, texts: Texts) -> View:
    """A short text about a request; ``note`` is its key."""
    return View(
        text=texts(note, number=one.number),
        keyboard=build_inline_keyboard(
            [
                build_button(texts("button-open-request"), OpenRequest(id=one.id)),
                build_menu_button(texts),
            ]
        ),
    )


def render_clarification_reminder(
    one: Request, answer_by: date, catalogue: Catalogue, texts: Texts
) -> View:
    """Without an answer until this day the request will be annulled."""
    return View(
        text=texts(
            "clarification-reminder",
            number=one.number,
            type=escape(catalogue.get(one.type_code).button[texts.locale]),
            answer_by=f"{answer_by:%d.%m.%Y}",
        ),
        keyboard=build_reply_keyboard(one, texts),
    )


def build_answer_channel_rows(texts: Texts) -> list[Row]:
    """A button for each way in which a consumer may want answers."""
    return [
        [
            build_button(texts(f"answer-channel-{channel}"), ChooseAnswerChannel(channel=channel))
            for channel in AnswerChannel
        ]
    ]


def _format_messages(
    messages: Sequence[RequestMessage], company: Company, texts: Texts
) -> list[str]:
    blocks = [f"<b>{texts('request-messages')}</b>"] if messages else []
    for one in messages:
        by = texts(f"request-message-by-{one.author.kind}")
        heading = f"{company.format_minute(one.at)}, {by}"
        if one.content.media is not None:
            heading += f"\n📎 {escape(one.content.file_name or texts('photo'))}"
        if one.content.text:
            blocks += format_quote(heading, one.content.text)
        else:
            blocks.append(f"<b>{heading}</b>")
    return blocks


def _format_file_names(files: Sequence[StoredFile]) -> str:
    return "".join(f"\n• {escape(one.name)}" for one in files)


def render_status_changed(
    one: Request, entry: HistoryEntry, catalogue: Catalogue, company: Company, texts: Texts
) -> tuple[View, ...]:
    """The notice of a change of status."""
    awaited = format_awaited_answer(one, texts)
    blocks = [
        texts(
            f"notice-{_name_event(one, entry)}",
            number=one.number,
            type=escape(catalogue.get(one.type_code).button[texts.locale]),
            due=company.format_due(one.review_due, one.due_at),
        ),
        *([awaited] if entry.status is Status.CLARIFICATION and awaited else []),
        *(
            format_quote(texts(f"notice-words-{entry.status}"), entry.comment)
            if entry.comment
            else ()
        ),
    ]
    reply = [
        build_button(
            texts("button-reply"), RequestAction(act="supplement", id=one.id), style="primary"
        )
    ]
    return split_pages(
        blocks,
        build_inline_keyboard(
            # The notice asks for a reply, unless the status has changed since.
            *([reply] if one.status is entry.status is Status.CLARIFICATION else ()),
            *(
                build_action_rows(one, texts)
                if one.status is entry.status and one.status not in OPEN
                else ()
            ),
            [build_button(texts("button-open-request"), OpenRequest(id=one.id))],
        ),
    )


def _name_event(one: Request, entry: HistoryEntry) -> str:
    if entry.is_answer:
        return "answered"
    return "reopened" if one.was_reopened_by(entry) else entry.status.value


def build_reply_keyboard(one: Request, texts: Texts) -> InlineKeyboardMarkup:
    return build_inline_keyboard(
        [
            build_button(
                texts("button-reply"), RequestAction(act="supplement", id=one.id), style="primary"
            ),
            build_button(texts("button-open-request"), OpenRequest(id=one.id)),
        ]
    )


def render_unknown(texts: Texts) -> View:
    return View(
        text=texts("request-unknown"),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-to-requests"), Go(to="requests")), build_menu_button(texts)]
        ),
    )


def format_labelled(answers: Sequence[Answer]) -> list[str]:
    """The answers of a request, in blocks."""
    return join_groups(format_answer(one.label, escape(one.value)) for one in answers)


def _get_title(type_code: str, catalogue: Catalogue, texts: Texts) -> str:
    return catalogue.get(type_code).title[texts.locale]
