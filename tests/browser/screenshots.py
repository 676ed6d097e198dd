"""``python -m tests.browser.screenshots``: renews the sandbox's pictures in docs/pictures."""

import asyncio
import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.async_api import Page, ViewportSize, expect

from tests.support.browser import ROOT, launch_chromium, open_page, run_sandbox

PICTURES = ROOT / "docs" / "pictures"
_COLOURS = 256
_PHONE: ViewportSize = {"width": 390, "height": 844}
_DESK: ViewportSize = {"width": 1440, "height": 900}
_TOUR_MS = 90_000
#: Stops the tour as soon as it comes to a chapter.
_STOP_AT = """(chapter) => new Promise((done) => {
  const step = document.getElementById('step');
  const watch = new MutationObserver(() => {
    if (!step.textContent.startsWith(chapter)) return;
    document.getElementById('stop').click();
    watch.disconnect();
    done();
  });
  watch.observe(step, {childList: true});
})"""
#: Scrolls the log until this message is the last one in sight.
_TO_THE_FOOT = """(message) => {
  const log = message.parentElement;
  const below = message.getBoundingClientRect().bottom - log.getBoundingClientRect().bottom;
  log.scrollBy(0, below + 10);
}"""


async def main(folder: Path) -> None:
    with TemporaryDirectory() as data, run_sandbox(Path(data)) as address:
        async with launch_chromium() as browser, open_page(browser, viewport=_DESK) as page:
            await page.goto(f"{address}?pace=150")
            await _take_tour(page, folder)
            await _take_parts(page, folder)
            await _take_forum(page, folder)


async def _take_tour(page: Page, folder: Path) -> None:
    """Before it, stopped when the staff have answered, and at its end."""
    await expect(page.locator("#welcome")).to_be_visible()
    await _take(page, folder, "welcome")
    stopped = page.evaluate(_STOP_AT, "6/12")
    await page.locator("#tour").click()
    await stopped
    while "до 18:00" not in await page.locator("#consumer .log").inner_text():
        if await page.locator("#next").is_enabled():
            await page.locator("#next").click()
    await expect(page.locator("#next")).to_be_enabled()
    await _take(page, folder, "tour")
    await page.locator("#go-on").click()
    await expect(page.locator("#step")).to_contain_text("Готово", timeout=_TOUR_MS)
    await _take(page, folder, "onward")
    await page.locator("#end").click()


async def _take_parts(page: Page, folder: Path) -> None:
    await page.locator("#letters button", has_text="зарегистрирована").click()
    await page.frame_locator("#letter iframe").locator("body").wait_for()
    await _take(page, folder, "mailbox", "#side")
    await _take(page, folder, "group", "#group")
    await page.set_viewport_size(_PHONE)
    await page.locator("#consumer").scroll_into_view_if_needed()
    chart = page.locator("#consumer article", has=page.locator(".photo")).last
    await chart.evaluate(_TO_THE_FOOT)
    await _take(page, folder, "phone", "#consumer")
    await page.set_viewport_size(_DESK)


async def _take_forum(page: Page, folder: Path) -> None:
    await page.locator("#tab-panel").click()
    panel = page.locator("#switches")
    await panel.get_by_label("Группа с темами").check()
    await page.locator("#samples").click()
    await expect(panel).to_contain_text("Готово")
    await _take(page, folder, "faults", "#side")
    topics = page.locator("#topics button")
    await expect(topics.nth(30)).to_be_attached()
    await topics.nth(3).click()
    await expect(page.locator("#group article").first).to_contain_text("Заявка №")
    await _take(page, folder, "forum", "#group")


async def _take(page: Page, folder: Path, name: str, part: str = "body") -> None:
    """In light and in dark, with few colours: the pictures travel with the repository."""
    for theme in ("light", "dark"):
        if await page.evaluate("document.documentElement.dataset.theme") != theme:
            await page.locator("#theme").click()
        # Nothing under the mouse or in focus is to look different.
        await page.mouse.move(0, 0)
        await page.evaluate("document.activeElement.blur()")
        shot = await page.locator(part).screenshot(animations="disabled")
        image = (
            Image.open(BytesIO(shot)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        )
        image.save(folder / f"sandbox-{name}-{theme}.png", optimize=True)
    await page.locator("#theme").click()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES))
