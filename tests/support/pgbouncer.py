"""PgBouncer before this machine's PostgreSQL, in a mode that the test sets."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import chown
from typing import Literal
from urllib.parse import urlsplit

from tests.support.listening import wait_until_it_listens
from tests.support.world import find_free_port

PGBOUNCER = Path("/usr/sbin/pgbouncer")


@asynccontextmanager
async def run_pgbouncer(
    database_url: str, mode: Literal["session", "transaction"]
) -> AsyncIterator[str]:
    """Yields the URL of the same database behind a PgBouncer."""
    port, name = find_free_port(), urlsplit(database_url).path.removeprefix("/")
    with tempfile.TemporaryDirectory() as folder:
        async with _run(Path(folder), port, name, mode):
            yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}/{name}"


@asynccontextmanager
async def _run(folder: Path, port: int, name: str, mode: str) -> AsyncIterator[None]:
    config = folder / "pgbouncer.ini"
    config.write_text(
        f"[databases]\n{name} = host=127.0.0.1 port=5432 user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = any\npool_mode = {mode}\ndefault_pool_size = 20\n"
    )
    # PgBouncer refuses to run as root.
    owner = "postgres" if os.geteuid() == 0 else None
    if owner:
        chown(folder, owner)
        chown(config, owner)
    process = await asyncio.create_subprocess_exec(
        PGBOUNCER,
        "--quiet",
        config.name,
        cwd=folder,
        user=owner,
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await wait_until_it_listens(process, port)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
