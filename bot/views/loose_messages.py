"""Views of messages that no question asked for: where may they go?"""

from collections.abc import Mapping, Sequence
from itertools import count

from bot.domain import MessageContent, MessageKind, RequestSummary
from bot.formatting.company import Company
from bot.formatting.forms import format_complaint
from bot.formatting.values import escape
from bot.fsm.model import Rejected
from bot.keyboards import Go, LooseMessages, NewRequest, build_button, build_inline_keyboard
from bot.request_types import Catalogue
from bot.texts import Texts
from bot.views.menus import build_menu_button, build_resume_rows
from bot.views.view import View

#: So many characters of a message are repeated.
_QUOTED = 60


def render_form_offer(
    files: Sequence[MessageContent], rejected: Rejected | None, texts: Texts
) -> View:
    """Files that came after «Готово»; ``rejected``: why one more is not kept."""
    words = texts(
        "late-files",
        names=_list_messages(files, texts),
        count=len(files),
    )
    return View(
        text=_put_complaint_above(rejected, words, texts),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-attach-late"), LooseMessages(act="attach"))],
            [build_button(texts("button-leave-late"), LooseMessages(act="leave_files"))],
        ),
    )


def render_offer(
    messages: Sequence[MessageContent],
    requests: Sequence[RequestSummary],
    drafts: Mapping[str, str],
    catalogue: Catalogue,
    company: Company,
    texts: Texts,
    *,
    rejected: Rejected | None,
) -> View:
    """Asks which of the open ``requests`` messages are about; an emergency goes first.

    ``drafts`` are the titles of unfinished forms by id; ``rejected``: why one more is not kept.
    """
    words = texts(
        "loose-messages",
        messages=_list_messages(messages, texts),
        requests=len(requests),
        number=requests[0].number if requests else "",
    )
    emergency = catalogue.find_emergency_type([one.text for one in messages])
    if emergency is not None:
        words = f"{format_emergency(company, texts)}\n\n{words}"
    return View(
        text=_put_complaint_above(rejected, words, texts),
        keyboard=build_inline_keyboard(
            [
                build_button(
                    texts("button-emergency"), NewRequest(code=emergency.code), style="danger"
                )
            ]
            if emergency
            else [],
            *(
                [
                    build_button(
                        texts(
                            "button-pass",
                            number=one.number,
                            type=catalogue.get(one.type_code).button[texts.locale],
                        ),
                        LooseMessages(act="pass", request=one.id),
                    )
                ]
                for one in requests
            ),
            [
                build_button(texts("button-new"), Go(to="new")),
                build_button(texts("button-leave-messages"), LooseMessages(act="leave")),
            ],
            *build_resume_rows(drafts, texts),
            [build_menu_button(texts)],
        ),
    )


def format_emergency(company: Company, texts: Texts) -> str:
    """HTML for somebody who writes that there is no power or that a wire is down."""
    return texts("emergency-call", phone=escape(company.support_phone))


def _list_messages(messages: Sequence[MessageContent], texts: Texts) -> str:
    """A line for each: the beginning of its words, the name of its file, the number of a photo."""
    lines, photos = [], count(1)
    for one in messages:
        is_photo = one.kind is MessageKind.PHOTO
        name = f"{texts('photo')} {next(photos)}" if is_photo else one.file_name or one.text
        words = " ".join(name.split())
        lines.append(escape(words if len(words) <= _QUOTED else f"{words[:_QUOTED]}…"))
    return "\n".join(f"• {line}" for line in lines)


def _put_complaint_above(rejected: Rejected | None, words: str, texts: Texts) -> str:
    if rejected is None:
        return words
    return f"⚠️ {format_complaint(rejected.code, rejected, texts)}\n\n{words}"
