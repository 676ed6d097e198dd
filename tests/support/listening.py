"""Waits until a server that a test has started listens."""

import asyncio
from asyncio.subprocess import Process

_START_SECONDS = 20.0


async def wait_until_it_listens(process: Process, port: int) -> None:
    """Raises AssertionError when the process has ended, TimeoutError when it does not listen."""
    async with asyncio.timeout(_START_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                assert process.returncode is None, "the server has ended"
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
