"""HTTP listener with deadlines: who sends or reads too slowly does not hold a connection."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from aiohttp import web
from aiohttp.http import HttpProcessingError

log = logging.getLogger(__name__)

#: How long the headers of a request may take to arrive, seconds.
HEADER_SECONDS = 10.0
#: How long a connection without a request is kept: longer than proxies keep theirs, nginx 60 s.
IDLE_SECONDS = 75.0
#: A reader of a long answer may be so slow, bytes a second; it is looked at every so many seconds.
_SLOWEST = 4 * 1024
LOOK_SECONDS = 60.0
#: How long the rest of a refused request is read, so that its sender gets the answer.
_LINGERING_SECONDS = 2.0
#: How many may connect at once. The kernel drops whoever exceeds it, and they wait for seconds.
_BACKLOG = 1024

#: What one connection brings at a time: uvloop alone would read 250 KB, and fifty uploads at once
#: would hold the loop for as long, and as much memory. aiohttp keeps half as much unread.
_READ_BYTES = 64 * 1024

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def listen(
    app: web.Application,
    host: str,
    port: int,
    *,
    shutdown_timeout: float,
    header_seconds: float = HEADER_SECONDS,
    idle_seconds: float = IDLE_SECONDS,
    look_seconds: float = LOOK_SECONDS,
) -> web.AppRunner:
    """Serves ``app`` until the runner's ``cleanup``; raises OSError when the port is taken.

    A connection whose request headers are not complete after ``header_seconds`` is closed, and one
    that brings no request for ``idle_seconds``, and one that takes too little of its answer in
    ``look_seconds``.
    """
    connections: _Connections = {}

    @web.middleware
    async def note_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
        # aiohttp calls middlewares when it has read all headers.
        connection = connections.get(request.protocol)
        if connection is None:
            return await handler(request)
        with connection:
            return await handler(request)

    app.middlewares.insert(0, note_headers)
    runner = web.AppRunner(
        app,
        shutdown_timeout=shutdown_timeout,
        access_log=None,
        logger=_Logger(log),
        read_bufsize=_READ_BYTES // 4,
        lingering_time=_LINGERING_SECONDS,
        keepalive_timeout=idle_seconds,
    )
    await runner.setup()
    try:
        deadlines = _Deadlines(header_seconds, look_seconds)
        await _DeadlineSite(runner, host, port, connections, deadlines).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner


class _Logger(logging.LoggerAdapter[logging.Logger]):
    """Damaged requests are no faults of ours: as errors they would let strangers ring alarms."""

    def exception(self, msg: object, *args: object, exc_info: Any = True, **about: Any) -> None:
        if isinstance(exc_info, HttpProcessingError | web.RequestPayloadError):
            self.debug(msg, *args, **about)
        else:
            super().exception(msg, *args, exc_info=exc_info, **about)


@dataclass(frozen=True, slots=True)
class _Deadlines:
    """In seconds; see ``listen``."""

    header: float
    look: float


class _Connection(asyncio.BufferedProtocol):
    """Passes everything on to aiohttp's handler, and closes what is too slow.

    Entered as a context manager while a request is handled.
    """

    #: Of all connections: what one has read is passed on before another one reads.
    _buffer = memoryview(bytearray(_READ_BYTES))

    def __init__(self, inner: Any, open_connections: "_Connections", deadlines: _Deadlines) -> None:
        self._inner = inner
        self._open = open_connections
        self._deadlines = deadlines
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._look: asyncio.TimerHandle | None = None
        self._handling = False

    def __enter__(self) -> None:
        self._handling = True
        self._disarm()

    def __exit__(self, *_: object) -> None:
        self._handling = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not descend from asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._open[self._inner] = self
        self._arm()
        self._inner.connection_made(transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if not self._handling:
            self._arm()
        self._inner.data_received(bytes(self._buffer[:nbytes]))

    def eof_received(self) -> bool | None:
        answer: bool | None = self._inner.eof_received()
        return answer

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self._stop_looking()
        self._open.pop(self._inner, None)
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._look_later()
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._stop_looking()
        self._inner.resume_writing()

    def _arm(self) -> None:
        if self._timer is None and self._transport is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._deadlines.header, self._transport.abort)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_later(self) -> None:
        """Until the next look the reader has to take its share of what waits in memory."""
        if self._transport is None:
            return
        transport, loop = self._transport, asyncio.get_running_loop()
        left = transport.get_write_buffer_size() - self._deadlines.look * _SLOWEST

        def look() -> None:
            if transport.get_write_buffer_size() > left:
                transport.abort()
            else:
                self._look_later()

        self._look = loop.call_later(self._deadlines.look, look)

    def _stop_looking(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None


#: The open connections by aiohttp's handler of each.
_Connections = dict[Any, _Connection]


class _DeadlineSite(web.BaseSite):
    """``TCPSite`` whose connections have a deadline."""

    def __init__(
        self,
        runner: web.AppRunner,
        host: str,
        port: int,
        connections: _Connections,
        deadlines: _Deadlines,
    ) -> None:
        super().__init__(runner)
        self._host, self._port = host, port
        self._connections = connections
        self._deadlines = deadlines

    @property
    def name(self) -> str:
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        await super().start()
        server = self._runner.server
        if server is None:
            raise RuntimeError("the runner is not set up")

        def build_connection() -> _Connection:
            return _Connection(server(), self._connections, self._deadlines)

        self._server = await asyncio.get_running_loop().create_server(
            build_connection, self._host, self._port, backlog=_BACKLOG
        )
