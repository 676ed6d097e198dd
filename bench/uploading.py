"""Browsers that send the form of a request with a file; they run in a process of their own."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Sequence

from aiohttp import ClientSession, CookieJar, FormData
from aiohttp.payload import AsyncIterablePayload
from yarl import URL

from tests.support.files import make_pdf
from tests.support.site_sessions import Cookies

_PLACE = "/requests/new/unmetered_report"
_PIECE_BYTES = 256 * 1024
#: One file differs from another in a comment behind the header of the PDF.
_START = b"%PDF-1.7\n"

#: Names and values.
Fields = list[tuple[str, str]]


class _File(AsyncIterablePayload):
    """A file that all browsers have in common but for its beginning."""

    def __init__(self, start: bytes, rest: memoryview) -> None:
        super().__init__(_iterate_pieces(start, rest), content_type="application/pdf")
        self._size = len(start) + len(rest)


async def _iterate_pieces(start: bytes, rest: memoryview) -> AsyncIterator[bytes]:
    yield start
    for at in range(0, len(rest), _PIECE_BYTES):
        yield bytes(rest[at : at + _PIECE_BYTES])


def open_forms(site: str, browsers: Sequence[Cookies]) -> list[Fields]:
    """Each browser opens the form, one after the other; returns the hidden fields of each."""
    return asyncio.run(_open_forms(site, browsers))


async def _open_forms(site: str, browsers: Sequence[Cookies]) -> list[Fields]:
    forms: list[Fields] = []
    for cookies in browsers:
        async with _open_session(site, cookies) as session, session.get(_PLACE) as answer:
            page = await answer.text()
        forms.append(re.findall(r'name="(csrf|draft)" value="([^"]+)"', page))
    return forms


def upload(
    site: str, browsers: Sequence[Cookies], forms: Sequence[Fields], size: int, turn: int
) -> None:
    """Each browser sends a PDF of about ``size`` bytes, all at once; none has the file of another.

    ``forms`` are those of ``open_forms``; ``turn`` is another number each time. Raises ValueError
    when the site does not take a file.
    """
    # Browsers run on other machines: they take no processor from the bot.
    os.nice(19 - os.nice(0))
    asyncio.run(_upload(site, browsers, forms, size, turn))


async def _upload(
    site: str, browsers: Sequence[Cookies], forms: Sequence[Fields], size: int, turn: int
) -> None:
    pdf = make_pdf("000000", bytes(size))
    rest = memoryview(pdf)[len(_START) + len("% 000000\n") :]
    await asyncio.gather(
        *(
            _send_form(
                site, cookies, fields, _File(_START + b"%% %03d%03d\n" % (turn, number), rest)
            )
            for number, (cookies, fields) in enumerate(zip(browsers, forms, strict=True))
        )
    )


def _open_session(site: str, cookies: Cookies) -> ClientSession:
    jar = CookieJar(unsafe=True)
    jar.update_cookies(cookies, URL(site))
    return ClientSession(site, cookie_jar=jar)


async def _send_form(site: str, cookies: Cookies, fields: Fields, file: _File) -> None:
    async with _open_session(site, cookies) as session:
        form = FormData(fields)
        form.add_field("text", "за углом дома")
        form.add_field("scans", file, filename="Акт.pdf")
        form.add_field("act", "attach")
        sent = session.post(_PLACE, data=form, headers={"Origin": site}, allow_redirects=False)
        async with sent as answer:
            place = answer.headers.get("Location", "")
            if not place.startswith(_PLACE):
                raise ValueError(f"{answer.status}, {place}: {await answer.text()}")
