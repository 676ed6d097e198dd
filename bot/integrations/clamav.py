"""A virus scanner beside the bot: ClamAV, over the protocol of its daemon."""

import asyncio
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from bot.integrations.errors import ScannerUnavailable

_CHUNK = 64 * 1024
_PORT = 3310


class Antivirus(Protocol):
    async def is_clean(self, content: bytes | Path) -> bool:
        """``content``: the bytes or their file. Raises ScannerAway when nobody can tell now."""
        ...


class ClamAv:
    def __init__(self, url: str, timeout: float = 30.0) -> None:
        """``url``: ``tcp://host:3310`` or ``unix:///path``; ``timeout``: seconds per file."""
        self._parts = urlsplit(url)
        self._timeout = timeout

    async def is_clean(self, content: bytes | Path) -> bool:
        try:
            async with asyncio.timeout(self._timeout):
                with BytesIO(content) if isinstance(content, bytes) else content.open("rb") as file:
                    verdict = await self._ask(file)
        except (OSError, TimeoutError, EOFError) as error:
            raise ScannerUnavailable(type(error).__name__) from None
        if verdict.endswith(b" FOUND"):
            return False
        if verdict.endswith(b": OK"):
            return True
        # Its own limit of size, or of load.
        raise ScannerUnavailable("no verdict")

    async def ping(self) -> None:
        """Raises ScannerAway."""
        await self.is_clean(b"ping")

    async def _ask(self, file: BinaryIO) -> bytes:
        reader, writer = await self._connect()
        try:
            writer.write(b"zINSTREAM\0")
            while piece := await asyncio.to_thread(file.read, _CHUNK):
                writer.write(len(piece).to_bytes(4, "big") + piece)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return (await reader.readuntil(b"\0")).rstrip(b"\0")
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._parts.scheme == "unix":
            return await asyncio.open_unix_connection(unquote(self._parts.path))
        return await asyncio.open_connection(self._parts.hostname, self._parts.port or _PORT)
