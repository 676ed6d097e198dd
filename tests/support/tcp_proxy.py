"""TCP proxy between the bot and a server, which can refuse, cut and delay connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class TcpProxy:
    """``away``: connections are refused. ``cut_after``: cut after so many bytes from the client.

    ``pause``: seconds before each piece of the server's answer. ``hangs``: no answer gets through
    before ``cut``.
    """

    target: int
    port: int = 0
    away: bool = False
    cut_after: int | None = None
    pause: float = 0.0
    hangs: bool = False
    calls: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """Cuts every connection, and lets the answers of later ones through."""
        self.hangs = False
        for writer in self._open:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        if self.away:
            writer.transport.abort()
            return
        self._open.add(writer)
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        with suppress(OSError):
            async with asyncio.TaskGroup() as both:
                both.create_task(self._forward(reader, back, writer, self.cut_after))
                both.create_task(self._forward(there, writer, back, None))
        self._open.discard(writer)
        for end in (writer, back):
            end.transport.abort()

    async def _forward(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        other: asyncio.StreamWriter,
        limit: int | None,
    ) -> None:
        passed = 0
        with suppress(OSError):
            while data := await source.read(4096):
                if limit is None and self.pause:
                    await asyncio.sleep(self.pause)
                if target in self._open and self.hangs:
                    continue
                if limit is not None and passed + len(data) > limit:
                    break
                passed += len(data)
                target.write(data)
                await target.drain()
        target.transport.abort() if limit is not None else target.close()
        other.transport.abort() if limit is not None else None


@asynccontextmanager
async def run_tcp_proxy(target: int) -> AsyncIterator[TcpProxy]:
    made = TcpProxy(target)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
