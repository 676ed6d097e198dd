"""Forms and drafts as data: the questions of a form and the answers given so far.

This module knows no Telegram, no database and no language.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

#: The answer to a question that was skipped.
SKIPPED = ""

#: A draft keeps this in place of a secret answer, unless an action gives it something else to keep.
SEALED = "•"

#: Reasons by which a person confirms a doubtful answer; a button carries the index of its reason.
WAYS = ("replaced", "rollover", "confirmed", "kept", "amends")

#: Papers that the bot makes: what the applicant signs, and what a representative needs.
APPLICATION = "application"
POWER_OF_ATTORNEY = "power_of_attorney"

_SEPARATOR = ":"


class Words(dict[str, str]):
    """The same words by locale, ``{"ru": …, "en": …}``, the first language first.

    A locale that is missing gets the words of the first language.
    """

    def __missing__(self, locale: str) -> str:
        return next(iter(self.values()))


@dataclass(frozen=True, slots=True, init=False)
class FormId:
    """The id of a form: its ``name``, then what the form is about, such as a meter's id.

    Drafts keep it as a string, ``request:meter_reading_visit:legal``.
    """

    name: str
    parts: tuple[str, ...]

    def __init__(self, name: str, *parts: str | int) -> None:
        """Raises ValueError when the name or a part has a colon."""
        texts = tuple(map(str, parts))
        if any(_SEPARATOR in text for text in (name, *texts)):
            raise ValueError(f"a part of a form's id has a colon: {name}, {texts}")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "parts", texts)

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(*text.split(_SEPARATOR))

    def __str__(self) -> str:
        return _SEPARATOR.join((self.name, *self.parts))


class Rejected(Exception):
    """A wrong answer. ``code`` finds the text ``error-<code>``; ``details`` are its variables."""

    def __init__(self, code: str, **details: str | int | Decimal) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class NeedsConfirmation(Rejected):
    """A doubtful answer: it is taken only if the person confirms it by one of the ``reasons``.

    The question is asked again with a button for each of them, ``way-<way>``; they are of WAYS.
    ``correction`` is another answer, offered by a button of its own.
    """

    def __init__(
        self,
        code: str,
        reasons: Sequence[str],
        *,
        correction: str | None = None,
        **details: str | int | Decimal,
    ) -> None:
        super().__init__(code, **details)
        self.reasons = tuple(reasons)
        self.correction = correction


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Holds while the answer to ``field`` is one of ``values``, or a number within the bounds.

    The number must be greater than ``above`` and not greater than ``at_most``; None: no bound.
    A question that was not asked or was skipped fulfils no condition.
    """

    field: str
    values: frozenset[str] = frozenset()
    above: Decimal | None = None
    at_most: Decimal | None = None

    def is_fulfilled(self, answers: Mapping[str, str]) -> bool:
        answer = answers.get(self.field)
        if not answer:
            return False
        if self.above is None and self.at_most is None:
            return answer in self.values
        number = Decimal(answer)
        return (self.above is None or number > self.above) and (
            self.at_most is None or number <= self.at_most
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper that is named beside a question about files.

    ``when`` says in which cases it is named; ``required`` and ``required_when``, in which cases it
    is mandatory. ``blank`` names the document that the bot makes for it, such as APPLICATION.
    """

    label: Words
    blank: str | None = None
    when: Condition | None = None
    required: bool = False
    required_when: Condition | None = None

    def is_named(self, answers: Mapping[str, str]) -> bool:
        return self.when is None or self.when.is_fulfilled(answers)

    def is_required(self, answers: Mapping[str, str]) -> bool:
        return self.required or (
            self.required_when is not None and self.required_when.is_fulfilled(answers)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A button of a question. Without ``label`` its text is ``choice-<form>-<field>-<value>``."""

    value: str
    label: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question.

    ``kind`` names an entry of ``bot.fsm.field_types.KINDS``; ``limits`` are that kind's own.
    ``label``, ``hint`` and ``example`` come with request types; the fields of built-in forms have
    none and find their texts by key: ``form-<form>-<key>``, ``…-example``, ``…-label``.
    ``suggestion`` names a value that is offered as a ready answer, such as ``profile.phone``.
    ``papers`` are named beside a question about files. Files ``aside`` are never asked for: they
    may come at any question and on the review card, from which they are changed.
    The message with a ``secret`` answer is deleted. A ``volatile`` answer, as a secret one, never
    enters the draft: the form's action keeps it.
    A new answer drops the answers to ``invalidates``, which were checked against the former one.
    """

    key: str
    kind: str
    optional: bool = False
    secret: bool = False
    volatile: bool = False
    choices: tuple[Choice, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    when: Condition | None = None
    suggestion: str | None = None
    invalidates: frozenset[str] = frozenset()
    label: Words | None = None
    hint: Words | None = None
    example: Words | None = None
    papers: tuple[Paper, ...] = ()
    aside: bool = False

    def list_papers(self, answers: Mapping[str, str]) -> list[Paper]:
        """The papers that the answers so far call for."""
        return [paper for paper in self.papers if paper.is_named(answers)]

    def has_application(self, answers: Mapping[str, str]) -> bool:
        """Whether an application is to be signed; it is, unless its paper is not called for.

        Files aside are no papers.
        """
        if self.aside:
            return False
        marked = [paper for paper in self.papers if paper.blank == APPLICATION]
        return not marked or any(paper.is_named(answers) for paper in marked)

    def is_application_required(self, answers: Mapping[str, str]) -> bool:
        return any(
            paper.blank == APPLICATION and paper.is_required(answers)
            for paper in self.list_papers(answers)
        )

    @property
    def sealed(self) -> bool:
        """Whether the draft keeps SEALED, or what an action gives, in place of the answer."""
        return self.secret or self.volatile


@dataclass(frozen=True, kw_only=True)
class Form:
    """Questions in their order. ``reviewed`` forms end with a card, others with the last answer.

    ``title`` and ``notice`` (a warning before the first question) come with request types; built-in
    forms find their heading by key: ``form-<form>``.
    """

    id: FormId
    fields: tuple[Field, ...]
    reviewed: bool = True
    title: Words | None = None
    notice: Words | None = None

    def get_field(self, key: str) -> Field:
        return next(field for field in self.fields if field.key == key)

    @property
    def name(self) -> str:
        """The part of ``id`` by which texts, actions and hints are found."""
        return self.id.name

    @property
    def takes_files(self) -> bool:
        return any(field.kind == "files" for field in self.fields)

    def find_files_field(self, key: str | None) -> Field | None:
        """The field of files that come while the question ``key`` is open; None: they are wrong."""
        return next(
            (one for one in self.fields if one.kind == "files" and (one.aside or one.key == key)),
            None,
        )

    @property
    def has_secrets(self) -> bool:
        return any(field.secret for field in self.fields)

    @cached_property
    def fingerprint(self) -> str:
        """Changes when a draft made for another edition of this form may no longer fit."""
        shape = [
            (
                item.key,
                item.kind,
                item.optional,
                item.sealed,
                [choice.value for choice in item.choices],
                dict(item.limits),
                _dump_condition(item.when) if item.when else None,
            )
            for item in self.fields
        ]
        text = json.dumps(shape, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A form being filled in; ``to_json`` and ``from_json`` turn it into plain JSON and back.

    ``form`` is the id of the form. ``answers`` are canonical strings by field key, SKIPPED for a
    question that was skipped. ``open`` is the key of the question on screen; None: the review card,
    or the end of a form without one. ``editing``: one answer is being changed from the review card.
    ``touched_at`` is Unix time in seconds. ``unconfirmed`` is the last answer to the open question
    that needs a confirmation, ``correction`` the answer that is offered in its place; ``confirmed``
    holds the reasons of confirmed answers by field key. ``application`` is the number of the
    application that the person got for these answers or former ones.
    """

    id: str
    form: FormId
    fingerprint: str
    open: str | None
    answers: Mapping[str, str]
    editing: bool
    touched_at: float
    unconfirmed: str | None = None
    correction: str | None = None
    confirmed: Mapping[str, str] = field(default_factory=dict)
    application: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__} | {"form": str(self.form)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**data, "form": FormId.parse(data["form"])})


def list_visible(fields: Sequence[Field], answers: Mapping[str, str]) -> list[Field]:
    """The questions whose condition the answers so far fulfil, in order."""
    return [field for field in fields if field.when is None or field.when.is_fulfilled(answers)]


def _dump_condition(condition: Condition) -> list[Any]:
    bounds = [condition.above, condition.at_most]
    return [condition.field, sorted(condition.values), *(one for one in bounds if one is not None)]
