"""Generates random updates of the Bot API from aiogram's types, with Hypothesis."""

import types
import typing
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Literal, Union

from aiogram.types import Message, Update
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

_DEEPEST = 3
_INTEGERS = st.one_of(
    st.integers(-3, 300), st.integers(-(2**53), 2**53), st.just(0), st.just(2**31)
)
_WORDS = [
    "/start",
    "/menu",
    "/cancel",
    "/help",
    "/language",
    "/find 1",
    "/stats",
    "/export",
    "/nonsense",
    "Назад",
    "Отмена",
    "Готово",
    "Иванова Анна Петровна",
    "anna@example.ru",
    "+79123456789",
    "24.11.2026",
    "12345,6",
    "№ 0812 094521",
    "Прошу рассмотреть <b>заявку</b> & ответить",
    "🙂",
    "\u202e\u0000",
    "x" * 4096,
]
_TEXTS = st.one_of(st.sampled_from(_WORDS), st.text(max_size=64))


@cache
def build_strategy(wanted: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """A strategy for values that pydantic accepts for an annotation; models become dictionaries."""
    origin = typing.get_origin(wanted)
    if origin is typing.Annotated:
        return build_strategy(typing.get_args(wanted)[0], depth)
    if origin in {Union, types.UnionType}:
        parts = [part for part in typing.get_args(wanted) if part is not type(None)]
        return st.one_of([build_strategy(part, depth) for part in parts])
    if origin is Literal:
        return st.sampled_from(typing.get_args(wanted))
    if origin in {list, Sequence}:
        return st.lists(build_strategy(typing.get_args(wanted)[0], depth), max_size=2)
    if isinstance(wanted, type):
        if issubclass(wanted, BaseModel):
            return st.deferred(lambda: _build_model_strategy(wanted, depth + 1))
        if issubclass(wanted, Enum):
            return st.sampled_from([one.value for one in wanted])
        for kind, strategy in (
            (bool, st.booleans()),
            (datetime, st.integers(1_600_000_000, 1_900_000_000)),
            (int, _INTEGERS),
            (float, st.floats(-90, 90)),
            (str, _TEXTS),
        ):
            if issubclass(wanted, kind):
                return strategy
    return st.none()


def _get_annotation(field: FieldInfo) -> Any:
    return field.annotation


def _build_field_strategy(name: str, field: FieldInfo, depth: int) -> st.SearchStrategy[Any]:
    # What Telegram keeps has a name; a file without one cannot be asked for.
    if name in ("file_id", "file_unique_id"):
        return st.text(min_size=1, max_size=64)
    return build_strategy(_get_annotation(field), depth)


@cache
def _build_model_strategy(model: type[BaseModel], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    fields = model.model_fields
    needed = {
        name: _build_field_strategy(name, field, depth)
        for name, field in fields.items()
        if field.is_required()
    }
    more = {
        name: _build_field_strategy(name, field, depth)
        for name, field in fields.items()
        if not field.is_required()
    }
    if depth > _DEEPEST or not more:
        return st.fixed_dictionaries(needed)
    some = st.lists(st.sampled_from(sorted(more)), max_size=2, unique=True)
    return some.flatmap(
        lambda names: st.fixed_dictionaries(needed | {name: more[name] for name in names})
    )


class UpdateFuzzer:
    """Builds updates from these consumers, this staff member and the staff group."""

    def __init__(self, people: Sequence[int], staff: int, group: int) -> None:
        self.people = people
        self.staff = staff
        self.group = group

    def build_updates(self, presses: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
        """A strategy for updates without ``update_id``; ``presses``: callback data."""
        private = st.sampled_from(self.people).map(
            lambda one: (one, {"id": one, "type": "private"})
        )
        group = st.just((self.staff, {"id": self.group, "type": "supergroup", "title": "С"}))
        where = st.one_of(private, private, private, group)
        kinds = [name for name in Update.model_fields if name != "update_id"]
        content = sorted(set(Message.model_fields) - {"message_id", "date", "chat", "from_user"})

        def build_message(place: tuple[int, dict[str, Any]], **more: Any) -> dict[str, Any]:
            user, chat = place
            return {
                "message_id": 1,
                "date": 1_764_000_000,
                "chat": chat,
                "from": {"id": user, "is_bot": False, "first_name": "Ж"},
                **more,
            }

        def build_with_content(name: str) -> st.SearchStrategy[dict[str, Any]]:
            values = build_strategy(_get_annotation(Message.model_fields[name]), 1)
            return st.builds(
                lambda place, value: build_message(place, **{name: value}), where, values
            )

        spoken = st.builds(lambda place, text: build_message(place, text=text), where, _TEXTS)
        any_message = st.one_of(spoken, st.sampled_from(content).flatmap(build_with_content))
        press = st.builds(
            lambda place, data, number: {
                "id": "1",
                "from": {"id": place[0], "is_bot": False, "first_name": "Ж"},
                "chat_instance": "1",
                "data": data,
                "message": {**build_message(place), "message_id": number, "text": "Экран"},
            },
            where,
            presses,
            _INTEGERS.filter(lambda number: 0 < number < 2**31),
        )
        other = st.sampled_from(kinds).flatmap(
            lambda kind: st.fixed_dictionaries(
                {kind: build_strategy(_get_annotation(Update.model_fields[kind]), 1)}
            )
        )
        return st.one_of(
            any_message.map(lambda one: {"message": one}),
            any_message.map(lambda one: {"message": one}),
            any_message.map(lambda one: {"edited_message": one}),
            press.map(lambda one: {"callback_query": one}),
            press.map(lambda one: {"callback_query": one}),
            other,
        )
