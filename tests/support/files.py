"""Files that consumers and staff send: small and valid, or invalid in one way."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZipFile

import pikepdf
from PIL import Image


def make_pdf(mark: str = "", filler: bytes = bytes(range(256)) * 40) -> bytes:
    """A PDF of one empty page that differs by ``mark``; ``filler`` is an unused stream."""
    parts = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources <<>>>>",
        b"<</Length %d>> stream\n%b\nendstream" % (len(filler), filler),
    ]
    return assemble_pdf(parts, b"% " + mark.encode() + b"\n")


def assemble_pdf(parts: list[bytes], comment: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    data = bytearray(b"%PDF-1.7\n" + comment)
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(data))
        data += b"%d 0 obj %b endobj\n" % (number, part)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer <</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, start)
    return bytes(data)


def make_scripted_pdf() -> bytes:
    """A PDF that runs JavaScript when it is opened."""
    action = b"/OpenAction <</S /JavaScript /JS (app.alert\\(1\\))>>"
    return make_pdf().replace(b"/Type /Catalog", b"/Type /Catalog " + action)


def make_locked_pdf(user: str = "secret") -> bytes:
    """A PDF that opens with the password ``user``; if empty, it opens but is read-only."""
    whole = BytesIO()
    with pikepdf.open(BytesIO(make_pdf())) as document:
        document.save(whole, encryption=pikepdf.Encryption(user=user, owner="secret", R=6))
    return whole.getvalue()


def make_wide_pdf(pages: int = 10**6) -> bytes:
    """A PDF that lists one page many times: a parser creates an object for each."""
    parts = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Count %d /Kids [%b]>>" % (pages, b"3 0 R " * pages),
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>>",
    ]
    return assemble_pdf(parts)


def make_large_png() -> bytes:
    """A PNG of 0.1 MB that decodes to 100 MB."""
    whole = BytesIO()
    Image.new("RGBA", (4900, 5000), "white").save(whole, "PNG")
    return whole.getvalue()


def make_jpeg(mark: str = "") -> bytes:
    """A JPEG that differs by ``mark``."""
    whole = BytesIO()
    Image.new("RGB", (16, 16), "white").save(whole, "JPEG", comment=mark.encode())
    return whole.getvalue()


def make_docx(mark: str = "", more: Mapping[str, bytes] | None = None) -> bytes:
    """A DOCX that differs by ``mark``; ``more`` are further members by name."""
    members = {
        "[Content_Types].xml": b"<Types/>",
        "word/document.xml": f"<document>{mark}</document>".encode(),
    }
    whole = BytesIO()
    with ZipFile(whole, "w") as package:
        for name, content in (members | dict(more or {})).items():
            package.writestr(name, content)
    return whole.getvalue()
