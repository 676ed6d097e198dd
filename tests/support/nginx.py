"""nginx with the files of deploy/, on this machine's ports; before the site it speaks TLS."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from tests.support.fork_server import ROOT
from tests.support.listening import wait_until_it_listens
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


#: The name of the site in deploy/.
SITE_NAME = "lk.example.com"
_TEMPORARY = "client_body proxy fastcgi uwsgi scgi"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Of ``SITE_NAME``, signed by itself."""

    chain: Path
    key: Path

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.chain))


async def make_certificate(folder: Path) -> Certificate:
    made = Certificate(folder / "chain.pem", folder / "key.pem")
    process = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", f"/CN={SITE_NAME}"),
        *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-addext", f"subjectAltName=DNS:{SITE_NAME}", "-out", made.chain, "-keyout", made.key),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == 0
    return made


@asynccontextmanager
async def run_tls_nginx(
    folder: Path,
    name: str,
    certificate: Certificate,
    port: int,
    site_port: int,
    *,
    read_timeout: str = "60s",
) -> AsyncIterator[None]:
    """A file of deploy/, on ``port``, before a site on ``site_port`` of this machine."""
    conf = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    conf = re.sub(r"ssl_certificate \S+;", f"ssl_certificate {certificate.chain};", conf)
    conf = re.sub(r"ssl_certificate_key \S+;", f"ssl_certificate_key {certificate.key};", conf)
    conf = conf.replace("listen 443", f"listen 127.0.0.1:{port}")
    conf = conf.replace("listen 80;", f"listen 127.0.0.1:{find_free_port()};")
    # One process, and no Docker that knows its name.
    conf = re.sub(r"server 127\.0\.0\.1:1808[23] .*", "", conf)
    conf = conf.replace("127.0.0.1:18081 ", f"127.0.0.1:{site_port} ")
    conf = conf.replace("set $bot bot;", "set $bot 127.0.0.1;").replace(":8082;", f":{site_port};")
    conf = conf.replace("/etc/nginx/cabinet-pages/", f"{ROOT}/deploy/pages/")
    conf = conf.replace("proxy_read_timeout 60s", f"proxy_read_timeout {read_timeout}")
    for kind in _TEMPORARY.split():
        conf = f"{kind}_temp_path {folder}/{kind};\n{conf}"
    async with _run(folder, conf) as process:
        await wait_until_it_listens(process, port)
        yield


@asynccontextmanager
async def run_compose_nginx(
    folder: Path, name_server_port: int, bot_port: int
) -> AsyncIterator[str]:
    """The URL of nginx as in compose.yaml, with a name server and bots that are not Docker's."""
    port = find_free_port()
    conf = (ROOT / "deploy" / "nginx.compose.conf").read_text(encoding="utf-8")
    conf = re.sub(r"ssl_certificate.*", "", conf)
    conf = conf.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    conf = conf.replace("listen 80;", f"listen 127.0.0.1:{find_free_port()};")
    conf = conf.replace("127.0.0.11 valid=5s", f"127.0.0.1:{name_server_port} valid=1s")
    conf = conf.replace(":8081;", f":{bot_port};")
    async with _run(folder, conf) as process:
        await wait_until_it_listens(process, port)
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def run_nginx(folder: Path, ports: Sequence[int]) -> AsyncIterator[str]:
    """The URL of nginx in front of the processes on these ports."""
    port = find_free_port()
    conf = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    conf = re.sub(r"ssl_certificate.*", "", conf)
    conf = re.sub(r"listen [^;]+;", f"listen 127.0.0.1:{port};", conf)
    for documented, real in zip((8081, 8082, 8083), ports, strict=True):
        conf = conf.replace(f"127.0.0.1:{documented} ", f"127.0.0.1:{real} ")
    async with _run(folder, conf):
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def _run(folder: Path, conf: str) -> AsyncIterator[asyncio.subprocess.Process]:
    program = which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    assert program, "nginx is not installed"
    path = folder / "nginx.conf"
    path.write_text(_HEAD.format(folder=folder, conf=conf), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(program, "-c", str(path))
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()
