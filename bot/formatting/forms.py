"""Formatting of forms: questions, answers, and what is wrong with an answer."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from babel.dates import format_date

from bot.formatting.company import Company
from bot.formatting.values import escape, format_kwh
from bot.fsm import engine, field_types
from bot.fsm.builtin_forms import get_builtin_forms
from bot.fsm.field_types import AnswerContext
from bot.fsm.model import SKIPPED, Choice, Field, Form, FormId, Rejected
from bot.request_types import Catalogue
from bot.texts import Texts


def format_title(form_id: FormId, catalogue: Catalogue, texts: Texts) -> str:
    """The short name of a form, for a button."""
    if form_id.name in get_builtin_forms():
        return texts(f"form-{form_id.name}")
    return catalogue.get(form_id.parts[0]).button[texts.locale]


def format_heading(form: Form, texts: Texts) -> str:
    """The name of a form above its questions, as HTML."""
    return escape(form.title[texts.locale]) if form.title else texts(f"form-{form.name}")


def format_label(form: Form, field: Field, texts: Texts) -> str:
    """The name of an answer."""
    return (
        field.label[texts.locale] if field.label else texts(f"form-{form.name}-{field.key}-label")
    )


def format_consent(texts: Texts, company: Company) -> str:
    """The exact text of the consent, as it is shown and stored: 152-ФЗ ст. 9 ч. 4."""
    return texts(
        "consent",
        company=company.name,
        inn=company.inn,
        address=company.address,
        version=company.consent_version,
        email=company.support_email,
        policy=company.privacy_policy_url,
    )


def format_prompt(
    form: Form, field: Field, answers: Mapping[str, str], company: Company, texts: Texts
) -> str:
    """A question with its hint, as HTML; ``answers`` are those so far."""
    if field.kind == "files" and not field.aside:
        return texts(
            "form-files",
            papers=format_papers(field, answers, texts),
            hint=escape(field.hint[texts.locale]) if field.hint else texts("form-files-optional"),
        )
    if field.label:
        words = f"<b>{escape(field.label[texts.locale])}</b>"
        return f"{words}\n{escape(field.hint[texts.locale])}" if field.hint else words
    if field.key == "consent":
        return escape(format_consent(texts, company))
    return texts(f"form-{form.name}-{field.key}")


def format_papers(field: Field, answers: Mapping[str, str], texts: Texts) -> str:
    """The papers that the answers so far call for, one a line; mandatory ones are marked."""
    return "\n".join(
        texts(
            "form-paper",
            name=escape(paper.label[texts.locale]),
            required=str(paper.is_required(answers)).lower(),
        )
        for paper in field.list_papers(answers)
    )


def format_example(form: Form, field: Field, context: AnswerContext, texts: Texts) -> str | None:
    """An acceptable answer, plain text; None when the question needs none."""
    if field.example:
        return field.example[texts.locale]
    if field.label:
        return field_types.make_example(field, context)
    key = f"form-{form.name}-{field.key}-example"
    return texts(key) if texts.has(key) else None


def format_choice(form: Form, field: Field, choice: Choice, texts: Texts) -> str:
    """The words of a choice, plain text."""
    if choice.label:
        return choice.label[texts.locale]
    return texts(f"choice-{form.name}-{field.key}-{choice.value}")


def format_ready_day(day: date, today: date, texts: Texts) -> str:
    """A day that is offered as an answer: «завтра, чт 26.11»."""
    shift = (day - today).days
    return texts(
        "button-day",
        when={-1: "yesterday", 0: "today", 1: "tomorrow"}.get(shift, "other"),
        weekday=format_date(day, "EEE", locale=texts.locale),
        day=f"{day:%d.%m}",
    )


def format_ready_answer(field: Field, context: AnswerContext, texts: Texts) -> str | None:
    """The answer that is offered from the account's data; None when there is none."""
    if not field.suggestion:
        return None
    try:
        ready = engine.get_suggestion(field, context)
        return field_types.show(field_types.read(ready, field, context), field, texts.locale)
    except Rejected:
        return None


def format_raw_answer(form: Form, field: Field, raw: str, texts: Texts) -> str:
    """An answer of a draft as people read it; plain text."""
    chosen = next((one for one in field.choices if one.value == raw), None)
    if raw == SKIPPED:
        return texts("skipped")
    if chosen:
        return format_choice(form, field, chosen, texts)
    return field_types.show(raw, field, texts.locale)


def format_field_complaint(rejected: Rejected, field: Field, texts: Texts) -> str:
    """What is wrong with the answer to a question, as HTML."""
    code = rejected.code
    if code in {"wrong-kind", "blank"}:
        # The text says what to send instead, and that depends on the question.
        expected = "choice" if field.choices else "words"
        if field.kind in {"files", "table"}:
            expected = field.kind
        code = f"{code}-{expected}"
    return format_complaint(code, rejected, texts)


def format_complaint(code: str, rejected: Rejected, texts: Texts) -> str:
    """What is wrong with an answer and how to correct it, as HTML."""
    return texts(
        f"error-{code}",
        **{name: format_detail(value, texts) for name, value in rejected.details.items()},
    )


def format_detail(value: str | int | Decimal, texts: Texts) -> str | int:
    """What a complaint tells of an answer, escaped."""
    if isinstance(value, Decimal):
        return format_kwh(value, texts)
    return escape(value) if isinstance(value, str) else value
