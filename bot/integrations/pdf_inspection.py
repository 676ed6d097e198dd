"""PDF inspection: opens the file with qpdf and reads each object. Runs in a worker process."""

import re
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import pikepdf

from bot.fsm.model import Rejected
from bot.integrations.file_inspection import MAX_PART_BYTES, MAX_TOTAL_BYTES
from bot.integrations.picture_inspection import check_header, check_size

_INPUT_CHUNK_BYTES, _OUTPUT_CHUNK_BYTES = 256 * 1024, 1024**2

#: Abbreviations are for inline images, but viewers accept them in every stream.
_FILTERS = {
    "/AHx": "/ASCIIHexDecode",
    "/A85": "/ASCII85Decode",
    "/Fl": "/FlateDecode",
    "/LZW": "/LZWDecode",
    "/RL": "/RunLengthDecode",
    "/CCF": "/CCITTFaxDecode",
    "/DCT": "/DCTDecode",
}
#: Compression filters: two of them in a row make a gigabyte from a kilobyte.
_COMPRESSION = {"/FlateDecode", "/LZWDecode", "/RunLengthDecode"}
_PICTURES = {"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"}
#: The largest compression ratio of LZW and run length is below this.
_MAX_RATIO = 1400

_CODE_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/Rendition", "/RichMediaExecute"}
_MEDIA = {"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
#: An object with one of these names is inspected; strings may contain them too.
_SUSPECT = re.compile(
    rb"/(?:JS|JavaScript|Launch|ImportData|Rendition|RichMedia\w*|Movie|Sound|Screen|3D|EF"
    rb"|XFA)(?![^\s/<>\[\]()%{}])"
)


def inspect_pdf(data: bytes) -> None:
    """Raises Rejected; any other exception means that the file is damaged."""
    # qpdf decompresses object streams itself.
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
        total = 0
        for found in _iterate_objects(document):
            if isinstance(found, pikepdf.Stream):
                total += _inspect_stream(document, found)
                if total > MAX_TOTAL_BYTES:
                    raise Rejected("file-unfolds")


def _iterate_objects(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    for found in (document.trailer, *document.objects):
        is_stream = isinstance(found, pikepdf.Stream)
        dictionary = found.stream_dict if is_stream else found
        if not isinstance(dictionary, pikepdf.Dictionary | pikepdf.Array):
            continue
        # qpdf writes each name in one spelling, without escapes.
        if _SUSPECT.search(dictionary.unparse(resolved=True)):
            _inspect_object(dictionary)
        yield found


def _inspect_object(found: pikepdf.Object) -> None:
    """Inspects an object and its nested direct objects; the caller iterates indirect ones."""
    waiting = [found]
    while waiting:
        current = waiting.pop()
        if isinstance(current, pikepdf.Dictionary):
            _inspect_dictionary(current)
            inner: Iterable[Any] = current.as_dict().values()
        else:
            inner = current.as_list()
        waiting.extend(
            value
            for value in inner
            if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect
        )


def _inspect_dictionary(found: pikepdf.Object) -> None:
    if "/JS" in found or "/XFA" in found or _get_name(found, "/S") in _CODE_ACTIONS:
        raise Rejected("file-runs-code")
    # In signatures /EF is an array, which embeds nothing.
    if isinstance(found.get("/EF"), pikepdf.Dictionary) or _get_name(found, "/Subtype") in _MEDIA:
        raise Rejected("file-hides-another")


def _inspect_stream(document: pikepdf.Pdf, stream: pikepdf.Stream) -> int:
    """The number of decompressed bytes; raises Rejected."""
    filters = [_FILTERS.get(name, name) for name in _list_names(stream.get("/Filter"))]
    limit = MAX_PART_BYTES
    if _get_name(stream, "/Subtype") == "/Image":
        pixels = check_size(_get_number(stream, "/Width"), _get_number(stream, "/Height"))
        limit = max(limit, pixels * 4 * max(1, _get_number(stream, "/BitsPerComponent") // 8))
    picture_filters = [place for place, name in enumerate(filters) if name in _PICTURES]
    compression = [place for place, name in enumerate(filters) if name in _COMPRESSION]
    # Scanners write neither two compressions nor a filter after the picture's.
    if len(compression) > 1 or (picture_filters and picture_filters[0] != len(filters) - 1):
        raise Rejected("file-unfolds")
    if not picture_filters and not compression:
        return 0
    raw = stream.read_raw_bytes()
    size = 0
    if compression:
        raw = _decode(document, raw, filters[: compression[0]])
        size = _measure_decompressed(document, raw, filters[compression[0]], limit)
        if size > limit:
            raise Rejected("file-unfolds")
    if picture_filters and filters[-1] in {"/DCTDecode", "/JPXDecode"}:
        before = filters[compression[0] : -1] if compression else filters[:-1]
        check_header(_decode(document, raw, before))
    return size


def _measure_decompressed(document: pikepdf.Pdf, raw: bytes, name: str, limit: int) -> int:
    """The number of decompressed bytes; above ``limit``, any number above it."""
    if name == "/FlateDecode":
        return _measure_inflated(raw, limit)
    if len(raw) * _MAX_RATIO <= _OUTPUT_CHUNK_BYTES:
        return len(raw) * _MAX_RATIO
    return len(_decode(document, raw, [name]))


def _decode(document: pikepdf.Pdf, raw: bytes, filters: list[str]) -> bytes:
    if not filters:
        return raw
    stream = pikepdf.Stream(document, raw, Filter=pikepdf.Array(map(pikepdf.Name, filters)))
    try:
        return stream.read_bytes(pikepdf.StreamDecodeLevel.specialized)
    except Exception as error:
        # qpdf raises no separate type of error for its limits.
        if "memory limit" in str(error):
            raise Rejected("file-unfolds") from error
        raise


def _measure_inflated(raw: bytes, limit: int) -> int:
    """Inflates in chunks that are not kept; otherwise as ``_measure_decompressed``."""
    # Viewers ignore a wrong header and checksum, so a bomb may have both wrong.
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    size = 0
    try:
        for start in range(2, len(raw), _INPUT_CHUNK_BYTES):
            piece = raw[start : start + _INPUT_CHUNK_BYTES]
            while piece and not inflating.eof:
                size += len(inflating.decompress(piece, _OUTPUT_CHUNK_BYTES))
                if size > limit:
                    return size
                piece = inflating.unconsumed_tail
            if inflating.eof:
                break
    except zlib.error:
        # Viewers stop here too.
        return size
    return size


def _list_names(value: Any) -> list[str]:
    if isinstance(value, pikepdf.Name):
        return [str(value)]
    if isinstance(value, pikepdf.Array):
        return [str(name) for name in value.as_list()]
    return []


def _get_name(found: pikepdf.Object, key: str) -> str:
    value = found.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _get_number(found: pikepdf.Object, key: str) -> int:
    value: Any = found.get(key)
    return value if isinstance(value, int) else 0
