"""Emails to consumers: the same text plain and as HTML."""

from datetime import date, datetime

from bot.domain import Account, HistoryEntry, Request, RequestMessage, Status
from bot.integrations.smtp import Email
from bot.request_types import Catalogue
from bot.texts import Texts
from bot.views.view import Company, escape


def build_password_email(account: Account, password: str, company: Company, texts: Texts) -> Email:
    return _build_email("password", account, company, texts, password=password)


def build_email_taken_email(account: Account, company: Company, texts: Texts) -> Email:
    return _build_email("taken", account, company, texts)


def build_code_email(
    account: Account,
    purpose: str,
    digits: str,
    expires_at: datetime,
    company: Company,
    texts: Texts,
) -> Email:
    """``purpose`` is a CodePurpose; the subject holds no digits, as it shows on locked screens."""
    return _build_email(
        f"code-{purpose.replace('_', '-')}",
        account,
        company,
        texts,
        code=digits,
        until=company.format_minute(expires_at),
    )


def build_email_changed_email(account: Account, company: Company, texts: Texts) -> Email:
    """Does not name the new address: the former mailbox may be somebody else's by now."""
    return _build_email("email-changed", account, company, texts)


def build_new_chat_email(
    account: Account, chat_id: int, at: datetime, company: Company, texts: Texts
) -> Email:
    """Names the chat by its id only: a name in Telegram is free text of a stranger."""
    return _build_email(
        "new-chat", account, company, texts, chat=str(chat_id), at=company.format_minute(at)
    )


def build_password_changed_email(
    account: Account, at: datetime, company: Company, texts: Texts
) -> Email:
    return _build_email("password-changed", account, company, texts, at=company.format_minute(at))


def build_failed_logins_email(
    account: Account, at: datetime, company: Company, texts: Texts
) -> Email:
    return _build_email("failed-logins", account, company, texts, at=company.format_minute(at))


def build_request_registered_email(
    request: Request, catalogue: Catalogue, company: Company, texts: Texts
) -> Email:
    return _build_email(
        "registered",
        request.account,
        company,
        texts,
        number=request.number,
        type=catalogue.get(request.type_code).title[texts.locale],
        registered=company.format_minute(request.registered_at),
        due=company.format_due(request.review_due, request.due_at),
        text=request.text,
        scans=len(request.scans),
    )


def build_status_changed_email(
    request: Request, entry: HistoryEntry, catalogue: Catalogue, company: Company, texts: Texts
) -> Email:
    return _build_email(
        "status",
        request.account,
        company,
        texts,
        number=request.number,
        type=catalogue.get(request.type_code).title[texts.locale],
        status=texts(f"status-{entry.status}"),
        at=company.format_minute(entry.at),
        words=_format_status_words(request, entry, company, texts),
    )


def build_clarification_reminder_email(
    request: Request, answer_by: date, catalogue: Catalogue, company: Company, texts: Texts
) -> Email:
    question = next(
        (one.comment for one in reversed(request.history) if one.status is Status.CLARIFICATION), ""
    )
    return _build_email(
        "clarification-reminder",
        request.account,
        company,
        texts,
        number=request.number,
        type=catalogue.get(request.type_code).title[texts.locale],
        answer_by=f"{answer_by:%d.%m.%Y}",
        question=question,
    )


def _format_status_words(
    request: Request, entry: HistoryEntry, company: Company, texts: Texts
) -> str:
    if entry.comment:
        return f"{texts(f'notice-words-{entry.status}')}:\n{entry.comment}"
    if entry.is_answer:
        return texts(
            "letter-status-answered", due=company.format_due(request.review_due, request.due_at)
        )
    if entry.status is Status.ANNULLED:
        return texts("letter-status-annulled")
    return "–"


def build_staff_message_email(
    request: Request, message: RequestMessage, company: Company, texts: Texts
) -> Email:
    return _build_email(
        "message",
        request.account,
        company,
        texts,
        number=request.number,
        text=message.content.text or "–",
    )


def build_password_reset_email(
    account: Account, password: str, company: Company, texts: Texts
) -> Email:
    return _build_email("reset", account, company, texts, password=password)


def _build_email(
    kind: str, account: Account, company: Company, texts: Texts, **details: str | int
) -> Email:
    body = texts(
        f"letter-{kind}",
        greeting=_format_greeting(kind, account, texts),
        email=account.email,
        company=company.name,
        **details,
    )
    closing = texts(
        "letter-farewell",
        company=company.name,
        phone=company.support_phone,
        support=company.support_email,
    )
    paragraphs = [*body.split("\n\n"), *closing.split("\n\n")]
    return Email(
        to=account.email,
        subject=texts(f"letter-{kind}-subject", company=company.name, **details),
        text="\n\n".join(paragraphs) + "\n",
        html=_render_html(paragraphs, texts.locale),
    )


def _format_greeting(kind: str, account: Account, texts: Texts) -> str:
    """Without a name until the email is proved: whoever registers may type any words as a name.

    A stranger's registration never brings words to the owner of a taken email either.
    """
    if kind == "taken" or not account.email_proved:
        return texts("letter-greeting-neutral")
    return texts("letter-greeting", name=account.name)


def _render_html(paragraphs: list[str], locale: str) -> str:
    body = "\n".join(
        # An indented paragraph is something to copy, such as a password.
        f'<p style="font: 18px monospace">{escape(words.strip())}</p>'
        if words.startswith("    ")
        else "<p>{}</p>".format(escape(words).replace("\n", "<br>\n"))
        for words in paragraphs
    )
    return (
        f'<!doctype html>\n<html lang="{locale}">\n<head><meta charset="utf-8"></head>\n'
        f'<body style="font: 16px/1.5 sans-serif; max-width: 40em">\n{body}\n</body>\n</html>\n'
    )
