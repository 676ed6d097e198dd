"""Letters: the same words as plain text and as HTML."""

from bot.domain import Account, HistoryEntry, Request, Talk
from bot.integrations.smtp import Letter
from bot.request_types import Catalogue
from bot.texts import Texts
from bot.views.view import Company, escape


def password_letter(account: Account, password: str, company: Company, texts: Texts) -> Letter:
    return _letter("password", account, company, texts, password=password)


def taken_letter(account: Account, company: Company, texts: Texts) -> Letter:
    return _letter("taken", account, company, texts)


def logged_out_letter(account: Account, company: Company, texts: Texts) -> Letter:
    return _letter("logged-out", account, company, texts)


def registered_letter(
    request: Request, catalogue: Catalogue, company: Company, texts: Texts
) -> Letter:
    return _letter(
        "registered",
        request.account,
        company,
        texts,
        number=request.number,
        type=catalogue.by_code(request.type_code).title[texts.locale],
        registered=company.minute(request.registered_at),
        due=f"{request.review_due:%d.%m.%Y}",
        text=request.text,
        scans=len(request.scans),
    )


def changed_letter(
    request: Request, entry: HistoryEntry, catalogue: Catalogue, company: Company, texts: Texts
) -> Letter:
    return _letter(
        "status",
        request.account,
        company,
        texts,
        number=request.number,
        type=catalogue.by_code(request.type_code).title[texts.locale],
        status=texts(f"status-{entry.status}"),
        at=company.minute(entry.at),
        words=f"{texts(f'notice-words-{entry.status}')}:\n{entry.comment}"
        if entry.comment
        else "–",
    )


def message_letter(request: Request, talk: Talk, company: Company, texts: Texts) -> Letter:
    return _letter(
        "message",
        request.account,
        company,
        texts,
        number=request.number,
        text=talk.written.text or "–",
    )


def reset_letter(account: Account, password: str, company: Company, texts: Texts) -> Letter:
    return _letter("reset", account, company, texts, password=password)


def _letter(
    kind: str, account: Account, company: Company, texts: Texts, **details: str | int
) -> Letter:
    body = texts(
        f"letter-{kind}", name=account.name, email=account.email, company=company.name, **details
    )
    farewell = texts(
        "letter-farewell",
        company=company.name,
        phone=company.support_phone,
        support=company.support_email,
    )
    paragraphs = [*body.split("\n\n"), *farewell.split("\n\n")]
    return Letter(
        to=account.email,
        subject=texts(f"letter-{kind}-subject", company=company.name, **details),
        text="\n\n".join(paragraphs) + "\n",
        html=_html(paragraphs, texts.locale),
    )


def _html(paragraphs: list[str], locale: str) -> str:
    body = "\n".join(
        # What is written with an indent is to be copied, such as a password.
        f'<p style="font: 18px monospace">{escape(words.strip())}</p>'
        if words.startswith("    ")
        else "<p>{}</p>".format(escape(words).replace("\n", "<br>\n"))
        for words in paragraphs
    )
    return (
        f'<!doctype html>\n<html lang="{locale}">\n<head><meta charset="utf-8"></head>\n'
        f'<body style="font: 16px/1.5 sans-serif; max-width: 40em">\n{body}\n</body>\n</html>\n'
    )
