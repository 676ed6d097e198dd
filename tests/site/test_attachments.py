"""Attachments that are sent piece by piece."""

from collections.abc import AsyncGenerator

import pytest
from aiohttp import ClientError, ClientSession, web

from bot.web.listening import listen
from bot.web.site.attachments import send_attachment
from tests.support.world import find_free_port


@pytest.mark.parametrize("size", [None, 300_000])
async def test_a_download_that_breaks_off_is_not_taken_for_the_whole(
    size: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_off() -> AsyncGenerator[bytes, None]:
        yield b"x" * 100_000
        yield b"x" * 100_000
        raise OSError("the disk is gone")

    async def send(request: web.Request) -> web.StreamResponse:
        return await send_attachment(request, "scan.pdf", break_off(), size=size)

    app, port = web.Application(), find_free_port()
    app.router.add_get("/", send)
    runner = await listen(app, "127.0.0.1", port, shutdown_timeout=1)
    try:
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as answer:
            with pytest.raises(ClientError):
                await answer.read()
    finally:
        await runner.cleanup()
    [logged] = caplog.records
    assert logged.getMessage() == "a download broke off"
    caplog.clear()
