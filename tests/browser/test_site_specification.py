"""The specification, section 2 to section 10, played on the site word by word.

The six types are filed without scripts, which every page has to do without: by a person on SQLite,
by an organisation on PostgreSQL. With scripts a person files three, on PostgreSQL; what only
scripts send is stored in SQLite by test_request_forms.py.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.domain import Category
from bot.formatting.forms import format_label
from bot.fsm.model import Field
from bot.request_types import load
from bot.texts import Translations
from tests.support import flows
from tests.support.browser import CHROMIUM, launch_chromium
from tests.support.fake_askue import ASKUE_PASSWORD, IDENTIFIER, FakeGateway
from tests.support.files import make_pdf
from tests.support.in_process import InProcessCabinet
from tests.support.site import Site, choose_site_address, serve_site

CATALOGUE, RUSSIAN = load(), Translations.load().get_texts("ru")
#: The six types: the button, and the full title.
TITLES = (
    (
        "Технологическое присоединение",
        "Заявка на технологическое присоединение к электрическим сетям",
    ),
    ("Снятие показаний", "Заявка на снятие показаний прибора учета электрической энергии"),
    ("Допуск в эксплуатацию", "Заявка на осуществление допуска в эксплуатацию прибора учета"),
    (
        "Оборудование прибором учета",
        "Заявка на оборудование точки поставки прибором учета (либо его замена)",
    ),
    (
        "Бездоговорное потребление",
        "Заявление о бездоговорном (безучетном) потреблении электрической энергии",
    ),
    ("Хищение объектов", "Хищение объектов электросетевого хозяйства"),
)
#: A meter of each kind: its number, and the label of each tariff with a first value.
METERS = (
    ("Однотарифный", "11223344", (("Показание", "12345,6"),)),
    ("Двухтарифный", "22334455", (("T1, день", "8120,5"), ("T2, ночь", "4225,1"))),
    (
        "Трехтарифный",
        "0812094521",
        (("T1, пик", "3120,5"), ("T2, ночь", "4225,1"), ("T3, полупик", "5000")),
    ),
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
OWN, LATER = "самовар-и-чайник", "чайник на плите"


@pytest.mark.parametrize(
    ("cabinet", "scripts", "category"),
    [
        ("sqlite", False, Category.INDIVIDUAL),
        ("postgresql", False, Category.LEGAL),
        ("postgresql", True, Category.INDIVIDUAL),
    ],
    ids=["sqlite-plain", "postgresql-plain", "postgresql-scripts"],
    indirect=["cabinet"],
)
async def test_the_specification_is_played_on_the_site(
    cabinet: InProcessCabinet, scripts: bool, category: Category
) -> None:
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: apt-get install chromium")
    gateway = FakeGateway()
    async with (
        gateway.serve() as url,
        cabinet.run(askue_url=url, **choose_site_address()),
        serve_site(cabinet) as site,
        launch_chromium() as browser,
        open_play(browser, site, category, scripts=scripts) as play,
    ):
        await play.register()
        await play.change_password()
        await play.forget_password()
        numbers = [
            await play.file_request(one.code, *titles)
            for titles, one in list(zip(TITLES, CATALOGUE.types, strict=True))[
                : 3 if scripts else 6
            ]
        ]
        assert len(set(numbers)) == (3 if scripts else 6)
        await play.follow_requests(numbers)
        await play.enter_readings()
        await play.query_askue(gateway)
        await play.use_profile()


@asynccontextmanager
async def open_play(
    browser: Browser, site: Site, category: Category, *, scripts: bool
) -> AsyncIterator["Play"]:
    context = await browser.new_context(java_script_enabled=scripts, locale="ru")
    yield Play(await context.new_page(), site, category, scripts=scripts)
    await context.close()


class Play:
    """A consumer at a browser; each scene is a section of the specification."""

    def __init__(self, page: Page, site: Site, category: Category, *, scripts: bool) -> None:
        self.page = page
        self.site = site
        self.category = category
        self.scripts = scripts
        self.email = f"{category}@example.ru"
        self.name = "ООО «Завод»" if category is Category.LEGAL else "Соколова Мария Ивановна"

    # --- sections 2 and 3: entry, registration, passwords ------------------------------------

    async def register(self) -> None:
        page = self.page
        await page.goto(self.site.url)
        await expect(page.get_by_role("link", name="Забыли пароль?")).to_be_visible()
        await self.log_in("12345")
        await expect(page.locator("#error-password")).to_contain_text("Email или пароль не подошли")
        await page.get_by_role("link", name="Регистрация").click()
        await self.press("Зарегистрировать")
        await self.expect_errors("consent", "category", "email", "phone")
        await page.get_by_label("Не согласен", exact=True).check()
        await self.press("Зарегистрировать")
        await expect(page.locator("#error-consent")).to_contain_text("Без согласия")
        await page.get_by_label("Согласен", exact=True).check()
        person, organisation = page.get_by_label("ФИО"), page.get_by_label("Название организации")
        await page.get_by_label("Физическое лицо").check()
        await expect(person).to_be_visible()
        await expect(organisation).to_be_hidden()
        if self.category is Category.LEGAL:
            await page.get_by_label("Юридическое лицо").check()
            await expect(person).to_be_hidden()
        await page.get_by_label("Email").fill("не email")
        await page.get_by_label("Телефон").fill("12")
        await self.press("Зарегистрировать")
        await self.expect_errors(
            "organisation" if self.category is Category.LEGAL else "full_name", "email", "phone"
        )
        await (organisation if self.category is Category.LEGAL else person).fill(self.name)
        await page.get_by_label("Email").fill(self.email)
        await page.get_by_label("Телефон").fill("8 912 000-11-22")
        await self.press("Зарегистрировать")
        await self.expect_notice(self.email)
        self.password = await self.read_letter(r"пароль:\s+(\S+)")
        await self.log_in(self.password)
        for words in ("Заявки", "Показания", "Профиль"):
            await expect(page.locator("header").get_by_role("link", name=words)).to_be_visible()

    async def change_password(self) -> None:
        """Longer than five characters, the same twice, and the old one."""
        old, new, repeat = "Старый пароль", "Новый пароль", "Новый пароль ещё раз"
        await self.open_section("Профиль")
        for values, wrong in (
            (("", "", ""), ("old", "new", "repeat")),
            ((self.password, "12345", "12345"), ("new",)),
            ((self.password, OWN, "самовар"), ("repeat",)),
            (("не тот", OWN, OWN), ("old",)),
            ((self.password, OWN, OWN), ()),
        ):
            for label, value in zip((old, new, repeat), values, strict=True):
                await self.page.get_by_label(label, exact=True).fill(value)
            await self.press("Сохранить", "form[action='/profile']")
            await self.expect_errors(*wrong)
        await self.expect_notice("Пароль изменён")

    async def forget_password(self) -> None:
        page = self.page
        await self.press("Выйти", "header")
        await self.log_in(self.password)
        await expect(page.locator("#error-password")).to_be_visible()
        await page.get_by_role("link", name="Забыли пароль?").click()
        await page.get_by_label("Email").fill("нет")
        await self.press("Отправить код")
        await self.expect_errors("email")
        await page.get_by_label("Email").fill(self.email)
        await self.press("Отправить код")
        await expect(page.get_by_role("button", name="Письмо не приходит")).to_be_visible()
        code = await self.read_letter(r"\b(\d{6})\b")
        for typed, wrong in (("1", ("code",)), (code, ())):
            await page.get_by_label("Код").fill(typed)
            await page.get_by_label("Новый пароль", exact=True).fill(LATER)
            await page.get_by_label("Новый пароль ещё раз").fill(LATER)
            await self.press("Сохранить")
            await self.expect_errors(*wrong)
        await self.expect_notice("Новый пароль сохранён")
        self.password = LATER

    # --- sections 4 to 6: the six types of requests ------------------------------------------

    async def file_request(self, code: str, button: str, title: str) -> str:
        """One type, with a scan: every field, its error, the number, the estimated date."""
        page = self.page
        await self.open_section("Заявки")
        await page.get_by_role("link", name="Создание заявки").click()
        await page.get_by_role("link", name=f"{button} {title}").click()
        await expect(page.get_by_role("heading", name=title)).to_be_visible()
        await self.go_on()
        form = CATALOGUE.get_form(code, self.category)
        for field in await self.list_shown(code):
            await expect(self.find_label(field)).to_contain_text(format_label(form, field, RUSSIAN))
            if not field.optional and not await self.get_value(field):
                await expect(page.locator(f"#error-{field.key}")).to_be_visible()
        scan = {"name": "Заявление.pdf", "mimeType": "application/pdf", "buffer": make_pdf(code)}
        chosen: Any = [scan]
        await page.set_input_files("#field-scans", chosen)
        if self.scripts:
            await expect(page.get_by_text("Заявление.pdf").first).to_be_visible()
        for _ in range(4):
            for field in await self.list_shown(code):
                await self.answer(field)
            await self.go_on()
            if page.url.endswith("/review"):
                break
        answered = await page.locator("dl.facts").inner_text()
        assert "Заявление.pdf" in answered
        await expect(page.get_by_role("link", name="Изменить", exact=True)).to_be_visible()
        await self.press("Отправить")
        done = page.locator(".notice")
        await expect(done).to_contain_text(re.compile(r"Номер: 2026-\d{6}"))
        found = re.search(r"(2026-\d{6})[\s\S]+до (\d\d\.\d\d\.2026)", await done.inner_text())
        assert found
        number, due = found[1], found[2]
        await expect(page.get_by_role("link", name="Заявление.pdf")).to_be_visible()
        await expect(page.get_by_text("щит").first).to_be_visible()
        await self.site.cabinet.deliver()
        letter = next(
            one
            for one in self.site.cabinet.mailer.list_letters(self.email)
            if number in one.subject
        )
        assert due in letter.text
        return number

    async def follow_requests(self, numbers: Sequence[str]) -> None:
        """The state of each, the conversation with the staff, the answer."""
        page, maria = self.page, self.site.cabinet.add_staff_phone()
        await self.open_section("Заявки")
        for words in ("Номер", "О чём", "Дата", "Статус"):
            await expect(page.get_by_role("columnheader", name=words)).to_be_visible()
        # Below the head, five to a page.
        await expect(page.get_by_role("row")).to_have_count(1 + min(len(numbers), 5))
        if len(numbers) > 5:
            await page.get_by_role("link", name="Следующая").click()
        row = page.get_by_role("row", name=numbers[0])
        await expect(row).to_contain_text("Технологическое присоединение")
        await expect(row).to_contain_text("Зарегистрирована")
        await page.get_by_role("link", name=numbers[0]).click()
        await self.download("Заявление.pdf")
        await self.download("Квитанция, PDF")
        await page.get_by_role("link", name="Дополнить").click()
        await self.press("Отправить")
        await self.expect_errors("text")
        await page.get_by_label("Сообщение специалистам").fill("Прикладываю план участка")
        await self.press("Отправить")
        await self.expect_notice("Передано специалистам")
        await self.site.cabinet.deliver()

        await maria.press(await maria.expects_card(numbers[0]), "Взять в работу")
        card = await maria.expects_card(numbers[0], "Статус: В работе")
        asked = await maria.ask_for_words(card, "Запросить уточнение")
        await maria.say("Нужен паспорт", reply_to=asked)
        await page.reload()
        await expect(page.locator(".facts").first).to_contain_text("Требует уточнения")
        await page.get_by_role("link", name="Ответить").click()
        await page.get_by_label("Сообщение специалистам").fill("Паспорт в приложении")
        scan: Any = {"name": "Паспорт.pdf", "mimeType": "application/pdf", "buffer": make_pdf()}
        await page.set_input_files("#field-scans", scan)
        await self.press("Отправить")
        await self.expect_notice("заявка снова в работе")
        await self.site.cabinet.deliver()
        card = await maria.expects_card(numbers[0], "Статус: В работе")
        await maria.say("Спасибо, паспорт получен", reply_to=card)
        await maria.finish(card)
        await page.reload()
        for words in ("Прикладываю план участка", "Паспорт.pdf", "Спасибо, паспорт получен"):
            await expect(page.locator(".talk")).to_contain_text(words)
        for words in ("Зарегистрирована", "В работе", "Требует уточнения", "Выполнена"):
            await expect(page.locator(".history")).to_contain_text(words)
        await expect(page.locator(".history")).to_contain_text("Ответ по заявке")
        await page.get_by_label("5 звёзд").check()
        await self.press("Оценить")
        await self.expect_notice("Оценка записана")
        await page.get_by_role("link", name="Не согласен").click()
        await self.press("Вернуть на рассмотрение")
        await self.expect_notice("снова рассматривается")

        await page.goto(f"{self.site.url}/requests/{numbers[1]}")
        await page.get_by_role("link", name="Отозвать").click()
        await self.press("Отозвать заявку")
        await self.expect_notice("Заявка отозвана")
        await expect(page.locator(".facts").first).to_contain_text("Отозвана")

        card = await maria.expects_card(numbers[2])
        asked = await maria.ask_for_words(card, "Отклонить")
        await maria.say("Не наша сеть", reply_to=asked)
        await page.goto(f"{self.site.url}/requests/{numbers[2]}")
        await expect(page.locator(".facts").first).to_contain_text("Отклонена")
        await expect(page.locator(".history")).to_contain_text("Не наша сеть")
        await self.press("Подать заново")
        await self.expect_notice("Ответы прежней заявки перенесены")
        await self.press("Удалить черновик")
        await self.expect_notice("Черновик удалён")

    # --- sections 7 and 8: readings ----------------------------------------------------------

    async def enter_readings(self) -> None:
        """The kind of the meter, its number, a value for each tariff, «Ввести»; the history."""
        page = self.page
        for kind, number, values in METERS:
            await self.open_section("Показания")
            await page.get_by_role("link", name="Ручной ввод").click()
            if number != METERS[0][1]:
                await page.get_by_role("link", name="Другой счётчик").click()
            for words, *_ in METERS:
                await expect(page.get_by_role("link", name=words)).to_be_visible()
            await page.get_by_role("link", name=kind).click()
            await expect(page.locator("main input[inputmode=decimal]")).to_have_count(len(values))
            await self.enter("!", [(label, "сто") for label, _ in values])
            await expect(page.locator("p.error")).to_have_count(1 + len(values))
            await self.enter(number, values)
            for _, value in values:
                await expect(page.locator("dl.facts")).to_contain_text(value)
            await expect(page.get_by_role("link", name="Изменить", exact=True)).to_be_visible()
            await self.press("Ввести")
            await self.expect_notice(number)
        await self.open_section("Показания")
        await expect(page.get_by_role("heading", name="Ранее введенные показания")).to_be_visible()
        # A month later one below it is refused, and the reason is asked for.
        self.site.cabinet.clock.advance(days=31)
        await page.get_by_role("link", name=re.compile(number)).first.click()
        await self.expect_notice("Войдите, и откроется нужная страница")
        await self.log_in(self.password)
        await page.get_by_role("link", name="Передать показания").click()
        await self.enter("", [(label, "1") for label, _ in values])
        await expect(page.locator("p.error").first).to_contain_text("меньше прежнего")
        await self.press("Отмена", "main")
        await page.get_by_role("link", name=re.compile(number)).first.click()
        for words in ("Дата", "T1, кВт·ч", "T2, кВт·ч", "T3, кВт·ч", "Расход, кВт·ч"):
            await expect(page.get_by_role("columnheader", name=words)).to_be_visible()
        for _, value in values:
            await expect(page.get_by_role("cell", name=value, exact=True)).to_be_visible()
        for words in ("Excel", "PDF", "Акт передачи показаний, PDF"):
            await self.download(words)

    async def enter(self, number: str, values: Sequence[tuple[str, str]]) -> None:
        if number:
            await self.page.get_by_label("Номер счётчика", exact=True).fill(number)
        for label, value in values:
            await self.page.get_by_label(re.compile(f"^{label}")).fill(value)
        await self.go_on()

    # --- section 9: ASKUE --------------------------------------------------------------------

    async def query_askue(self, gateway: FakeGateway) -> None:
        """Identifier, password, «Получить данные», the seven columns; the gateway is slow."""
        page = self.page
        await self.open_section("АСКУЭ")
        await self.query(IDENTIFIER, "wrong")
        await expect(page.get_by_role("alert")).to_contain_text(
            "Идентификатор или пароль не подошли"
        )
        gateway.gate.clear()
        await self.query(IDENTIFIER, ASKUE_PASSWORD)
        await expect(page.get_by_text("Запрашиваем показания")).to_be_visible()
        gateway.gate.set()
        for column in COLUMNS:
            await expect(page.get_by_role("columnheader", name=column)).to_be_visible()
        await expect(page.get_by_role("cell", name="15234,70")).to_be_visible()
        assert await self.download("Excel") == "askue.xlsx"

    async def query(self, identifier: str, password: str) -> None:
        await self.page.get_by_label("Идентификатор").fill(identifier)
        await self.page.get_by_label("Пароль").fill(password)
        await self.press("Получить данные")

    # --- section 10: the profile -------------------------------------------------------------

    async def use_profile(self) -> None:
        page = self.page
        await self.open_section("Профиль")
        for words in (self.name, self.email, "+7 912 000-11-22"):
            await expect(page.locator(".facts")).to_contain_text(words)
        await expect(page.get_by_role("heading", name="Где выполнен вход")).to_be_visible()
        await expect(page.get_by_text("вы здесь")).to_be_visible()
        await page.get_by_text("Изменить данные").click()
        await page.get_by_label("Телефон").fill("12")
        await self.press("Сохранить", "form[action='/profile/data']")
        await self.expect_errors("phone")
        await page.get_by_label("Телефон").fill("8 912 000-11-33")
        await self.press("Сохранить", "form[action='/profile/data']")
        await expect(page.locator(".facts")).to_contain_text("+7 912 000-11-33")
        async with page.expect_download() as download:
            await self.press("Скачать архив")
        assert (await download.value).suggested_filename == "cabinet.zip"
        await self.press("English")
        await expect(page.get_by_role("heading", name="Profile")).to_be_visible()
        await self.press("Русский")
        await page.get_by_role("link", name="Продолжить удаление").click()
        for password, wrong in (("не тот", ("password",)), (self.password, ())):
            await page.get_by_label("Пароль").fill(password)
            await self.press("Удалить аккаунт")
            await self.expect_errors(*wrong)
        await self.expect_notice("Личный кабинет удалён")
        await self.log_in(self.password)
        await expect(page.locator("#error-password")).to_contain_text("Email или пароль не подошли")

    # --- what every scene does ---------------------------------------------------------------

    async def log_in(self, password: str) -> None:
        await self.page.get_by_label("Email").fill(self.email)
        await self.page.get_by_label("Пароль").fill(password)
        await self.press("Войти")

    async def press(self, words: str, place: str = "body") -> None:
        await self.page.locator(place).get_by_role("button", name=words, exact=True).click()

    async def go_on(self) -> None:
        await self.page.locator("main button:not(.unseen)", has_text="Далее").click()

    async def open_section(self, words: str) -> None:
        await self.page.locator("header").get_by_role("link", name=words).click()

    async def download(self, words: str) -> str:
        """Follows a link to a file; returns the name of the file."""
        async with self.page.expect_download() as download:
            await self.page.get_by_role("link", name=words, exact=True).click()
        return (await download.value).suggested_filename

    async def expect_notice(self, words: str) -> None:
        await expect(self.page.locator(".notice[role=status]")).to_contain_text(words)

    async def expect_errors(self, *keys: str) -> None:
        """These fields are wrong and no other; the first of them is in focus."""
        await expect(self.page.locator("p.error")).to_have_count(len(keys))
        for key in keys:
            await expect(self.page.locator(f"#error-{key}")).to_be_visible()
        if keys:
            await expect(self.page.locator(f"#field-{keys[0]}")).to_be_focused()

    async def read_letter(self, words: str) -> str:
        """What a regular expression finds in the newest letter."""
        await self.site.cabinet.deliver()
        found = re.search(words, self.site.cabinet.mailer.list_letters(self.email)[-1].text)
        assert found
        return found[1]

    async def list_shown(self, code: str) -> list[Field]:
        """The questions that the page shows, but those about files."""
        fields = CATALOGUE.get_form(code, self.category).fields
        return [
            field
            for field in fields
            if field.kind != "files" and await self.page.locator(f"#field-{field.key}").is_visible()
        ]

    def find_label(self, field: Field) -> Locator:
        if field.choices:
            return self.page.locator(f"fieldset:has(#field-{field.key}) > legend")
        return self.page.locator(f"label[for=field-{field.key}]")

    async def get_value(self, field: Field) -> str:
        return "" if field.choices else await self.page.input_value(f"#field-{field.key}")

    async def answer(self, field: Field) -> None:
        if field.choices:
            value = field.choices[0].value
            await self.page.check(f'input[name="{field.key}"][value="{value}"]')
        elif field.kind != "location":
            typed = flows.make_typed_answer(field, self.site.cabinet.today)
            if field.kind == "date":
                typed = "-".join(reversed(typed.split(".")))
            await self.page.fill(f"#field-{field.key}", typed)
