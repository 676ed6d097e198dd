"""ClamAV's daemon with one signature of our own: it knows no virus but ``VIRUS``."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.listening import wait_until_it_listens
from tests.support.world import find_free_port

PROGRAM = Path("/usr/sbin/clamd")
#: What the signature finds, anywhere in a file.
VIRUS = b"CABINET-TEST-VIRUS"

_CONFIG = """
TCPSocket {port}
TCPAddr 127.0.0.1
DatabaseDirectory {folder}
Foreground yes
StreamMaxLength 25M
"""


class ClamdServer:
    """It does not listen before ``start``."""

    def __init__(self, folder: Path) -> None:
        self._port = find_free_port()
        self._config = folder / "clamd.conf"
        self._config.write_text(_CONFIG.format(port=self._port, folder=folder))
        (folder / "own.ndb").write_text(f"Cabinet.Test:0:*:{VIRUS.hex()}\n")
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self._port}"

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            PROGRAM,
            f"--config-file={self._config}",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await wait_until_it_listens(self._process, self._port)

    def hang(self) -> None:
        """It takes connections, and answers nobody before ``go_on``."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    async def stop(self) -> None:
        if self._process is not None:
            self._send(signal.SIGKILL)
            await self._process.wait()
            self._process = None

    def _send(self, what: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(what)


@asynccontextmanager
async def prepare_clamd() -> AsyncIterator[ClamdServer]:
    with tempfile.TemporaryDirectory(prefix="clamd-") as folder:
        server = ClamdServer(Path(folder))
        try:
            yield server
        finally:
            await server.stop()
