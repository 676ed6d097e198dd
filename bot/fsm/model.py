"""A conversation as data: the questions of a form and the answers given so far.

Nothing here knows Telegram, a database or a language.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

#: An answer of a person who pressed "skip": given, and empty.
SKIPPED = ""

#: What a draft keeps of a secret answer when nothing else was sealed in its place.
SEALED = "•"

#: In which ways a person may insist on a doubtful answer; their buttons carry the index.
WAYS = ("replaced", "rollover", "confirmed")

Words = Mapping[str, str]
"""The same words by locale: ``{"ru": …, "en": …}``."""


class Rejected(Exception):
    """A wrong answer. ``code`` finds the text ``error-<code>``; ``details`` are its variables."""

    def __init__(self, code: str, **details: str | int | Decimal) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class NeedsConfirmation(Rejected):
    """An answer that is taken only if the person insists on it, in one of these WAYS.

    Each is a button of its own (``way-<way>``) below the question asked again.
    """

    def __init__(self, code: str, ways: Sequence[str], **details: str | int | Decimal) -> None:
        super().__init__(code, **details)
        self.ways = tuple(ways)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Holds while the answer to ``field`` is one of ``values``."""

    field: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A button of a question. Without ``label`` its words are ``choice-<form>-<field>-<value>``."""

    value: str
    label: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question.

    ``kind`` names an entry of ``bot.fsm.kinds.KINDS``; ``limits`` are that kind's own.
    ``label``, ``hint`` and ``example`` come with request types; fields of our own forms have none
    and find their words by key: ``form-<form>-<key>``, ``…-example``, ``…-label``.
    ``suggestion`` names what may be offered as a ready answer, such as ``profile.phone``.
    """

    key: str
    kind: str
    optional: bool = False
    secret: bool = False
    choices: tuple[Choice, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    when: Condition | None = None
    suggestion: str | None = None
    label: Words | None = None
    hint: Words | None = None
    example: Words | None = None


@dataclass(frozen=True, kw_only=True)
class Form:
    """Questions in their order. ``reviewed`` forms end with a card, others with the last answer.

    ``id`` is ``registration``, ``login``, ``password`` or ``request:<type code>:<category>``.
    ``title`` and ``notice`` (a warning before the first question) come with request types; our own
    forms have their heading by key: ``form-<form>``.
    """

    id: str
    fields: tuple[Field, ...]
    reviewed: bool = True
    title: Words | None = None
    notice: Words | None = None

    def get_field(self, key: str) -> Field:
        return next(field for field in self.fields if field.key == key)

    @property
    def name(self) -> str:
        """The part of ``id`` by which texts are found."""
        return self.id.partition(":")[0]

    @property
    def takes_files(self) -> bool:
        return any(field.kind == "files" for field in self.fields)

    @cached_property
    def fingerprint(self) -> str:
        """Changes when a draft made for another edition of this form may no longer fit."""
        shape = [
            (
                item.key,
                item.kind,
                item.optional,
                item.secret,
                [choice.value for choice in item.choices],
                dict(item.limits),
                [item.when.field, sorted(item.when.values)] if item.when else None,
            )
            for item in self.fields
        ]
        text = json.dumps(shape, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A form being filled in; plain JSON through ``to_json`` and ``from_json``.

    ``answers`` are raw words by field key (parsed on reading; ``SKIPPED`` when skipped).
    ``open`` is the key of the question on screen, None: the review card (or completion).
    ``editing``: one answer is being changed from the review card. ``touched_at`` is Unix seconds.
    ``unconfirmed`` is the last answer to the open question that needs a confirmation;
    ``confirmed`` holds the reasons that were given for confirmed answers, by field key.
    """

    id: str
    form: str
    fingerprint: str
    open: str | None
    answers: Mapping[str, str]
    editing: bool
    touched_at: float
    unconfirmed: str | None = None
    confirmed: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Draft":
        return cls(**data)


def list_visible(fields: Sequence[Field], answers: Mapping[str, str]) -> list[Field]:
    """The questions that the answers so far leave open, in order."""
    return [
        field
        for field in fields
        if field.when is None or answers.get(field.when.field) in field.when.values
    ]
