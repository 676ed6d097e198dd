"""Canned answers: the YAML file of the staff's ready words, checked as a whole at start."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal
from zlib import crc32

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

PACKAGED = Path(__file__).with_name("canned_answers.yaml")

#: What may be filled into a text.
PLACEHOLDERS = frozenset({"number", "type", "name", "due", "company", "phone"})

Purpose = Literal["done", "rejected", "clarification", "reply"]

#: libyaml's loader where PyYAML was built with it: the start is shorter.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
#: Keys of answers have at most four digits: callback data has room for no more.
_KEYS = 10_000


class CannedAnswersError(Exception):
    """A wrong file of canned answers; the message names file, place and reason."""


def _check_placeholders(text: str) -> str:
    for found in _BRACES.finditer(text):
        if found[1] not in PLACEHOLDERS:
            known = ", ".join(f"{{{one}}}" for one in sorted(PLACEHOLDERS))
            raise ValueError(f"{found[0]} is no placeholder: there are {known}")
    return text


_Text = Annotated[str, Field(min_length=2, max_length=2000), AfterValidator(_check_placeholders)]


class _AnswerModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    button: Annotated[str, Field(min_length=1, max_length=40)]
    text: dict[str, _Text]
    types: Annotated[tuple[str, ...], Field(min_length=1)] | None = None


class _AnswersFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    done: Annotated[tuple[_AnswerModel, ...], Field(min_length=1)]
    rejected: Annotated[tuple[_AnswerModel, ...], Field(min_length=1)]
    clarification: Annotated[tuple[_AnswerModel, ...], Field(min_length=1)]
    reply: tuple[_AnswerModel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedAnswer:
    """Ready words; ``key`` stays while the words do, whatever else the file holds."""

    key: int
    button: str
    text: Mapping[str, str]
    types: frozenset[str] | None

    def fill(self, locale: str, values: Mapping[str, str]) -> str:
        """The text with its placeholders filled in, once: a value is never filled in itself."""
        return _BRACES.sub(lambda found: values[found[1]], self.text[locale])


class CannedAnswers:
    def __init__(self, content: _AnswersFile) -> None:
        self._answers: dict[str, tuple[CannedAnswer, ...]] = {}
        taken: set[int] = set()
        for purpose in _AnswersFile.model_fields:
            found = []
            for one in getattr(content, purpose):
                key = crc32(one.model_dump_json().encode()) % _KEYS
                while key in taken:
                    key = (key + 1) % _KEYS
                taken.add(key)
                found.append(
                    CannedAnswer(
                        key=key,
                        button=one.button,
                        text=MappingProxyType(one.text),
                        types=None if one.types is None else frozenset(one.types),
                    )
                )
            self._answers[purpose] = tuple(found)

    def list_for(self, purpose: Purpose, type_code: str) -> list[CannedAnswer]:
        """What is offered for a request of this type, in the order of the file."""
        return [
            one for one in self._answers[purpose] if one.types is None or type_code in one.types
        ]

    def find(self, purpose: Purpose, type_code: str, key: int) -> CannedAnswer | None:
        return next((one for one in self.list_for(purpose, type_code) if one.key == key), None)


def load(
    path: Path | None, *, locales: Collection[str], type_codes: Collection[str]
) -> CannedAnswers:
    """Reads the company's file, or the packaged one (None); raises CannedAnswersError.

    The packaged file may name types that the company does not have.
    """
    source = path or PACKAGED
    try:
        content = _AnswersFile.model_validate(
            yaml.load(source.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (both are safe)
        )
    except (OSError, UnicodeDecodeError) as error:
        raise CannedAnswersError(f"{source}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise CannedAnswersError(f"{source}: no YAML: {error}") from None
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise _build_error(source, problem["loc"], problem["msg"]) from None
    for purpose in _AnswersFile.model_fields:
        for at, one in enumerate(getattr(content, purpose)):
            if missing := sorted(set(locales) - set(one.text)):
                raise _build_error(source, (purpose, at, "text"), f"no text in {missing[0]}")
            unknown = sorted(set(one.types or ()) - set(type_codes)) if path else []
            if unknown:
                raise _build_error(source, (purpose, at, "types"), f"no type {unknown[0]}")
    return CannedAnswers(content)


def _build_error(path: Path, place: Collection[str | int], reason: str) -> CannedAnswersError:
    return CannedAnswersError(f"{path}, {'.'.join(map(str, place))}: {reason}")
