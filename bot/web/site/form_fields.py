"""Questions of a form as controls of a page: what to type where, and when a question is shown."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from markupsafe import Markup

from bot.domain import AnswerKey
from bot.formatting.forms import (
    format_choice,
    format_example,
    format_label,
)
from bot.fsm import engine, field_types
from bot.fsm.field_types import AnswerContext
from bot.fsm.model import (
    APPLICATION,
    POWER_OF_ATTORNEY,
    SKIPPED,
    WAYS,
    Condition,
    Field,
    Form,
    NeedsConfirmation,
    Rejected,
    list_visible,
)
from bot.services.site_forms import OpenForm
from bot.texts import Texts
from bot.web.site.complaints import format_page_complaint


@dataclass(frozen=True, slots=True)
class _Typing:
    """How a browser helps to type an answer; the attributes of an ``input``."""

    type: str = "text"
    inputmode: str | None = None
    autocomplete: str = "off"


_TYPING = MappingProxyType(
    {
        "date": _Typing("date"),
        "phone": _Typing("tel", "tel", "tel"),
        "email": _Typing("email", "email", "email"),
        "name": _Typing(autocomplete="name"),
        "organisation": _Typing(autocomplete="organization"),
        "integer": _Typing(inputmode="numeric"),
        "decimal": _Typing(inputmode="decimal"),
        "reading": _Typing(inputmode="decimal"),
        "code": _Typing(inputmode="numeric", autocomplete="one-time-code"),
        "inn": _Typing(inputmode="numeric"),
        "ogrn": _Typing(inputmode="numeric"),
        "snils": _Typing(inputmode="numeric"),
    }
)
_ADDRESSES = frozenset({AnswerKey.ADDRESS, AnswerKey.OBJECT_ADDRESS})
#: Longer answers get several lines.
_LONG_TEXT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A paper beside the question about files; both conditions are JSON for the script."""

    name: str
    is_named: bool
    when: str | None
    is_required: bool
    required_when: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionControl:
    """A question with its control: radios, lines, files or input; ``typing`` is of an input.

    ``when``: the condition under which it is shown, as JSON for the script. ``reasons`` are those
    by which a doubtful answer is confirmed, with their words.
    """

    key: str
    control: str
    label: str
    hint: str | None
    example: str | None
    value: str
    error: Markup | None
    typing: _Typing
    is_shown: bool
    is_optional: bool
    when: str | None
    choices: Sequence[tuple[str, str]] = ()
    reasons: Sequence[tuple[str, str]] = ()
    earliest: str | None = None
    latest: str | None = None
    longest: int | None = None
    papers: Sequence[PaperLine] = ()
    blanks: Sequence[PaperLine] = ()


def list_questions(
    opened: OpenForm,
    errors: Mapping[str, Rejected],
    context: AnswerContext,
    texts: Texts,
) -> Iterator[QuestionControl]:
    """Every question of the form, those of closed branches too: a script opens them at once."""
    form, answers = opened.form, opened.draft.answers
    shown = {field.key for field in list_visible(form.fields, answers)}
    for field in form.fields:
        rejected = errors.get(field.key)
        earliest, latest = field_types.find_bounds(field, context)
        yield QuestionControl(
            key=field.key,
            control=_choose_control(field),
            label=format_label(form, field, texts),
            hint=_find_hint(field, texts),
            example=format_example(form, field, context, texts),
            value=_find_value(opened, field, context, texts),
            error=format_page_complaint(rejected, field, texts) if rejected else None,
            typing=_choose_typing(field),
            is_shown=field.key in shown,
            is_optional=field.optional,
            when=_dump_condition(field.when),
            choices=[(one.value, format_choice(form, field, one, texts)) for one in field.choices],
            reasons=[
                (reason, texts(f"way-{reason}"))
                for reason in (rejected.reasons if isinstance(rejected, NeedsConfirmation) else ())
            ],
            earliest=earliest,
            latest=latest,
            longest=field.limits.get("max_length"),
            papers=list(_list_papers(field, answers, texts)),
            blanks=list(_list_blanks(field, answers)),
        )


def find_missing(opened: OpenForm) -> dict[str, Rejected]:
    """The mandatory questions that are shown and have no answer, as what is wrong with them."""
    return {
        field.key: Rejected("choose" if field.choices else "blank")
        for field in list_visible(opened.form.fields, opened.draft.answers)
        if field.key not in opened.draft.answers and not field.optional and not field.aside
    }


def read_answers(form: Form, sent: Mapping[str, str]) -> dict[str, str]:
    """What was sent for the questions of the form; files are counted where they are kept."""
    keys = {field.key for field in form.fields if field.kind not in {"files", "table"}}
    return {key: words for key, words in sent.items() if key in keys}


def read_confirmations(form: Form, sent: Mapping[str, str]) -> dict[str, str]:
    """The reasons by which doubtful answers were confirmed."""
    given = {field.key: sent.get(f"confirm-{field.key}", "") for field in form.fields}
    return {key: reason for key, reason in given.items() if reason in WAYS}


def _find_hint(field: Field, texts: Texts) -> str | None:
    if field.kind == "location":
        # The one of the file tells how to send it in a chat.
        return texts("site-form-location")
    return field.hint[texts.locale] if field.hint else None


def _choose_control(field: Field) -> str:
    if field.kind == "files":
        return "files"
    if field.choices:
        return "radios"
    is_long = field.limits.get("multiline") or field.limits.get("max_length", 0) > _LONG_TEXT
    return "lines" if is_long else "input"


def _choose_typing(field: Field) -> _Typing:
    if field.key in _ADDRESSES:
        return _Typing(autocomplete="street-address")
    return _TYPING.get(field.kind, _Typing())


def _find_value(opened: OpenForm, field: Field, context: AnswerContext, texts: Texts) -> str:
    """What stands in the control: what was typed and refused, the answer, or a ready one."""
    if field.key in opened.refused:
        return opened.refused[field.key]
    raw = opened.draft.answers.get(field.key)
    if raw is None:
        try:
            raw = field_types.read(engine.get_suggestion(field, context), field, context)
        except Rejected:
            return ""
    if raw == SKIPPED or field.choices or field.kind == "date":
        return raw
    return field_types.show(raw, field, texts.locale)


def _list_papers(field: Field, answers: Mapping[str, str], texts: Texts) -> Iterator[PaperLine]:
    for paper in field.papers:
        yield PaperLine(
            name=paper.label[texts.locale],
            is_named=paper.is_named(answers),
            when=_dump_condition(paper.when),
            is_required=paper.is_required(answers),
            required_when=None if paper.required else _dump_condition(paper.required_when),
        )


def _list_blanks(field: Field, answers: Mapping[str, str]) -> Iterator[PaperLine]:
    """The papers that the site makes for a question about files."""
    if field.kind != "files" or field.aside:
        return
    marked = {paper.blank: paper for paper in field.papers if paper.blank}
    for blank in (APPLICATION, POWER_OF_ATTORNEY):
        paper = marked.get(blank)
        # A type whose papers name no application has one all the same.
        if paper is not None or blank == APPLICATION:
            yield PaperLine(
                name=blank,
                is_named=paper is None or paper.is_named(answers),
                when=_dump_condition(paper.when) if paper else None,
                is_required=False,
                required_when=None,
            )


def _dump_condition(condition: Condition | None) -> str | None:
    """For the script, which shows and hides as ``Condition.is_fulfilled`` decides."""
    if condition is None:
        return None
    bounds = {"above": condition.above, "atMost": condition.at_most}
    return json.dumps(
        {
            "field": condition.field,
            "values": sorted(condition.values),
            **{name: float(one) for name, one in bounds.items() if one is not None},
        }
    )
