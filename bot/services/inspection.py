"""What a file's bytes really are: its type, and whether they are safe to hand to people.

Signatures are read here, in any process. Everything else is a parser's work, and parsers are met
only in a worker process (bot.services.workshop): ``judge`` and ``inspect`` run there.
"""

import re
from dataclasses import dataclass

from bot.fsm.form import Rejected

#: A0 at 300 dpi has 140 million; a viewer needs four bytes for each.
MAX_PIXELS = 200_000_000
#: One deflated part of a document that is no picture, and all of them.
MAX_PART_BYTES = 300 * 1024**2
MAX_UNFOLDED_BYTES = 2 * 1024**3
MAX_PAGES = 500

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RTF = b"{\\rtf"
#: A document that is locked with a password is an OLE file, whatever its extension.
_OFFICE = {
    **dict.fromkeys(("docx", "xlsx"), (_ZIP, _OLE)),
    **dict.fromkeys(("odt", "ods"), (_ZIP,)),
    **dict.fromkeys(("doc", "xls"), (_OLE,)),
    "rtf": (_RTF,),
}

#: Readers of PDF look for its header so far.
_HEAD = 1024
_ZIP_TAIL = 22 + 0xFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanType:
    """A kind of file; the first of ``extensions`` is the one given to a wrongly named file."""

    media_type: str
    extensions: tuple[str, ...]


PDF = ScanType(media_type="application/pdf", extensions=("pdf",))
JPEG = ScanType(media_type="image/jpeg", extensions=("jpg", "jpeg"))
PNG = ScanType(media_type="image/png", extensions=("png",))
TIFF = ScanType(media_type="image/tiff", extensions=("tiff", "tif"))
HEIC = ScanType(media_type="image/heic", extensions=("heic", "heif"))

# The last two are what phones write into HEIC beside its own.
_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_PAGE = re.compile(rb"<(script|html|svg|iframe|\?php|!doctype)", re.IGNORECASE)
#: Programs, archives and documents that a reader would rather see than a PDF further down.
_OTHER_STARTS = (
    *(b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\0asm", b"dex\n"),
    *(b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", *_ARCHIVES),
    *(_OLE, _RTF, b"GIF8", b"RIFF", b"BM", b"ID3", b"OggS", b"%!PS"),
)


def scan_type(data: bytes) -> ScanType | None:
    """The type by the content's own signature; None when it is none of the five."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(_TIFF_STARTS):
        return TIFF
    if data[4:8] == b"ftyp":
        return HEIC if data[8:12] in _HEIC_BRANDS else None
    # Scanners, printers and mailers put blank lines, PJL or a MIME header before a PDF.
    before, header, _ = data[: _HEAD + 5].partition(b"%PDF-")
    if header and not before.startswith(_OTHER_STARTS) and not _PAGE.search(before):
        return PDF
    return None


def is_office_document(data: bytes, name: str) -> bool:
    """A text or a table: what staff and consumers write together, and no scan."""
    return data.startswith(_OFFICE.get(_extension(name), ())) and bool(data)


def judge(data: bytes, name: str, office: bool) -> str:
    """``inspect`` for another process: an empty string, or the code of the refusal."""
    try:
        inspect(data, name, office=office)
    except Rejected as rejected:
        return rejected.code
    return ""


def load_parsers() -> None:
    """Raises ImportError where a library is missing, or made for another machine."""
    from bot.services import (  # noqa: F401, PLC0415
        office_inspection,
        pdf_inspection,
        picture_inspection,
    )


def inspect(data: bytes, name: str, *, office: bool = False) -> ScanType | None:
    """The type of a scan that is safe to keep; None for a document, which only ``office`` takes.

    Raises Rejected:

    - ``file-type``: none of those that are taken;
    - ``file-damaged``: it does not open;
    - ``file-locked``: it opens with a password only;
    - ``file-hides-another``: it is, or holds, a file of another kind as well;
    - ``file-runs-code``: it holds a script, a macro or a start of a program;
    - ``file-unfolds``: opened, it would fill the memory.

    May take long, or any amount of memory, if the file is made for that: a worker process has
    limits.
    """
    kind = scan_type(data)
    is_office = office and is_office_document(data, name)
    if kind is None and not is_office:
        raise Rejected("file-type", name=name)
    try:
        if hides_another(data, kind):
            raise Rejected("file-hides-another")
        if kind is None:
            from bot.services.office_inspection import inspect_office  # noqa: PLC0415

            inspect_office(data, _extension(name))
        elif kind is PDF:
            from bot.services.pdf_inspection import inspect_pdf  # noqa: PLC0415

            inspect_pdf(data)
        else:
            from bot.services.picture_inspection import inspect_picture  # noqa: PLC0415

            inspect_picture(data, kind)
    except Rejected as rejected:
        raise Rejected(rejected.code, name=name) from rejected
    except MemoryError:
        raise
    except Exception as error:
        # Of garbage, parsers raise any of a dozen kinds: whatever it is, the file does not open.
        raise Rejected("file-damaged", name=name) from error
    return kind


def hides_another(data: bytes, kind: ScanType | None) -> bool:
    """Whether it is read as something else as well; ``kind`` is None for an office document."""
    if kind is not PDF and b"%PDF-" in data[:_HEAD]:
        return True
    if kind is not None and kind is not PDF and _PAGE.search(data[:_HEAD]):
        return True
    if any(mark in data for mark in _ARCHIVES):
        return True
    # A ZIP, and so a JAR or an office document, is found from its end.
    if data.startswith(_ZIP):
        return False
    tail = data[-_ZIP_TAIL:]
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and len(tail) - at - 22 == int.from_bytes(tail[at + 20 : at + 22], "little")


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower()
