"""The sandbox as a process, Debian's Chromium, and the chats of the sandbox page."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright, expect

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
AXE = ROOT / "tests/browser/axe/axe.min.js"
#: Long enough for a restart of the bot on a machine that is busy with other tests.
PATIENCE_MS = 90_000
WIDE: ViewportSize = {"width": 1360, "height": 860}
NARROW: ViewportSize = {"width": 360, "height": 740}

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_STOP_SECONDS = 30
_BLAMED = {"serious", "critical"}
_AXE = """async () => {
  const options = {resultTypes: ['violations']};
  const {violations} = await axe.run({exclude: [['iframe']]}, options);
  return violations.map(({id, impact, nodes}) => ({id, impact, at: nodes.map((one) => one.html)}));
}"""
_DROP = """async (section, files) => {
  const carried = new DataTransfer();
  for (const {name, type, data} of files) {
    const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
    carried.items.add(new File([bytes], name, {type}));
  }
  for (const kind of ['dragover', 'drop']) {
    const about = {dataTransfer: carried, bubbles: true, cancelable: true};
    section.dispatchEvent(new DragEvent(kind, about));
  }
}"""


@contextmanager
def run_sandbox(data: Path) -> Iterator[str]:
    """Starts ``main.py sandbox`` and yields the address of its page; it must stop cleanly."""
    process = subprocess.Popen(
        [
            sys.executable,
            str(ROOT / "main.py"),
            *("sandbox", "--port", "0", "--data", str(data), "--no-browser"),
        ],
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process, process.stdout:
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        try:
            yield found[0]
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(_STOP_SECONDS) == 0


@asynccontextmanager
async def launch_chromium() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def open_page(
    browser: Browser, *, expected: str = "nothing", **about: Any
) -> AsyncIterator[Page]:
    """A page; anything in its console or a request to another machine fails the test.

    Lines of the console with the ``expected`` words are none of a fault.
    """
    context = await browser.new_context(**{"viewport": WIDE, **about})
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(f"{line.type}: {line.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1:", "blob:", "data:"))
            else complaints.append(request.url)
        ),
    )
    yield page
    await context.close()
    assert [one for one in complaints if expected not in one] == []


async def find_violations(page: Page) -> list[dict[str, Any]]:
    """Serious and critical violations of accessibility rules that axe finds on the page."""
    if not await page.evaluate("'axe' in window"):
        # Evaluated, as the page's policy refuses other scripts.
        await page.evaluate(AXE.read_text())
    found = json.loads(json.dumps(await page.evaluate(_AXE)))
    return [one for one in found if one["impact"] in _BLAMED]


class BrowserChat:
    """A chat of the page: ``#consumer`` or ``#group``."""

    def __init__(self, page: Page, place: str) -> None:
        self.section = page.locator(place)
        self.log = self.section.locator(".log")
        self.field = self.section.locator("textarea")
        #: The messages of other people and the bot.
        self.others = self.log.locator("article:not(.own)")
        self.own = self.log.locator("article.own")
        self.toast = self.section.locator(".toast")

    async def say(self, text: str) -> None:
        await self.field.fill(text)
        await self.field.press("Enter")

    async def press(self, words: str) -> None:
        await self.find_button(words).click()

    def find_button(self, words: str) -> Locator:
        """The newest inline button with these words."""
        return self.log.locator(".row button", has_text=words).last

    async def expects(self, words: str) -> None:
        """Waits until the newest message of others contains these words."""
        await expect(self.others.last).to_contain_text(words)

    async def drop_files(self, *files: dict[str, str]) -> None:
        """Drops files on the chat, each with ``name``, ``type`` and base64 ``data``."""
        await self.section.evaluate(_DROP, list(files))


async def add_consumer(page: Page, name: str) -> BrowserChat:
    """Adds a consumer, whose phone the page then shows."""
    await page.locator("#add").click()
    field = page.locator("dialog input")
    await field.fill(name)
    await field.press("Enter")
    await expect(page.locator("#people option:checked")).to_have_text(name)
    return BrowserChat(page, "#consumer")
