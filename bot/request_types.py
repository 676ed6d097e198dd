"""Request types: the YAML file of the types, checked as a whole at start, and their forms.

A company may edit a copy of the file: any number of types with any codes. A wrong file is refused
with place and reason before a consumer meets it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Setting

from bot.domain import OWN_ANSWERS, AnswerKey, Category, TypeRole
from bot.fsm.field_types import TYPED_KINDS
from bot.fsm.model import Choice, Condition, Field, Form, FormId, Paper, Words

#: libyaml's loader where PyYAML was built with it: it saves half a second of the start.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

PACKAGED = Path(__file__).with_name("request_types.yaml")

#: A button's callback data holds ``new:<code>`` in 64 bytes; the code of a type is ASCII.
CODE_LENGTH = 32

#: Code compares or fills in these answers as text.
_TEXT_KEYS = frozenset({AnswerKey.METER_NUMBER, AnswerKey.ADDRESS, AnswerKey.OBJECT_ADDRESS})

_YES, _NO = "yes", "no"

Applicants = Literal["both", "individual", "legal"]
Calendar = Literal["working", "calendar"]
Code = Annotated[str, Setting(pattern=r"^[a-z0-9_]+$", max_length=CODE_LENGTH)]
Language = Annotated[str, Setting(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")]
Lines = dict[str, Annotated[str, Setting(min_length=1, max_length=300)]]
Labels = dict[str, Annotated[str, Setting(min_length=1, max_length=60)]]
Buttons = dict[str, Annotated[str, Setting(min_length=1, max_length=40)]]

Beginnings = Annotated[str, Setting(pattern=r"^[a-zа-я]{2,}( [a-zа-я]{2,})*$")]

Place = tuple[str | int, ...]
"""The way to a part of the file: keys of mappings and positions in lists."""


class CatalogueError(Exception):
    """A wrong file of request types; the message names file, place and reason."""


# --- the file's shape ------------------------------------------------------------------------


class _StrictModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class _ConditionModel(_StrictModel):
    """An answer is one of ``in``, or a number greater than ``gt`` and at most ``le``."""

    field: str
    among: Annotated[tuple[str, ...] | None, Setting(alias="in", min_length=1)] = None
    gt: Decimal | None = None
    le: Decimal | None = None


class _VariantModel(_StrictModel):
    when: _ConditionModel
    applies_to: Applicants = "both"
    days: Annotated[int, Setting(ge=1, le=400)]
    calendar: Calendar
    decides: bool = False


class _ClarificationModel(_StrictModel):
    """``resume``: the term goes on after the answer; ``restart``: it is counted anew.

    ``annul_after`` and ``remind_before`` are working days: a request without an answer is annulled,
    and the applicant is reminded some days before that.
    """

    clock: Literal["resume", "restart"] = "resume"
    annul_after: Annotated[int, Setting(ge=1, le=400)] | None = None
    remind_before: Annotated[int, Setting(ge=1, le=400)] | None = None


class _WorkingDaysIfModel(_StrictModel):
    field: str
    among: Annotated[tuple[str, ...], Setting(alias="in", min_length=1)]
    days: Annotated[int, Setting(ge=0, le=400)]


class _LimitsModel(_StrictModel):
    min_length: Annotated[int, Setting(ge=1)] | None = None
    max_length: Annotated[int, Setting(ge=1, le=3000)] | None = None
    pattern: str | None = None
    min: Literal["today"] | float | None = None
    max: Literal["today"] | float | None = None
    max_decimals: Annotated[int, Setting(ge=0, le=6)] | None = None
    max_days_back: Annotated[int, Setting(ge=0)] | None = None
    max_days_ahead: Annotated[int, Setting(ge=0)] | None = None
    min_working_days_ahead: Annotated[int, Setting(ge=0)] | None = None
    min_working_days_ahead_if: _WorkingDaysIfModel | None = None
    digits: Annotated[int, Setting(ge=1, le=20)] | None = None
    unit: Literal["kW", "pcs"] | None = None


class _OptionModel(_StrictModel):
    value: Code | Annotated[str, Setting(pattern=r"^[0-9.+-]{1,16}$")]
    label: Labels
    applies_to: Applicants = "both"
    alert: Literal["emergency"] | None = None


class _FieldModel(_StrictModel):
    key: Code
    label: Labels
    type: Literal[
        "text", "choice", "integer", "decimal", "date", "phone", "location", "bool",
        "inn", "ogrn", "snils",
    ]  # fmt: skip
    required: bool
    options: tuple[_OptionModel, ...] = ()
    validation: _LimitsModel = _LimitsModel()
    show_if: _ConditionModel | None = None
    default_from: (
        Literal["profile.phone", "profile.full_name", "profile.email", "config.default_supplier"]
        | None
    ) = None
    hint: Lines | None = None
    example: Lines | None = None
    applies_to: Applicants = "both"
    alert_if_true: Literal["emergency"] | None = None


class _FreeTextModel(_StrictModel):
    label: Labels
    example: Lines
    validation: _LimitsModel = _LimitsModel()


class _AttachmentModel(_StrictModel):
    label: Lines
    blank: Literal["application", "power_of_attorney"] | None = None
    applies_to: Applicants = "both"
    show_if: _ConditionModel | None = None
    required: bool = False
    required_if: _ConditionModel | None = None


class _RequestTypeModel(_StrictModel):
    number: Annotated[int, Setting(ge=1)]
    code: Code
    role: TypeRole | None = None
    title: Lines
    button: Buttons
    notice: Lines | None = None
    text_example: Lines | None = None
    review_days: Annotated[int, Setting(ge=1, le=400)]
    calendar: Calendar
    review_variants: tuple[_VariantModel, ...] = ()
    emergency_hours: Annotated[int, Setting(ge=1, le=72)] | None = None
    emergency_words: tuple[Beginnings, ...] = ()
    clarification: _ClarificationModel = _ClarificationModel()
    fields: Annotated[tuple[_FieldModel, ...], Setting(min_length=1)]
    attachments: tuple[_AttachmentModel, ...] = ()
    without_papers: Lines | None = None


class _CommonModel(_StrictModel):
    free_text: _FreeTextModel
    yes: Buttons
    no: Buttons


class _RequestTypesFile(_StrictModel):
    schema_version: Literal[3]
    languages: Annotated[tuple[Language, ...], Setting(min_length=1)]
    common: _CommonModel
    types: Annotated[tuple[_RequestTypeModel, ...], Setting(min_length=1)]


# --- what the rest of the bot sees -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTerm:
    """Days until the answer is due, counted from the day after registration."""

    days: int
    working: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarificationRule:
    """What a clarification does to the term of a request.

    ``restarts``: the term is counted anew from the day of the answer; else it goes on. Without an
    answer the request is annulled after ``annul_after`` working days, None: never; the applicant
    is reminded ``remind_before`` working days before the last one, None: never.
    """

    restarts: bool = False
    annul_after: int | None = None
    remind_before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestType:
    """``title`` is the specification's full one, ``button`` the short one."""

    code: str
    title: Words
    button: Words


class Catalogue:
    """The request types of a checked file."""

    def __init__(self, content: _RequestTypesFile) -> None:
        self._models = {one.code: one for one in content.types}
        #: In the order of their numbers.
        self.types = tuple(
            RequestType(
                code=one.code,
                title=_build_words(one.title, content.languages),
                button=_build_words(one.button, content.languages),
            )
            for one in sorted(content.types, key=lambda one: one.number)
        )
        self._by_code = {one.code: one for one in self.types}
        self._by_role = {one.role: self._by_code[one.code] for one in content.types if one.role}
        builder = _FormBuilder(content)
        self._forms = {
            form.id: form
            for one in content.types
            for category in Category
            for form in [builder.build_form(one, category)]
        }

    def get(self, code: str) -> RequestType:
        """The type of a request; one that has left the file is called by its code."""
        return self._by_code.get(code) or RequestType(
            code=code, title=Words({"": code}), button=Words({"": code})
        )

    def find(self, code: str) -> RequestType | None:
        """The type while it is in the file."""
        return self._by_code.get(code)

    def find_by_role(self, role: TypeRole) -> RequestType | None:
        """None when no type of the file has the role."""
        return self._by_role.get(role)

    def find_emergency_type(self, messages: Sequence[str]) -> RequestType | None:
        """The type to report an emergency with, if the words of a message are about one."""
        for one in self._models.values():
            for phrase in one.emergency_words:
                beginnings = phrase.split()
                if any(_has_beginnings(message, beginnings) for message in messages):
                    return self._by_code[one.code]
        return None

    def get_form(self, code: str, category: Category) -> Form:
        """The questions of a type, then the text, then the scans; raises KeyError."""
        return self._forms[build_form_id(code, category)]

    def find_form(self, form_id: FormId) -> Form | None:
        """None when a draft's type has left the file."""
        return self._forms.get(form_id)

    def find_term(self, code: str, category: Category, answers: Mapping[str, str]) -> ReviewTerm:
        """The term of the review; a variant that decides goes before the others that hold.

        Variants that hold together agree: the file is checked. Raises KeyError for a type that is
        not in the file.
        """
        one = self._models[code]
        holding = [
            variant
            for variant in one.review_variants
            if _is_for(variant.applies_to, category)
            and _build_condition(variant.when).is_fulfilled(answers)
        ]
        holding.sort(key=lambda variant: not variant.decides)
        days, calendar = (
            (holding[0].days, holding[0].calendar) if holding else (one.review_days, one.calendar)
        )
        return ReviewTerm(days=days, working=calendar == "working")

    def get_emergency_hours(self, code: str) -> int | None:
        """Hours until the answer to an emergency; None: it has the term of the type."""
        one = self._models.get(code)
        return one.emergency_hours if one else None

    def get_clarification_rule(self, code: str) -> ClarificationRule:
        """The rule of a type; one that has left the file lets the term go on."""
        one = self._models.get(code)
        if one is None:
            return ClarificationRule()
        return ClarificationRule(
            restarts=one.clarification.clock == "restart",
            annul_after=one.clarification.annul_after,
            remind_before=one.clarification.remind_before,
        )

    def list_required_papers(
        self, code: str, category: Category, answers: Mapping[str, str]
    ) -> tuple[Words, ...]:
        """The papers that are mandatory with these answers; none when the type is not known."""
        form = self._forms.get(build_form_id(code, category))
        if form is None:
            return ()
        return tuple(
            paper.label
            for paper in form.get_field(AnswerKey.SCANS.value).papers
            if paper.is_named(answers) and paper.is_required(answers)
        )

    def is_emergency(self, code: str, category: Category, answers: Mapping[str, str]) -> bool:
        """Whether an answer reports a danger at this moment.

        Raises KeyError for a type that is not in the file.
        """
        for question in self._models[code].fields:
            if not _is_for(question.applies_to, category):
                continue
            answer = answers.get(question.key)
            if question.alert_if_true and answer == _YES:
                return True
            if any(option.alert and option.value == answer for option in question.options):
                return True
        return False


def _has_beginnings(message: str, beginnings: Sequence[str]) -> bool:
    """Whether for each beginning there is a word of the message that has it."""
    words = re.findall(r"\w+", message.lower().replace("ё", "е"))
    return all(any(word.startswith(one) for word in words) for one in beginnings)


def build_form_id(code: str, category: Category) -> FormId:
    """The id of the form that files a request of this type."""
    return FormId("request", code, category)


def load(path: Path | None = None) -> Catalogue:
    """Reads the company's file, or the packaged one; raises CatalogueError."""
    return _load_packaged() if path is None else _read(path)


@cache
def _load_packaged() -> Catalogue:
    """Once in a process: a catalogue never changes."""
    return _read(PACKAGED)


def _read(path: Path) -> Catalogue:
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


# --- checks across the parts of the file ---------------------------------------------------------


def _find_contradictions(content: _RequestTypesFile) -> Iterator[tuple[Place, str]]:
    """Places and reasons that no single part of the file shows."""
    for name, values in (
        ("code", [one.code for one in content.types]),
        ("number", [one.number for one in content.types]),
        ("role", [one.role for one in content.types if one.role]),
    ):
        for value, count in Counter[object](values).items():
            if count > 1:
                yield ("types",), f"two types have the same {name} {value}"
    yield from _find_wrong_languages(content, content.languages, ())
    for at, one in enumerate(content.types):
        yield from _find_type_contradictions(one, ("types", at))
    yield from _find_wrong_pattern(content.common.free_text.validation, ("common", "free_text"))


def _find_wrong_languages(
    part: object, languages: Sequence[str], place: Place
) -> Iterator[tuple[Place, str]]:
    """Words without the first language, or in one that the file does not declare."""
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _find_wrong_languages(getattr(part, name), languages, (*place, name))
    elif isinstance(part, tuple):
        for at, item in enumerate(part):
            yield from _find_wrong_languages(item, languages, (*place, at))
    elif isinstance(part, dict):  # only words are mappings
        if languages[0] not in part:
            yield place, f"the words in the first language, {languages[0]!r}, are missing"
        if unknown := set(part) - set(languages):
            yield place, f"`languages` does not declare {', '.join(sorted(unknown))}"


def _find_type_contradictions(one: _RequestTypeModel, place: Place) -> Iterator[tuple[Place, str]]:
    earlier: list[_FieldModel] = []
    for at, question in enumerate(one.fields):
        here = (*place, "fields", at)
        if question.key in OWN_ANSWERS or any(
            known.key == question.key and _can_coincide(known.applies_to, question.applies_to)
            for known in earlier
        ):
            yield here, f"the key {question.key!r} is taken"
        if question.key in _TEXT_KEYS and question.type != "text":
            yield here, f"the key {question.key!r} is reserved for a field of the type text"
        yield from _find_field_contradictions(question, earlier, here)
        earlier.append(question)
    wrong_variants = [
        ((*place, "review_variants", at), reason)
        for at, variant in enumerate(one.review_variants)
        for reason in _find_wrong_condition(variant.when, variant.applies_to, earlier)
    ]
    yield from wrong_variants
    if not wrong_variants:
        yield from _find_disagreeing_variants(one, (*place, "review_variants"))
    for at, paper in enumerate(one.attachments):
        for condition in (paper.show_if, paper.required_if):
            if condition is not None:
                for reason in _find_wrong_condition(condition, paper.applies_to, earlier):
                    yield (*place, "attachments", at), reason
    if one.without_papers is None and any(
        paper.required or paper.required_if for paper in one.attachments
    ):
        yield place, "mandatory papers need `without_papers`: what happens when one is missing"
    clarification = one.clarification
    if clarification.remind_before is not None and (
        clarification.annul_after is None
        or clarification.remind_before >= clarification.annul_after
    ):
        yield (*place, "clarification"), "`remind_before` must be less than `annul_after`"
    alerts = any(
        question.alert_if_true or any(option.alert for option in question.options)
        for question in one.fields
    )
    if alerts != (one.emergency_hours is not None):
        yield place, "`emergency_hours` belongs to a type with an answer that is an emergency"
    if one.emergency_words and not alerts:
        yield place, "`emergency_words` belong to a type with an answer that is an emergency"


def _find_disagreeing_variants(one: _RequestTypeModel, place: Place) -> Iterator[tuple[Place, str]]:
    """Two variants that can hold together, give different terms, and of which none decides."""
    for (first_at, first), (second_at, second) in combinations(enumerate(one.review_variants), 2):
        if first.decides != second.decides:
            continue
        if (first.days, first.calendar) == (second.days, second.calendar):
            continue
        if any(_can_hold_together(one, first, second, category) for category in Category):
            yield (
                (*place, second_at),
                f"the variants {first_at} ({_describe(first.when)}) and {second_at} "
                f"({_describe(second.when)}) can hold together and give different terms: "
                "mark the one that counts with `decides: true`",
            )


def _can_hold_together(
    one: _RequestTypeModel, first: _VariantModel, second: _VariantModel, category: Category
) -> bool:
    """Whether some applicant of this category can give answers for which both variants hold."""
    if not all(_is_for(variant.applies_to, category) for variant in (first, second)):
        return False
    questions = {
        question.key: question for question in one.fields if _is_for(question.applies_to, category)
    }
    possible: dict[str, set[str]] = {}
    bounds: dict[str, list[_ConditionModel]] = {}
    pending = [first.when, second.when]
    while pending:
        condition = pending.pop()
        question = questions.get(condition.field)
        if question is None:
            return False
        if condition.among is None:
            bounds.setdefault(question.key, []).append(condition)
        else:
            known = possible.setdefault(question.key, _list_values(question, category))
            known.intersection_update(condition.among)
        # The answer is given only where its question is asked.
        if question.show_if is not None:
            pending.append(question.show_if)
    return all(possible.values()) and all(
        _is_range(conditions, questions[key]) for key, conditions in bounds.items()
    )


def _is_range(conditions: Sequence[_ConditionModel], question: _FieldModel) -> bool:
    """Whether some number that the question accepts is within all bounds."""
    limits = question.validation
    above = [one.gt for one in conditions if one.gt is not None]
    at_most = [one.le for one in conditions if one.le is not None]
    if isinstance(limits.max, float):
        at_most.append(Decimal(str(limits.max)))
    if at_most and isinstance(limits.min, float) and min(at_most) < Decimal(str(limits.min)):
        return False
    return not above or not at_most or max(above) < min(at_most)


def _describe(condition: _ConditionModel) -> str:
    words = [f"`{condition.field}`"]
    if condition.among is not None:
        words.append(f"in {', '.join(condition.among)}")
    if condition.gt is not None:
        words.append(f"gt {condition.gt}")
    if condition.le is not None:
        words.append(f"le {condition.le}")
    return " ".join(words)


def _find_wrong_condition(
    condition: _ConditionModel, applies_to: Applicants, questions: Sequence[_FieldModel]
) -> Iterator[str]:
    """Reasons why a condition on one of ``questions``, for these applicants, is wrong."""
    known = [
        one
        for one in questions
        if one.key == condition.field and _can_coincide(one.applies_to, applies_to)
    ]
    bounded = condition.gt is not None or condition.le is not None
    if (condition.among is None) != bounded:
        yield "a condition needs either `in`, or `gt` and `le`"
    elif not known:
        yield f"there is no field {condition.field!r} before this one"
    elif condition.among is None:
        for one in known:
            if one.type not in {"integer", "decimal"}:
                yield f"`gt` and `le` need a number, and {one.key!r} is of the type {one.type}"
    else:
        values = {
            value
            for one in known
            for value in (
                {_YES, _NO} if one.type == "bool" else {option.value for option in one.options}
            )
        }
        if strange := set(condition.among) - values:
            yield f"{condition.field!r} never has the value {', '.join(sorted(strange))}"


def _list_values(question: _FieldModel, category: Category) -> set[str]:
    if question.type == "bool":
        return {_YES, _NO}
    return {option.value for option in question.options if _is_for(option.applies_to, category)}


def _find_field_contradictions(
    question: _FieldModel, earlier: Sequence[_FieldModel], place: Place
) -> Iterator[tuple[Place, str]]:
    if (question.type == "choice") != bool(question.options):
        yield place, "options belong to a choice, and a choice needs some"
    if len({option.value for option in question.options}) != len(question.options):
        yield place, "two options have the same value"
    if question.type in TYPED_KINDS and question.example is None:
        yield place, "a question that is answered by typing needs an example"
    yield from _find_wrong_pattern(question.validation, place)
    special = question.validation.min_working_days_ahead_if
    for condition in (
        question.show_if,
        special and _ConditionModel(field=special.field, among=special.among),
    ):
        if condition:
            for reason in _find_wrong_condition(condition, question.applies_to, earlier):
                yield place, reason


def _find_wrong_pattern(limits: _LimitsModel, place: Place) -> Iterator[tuple[Place, str]]:
    if limits.pattern is not None:
        try:
            re.compile(limits.pattern)
        except re.error as error:
            yield (*place, "validation", "pattern"), f"no regular expression: {error}"


# --- forms -----------------------------------------------------------------------------------


class _FormBuilder:
    """Builds the forms of a file; it knows the file's languages and common parts."""

    def __init__(self, content: _RequestTypesFile) -> None:
        self._languages = content.languages
        self._free_text = content.common.free_text
        self._yes_no = (
            Choice(value=_YES, label=self._build_words(content.common.yes)),
            Choice(value=_NO, label=self._build_words(content.common.no)),
        )

    def build_form(self, one: _RequestTypeModel, category: Category) -> Form:
        return Form(
            id=build_form_id(one.code, category),
            title=self._build_words(one.title),
            notice=self._build_words(one.notice) if one.notice else None,
            fields=(
                *(
                    self._build_field(question, category)
                    for question in one.fields
                    if _is_for(question.applies_to, category)
                ),
                Field(
                    key=AnswerKey.TEXT.value,
                    kind="text",
                    limits={**_dump_limits(self._free_text.validation), "multiline": True},
                    label=self._build_words(self._free_text.label),
                    example=self._build_words(one.text_example or self._free_text.example),
                ),
                Field(
                    key=AnswerKey.SCANS.value,
                    kind="files",
                    optional=True,
                    hint=self._build_words(one.without_papers) if one.without_papers else None,
                    papers=tuple(
                        self._build_paper(paper)
                        for paper in one.attachments
                        if _is_for(paper.applies_to, category)
                    ),
                ),
            ),
        )

    def _build_field(self, question: _FieldModel, category: Category) -> Field:
        return Field(
            key=question.key,
            kind="choice" if question.type == "bool" else question.type,
            optional=not question.required,
            choices=self._yes_no
            if question.type == "bool"
            else tuple(
                Choice(value=option.value, label=self._build_words(option.label))
                for option in question.options
                if _is_for(option.applies_to, category)
            ),
            limits=_dump_limits(question.validation),
            when=_build_condition(question.show_if) if question.show_if else None,
            suggestion=question.default_from,
            label=self._build_words(question.label),
            hint=self._build_words(question.hint) if question.hint else None,
            example=self._build_words(question.example) if question.example else None,
        )

    def _build_paper(self, paper: _AttachmentModel) -> Paper:
        return Paper(
            label=self._build_words(paper.label),
            blank=paper.blank,
            when=_build_condition(paper.show_if) if paper.show_if else None,
            required=paper.required,
            required_when=_build_condition(paper.required_if) if paper.required_if else None,
        )

    def _build_words(self, words: Mapping[str, str]) -> Words:
        return _build_words(words, self._languages)


def _build_words(words: Mapping[str, str], languages: Sequence[str]) -> Words:
    return Words((language, words[language]) for language in languages if language in words)


def _dump_limits(limits: _LimitsModel) -> dict[str, Any]:
    return limits.model_dump(exclude_none=True, by_alias=True)


def _build_condition(condition: _ConditionModel) -> Condition:
    return Condition(
        field=condition.field,
        values=frozenset(condition.among or ()),
        above=condition.gt,
        at_most=condition.le,
    )


def _is_for(applicants: Applicants, category: Category) -> bool:
    return applicants in ("both", category.value)


def _can_coincide(first: Applicants, second: Applicants) -> bool:
    return "both" in (first, second) or first == second
