"""Files that are more than they seem, and what a virus scanner says of them."""

import asyncio
import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import img2pdf
import pikepdf
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.fsm.model import Rejected
from bot.integrations import pdf_inspection
from bot.integrations.clamav import ClamAv
from bot.integrations.errors import LimitExceeded, ScannerUnavailable
from bot.integrations.file_inspection import (
    HEIC,
    JPEG,
    PDF,
    PNG,
    TIFF,
    ScanType,
    find_rejection,
    inspect,
)
from bot.integrations.worker_process import WorkerLimits, WorkerProcess
from bot.services.scans import INSPECTION_LIMITS
from tests.support.files import (
    assemble_pdf,
    make_docx,
    make_jpeg,
    make_large_png,
    make_locked_pdf,
    make_pdf,
    make_scripted_pdf,
    make_wide_pdf,
)
from tests.support.soak import get_size

#: A thousand with ``SOAK_LOSSLESS=1000``.
LOSSLESS_SCANS = get_size("LOSSLESS", 250)
SAMPLES = Path(__file__).parents[1] / "files"
MEGABYTE = 1024**2

_CATALOGUE = b"<</Type /Catalog /Pages 2 0 R %b>>"
_PAGES = b"<</Type /Pages /Kids [3 0 R] /Count 1>>"
_PAGE = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %b>>"


def make_one_page_pdf(*more: bytes, catalogue: bytes = b"", page: bytes = b"") -> bytes:
    """One page; ``more`` are objects from number 4 on."""
    return assemble_pdf([_CATALOGUE % catalogue, _PAGES, _PAGE % page, *more])


def make_stream(content: bytes, filters: bytes, more: bytes = b"") -> bytes:
    about = b"<</Length %d /Filter %b %b>>" % (len(content), filters, more)
    return about + b" stream\n" + content + b"\nendstream"


@cache
def make_bomb(size: int = 310 * MEGABYTE) -> bytes:
    packing = zlib.compressobj(9)
    blocks = (packing.compress(bytes(MEGABYTE)) for _ in range(size // MEGABYTE))
    return b"".join(blocks) + packing.flush()


def encode(picture: Image.Image, kind: str, **options: object) -> bytes:
    whole = io.BytesIO()
    picture.save(whole, kind, **options)
    return whole.getvalue()


def make_noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    size = width * height * len(mode)
    return Image.frombytes(mode, (width, height), os.urandom(size))


def make_blank(width: int, height: int, mode: str = "L") -> Image.Image:
    return Image.new(mode, (width, height), "white")


def make_heic(picture: Image.Image) -> bytes:
    whole = io.BytesIO()
    pillow_heif.from_pillow(picture).save(whole)
    return whole.getvalue()


def make_png_with_size(width: int, height: int) -> bytes:
    """A PNG that declares a size and has no pixels."""
    head = struct.pack(">II5B", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I4s", len(content), name)
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )


def make_jpeg_with_size(width: int, height: int, stray: bytes = b"") -> bytes:
    """A JPEG that declares a wrong size, after ``stray`` bytes."""
    whole = bytearray(make_jpeg())
    at = whole.index(b"\xff\xc0")
    whole[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(whole[:at] + stray + whole[at:])


def make_heic_with_size(width: int, height: int, before: int = 0) -> bytes:
    """A HEIC that declares a wrong size, ``before`` bytes further down the file."""
    whole = bytearray(make_heic(make_blank(64, 64, "RGB")))
    at = whole.index(b"ispe") + 8
    whole[at : at + 8] = struct.pack(">II", width, height)
    meta = whole.index(b"meta") - 4
    free = struct.pack(">I4s", before + 8, b"free") + bytes(before) if before else b""
    return bytes(whole[:meta] + free + whole[meta:])


def make_tiff_with_next_page(next_page: int) -> bytes:
    whole = bytearray(encode(make_blank(8, 8), "TIFF"))
    start = int.from_bytes(whole[4:8], "little")
    after = start + 2 + 12 * int.from_bytes(whole[start : start + 2], "little")
    whole[after : after + 4] = struct.pack("<I", next_page or start)
    return bytes(whole)


def make_archive() -> bytes:
    whole = io.BytesIO()
    with ZipFile(whole, "w") as packed:
        packed.writestr("a.exe", b"MZ")
    return whole.getvalue()


def rewrite(change: Callable[[pikepdf.Pdf], None], **options: Any) -> bytes:
    """An ordinary PDF after a change, saved as pikepdf does."""
    whole = io.BytesIO()
    with pikepdf.open(io.BytesIO(make_pdf())) as document:
        change(document)
        document.save(whole, **options)
    return whole.getvalue()


def attach(document: pikepdf.Pdf) -> None:
    document.attachments["a.exe"] = pikepdf.AttachedFileSpec(document, b"MZ", filename="a.exe")


def keep_unchanged(document: pikepdf.Pdf) -> None:
    pass


def add_script(document: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    document.Root.OpenAction = document.make_indirect(action)


def make_jpeg_of_many_scans(times: int) -> bytes:
    """A progressive JPEG with its last scan repeated: each scan decodes the whole picture."""
    whole = encode(make_blank(5000, 5000), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * times + b"\xff\xd9"


_HIDDEN_ACTION = b"/OpenAction <</S /J#61vaScript /J#53 (app.alert\\(1\\))>>"
_LAUNCH = b"/AA <</O <</S /Launch /F (cmd.exe)>>>>"
_HUGE = b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8"
_COMPRESSED = pikepdf.ObjectStreamMode.generate
_SMALL = b"/Type /XObject /Subtype /Image /Width 9 /Height 9 /BitsPerComponent 8"


#: Files that are rejected, by the code of the rejection.
REFUSED: dict[str, dict[str, Callable[[], bytes]]] = {
    "file-unfolds": {
        "png": lambda: make_png_with_size(60_000, 60_000),
        "jpeg": lambda: make_jpeg_with_size(65_000, 65_000),
        "jpeg-stray-byte": lambda: make_jpeg_with_size(65_500, 65_500, b"\0"),
        "jpeg-stray-bytes": lambda: make_jpeg_with_size(65_500, 65_500, bytes(3000)),
        "heic": lambda: make_heic_with_size(65_500, 65_500),
        "heic-far-down": lambda: make_heic_with_size(65_500, 65_500, 2 * MEGABYTE),
        "tiff-without-end": lambda: make_tiff_with_next_page(0),
        "flate": lambda: make_one_page_pdf(make_stream(make_bomb(), b"/FlateDecode")),
        "flate-abbreviated": lambda: make_one_page_pdf(make_stream(make_bomb(), b"/Fl")),
        "flate-escaped": lambda: make_one_page_pdf(make_stream(make_bomb(), b"/Fl#61teDecode")),
        "flate-elsewhere": lambda: make_one_page_pdf(
            make_stream(make_bomb(), b"5 0 R"), b"/FlateDecode"
        ),
        "flate-elsewhere-listed": lambda: make_one_page_pdf(
            make_stream(make_bomb(), b"[5 0 R]"), b"/FlateDecode"
        ),
        "flate-wrong-header": lambda: make_one_page_pdf(
            make_stream(b"\0\0" + make_bomb()[2:], b"/FlateDecode")
        ),
        "flate-in-hex": lambda: make_one_page_pdf(
            make_stream(make_bomb().hex().encode(), b"[/ASCIIHexDecode /FlateDecode]")
        ),
        "flate-twice": lambda: make_one_page_pdf(
            make_stream(zlib.compress(make_bomb()), b"[/FlateDecode /FlateDecode]")
        ),
        "flate-of-objects": lambda: make_one_page_pdf(
            make_stream(make_bomb(), b"/FlateDecode", b"/Type /ObjStm /N 1 /First 4")
        ),
        "run-length": lambda: make_one_page_pdf(
            make_stream(b"\x81\0" * 5 * MEGABYTE, b"/RunLengthDecode")
        ),
        "picture-in-pdf": lambda: make_one_page_pdf(
            make_stream(zlib.compress(b""), b"/FlateDecode", _HUGE)
        ),
        "jpeg-in-pdf": lambda: make_one_page_pdf(
            make_stream(make_jpeg_with_size(65_500, 65_500, b"\0"), b"/DCTDecode", _SMALL)
        ),
        "jpeg-in-flate": lambda: make_one_page_pdf(
            make_stream(
                zlib.compress(make_jpeg_with_size(65_500, 65_500)),
                b"[/FlateDecode /DCTDecode]",
                _SMALL,
            )
        ),
    },
    "file-runs-code": {
        "script": make_scripted_pdf,
        "script-escaped": lambda: make_one_page_pdf(catalogue=_HIDDEN_ACTION),
        "script-of-a-link": lambda: make_one_page_pdf(
            page=b"/Annots [<</A <</S /JavaScript /JS 4 0 R>>>>]"
        ),
        "script-by-name": lambda: make_one_page_pdf(b"<</JS (1)>>", catalogue=b"/Names 4 0 R"),
        # In a compressed object stream, where no search for bytes finds it.
        "script-compressed": lambda: rewrite(add_script, object_stream_mode=_COMPRESSED),
        "launch": lambda: make_one_page_pdf(page=_LAUNCH),
        "xfa": lambda: make_one_page_pdf(catalogue=b"/AcroForm <</XFA [(a) 4 0 R]>>"),
    },
    "file-hides-another": {
        "attachment": lambda: rewrite(attach),
        "media": lambda: make_one_page_pdf(page=b"/Annots [<</Subtype /RichMedia>>]"),
        "jpeg-and-zip": lambda: make_jpeg() + make_archive(),
        "pdf-and-zip": lambda: make_pdf() + make_archive(),
        "png-and-rar": lambda: encode(make_blank(1, 1), "PNG") + b"Rar!\x1a\x07\x00",
        "jpeg-and-page": lambda: b"\xff\xd8\xff\xfe<script>alert(1)</script>",
        "jpeg-and-pdf": lambda: b"\xff\xd8\xff\xe0\n%PDF-1.7",
    },
    "file-damaged": {
        "no-pdf": lambda: b"%PDF-1.7\nscan\n%%EOF",
        "streams": lambda: b"%PDF-1.7\n" + b"stream\n" * 40_000,
        "tree-loop": lambda: assemble_pdf(
            [_CATALOGUE % b"", b"<</Type /Pages /Kids [2 0 R] /Count 1>>"]
        ),
        "xref-loop": lambda: make_pdf().replace(
            b"/Root", b"/Prev %d /Root" % make_pdf().rindex(b"xref\n0 ")
        ),
        "png-cut": lambda: encode(make_noise(64, 64), "PNG")[:5000],
        "jpeg-cut": lambda: encode(make_noise(64, 64), "JPEG")[:2000],
        "heic-cut": lambda: make_heic(make_noise(64, 64))[:-100],
        "tiff-cut": lambda: b"II*\0\x08\0\0\0",
    },
    "file-locked": {"pdf": lambda: make_locked_pdf()},
    "file-type": {"program": lambda: b"MZ" + bytes(100), "document": make_docx},
}


@pytest.mark.parametrize(
    ("code", "name"), [(code, name) for code, names in REFUSED.items() for name in names]
)
def test_unsafe_file_is_rejected(code: str, name: str) -> None:
    with pytest.raises(Rejected) as rejected:
        inspect(REFUSED[code][name](), "скан.pdf")
    assert (rejected.value.code, rejected.value.details) == (code, {"name": "скан.pdf"})


def make_ole(*names: str, content: bytes = b"") -> bytes:
    """An OLE file with storages of these names below the root; «*» before one makes it a stream.

    Each stream holds ``content``, filled up to 4,096 bytes, from where streams are in sectors.
    """
    content = content.ljust(4096, b"\0")
    sectors = len(content) // 512
    streams = [name for name in names if name.startswith("*")]
    # Sector 0: allocation table; from 1: directory, four entries each; then the streams.
    directory_sectors = (len(names) + 1 + 3) // 4
    table = [0xFFFFFFFD, *range(2, directory_sectors + 1), 0xFFFFFFFE]
    starts = {}
    for name in streams:
        starts[name] = len(table)
        table += [*range(len(table) + 1, len(table) + sectors), 0xFFFFFFFE]
    table += [0xFFFFFFFF] * (128 - len(table))

    def entry(name: str, kind: int, child: int, right: int) -> bytes:
        spelled = name.removeprefix("*").encode("utf-16-le") + b"\0\0"
        start = starts.get(name, 0xFFFFFFFE if kind == 5 else 0)
        size = len(content) if kind == 2 else 0
        return (
            spelled.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(spelled), kind, 1, 0xFFFFFFFF, right, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    entries = [entry("Root Entry", 5, 1 if names else 0xFFFFFFFF, 0xFFFFFFFF)]
    for number, name in enumerate(names, 1):
        right = number + 1 if number < len(names) else 0xFFFFFFFF
        entries.append(entry(name, 2 if name in streams else 1, 0xFFFFFFFF, right))
    entries += [bytes(68) + b"\xff" * 12 + bytes(48)] * (-len(entries) % 4)
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
        + struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
        + b"\xff" * (4 * 108)
    )
    return header + struct.pack("<128I", *table) + b"".join(entries) + content * len(streams)


def make_record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


#: Name, content and code of the rejection, empty if accepted.
DOCUMENTS: dict[str, tuple[str, bytes, str]] = {
    "docx": ("a.docx", make_docx(), ""),
    "document-in-document": ("a.docx", make_docx(more={"word/embeddings/b": make_docx()}), ""),
    "rtf": ("a.rtf", b"{\\rtf1 text}", ""),
    "by-another-name": ("a.pdf", make_docx(), "file-type"),
    "by-the-name-of-macros": ("a.docm", make_docx(), "file-type"),
    "no-document": ("a.docx", make_archive(), "file-type"),
    "macros": ("a.docx", make_docx(more={"word/vbaProject.bin": b"x"}), "file-runs-code"),
    "macros-of-1992": ("a.xlsx", make_docx(more={"xl/macrosheets/a.xml": b"x"}), "file-runs-code"),
    "macros-by-type": (
        "a.docx",
        make_docx(more={"[Content_Types].xml": b'<Types a="macroEnabled"/>'}),
        "file-runs-code",
    ),
    "macros-in-document": (
        "a.docx",
        make_docx(more={"word/embeddings/b": make_docx(more={"xl/vbaProject.bin": b"x"})}),
        "file-runs-code",
    ),
    "basic": ("a.odt", make_docx(more={"Basic/Standard/Module1.xml": b"x"}), "file-runs-code"),
    "basic-without-modules": ("a.odt", make_docx(more={"Basic/Standard/script-lb.xml": b"x"}), ""),
    "python": ("a.ods", make_docx(more={"Scripts/python/a.py": b"x"}), "file-runs-code"),
    "locked-odt": (
        "a.odt",
        make_docx(more={"META-INF/manifest.xml": b"<manifest:encryption-data a='1'>"}),
        "file-locked",
    ),
    "tail": ("a.docx", make_docx() + b"tail", "file-hides-another"),
    "head": ("a.docx", b"PK\x03\x04 a head" + make_docx(), "file-hides-another"),
    "pdf-before": ("a.docx", b"PK\x03\x04%PDF-1.7" + make_docx(), "file-hides-another"),
    "object": ("a.rtf", b"{\\rtf1 {\\object {\\*\\objdata 0105}}}", "file-hides-another"),
    "cut": ("a.docx", make_docx()[:-30], "file-damaged"),
    "other-sum": ("a.docx", make_docx("one").replace(b">one<", b">two<"), "file-damaged"),
    "ole-cut": ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), "file-damaged"),
    "doc": ("a.doc", make_ole("*WordDocument"), ""),
    "doc-macros": ("a.doc", make_ole("*WordDocument", "Macros"), "file-runs-code"),
    "doc-package": ("a.doc", make_ole("*WordDocument", "*\x01Ole10Native"), "file-hides-another"),
    "doc-and-zip": ("a.doc", make_ole("*WordDocument") + make_archive(), "file-hides-another"),
    "doc-locked": ("a.doc", make_ole("*WordDocument", content=bytes(10) + b"\0\1"), "file-locked"),
    "docx-locked": ("a.docx", make_ole("*EncryptedPackage", "*EncryptionInfo"), "file-locked"),
    "xls": (
        "a.xls",
        make_ole("*Workbook", content=make_record(0x809, bytes(16)) + make_record(0x85, bytes(8))),
        "",
    ),
    "xls-macros": ("a.xls", make_ole("*Workbook", "_VBA_PROJECT_CUR"), "file-runs-code"),
    "xls-macros-of-1992": (
        "a.xls",
        make_ole("*Workbook", content=make_record(0x85, bytes(5) + b"\1\1\0a")),
        "file-runs-code",
    ),
    "xls-locked": (
        "a.xls",
        make_ole("*Workbook", content=make_record(0x2F, bytes(6))),
        "file-locked",
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_office_document_is_accepted_or_rejected(name: str) -> None:
    called, data, code = DOCUMENTS[name]
    assert find_rejection(data, called, office=True) == code


def test_pdf_with_too_many_decompressed_bytes_in_all_is_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdf_inspection, "MAX_TOTAL_BYTES", 3 * MEGABYTE)
    part = make_stream(zlib.compress(bytes(MEGABYTE)), b"/FlateDecode")
    assert find_rejection(make_one_page_pdf(*[part] * 3), "a", office=False) == ""
    assert find_rejection(make_one_page_pdf(*[part] * 4), "a", office=False) == "file-unfolds"


def test_package_with_too_many_decompressed_bytes_is_rejected() -> None:
    whole = io.BytesIO()
    with ZipFile(whole, "w", ZIP_DEFLATED, compresslevel=9) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        with package.open("word/document.xml", "w") as part:
            for _ in range(310):
                part.write(bytes(MEGABYTE))
    assert find_rejection(whole.getvalue(), "a.docx", office=True) == "file-unfolds"


TAKEN: dict[str, tuple[ScanType, Callable[[], bytes]]] = {
    "jpeg": (JPEG, lambda: encode(make_noise(400, 300), "JPEG")),
    "jpeg-progressive": (JPEG, lambda: encode(make_noise(400, 300), "JPEG", progressive=True)),
    "jpeg-cmyk": (JPEG, lambda: encode(make_noise(40, 30).convert("CMYK"), "JPEG")),
    "jpeg-small": (JPEG, lambda: encode(make_blank(3, 5), "JPEG")),
    "jpeg-large": (JPEG, lambda: encode(make_blank(12_000, 16_000), "JPEG")),
    "jpeg-with-depth": (
        JPEG,
        lambda: encode(make_noise(40, 30), "MPO", save_all=True, append_images=[make_noise(9, 9)]),
    ),
    "png-transparent": (PNG, lambda: encode(make_noise(40, 30, "RGBA"), "PNG")),
    "png-palette": (PNG, lambda: encode(make_noise(40, 30).convert("P"), "PNG")),
    "tiff-lzw": (TIFF, lambda: encode(make_noise(40, 30), "TIFF", compression="tiff_lzw")),
    "tiff-fax": (
        TIFF,
        lambda: encode(make_noise(40, 30).convert("1"), "TIFF", compression="group4"),
    ),
    "tiff-pages": (
        TIFF,
        lambda: encode(
            make_blank(40, 30), "TIFF", save_all=True, append_images=[make_blank(9, 9)] * 99
        ),
    ),
    "heic": (HEIC, lambda: make_heic(make_noise(64, 48))),
    "pdf": (PDF, make_pdf),
    "pdf-of-pillow": (PDF, lambda: encode(make_noise(40, 30), "PDF")),
    "pdf-inflated": (
        PDF,
        lambda: make_one_page_pdf(make_stream(zlib.compress(bytes(10**7)), b"/FlateDecode")),
    ),
    "pdf-hex": (PDF, lambda: make_one_page_pdf(make_stream(b"0" * 10**6, b"/ASCIIHexDecode"))),
    "pdf-run-length": (
        PDF,
        lambda: make_one_page_pdf(make_stream(b"\x81\0" * 10**6, b"/RunLengthDecode")),
    ),
    "pdf-jpeg": (PDF, lambda: make_one_page_pdf(make_stream(make_jpeg(), b"/DCTDecode", _SMALL))),
    # Compressed bytes that spell what a bomb has in its dictionary, as one scan in four has them.
    "pdf-pixels": (
        PDF,
        lambda: make_one_page_pdf(
            make_stream(zlib.compress(b"/Fl /Fl ", 0), b"/FlateDecode") + b"\n"
        ),
    ),
    "pdf-linear": (PDF, lambda: rewrite(keep_unchanged, linearize=True)),
    # Read-only: opens without a password.
    "pdf-protected": (PDF, lambda: make_locked_pdf("")),
    # A string and an array of a signature that look like a script or a file.
    "pdf-words": (PDF, lambda: make_one_page_pdf(catalogue=b"/Lang (/JS /JavaScript /EF)")),
    "pdf-signature": (
        PDF,
        lambda: make_one_page_pdf(b"<</Type /TransformParams /EF [/Create /Delete]>>"),
    ),
    # Scanners write a wrong offset of the table; printers and mailers put bytes before the PDF.
    "pdf-wrong-table": (PDF, lambda: make_pdf().replace(b"startxref\n", b"startxref\n9")),
    "pdf-after-mark": (PDF, lambda: b"\xef\xbb\xbf\r\n" + make_pdf()),
    "pdf-after-blanks": (PDF, lambda: b" " * 70 + make_pdf()),
    "pdf-after-zeros": (PDF, lambda: bytes(1000) + make_pdf()),
    "pdf-after-pjl": (
        PDF,
        lambda: b"\x1b%-12345X@PJL\r\n@PJL ENTER LANGUAGE=PDF\r\n" + make_pdf(),
    ),
    "pdf-after-mime": (
        PDF,
        lambda: b"--a\r\nContent-Type: application/pdf\r\nContent-ID: <1@b>\r\n\r\n" + make_pdf(),
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_ordinary_scan_is_accepted(name: str) -> None:
    kind, made = TAKEN[name]
    assert inspect(made(), "a") is kind


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("badlin1.pdf", ""),
        ("content-stream-errors.pdf", ""),
        ("corrupted.heic", "file-damaged"),
        ("cyclic-toc.pdf", ""),
        ("form.pdf", ""),
        ("fourpages.pdf", ""),
        ("g4-multi.tiff", ""),
        ("ignore_frame_size.mpo", ""),
        ("L_8__128x128.heif", ""),
        ("multipage_multiple_frame_loop.tiff", "file-unfolds"),
        ("newline-buffer-test.pdf", "file-damaged"),  # no pages
        ("oom.tif", "file-damaged"),
        ("pike-flate-jp2.pdf", ""),
        ("png_decompression_dos.png", "file-damaged"),
        ("RGB_10__29x100.heif", ""),
        ("rle.pdf", ""),
        ("stereo_pair.heic", ""),
        ("truncated_jpeg.jpg", "file-damaged"),
    ],
)
def test_sample_files_of_the_libraries(name: str, code: str) -> None:
    assert find_rejection((SAMPLES / name).read_bytes(), name, office=False) == code


def test_every_sample_file_is_listed() -> None:
    marks = test_sample_files_of_the_libraries.pytestmark  # type: ignore[attr-defined]
    listed = {name for name, _ in marks[0].args[1]}
    assert listed == {one.name for one in SAMPLES.iterdir()} - {"README.md"}


def iterate_lossless_scans() -> Iterator[bytes]:
    """Of random pixels: 1 to 40 pages each, most of them small, a few of a whole A4."""
    pages = [encode(make_noise(24, 34), "PNG", compress_level=level) for level in (0, 1, 6) * 40]
    for number in range(LOSSLESS_SCANS - 10):
        count = 1 + number % 40 if number % 10 == 0 else 1 + number % 3
        start = number % (len(pages) - count)
        fresh = encode(make_noise(20 + number % 17, 30), "PNG")
        yield img2pdf.convert([fresh, *pages[start : start + count - 1]])
    for mode in ("RGB", "L") * 5:
        yield img2pdf.convert([encode(make_noise(1240, 1754, mode), "PNG", compress_level=1)])


def test_lossless_scans_are_accepted() -> None:
    count = 0
    for scan in iterate_lossless_scans():
        assert find_rejection(scan, "скан.pdf", office=False) == ""
        count += 1
    assert count == LOSSLESS_SCANS


def test_long_contract_is_accepted() -> None:
    """42 pages of text and 3.9 MB, most of it a font and the pages' own compressed streams."""
    pages, parts = [], []
    for number in range(42):
        text = b"".join(
            b"BT /F1 10 Tf 50 %d Td (%b) Tj ET\n" % (800 - line, os.urandom(30).hex().encode())
            for line in range(0, 750, 10)
        )
        pages.append(b"%d 0 R" % (3 + 2 * number))
        content = zlib.compress(text)
        parts += [
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R>>"
            % (4 + 2 * number),
            make_stream(content, b"/FlateDecode"),
        ]
    tree = b"<</Type /Pages /Count 42 /Kids [%b]>>" % b" ".join(pages)
    font = make_stream(zlib.compress(os.urandom(3_700_000)), b"/FlateDecode", b"/Length1 3700000")
    contract = assemble_pdf([_CATALOGUE % b"", tree, *parts, font])
    assert 3_700_000 < len(contract) < 4_200_000
    assert inspect(contract, "договор.pdf") is PDF


GARBAGE = [
    make_pdf(),
    make_jpeg(),
    make_docx(),
    encode(make_noise(16, 16), "PNG"),
    encode(make_noise(16, 16), "TIFF", compression="tiff_lzw"),
    make_heic(make_noise(64, 64)),
    img2pdf.convert(encode(make_noise(16, 16), "PNG")),
    rewrite(keep_unchanged, object_stream_mode=pikepdf.ObjectStreamMode.generate),
    make_ole("*Workbook", content=make_record(0x85, bytes(8))),
]


@settings(max_examples=500, deadline=None)
@given(
    whole=st.sampled_from(GARBAGE),
    cut=st.floats(0, 1),
    places=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=8),
    name=st.sampled_from(["a.docx", "a.xls", "a.pdf"]),
)
def test_malformed_file_is_accepted_or_rejected(
    whole: bytes, cut: float, places: list[tuple[float, int]], name: str
) -> None:
    data = bytearray(whole)
    for place, value in places:
        data[int(place * len(data))] = value
    if not places:
        del data[int(cut * len(data)) :]
    assert find_rejection(bytes(data), name, office=True) in {
        *("", "file-type", "file-damaged", "file-locked", "file-hides-another"),
        *("file-runs-code", "file-unfolds"),
    }


def test_bot_imports_no_parser() -> None:
    code = "import sys, bot.app, bot.app.container; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "bot.integrations.file_inspection" in told.stdout.split()
    assert not {"PIL", "pikepdf", "pillow_heif", "olefile", "lxml"} & set(told.stdout.split())


# --- in the worker process -----------------------------------------------------------------------


@pytest.fixture
async def inspection_worker() -> AsyncIterator[WorkerProcess]:
    """With the bot's limits except wall-clock time: these tests keep the machine busy."""
    made = WorkerProcess(replace(INSPECTION_LIMITS, seconds=300))
    yield made
    await made.close()


@pytest.fixture
async def hasty_worker() -> AsyncIterator[WorkerProcess]:
    """A tenth of the bot's processor time, for files that would use all of it."""
    made = WorkerProcess(
        WorkerLimits(cpu_seconds=0.5, seconds=300, memory=INSPECTION_LIMITS.memory)
    )
    yield made
    await made.close()


async def test_largest_drawing_is_accepted_as_picture_and_as_pdf(
    inspection_worker: WorkerProcess,
) -> None:
    """A0 at 300 dpi, 140 million pixels."""
    drawing = make_blank(9933, 14_043, "RGB")
    drawing.paste(make_noise(1500, 1500), (0, 0))
    picture = encode(drawing, "PNG", compress_level=1)
    for data in (picture, img2pdf.convert(picture), encode(drawing, "JPEG")):
        assert await inspection_worker.run(find_rejection, data, "чертёж", False) == ""


@pytest.mark.parametrize("size", [256 * 1024, 5 * MEGABYTE])
async def test_many_stream_keywords_cost_little(
    inspection_worker: WorkerProcess, size: int
) -> None:
    data = b"%PDF-1.7\n" + b"stream\n" * (size // 7)
    assert await inspection_worker.run(find_rejection, data[:size], "a", False) == "file-damaged"


@pytest.mark.parametrize("name", ["scans", "tree"])
async def test_file_that_takes_too_long_exceeds_the_limit(
    hasty_worker: WorkerProcess, name: str
) -> None:
    data = make_jpeg_of_many_scans(3000) if name == "scans" else make_wide_pdf()
    with pytest.raises(LimitExceeded, match="time"):
        await hasty_worker.run(find_rejection, data, "a", False)
    assert await hasty_worker.run(find_rejection, make_pdf(), "a", False) == ""


async def test_file_that_takes_too_much_memory_exceeds_the_limit() -> None:
    small = WorkerProcess(WorkerLimits(cpu_seconds=5, seconds=300, memory=120 * MEGABYTE))
    with pytest.raises(LimitExceeded, match="memory"):
        await small.run(find_rejection, make_large_png(), "a", False)
    assert await small.run(find_rejection, make_jpeg(), "a", False) == ""
    await small.close()


@pytest.mark.parametrize(
    ("verdict", "clean"), [(b"stream: OK", True), (b"stream: Eicar FOUND", False), (b"ERROR", None)]
)
async def test_the_scanner_is_asked_over_its_socket(
    verdict: bytes, clean: bool | None, tmp_path: Path
) -> None:
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            heard.extend(await reader.readexactly(size))
        writer.write(verdict + b"\0")
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(serve, tmp_path / "clamd")
    clamd = ClamAv(f"unix://{tmp_path}/clamd")
    data = bytes(200_000)
    if clean is None:
        with pytest.raises(ScannerUnavailable):
            await clamd.is_clean(data)
    else:
        assert await clamd.is_clean(data) is clean
    assert heard == data
    server.close()
    await server.wait_closed()


async def test_a_scanner_that_is_not_there_is_away(tmp_path: Path) -> None:
    with pytest.raises(ScannerUnavailable):
        await ClamAv(f"unix://{tmp_path}/nobody").is_clean(b"a")
