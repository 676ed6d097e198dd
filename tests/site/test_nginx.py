"""The site behind nginx with the files of deploy/: TLS, cookies, large uploads, error pages."""

import asyncio
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import ClientSession, FormData, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.texts import Translations
from tests.support.files import make_jpeg
from tests.support.gateways import NGINX
from tests.support.in_process import InProcessCabinet
from tests.support.nginx import SITE_NAME, Certificate, make_certificate, run_tls_nginx
from tests.support.programs import require_program
from tests.support.site import SiteClient, serve_site
from tests.support.world import find_free_port

pytestmark = require_program(NGINX.exists(), "nginx-light")
FORM = "/requests/new/unmetered_report"


class ThisMachine(AbstractResolver):
    """Every name is this machine."""

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=2, proto=0, flags=0)
        ]

    async def close(self) -> None:
        pass


@pytest.fixture(params=["nginx.conf", "nginx.compose.conf"])
def name(request: pytest.FixtureRequest) -> str:
    """A file of deploy/."""
    assert isinstance(request.param, str)
    return request.param


async def ask(port: int, certificate: Certificate, request: str) -> tuple[int, str]:
    """The status and the page that answer the head of a request."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=certificate.trust(), server_hostname=SITE_NAME
    )
    writer.write(f"{request}\r\nHost: {SITE_NAME}\r\n\r\n".encode())
    answer = (await reader.readuntil(b"</html>")).decode()
    writer.close()
    head, _, page = answer.partition("\r\n\r\n")
    assert "frame-ancestors 'none'" in head
    return int(head.split()[1]), page


def is_explained(page: str, code: str) -> bool:
    """The words are the cabinet's own, in each language, and the way back is there."""
    translations = Translations.load()
    titles = [
        translations.get_texts(locale)(f"site-error-{code}-title")
        for locale in translations.locales
    ]
    return all(title in page for title in titles) and '<a href="/">' in page


async def test_what_nginx_refuses_or_cannot_pass_on_is_explained(tmp_path: Path, name: str) -> None:
    certificate = await make_certificate(tmp_path)
    port = find_free_port()
    # Nobody listens behind it.
    async with run_tls_nginx(tmp_path, name, certificate, port, find_free_port()):
        for request, status, code in (
            ("GET / HTTP/1.1", 502, "503"),
            (f"POST {FORM} HTTP/1.1\r\nContent-Length: {211 * 1024**2}", 413, "413"),
            (f"GET /?next={'a' * 40_000} HTTP/1.1", 414, "400"),
            (f"GET / HTTP/1.1\r\nCookie: a={'a' * 40_000}", 400, "400"),
        ):
            told, page = await ask(port, certificate, request)
            assert told == status, request[:80]
            assert is_explained(page, code), page


async def test_a_cabinet_that_does_not_answer_nginx_is_explained(tmp_path: Path, name: str) -> None:
    certificate = await make_certificate(tmp_path)
    port = find_free_port()
    over = asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    async with (
        await asyncio.start_server(hang, "127.0.0.1") as silent,
        run_tls_nginx(
            tmp_path,
            name,
            certificate,
            port,
            silent.sockets[0].getsockname()[1],
            read_timeout="100ms",
        ),
    ):
        told, page = await ask(port, certificate, f"POST {FORM} HTTP/1.1")
        over.set()
    assert told == 504
    assert is_explained(page, "503"), page


async def test_the_site_works_behind_nginx_with_tls(
    cabinet: InProcessCabinet, tmp_path: Path, name: str
) -> None:
    certificate = await make_certificate(tmp_path)
    port, site_port = find_free_port(), find_free_port()
    url = f"https://{SITE_NAME}:{port}"
    connector = TCPConnector(resolver=ThisMachine(), ssl=certificate.trust())
    async with (
        cabinet.run(site_url=url, site_port=site_port),
        serve_site(cabinet) as site,
        run_tls_nginx(tmp_path, name, certificate, port, site_port),
        ClientSession(connector=connector) as session,
    ):
        await site.add_account()
        client = SiteClient(url, session)
        page = await client.get("/")
        assert page.status == 200
        assert page.headers["Strict-Transport-Security"].startswith("max-age=")
        cookie = page.headers["Set-Cookie"]
        assert cookie.startswith("__Host-browser=")
        for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert word in cookie
        for path in ("/healthz", "/metrics", "/readyz"):
            missing = await client.get(path)
            assert missing.status == 404
            # The page of the cabinet, not of nginx.
            assert "Такой страницы нет" in missing.text
        assert "Заявки" in (await client.log_in("ivanova@example.ru")).text
        # Larger than what nginx takes unless it is told.
        page = await client.get(FORM)
        form = FormData({"csrf": page.csrf}, quote_fields=False)
        large = BytesIO(make_jpeg() + bytes(3 * 1024**2))
        form.add_field("scans", large, filename="Фото.jpg")
        listed = await client.post(f"{FORM}/files", form)
        assert (listed.status, "Фото.jpg" in listed.text) == (200, True), listed.text
