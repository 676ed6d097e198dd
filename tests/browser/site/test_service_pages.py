"""Pages of requests, readings and ASKUE in Chromium: narrow, dark, on paper, by keyboard."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.domain import Category, Status
from tests.support.browser import AXE, open_page
from tests.support.filed import file_request, set_status, submit_reading
from tests.support.in_process import PASSWORD
from tests.support.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERY_RULE = """async () => {
  const {violations} = await axe.run();
  return violations.map(({id, nodes}) => [id, nodes.map((one) => one.html)]);
}"""


async def log_in(page: Page, site: Site, email: str) -> None:
    await page.goto(site.url)
    await page.locator("#field-email").fill(email)
    await page.locator("#field-password").fill(PASSWORD)
    await page.locator("main button").first.click()
    await expect(page.locator(".tiles")).to_be_visible()


async def enter_half(page: Page, site: Site, meter_id: int) -> None:
    """A reading that waits for its review, which the main menu then offers too."""
    await page.goto(f"{site.url}/readings/new?meter={meter_id}")
    await page.locator("#field-single_t1").fill("150")
    await page.locator(".actions button").first.click()
    await expect(page.locator("dl.facts")).to_contain_text("150")


@pytest.mark.parametrize(
    "about",
    [
        {"viewport": {"width": 320, "height": 700}},
        {"color_scheme": "dark"},
        {"locale": "en-GB", "forced_colors": "active"},
    ],
    ids=["narrow", "dark", "english"],
)
async def test_everybody_can_use_every_page(
    browser: Browser, site: Site, about: dict[str, Any]
) -> None:
    mark = f"{len(str(about))}"
    account = await site.add_account(f"plant{mark}@example.ru", "ООО «Завод»", Category.LEGAL)
    filed = [await file_request(site, account, f"{mark}f{number}") for number in range(6)]
    await set_status(site, filed[0], Status.CLARIFICATION, "Пришлите фото пломбы")
    await set_status(site, filed[1], Status.DONE, "Счётчик допущен")
    reading = await submit_reading(site, account, 100, f"{mark}d")
    # A page that is not there is a complaint of the browser's console too.
    async with open_page(browser, expected="404", **{"locale": "ru", **about}) as page:
        await log_in(page, site, account.email)
        await enter_half(page, site, reading.meter.id)
        for path in (
            "/requests",
            "/requests/new",
            f"/requests/{filed[0].number}",
            f"/requests/{filed[1].number}",
            f"/requests/{filed[2].number}/withdraw",
            "/readings",
            "/readings/new",
            "/readings/new?kind=triple",
            "/",
            f"/readings/new?meter={reading.meter.id}",
            f"/readings/new/review?meter={reading.meter.id}",
            f"/readings/{reading.meter.id}",
            "/readings/upload",
            "/askue",
            "/nothing",
        ):
            await page.goto(f"{site.url}{path}")
            await page.evaluate(AXE.read_text())
            assert await page.evaluate(EVERY_RULE) == [], path
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


async def test_a_request_is_withdrawn_by_keyboard_alone(browser: Browser, site: Site) -> None:
    account = await site.add_account("keys@example.ru")
    filed = await file_request(site, account, "keys")
    async with open_page(browser, locale="ru") as page:
        await log_in(page, site, account.email)
        await page.goto(f"{site.url}/requests/{filed.number}")
        link = page.get_by_role("link", name="Отозвать")
        for _ in range(30):
            await page.keyboard.press("Tab")
            if await link.evaluate("(one) => one === document.activeElement"):
                break
        await page.keyboard.press("Enter")
        button = page.get_by_role("button", name="Отозвать заявку")
        await expect(button).to_be_visible()
        for _ in range(30):
            await page.keyboard.press("Tab")
            if await button.evaluate("(one) => one === document.activeElement"):
                break
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("Заявка отозвана")
        await page.emulate_media(media="print")
        for hidden in ("nav", ".path"):
            await expect(page.locator(hidden).first).to_be_hidden()
        await expect(page.get_by_role("heading", name=filed.number)).to_be_visible()
