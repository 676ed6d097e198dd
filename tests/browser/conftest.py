"""One sandbox and one browser for all tests; each test opens a page and brings its own people."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.support.browser import CHROMIUM, launch_chromium, open_page, run_sandbox


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page."""
    if not CHROMIUM.exists():
        assert os.environ.get("CI") != "true", "CI has no Chromium: .ci/run must install it"
        pytest.skip("no /usr/bin/chromium: apt-get install chromium")
    with run_sandbox(tmp_path_factory.mktemp("sandbox")) as address:
        yield address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(sandbox: str) -> AsyncIterator[Browser]:
    async with launch_chromium() as launched:
        yield launched


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, sandbox: str) -> AsyncIterator[Page]:
    async with open_page(browser) as one:
        await one.goto(f"{sandbox}?pace=60")
        yield one
