"""Messages that no model reads, and answers with few fields."""

from typing import Any

HIDDEN = {"forward_origin": {"type": "hidden_user", "date": 1}}
#: Neither its number nor what it holds can be read.
UNREADABLE = {"message_id": "?", "date": "?", "text": {"brand": "new"}}


def keep_little(result: Any) -> Any:
    """The least that a server of any edition answers."""
    if isinstance(result, list):
        return [keep_little(one) for one in result]
    if not isinstance(result, dict):
        return result
    kept = {"message_id", "file_id", "file_unique_id", "file_path", "message_thread_id", "status"}
    little = {key: value for key, value in result.items() if key in kept}
    if "user" in result:
        little["user"] = {"id": result["user"]["id"]}
    if "type" in result:
        little |= {"id": result["id"], "is_forum": result.get("is_forum", False)}
    return {**little, "brand_new": {"field": [1]}}
