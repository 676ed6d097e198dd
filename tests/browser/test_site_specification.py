"""The specification, section 2 to section 10, played on the site word by word.

The six types are filed without scripts, which every page has to do without, on each database; with
scripts one is, on PostgreSQL. What only scripts send is stored in SQLite by test_request_forms.py.
"""

import re
from datetime import date
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.domain import Category
from bot.request_types import load
from tests.support import flows
from tests.support.browser import CHROMIUM, launch_chromium
from tests.support.fake_askue import ASKUE_PASSWORD, IDENTIFIER, FakeGateway
from tests.support.files import make_pdf
from tests.support.in_process import InProcessCabinet
from tests.support.site import Site, choose_site_address, serve_site

CATALOGUE = load()
TITLES = (
    "Технологическое присоединение",
    "Снятие показаний",
    "Допуск в эксплуатацию",
    "Оборудование прибором учета",
    "Бездоговорное потребление",
    "Хищение объектов",
)
COLUMNS = (
    "Объект",
    "Прибор учёта",
    "Активная (приём), кВт·ч",
    "Активная (отдача), кВт·ч",
    "Реактивная (приём), кварч",
    "Реактивная (отдача), кварч",
    "Дата и время",
)


async def register(page: Page, site: Site, email: str) -> None:
    """Sections 2 to 4: registration, the password by email, login, a password of one's own."""
    await page.goto(site.url)
    for words in ("Регистрация", "Забыли пароль?"):
        await expect(page.get_by_role("link", name=words)).to_be_visible()
    await page.get_by_role("link", name="Регистрация").click()
    await page.get_by_label("Согласен", exact=True).check()
    await page.get_by_label("Физическое лицо").check()
    await page.get_by_label("ФИО").fill("Соколова Мария Ивановна")
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Телефон").fill("8 912 000-11-22")
    await page.get_by_role("button", name="Зарегистрировать").click()
    await expect(page.get_by_role("status")).to_contain_text(email)
    await site.cabinet.deliver()
    letter = next(one for one in reversed(site.cabinet.mailer.sent) if email in one.text)
    found = re.search(r"пароль:\s+(\S+)", letter.text)
    assert found
    await page.get_by_label("Пароль").fill(found[1])
    await page.get_by_role("button", name="Войти").click()
    for words in ("Заявки", "Показания", "Профиль"):
        await expect(page.locator("header").get_by_role("link", name=words)).to_be_visible()
    await page.locator("header").get_by_role("link", name="Профиль").click()
    await page.get_by_label("Старый пароль").fill(found[1])
    await page.get_by_label("Новый пароль", exact=True).fill("самовар-и-чайник")
    await page.get_by_label("Новый пароль ещё раз").fill("самовар-и-чайник")
    await page.locator("form[action='/profile']").get_by_role("button", name="Сохранить").click()
    await expect(page.get_by_role("status")).to_contain_text("Пароль изменён")


async def fill_shown(page: Page, code: str, today: date) -> None:
    """Answers the questions that are shown, each with an example of its own."""
    for field in CATALOGUE.get_form(code, Category.INDIVIDUAL).fields:
        control = page.locator(f"#field-{field.key}")
        if field.kind in {"files", "location"} or not await control.is_visible():
            continue
        if field.choices:
            value = field.choices[0].value
            await page.check(f'input[name="{field.key}"][value="{value}"]')
            continue
        typed = flows.make_typed_answer(field, today)
        if field.kind == "date":
            typed = "-".join(reversed(typed.split(".")))
        await control.fill(typed)


async def file_request(page: Page, title: str, code: str, today: date) -> str:
    """Sections 5 and 6: one of the six types, with a scan; the number and the estimated date."""
    await page.locator("header").get_by_role("link", name="Заявки").click()
    await page.get_by_role("link", name="Создание заявки").click()
    await page.get_by_role("link", name=re.compile(f"^{re.escape(title)}")).click()
    scan = {"name": "Заявление.pdf", "mimeType": "application/pdf", "buffer": make_pdf(code)}
    for _ in range(4):
        await fill_shown(page, code, today)
        if not await page.get_by_text("Заявление.pdf").count():
            chosen: Any = [scan]
            await page.set_input_files("#field-scans", chosen)
            if await page.evaluate("document.querySelector('[data-drop] button').hidden"):
                await expect(page.get_by_text("Заявление.pdf").first).to_be_visible()
        await page.locator("main button[value=next]:not(.unseen)").click()
        if page.url.endswith("/review"):
            break
    await page.get_by_role("button", name="Отправить").click()
    done = page.locator(".notice")
    await expect(done).to_contain_text(re.compile(r"2026-\d{6}"))
    await expect(done).to_contain_text(re.compile(r"Ответ ожидайте до \d\d\.\d\d\.2026"))
    number = re.search(r"2026-\d{6}", await done.inner_text())
    assert number
    await expect(page.get_by_role("link", name="Заявление.pdf")).to_be_visible()
    return number[0]


@pytest.mark.parametrize(
    ("cabinet", "scripts"),
    [("sqlite", False), ("postgresql", False), ("postgresql", True)],
    ids=["sqlite-plain", "postgresql-plain", "postgresql-scripts"],
    indirect=["cabinet"],
)
async def test_the_specification_is_played_on_the_site(
    cabinet: InProcessCabinet, scripts: bool
) -> None:
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: apt-get install chromium")
    gateway = FakeGateway()
    async with (
        gateway.serve() as url,
        cabinet.run(askue_url=url, **choose_site_address()),
        serve_site(cabinet) as site,
        launch_chromium() as browser,
    ):
        await play(browser, site, gateway, scripts=scripts)


async def play(browser: Browser, site: Site, gateway: FakeGateway, *, scripts: bool) -> None:
    context = await browser.new_context(java_script_enabled=scripts, locale="ru")
    page = await context.new_page()
    await register(page, site, f"sokolova{scripts}@example.ru".lower())
    filed = list(zip(TITLES, CATALOGUE.types, strict=True))[: 1 if scripts else None]
    numbers = [
        await file_request(page, title, one.code, site.cabinet.today) for title, one in filed
    ]
    assert len(set(numbers)) == len(filed)
    # The list has the state of each; a question of the staff is answered from its page.
    await page.locator("header").get_by_role("link", name="Заявки").click()
    # Below the head, five to a page.
    await expect(page.get_by_role("row")).to_have_count(1 + min(len(filed), 5))
    if len(filed) > 5:
        await page.get_by_role("link", name="Следующая").click()
    await page.get_by_role("link", name=numbers[0]).click()
    await expect(page.get_by_text("Зарегистрирована").first).to_be_visible()
    await page.get_by_label("Сообщение специалистам").fill("Прикладываю план участка")
    await page.get_by_role("button", name="Отправить").click()
    await expect(page.get_by_role("status")).to_contain_text("Передано специалистам")
    await expect(page.locator(".talk")).to_contain_text("Прикладываю план участка")

    # Readings: the kind of the meter, its number, a value for each tariff, «Ввести».
    await page.locator("header").get_by_role("link", name="Показания").click()
    await page.get_by_role("link", name="Ручной ввод").click()
    for words in ("Однотарифный", "Двухтарифный", "Трехтарифный"):
        await expect(page.get_by_role("link", name=words)).to_be_visible()
    await page.get_by_role("link", name="Трехтарифный").click()
    await page.get_by_label("Номер счётчика").fill("0812094521")
    for label, value in (("T1", "3120,5"), ("T2", "4225,1"), ("T3", "5000")):
        await page.get_by_label(re.compile(f"^{label}")).fill(value)
    await page.get_by_role("button", name="Далее").click()
    await expect(page.locator("dl.facts")).to_contain_text("3120,5")
    await page.get_by_role("button", name="Ввести").click()
    await expect(page.get_by_role("status")).to_contain_text("0812094521")
    await page.locator("header").get_by_role("link", name="Показания").click()
    await expect(page.get_by_role("heading", name="Ранее введенные показания")).to_be_visible()
    await page.get_by_role("link", name=re.compile("0812094521")).first.click()
    for value in ("3120,5", "4225,1", "5000"):
        await expect(page.get_by_role("cell", name=value, exact=True)).to_be_visible()

    # ASKUE: identifier, password, «Получить данные», the seven columns; the gateway is slow.
    gateway.gate.clear()
    await page.locator("header").get_by_role("link", name="АСКУЭ").click()
    await page.get_by_label("Идентификатор").fill(IDENTIFIER)
    await page.get_by_label("Пароль").fill(ASKUE_PASSWORD)
    await page.get_by_role("button", name="Получить данные").click()
    await expect(page.get_by_text("Запрашиваем показания")).to_be_visible()
    gateway.gate.set()
    for column in COLUMNS:
        await expect(page.get_by_role("columnheader", name=column)).to_be_visible()
    await expect(page.get_by_role("cell", name="15234,70")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Excel").click()
    assert (await download.value).suggested_filename == "askue.xlsx"
    await context.close()
