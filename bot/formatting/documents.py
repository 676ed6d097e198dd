"""Documents of requests as data for the typesetter: application, power of attorney, receipt.

An application is in the language of the company, which is the first one: ``texts`` of another
language may only render receipts.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from bot.domain import (
    Account,
    Answer,
    AnswerKey,
    Category,
    Request,
    Status,
    StoredFile,
    compute_application_number,
)
from bot.formatting.company import Company
from bot.formatting.requests import format_answers
from bot.fsm import field_types
from bot.fsm.field_types import AnswerContext, format_decimal, format_phone, make_example
from bot.fsm.model import APPLICATION, POWER_OF_ATTORNEY, Form, list_visible
from bot.integrations.typesetting import Document
from bot.request_types import Catalogue, build_form_id
from bot.texts import Texts

_WORDS = (
    "page", "of", "field", "value", "details", "text", "attachments", "confirmation", "date",
    "signature", "name", "files", "no_files", "file", "file_size",
)  # fmt: skip
#: Where an answer says so, a power of attorney names it.
_PRINCIPAL_IDS = ("inn", "inn_entrepreneur", "ogrn", "ogrnip")
_PRINCIPAL_ADDRESS = "applicant_address"
_OBJECT_KEYS = (AnswerKey.OBJECT_ADDRESS, AnswerKey.ADDRESS)

_NAMES = {Category.INDIVIDUAL: "full_name", Category.LEGAL: "organisation"}
_SAMPLE_SCAN = StoredFile(
    id=0, name="scan.pdf", media_type="application/pdf", size=1, sha256="0" * 64, key=""
)


def build_application(
    form: Form,
    draft_id: str,
    raw: Mapping[str, str],
    account: Account,
    day: date,
    company: Company,
    texts: Texts,
) -> Document:
    """The application of a form's answers so far, to be signed on ``day``."""
    return _build_application(
        form.id.parts[0],
        form.title[texts.locale] if form.title else form.name,
        compute_application_number(draft_id, raw),
        account,
        format_answers(form, raw, texts),
        raw.get(AnswerKey.TEXT, ""),
        _list_attachments(form, raw, texts),
        day,
        company,
        texts,
    )


def build_registered_application(
    request: Request, catalogue: Catalogue, company: Company, texts: Texts
) -> Document:
    """The application of a registered request, made anew from what was kept."""
    form = catalogue.find_form(build_form_id(request.type_code, request.account.category))
    day = request.registered_at.astimezone(company.timezone).date()
    if form is not None and request.raw_answers is not None:
        raw = {**request.raw_answers, AnswerKey.TEXT.value: request.text}
        return build_application(form, request.draft_id, raw, request.account, day, company, texts)
    return _build_application(
        request.type_code,
        catalogue.get(request.type_code).title[texts.locale],
        request.application_number or request.number,
        request.account,
        request.answers,
        request.text,
        (),
        day,
        company,
        texts,
    )


def build_power_of_attorney(
    form: Form, raw: Mapping[str, str], account: Account, company: Company, texts: Texts
) -> Document:
    """A blank with what the answers tell; the rest is written by hand."""
    shown = {one.key: one.value for one in format_answers(form, raw, texts)}
    title = form.title[texts.locale] if form.title else form.name
    return Document(
        template=POWER_OF_ATTORNEY,
        file_name=f"{texts('document-power-of-attorney')}.pdf",
        content={
            **build_frame(texts("document-power-of-attorney"), company, texts),
            "footer": title,
            "organisation": account.category is Category.LEGAL,
            "principal": account.name,
            "principal_ids": ", ".join(shown[key] for key in _PRINCIPAL_IDS if key in shown),
            "principal_address": shown.get(_PRINCIPAL_ADDRESS, ""),
            "subject": texts("document-quoted", words=title),
            "object": next((shown[key] for key in _OBJECT_KEYS if key in shown), ""),
        },
    )


def build_receipt(
    request: Request, catalogue: Catalogue, company: Company, texts: Texts
) -> Document:
    """Number, date, term, text and files of a registered request."""
    account = request.account
    number = request.application_number
    facts = [
        ("number", request.number),
        ("registered", company.format_minute(request.registered_at)),
        ("type", catalogue.get(request.type_code).title[texts.locale]),
        ("due", company.format_due(request.review_due, request.due_at)),
        ("applicant", account.name),
        ("contacts", f"{format_phone(account.phone, texts.locale)}, {account.email}"),
        *([("application", number)] if number else []),
    ]
    title = texts("document-receipt", number=request.number)
    return Document(
        template="receipt",
        file_name=f"{texts('document-receipt-file', number=request.number)}.pdf",
        content={
            **build_frame(title, company, texts),
            "footer": title,
            "qr": request.number,
            "qr_alt": texts("document-code", words=request.number),
            "facts": [
                {"label": texts(f"document-receipt-{key}"), "value": value} for key, value in facts
            ],
            "text": request.text,
            "answers": _dump_answers(request.answers),
            "files": [
                {"name": one.name, "size": format_size(one, texts), "sha256": one.sha256}
                for one in request.scans
            ],
            "closing": texts(
                "document-receipt-closing", phone=company.support_phone, email=company.support_email
            ),
        },
    )


def build_samples(catalogue: Catalogue, company: Company, texts: Texts) -> Iterator[Document]:
    """The application of every type and what else there is, filled with examples of answers."""
    now = datetime(2026, 1, 12, 9, tzinfo=UTC)
    for kind in catalogue.types:
        for category in Category:
            form = catalogue.get_form(kind.code, category)
            raw = _make_answers(form, now.date(), texts)
            account = Account(
                id=0,
                category=category,
                name=texts(f"form-registration-{_NAMES[category]}-example"),
                email=texts("form-registration-email-example"),
                phone="+79123456789",
                locale=texts.locale,
                password_is_temporary=False,
                created_at=now,
            )
            yield build_application(form, "0" * 16, raw, account, now.date(), company, texts)
            papers = form.get_field(AnswerKey.SCANS.value).papers
            if any(paper.blank == POWER_OF_ATTORNEY for paper in papers):
                yield build_power_of_attorney(form, raw, account, company, texts)
            if kind is not catalogue.types[0]:
                continue
            request = Request(
                id=0,
                number="2026-000001",
                account=account,
                type_code=kind.code,
                status=Status.REGISTERED,
                text=raw[AnswerKey.TEXT],
                registered_at=now,
                review_due=now.date(),
                answers=format_answers(form, raw, texts),
                scans=(_SAMPLE_SCAN,),
                history=(),
                emergency=False,
                raw_answers=raw,
                draft_id="0" * 16,
            )
            yield build_receipt(request, catalogue, company, texts)


def _make_answers(form: Form, today: date, texts: Texts) -> dict[str, str]:
    context = AnswerContext(
        today=today, profile={}, working_day_after=lambda day, _: day, answers={}
    )
    raw: dict[str, str] = {}
    for field in form.fields:
        if field.kind != "files" and list_visible([field], raw):
            example = field.example[texts.locale] if field.example else None
            typed = example or make_example(field, context) or ""
            raw[field.key] = (
                field.choices[0].value if field.choices else field_types.read(typed, field, context)
            )
    return raw


def _build_application(
    type_code: str,
    title: str,
    number: str,
    account: Account,
    answers: Iterable[Answer],
    text: str,
    attachments: Iterable[str],
    day: date,
    company: Company,
    texts: Texts,
) -> Document:
    return Document(
        template=type_code,
        file_name=f"{texts('document-application-file', number=number)}.pdf",
        content={
            **build_frame(title, company, texts),
            "footer": texts("document-application-number", number=number),
            "qr": number,
            "qr_alt": texts("document-code", words=number),
            "addressee": {
                "label": texts("document-to"),
                "name": company.name,
                "lines": [company.address],
            },
            "applicant": {
                "label": texts("document-from"),
                "name": account.name,
                "lines": [
                    texts(f"choice-registration-category-{account.category}"),
                    format_phone(account.phone, texts.locale),
                    account.email,
                ],
            },
            "answers": _dump_answers(answers),
            "text": text,
            "attachments": list(attachments),
            "date": f"{day:%d.%m.%Y}",
            # An organisation is represented by somebody whose name the account does not hold.
            "signatory": account.name if account.category is Category.INDIVIDUAL else "",
        },
    )


def build_frame(title: str, company: Company, texts: Texts) -> dict[str, Any]:
    """What every document has."""
    inn = company.inn if company.inn.strip("0") else ""
    return {
        "title": title,
        "language": texts.locale,
        "company": {
            "name": company.name,
            "inn": inn,
            "lines": [
                *([texts("document-inn", inn=inn)] if inn else []),
                company.address,
                f"{company.support_phone}, {company.support_email}",
            ],
        },
        "words": {word: texts(f"document-{word.replace('_', '-')}") for word in _WORDS},
    }


def _list_attachments(form: Form, raw: Mapping[str, str], texts: Texts) -> list[str]:
    """The papers that are to be attached to an application."""
    papers = form.get_field(AnswerKey.SCANS.value).list_papers(raw)
    return [paper.label[texts.locale] for paper in papers if paper.blank != APPLICATION]


def _dump_answers(answers: Iterable[Answer]) -> list[dict[str, str]]:
    return [{"key": one.key, "label": one.label, "value": one.value} for one in answers]


def format_size(scan: StoredFile, texts: Texts) -> str:
    megabytes = f"{max(scan.size / 1024**2, 0.1):.1f}"
    return texts("document-megabytes", size=format_decimal(megabytes, texts.locale))
