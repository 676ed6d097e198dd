"""Drafts in the stored data of a conversation: of a chat, or of an account on the site."""

from collections.abc import Mapping
from typing import Any

from bot.fsm.model import Draft


def list_drafts(data: Mapping[str, Any]) -> list[Draft]:
    stored = [data.get("draft"), *data.get("waiting_drafts", [])]
    return [Draft.from_json(one) for one in stored if one]


def is_of_account(data: Mapping[str, Any], account_id: int) -> bool:
    """False when another account was logged in to the chat last: the drafts are still its own."""
    return data.get("account") in {None, account_id}


def put_draft(data: dict[str, Any], draft: Draft) -> None:
    """Adds a draft, in the place of what it was before and of other drafts of the same form."""
    form = str(draft.form)
    others = [one for one in data.get("waiting_drafts", []) if one["form"] != form]
    data["waiting_drafts"] = [*others, draft.to_json()]


def remove_draft(data: dict[str, Any], draft_id: str) -> None:
    """Removes a draft, wherever it stands; nothing happens when it is not there."""
    if (data.get("draft") or {}).get("id") == draft_id:
        data["draft"] = None
    waiting = [one for one in data.get("waiting_drafts", []) if one["id"] != draft_id]
    if waiting:
        data["waiting_drafts"] = waiting
    else:
        data.pop("waiting_drafts", None)
