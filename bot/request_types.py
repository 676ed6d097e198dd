"""The request types: a YAML file that a company may edit becomes six checked types and their forms.

The whole file is checked at start, so that a wrong one is refused with place and reason and never
met by a consumer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Setting

from bot.domain import Category
from bot.fsm.field_types import TYPED_KINDS
from bot.fsm.model import Choice, Condition, Field, Form, Words

#: The one written in C where the package was built with it: a start takes half a second less.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

PACKAGED = Path(__file__).with_name("request_types.yaml")

_CODES = frozenset(
    {
        "tech_connection",
        "meter_reading_visit",
        "meter_commissioning",
        "meter_installation",
        "unmetered_report",
        "grid_asset_theft",
    }
)
_YES, _NO = "yes", "no"
_YES_NO = (
    Choice(value=_YES, label={"ru": "Да", "en": "Yes"}),
    Choice(value=_NO, label={"ru": "Нет", "en": "No"}),
)

Applicants = Literal["both", "individual", "legal"]
Confidence = Literal["found", "derived", "knowledge"]
Code = Annotated[str, Setting(pattern=r"^[a-z0-9_]{1,32}$")]
Line = Annotated[str, Setting(min_length=1, max_length=300)]
Label = Annotated[str, Setting(min_length=1, max_length=60)]
Button = Annotated[str, Setting(min_length=1, max_length=40)]


class CatalogueError(Exception):
    """A wrong file of request types; the message names file, place and reason."""


# --- the file's shape ------------------------------------------------------------------------


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class _When(_Part):
    field: str
    among: Annotated[tuple[str, ...] | None, Setting(alias="in")] = None
    gt: float | None = None


class _ShowIf(_Part):
    field: str
    among: Annotated[tuple[str, ...], Setting(alias="in", min_length=1)]


class _Variant(_Part):
    when: _When
    applies_to: Applicants = "both"
    days: Annotated[int, Setting(ge=1, le=400)]
    calendar: Literal["working", "calendar"]
    basis: str
    confidence: Confidence


class _WorkingDaysIf(_Part):
    field: str
    among: Annotated[tuple[str, ...], Setting(alias="in", min_length=1)]
    days: Annotated[int, Setting(ge=0, le=400)]


class _Limits(_Part):
    min_length: Annotated[int, Setting(ge=1)] | None = None
    max_length: Annotated[int, Setting(ge=1, le=3000)] | None = None
    pattern: str | None = None
    min: Literal["today"] | float | None = None
    max: Literal["today"] | float | None = None
    max_decimals: Annotated[int, Setting(ge=0, le=6)] | None = None
    max_days_back: Annotated[int, Setting(ge=0)] | None = None
    max_days_ahead: Annotated[int, Setting(ge=0)] | None = None
    min_working_days_ahead: Annotated[int, Setting(ge=0)] | None = None
    min_working_days_ahead_if: _WorkingDaysIf | None = None


class _Option(_Part):
    value: Code | Annotated[str, Setting(pattern=r"^[0-9.+-]{1,16}$")]
    label_ru: Button | Label
    label_en: Button | Label
    applies_to: Applicants = "both"
    alert: Literal["emergency"] | None = None


class _Question(_Part):
    key: Code
    label_ru: Label
    label_en: Label
    type: Literal["text", "choice", "integer", "decimal", "date", "phone", "location", "bool"]
    required: bool
    options: tuple[_Option, ...] = ()
    validation: _Limits = _Limits()
    show_if: _ShowIf | None = None
    default_from: (
        Literal["profile.phone", "profile.full_name", "profile.email", "config.default_supplier"]
        | None
    ) = None
    hint_ru: Line | None = None
    hint_en: Line | None = None
    example_ru: Line | None = None
    example_en: Line | None = None
    applies_to: Applicants = "both"
    alert_if_true: Literal["emergency"] | None = None
    confidence: Confidence
    source: str | None = None


class _Attachment(_Part):
    key: Code
    label_ru: str
    label_en: str | None = None
    required: bool
    applies_to: Applicants = "both"
    confidence: Confidence
    source: str | None = None


class _Type(_Part):
    number: Annotated[int, Setting(ge=1, le=6)]
    code: Code
    title_ru: Line
    title_en: Line
    button_ru: Button
    button_en: Button
    review_days: Annotated[int, Setting(ge=1, le=400)]
    calendar: Literal["working", "calendar"]
    review_from: Literal["registration"]
    review_confidence: Confidence
    review_basis: str
    review_note_ru: str | None = None
    review_variants: tuple[_Variant, ...] = ()
    other_terms: tuple[dict[str, Any], ...] = ()
    limits_ru: str | None = None
    result_ru: str
    notice_ru: str | None = None
    notice_en: str | None = None
    notice_confidence: Confidence | None = None
    legal_basis: tuple[str, ...]
    fields: Annotated[tuple[_Question, ...], Setting(min_length=1)]
    attachments: tuple[_Attachment, ...]


class _Common(_Part):
    registration: dict[str, Any]
    free_text: _Question
    attachments: dict[str, dict[str, Any]]
    clarification: dict[str, Any]
    contact_prefill: tuple[str, ...]
    never_ask_in_chat: tuple[str, ...]


class _File(_Part):
    schema_version: Literal[1]
    as_of: str
    sources: dict[str, str]
    common: _Common
    types: Annotated[tuple[_Type, ...], Setting(min_length=1)]


# --- what the rest of the bot sees -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTerm:
    """Days promised for the answer, counted from the day after registration."""

    days: int
    working: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestType:
    """``title`` is the specification's full one, ``button`` the short one."""

    number: int
    code: str
    title: Words
    button: Words


class Catalogue:
    def __init__(self, content: _File) -> None:
        self._content = {one.code: one for one in content.types}
        self.types = tuple(
            RequestType(
                number=one.number,
                code=one.code,
                title=_words(one.title_ru, one.title_en),
                button=_words(one.button_ru, one.button_en),
            )
            for one in sorted(content.types, key=lambda one: one.number)
        )
        self._by_code = {one.code: one for one in self.types}
        self._forms = {
            form.id: form
            for one in content.types
            for category in Category
            for form in [_form(one, content.common.free_text, category)]
        }

    def by_code(self, code: str) -> RequestType:
        """Raises KeyError."""
        return self._by_code[code]

    def by_number(self, number: int) -> RequestType | None:
        return next((one for one in self.types if one.number == number), None)

    def form(self, code: str, category: Category) -> Form:
        """The questions of a type, then the text, then the scans; raises KeyError."""
        return self._forms[_form_id(code, category)]

    def find_form(self, form_id: str) -> Form | None:
        """None when a draft's type has left the file."""
        return self._forms.get(form_id)

    def term(self, code: str, category: Category, answers: Mapping[str, str]) -> ReviewTerm:
        """The promised term; of several variants that hold, the last one in the file."""
        one = self._content[code]
        days, calendar = one.review_days, one.calendar
        for variant in one.review_variants:
            if variant.applies_to in ("both", category.value) and _holds(variant.when, answers):
                days, calendar = variant.days, variant.calendar
        return ReviewTerm(days=days, working=calendar == "working")

    def is_emergency(self, code: str, category: Category, answers: Mapping[str, str]) -> bool:
        """Whether an answer tells of a danger at this moment."""
        for question in self._content[code].fields:
            answer = answers.get(question.key)
            if question.alert_if_true and answer == _YES:
                return True
            if any(option.alert and option.value == answer for option in question.options):
                return True
        return False


def load(path: Path | None = None) -> Catalogue:
    """The company's file, or the packaged one; raises CatalogueError."""
    path = path or PACKAGED
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: cannot be read: {error}") from None
    try:
        content = _File.model_validate(yaml.load(text, Loader=_Loader))  # noqa: S506 (both are safe)
    except yaml.YAMLError as error:
        raise CatalogueError(f"{path}: no YAML: {error}") from None
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise _refusal(path, text, problem["loc"], problem["msg"]) from None
    for place, reason in _contradictions(content):
        raise _refusal(path, text, place, reason)
    return Catalogue(content)


def _refusal(path: Path, text: str, place: Sequence[str | int], reason: str) -> CatalogueError:
    dotted = ".".join(str(part) for part in place)
    line = _line(yaml.compose(text, Loader=_Loader), place)
    return CatalogueError(f"{path}, line {line}, {dotted}: {reason}")


def _line(node: yaml.Node | None, place: Sequence[str | int]) -> int:
    """The line where a place of the file begins, or the nearest one around it."""
    if node is None:
        return 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            inner = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            inner = node.value[part] if part < len(node.value) else None
        else:
            inner = None
        if inner is None:
            break
        node = inner
    return int(node.start_mark.line) + 1


def _contradictions(content: _File) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Places and reasons that no single part of the file shows."""
    codes = [one.code for one in content.types]
    if set(codes) != _CODES or len(codes) != len(_CODES):
        yield ("types",), f"there must be exactly these types: {', '.join(sorted(_CODES))}"
    if len({one.number for one in content.types}) != len(content.types):
        yield ("types",), "two types have the same number"
    for at, one in enumerate(content.types):
        yield from _contradictions_of(one, ("types", at))
    yield from _question_contradictions(
        content.common.free_text, [], ("common", "free_text"), needs_example=True
    )


def _contradictions_of(
    one: _Type, place: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if bool(one.notice_ru) != bool(one.notice_en):
        yield place, "notice_ru and notice_en go together"
    earlier: list[_Question] = []
    for at, question in enumerate(one.fields):
        here = (*place, "fields", at)
        if question.key in {"text", "scans", *(known.key for known in earlier)}:
            yield here, f"the key {question.key!r} is taken"
        yield from _question_contradictions(
            question, earlier, here, needs_example=question.type in TYPED_KINDS
        )
        earlier.append(question)
    for at, variant in enumerate(one.review_variants):
        here = (*place, "review_variants", at)
        if (variant.when.among is None) == (variant.when.gt is None):
            yield here, "a variant needs either `in` or `gt`"
        elif variant.when.among is not None:
            yield from _unknown_values(variant.when.field, variant.when.among, earlier, here)
        elif all(known.key != variant.when.field for known in earlier):
            yield here, f"there is no field {variant.when.field!r}"


def _question_contradictions(
    question: _Question,
    earlier: Sequence[_Question],
    place: tuple[str | int, ...],
    *,
    needs_example: bool,
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if (question.type == "choice") != bool(question.options):
        yield place, "options belong to a choice, and a choice needs some"
    if len({option.value for option in question.options}) != len(question.options):
        yield place, "two options have the same value"
    if bool(question.hint_ru) != bool(question.hint_en):
        yield place, "hint_ru and hint_en go together"
    if needs_example and not (question.example_ru and question.example_en):
        yield place, "a typed question needs example_ru and example_en"
    if question.validation.pattern is not None:
        try:
            re.compile(question.validation.pattern)
        except re.error as error:
            yield (*place, "validation", "pattern"), f"no regular expression: {error}"
    if question.show_if is not None:
        yield from _unknown_values(question.show_if.field, question.show_if.among, earlier, place)
    special = question.validation.min_working_days_ahead_if
    if special is not None:
        yield from _unknown_values(special.field, special.among, earlier, place)


def _unknown_values(
    key: str,
    values: Sequence[str],
    questions: Sequence[_Question],
    place: tuple[str | int, ...],
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    question = next((known for known in questions if known.key == key), None)
    if question is None:
        yield place, f"there is no field {key!r} before this one"
        return
    known = {option.value for option in question.options} or {_YES, _NO}
    if strange := set(values) - known:
        yield place, f"{key!r} never has the value {', '.join(sorted(strange))}"


def _words(ru: str, en: str) -> Words:
    return MappingProxyType({"ru": ru, "en": en})


def _form_id(code: str, category: Category) -> str:
    return f"request:{code}:{category.value}"


def _form(one: _Type, free_text: _Question, category: Category) -> Form:
    asked = [question for question in one.fields if _concerns(question.applies_to, category)]
    papers = [paper for paper in one.attachments if _concerns(paper.applies_to, category)]
    text = _field(free_text, category)
    return Form(
        id=_form_id(one.code, category),
        title=_words(one.title_ru, one.title_en),
        notice=_words(one.notice_ru, one.notice_en) if one.notice_ru and one.notice_en else None,
        fields=(
            *(_field(question, category) for question in asked),
            Field(
                key=text.key,
                kind=text.kind,
                limits={**text.limits, "multiline": True},
                label=text.label,
                example=text.example,
            ),
            Field(
                key="scans",
                kind="files",
                optional=True,
                hint=_words(
                    "; ".join(paper.label_ru for paper in papers),
                    "; ".join(paper.label_en or paper.label_ru for paper in papers),
                ),
            ),
        ),
    )


def _field(question: _Question, category: Category) -> Field:
    limits = question.validation.model_dump(exclude_none=True, by_alias=True)
    return Field(
        key=question.key,
        kind="choice" if question.type == "bool" else question.type,
        optional=not question.required,
        choices=_YES_NO
        if question.type == "bool"
        else tuple(
            Choice(value=option.value, label=_words(option.label_ru, option.label_en))
            for option in question.options
            if _concerns(option.applies_to, category)
        ),
        limits=limits,
        when=Condition(field=question.show_if.field, values=frozenset(question.show_if.among))
        if question.show_if
        else None,
        suggestion=question.default_from,
        label=_words(question.label_ru, question.label_en),
        hint=_words(question.hint_ru, question.hint_en)
        if question.hint_ru and question.hint_en
        else None,
        example=_words(question.example_ru, question.example_en)
        if question.example_ru and question.example_en
        else None,
    )


def _concerns(applicants: Applicants, category: Category) -> bool:
    return applicants in ("both", category.value)


def _holds(when: _When, answers: Mapping[str, str]) -> bool:
    answer = answers.get(when.field)
    if not answer:
        return False
    if when.among is not None:
        return answer in when.among
    return when.gt is not None and Decimal(answer) > Decimal(str(when.gt))
