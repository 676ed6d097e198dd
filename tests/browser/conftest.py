"""The sandbox as a process of its own, and Debian's Chromium looking at its page."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_START_SECONDS = 30
#: The bot may be starting anew.
_PATIENCE_MS = 30_000


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a page that is being served."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "main.py"),
        "sandbox",
        "--port",
        "0",
        "--data",
        str(tmp_path / "data"),
        "--no-browser",
        cwd=ROOT,
        env=os.environ,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(_START_SECONDS):
        told = (await process.stdout.readline()).decode()
    found = re.search(r"http://\S+", told)
    assert found, told
    yield found[0]
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), _START_SECONDS) == 0


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A page that may not complain in its console, nor ask anybody but this machine."""
    if not CHROMIUM.exists():
        assert os.environ.get("CI") != "true", "CI has no Chromium: .ci/run must install it"
        pytest.skip("no /usr/bin/chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        opened = await browser.new_page(viewport={"width": 1360, "height": 860})
        opened.set_default_timeout(_PATIENCE_MS)
        expect.set_options(timeout=_PATIENCE_MS)
        complaints: list[str] = []
        opened.on("console", lambda line: complaints.append(f"{line.type}: {line.text}"))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("http://127.0.0.1:", "blob:", "data:"))
                else complaints.append(request.url)
            ),
        )
        yield opened
        await browser.close()
        assert complaints == []


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where screenshots go: ``SHOTS=docs/images make test ARGS=tests/browser`` renews the docs'."""
    folder = Path(os.environ.get("SHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
