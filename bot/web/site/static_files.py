"""Files of the pages: read at start, served under a name with their hash, kept by browsers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from gzip import compress
from pathlib import Path
from types import MappingProxyType
from typing import Self

from aiohttp import web

from bot.web.site.errors import PageError
from bot.web.site.theme import build_theme

_FOLDER = Path(__file__).parent / "static"
_TYPES = MappingProxyType(
    {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
)
_YEAR = 365 * 86400
#: Shorter ones would hardly become smaller.
_WORTH_COMPRESSING = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """The company's logo; ``suffix`` is ``.svg`` or ``.png``."""

    data: bytes
    suffix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _StaticFile:
    data: bytes
    compressed: bytes | None
    content_type: str


class StaticFiles:
    """The files by the names they are served under, and those names by the files' own."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._files: dict[str, _StaticFile] = {}
        self._names: dict[str, str] = {}
        for name, data in contents.items():
            path = Path(name)
            served = f"{path.stem}.{hashlib.sha256(data).hexdigest()[:12]}{path.suffix}"
            self._names[name] = served
            self._files[served] = _StaticFile(
                data=data,
                compressed=compress(data, mtime=0)
                if path.suffix != ".png" and len(data) > _WORTH_COMPRESSING
                else None,
                content_type=_TYPES[path.suffix],
            )

    @classmethod
    def load(cls, color: str, logo: Logo | None) -> Self:
        """The packaged files, the company's colours and its logo."""
        contents = {path.name: path.read_bytes() for path in _FOLDER.iterdir()}
        contents["theme.css"] = build_theme(color).encode()
        if logo is not None:
            contents[f"logo{logo.suffix}"] = logo.data
        return cls(contents)

    def find_logo(self) -> str | None:
        """The path of the company's logo."""
        return next((self.get_path(name) for name in self._names if name.startswith("logo.")), None)

    def get_path(self, name: str) -> str:
        """Raises KeyError for a file that does not exist."""
        return f"/static/{self._names[name]}"

    def build_response(self, served: str, *, compressed: bool) -> web.Response:
        """Raises PageError for an unknown name."""
        found = self._files.get(served)
        if found is None:
            raise PageError(404)
        response = web.Response(
            body=found.data,
            content_type=found.content_type,
            charset=None if found.content_type == "image/png" else "utf-8",
        )
        if found.compressed is not None:
            response.headers["Vary"] = "Accept-Encoding"
            if compressed:
                response.body = found.compressed
                response.headers["Content-Encoding"] = "gzip"
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        return response


def build_static_route(files: StaticFiles) -> web.RouteDef:
    async def get_static(request: web.Request) -> web.Response:
        accepted = request.headers.get("Accept-Encoding", "")
        return files.build_response(request.match_info["name"], compressed="gzip" in accepted)

    return web.get("/static/{name}", get_static)
