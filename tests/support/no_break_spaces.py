"""No-break spaces look like spaces: tests quote texts as people read them."""

from copy import deepcopy
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


class MessageReader:
    """Reads the messages of one chat with ``read_spaces``, each again when it has changed.

    Tests look at all messages after every step, so reading each anew would take most of the time.
    """

    def __init__(self) -> None:
        #: By the id of a message: what it was, and how it reads.
        self._known: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}

    def read(self, message: dict[str, Any]) -> dict[str, Any]:
        known = self._known.get(message["message_id"])
        if known is None or known[0] != message:
            known = deepcopy(message), read_spaces(message)
            self._known[message["message_id"]] = known
        return known[1]
