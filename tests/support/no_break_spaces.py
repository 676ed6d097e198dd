"""No-break spaces look like spaces: tests quote texts as people read them."""

from typing import Any

NO_BREAK_SPACE = "\u00a0"


def read_spaces(part: Any) -> Any:
    """A text, or all texts inside of a message, with spaces for no-break spaces."""
    match part:
        case str():
            return part.replace(NO_BREAK_SPACE, " ")
        case dict():
            return {name: read_spaces(inner) for name, inner in part.items()}
        case list():
            return [read_spaces(inner) for inner in part]
        case _:
            return part
