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


class _StrictModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class _When(_StrictModel):
    field: str
    among: Annotated[tuple[str, ...] | None, Setting(alias="in")] = None
    gt: float | None = None


class _ShowIf(_StrictModel):
    field: str
    among: Annotated[tuple[str, ...], Setting(alias="in", min_length=1)]


class _Variant(_StrictModel):
    when: _When
    applies_to: Applicants = "both"
    days: Annotated[int, Setting(ge=1, le=400)]
    calendar: Literal["working", "calendar"]
    basis: str
    confidence: Confidence


class _WorkingDaysIf(_StrictModel):
    field: str
    among: Annotated[tuple[str, ...], Setting(alias="in", min_length=1)]
    days: Annotated[int, Setting(ge=0, le=400)]


class _Limits(_StrictModel):
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


class _Option(_StrictModel):
    value: Code | Annotated[str, Setting(pattern=r"^[0-9.+-]{1,16}$")]
    label_ru: Button | Label
    label_en: Button | Label
    applies_to: Applicants = "both"
    alert: Literal["emergency"] | None = None


class _FieldModel(_StrictModel):
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


class _Attachment(_StrictModel):
    key: Code
    label_ru: str
    label_en: str | None = None
    required: bool
    applies_to: Applicants = "both"
    confidence: Confidence
    source: str | None = None


class _RequestTypeModel(_StrictModel):
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
    fields: Annotated[tuple[_FieldModel, ...], Setting(min_length=1)]
    attachments: tuple[_Attachment, ...]


class _Common(_StrictModel):
    registration: dict[str, Any]
    free_text: _FieldModel
    attachments: dict[str, dict[str, Any]]
    clarification: dict[str, Any]
    contact_prefill: tuple[str, ...]
    never_ask_in_chat: tuple[str, ...]


class _RequestTypesFile(_StrictModel):
    schema_version: Literal[1]
    as_of: str
    sources: dict[str, str]
    common: _Common
    types: Annotated[tuple[_RequestTypeModel, ...], Setting(min_length=1)]


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
    def __init__(self, content: _RequestTypesFile) -> None:
        self._content = {one.code: one for one in content.types}
        self.types = tuple(
            RequestType(
                number=one.number,
                code=one.code,
                title=_build_words(one.title_ru, one.title_en),
                button=_build_words(one.button_ru, one.button_en),
            )
            for one in sorted(content.types, key=lambda one: one.number)
        )
        self._by_code = {one.code: one for one in self.types}
        self._forms = {
            form.id: form
            for one in content.types
            for category in Category
            for form in [_build_form(one, content.common.free_text, category)]
        }

    def get(self, code: str) -> RequestType:
        """Raises KeyError."""
        return self._by_code[code]

    def get_by_number(self, number: int) -> RequestType | None:
        return next((one for one in self.types if one.number == number), None)

    def get_form(self, code: str, category: Category) -> Form:
        """The questions of a type, then the text, then the scans; raises KeyError."""
        return self._forms[_build_form_id(code, category)]

    def find_form(self, form_id: str) -> Form | None:
        """None when a draft's type has left the file."""
        return self._forms.get(form_id)

    def find_term(self, code: str, category: Category, answers: Mapping[str, str]) -> ReviewTerm:
        """The promised term; of several variants that hold, the last one in the file."""
        one = self._content[code]
        days, calendar = one.review_days, one.calendar
        for variant in one.review_variants:
            if variant.applies_to in ("both", category.value) and _is_met(variant.when, answers):
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
        content = _RequestTypesFile.model_validate(yaml.load(text, Loader=_Loader))  # noqa: S506 (both are safe)
    except yaml.YAMLError as error:
        raise CatalogueError(f"{path}: no YAML: {error}") from None
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise _build_error(path, text, problem["loc"], problem["msg"]) from None
    for place, reason in _find_contradictions(content):
        raise _build_error(path, text, place, reason)
    return Catalogue(content)


def _build_error(path: Path, text: str, place: Sequence[str | int], reason: str) -> CatalogueError:
    dotted = ".".join(str(part) for part in place)
    line = _find_line(yaml.compose(text, Loader=_Loader), place)
    return CatalogueError(f"{path}, line {line}, {dotted}: {reason}")


def _find_line(node: yaml.Node | None, place: Sequence[str | int]) -> int:
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


def _find_contradictions(content: _RequestTypesFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Places and reasons that no single part of the file shows."""
    codes = [one.code for one in content.types]
    if set(codes) != _CODES or len(codes) != len(_CODES):
        yield ("types",), f"there must be exactly these types: {', '.join(sorted(_CODES))}"
    if len({one.number for one in content.types}) != len(content.types):
        yield ("types",), "two types have the same number"
    for at, one in enumerate(content.types):
        yield from _find_type_contradictions(one, ("types", at))
    yield from _find_field_contradictions(
        content.common.free_text, [], ("common", "free_text"), needs_example=True
    )


def _find_type_contradictions(
    one: _RequestTypeModel, place: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if bool(one.notice_ru) != bool(one.notice_en):
        yield place, "notice_ru and notice_en go together"
    earlier: list[_FieldModel] = []
    for at, question in enumerate(one.fields):
        here = (*place, "fields", at)
        if question.key in {"text", "scans", *(known.key for known in earlier)}:
            yield here, f"the key {question.key!r} is taken"
        yield from _find_field_contradictions(
            question, earlier, here, needs_example=question.type in TYPED_KINDS
        )
        earlier.append(question)
    for at, variant in enumerate(one.review_variants):
        here = (*place, "review_variants", at)
        if (variant.when.among is None) == (variant.when.gt is None):
            yield here, "a variant needs either `in` or `gt`"
        elif variant.when.among is not None:
            yield from _find_unknown_values(variant.when.field, variant.when.among, earlier, here)
        elif all(known.key != variant.when.field for known in earlier):
            yield here, f"there is no field {variant.when.field!r}"


def _find_field_contradictions(
    question: _FieldModel,
    earlier: Sequence[_FieldModel],
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
        yield from _find_unknown_values(
            question.show_if.field, question.show_if.among, earlier, place
        )
    special = question.validation.min_working_days_ahead_if
    if special is not None:
        yield from _find_unknown_values(special.field, special.among, earlier, place)


def _find_unknown_values(
    key: str,
    values: Sequence[str],
    questions: Sequence[_FieldModel],
    place: tuple[str | int, ...],
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    question = next((known for known in questions if known.key == key), None)
    if question is None:
        yield place, f"there is no field {key!r} before this one"
        return
    known = {option.value for option in question.options} or {_YES, _NO}
    if strange := set(values) - known:
        yield place, f"{key!r} never has the value {', '.join(sorted(strange))}"


def _build_words(ru: str, en: str) -> Words:
    return MappingProxyType({"ru": ru, "en": en})


def _build_form_id(code: str, category: Category) -> str:
    return f"request:{code}:{category.value}"


def _build_form(one: _RequestTypeModel, free_text: _FieldModel, category: Category) -> Form:
    asked = [question for question in one.fields if _applies_to(question.applies_to, category)]
    papers = [paper for paper in one.attachments if _applies_to(paper.applies_to, category)]
    text = _build_field(free_text, category)
    return Form(
        id=_build_form_id(one.code, category),
        title=_build_words(one.title_ru, one.title_en),
        notice=_build_words(one.notice_ru, one.notice_en)
        if one.notice_ru and one.notice_en
        else None,
        fields=(
            *(_build_field(question, category) for question in asked),
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
                hint=_build_words(
                    "; ".join(paper.label_ru for paper in papers),
                    "; ".join(paper.label_en or paper.label_ru for paper in papers),
                ),
            ),
        ),
    )


def _build_field(question: _FieldModel, category: Category) -> Field:
    limits = question.validation.model_dump(exclude_none=True, by_alias=True)
    return Field(
        key=question.key,
        kind="choice" if question.type == "bool" else question.type,
        optional=not question.required,
        choices=_YES_NO
        if question.type == "bool"
        else tuple(
            Choice(value=option.value, label=_build_words(option.label_ru, option.label_en))
            for option in question.options
            if _applies_to(option.applies_to, category)
        ),
        limits=limits,
        when=Condition(field=question.show_if.field, values=frozenset(question.show_if.among))
        if question.show_if
        else None,
        suggestion=question.default_from,
        label=_build_words(question.label_ru, question.label_en),
        hint=_build_words(question.hint_ru, question.hint_en)
        if question.hint_ru and question.hint_en
        else None,
        example=_build_words(question.example_ru, question.example_en)
        if question.example_ru and question.example_en
        else None,
    )


def _applies_to(applicants: Applicants, category: Category) -> bool:
    return applicants in ("both", category.value)


def _is_met(when: _When, answers: Mapping[str, str]) -> bool:
    answer = answers.get(when.field)
    if not answer:
        return False
    if when.among is not None:
        return answer in when.among
    return when.gt is not None and Decimal(answer) > Decimal(str(when.gt))
