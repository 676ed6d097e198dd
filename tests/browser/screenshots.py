"""``python -m tests.browser.screenshots``: renews the pictures in docs/pictures.

All but those of a meter's history and chart in a chat, which need three tariffs.
"""

import asyncio
import sys
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.async_api import Locator, Page, ViewportSize, expect

from tests.support.browser import ROOT, BrowserChat, launch_chromium, open_page, run_sandbox

PICTURES = ROOT / "docs" / "pictures"
_COLOURS = 256
_PHONE: ViewportSize = {"width": 390, "height": 844}
_DESK: ViewportSize = {"width": 1440, "height": 900}
_SITE: ViewportSize = {"width": 1000, "height": 1150}
_TOUR_MS = 90_000
#: The hour in Moscow that the clocks of the pictures show.
_HOUR = 10
_ADVANCE = "(hours) => fetch('do/time', {method: 'POST', body: JSON.stringify({hours})})"
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
            now = datetime.now(ZoneInfo("Europe/Moscow"))
            await page.evaluate(_ADVANCE, (_HOUR - now.hour) % 24)
            await _take_tour(page, folder)
            await _take_parts(page, folder)
            await _take_askue(page, folder)
            await _take_forum(page, folder)
            await _take_desk(page, folder)


async def _take_tour(page: Page, folder: Path) -> None:
    """Before it, stopped when the staff have answered, and at its end."""
    await expect(page.locator("#welcome")).to_be_visible()
    await _take(page, folder, "welcome")
    stopped = page.evaluate(_STOP_AT, "6/13")
    await page.locator("#tour").click()
    await stopped
    # One step alone: the next one waits for what this one brings.
    await page.locator("#next").click()
    await expect(page.locator("#consumer .log")).to_contain_text("до 18:00", timeout=_TOUR_MS)
    await expect(page.locator("#next")).to_be_enabled()
    await _take(page, folder, "tour")
    async with page.expect_popup(timeout=_TOUR_MS) as opened:
        await page.locator("#go-on").click()
        await expect(page.locator("#step")).to_contain_text("Готово", timeout=_TOUR_MS)
    await _take_site(await opened.value, folder)
    await _take(page, folder, "onward")
    await page.locator("#end").click()


async def _take_site(site: Page, folder: Path) -> None:
    """What the consumer of the tour has there: the request, the meter, a form on a telephone."""
    await site.locator("main button").click()
    await site.set_viewport_size(_SITE)
    await site.locator("header").get_by_role("link", name="Заявки").click()
    await site.locator("main table a").first.click()
    await expect(site.get_by_role("heading", name="Переписка")).to_be_visible()
    await _save(site, folder / "site-request.png")
    await site.locator("header").get_by_role("link", name="Показания").click()
    await site.locator("main li a").first.click()
    chart = site.locator("figure img")
    await chart.scroll_into_view_if_needed()
    await chart.evaluate("(one) => one.decode()")
    await site.evaluate("scrollTo(0, 0)")
    await _save(site, folder / "site-meter.png")
    await site.set_viewport_size(_PHONE)
    await site.emulate_media(color_scheme="dark")
    await site.locator("header").get_by_role("link", name="Заявки").click()
    await site.get_by_role("link", name="Создание заявки").click()
    await site.get_by_role("link", name="Допуск в эксплуатацию").click()
    await site.locator("main button", has_text="Далее").last.click()
    await expect(site.get_by_role("alert").first).to_be_visible()
    await _save(site, folder / "site-form-dark.png")
    await site.close()


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


async def _take_askue(page: Page, folder: Path) -> None:
    """In columns, and as Telegram's own tables."""
    phone = BrowserChat(page, "#consumer")
    table = phone.log.locator("article", has_text="Активная (приём)")
    await _save(table.last, folder / "askue-table.png")
    for words in ("Показания", "Вид таблиц", "Таблицей Telegram", "Вижу таблицу"):
        if words == "Показания":
            await phone.say("/menu")
        await phone.press(words)
    await phone.say("/menu")
    await phone.press("Показания")
    await phone.press("АСКУЭ")
    await phone.expects("Шаг 1 из 2")
    await phone.say("demo")
    await phone.expects("Шаг 2 из 2")
    await phone.say("demo123")
    await phone.press("Получить данные")
    await expect(phone.others.last.locator("table").first).to_be_visible()
    await _save(phone.others.last, folder / "askue-rich.png")


async def _take_desk(page: Page, folder: Path) -> None:
    """On the next morning, without topics."""
    await page.locator("#topics button").first.click()
    await page.locator("#switches").get_by_label("Группа с темами").uncheck()
    await page.evaluate(_ADVANCE, 24)
    group = BrowserChat(page, "#group")
    digest = group.log.locator("article", has_text="Сводка")
    await expect(digest.last).to_be_attached(timeout=_TOUR_MS)
    await _save(digest.last, folder / "desk-digest.png")
    await group.say("/stats")
    chart = group.log.locator("article", has=page.locator(".photo img")).last
    await expect(chart).to_be_attached(timeout=_TOUR_MS)
    await _save(chart, folder / "desk-chart.png")


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
        await _save(page.locator(part), folder / f"sandbox-{name}-{theme}.png")
    await page.locator("#theme").click()


async def _save(part: Locator | Page, path: Path) -> None:
    shot = await part.screenshot(animations="disabled")
    image = Image.open(BytesIO(shot)).convert("RGB")
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES))
