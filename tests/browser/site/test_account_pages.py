"""The account pages in Chromium: with and without JavaScript, by keyboard, narrow, on paper."""

import re
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, Route, expect

from tests.support.browser import AXE, open_page
from tests.support.in_process import PASSWORD
from tests.support.site import Site
from tests.support.web_apps import run_app

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERY_RULE = """async () => {
  const {violations} = await axe.run();
  return violations.map(({id, nodes}) => [id, nodes.map((one) => one.html)]);
}"""


async def examine(page: Page) -> None:
    """No rule of axe is broken, not even a small one, and nothing is cut off at the right."""
    await page.evaluate(AXE.read_text())
    assert await page.evaluate(EVERY_RULE) == [], page.url
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


async def log_in(page: Page, site: Site, email: str) -> None:
    await page.goto(f"{site.url}/")
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Пароль").fill(PASSWORD)
    await page.get_by_role("button", name="Войти").click()
    await expect(page.get_by_role("heading", name="Личный кабинет потребителя")).to_be_visible()


@pytest.mark.parametrize(
    "about",
    [
        {"color_scheme": "dark", "viewport": {"width": 320, "height": 700}},
        # 200 % zoom of a window of 1280 pixels.
        {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
        {"locale": "en-GB", "forced_colors": "active"},
    ],
)
async def test_everybody_can_use_every_page(
    browser: Browser, site: Site, about: dict[str, Any]
) -> None:
    email = f"person{len(str(about))}@example.ru"
    await site.add_account(email)
    async with open_page(browser, **{"locale": "ru", **about}) as page:
        for path in ("/", "/register", "/forgot", "/embed"):
            await page.goto(f"{site.url}{path}")
            await examine(page)
        await page.goto(f"{site.url}/")
        await page.locator("#field-email").fill(email)
        await page.locator("#field-password").fill(PASSWORD)
        await page.locator("main button").click()
        await expect(page.locator(".tiles")).to_be_visible()
        await examine(page)
        for path in ("/profile", "/profile/email", "/profile/deletion"):
            await page.goto(f"{site.url}{path}")
            await examine(page)


@pytest.mark.parametrize("scripts", [True, False])
async def test_registration_login_and_password_change_as_specified(
    browser: Browser, site: Site, scripts: bool
) -> None:
    email = f"scripts{scripts}@example.ru".lower()
    context = await browser.new_context(java_script_enabled=scripts, locale="ru")
    page = await context.new_page()
    await page.goto(f"{site.url}/")
    await page.get_by_role("link", name="Регистрация").click()
    await page.get_by_label("Согласен", exact=True).check()
    # Only the question of the branch is shown, without a script too.
    await expect(page.get_by_label("Название организации")).to_be_hidden()
    await expect(page.get_by_label("ФИО")).to_be_hidden()
    await page.get_by_label("Физическое лицо").check()
    await expect(page.get_by_label("ФИО")).to_be_visible()
    await expect(page.get_by_label("Название организации")).to_be_hidden()
    await page.get_by_label("ФИО").fill("Соколова Мария Ивановна")
    await page.get_by_label("Email").fill("не email")
    await page.get_by_label("Телефон").fill("8 912 000-11-22")
    await page.get_by_role("button", name="Зарегистрировать").click()
    # The focus is on the first error; the answers are still there.
    wrong = page.get_by_label("Email")
    await expect(wrong).to_be_focused()
    described = (await wrong.get_attribute("aria-describedby") or "").split()
    assert "error-email" in described
    await expect(page.locator("#error-email")).to_contain_text("не похоже на email")
    await expect(page.get_by_label("ФИО")).to_have_value("Соколова Мария Ивановна")
    await wrong.fill(email)
    await page.get_by_role("button", name="Зарегистрировать").click()
    await expect(page.get_by_role("status")).to_contain_text(email)
    await site.cabinet.deliver()
    letter = next(one for one in reversed(site.cabinet.mailer.sent) if email in one.text)
    found = re.search(r"пароль:\s+(\S+)", letter.text)
    assert found
    await page.get_by_label("Пароль").fill(found[1])
    await page.get_by_role("button", name="Войти").click()
    await expect(page.get_by_text("Соколова Мария Ивановна")).to_be_visible()
    await page.get_by_role("link", name="Сменить пароль").click()
    await page.get_by_label("Старый пароль").fill(found[1])
    await page.get_by_label("Новый пароль", exact=True).fill("12345")
    await page.get_by_label("Новый пароль ещё раз").fill("12345")
    save = page.locator("form[action='/profile'] button")
    await expect(save).to_have_text("Сохранить")
    await save.click()
    # Longer than five characters.
    await expect(page.locator("#error-new")).to_contain_text("6")
    await expect(page.get_by_label("Новый пароль", exact=True)).to_be_focused()
    await page.get_by_label("Старый пароль").fill(found[1])
    await page.get_by_label("Новый пароль", exact=True).fill("чайник")
    await page.get_by_label("Новый пароль ещё раз").fill("чайник")
    await save.click()
    await expect(page.get_by_role("status")).to_contain_text("Пароль изменён")
    await page.get_by_role("button", name="Выйти", exact=True).click()
    await expect(page.get_by_role("button", name="Войти")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_label("Старый пароль")).to_have_count(0)
    await context.close()


async def test_the_keyboard_alone_is_enough(browser: Browser, site: Site) -> None:
    await site.add_account("keyboard@example.ru")
    async with open_page(browser, locale="ru") as page:
        await page.goto(f"{site.url}/")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="К содержанию")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.type("keyboard@example.ru")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator(".tiles")).to_be_visible()
        profile = page.locator("nav").get_by_role("link", name="Профиль")
        for _ in range(8):
            await page.keyboard.press("Tab")
            if await profile.evaluate("(one) => one === document.activeElement"):
                break
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Где выполнен вход")).to_be_visible()
        # The order of the focus is that of the page.
        places = []
        for _ in range(25):
            await page.keyboard.press("Tab")
            places.append(
                await page.evaluate("document.activeElement.getBoundingClientRect().top + scrollY")
            )
        inside = [place for place in places if place > 0]
        assert len(inside) > 10
        await page.keyboard.press("Escape")


async def test_paper_shows_the_content_only(browser: Browser, site: Site) -> None:
    await site.add_account("paper@example.ru")
    async with open_page(browser, locale="ru") as page:
        await log_in(page, site, "paper@example.ru")
        await page.goto(f"{site.url}/profile")
        await page.emulate_media(media="print")
        await expect(page.get_by_text("Иванова Анна Петровна")).to_be_visible()
        for hidden in ("nav", ".languages", ".leave", "main button"):
            await expect(page.locator(hidden).first).to_be_hidden()


async def test_the_snippets_of_the_example_work_on_the_company_s_own_site(
    browser: Browser, site: Site
) -> None:
    await site.add_account("snippet@example.ru")
    (company_site,) = site.cabinet.settings["site_frame_origins"]
    context = await browser.new_context(locale="ru")
    page = await context.new_page()
    await page.goto(company_site)
    await page.get_by_text("Личный кабинет").click()
    # In the upper right corner, wholly in sight on a telephone too.
    for width in (1280, 320):
        await page.set_viewport_size({"width": width, "height": 700})
        box = await page.locator("iframe").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert width - 40 <= box["x"] + box["width"] <= width
    frame = page.frame_locator("iframe")
    await frame.get_by_label("Email").fill("snippet@example.ru")
    await frame.get_by_label("Пароль").fill(PASSWORD)
    await frame.get_by_role("button", name="Войти").click()
    await expect(page.locator(".tiles")).to_be_visible()
    assert page.url == f"{site.url}/"
    await page.get_by_role("button", name="Выйти").click()
    # Without a frame: the email is taken over, the password is asked on our own page.
    await page.goto(company_site)
    await page.get_by_label("Email").fill("snippet@example.ru")
    await page.get_by_role("button", name="Войти").click()
    await expect(page.get_by_role("alert")).to_contain_text("с другого сайта")
    await expect(page.get_by_label("Пароль")).to_be_focused()
    await page.get_by_label("Пароль").fill(PASSWORD)
    await page.get_by_role("button", name="Войти").click()
    await expect(page.locator(".tiles")).to_be_visible()
    await context.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["same host", "another host"])
async def test_no_foreign_page_shows_ours_in_a_frame(
    browser: Browser, site: Site, host: str
) -> None:
    """Clickjacking: whoever is logged in is led to press buttons of a page that they do not see."""
    email = f"framed@{host.replace('127.0.0.1', 'loopback')}.ru"
    await site.add_account(email)
    assert site.cabinet.app.site is not None
    # Of each route a page: of what exists, or the one that says that it does not.
    paths = {
        re.sub(r"{.*?}", "1", resource.canonical)
        for resource in site.cabinet.app.site.router.resources()
    }
    assert {"/", "/embed", "/profile", "/requests/1"} <= paths
    # It is answered by no page.
    paths.remove("/askue/wait")
    frames = "".join(f'<iframe name="{path}" src="{site.url}{path}"></iframe>' for path in paths)

    async def show_frames(_: web.Request) -> web.Response:
        return web.Response(text=frames, content_type="text/html")

    stranger = web.Application()
    stranger.router.add_get("/", show_frames)
    (company_site,) = site.cabinet.settings["site_frame_origins"]
    context = await browser.new_context(locale="ru")
    page = await context.new_page()
    await log_in(page, site, email)
    async with run_app(stranger) as url:
        await page.goto(url.replace("127.0.0.1", host))
        shown = page.main_frame.child_frames
        assert {frame.name for frame in shown} == paths
        for frame in shown:
            assert await frame.evaluate("location.protocol") == "chrome-error:", frame.name
    await page.goto(company_site)
    await page.get_by_text("Личный кабинет").click()
    await expect(page.frame_locator("iframe").locator("main")).to_be_visible()
    await context.close()


async def test_the_mini_app_in_telegrams_own_frame_opens_the_browser(
    browser: Browser, site: Site
) -> None:
    """web.telegram.org shows it in a frame, where no cookie is kept: it logs nobody in there."""
    telegram, public = "https://web.telegram.org/", "https://lk.example.ru"
    frame = f'<iframe width="320" height="600" src="{public}/miniapp#tgWebAppData=hash%3D0">'

    async def ask_site(route: Route) -> None:
        url = route.request.url.replace(public, site.url)
        await route.fulfill(response=await route.fetch(url=url))

    context = await browser.new_context(locale="ru")
    await context.route(f"{public}/**", ask_site)
    await context.route(telegram, lambda route: route.fulfill(body=frame, content_type="text/html"))
    page = await context.new_page()
    await page.goto(telegram)
    shown = page.frame_locator("iframe").locator("main")
    await expect(shown).to_contain_text("Telegram в браузере не может показать кабинет")
    async with context.expect_page() as opened:
        await shown.get_by_role("link", name="Открыть в браузере").click()
    await expect((await opened.value).get_by_label("Пароль")).to_be_visible()
    # What is still being asked for ends before the context does.
    await context.unroute_all(behavior="wait")
    await context.close()
