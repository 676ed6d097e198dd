"""Files as answers: always saved, never opened by the browser as a page of the site."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import PurePath
from types import MappingProxyType
from urllib.parse import quote

from aiohttp import web

log = logging.getLogger(__name__)

#: Of what the site itself makes.
_MEDIA_TYPES = MappingProxyType(
    {
        ".pdf": "application/pdf",
        ".png": "image/png",
        ".txt": "text/plain",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".zip": "application/zip",
    }
)


def build_attachment(name: str, data: bytes) -> web.Response:
    """Of a file that the site made."""
    return web.Response(body=data, headers=_build_headers(name))


async def send_attachment(
    request: web.Request,
    name: str,
    pieces: AsyncGenerator[bytes, None],
    *,
    media_type: str | None = None,
    size: int | None = None,
) -> web.StreamResponse:
    """The same of what is too large to wait in memory for a slow reader.

    ``media_type`` None: by the name, of a file that the site made. ``size``: all bytes, where that
    is known. Raises what the first of the ``pieces`` raises. An error behind it ends the
    connection: nobody shall take the beginning for the whole.
    """
    async with aclosing(pieces):
        first = await anext(pieces, b"")
        response = web.StreamResponse(headers=_build_headers(name, media_type))
        response.content_length = size
        await response.prepare(request)
        try:
            await response.write(first)
            async for piece in pieces:
                await response.write(piece)
        except ConnectionError:
            raise
        except Exception:
            log.exception("a download broke off")
            if request.transport is not None:
                request.transport.abort()
        else:
            await response.write_eof()
    return response


def _build_headers(name: str, media_type: str | None = None) -> dict[str, str]:
    return {
        "Content-Type": media_type or _MEDIA_TYPES[PurePath(name).suffix],
        "Content-Disposition": f"attachment; {_format_name(name)}",
        "Cache-Control": "no-store",
    }


def build_picture(data: bytes) -> web.Response:
    """A PNG for an ``img`` of a page."""
    return web.Response(
        body=data, content_type="image/png", headers={"Cache-Control": "private, max-age=60"}
    )


def _format_name(name: str) -> str:
    """RFC 6266: in UTF-8, and in ASCII for old browsers; quoted, so that it ends no header."""
    plain = "".join(one if one.isascii() and one.isprintable() else "_" for one in name)
    plain = plain.replace("\\", "_").replace('"', "_")
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
