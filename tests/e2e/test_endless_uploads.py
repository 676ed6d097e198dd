"""Bodies without end at the site of a running bot: each gets a page, and memory stays flat."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import chain, repeat
from pathlib import Path

import pytest
from aiohttp import ClientSession
from yarl import URL

from tests.support import flows
from tests.support.memory import read_peak_mb, reset_peak_mb
from tests.support.postgres import create_migrated_postgres
from tests.support.site_sessions import begin_sessions
from tests.support.world import find_free_port, run_world

PLACE = "/requests/new/unmetered_report"
#: The site cuts a form at 210 MB. Before it reads a body it holds some 150 MB.
MOST_MB = 40
PIECE = bytes(64 * 1024)
MULTIPART = "multipart/form-data; boundary=b"


def begin_part(name: str) -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"'.encode()


def build_bodies(csrf: str) -> dict[str, tuple[str, Iterator[bytes]]]:
    """The content type and the pieces of each, by what has no end."""
    token = begin_part("csrf") + b"\r\n\r\n" + csrf.encode() + b"\r\n"
    file, text = begin_part('scans"; filename="a.pdf'), begin_part("text") + b"\r\n\r\n"
    end = b"--b--\r\n"
    return {
        "a file": (MULTIPART, chain([token + file + b"\r\n\r\n"], repeat(PIECE))),
        "an answer": (MULTIPART, chain([token + text], repeat(PIECE))),
        "headers of a part": (MULTIPART, chain([token + file], repeat(b"\r\nX-A: b" * 9000))),
        "a header of a part": (MULTIPART, chain([token + file + b"\r\nX-A: "], repeat(PIECE))),
        "lines before the form": (MULTIPART, repeat(b"a\r\n" * 20_000)),
        "a line before the form": (MULTIPART, repeat(PIECE)),
        "what follows the form": (MULTIPART, chain([token + end], repeat(PIECE))),
        "a form without files": ("application/x-www-form-urlencoded", repeat(b"a=b&" * 16_000)),
    }


async def send(site: URL, cookies: str, kind: str, pieces: Iterator[bytes]) -> bytes:
    """Sends until there is an answer; returns its first line."""
    reader, writer = await asyncio.open_connection(site.host, site.port)
    head = (
        f"POST {PLACE} HTTP/1.1\r\nHost: {site.authority}\r\nOrigin: {site.origin()}\r\n"
        f"Cookie: {cookies}\r\nTransfer-Encoding: chunked\r\nContent-Type: {kind}\r\n\r\n"
    )
    writer.write(head.encode())
    answer = asyncio.create_task(reader.readline())
    try:
        while not answer.done():
            piece = next(pieces)
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
        return await answer
    finally:
        writer.close()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_bodies_without_end_get_a_page_and_memory_stays_flat(
    database: str, tmp_path: Path
) -> None:
    port = find_free_port()
    site = URL(f"http://127.0.0.1:{port}")
    async with AsyncExitStack() as stack:
        settings = {"SITE_URL": str(site.origin()), "SITE_PORT": str(port)}
        if database == "postgresql":
            settings["DATABASE_URL"] = await stack.enter_async_context(create_migrated_postgres())
        world = await stack.enter_async_context(run_world(tmp_path, **settings))
        await world.start(patch="from bot.web.site import bodies; bodies._SECONDS = 1.0")
        assert world.process is not None
        await flows.add_consumer(world)
        [session] = await begin_sessions(world.settings["DATABASE_URL"], [1])
        cookies = "; ".join(f"{name}={value}" for name, value in session.items())
        async with (
            ClientSession(headers={"Cookie": cookies}) as client,
            client.get(site.with_path(PLACE)) as answer,
        ):
            csrf = re.search('name="csrf" value="([^"]+)"', await answer.text())
        assert csrf
        for what, (kind, pieces) in build_bodies(csrf[1]).items():
            before = reset_peak_mb(world.process.pid)
            answered = await send(site, cookies, kind, pieces)
            assert re.match(rb"HTTP/1.1 4(00|08|13|22) ", answered), (what, answered)
            more = read_peak_mb(world.process.pid) - before
            assert more < MOST_MB, (what, more)
        await flows.stop_and_check(world)
