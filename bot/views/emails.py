"""Emails to consumers: their words, and in which order they stand."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain import OPEN, Account, Category, HistoryEntry, Request, RequestMessage, Status
from bot.formatting.company import Company
from bot.integrations.smtp import Email
from bot.request_types import Catalogue
from bot.services.request_workflow import DISPUTE_TIME
from bot.texts import Texts
from bot.views.email_layout import (
    Block,
    Button,
    Code,
    Facts,
    Footnote,
    Paragraph,
    Section,
    render_html,
    render_text,
)

#: A patronymic, Russian or in Latin letters; of those in two words, the second one.
_PATRONYMIC = re.compile(r".+(ич|вна|чна|ich|vna|chna)|оглы|кызы|ogly|kyzy", re.IGNORECASE)
_IN_TWO_WORDS = re.compile(r"оглы|кызы|ogly|kyzy", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What all emails share.

    ``bot`` is the bot's name in Telegram, None while it is unknown. ``omits_files``: the email goes
    without its files, as they are too big, and says where they are.
    """

    company: Company
    bot: str | None
    omits_files: bool = False


def build_password_email(account: Account, password: str, head: Letterhead, texts: Texts) -> Email:
    return _build_email("password", account, head, texts, password=password)


def build_email_taken_email(account: Account, head: Letterhead, texts: Texts) -> Email:
    return _build_email("taken", account, head, texts)


def build_code_email(
    account: Account,
    purpose: str,
    digits: str,
    expires_at: datetime,
    head: Letterhead,
    texts: Texts,
) -> Email:
    """``purpose`` is a CodePurpose; the subject holds no digits, as it shows on locked screens."""
    return _build_email(
        f"code-{purpose.replace('_', '-')}",
        account,
        head,
        texts,
        code=digits,
        until=head.company.format_minute(expires_at),
    )


def build_email_changed_email(account: Account, head: Letterhead, texts: Texts) -> Email:
    """Does not name the new address: the former mailbox may be somebody else's by now."""
    return _build_email("email-changed", account, head, texts)


def build_new_chat_email(
    account: Account, chat_id: int, at: datetime, head: Letterhead, texts: Texts
) -> Email:
    """Names the chat by its id only: a name in Telegram is free text of a stranger."""
    moment = head.company.format_minute(at)
    return _build_email("new-chat", account, head, texts, chat=str(chat_id), at=moment)


def build_new_browser_email(
    account: Account, browser: str, at: datetime, head: Letterhead, texts: Texts
) -> Email:
    """``browser`` is of a list of our own words, and no text of a stranger."""
    moment = head.company.format_minute(at)
    return _build_email("new-browser", account, head, texts, browser=browser, at=moment)


def build_password_changed_email(
    account: Account, at: datetime, head: Letterhead, texts: Texts
) -> Email:
    moment = head.company.format_minute(at)
    return _build_email("password-changed", account, head, texts, at=moment)


def build_failed_logins_email(
    account: Account, at: datetime, head: Letterhead, texts: Texts
) -> Email:
    moment = head.company.format_minute(at)
    return _build_email("failed-logins", account, head, texts, at=moment)


def build_password_reset_email(
    account: Account, password: str, head: Letterhead, texts: Texts
) -> Email:
    return _build_email("reset", account, head, texts, password=password)


def build_request_registered_email(
    request: Request,
    catalogue: Catalogue,
    head: Letterhead,
    texts: Texts,
    *,
    with_receipt: bool,
) -> Email:
    return _build_request_email(
        "registered",
        request,
        head,
        texts,
        _list_facts(
            request,
            catalogue,
            texts,
            ("registered", head.company.format_minute(request.registered_at)),
            ("due", _format_due(request, head)),
            ("scans", texts("letter-scans", count=len(request.scans))),
        ),
        Section(texts("request-text"), request.text),
        *([Paragraph(texts("letter-receipt"))] if with_receipt else []),
        due=_format_due(request, head),
        channel=request.channel,
    )


def build_status_changed_email(
    request: Request, entry: HistoryEntry, catalogue: Catalogue, head: Letterhead, texts: Texts
) -> Email:
    status = texts(f"status-{entry.status}")
    comment = [Section(texts(f"notice-words-{entry.status}"), entry.comment)]
    closed_at = request.closed_at or entry.at
    return _build_request_email(
        "status",
        request,
        head,
        texts,
        _list_facts(
            request,
            catalogue,
            texts,
            ("status", status),
            ("at", head.company.format_minute(entry.at)),
        ),
        *(comment if entry.comment else []),
        next_step="answered" if entry.is_answer else entry.status.value,
        status=status,
        due=_format_due(request, head),
        answer_by=f"{request.answer_by:%d.%m.%Y}" if request.answer_by else "none",
        until=head.company.format_day(closed_at + DISPUTE_TIME),
    )


def build_clarification_reminder_email(
    request: Request, answer_by: date, catalogue: Catalogue, head: Letterhead, texts: Texts
) -> Email:
    questions = [one.comment for one in request.history if one.status is Status.CLARIFICATION]
    return _build_request_email(
        "clarification-reminder",
        request,
        head,
        texts,
        _list_facts(request, catalogue, texts),
        *(Section(texts("notice-words-clarification"), one) for one in questions[-1:] if one),
        answer_by=f"{answer_by:%d.%m.%Y}",
    )


def build_staff_message_email(
    request: Request,
    message: RequestMessage,
    catalogue: Catalogue,
    head: Letterhead,
    texts: Texts,
    *,
    files: int,
) -> Email:
    """``files`` is the number of the attachments."""
    due = [("due", _format_due(request, head))] if request.status in OPEN else []
    text = message.content.text
    return _build_request_email(
        "message",
        request,
        head,
        texts,
        *([Section(texts("letter-specialist"), text)] if text else []),
        *(
            [Paragraph(texts("letter-attached", count=files))]
            if files and not head.omits_files
            else []
        ),
        _list_facts(request, catalogue, texts, *due),
    )


def find_given_names(full_name: str) -> str | None:
    """Name and patronymic, in whichever order they stand with the surname; None: not told apart."""
    words = full_name.split()
    if len(words) < 3:
        return None
    for at, word in enumerate(words[1:], 1):
        if _PATRONYMIC.fullmatch(word):
            name_at = max(at - (2 if _IN_TWO_WORDS.fullmatch(word) else 1), 0)
            return "\u00a0".join(words[name_at : at + 1])
    return None


def _build_request_email(
    kind: str,
    request: Request,
    head: Letterhead,
    texts: Texts,
    *blocks: Block,
    next_step: str = "",
    **details: str | int,
) -> Email:
    return _build_email(
        kind,
        request.account,
        head,
        texts,
        *blocks,
        payload=f"r{request.id}",
        next_step=next_step,
        number=request.number,
        **details,
    )


def _build_email(
    kind: str,
    account: Account,
    head: Letterhead,
    texts: Texts,
    *blocks: Block,
    payload: str = "",
    next_step: str = "",
    **details: str | int,
) -> Email:
    """The next step closes each email: ``letter-<kind>-next``, or one for each ``next_step``."""
    company = head.company
    details = {**details, "email": account.email, "company": company.name}
    following = f"letter-{kind}-next-{next_step}" if next_step else f"letter-{kind}-next"
    content = [
        Paragraph(_format_greeting(kind, account, texts)),
        # An indented paragraph is something to copy, such as a password.
        *(
            Code(words.strip()) if words.startswith(" ") else Paragraph(words)
            for words in texts(f"letter-{kind}", **details).split("\n\n")
        ),
        *blocks,
        *([Paragraph(texts("letter-files-omitted"))] if head.omits_files else []),
        Section(texts("letter-next"), texts(following, **details)),
        *_list_buttons(head, payload, str(details.get("number", "")), texts),
        Paragraph(texts("letter-farewell", company=company.name)),
        Footnote(
            texts("letter-footnote", phone=company.support_phone, support=company.support_email)
        ),
    ]
    subject = texts(f"letter-{kind}-subject", **details)
    return Email(
        to=account.email,
        subject=subject,
        text=render_text(company.name, content),
        html=render_html(company.name, company.color, subject, texts.locale, content),
    )


def _list_buttons(head: Letterhead, payload: str, number: str, texts: Texts) -> list[Button]:
    """Buttons that open the bot and the site: at the request of the email, if it is about one."""
    buttons = []
    if head.bot is not None:
        words = texts("letter-open-request" if payload else "letter-open-bot")
        place = f"?start={payload}" if payload else ""
        buttons.append(Button(words, f"https://t.me/{head.bot}{place}"))
    if head.company.site_url is not None:
        words = texts("letter-open-request-site" if payload else "letter-open-site")
        place = f"/requests/{number}" if payload else "/"
        buttons.append(Button(words, f"{head.company.site_url}{place}"))
    return buttons


def _list_facts(
    request: Request, catalogue: Catalogue, texts: Texts, *more: tuple[str, str]
) -> Facts:
    rows = (
        ("number", request.number),
        ("type", catalogue.get(request.type_code).title[texts.locale]),
        *more,
    )
    return Facts(tuple((texts(f"letter-fact-{key}"), value) for key, value in rows))


def _format_due(request: Request, head: Letterhead) -> str:
    return head.company.format_due(request.review_due, request.due_at)


def _format_greeting(kind: str, account: Account, texts: Texts) -> str:
    """By name and patronymic; without them to organisations, and where they are not told apart.

    Without a name until the email is proved: whoever registers may type any words as a name. A
    stranger's registration never brings words to the owner of a taken email either.
    """
    proved = account.email_proved and kind != "taken"
    named = proved and account.category is Category.INDIVIDUAL
    names = find_given_names(account.name) if named else None
    return texts("letter-greeting", name=names) if names else texts("letter-greeting-neutral")
