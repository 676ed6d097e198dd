"""Formatting of requests."""

from collections.abc import Mapping

from bot.domain import OPEN, OWN_ANSWERS, Answer, Request, Status
from bot.formatting.company import Company
from bot.fsm import field_types
from bot.fsm.model import SKIPPED, Form, list_visible
from bot.texts import Texts


def format_answers(form: Form, raw: Mapping[str, str], texts: Texts) -> tuple[Answer, ...]:
    """The type's own answers as they were shown; text and scans are stored apart."""
    return tuple(
        Answer(
            key=field.key,
            label=field.label[texts.locale] if field.label else field.key,
            value=field_types.show(raw[field.key], field, texts.locale),
        )
        for field in list_visible(form.fields, raw)
        if field.key not in OWN_ANSWERS and raw.get(field.key, SKIPPED) != SKIPPED
    )


def list_actions(request: Request) -> tuple[str, ...]:
    """What the consumer may do about a request, by the status it has now."""
    if request.status in OPEN:
        return ("supplement", "withdraw")
    if request.status is Status.WITHDRAWN:
        return ()
    if request.status is Status.ANNULLED:
        return ("copy",)
    return (
        *(("rate",) if request.rating is None else ()),
        "dispute",
        *(("copy",) if request.status is Status.REJECTED else ()),
    )


def format_due(request: Request, company: Company, texts: Texts) -> str:
    """Until when a request is answered, while it is open."""
    if request.status not in OPEN:
        return ""
    return texts("request-due", due=company.format_due(request.review_due, request.due_at))


def format_awaited_answer(request: Request, texts: Texts) -> str:
    """Until when a clarification must be answered, if the request would be annulled then; HTML."""
    if request.status is not Status.CLARIFICATION or request.answer_by is None:
        return ""
    return texts("request-answer-by", answer_by=f"{request.answer_by:%d.%m.%Y}")
