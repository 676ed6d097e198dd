"""A bot behind nginx of deploy/compose.yaml is made anew and has another address: it is found."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, web

from bot.telegram.webhook import WEBHOOK_PATH
from tests.support.gateways import NGINX
from tests.support.name_server import run_name_server
from tests.support.nginx import run_compose_nginx
from tests.support.programs import require_program
from tests.support.world import find_free_port


@asynccontextmanager
async def run_bot(host: str, port: int) -> AsyncIterator[None]:
    """A bot that answers each update with its own address."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=host)

    app = web.Application()
    app.router.add_post(WEBHOOK_PATH, answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()


@require_program(NGINX.exists(), "nginx-light")
async def test_a_bot_that_starts_anew_elsewhere_is_found(tmp_path: Path) -> None:
    """Docker gives a container that is made anew another address."""
    port, first, second = find_free_port(), "127.0.0.2", "127.0.0.3"
    async with (
        run_name_server(first) as names,
        run_compose_nginx(tmp_path, names.port, port) as url,
        ClientSession() as session,
    ):

        async def post() -> str:
            async with session.post(f"{url}{WEBHOOK_PATH}") as answer:
                return await answer.text() if answer.status == 200 else ""

        async with run_bot(first, port):
            assert await post() == first
        names.address = second
        async with run_bot(second, port), asyncio.timeout(30):
            while (found := await post()) != second:
                assert found == ""
                await asyncio.sleep(0.1)
