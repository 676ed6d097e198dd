"""Files as answers: always saved, never opened by the browser as a page of the site."""

from pathlib import PurePath
from types import MappingProxyType
from urllib.parse import quote

from aiohttp import web

#: Of what the site itself makes.
_MEDIA_TYPES = MappingProxyType(
    {
        ".pdf": "application/pdf",
        ".png": "image/png",
        ".txt": "text/plain",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)


def build_attachment(name: str, data: bytes, media_type: str | None = None) -> web.Response:
    """``media_type`` None: by the name, of a file that the site made."""
    if media_type is None:
        media_type = _MEDIA_TYPES[PurePath(name).suffix]
    return web.Response(
        body=data,
        content_type=media_type,
        headers={
            "Content-Disposition": f"attachment; {_format_name(name)}",
            "Cache-Control": "no-store",
        },
    )


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
