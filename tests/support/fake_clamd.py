"""A ClamAV daemon on a Unix socket."""

import asyncio
from pathlib import Path


class FakeClamd:
    """Finds EICAR and nothing else; does not listen before ``start``.

    ``hangs``: a file gets no answer. ``asked`` counts the files.
    """

    def __init__(self, folder: Path) -> None:
        self.url = f"unix://{folder}/clamd"
        self._path = folder / "clamd"
        self.hangs = False
        self.asked = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self._path)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        await reader.readuntil(b"\0")
        data = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            data += await reader.readexactly(size)
        if self.hangs:
            await reader.read()
            writer.close()
            return
        writer.write(b"stream: Eicar FOUND\0" if b"EICAR" in data else b"stream: OK\0")
        await writer.drain()
        writer.close()
