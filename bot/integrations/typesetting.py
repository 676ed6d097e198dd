"""Typesetting: makes PDF/A of documents from templates, which are data (Typst).

``Template`` sources are loaded in the bot; ``render_pdf`` and ``find_template_error`` load the
typesetter and run in a worker process only (bot.integrations.worker_process).
"""

import io
import json
import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PACKAGED = Path(__file__).parents[1] / "templates"
FONTS = Path(__file__).parents[1] / "fonts"

#: The template of a document that has none of its own.
DEFAULT = "default"

#: PDF/A-2a: kept for ever, searchable and tagged. PDF/UA-1: a screen reader can read it aloud.
_STANDARDS = ["a-2a", "ua-1"]
_SUFFIX = ".typ"
#: A company's logo is an SVG: the typesetter takes files of text only.
_OWN_SUFFIXES = (_SUFFIX, ".svg")
#: A template of the company is a page or two.
_MAX_TEMPLATE_BYTES = 256 * 1024

#: Order of reading is the document's own: explicit marks of direction could show another text.
_DIRECTION_MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")

Templates = Mapping[str, bytes]
"""Sources by file name."""


class TemplatesError(Exception):
    """A wrong template; the message names file and reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is to be typeset: plain JSON, with the name of its template and of the file made.

    Of ``content``, ``qr`` is the text of a code. A template that does not exist means the default.
    """

    template: str
    file_name: str
    content: Mapping[str, Any]


def load_templates(folder: Path | None = None) -> dict[str, bytes]:
    """The packaged templates; a file of ``folder`` takes the place of the one with its name.

    Raises TemplatesError.
    """
    templates = {path.name: path.read_bytes() for path in PACKAGED.glob(f"*{_SUFFIX}")}
    if folder is None:
        return templates
    if not folder.is_dir():
        raise TemplatesError(f"{folder}: is no folder")
    own = sorted(path for path in folder.iterdir() if path.suffix in _OWN_SUFFIXES)
    if not any(path.suffix == _SUFFIX for path in own):
        raise TemplatesError(f"{folder}: has no file *{_SUFFIX}")
    for path in own:
        try:
            source = path.read_bytes()
        except OSError as error:
            raise TemplatesError(f"{path}: cannot be read: {error.strerror}") from None
        if len(source) > _MAX_TEMPLATE_BYTES:
            raise TemplatesError(f"{path}: is greater than {_MAX_TEMPLATE_BYTES // 1024} KB")
        templates[path.name] = source
    return templates


def render_pdf(templates: Templates, template: str, content: Mapping[str, Any]) -> bytes:
    """Typesets a document; raises typst.TypstError for a wrong template."""
    import typst  # noqa: PLC0415

    document = _clean(content)
    if "qr" in content:
        document["qr"] = _draw_code(content["qr"])
    name = f"{template}{_SUFFIX}"
    if name not in templates:
        name = f"{DEFAULT}{_SUFFIX}"
    # The stubs do not know that several files may be given.
    made = typst.compile(  # type: ignore[call-overload]
        {"main.typ": f'#include "{name}"'.encode(), **templates},
        root=str(PACKAGED),
        font_paths=_load_fonts(),
        format="pdf",
        sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
        pdf_standards=_STANDARDS,
    )
    return bytes(made)


def find_template_error(templates: Templates, template: str, content: Mapping[str, Any]) -> str:
    """What is wrong with a template; an empty string when the document can be made.

    For a worker process, whose errors lose their texts.
    """
    import typst  # noqa: PLC0415

    try:
        render_pdf(templates, template, content)
    except typst.TypstError as error:
        # It names files by where they would be beside the packaged ones.
        words = (error.diagnostic or error.message).replace(f"{os.path.relpath(PACKAGED)}/", "")
        return " ".join(" ".join([words, *error.hints]).split())
    return ""


@cache
def _load_fonts() -> Any:
    import typst  # noqa: PLC0415

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )


def _draw_code(text: str) -> str:
    """A QR code as SVG."""
    import segno  # noqa: PLC0415

    drawn = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(drawn, kind="svg", border=0, xmldecl=False, svgns=True)
    return drawn.getvalue().decode()


def _clean(value: Any) -> Any:
    """The same with texts of characters that PDF/A can hold."""
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, Mapping):
        return {key: _clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    return value


def _clean_text(text: str) -> str:
    text = _DIRECTION_MARKS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(map(_clean_character, text))


def _clean_character(char: str) -> str:
    if char in "\n\t":
        return char
    match unicodedata.category(char):
        case "Cc":
            return ""
        # Private characters have no meaning that anybody else knows.
        case "Co" | "Cs":
            return "\ufffd"
    return char
