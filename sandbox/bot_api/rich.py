"""Rich messages: checks the blocks that Cabinet uses against Telegram's limits."""

from typing import Any

from sandbox.bot_api.state import ApiError

_CHARACTERS = 32_768
_BLOCKS = 500
_COLUMNS = 20


def check_rich(message: dict[str, Any]) -> dict[str, Any]:
    """Returns the content of the stored message; raises ApiError for what Telegram refuses."""
    if {"html", "markdown", "blocks"} & message.keys() != {"blocks"} or not message["blocks"]:
        raise ApiError(400, "Bad Request: rich message must be specified in exactly one way")
    characters, blocks = 0, 0
    for block in message["blocks"]:
        blocks += 1
        match block["type"]:
            case "paragraph":
                characters += len(_check_text(block.get("text")))
            case "table":
                if not block["cells"]:
                    raise ApiError(400, "Bad Request: table is empty")
                blocks += len(block["cells"])
                for row in block["cells"]:
                    if not 1 <= len(row) <= _COLUMNS:
                        raise ApiError(400, "Bad Request: table has too many columns")
                    characters += sum(_check_cell(cell) for cell in row)
            case other:
                raise ApiError(400, f"Bad Request: unsupported block {other}")
    if characters > _CHARACTERS or blocks > _BLOCKS:
        raise ApiError(400, "Bad Request: rich message is too long")
    return {"rich_message": {"blocks": message["blocks"]}}


def _check_cell(cell: dict[str, Any]) -> int:
    if cell["align"] not in {"left", "center", "right"}:
        raise ApiError(400, "Bad Request: wrong cell alignment")
    if cell["valign"] not in {"top", "middle", "bottom"}:
        raise ApiError(400, "Bad Request: wrong cell alignment")
    return len(_check_text(cell["text"])) if "text" in cell else 0


def _check_text(text: Any) -> str:
    if not isinstance(text, str) or not text:
        raise ApiError(400, "Bad Request: rich text is empty")
    return text
