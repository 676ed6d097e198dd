"""Parser of Telegram's HTML, as strict as Telegram's own."""

import re
from html import unescape
from typing import Any

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
}
_TOKEN = re.compile(r"<(?P<end>/?)(?P<tag>[a-zA-Z-]*)(?P<attributes>[^<>]*)>|(?P<words>[^<]+)|<")
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#[0-9]+|#x[0-9a-fA-F]+);")


class InvalidHtml(Exception):
    """Telegram refuses the markup; the message is Telegram's own."""


def count_units(text: str) -> int:
    """The length in UTF-16 units, as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Returns the stripped plain text and its entities; raises InvalidHtml."""
    text = ""
    entities: list[dict[str, Any]] = []
    open_tags: list[tuple[str, dict[str, Any]]] = []
    for token in _TOKEN.finditer(source):
        place = len(source[: token.start()].encode())
        if token["words"] is not None:
            text += _REFERENCE.sub(lambda found: unescape(found[0]), token["words"])
        elif token["tag"] is None or token["tag"].lower() not in _TAGS:
            raise InvalidHtml(
                f'Unsupported start tag "{token["tag"] or ""}" at byte offset {place}'
            )
        elif token["end"]:
            if not open_tags or open_tags[-1][0] != token["tag"].lower():
                raise InvalidHtml(f"Unexpected end tag at byte offset {place}")
            _, entity = open_tags.pop()
            entity["length"] = count_units(text) - entity["offset"]
            if entity["length"]:
                entities.append(entity)
        else:
            open_tags.append((token["tag"].lower(), _parse_entity(token, count_units(text))))
    if open_tags:
        raise InvalidHtml(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return text.strip(), sorted(entities, key=lambda one: one["offset"])


def _parse_entity(token: re.Match[str], offset: int) -> dict[str, Any]:
    kind = _TAGS[token["tag"].lower()]
    entity: dict[str, Any] = {"type": kind, "offset": offset}
    attributes = token["attributes"].strip()
    if kind == "text_link":
        link = re.fullmatch(r'href="([^"]*)"', attributes)
        entity["url"] = unescape(link[1]) if link else ""
    elif kind == "blockquote" and attributes == "expandable":
        entity["type"] = "expandable_blockquote"
    elif attributes and kind not in {"code", "pre"}:
        raise InvalidHtml(f"Unexpected attributes {attributes!r}")
    return entity
