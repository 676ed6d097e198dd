"""What a scan's bytes really are: its type, and whether they are safe to hand to people.

Nothing is decoded: sizes are read from headers, and deflated parts of a PDF are inflated into
nowhere, up to a limit.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from bot.fsm.model import Rejected

#: A0 at 300 dpi has 140 million; a viewer needs four bytes for each.
MAX_PIXELS = 200_000_000
#: One deflated part of a PDF, and all of them; an A3 page of a scanner takes 100 MB.
MAX_PART_BYTES = 300 * 1024**2
MAX_PDF_BYTES = 1024**3
MAX_PAGES = 500

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE = {
    **dict.fromkeys(("docx", "xlsx", "odt", "ods"), _ZIP),
    **dict.fromkeys(("doc", "xls"), _OLE),
    "rtf": b"{\\rtf",
}

_FED, _TAKEN = 64 * 1024, 4 * 1024**2
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
_DEFLATED = re.compile(rb"/Fl(?:ateDecode)?\b")
_STREAM = re.compile(rb"stream\r?\n")


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
    # Scanners put a byte order mark or blank lines before the header.
    if data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"%PDF-"):
        return PDF
    return None


def is_office_document(data: bytes, name: str) -> bool:
    """A text or a table without macros: what staff and consumers write together, and no scan."""
    start = _OFFICE.get(name.rpartition(".")[2].lower())
    return start is not None and data.startswith(start)


def inspect(data: bytes, name: str) -> ScanType:
    """The type of a scan that is safe to keep.

    Raises Rejected ``file-type``, ``file-hides-another`` (it is a file of another kind as well),
    ``file-unfolds`` (opened, it would fill the memory). Slow for a large PDF: call it in a thread.
    """
    kind = scan_type(data)
    if kind is None:
        raise Rejected("file-type", name=name)
    if _hides_another(data, kind):
        raise Rejected("file-hides-another", name=name)
    if kind is PDF:
        unfolds = _pdf_unfolds(data)
    else:
        sizes = {JPEG: _jpeg, PNG: _png, TIFF: _tiff, HEIC: _heic}[kind](data)
        unfolds = any(
            width * height > MAX_PIXELS or page > MAX_PAGES
            for page, (width, height) in enumerate(sizes, 1)
        )
    if unfolds:
        raise Rejected("file-unfolds", name=name)
    return kind


def _hides_another(data: bytes, kind: ScanType) -> bool:
    if kind is not PDF and (b"%PDF-" in data[:_HEAD] or _PAGE.search(data[:_HEAD])):
        return True
    if any(mark in data for mark in _ARCHIVES):
        return True
    # A ZIP, and so a JAR or an office document, is found from its end.
    tail = data[-_ZIP_TAIL:]
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and len(tail) >= at + 22 and len(tail) - at - 22 == _u16(tail, at + 20, "<")


def _png(data: bytes) -> Iterator[tuple[int, int]]:
    if data[12:16] == b"IHDR" and len(data) >= 24:
        yield _u32(data, 16, ">"), _u32(data, 20, ">")


def _jpeg(data: bytes) -> Iterator[tuple[int, int]]:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            yield _u16(data, at + 7, ">"), _u16(data, at + 5, ">")
            return
        at += 2 + _u16(data, at + 2, ">")


def _heic(data: bytes) -> Iterator[tuple[int, int]]:
    # Sizes of the picture and of its tiles, in the header before the pictures themselves.
    for found in re.finditer(b"ispe", data[: 1024**2]):
        at = found.end()
        if at + 12 <= len(data):
            yield _u32(data, at + 4, ">"), _u32(data, at + 8, ">")


def _tiff(data: bytes) -> Iterator[tuple[int, int]]:
    order = "<" if data[:1] == b"I" else ">"
    big = data[2:4] in {b"+\0", b"\0+"}
    count_size, entry_size, offset_size = (8, 20, 8) if big else (2, 12, 4)
    number = {2: _u16, 4: _u32, 8: _u64}
    at = number[offset_size](data, 8 if big else 4, order)
    while at:
        entries = number[count_size](data, at, order)
        if entries > 4096 or at + count_size + entries * entry_size > len(data):
            return
        size = {}
        for index in range(entries):
            entry = at + count_size + index * entry_size
            tag, form = _u16(data, entry, order), _u16(data, entry + 2, order)
            if tag in {256, 257}:
                value = entry + (12 if big else 8)
                size[tag] = (_u16 if form == 3 else _u32)(data, value, order)
        # A chain of pages that bites its own tail ends at MAX_PAGES.
        yield size.get(256, 0), size.get(257, 0)
        at = number[offset_size](data, at + count_size + entries * entry_size, order)


def _pdf_unfolds(data: bytes) -> bool:
    total = 0
    for found in _STREAM.finditer(data):
        dictionary = data[max(0, data.rfind(b"obj", 0, found.start())) : found.start()]
        filters = len(_DEFLATED.findall(dictionary))
        if filters > 1:
            # Deflated twice, a kilobyte becomes a gigabyte; no scanner does so.
            return True
        if filters:
            total += _inflated(data, found.end(), MAX_PART_BYTES)
            if total > MAX_PDF_BYTES:
                return True
    return False


def _inflated(data: bytes, at: int, limit: int) -> int:
    """How many bytes come out, without keeping them; beyond ``limit``, more than any PDF may."""
    inflating = zlib.decompressobj()
    size = 0
    try:
        for start in range(at, len(data), _FED):
            piece = data[start : start + _FED]
            while piece and not inflating.eof:
                size += len(inflating.decompress(piece, _TAKEN))
                if size > limit:
                    return MAX_PDF_BYTES + 1
                piece = inflating.unconsumed_tail
            if inflating.eof:
                break
    except zlib.error:
        # Encrypted or damaged: nothing more unfolds from it.
        return size
    return size


def _u16(data: bytes, at: int, order: str) -> int:
    return _unpacked(data, at, f"{order}H")


def _u32(data: bytes, at: int, order: str) -> int:
    return _unpacked(data, at, f"{order}I")


def _u64(data: bytes, at: int, order: str) -> int:
    return _unpacked(data, at, f"{order}Q")


def _unpacked(data: bytes, at: int, form: str) -> int:
    """Zero beyond the end: such a header leads nowhere."""
    if at + struct.calcsize(form) > len(data):
        return 0
    return int(struct.unpack_from(form, data, at)[0])
