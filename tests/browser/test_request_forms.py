"""The form of a request in Chromium, with and without JavaScript."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Page, expect

from bot.domain import Category
from bot.request_types import load
from bot.services.scans import MAX_FILE_BYTES
from tests.support import flows
from tests.support.browser import (
    CHROMIUM,
    NARROW,
    find_violations,
    launch_chromium,
    open_page,
)
from tests.support.files import make_pdf
from tests.support.in_process import PASSWORD
from tests.support.site import Site

EMAIL = "ivanova@example.ru"
SHOTS = os.environ.get("SHOTS")


@pytest.fixture(params=[True, False], ids=["script", "plain"])
async def page(request: pytest.FixtureRequest, site: Site) -> AsyncIterator[Page]:
    """Logged in, with and without JavaScript."""
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: apt-get install chromium")
    await site.add_account(EMAIL)
    async with (
        launch_chromium() as browser,
        open_page(browser, expected="status of 422", java_script_enabled=request.param) as page,
    ):
        await page.goto(site.url)
        await page.fill("#field-email", EMAIL)
        await page.fill("#field-password", PASSWORD)
        await page.press("#field-password", "Enter")
        await expect(page.locator(".tiles")).to_be_visible()
        yield page


async def fill_shown(page: Page, site: Site, code: str, chosen: dict[str, str]) -> None:
    """Answers what is shown, as a person does."""
    form = load().get_form(code, Category.INDIVIDUAL)
    for field in form.fields:
        control = page.locator(f"#field-{field.key}")
        if not await control.is_visible() or field.kind in {"files", "location"}:
            continue
        if field.choices:
            value = chosen.get(field.key, field.choices[0].value)
            await page.check(f'input[name="{field.key}"][value="{value}"]')
        elif field.kind == "date":
            written = flows.make_typed_answer(field, site.cabinet.today)
            day, month, year = written.split(".")
            await control.fill(f"{year}-{month}-{day}")
        else:
            await control.fill(flows.make_typed_answer(field, site.cabinet.today))


async def shoot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


async def has_script(page: Page) -> bool:
    return await page.locator("[data-drop] button").is_hidden()


async def test_grid_connection_opens_its_branches(page: Page, site: Site) -> None:
    place = f"{site.url}/requests/new/tech_connection"
    await page.goto(place)
    script = await has_script(page)
    mode = "script" if script else "plain"
    await shoot(page, f"grid-{mode}-empty")
    await page.click("main button[value=next]:not(.unseen)")
    await expect(page.locator("#error-text")).to_be_visible()
    await expect(page.locator("[autofocus]")).to_be_focused()
    await shoot(page, f"grid-{mode}-errors")
    form = load().get_form("tech_connection", Category.INDIVIDUAL)
    deciding = {field.when.field for field in form.fields if field.when}
    chosen = {
        field.key: field.choices[-1].value
        for field in form.fields
        if field.choices and field.key in deciding
    }
    for _ in range(4):
        # What one answer opens may open more.
        await fill_shown(page, site, "tech_connection", chosen)
        if script:
            await fill_shown(page, site, "tech_connection", chosen)
        await page.click("main button[value=next]:not(.unseen)")
        if page.url.endswith("/review"):
            break
        assert not script
        await expect(page.locator(".notice")).to_contain_text("новые вопросы")
    await expect(page.locator("dl.facts")).to_contain_text("щит")
    await shoot(page, f"grid-{mode}-review")
    await page.click("button[value=submit]")
    await expect(page.locator("main")).to_contain_text("2026-0")
    # The draft is gone, so «back» leads to a new form.
    await page.go_back()
    await expect(page.locator("#field-text")).to_have_value("")
    assert await site.cabinet.count_requests() == 1


async def test_an_emergency_is_warned_of_and_sent_with_its_files(page: Page, site: Site) -> None:
    place = f"{site.url}/requests/new/grid_asset_theft"
    await page.goto(place)
    script = await has_script(page)
    mode = "script" if script else "plain"
    catalogue, category = load(), Category.INDIVIDUAL
    field, value = next(
        (field, choice.value)
        for field in catalogue.get_form("grid_asset_theft", category).fields
        for choice in field.choices
        if catalogue.is_emergency("grid_asset_theft", category, {field.key: choice.value})
    )
    await page.check(f'input[name="{field.key}"][value="{value}"]')
    if not script:
        await page.click("main button[value=save]")
        await page.goto(place)
    await expect(page.locator("#emergency")).to_contain_text("112")
    files: list[FilePayload] = [
        {"name": name, "mimeType": "application/pdf", "buffer": make_pdf(name)}
        for name in ("Первый.pdf", "Второй.pdf")
    ]
    await page.set_input_files("#field-scans", files)
    if not script:
        await page.click("button[value=attach]")
    await expect(page.locator("#files li")).to_have_count(2)
    await page.click("#files li:first-child button")
    await expect(page.locator("#files li")).to_have_count(1)
    await shoot(page, f"emergency-{mode}")
    if script:
        assert await find_violations(page) == []
        await page.set_viewport_size({**NARROW, "width": 320})
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320
        await shoot(page, "emergency-narrow")
    await page.click("button[value=submit_now]")
    await expect(page.locator("main")).to_contain_text("Второй.pdf")
    assert await site.cabinet.count_requests() == 1


async def test_a_file_too_large_and_an_eleventh_are_told_at_their_field(
    page: Page, site: Site, tmp_path: Path
) -> None:
    await page.goto(f"{site.url}/requests/new/unmetered_report")
    script = await has_script(page)
    await page.fill("#field-text", flows.TEXT)
    large = tmp_path / "Большой.pdf"
    large.write_bytes(make_pdf("large") + bytes(MAX_FILE_BYTES))

    async def choose(*files: Path) -> None:
        await page.set_input_files("#field-scans", files)
        if not script:
            await page.click("button[value=attach]")

    def make_files(*numbers: int) -> list[Path]:
        paths = [tmp_path / f"{number}.pdf" for number in numbers]
        for path in paths:
            path.write_bytes(make_pdf(path.name))
        return paths

    first, second = make_files(1, 2)
    await choose(first, large, second)
    error, kept = page.locator("#error-scans"), page.locator("#files li")
    await expect(error).to_contain_text("Большой.pdf")
    await expect(error).to_contain_text("20 МБ")
    # The file behind it is kept too.
    await expect(kept).to_have_count(2)
    await expect(page.locator("#field-scans")).to_be_focused()
    await shoot(page, f"too-large-{script}")
    await choose(*make_files(*range(3, 12)))
    await expect(error).to_contain_text("10")
    await expect(error).not_to_contain_text("Большой.pdf")
    await expect(kept).to_have_count(10)
    await page.reload()
    await expect(kept).to_have_count(10)
    await expect(page.locator("#field-text")).to_have_value(flows.TEXT)
