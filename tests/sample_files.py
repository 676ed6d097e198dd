"""Files as people send them: whole ones, small, each told from the others by its mark."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZipFile

import pikepdf
from PIL import Image


def pdf(mark: str = "", filler: bytes = bytes(range(256)) * 40) -> bytes:
    """One empty page; ``filler`` is a stream that nothing shows."""
    parts = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources <<>>>>",
        b"<</Length %d>> stream\n%b\nendstream" % (len(filler), filler),
    ]
    return assembled(parts, b"% " + mark.encode() + b"\n")


def assembled(parts: list[bytes], comment: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1, which is its catalogue."""
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


def scripted_pdf() -> bytes:
    action = b"/OpenAction <</S /JavaScript /JS (app.alert\\(1\\))>>"
    return pdf().replace(b"/Type /Catalog", b"/Type /Catalog " + action)


def locked_pdf(user: str = "secret") -> bytes:
    """Opens with a password; with an empty one, to everybody, who may not change it."""
    whole = BytesIO()
    with pikepdf.open(BytesIO(pdf())) as document:
        document.save(whole, encryption=pikepdf.Encryption(user=user, owner="secret", R=6))
    return whole.getvalue()


def wide_pdf(pages: int = 10**6) -> bytes:
    """The same page again and again: a parser makes an object of each."""
    parts = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Count %d /Kids [%b]>>" % (pages, b"3 0 R " * pages),
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>>",
    ]
    return assembled(parts)


def large_png() -> bytes:
    """A hundred megabytes of pixels in a tenth of one."""
    whole = BytesIO()
    Image.new("RGBA", (4900, 5000), "white").save(whole, "PNG")
    return whole.getvalue()


def jpeg(mark: str = "") -> bytes:
    whole = BytesIO()
    Image.new("RGB", (16, 16), "white").save(whole, "JPEG", comment=mark.encode())
    return whole.getvalue()


def docx(mark: str = "", more: Mapping[str, bytes] | None = None) -> bytes:
    """The package of a text; ``more`` are members by name."""
    members = {
        "[Content_Types].xml": b"<Types/>",
        "word/document.xml": f"<document>{mark}</document>".encode(),
    }
    whole = BytesIO()
    with ZipFile(whole, "w") as package:
        for name, content in (members | dict(more or {})).items():
            package.writestr(name, content)
    return whole.getvalue()
