"""Bodies of requests: read with limits of size, fields and time."""

import asyncio
import re
from collections.abc import AsyncIterator
from time import monotonic
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, MultipartReader, hdrs, web
from aiohttp.http import HttpProcessingError
from multidict import MultiDict, MultiDictProxy

from bot.services.fair_queue import FairQueue
from bot.web.site.context import get_context
from bot.web.site.errors import PageError

#: How long the body of a form may take to arrive; a part of a file has as long for each piece.
_SECONDS = 10.0
_FIELDS = 500
#: A field beside files.
_FIELD_BYTES = 64 * 1024
_PIECE_BYTES = 64 * 1024
#: After a piece all uploads rest so long, and the loop has time for others: fifty at once would
#: keep it busy. They come at 64 MB a second at most; a sender waits while nobody reads.
_REST_SECONDS = 0.001
#: Of all parts together: as many files as a form takes, and its fields.
_UPLOAD_BYTES = 210 * 1024**2
#: A sender may be so slow, bytes a second, after so many seconds to begin.
_SLOWEST = 8 * 1024
_BEGINNING_SECONDS = 30.0
#: What aiohttp raises for a body that is damaged, or that no browser sends.
_DAMAGED = (ValueError, AssertionError, RuntimeError, HttpProcessingError, web.RequestPayloadError)
#: As browsers write the names of a part: https://html.spec.whatwg.org/#multipart-form-data.
_NAMES = re.compile(r';\s*(name|filename)="([^"]*)"')
_ESCAPES = re.compile("%(22|0D|0A)")


class BodyTooLong(PageError):
    """More than all files of a form: the rest is not read."""

    def __init__(self) -> None:
        super().__init__(413)


class _Intake:
    """How much of a form with files has come: against bodies that trickle or have no end."""

    def __init__(self) -> None:
        self._begun = monotonic()
        self._bytes = 0

    def count(self, size: int) -> None:
        """Raises PageError when it is too much, or too little for the time it took."""
        self._bytes += size
        if self._bytes > _UPLOAD_BYTES:
            raise BodyTooLong
        if monotonic() - self._begun > _BEGINNING_SECONDS + self._bytes / _SLOWEST:
            raise PageError(408)


class _Rest:
    """Rests after pieces of uploads, one after the other; those of a person stand in line once."""

    def __init__(self) -> None:
        self._people = FairQueue()
        self._lock = asyncio.Lock()

    async def take(self, request: web.Request, size: int) -> None:
        """Rests after a piece of ``size`` bytes."""
        context = get_context(request)
        person = context.account.id if context.account else context.browser.id
        async with self._people.lock(person), self._lock:
            await asyncio.sleep(_REST_SECONDS * size / _PIECE_BYTES)


_REST = web.AppKey("rest", _Rest)
_FORM = web.RequestKey("form", MultiDictProxy[str])
_PARTS = web.RequestKey("parts", MultipartReader)
_INTAKE = web.RequestKey("intake", _Intake)


def attach_rest(app: web.Application) -> None:
    """Lets the uploads of an application rest together."""
    app[_REST] = _Rest()


async def read_form(request: web.Request) -> MultiDictProxy[str]:
    """The fields of a form without files. Raises PageError."""
    if _FORM in request:
        return request[_FORM]
    if request.content_type != "application/x-www-form-urlencoded":
        raise PageError(415, "400")
    try:
        async with asyncio.timeout(_SECONDS):
            body = await request.read()
    except TimeoutError:
        raise PageError(408) from None
    except _DAMAGED:
        raise PageError(400) from None
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=_FIELDS,
        )
    except UnicodeDecodeError:
        raise PageError(400) from None
    except ValueError:
        raise PageError(413) from None
    form = MultiDictProxy(MultiDict((name, clean_value(value)) for name, value in pairs))
    request[_FORM] = form
    return form


async def read_csrf(request: web.Request) -> str:
    """The field ``csrf``; it is the first one of a form with files. Raises PageError."""
    if request.content_type != "multipart/form-data":
        return (await read_form(request)).get("csrf", "")
    try:
        request[_PARTS], request[_INTAKE] = _open_parts(request), _Intake()
    except _DAMAGED:
        # There is no boundary in the header.
        raise PageError(400) from None
    async for part in iterate_parts(request):
        return await read_value(request, part) if get_names(part)[0] == "csrf" else ""
    return ""


def _open_parts(request: web.Request) -> MultipartReader:
    """Of form data aiohttp reads the names too, and puts those that it cannot read into warnings.

    Of a mixed content it leaves them to ``get_names``.
    """
    header = request.headers[hdrs.CONTENT_TYPE]
    mixed = re.sub("form-data", "mixed", header, count=1, flags=re.IGNORECASE)
    return MultipartReader({hdrs.CONTENT_TYPE: mixed}, request.content)


async def iterate_parts(request: web.Request) -> AsyncIterator[BodyPartReader]:
    """The fields and files behind ``csrf``, one after the other. Raises PageError."""
    if _PARTS not in request:
        return
    for _ in range(_FIELDS):
        try:
            async with asyncio.timeout(_SECONDS):
                part = await request[_PARTS].next()
        except TimeoutError:
            raise PageError(408) from None
        except _DAMAGED:
            raise PageError(400) from None
        if part is None:
            return
        if not isinstance(part, BodyPartReader):
            raise PageError(400)
        yield part
    raise PageError(413)


def get_names(part: BodyPartReader) -> tuple[str, str | None]:
    """The name of a field, and of its file; None where it is no file.

    aiohttp's own properties lose a name with two semicolons, and the file with it.
    """
    header = part.headers.get(hdrs.CONTENT_DISPOSITION, "")
    names = {
        key: _ESCAPES.sub(lambda found: chr(int(found[1], 16)), value)
        for key, value in _NAMES.findall(header)
    }
    return names.get("name", ""), names.get("filename")


async def iterate_pieces(request: web.Request, part: BodyPartReader) -> AsyncIterator[bytes]:
    """The bytes of a file as they arrive. Raises PageError: too slow a sender, BodyTooLong."""
    came = 0
    while True:
        try:
            async with asyncio.timeout(_SECONDS):
                piece = await part.read_chunk(_PIECE_BYTES)
        except TimeoutError:
            raise PageError(408) from None
        except _DAMAGED:
            raise PageError(400) from None
        if not piece:
            return
        request[_INTAKE].count(len(piece))
        yield piece
        came += len(piece)
        if came > _PIECE_BYTES:
            await request.app[_REST].take(request, len(piece))


async def read_value(request: web.Request, part: BodyPartReader) -> str:
    """The value of a field of a form with files. Raises PageError."""
    value = b""
    async for piece in iterate_pieces(request, part):
        value += piece
        if len(value) > _FIELD_BYTES:
            raise PageError(413)
    try:
        return clean_value(value.decode())
    except UnicodeDecodeError:
        raise PageError(400) from None


def clean_value(value: str) -> str:
    """Browsers send lines with CR LF; PostgreSQL stores no NUL."""
    return value.replace("\r\n", "\n").replace("\0", "")
