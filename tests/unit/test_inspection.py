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

from bot.fsm.form import Rejected
from bot.services import pdf_inspection
from bot.services.antivirus import Clamd
from bot.services.errors import ScannerAway
from bot.services.files import EXAMINATION_LIMITS
from bot.services.inspection import HEIC, JPEG, PDF, PNG, TIFF, ScanType, inspect, judge
from bot.services.workshop import LimitExceeded, Limits, Workshop
from tests.sample_files import (
    assembled,
    docx,
    jpeg,
    large_png,
    locked_pdf,
    pdf,
    scripted_pdf,
    wide_pdf,
)

SAMPLES = Path(__file__).parents[1] / "files"
MEGABYTE = 1024**2

_CATALOGUE = b"<</Type /Catalog /Pages 2 0 R %b>>"
_PAGES = b"<</Type /Pages /Kids [3 0 R] /Count 1>>"
_PAGE = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %b>>"


def paper(*more: bytes, catalogue: bytes = b"", page: bytes = b"") -> bytes:
    """One page; ``more`` are objects from number 4 on."""
    return assembled([_CATALOGUE % catalogue, _PAGES, _PAGE % page, *more])


def stream(content: bytes, filters: bytes, more: bytes = b"") -> bytes:
    about = b"<</Length %d /Filter %b %b>>" % (len(content), filters, more)
    return about + b" stream\n" + content + b"\nendstream"


@cache
def bomb(size: int = 310 * MEGABYTE) -> bytes:
    packing = zlib.compressobj(9)
    blocks = (packing.compress(bytes(MEGABYTE)) for _ in range(size // MEGABYTE))
    return b"".join(blocks) + packing.flush()


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    whole = io.BytesIO()
    picture.save(whole, kind, **options)
    return whole.getvalue()


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    size = width * height * len(mode)
    return Image.frombytes(mode, (width, height), os.urandom(size))


def white(width: int, height: int, mode: str = "L") -> Image.Image:
    return Image.new(mode, (width, height), "white")


def heic(picture: Image.Image) -> bytes:
    whole = io.BytesIO()
    pillow_heif.from_pillow(picture).save(whole)
    return whole.getvalue()


def png_of(width: int, height: int) -> bytes:
    """One that tells a size and has no pixels."""
    head = struct.pack(">II5B", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I4s", len(content), name)
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )


def jpeg_of(width: int, height: int, stray: bytes = b"") -> bytes:
    """One that tells another size than it has, after ``stray`` bytes."""
    whole = bytearray(jpeg())
    at = whole.index(b"\xff\xc0")
    whole[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(whole[:at] + stray + whole[at:])


def heic_of(width: int, height: int, before: int = 0) -> bytes:
    """One that tells another size than it has, ``before`` bytes further down the file."""
    whole = bytearray(heic(white(64, 64, "RGB")))
    at = whole.index(b"ispe") + 8
    whole[at : at + 8] = struct.pack(">II", width, height)
    meta = whole.index(b"meta") - 4
    free = struct.pack(">I4s", before + 8, b"free") + bytes(before) if before else b""
    return bytes(whole[:meta] + free + whole[meta:])


def tiff_of(next_page: int) -> bytes:
    whole = bytearray(encoded(white(8, 8), "TIFF"))
    start = int.from_bytes(whole[4:8], "little")
    after = start + 2 + 12 * int.from_bytes(whole[start : start + 2], "little")
    whole[after : after + 4] = struct.pack("<I", next_page or start)
    return bytes(whole)


def archive() -> bytes:
    whole = io.BytesIO()
    with ZipFile(whole, "w") as packed:
        packed.writestr("a.exe", b"MZ")
    return whole.getvalue()


def rewritten(change: Callable[[pikepdf.Pdf], None], **options: Any) -> bytes:
    """An ordinary PDF after a change, saved as pikepdf does."""
    whole = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        change(document)
        document.save(whole, **options)
    return whole.getvalue()


def attach(document: pikepdf.Pdf) -> None:
    document.attachments["a.exe"] = pikepdf.AttachedFileSpec(document, b"MZ", filename="a.exe")


def unchanged(document: pikepdf.Pdf) -> None:
    pass


def add_script(document: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    document.Root.OpenAction = document.make_indirect(action)


def many_scans(times: int) -> bytes:
    """A progressive JPEG whose last pass comes again and again: each decodes the whole picture."""
    whole = encoded(white(5000, 5000), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * times + b"\xff\xd9"


_HIDDEN_ACTION = b"/OpenAction <</S /J#61vaScript /J#53 (app.alert\\(1\\))>>"
_LAUNCH = b"/AA <</O <</S /Launch /F (cmd.exe)>>>>"
_HUGE = b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8"
_COMPRESSED = pikepdf.ObjectStreamMode.generate
_SMALL = b"/Type /XObject /Subtype /Image /Width 9 /Height 9 /BitsPerComponent 8"


#: What is refused, by the code of the refusal.
REFUSED: dict[str, dict[str, Callable[[], bytes]]] = {
    "file-unfolds": {
        "png": lambda: png_of(60_000, 60_000),
        "jpeg": lambda: jpeg_of(65_000, 65_000),
        "jpeg-stray-byte": lambda: jpeg_of(65_500, 65_500, b"\0"),
        "jpeg-stray-bytes": lambda: jpeg_of(65_500, 65_500, bytes(3000)),
        "heic": lambda: heic_of(65_500, 65_500),
        "heic-far-down": lambda: heic_of(65_500, 65_500, 2 * MEGABYTE),
        "tiff-without-end": lambda: tiff_of(0),
        "flate": lambda: paper(stream(bomb(), b"/FlateDecode")),
        "flate-abbreviated": lambda: paper(stream(bomb(), b"/Fl")),
        "flate-escaped": lambda: paper(stream(bomb(), b"/Fl#61teDecode")),
        "flate-elsewhere": lambda: paper(stream(bomb(), b"5 0 R"), b"/FlateDecode"),
        "flate-elsewhere-listed": lambda: paper(stream(bomb(), b"[5 0 R]"), b"/FlateDecode"),
        "flate-wrong-header": lambda: paper(stream(b"\0\0" + bomb()[2:], b"/FlateDecode")),
        "flate-in-hex": lambda: paper(
            stream(bomb().hex().encode(), b"[/ASCIIHexDecode /FlateDecode]")
        ),
        "flate-twice": lambda: paper(stream(zlib.compress(bomb()), b"[/FlateDecode /FlateDecode]")),
        "flate-of-objects": lambda: paper(
            stream(bomb(), b"/FlateDecode", b"/Type /ObjStm /N 1 /First 4")
        ),
        "run-length": lambda: paper(stream(b"\x81\0" * 5 * MEGABYTE, b"/RunLengthDecode")),
        "picture-in-pdf": lambda: paper(stream(zlib.compress(b""), b"/FlateDecode", _HUGE)),
        "jpeg-in-pdf": lambda: paper(stream(jpeg_of(65_500, 65_500, b"\0"), b"/DCTDecode", _SMALL)),
        "jpeg-in-flate": lambda: paper(
            stream(zlib.compress(jpeg_of(65_500, 65_500)), b"[/FlateDecode /DCTDecode]", _SMALL)
        ),
    },
    "file-runs-code": {
        "script": scripted_pdf,
        "script-escaped": lambda: paper(catalogue=_HIDDEN_ACTION),
        "script-of-a-link": lambda: paper(page=b"/Annots [<</A <</S /JavaScript /JS 4 0 R>>>>]"),
        "script-by-name": lambda: paper(b"<</JS (1)>>", catalogue=b"/Names 4 0 R"),
        # Inside a compressed object stream, where no search for bytes finds it.
        "script-compressed": lambda: rewritten(add_script, object_stream_mode=_COMPRESSED),
        "launch": lambda: paper(page=_LAUNCH),
        "xfa": lambda: paper(catalogue=b"/AcroForm <</XFA [(a) 4 0 R]>>"),
    },
    "file-hides-another": {
        "attachment": lambda: rewritten(attach),
        "media": lambda: paper(page=b"/Annots [<</Subtype /RichMedia>>]"),
        "jpeg-and-zip": lambda: jpeg() + archive(),
        "pdf-and-zip": lambda: pdf() + archive(),
        "png-and-rar": lambda: encoded(white(1, 1), "PNG") + b"Rar!\x1a\x07\x00",
        "jpeg-and-page": lambda: b"\xff\xd8\xff\xfe<script>alert(1)</script>",
        "jpeg-and-pdf": lambda: b"\xff\xd8\xff\xe0\n%PDF-1.7",
    },
    "file-damaged": {
        "no-pdf": lambda: b"%PDF-1.7\nscan\n%%EOF",
        "streams": lambda: b"%PDF-1.7\n" + b"stream\n" * 40_000,
        "tree-loop": lambda: assembled(
            [_CATALOGUE % b"", b"<</Type /Pages /Kids [2 0 R] /Count 1>>"]
        ),
        "xref-loop": lambda: pdf().replace(b"/Root", b"/Prev %d /Root" % pdf().rindex(b"xref\n0 ")),
        "png-cut": lambda: encoded(noise(64, 64), "PNG")[:5000],
        "jpeg-cut": lambda: encoded(noise(64, 64), "JPEG")[:2000],
        "heic-cut": lambda: heic(noise(64, 64))[:-100],
        "tiff-cut": lambda: b"II*\0\x08\0\0\0",
    },
    "file-locked": {"pdf": lambda: locked_pdf()},
    "file-type": {"program": lambda: b"MZ" + bytes(100), "document": docx},
}


@pytest.mark.parametrize(
    ("code", "name"), [(code, name) for code, names in REFUSED.items() for name in names]
)
def test_what_would_harm_is_refused(code: str, name: str) -> None:
    with pytest.raises(Rejected) as rejected:
        inspect(REFUSED[code][name](), "скан.pdf")
    assert (rejected.value.code, rejected.value.details) == (code, {"name": "скан.pdf"})


def ole(*names: str, content: bytes = b"") -> bytes:
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


def record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


#: Documents by their name, and the code of the refusal if there is one.
DOCUMENTS: dict[str, tuple[str, bytes, str]] = {
    "docx": ("a.docx", docx(), ""),
    "document-in-document": ("a.docx", docx(more={"word/embeddings/b": docx()}), ""),
    "rtf": ("a.rtf", b"{\\rtf1 text}", ""),
    "by-another-name": ("a.pdf", docx(), "file-type"),
    "by-the-name-of-macros": ("a.docm", docx(), "file-type"),
    "no-document": ("a.docx", archive(), "file-type"),
    "macros": ("a.docx", docx(more={"word/vbaProject.bin": b"x"}), "file-runs-code"),
    "macros-of-1992": ("a.xlsx", docx(more={"xl/macrosheets/a.xml": b"x"}), "file-runs-code"),
    "macros-by-type": (
        "a.docx",
        docx(more={"[Content_Types].xml": b'<Types a="macroEnabled"/>'}),
        "file-runs-code",
    ),
    "macros-in-document": (
        "a.docx",
        docx(more={"word/embeddings/b": docx(more={"xl/vbaProject.bin": b"x"})}),
        "file-runs-code",
    ),
    "basic": ("a.odt", docx(more={"Basic/Standard/Module1.xml": b"x"}), "file-runs-code"),
    "basic-without-modules": ("a.odt", docx(more={"Basic/Standard/script-lb.xml": b"x"}), ""),
    "python": ("a.ods", docx(more={"Scripts/python/a.py": b"x"}), "file-runs-code"),
    "locked-odt": (
        "a.odt",
        docx(more={"META-INF/manifest.xml": b"<manifest:encryption-data a='1'>"}),
        "file-locked",
    ),
    "tail": ("a.docx", docx() + b"tail", "file-hides-another"),
    "head": ("a.docx", b"PK\x03\x04 a head" + docx(), "file-hides-another"),
    "pdf-before": ("a.docx", b"PK\x03\x04%PDF-1.7" + docx(), "file-hides-another"),
    "object": ("a.rtf", b"{\\rtf1 {\\object {\\*\\objdata 0105}}}", "file-hides-another"),
    "cut": ("a.docx", docx()[:-30], "file-damaged"),
    "other-sum": ("a.docx", docx("one").replace(b">one<", b">two<"), "file-damaged"),
    "ole-cut": ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), "file-damaged"),
    "doc": ("a.doc", ole("*WordDocument"), ""),
    "doc-macros": ("a.doc", ole("*WordDocument", "Macros"), "file-runs-code"),
    "doc-package": ("a.doc", ole("*WordDocument", "*\x01Ole10Native"), "file-hides-another"),
    "doc-and-zip": ("a.doc", ole("*WordDocument") + archive(), "file-hides-another"),
    "doc-locked": ("a.doc", ole("*WordDocument", content=bytes(10) + b"\0\1"), "file-locked"),
    "docx-locked": ("a.docx", ole("*EncryptedPackage", "*EncryptionInfo"), "file-locked"),
    "xls": (
        "a.xls",
        ole("*Workbook", content=record(0x809, bytes(16)) + record(0x85, bytes(8))),
        "",
    ),
    "xls-macros": ("a.xls", ole("*Workbook", "_VBA_PROJECT_CUR"), "file-runs-code"),
    "xls-macros-of-1992": (
        "a.xls",
        ole("*Workbook", content=record(0x85, bytes(5) + b"\1\1\0a")),
        "file-runs-code",
    ),
    "xls-locked": ("a.xls", ole("*Workbook", content=record(0x2F, bytes(6))), "file-locked"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_pass_without_macros_and_whole(name: str) -> None:
    called, data, code = DOCUMENTS[name]
    assert judge(data, called, office=True) == code


def test_many_parts_that_would_fill_the_memory_together_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdf_inspection, "MAX_UNFOLDED_BYTES", 3 * MEGABYTE)
    part = stream(zlib.compress(bytes(MEGABYTE)), b"/FlateDecode")
    assert judge(paper(*[part] * 3), "a", office=False) == ""
    assert judge(paper(*[part] * 4), "a", office=False) == "file-unfolds"


def test_a_package_that_would_fill_the_memory_is_refused() -> None:
    whole = io.BytesIO()
    with ZipFile(whole, "w", ZIP_DEFLATED, compresslevel=9) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        with package.open("word/document.xml", "w") as part:
            for _ in range(310):
                part.write(bytes(MEGABYTE))
    assert judge(whole.getvalue(), "a.docx", office=True) == "file-unfolds"


TAKEN: dict[str, tuple[ScanType, Callable[[], bytes]]] = {
    "jpeg": (JPEG, lambda: encoded(noise(400, 300), "JPEG")),
    "jpeg-progressive": (JPEG, lambda: encoded(noise(400, 300), "JPEG", progressive=True)),
    "jpeg-cmyk": (JPEG, lambda: encoded(noise(40, 30).convert("CMYK"), "JPEG")),
    "jpeg-small": (JPEG, lambda: encoded(white(3, 5), "JPEG")),
    "jpeg-large": (JPEG, lambda: encoded(white(12_000, 16_000), "JPEG")),
    "jpeg-with-depth": (
        JPEG,
        lambda: encoded(noise(40, 30), "MPO", save_all=True, append_images=[noise(9, 9)]),
    ),
    "png-transparent": (PNG, lambda: encoded(noise(40, 30, "RGBA"), "PNG")),
    "png-palette": (PNG, lambda: encoded(noise(40, 30).convert("P"), "PNG")),
    "tiff-lzw": (TIFF, lambda: encoded(noise(40, 30), "TIFF", compression="tiff_lzw")),
    "tiff-fax": (
        TIFF,
        lambda: encoded(noise(40, 30).convert("1"), "TIFF", compression="group4"),
    ),
    "tiff-pages": (
        TIFF,
        lambda: encoded(white(40, 30), "TIFF", save_all=True, append_images=[white(9, 9)] * 99),
    ),
    "heic": (HEIC, lambda: heic(noise(64, 48))),
    "pdf": (PDF, pdf),
    "pdf-of-pillow": (PDF, lambda: encoded(noise(40, 30), "PDF")),
    "pdf-inflated": (PDF, lambda: paper(stream(zlib.compress(bytes(10**7)), b"/FlateDecode"))),
    "pdf-hex": (PDF, lambda: paper(stream(b"0" * 10**6, b"/ASCIIHexDecode"))),
    "pdf-run-length": (PDF, lambda: paper(stream(b"\x81\0" * 10**6, b"/RunLengthDecode"))),
    "pdf-jpeg": (PDF, lambda: paper(stream(jpeg(), b"/DCTDecode", _SMALL))),
    # Compressed bytes that spell what a bomb has in its dictionary, as one scan in four has them.
    "pdf-pixels": (
        PDF,
        lambda: paper(stream(zlib.compress(b"/Fl /Fl ", 0), b"/FlateDecode") + b"\n"),
    ),
    "pdf-linear": (PDF, lambda: rewritten(unchanged, linearize=True)),
    # Protected from being changed, and open to everybody.
    "pdf-protected": (PDF, lambda: locked_pdf("")),
    # A person's words, and a signature's list, which only look like a script or a file.
    "pdf-words": (PDF, lambda: paper(catalogue=b"/Lang (/JS /JavaScript /EF)")),
    "pdf-signature": (
        PDF,
        lambda: paper(b"<</Type /TransformParams /EF [/Create /Delete]>>"),
    ),
    # Scanners write a wrong place of the table, printers and mailers something before it all.
    "pdf-wrong-table": (PDF, lambda: pdf().replace(b"startxref\n", b"startxref\n9")),
    "pdf-after-mark": (PDF, lambda: b"\xef\xbb\xbf\r\n" + pdf()),
    "pdf-after-blanks": (PDF, lambda: b" " * 70 + pdf()),
    "pdf-after-zeros": (PDF, lambda: bytes(1000) + pdf()),
    "pdf-after-pjl": (
        PDF,
        lambda: b"\x1b%-12345X@PJL\r\n@PJL ENTER LANGUAGE=PDF\r\n" + pdf(),
    ),
    "pdf-after-mime": (
        PDF,
        lambda: b"--a\r\nContent-Type: application/pdf\r\nContent-ID: <1@b>\r\n\r\n" + pdf(),
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_ordinary_scans_pass(name: str) -> None:
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
def test_samples_of_the_libraries_have_their_answers(name: str, code: str) -> None:
    assert judge((SAMPLES / name).read_bytes(), name, office=False) == code


def test_every_sample_has_its_answer() -> None:
    marks = test_samples_of_the_libraries_have_their_answers.pytestmark  # type: ignore[attr-defined]
    listed = {name for name, _ in marks[0].args[1]}
    assert listed == {one.name for one in SAMPLES.iterdir()} - {"README.md"}


def lossless_scans() -> Iterator[bytes]:
    """A thousand, of random pixels: 1 to 40 pages each, most of them small, some of a whole A4."""
    pages = [encoded(noise(24, 34), "PNG", compress_level=level) for level in (0, 1, 6) * 40]
    for number in range(990):
        count = 1 + number % 40 if number % 10 == 0 else 1 + number % 3
        start = number % (len(pages) - count)
        fresh = encoded(noise(20 + number % 17, 30), "PNG")
        yield img2pdf.convert([fresh, *pages[start : start + count - 1]])
    for mode in ("RGB", "L") * 5:
        yield img2pdf.convert([encoded(noise(1240, 1754, mode), "PNG", compress_level=1)])


def test_a_thousand_lossless_scans_pass() -> None:
    count = 0
    for scan in lossless_scans():
        assert judge(scan, "скан.pdf", office=False) == ""
        count += 1
    assert count == 1000


def test_a_long_contract_passes() -> None:
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
            stream(content, b"/FlateDecode"),
        ]
    tree = b"<</Type /Pages /Count 42 /Kids [%b]>>" % b" ".join(pages)
    font = stream(zlib.compress(os.urandom(3_700_000)), b"/FlateDecode", b"/Length1 3700000")
    contract = assembled([_CATALOGUE % b"", tree, *parts, font])
    assert 3_700_000 < len(contract) < 4_200_000
    assert inspect(contract, "договор.pdf") is PDF


GARBAGE = [
    pdf(),
    jpeg(),
    docx(),
    encoded(noise(16, 16), "PNG"),
    encoded(noise(16, 16), "TIFF", compression="tiff_lzw"),
    heic(noise(64, 64)),
    img2pdf.convert(encoded(noise(16, 16), "PNG")),
    rewritten(unchanged, object_stream_mode=pikepdf.ObjectStreamMode.generate),
    ole("*Workbook", content=record(0x85, bytes(8))),
]


@settings(max_examples=1500, deadline=None)
@given(
    whole=st.sampled_from(GARBAGE),
    cut=st.floats(0, 1),
    places=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=8),
    name=st.sampled_from(["a.docx", "a.xls", "a.pdf"]),
)
def test_garbage_is_taken_or_refused_and_nothing_else(
    whole: bytes, cut: float, places: list[tuple[float, int]], name: str
) -> None:
    data = bytearray(whole)
    for place, value in places:
        data[int(place * len(data))] = value
    if not places:
        del data[int(cut * len(data)) :]
    assert judge(bytes(data), name, office=True) in {
        *("", "file-type", "file-damaged", "file-locked", "file-hides-another"),
        *("file-runs-code", "file-unfolds"),
    }


def test_the_bot_itself_meets_no_parser() -> None:
    code = "import sys, bot.app, bot.app.application; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "bot.services.inspection" in told.stdout.split()
    assert not {"PIL", "pikepdf", "pillow_heif", "olefile", "lxml"} & set(told.stdout.split())


# --- in the process that has limits --------------------------------------------------------------


@pytest.fixture
async def patient() -> AsyncIterator[Workshop]:
    """With the limits of the bot, but for the clock: these tests keep the machine busy."""
    made = Workshop(replace(EXAMINATION_LIMITS, seconds=300))
    yield made
    await made.close()


@pytest.fixture
async def hasty() -> AsyncIterator[Workshop]:
    """A tenth of the time, for what would take all of it."""
    made = Workshop(Limits(processor_seconds=0.5, seconds=300, memory=EXAMINATION_LIMITS.memory))
    yield made
    await made.close()


async def test_the_largest_drawing_passes_as_a_picture_and_as_a_pdf(patient: Workshop) -> None:
    """A0 at 300 dpi, 140 million pixels."""
    drawing = white(9933, 14_043, "RGB")
    drawing.paste(noise(1500, 1500), (0, 0))
    picture = encoded(drawing, "PNG", compress_level=1)
    for data in (picture, img2pdf.convert(picture), encoded(drawing, "JPEG")):
        assert await patient.run(judge, data, "чертёж", False) == ""


@pytest.mark.parametrize("size", [256 * 1024, 20 * MEGABYTE])
async def test_many_starts_of_streams_cost_little(patient: Workshop, size: int) -> None:
    data = b"%PDF-1.7\n" + b"stream\n" * (size // 7)
    assert await patient.run(judge, data[:size], "a", False) == "file-damaged"


@pytest.mark.parametrize("name", ["scans", "tree"])
async def test_what_takes_too_long_is_cut_short(hasty: Workshop, name: str) -> None:
    data = many_scans(3000) if name == "scans" else wide_pdf()
    with pytest.raises(LimitExceeded, match="time"):
        await hasty.run(judge, data, "a", False)
    assert await hasty.run(judge, pdf(), "a", False) == ""


async def test_what_takes_too_much_memory_is_cut_short() -> None:
    small = Workshop(Limits(processor_seconds=5, seconds=300, memory=120 * MEGABYTE))
    with pytest.raises(LimitExceeded, match="memory"):
        await small.run(judge, large_png(), "a", False)
    assert await small.run(judge, jpeg(), "a", False) == ""
    await small.close()


@pytest.mark.parametrize(
    ("told", "clean"), [(b"stream: OK", True), (b"stream: Eicar FOUND", False), (b"ERROR", None)]
)
async def test_the_scanner_is_asked_over_its_socket(
    told: bytes, clean: bool | None, tmp_path: Path
) -> None:
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            heard.extend(await reader.readexactly(size))
        writer.write(told + b"\0")
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(serve, tmp_path / "clamd")
    clamd = Clamd(f"unix://{tmp_path}/clamd")
    data = bytes(200_000)
    if clean is None:
        with pytest.raises(ScannerAway):
            await clamd.is_clean(data)
    else:
        assert await clamd.is_clean(data) is clean
    assert heard == data
    server.close()
    await server.wait_closed()


async def test_a_scanner_that_is_not_there_is_away(tmp_path: Path) -> None:
    with pytest.raises(ScannerAway):
        await Clamd(f"unix://{tmp_path}/nobody").is_clean(b"a")
