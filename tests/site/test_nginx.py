"""The site behind nginx with the files of deploy/: TLS, its cookies, large uploads."""

import os
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import ClientSession, FormData, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.support.files import make_jpeg
from tests.support.gateways import NGINX
from tests.support.in_process import InProcessCabinet
from tests.support.nginx import SITE_NAME, make_certificate, run_tls_nginx
from tests.support.site import SiteClient, serve_site
from tests.support.world import find_free_port

FORM = "/requests/new/unmetered_report"


class ThisMachine(AbstractResolver):
    """Every name is this machine."""

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=2, proto=0, flags=0)
        ]

    async def close(self) -> None:
        pass


@pytest.mark.skipif(not NGINX.exists() and "CI" not in os.environ, reason="nginx is not installed")
@pytest.mark.parametrize("name", ["nginx.conf", "nginx.compose.conf"])
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
            assert (await client.get(path)).status == 404
        assert "Заявки" in (await client.log_in("ivanova@example.ru")).text
        # Larger than what nginx takes unless it is told.
        page = await client.get(FORM)
        form = FormData({"csrf": page.csrf}, quote_fields=False)
        large = BytesIO(make_jpeg() + bytes(3 * 1024**2))
        form.add_field("scans", large, filename="Фото.jpg")
        listed = await client.post(f"{FORM}/files", form)
        assert (listed.status, "Фото.jpg" in listed.text) == (200, True), listed.text
