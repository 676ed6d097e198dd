"""nginx and HAProxy before a server of a test, tinyproxy on the way out, as companies have them."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.listening import wait_until_it_listens
from tests.support.world import find_free_port

NGINX = Path("/usr/sbin/nginx")
HAPROXY = Path("/usr/sbin/haproxy")
TINYPROXY = Path("/usr/bin/tinyproxy")

_NGINX_CONFIG = """
{user}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr crit;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type text/html;
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 60m;
        location / {{
            if (-f {folder}/maintenance) {{
                return 200 "<html>The service is being mended</html>";
            }}
            proxy_pass http://127.0.0.1:{target};
            proxy_read_timeout 120s;
        }}
    }}
}}
"""
_HAPROXY_CONFIG = """
defaults
    mode http
    timeout connect 2s
    timeout client 120s
    timeout server 120s
frontend in
    bind 127.0.0.1:{port}
    default_backend bot
backend bot
    server bot 127.0.0.1:{target}
"""

_TINYPROXY_CONFIG = """
Port {port}
Listen 127.0.0.1
Timeout 600
MaxClients 100
LogLevel Critical
"""


@dataclass
class Gateway:
    port: int
    folder: Path

    def show_page(self, shown: bool) -> None:
        """nginx answers everything with a page and 200."""
        page = self.folder / "maintenance"
        page.touch() if shown else page.unlink()


@asynccontextmanager
async def run_nginx(target: int) -> AsyncIterator[Gateway]:
    """Before the port ``target`` of this machine."""
    with tempfile.TemporaryDirectory(prefix="nginx-") as name:
        gateway = Gateway(find_free_port(), Path(name))
        config = gateway.folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        config.write_text(
            _NGINX_CONFIG.format(folder=name, port=gateway.port, target=target, user=user)
        )
        async with _run(gateway.port, str(NGINX), "-e", "stderr", "-c", str(config)):
            yield gateway


@asynccontextmanager
async def run_haproxy(target: int) -> AsyncIterator[Gateway]:
    """Before the port ``target`` of this machine."""
    with tempfile.TemporaryDirectory(prefix="haproxy-") as name:
        gateway = Gateway(find_free_port(), Path(name))
        config = gateway.folder / "haproxy.cfg"
        config.write_text(_HAPROXY_CONFIG.format(port=gateway.port, target=target))
        async with _run(gateway.port, str(HAPROXY), "-q", "-f", str(config)):
            yield gateway


@asynccontextmanager
async def run_tinyproxy(port: int) -> AsyncIterator[None]:
    """Connects whoever asks on this port with any address."""
    with tempfile.TemporaryDirectory(prefix="tinyproxy-") as name:
        config = Path(name, "tinyproxy.conf")
        config.write_text(_TINYPROXY_CONFIG.format(port=port))
        async with _run(port, str(TINYPROXY), "-d", "-c", str(config)):
            yield


@asynccontextmanager
async def _run(port: int, *command: str) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    try:
        await wait_until_it_listens(process, port)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
