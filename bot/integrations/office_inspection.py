"""Inspection of Word, Excel, OpenDocument and RTF documents. Runs in a worker process."""

import re
import struct
from io import BytesIO
from zipfile import ZipFile, ZipInfo

import olefile

from bot.fsm.model import Rejected
from bot.integrations.file_inspection import MAX_PART_BYTES, MAX_TOTAL_BYTES

_MAX_MEMBERS = 10_000
#: How deep documents may be embedded in documents.
_MAX_DEPTH = 3
_CHUNK_BYTES = 1024**2
_ENCRYPTED = 0x1

#: Names of package members that hold Visual Basic, macros of Excel 4.0 or ActiveX controls.
_MACROS = re.compile(
    r"(^|/)(vbaProject\.bin|vbaData\.xml|attachedToolbars\.bin)$|(^|/)(macrosheets|activeX)/"
    # OpenDocument: lists without a module occur in files without macros, so they are accepted.
    r"|^Basic/(?!([^/]+/)?(script|dialog)-l[bc]\.xml$).*[^/]$|^Scripts/.*[^/]$",
    re.IGNORECASE,
)
_EMBEDDED = re.compile(r"(^|/)embeddings/[^/]+$|(^|/)Object [^/]*$", re.IGNORECASE)
_MACRO_TYPE = re.compile(rb"macroEnabled|vbaProject|ms-excel\.(intl)?macrosheet", re.IGNORECASE)
_LOCKED_ODF = re.compile(rb"<(\w+:)?encryption-data\b")
_OBJECT_RTF = re.compile(rb"\\(objdata|objupdate|objautlink|objlink|\*\\template)(?![a-z])")

_OLE_MACROS = {"macros", "_vba_project_cur", "vba", "_vba_project"}
_OLE_LOCKED = {"encryptedpackage", "encryptioninfo"}
#: The stream that holds an embedded file of any type.
_OLE_PACKAGE = "\x01ole10native"
_FILEPASS, _BOUNDSHEET = 0x2F, 0x85
_WORD_ENCRYPTED = 0x0100


def inspect_office(data: bytes, extension: str) -> None:
    """Raises Rejected; any other exception means that the file is damaged."""
    if extension == "rtf":
        if _OBJECT_RTF.search(data):
            raise Rejected("file-hides-another")
    elif data.startswith(olefile.MAGIC):
        _inspect_ole(data)
    else:
        _inspect_package(data, 1)


def _inspect_package(data: bytes, depth: int) -> None:
    _check_ends(data)
    with ZipFile(BytesIO(data)) as package:
        members = package.infolist()
        if len(members) > _MAX_MEMBERS or (
            sum(member.file_size for member in members) > MAX_TOTAL_BYTES
        ):
            raise Rejected("file-unfolds")
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise Rejected("file-locked")
        names = {member.filename for member in members}
        if not names & {"[Content_Types].xml", "mimetype", "META-INF/manifest.xml"}:
            raise Rejected("file-type")
        if any(_MACROS.search(name) for name in names):
            raise Rejected("file-runs-code")
        for member in members:
            _inspect_member(package, member, depth)


def _inspect_member(package: ZipFile, member: ZipInfo, depth: int) -> None:
    if member.file_size > MAX_PART_BYTES:
        raise Rejected("file-unfolds")
    if _EMBEDDED.search(member.filename):
        inner = package.read(member)
        if inner.startswith(b"PK\x03\x04"):
            if depth == _MAX_DEPTH:
                raise Rejected("file-unfolds")
            _inspect_package(inner, depth + 1)
        elif inner.startswith(olefile.MAGIC):
            _inspect_ole(inner)
        return
    if member.filename == "[Content_Types].xml":
        if _MACRO_TYPE.search(package.read(member)):
            raise Rejected("file-runs-code")
    elif member.filename == "META-INF/manifest.xml":
        if _LOCKED_ODF.search(package.read(member)):
            raise Rejected("file-locked")
    else:
        # Reading to the end verifies the checksum and the declared size.
        with package.open(member) as part:
            while part.read(_CHUNK_BYTES):
                pass


def _check_ends(data: bytes) -> None:
    """Raises Rejected when the file has other bytes before or after the package."""
    at = data.rfind(b"PK\x05\x06")
    if at < 0 or len(data) < at + 22:
        raise Rejected("file-damaged")
    size, start, comment = struct.unpack_from("<IIH", data, at + 12)
    # The 64-bit records of ZIP are not read: programs write them above 4 GB only.
    if at + 22 + comment != len(data) or start + size > at or not data.startswith(b"PK"):
        raise Rejected("file-hides-another")
    if start + size < at and data[start + size :][:4] != b"PK\x06\x06":
        raise Rejected("file-hides-another")


def _inspect_ole(data: bytes) -> None:
    with olefile.OleFileIO(BytesIO(data)) as document:
        entries = document.listdir(streams=True, storages=True)
        names = {part.lower() for entry in entries for part in entry}
        if names & _OLE_LOCKED:
            raise Rejected("file-locked")
        if names & _OLE_MACROS:
            raise Rejected("file-runs-code")
        if _OLE_PACKAGE in names:
            raise Rejected("file-hides-another")
        if document.exists("WordDocument"):
            head = document.openstream("WordDocument").read(12)
            if len(head) == 12 and struct.unpack_from("<H", head, 10)[0] & _WORD_ENCRYPTED:
                raise Rejected("file-locked")
        for name in ("Workbook", "Book"):
            if document.exists(name):
                _inspect_workbook(document.openstream(name).read())


def _inspect_workbook(records: bytes) -> None:
    """Reads the records of an XLS workbook: type and length, two bytes each, then the content."""
    at = 0
    while at + 4 <= len(records):
        kind, length = struct.unpack_from("<HH", records, at)
        if kind == _FILEPASS:
            raise Rejected("file-locked")
        # Type of the sheet: 1 is a sheet of Excel 4.0 macros, 6 is Visual Basic.
        if kind == _BOUNDSHEET and length >= 6 and records[at + 9 : at + 10] in {b"\1", b"\6"}:
            raise Rejected("file-runs-code")
        at += 4 + length
