"""File inspection: detects the type of a file by its content and rejects unsafe ones.

``detect_scan_type`` reads signatures and runs anywhere. ``inspect`` and ``find_rejection`` load
parsers and run in a worker process only (bot.integrations.worker_process).
"""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.fsm.model import Rejected

#: A0 at 300 dpi has 140 million; a viewer needs four bytes for each.
MAX_PIXELS = 200_000_000
#: Limits of decompressed bytes: one part of a document that is no picture, and all parts.
MAX_PART_BYTES = 300 * 1024**2
MAX_TOTAL_BYTES = 2 * 1024**3
MAX_PAGES = 500

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RTF = b"{\\rtf"
#: A DOCX or XLSX with a password is an OLE file.
_OFFICE = {
    **dict.fromkeys(("docx", "xlsx"), (_ZIP, _OLE)),
    **dict.fromkeys(("odt", "ods"), (_ZIP,)),
    **dict.fromkeys(("doc", "xls"), (_OLE,)),
    "rtf": (_RTF,),
}

#: PDF viewers look for the header in so many first bytes.
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
#: Starts of programs, archives and documents: such a file is no PDF, also with a PDF header later.
_OTHER_STARTS = (
    *(b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\0asm", b"dex\n"),
    *(b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", *_ARCHIVES),
    *(_OLE, _RTF, b"GIF8", b"RIFF", b"BM", b"ID3", b"OggS", b"%!PS"),
)


def detect_scan_type(data: bytes) -> ScanType | None:
    """The type by the signature of the content; None for any other type of file."""
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
    """Whether it is a text or a table that matches its extension."""
    return data.startswith(_OFFICE.get(_get_extension(name), ())) and bool(data)


def find_rejection(data: bytes, name: str, office: bool) -> str:
    """Calls ``inspect``; returns the code of its Rejected, or an empty string.

    For a worker process, whose results are plain values.
    """
    try:
        inspect(data, name, office=office)
    except Rejected as rejected:
        return rejected.code
    return ""


def find_rejection_of_file(path: str, name: str) -> str:
    """As ``find_rejection``, of a scan in a file, whose bytes only this process reads."""
    return find_rejection(Path(path).read_bytes(), name, office=False)


def load_parsers() -> None:
    """Imports all parsers; raises ImportError if one is missing or built for another machine."""
    from bot.integrations import (  # noqa: F401, PLC0415
        office_inspection,
        pdf_inspection,
        picture_inspection,
        xlsx_tables,
    )


def inspect(data: bytes, name: str, *, office: bool = False) -> ScanType | None:
    """The type of a safe scan; None for a safe office document, accepted with ``office`` only.

    Raises Rejected:

    - ``file-type``: the type is not accepted;
    - ``file-damaged``: a parser cannot open it;
    - ``file-locked``: it needs a password;
    - ``file-hides-another``: it contains a file of another type, or can be read as one;
    - ``file-runs-code``: it contains a script, a macro or an action that starts a program;
    - ``file-unfolds``: its decompressed content exceeds the limits above.

    A malicious file can use any amount of time and memory here: the worker process has limits.
    """
    kind = detect_scan_type(data)
    is_office = office and is_office_document(data, name)
    if kind is None and not is_office:
        raise Rejected("file-type", name=name)
    try:
        if _has_hidden_file(data, kind):
            raise Rejected("file-hides-another")
        if kind is None:
            from bot.integrations.office_inspection import inspect_office  # noqa: PLC0415

            inspect_office(data, _get_extension(name))
        elif kind is PDF:
            from bot.integrations.pdf_inspection import inspect_pdf  # noqa: PLC0415

            inspect_pdf(data)
        else:
            from bot.integrations.picture_inspection import inspect_picture  # noqa: PLC0415

            inspect_picture(data, kind)
    except Rejected as rejected:
        raise Rejected(rejected.code, name=name) from rejected
    except MemoryError:
        raise
    except Exception as error:
        # Parsers raise many types of errors for malformed files.
        raise Rejected("file-damaged", name=name) from error
    return kind


def _has_hidden_file(data: bytes, kind: ScanType | None) -> bool:
    """Whether it can be read as another type too; ``kind`` is None for an office document."""
    if kind is not PDF and b"%PDF-" in data[:_HEAD]:
        return True
    if kind is not None and kind is not PDF and _PAGE.search(data[:_HEAD]):
        return True
    if any(mark in data for mark in _ARCHIVES):
        return True
    if data.startswith(_ZIP):
        return False
    # Programs find a ZIP, and so a JAR or an office document, from its end.
    tail = data[-_ZIP_TAIL:]
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and len(tail) - at - 22 == int.from_bytes(tail[at + 20 : at + 22], "little")


def _get_extension(name: str) -> str:
    return name.rpartition(".")[2].lower()
