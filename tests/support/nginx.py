"""nginx with deploy/nginx.conf, on this machine's ports and without TLS."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import which

from tests.support.fork_server import ROOT
from tests.support.world import find_free_port

_HEAD = """
daemon off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
access_log off;
{conf}
}}
"""


@asynccontextmanager
async def run_nginx(folder: Path, ports: Sequence[int]) -> AsyncIterator[str]:
    """The URL of nginx in front of the processes on these ports."""
    program = which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    assert program, "nginx is not installed"
    port = find_free_port()
    conf = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    conf = re.sub(r"ssl_certificate.*", "", conf)
    conf = re.sub(r"listen [^;]+;", f"listen 127.0.0.1:{port};", conf)
    for documented, real in zip((8081, 8082, 8083), ports, strict=True):
        conf = conf.replace(f"127.0.0.1:{documented} ", f"127.0.0.1:{real} ")
    path = folder / "nginx.conf"
    path.write_text(_HEAD.format(folder=folder, conf=conf), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(program, "-c", str(path))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()
