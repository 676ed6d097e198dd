"""Three hundred requests that never end, at the web port of a running bot."""

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


async def test_half_sent_requests_hold_neither_connections_nor_others(tmp_path: Path) -> None:
    port = find_free_port()
    async with run_world(tmp_path, WEB_PORT=str(port)) as world:
        await world.start()

        async def hang(begun: bytes) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(begun)
                await reader.read()
            except ConnectionResetError:
                pass
            finally:
                writer.close()

        hanging = [asyncio.create_task(hang(HALVES[at % len(HALVES)])) for at in range(300)]
        async with (
            ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}/healthz") as answer,
        ):
            assert answer.status == 200
        async with asyncio.timeout(2 * HEADER_SECONDS):
            await asyncio.gather(*hanging)
        assert await world.stop() == 0
        assert "Traceback" not in world.log()
