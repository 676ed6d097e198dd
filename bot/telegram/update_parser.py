"""Parses updates of Telegram: as much of each as is understood, and never nothing at all."""

import json
import logging
from typing import Any

from aiogram import Bot
from aiogram.filters import BaseFilter
from aiogram.types import Message, Update
from pydantic import ValidationError

from bot.telegram.lenient_models import (
    Unreadable,
    guess_chat_type,
    read_leniently,
    remove_unstorable,
)

log = logging.getLogger(__name__)

#: Kinds of updates that are answered although nothing of them can be read.
_ANSWERED = ("message", "edited_message", "callback_query")
#: The field of a message of which nothing but its place and author could be read.
_MARK = "cabinet_unreadable"


def parse_update(data: dict[str, Any], bot: Bot) -> Update | None:
    """The update; None when not even its chat is known, so that nobody can be answered.

    Parts that are not understood are left out. A message of which nothing is understood is
    given with its chat and author only, and passes ``UnreadableMessage``.
    """
    data = remove_unstorable(data)
    try:
        return Update.model_validate(data, context={"bot": bot})
    except ValidationError as error:
        # The values of the errors would hold people's words.
        problems = error.error_count()
    update_id = data.get("update_id")
    if not isinstance(update_id, int) or isinstance(update_id, bool):
        log.error("an update without an id is not understood")
        return None
    update: Update | None = _read_known_parts(data, bot) or _read_place(data, update_id, bot)
    if update is None:
        log.error("update %d is not understood: %d errors", update_id, problems)
    else:
        log.warning("update %d is understood in part: %d errors", update_id, problems)
    return update


def parse_update_json(body: bytes, bot: Bot) -> Update | None:
    """What ``parse_update`` makes of JSON; raises ValueError when it is no JSON object."""
    data = json.loads(body)
    if not isinstance(data, dict):
        raise ValueError("an update is a JSON object")  # noqa: TRY004 (as for JSON itself)
    return parse_update(data, bot)


class UnreadableMessage(BaseFilter):
    """Passes messages of which only chat and author could be read."""

    async def __call__(self, message: Message) -> bool:
        return _MARK in (message.model_extra or {})


def _read_known_parts(data: dict[str, Any], bot: Bot) -> Update | None:
    try:
        update: Update = read_leniently(Update, data, bot)
    except Unreadable:
        return None
    # An update always has exactly one event beside its id.
    return update if len(update.model_fields_set) > 1 else None


def _read_place(data: dict[str, Any], update_id: int, bot: Bot) -> Update | None:
    """Chat and author of an update of which nothing else is understood."""
    event = next((data[kind] for kind in _ANSWERED if isinstance(data.get(kind), dict)), None)
    if event is None:
        return None
    author = _find_id(event.get("from"))
    holder = event.get("message") if isinstance(event.get("message"), dict) else event
    chat = _find_id(holder.get("chat")) or author
    if chat is None:
        return None
    number = holder.get("message_id")
    message: dict[str, Any] = {
        "message_id": number if isinstance(number, int) else 0,
        "date": 0,
        "chat": {"id": chat, "type": guess_chat_type(chat)},
        _MARK: True,
    }
    if author is not None:
        message["from"] = {"id": author, "is_bot": False, "first_name": ""}
    elif chat > 0:
        message["from"] = {"id": chat, "is_bot": False, "first_name": ""}
    return Update.model_validate({"update_id": update_id, "message": message}, context={"bot": bot})


def _find_id(holder: object) -> int | None:
    found = holder.get("id") if isinstance(holder, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None
