"""The web port: connections of requests that come in part are closed, whole ones are served."""

import asyncio
import logging
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest
from aiohttp import ClientSession, web

from bot.web import server
from bot.web.listening import listen
from bot.web.server import build_web

SECONDS = 0.3
HALF = (b"", b"GET", b"GET /healthz HTTP/1.1\r\n", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: ")


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(server, "_BODY_SECONDS", SECONDS)

    async def no_metrics() -> bytes:
        return b""

    async def take(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    app = build_web(probes={}, metrics=no_metrics, post_routes={"/hook": take})
    runner = await listen(app, "127.0.0.1", 0, shutdown_timeout=1, header_seconds=SECONDS)
    yield runner.addresses[0][1]
    await runner.cleanup()


@asynccontextmanager
async def connection(port: int) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def is_closed(reader: StreamReader) -> bool:
    try:
        async with asyncio.timeout(10):
            return await reader.read() == b""
    except ConnectionResetError:
        return True


async def is_cut_off(port: int, begun: bytes) -> bool:
    async with connection(port) as (reader, writer):
        writer.write(begun)
        return await is_closed(reader)


async def test_half_sent_headers_hold_no_connection(port: int) -> None:
    halves = asyncio.gather(*(is_cut_off(port, begun) for begun in HALF * 20))
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/healthz") as ok:
        assert ok.status == 200
    assert all(await halves)


async def test_headers_that_drip_are_late_too(port: int) -> None:
    async with connection(port) as (reader, writer), asyncio.timeout(10):

        async def drip() -> None:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: ")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(SECONDS / 10)

        dripping = asyncio.create_task(drip())
        assert await is_closed(reader)
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)


@pytest.mark.parametrize(
    "damaged",
    [
        b"GET / HTTP/1.1\r\nno header\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
        b"POST /hook HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /hook HTTP/1.1\r\nHost: a\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\n1",
    ],
)
async def test_a_damaged_request_rings_no_alarm(
    port: int, damaged: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with connection(port) as (reader, writer), asyncio.timeout(10):
        writer.write(damaged)
        assert b" 400 " in await reader.readline()
        await reader.read()
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


async def test_a_half_sent_body_is_refused(port: int) -> None:
    async with connection(port) as (reader, writer), asyncio.timeout(10):
        writer.write(b"POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
        assert b" 408 " in await reader.readline()


async def test_a_kept_connection_serves_many_and_may_stall_once(port: int) -> None:
    whole = b"POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"
    async with connection(port) as (reader, writer), asyncio.timeout(10):
        for _ in range(3):
            writer.write(whole)
            assert b" 200 " in await reader.readuntil(b"\r\n\r\nok")
            # Longer than headers may take: an idle connection is kept.
            await asyncio.sleep(2 * SECONDS)
        writer.write(b"GET /healthz")
        assert await is_closed(reader)


async def test_an_idle_connection_ends() -> None:
    """Also one that holds a half-sent request behind a whole one."""
    runner = await listen(
        web.Application(), "127.0.0.1", 0, shutdown_timeout=1, idle_seconds=SECONDS
    )
    for rest in (b"", b"GET /"):
        async with connection(runner.addresses[0][1]) as (reader, writer), asyncio.timeout(10):
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" + rest)
            assert b" 404 " in await reader.readline()
            assert not reader.at_eof()
            await reader.read()
    await runner.cleanup()


async def test_who_does_not_read_an_answer_holds_no_memory() -> None:
    body = bytes(32 * 1024**2)

    async def give(_: web.Request) -> web.Response:
        return web.Response(body=body)

    app = web.Application()
    app.router.add_get("/", give)
    runner = await listen(app, "127.0.0.1", 0, shutdown_timeout=1, look_seconds=SECONDS)
    port, server = runner.addresses[0][1], runner.server
    assert server is not None
    async with AsyncExitStack() as stack:
        for _ in range(5):
            # Its reader is never read, and stops the transport soon.
            _, writer = await stack.enter_async_context(connection(port))
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as answer:
            assert len(await answer.read()) == len(body)
        async with asyncio.timeout(10):
            while server.connections:  # noqa: ASYNC110 (a server tells nobody)
                await asyncio.sleep(0.02)
    await runner.cleanup()


async def test_a_slow_answer_is_waited_for(port: int) -> None:
    """The deadline is for what comes in, not for the work on it."""

    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(2 * SECONDS)
        return web.Response(text="done")

    app = web.Application()
    app.router.add_get("/", slow)
    runner = await listen(app, "127.0.0.1", 0, shutdown_timeout=1, header_seconds=SECONDS)
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    async with ClientSession() as session, session.get(url) as answer:
        assert await answer.text() == "done"
    await runner.cleanup()


async def test_a_taken_port_is_told(port: int) -> None:
    with pytest.raises(OSError, match="in use"):
        await listen(web.Application(), "127.0.0.1", port, shutdown_timeout=1)
