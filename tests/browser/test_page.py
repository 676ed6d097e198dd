"""The page of the sandbox, used as a manager, the staff and a developer would use it."""

import re
import urllib.error
import urllib.request
from asyncio import to_thread
from base64 import b64encode
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect

from bot.keyboards import StaffAction
from tests.support.browser import NARROW, BrowserChat, add_consumer, find_violations, open_page
from tests.support.files import make_pdf

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOSCOW = ZoneInfo("Europe/Moscow")
HOSTILE = "<script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>\u202e конец"
#: A button of the staff's, in the consumer's chat: what Telegram's own clients never send.
PRESS_OF_ANOTHER_CHAT = """async (data) => {
  const state = await (await fetch('state')).json();
  const card = state['chat:-1001000000500'].messages[0];
  const user = Number(document.getElementById('people').value);
  const body = JSON.stringify({chat: user, user, message: card.message_id, data});
  await fetch('do/press', {method: 'POST', body});
}"""
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


async def test_the_tour_is_stopped_gone_on_with_by_hand_and_ends(page: Page) -> None:
    consumer, group = BrowserChat(page, "#consumer"), BrowserChat(page, "#group")
    step = page.locator("#step")
    await page.locator("#tour").click()
    await page.locator("#stop").click()
    await expect(page.locator("#hint")).to_contain_text("Остановлено")
    while "Шаг 3 из 5" not in await consumer.log.inner_text():
        await page.locator("#next").click()
    await expect(page.locator("#go-on")).to_be_visible()
    # By hand: the tour finds by itself that this was done.
    await consumer.say("Соколова Мария Ивановна")
    await consumer.expects("Шаг 4 из 5")
    mail_is_down = page.get_by_label("Почта не принимает писем")
    await page.locator("#tab-panel").click()
    letters = await page.locator("#letters li").count()
    await mail_is_down.check()
    await page.locator("#go-on").click()
    await consumer.expects("Отправляем письмо с паролем")
    await expect(step).to_contain_text("Пароль приходит письмом")
    assert await page.locator("#letters li").count() == letters
    await mail_is_down.uncheck()
    async with page.expect_popup(timeout=60_000) as opened:
        await expect(step).to_have_text("Готово", timeout=60_000)
    # However slow the machine, each question was answered once.
    await expect(group.log).to_contain_text("Сканы: 1 файл")
    site = await opened.value
    await find_request_on_site(site)
    await open_mini_app(page, site)
    await expect(page.locator("#onward")).to_contain_text("Что дальше")
    await expect(consumer.log.locator(".photo img")).to_have_js_property("complete", True)
    await expect(consumer.log).to_contain_text("страница 1 из 2")
    letter = page.frame_locator("#letter iframe")
    await expect(letter.locator("body")).to_contain_text("Статус: Выполнена")
    await expect(group.log).to_contain_text("Выполнена – Ольга")
    await expect(group.log).to_contain_text("Оценка потребителя: ★★★★★")
    await expect(group.log.locator(".document b").first).to_have_text("Заявление.pdf")
    await expect(group.log.locator(".reactions").first).to_have_text("👍")
    for theme in ("light", "dark"):
        assert await page.evaluate("document.documentElement.dataset.theme") == theme
        assert await find_violations(page) == []
        await page.locator("#theme").click()
    # The button of an email leads to its request.
    await letter.get_by_role("link", name="Открыть заявку").click()
    await expect(consumer.others.last).to_contain_text("Заявка № 2026-")
    # Another of the staff answers the card, at length: the consumer sees it folded.
    await page.locator("#staff").select_option(label="Сергей")
    card = group.log.locator("article", has_text="Оценка потребителя").last
    await card.hover()
    await card.get_by_role("button", name="Ответить").click()
    await group.say("Подробности. " * 60)
    folded = consumer.log.locator("details.expandable_blockquote").last
    await folded.locator("summary").click()
    await expect(folded).to_have_attribute("open", "")
    await consumer.press("Скопировать номер")
    await expect(consumer.toast).to_contain_text("Скопировано: 2026-")
    await page.evaluate(PRESS_OF_ANOTHER_CHAT, StaffAction(act="show", id=1).pack())
    await expect(page.locator("dialog")).to_contain_text("устарело")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog")).to_have_count(0)
    await page.locator("#view").click()
    await expect(page.locator("#letter pre")).to_contain_text("Открыть заявку: https://t.me/")
    await page.locator("#end").click()
    await expect(page.locator("#tour")).to_be_visible()


async def find_request_on_site(site: Page) -> None:
    """The last chapter of the tour: the same consumer's cabinet, with the request of the chat."""
    # A guest reads the language of the browser.
    await site.locator("main button").click()
    await site.locator("nav").get_by_role("link", name="Заявки").click()
    await site.get_by_role("link", name=re.compile("2026-")).click()
    await expect(site.locator("main")).to_contain_text("Бригада выедет сегодня до 18:00")
    await expect(site.get_by_role("link", name="Заявление.pdf")).to_be_visible()


async def open_mini_app(page: Page, site: Page) -> None:
    """The menu button shows the requests without a password; a new browser is asked first."""
    await site.locator("form.leave button").click()
    await expect(site.locator("input[name=password]")).to_be_visible()
    # As a phone of its own, whose browser has never been in the cabinet.
    await site.context.clear_cookies()
    async with page.context.expect_page() as opened:
        await page.locator("#consumer").get_by_role("button", name="Кабинет").click()
    app = await opened.value
    await expect(app.locator("main")).to_contain_text(re.compile("@example.ru"))
    assert "tgWebAppData" not in app.url
    assert await find_violations(app) == []
    await app.set_viewport_size({"width": 320, "height": 640})
    assert await app.evaluate("document.documentElement.scrollWidth") <= 320
    await app.locator("main button").click()
    await app.locator("nav").get_by_role("link", name="Заявки").click()
    await expect(app.get_by_role("link", name=re.compile("2026-"))).to_be_visible()
    # Who comes to the page without a launch is told where the button is.
    await app.goto(app.url.replace("requests", "miniapp"))
    await expect(app.locator("#outside")).to_be_visible()
    await app.close()
    await site.close()


async def test_it_behaves_as_a_client(page: Page) -> None:
    await page.locator("#add").click()
    assert await find_violations(page) == []
    await page.keyboard.press("Escape")
    phone = await add_consumer(page, "Пётр")
    # Everything by the keyboard alone.
    await phone.section.locator(".keyboard button", has_text="Начать").focus()
    await page.keyboard.press("Enter")
    await phone.expects("Войдите или зарегистрируйтесь")
    await phone.section.locator(".commands summary").focus()
    await page.keyboard.press("Enter")
    await expect(phone.section.locator(".commands li")).to_have_count(5)
    assert await find_violations(page) == []
    for _ in range(3):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await phone.expects("Помощь")
    # A message is answered and edited.
    await phone.say("Здравствуйте")
    own = phone.own.last
    await own.hover()
    await own.get_by_role("button", name="Изменить").click()
    await phone.say("Добрый день")
    await expect(own.locator("time")).to_contain_text("изменено")
    await own.hover()
    await own.get_by_role("button", name="Ответить").click()
    await phone.say("Ответ себе")
    await expect(phone.own.last.locator(".quote")).to_contain_text("Добрый день")
    await phone.say("/language")
    await phone.press("English")
    await phone.expects("Log in")


async def test_files_are_dropped_and_words_are_only_words(page: Page) -> None:
    phone = await add_consumer(page, "Злой <b>гость</b>")
    await phone.say(HOSTILE)
    await expect(phone.own.last).to_contain_text("<script>window.harmed = 1")
    await phone.say("я" * 4096)
    await expect(phone.own.last).to_contain_text("я" * 4096)
    await phone.drop_files(
        {"name": "one.png", "type": "image/png", "data": PNG},
        {"name": "two.png", "type": "image/png", "data": PNG},
    )
    await expect(phone.own.locator("img")).to_have_count(2)
    await phone.section.get_by_role("button", name="Отправить геопозицию").click()
    await page.keyboard.press("Enter")
    await expect(phone.own.last).to_contain_text("📍 51.9581, 85.9603")
    paper = b64encode(make_pdf()).decode()
    await phone.drop_files({"name": "<i>Акт.pdf", "type": "application/pdf", "data": paper})
    await expect(phone.own.locator(".document b")).to_have_text("<i>Акт.pdf")
    assert await page.evaluate("window.harmed") is None
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_faults_the_process_and_the_clock(page: Page) -> None:
    phone = await add_consumer(page, "Мастер")
    panel, starts = page.locator("#switches"), page.locator("#switches fieldset", has_text="kill")
    await page.locator("#tab-post").focus()
    await page.keyboard.press("ArrowRight")
    await expect(panel).to_be_visible()
    await panel.get_by_label("Недоступен").check()
    await phone.say("/start")
    await expect(starts).to_contain_text("ждут обновлений: 1")
    await panel.get_by_label("Исправен").check()
    await phone.expects("Войдите или зарегистрируйтесь")
    await panel.get_by_label("Недоступен").check()
    await phone.press("Регистрация")
    await expect(phone.find_button("Регистрация")).to_have_class(re.compile("waiting"))
    await panel.get_by_label("Исправен").check()
    await phone.expects("Шаг 1 из 5")
    await panel.get_by_label("429 на пять вызовов").check()
    await phone.say("/help")
    await phone.expects("Помощь")
    await panel.get_by_label("500 на пять вызовов").check()
    await panel.get_by_label("Исправен").check()
    await panel.get_by_label("Мастер блокирует бота").check()
    await expect(phone.section.locator(".doing")).to_have_text("бот заблокирован этим человеком")
    await phone.section.get_by_role("button", name="Разблокировать бота").click()
    await expect(panel.get_by_label("Мастер блокирует бота")).not_to_be_checked()
    clock = panel.locator("output")
    before = await clock.inner_text()
    await panel.get_by_role("button", name="+ сутки").click()
    await expect(clock).not_to_contain_text(before.split(" г.")[0])
    await expect(starts).to_contain_text(re.compile("Запусков: [2-9]"))
    await panel.get_by_role("button", name="kill -9").click()
    await phone.say("/menu")
    await phone.expects("Войдите или зарегистрируйтесь")
    for theme in ("light", "dark"):
        assert await page.evaluate("document.documentElement.dataset.theme") == theme
        assert await find_violations(page) == []
        await page.locator("#theme").click()


async def test_made_up_data_fill_phones_and_topics(page: Page) -> None:
    group, phone = BrowserChat(page, "#group"), BrowserChat(page, "#consumer")
    await page.locator("#tab-panel").click()
    panel = page.locator("#switches")
    await panel.get_by_role("button", name="+ неделя").click()
    await panel.get_by_label("Группа с темами").check()
    await page.locator("#samples").click()
    await expect(panel).to_contain_text("Готово: Елена и Александр уже вошли")
    await page.locator("#people").select_option(label="Елена")
    await phone.expects("Смирнова Елена")
    await phone.press("Заявки")
    await phone.expects("страница 1 из")
    await phone.press("Меню")
    # While ASKUE is slow the bot shows that it works; then comes what the fault makes of it.
    await panel.get_by_label("Отвечает через").select_option("3")
    await panel.get_by_label("Вместо данных").select_option("busy")
    await phone.press("Показания")
    await phone.press("АСКУЭ")
    await phone.expects("Шаг 1 из 2")
    await phone.say("demo")
    await phone.expects("Шаг 2 из 2")
    await phone.say("demo123")
    await phone.expects("нигде не записан")
    # The password was deleted from the chat.
    await expect(phone.log.get_by_text("demo123")).to_have_count(0)
    await phone.press("Получить данные")
    await expect(phone.section.locator(".doing")).to_have_text("печатает…")
    await phone.expects("АСКУЭ")
    await expect(phone.find_button("Получить снова")).to_be_visible()
    await panel.get_by_label("Отвечает через").select_option("0")
    await panel.get_by_label("Вместо данных").select_option("")
    await phone.say("/menu")
    await phone.press("Показания")
    await phone.press("Вид таблиц")
    await phone.press("Таблицей Telegram")
    await expect(phone.others.last.locator("table td").first).to_be_visible()
    await phone.press("Вижу таблицу")
    await phone.expects("Выберите счётчик")
    await phone.press("дом")
    await expect(phone.others.last.locator("table tr").nth(6)).to_be_attached()
    topics = page.locator("#topics button")
    await expect(topics.nth(5)).to_be_attached()
    # Topics are still being made, and each comes first in the list.
    await topics.last.click()
    await expect(topics.last).to_have_attribute("aria-current", "true")
    await expect(group.log.locator("article").first).to_contain_text("Заявка №")
    await expect(group.log.locator(".service")).to_have_count(1)
    # The days that are left are counted by the bot's clock.
    state = await page.evaluate("fetch('state').then((answer) => answer.json())")
    today = datetime.now(MOSCOW) + timedelta(hours=state["bot"]["hours_ahead"])
    await expect(group.log).to_contain_text(f"на {today:%d.%m}")
    assert await find_violations(page) == []
    await panel.get_by_label("Группа с темами").uncheck()


async def test_it_fits_a_narrow_phone(browser: Browser, sandbox: str) -> None:
    async with open_page(browser, viewport=NARROW, color_scheme="dark") as page:
        await page.goto(f"{sandbox}?pace=60000")
        await expect(page.locator("#people option").first).to_be_attached()
        assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
        for tab in ("#tab-panel", "#tab-post"):
            await page.locator(tab).click()
            assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        assert await find_violations(page) == []
        # The tour's buttons stay in sight, whatever part it is about.
        await page.locator("#tour").click()
        await expect(page.locator("#stop")).to_be_in_viewport()
        await expect(page.locator("#consumer")).to_have_class("chat looked-at")
        assert await find_violations(page) == []
        await page.locator("#stop").click()
        await page.locator("#end").click()
        await page.locator("#language").click()
        await expect(page.locator("#tour")).to_have_text("Guided tour")


async def test_strangers_stay_out(sandbox: str) -> None:
    origin = "/".join(sandbox.split("/")[:3])

    def get_status(url: str, **headers: str) -> int:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    assert await to_thread(get_status, sandbox) == 200
    assert await to_thread(get_status, f"{origin}/") >= 400
    assert await to_thread(get_status, f"{origin}/guess/") >= 400
    assert await to_thread(get_status, sandbox, Host="evil.example:80") >= 400
