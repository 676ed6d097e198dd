"""Reads models of the Bot API field by field when their data fits no model as a whole.

Telegram and self-hosted servers of the Bot API add and drop fields at any time. What the bot does
not use must not keep it from reading what it does use.
"""

from collections.abc import Iterator
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from aiogram import Bot
from aiogram.enums import ChatType
from aiogram.types import Chat, TelegramObject
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic.fields import FieldInfo

#: Required fields without which an object says nothing; any other may be missing.
_IDENTITY = frozenset({"id", "message_id", "chat", "from", "file_id", "file_unique_id"})
_NEUTRAL: dict[object, object] = {str: "", bool: False}
_INT64 = range(-(2**63), 2**63)
_ABSENT = object()


class Unreadable(ValueError):
    """The data is no such object, or lacks what identifies one."""


def read_leniently(kind: Any, data: object, bot: Bot) -> Any:
    """``data`` as ``kind`` (a model, a primitive type, a union or a list of them).

    A part that is not understood is left out. A required field that is missing is ``""``, False or
    None. Raises Unreadable.
    """
    models = list(_iterate_models(kind))
    for model in models:
        try:
            return model.model_validate(data, context={"bot": bot})
        except ValidationError:
            continue
    if isinstance(data, dict):
        for model in models:
            if _has_same_literals(model, data):
                return _read_fields(model, data, bot)
        if models:
            raise Unreadable
    if isinstance(data, list) and (item := _find_item_type(kind)) is not None:
        return [one for one in (_read_item(item, part, bot) for part in data) if one is not _ABSENT]
    try:
        return TypeAdapter(kind).validate_python(data)
    except (ValidationError, PydanticUserError):
        raise Unreadable from None


def guess_chat_type(chat_id: int) -> ChatType:
    """The type of a chat of which only the id is known."""
    # Telegram numbers groups below zero.
    return ChatType.PRIVATE if chat_id > 0 else ChatType.SUPERGROUP


def remove_unstorable(data: Any) -> Any:
    """``data`` of JSON without what no database takes: NUL, lone surrogates, ids beyond 64 bits."""
    # Each value of each update passes here.
    if isinstance(data, str):
        return data if data.isascii() and "\0" not in data else _make_storable(data)
    if isinstance(data, dict):
        return {
            remove_unstorable(key): value if isinstance(value, int) else remove_unstorable(value)
            for key, value in data.items()
            if not isinstance(value, int) or value in _INT64
        }
    if isinstance(data, list):
        return [
            remove_unstorable(value)
            for value in data
            if not isinstance(value, int) or value in _INT64
        ]
    return data


def _make_storable(text: str) -> str:
    # A lone surrogate becomes a question mark.
    return text.replace("\0", "").encode(errors="replace").decode()


def _read_item(kind: Any, data: object, bot: Bot) -> object:
    try:
        return read_leniently(kind, data, bot)
    except Unreadable:
        return _ABSENT


def _read_fields(model: type[TelegramObject], data: dict[str, Any], bot: Bot) -> TelegramObject:
    # aiogram's models are compiled when they are first used: before that they know no types.
    model.model_rebuild()
    if issubclass(model, Chat) and "type" not in data and isinstance(data.get("id"), int):
        data = {**data, "type": guess_chat_type(data["id"])}
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        key = field.alias or name
        value = _read_item(field.annotation, data[key], bot) if key in data else _ABSENT
        if value is not _ABSENT:
            values[name] = value
        elif field.is_required():
            if key in _IDENTITY:
                raise Unreadable
            values[name] = _NEUTRAL.get(field.annotation)
    return model.model_construct(**values).as_(bot)


def _iterate_models(kind: Any) -> Iterator[type[TelegramObject]]:
    """The models among the members of a union, in their order."""
    if isinstance(kind, type) and issubclass(kind, TelegramObject):
        yield kind
    elif get_origin(kind) is Annotated:
        yield from _iterate_models(get_args(kind)[0])
    elif get_origin(kind) is not list:
        for member in get_args(kind):
            yield from _iterate_models(member)


def _find_item_type(kind: Any) -> Any | None:
    """The type of a list's items, also of an optional list."""
    if get_origin(kind) is list:
        return get_args(kind)[0]
    members = [one for one in get_args(kind) if one is not NoneType]
    return next((found for one in members if (found := _find_item_type(one)) is not None), None)


def _has_same_literals(model: type[BaseModel], data: dict[str, Any]) -> bool:
    """Whether ``data`` has the kind by which members of a union are told apart."""
    model.model_rebuild()
    return all(
        data.get(field.alias or name) in get_args(field.annotation)
        for name, field in model.model_fields.items()
        if _is_literal(field)
    )


def _is_literal(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is Literal
