"""PDF, opened with qpdf and read object by object. Runs in a worker process."""

import re
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import pikepdf

from bot.fsm.form import Rejected
from bot.services.inspection import MAX_PART_BYTES, MAX_UNFOLDED_BYTES
from bot.services.picture_inspection import check_header, check_size

_FED, _TAKEN = 256 * 1024, 1024**2

#: The abbreviations belong to pictures inside a page, and viewers take them everywhere.
_FILTERS = {
    "/AHx": "/ASCIIHexDecode",
    "/A85": "/ASCII85Decode",
    "/Fl": "/FlateDecode",
    "/LZW": "/LZWDecode",
    "/RL": "/RunLengthDecode",
    "/CCF": "/CCITTFaxDecode",
    "/DCT": "/DCTDecode",
}
#: Those that make more of little: a second one makes a gigabyte of a kilobyte.
_UNFOLDING = {"/FlateDecode", "/LZWDecode", "/RunLengthDecode"}
_PICTURES = {"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"}
#: More than any of the other two makes of a byte.
_MOST_UNFOLDED = 1400

_CODE_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/Rendition", "/RichMediaExecute"}
_MEDIA = {"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
#: Words of an object that is worth a closer look; strings of a person may hold them as well.
_SUSPECT = re.compile(
    rb"/(?:JS|JavaScript|Launch|ImportData|Rendition|RichMedia\w*|Movie|Sound|Screen|3D|EF"
    rb"|XFA)(?![^\s/<>\[\]()%{}])"
)


def inspect_pdf(data: bytes) -> None:
    """Raises Rejected, and any exception when the file does not open."""
    # Object streams are unfolded by qpdf itself.
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=MAX_PART_BYTES,
        run_length_max_memory=MAX_PART_BYTES,
        png_max_memory=MAX_PART_BYTES,
        tiff_max_memory=MAX_PART_BYTES,
    )
    try:
        document = pikepdf.open(BytesIO(data), suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise Rejected("file-locked") from error
    with document:
        if len(document.pages) == 0 or any(
            "loop detected" in str(warning).lower() for warning in document.get_warnings()
        ):
            raise Rejected("file-damaged")
        unfolded = 0
        for found in _objects(document):
            if isinstance(found, pikepdf.Stream):
                unfolded += _inspect_stream(document, found)
                if unfolded > MAX_UNFOLDED_BYTES:
                    raise Rejected("file-unfolds")


def _objects(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    for found in (document.trailer, *document.objects):
        is_stream = isinstance(found, pikepdf.Stream)
        dictionary = found.stream_dict if is_stream else found
        if not isinstance(dictionary, pikepdf.Dictionary | pikepdf.Array):
            continue
        # Written out by qpdf, a name is spelled in one way only.
        if _SUSPECT.search(dictionary.unparse(resolved=True)):
            _inspect_names(dictionary)
        yield found


def _inspect_names(found: pikepdf.Object) -> None:
    """Of one object with whatever stands inside it; what it points to is looked at by itself."""
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Dictionary):
            _inspect_dictionary(one)
            inner: Iterable[Any] = one.as_dict().values()
        else:
            inner = one.as_list()
        waiting.extend(
            value
            for value in inner
            if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect
        )


def _inspect_dictionary(found: pikepdf.Object) -> None:
    if "/JS" in found or "/XFA" in found or _name(found, "/S") in _CODE_ACTIONS:
        raise Rejected("file-runs-code")
    # An array of that name stands in signatures and embeds nothing.
    if isinstance(found.get("/EF"), pikepdf.Dictionary) or _name(found, "/Subtype") in _MEDIA:
        raise Rejected("file-hides-another")


def _inspect_stream(document: pikepdf.Pdf, stream: pikepdf.Stream) -> int:
    """How many bytes it unfolds to; raises Rejected."""
    filters = [_FILTERS.get(name, name) for name in _names(stream.get("/Filter"))]
    limit = MAX_PART_BYTES
    if _name(stream, "/Subtype") == "/Image":
        pixels = check_size(_number(stream, "/Width"), _number(stream, "/Height"))
        limit = max(limit, pixels * 4 * max(1, _number(stream, "/BitsPerComponent") // 8))
    pictures = [place for place, name in enumerate(filters) if name in _PICTURES]
    packed = [place for place, name in enumerate(filters) if name in _UNFOLDING]
    if len(packed) > 1 or (pictures and pictures[0] != len(filters) - 1):
        # No scanner does so.
        raise Rejected("file-unfolds")
    if not pictures and not packed:
        return 0
    raw = stream.read_raw_bytes()
    unfolded = 0
    if packed:
        if packed[0] > 0:
            raw = _decoded(document, raw, filters[: packed[0]])
        unfolded = _unfolded(document, raw, filters[packed[0]], limit)
        if unfolded > limit:
            raise Rejected("file-unfolds")
    if pictures and filters[-1] in {"/DCTDecode", "/JPXDecode"}:
        before = filters[packed[0] : -1] if packed else filters[:-1]
        check_header(_decoded(document, raw, before))
    return unfolded


def _unfolded(document: pikepdf.Pdf, raw: bytes, name: str, limit: int) -> int:
    """How many bytes come out; beyond ``limit``, any number above it."""
    if name == "/FlateDecode":
        return _inflated(raw, limit)
    if len(raw) * _MOST_UNFOLDED <= _TAKEN:
        return len(raw) * _MOST_UNFOLDED
    return len(_decoded(document, raw, [name]))


def _decoded(document: pikepdf.Pdf, raw: bytes, filters: list[str]) -> bytes:
    if not filters:
        return raw
    apart = pikepdf.Stream(document, raw, Filter=pikepdf.Array(map(pikepdf.Name, filters)))
    try:
        return apart.read_bytes(pikepdf.StreamDecodeLevel.specialized)
    except Exception as error:
        # qpdf has no error of its own for its limits, and several for the rest.
        if "memory limit" in str(error):
            raise Rejected("file-unfolds") from error
        raise


def _inflated(raw: bytes, limit: int) -> int:
    """How many bytes come out, without keeping them; beyond ``limit``, any number above it."""
    # As viewers do, without the checks of the header and of the sum, which a bomb may lack.
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    size = 0
    try:
        for start in range(2, len(raw), _FED):
            piece = raw[start : start + _FED]
            while piece and not inflating.eof:
                size += len(inflating.decompress(piece, _TAKEN))
                if size > limit:
                    return size
                piece = inflating.unconsumed_tail
            if inflating.eof:
                break
    except zlib.error:
        # Damaged: nothing more unfolds from it.
        return size
    return size


def _names(value: Any) -> list[str]:
    if isinstance(value, pikepdf.Name):
        return [str(value)]
    if isinstance(value, pikepdf.Array):
        return [str(one) for one in value.as_list()]
    return []


def _name(found: pikepdf.Object, key: str) -> str:
    value = found.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _number(found: pikepdf.Object, key: str) -> int:
    value: Any = found.get(key)
    return value if isinstance(value, int) else 0
