"""The page of the sandbox, used as a manager would use it."""

import urllib.error
import urllib.request
from asyncio import to_thread
from pathlib import Path

from playwright.async_api import Page, expect

HOSTILE = "<script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>\u202e конец"


async def test_the_tour_plays_the_whole_path(sandbox: str, page: Page, shots: Path) -> None:
    await page.goto(f"{sandbox}?pace=300")
    await page.locator("#tour").click()
    await expect(page.locator("#step")).to_have_text("Готово: дальше можно самому", timeout=120_000)
    card = page.locator("#group .log").get_by_text("В работе").first
    await expect(card).to_be_attached()
    await expect(page.locator("#letters li")).to_have_count(3)
    await page.screenshot(path=shots / "sandbox.png")


async def test_hostile_words_are_words(sandbox: str, page: Page) -> None:
    await page.goto(sandbox)
    field = page.locator("#consumer form textarea, #consumer form input:not([type=file])").first
    await field.fill(HOSTILE)
    await field.press("Enter")
    await expect(page.locator("#consumer .log")).to_contain_text("<script>window.harmed = 1")
    await expect(page.locator("#consumer .log")).to_contain_text("Выберите, что сделать")
    assert await page.evaluate("window.harmed") is None


async def test_it_fits_a_phone(sandbox: str, page: Page, shots: Path) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(sandbox)
    await page.locator("#theme").click()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await page.screenshot(path=shots / "phone.png")


async def test_strangers_stay_out(sandbox: str) -> None:
    origin = "/".join(sandbox.split("/")[:3])

    def status(url: str, **headers: str) -> int:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    assert await to_thread(status, sandbox) == 200
    assert await to_thread(status, f"{origin}/") >= 400
    assert await to_thread(status, f"{origin}/guess/") >= 400
    assert await to_thread(status, sandbox, Host="evil.example:80") >= 400
