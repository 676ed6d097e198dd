"""Reads the text of a PDF back, and renders its pages, as a browser does (PDFium)."""

import io
import re

import pypdfium2


def read_pages(data: bytes) -> list[str]:
    """The text of each page, in the order in which it is read aloud."""
    with pypdfium2.PdfDocument(data) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def read_text(data: bytes) -> str:
    """The text of all pages."""
    return "\n".join(read_pages(data))


def squeeze(text: str) -> str:
    """``text`` without blanks and line ends, which depend on where lines were broken."""
    return re.sub(r"\s+", "", text)


def photograph(data: bytes) -> bytes:
    """A photo of the first page, as a JPEG."""
    with pypdfium2.PdfDocument(data) as document:
        made = io.BytesIO()
        document[0].render(scale=1.5).to_pil().convert("RGB").save(made, "JPEG", quality=70)
    return made.getvalue()
