"""Hundreds of requests that never end, at the web port and at the site of a running bot."""

import asyncio
from pathlib import Path

from aiohttp import ClientSession

from bot.telegram.webhook import WEBHOOK_PATH
from bot.web.listening import HEADER_SECONDS
from tests.support.world import find_free_port, run_world

HALVES = (
    b"",
    b"POST ",
    f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: a\r\nX-Slow: ".encode(),
    f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n{{".encode(),
)


async def hang(port: int, begun: bytes, line: bytes = b"") -> None:
    """Sends ``begun`` and then ``line`` now and then, until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(begun)
        closing = asyncio.create_task(reader.read())
        while not (await asyncio.wait([closing], timeout=1 if line else None))[0]:
            writer.write(line)
        closing.result()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def test_half_sent_requests_hold_neither_connections_nor_others(tmp_path: Path) -> None:
    port, site_port = find_free_port(), find_free_port()
    site_url = f"http://127.0.0.1:{site_port}"
    async with run_world(
        tmp_path, WEB_PORT=str(port), SITE_PORT=str(site_port), SITE_URL=site_url
    ) as world:
        await world.start()
        hanging = [hang(port, HALVES[at % len(HALVES)]) for at in range(300)]
        # One line a second: such a head would never be complete, and never be late by itself.
        begun = b"GET / HTTP/1.1\r\nHost: a\r\n"
        hanging += [hang(site_port, begun, b"X-Slow: 1\r\n") for _ in range(300)]
        tasks = [asyncio.create_task(one) for one in hanging]
        async with ClientSession() as session:
            for url in (f"http://127.0.0.1:{port}/healthz", f"{site_url}/", f"{site_url}/register"):
                async with session.get(url) as answer:
                    assert answer.status == 200
        async with asyncio.timeout(2 * HEADER_SECONDS):
            await asyncio.gather(*tasks)
        assert await world.stop() == 0
        assert "Traceback" not in world.log()
