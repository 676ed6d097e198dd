"""One site and one browser for the tests of a module; each test brings its own people."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser

from tests.support.browser import CHROMIUM, ROOT, launch_chromium
from tests.support.in_process import InProcessCabinet
from tests.support.site import Site, choose_site_address, serve_site
from tests.support.sqlite_file import copy_database
from tests.support.web_apps import run_app


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if not CHROMIUM.exists():
        assert os.environ.get("CI") != "true", "CI has no Chromium: .ci/run must install it"
        pytest.skip("no /usr/bin/chromium: apt-get install chromium")
    async with launch_chromium() as launched:
        yield launched


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    copy_database(migrated, folder)
    cabinet = InProcessCabinet(folder)
    cabinet.settings |= choose_site_address()
    url = cabinet.settings["site_url"]

    async def show_example(_: web.Request) -> web.Response:
        example = (ROOT / "deploy/company-site.html").read_text(encoding="utf-8")
        words = example.replace("https://cabinet.example.ru", url)
        return web.Response(text=words, content_type="text/html")

    company = web.Application()
    company.router.add_get("/", show_example)
    async with run_app(company) as company_url:
        cabinet.settings["site_frame_origins"] = (company_url,)
        async with cabinet.run(), serve_site(cabinet) as served:
            yield served
