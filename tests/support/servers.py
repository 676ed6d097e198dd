"""PostgreSQL and Redis servers of one test, which it can stop, crash and restart."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Away

from tests.support.world import find_free_port

_START_SECONDS = 60.0
#: PostgreSQL refuses to run as root.
_OWNER = "postgres" if os.geteuid() == 0 else None


class PostgresServer:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "postgresql"
        self._port = find_free_port()

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self._port}/postgres"

    async def start(self) -> None:
        if _OWNER:
            shutil.chown(self._folder, _OWNER)
        await self._run("initdb", "--auth=trust", "--username=postgres", "--no-instructions")
        where = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1"
        await self._run("pg_ctl", "start", "-o", where, "-l", f"{self._data}.log")

    async def restart(self) -> None:
        """Restarts cleanly; open transactions are lost."""
        await self._run("pg_ctl", "restart", "-m", "fast")

    async def crash(self) -> None:
        """Restarts without a checkpoint; the server recovers from its journal."""
        await self._run("pg_ctl", "restart", "-m", "immediate")

    async def stop(self) -> None:
        await self._run("pg_ctl", "stop", "-m", "immediate")

    async def _run(self, program: str, *arguments: str) -> None:
        # Debian keeps them out of the way, one folder for each version.
        places = ":".join(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"))))
        found = shutil.which(program, path=f"{places}:{os.environ['PATH']}")
        assert found, f"{program} of PostgreSQL is not installed"
        process = await asyncio.create_subprocess_exec(
            found,
            f"--pgdata={self._data}",
            *arguments,
            stdout=asyncio.subprocess.DEVNULL,
            cwd=self._folder,
            user=_OWNER,
        )
        async with asyncio.timeout(_START_SECONDS):
            assert await process.wait() == 0, program


class RedisServer:
    def __init__(self, folder: Path, *options: str) -> None:
        """``options`` of the command line, such as ``"--maxmemory", "1mb"``."""
        self._folder = folder
        self._options = options
        self._port = find_free_port()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *("redis-server", "--bind", "127.0.0.1", "--port", str(self._port)),
            *("--dir", str(self._folder), "--save", ""),
            *("--appendonly", "yes", "--appendfsync", "always", *self._options),
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(_START_SECONDS), Redis.from_url(self.url) as redis:
            while True:
                try:
                    await redis.ping()
                except Away:
                    await asyncio.sleep(0.02)
                else:
                    return

    async def restart(self) -> None:
        await self._end(signal.SIGTERM)
        await self.start()

    async def crash(self) -> None:
        await self._end(signal.SIGKILL)
        await self.start()

    async def stop(self) -> None:
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(how)
        await self._process.wait()


@asynccontextmanager
async def run_servers() -> AsyncIterator[tuple[PostgresServer, RedisServer]]:
    # Not in pytest's folder, which other users cannot enter.
    with tempfile.TemporaryDirectory(prefix="servers-") as folder:
        postgres, redis = PostgresServer(Path(folder)), RedisServer(Path(folder))
        await postgres.start()
        try:
            await redis.start()
            try:
                yield postgres, redis
            finally:
                await redis.stop()
        finally:
            await postgres.stop()
