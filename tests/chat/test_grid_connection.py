"""Grid connection in a chat: what is asked, papers, clarifications and annulment."""

import re
from datetime import timedelta

import pytest

from bot.domain import Category
from bot.fsm.model import Field
from bot.request_types import load
from bot.services.calendar import WorkingCalendar
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import InProcessCabinet, InProcessPhone, get_email

CATALOGUE = load()
NUMBER = "2026-000001"
CALENDAR = WorkingCalendar()


async def fill(
    cabinet: InProcessCabinet, category: Category, **chosen: str
) -> tuple[InProcessPhone, list[Field]]:
    """Answers every question up to the review card; the questions that were asked."""
    form = CATALOGUE.get_form("tech_connection", category)
    phone = await start_form(cabinet, form)

    def pick(field: Field) -> int:
        values = [choice.value for choice in field.choices]
        return values.index(chosen[field.key]) if field.key in chosen else 0

    asked = [field async for field in answer_questions(phone, form, cabinet.today, pick)]
    return phone, asked


async def test_the_shortest_way_has_ten_questions(cabinet: InProcessCabinet) -> None:
    phone, asked = await fill(cabinet, Category.INDIVIDUAL, connection_kind="new")
    assert len(asked) == 10
    assert "Проверьте заявку" in phone.screen
    await phone.press("Отправить")
    await phone.expects(NUMBER, "08.12.2026")


async def test_a_temporary_connection_of_much_power_has_ten_days(
    cabinet: InProcessCabinet,
) -> None:
    form = CATALOGUE.get_form("tech_connection", Category.LEGAL)
    phone = await start_form(cabinet, form)
    for words in ("Организация", "Временное присоединение"):
        await phone.press(words)
    await phone.say(f"{cabinet.today + timedelta(days=100):%d.%m.%Y}")
    await phone.say("151")
    for answer in ("стройка", "ул. Мира, 5"):
        await phone.say(answer)
    await phone.press("Пропустить")
    await phone.press("380 В (три фазы)")
    await phone.say("1")
    await phone.press("I")
    await phone.say("стройка")
    await phone.say("г. Горно-Алтайск, ул. Лесная, 7")
    await phone.say("7707083894")
    assert "контрольная цифра не сходится" in phone.screen
    await phone.say("500100732259")
    assert "должно быть 10 цифр" in phone.screen
    await phone.say("7707083893")
    await phone.say("1027700132196")
    assert "контрольная цифра не сходится" in phone.screen
    await phone.say("1 02 77 00 13219 5")
    await phone.press("Энергоснабжение")
    await phone.press("Пропустить")
    await phone.say("Прошу присоединить стройплощадку")
    assert "План расположения энергопринимающих устройств – обязательно" in phone.screen
    assert "паспорта" not in phone.screen
    assert "через 20 рабочих дней без них заявка аннулируется" in phone.screen
    assert "тоже будет рассмотрена" not in phone.screen
    await phone.press("Пропустить")
    await phone.press("Отправить")
    # Ten days, not the 20 working ones of much power and of category I.
    await phone.expects(NUMBER, "04.12.2026")
    await cabinet.deliver()
    card = await cabinet.add_staff_phone().expects_card(NUMBER, "Обязательные документы:")
    assert "• План расположения энергопринимающих устройств" in card["text"]


async def test_an_entrepreneur_is_asked_for_own_numbers_and_a_passport(
    cabinet: InProcessCabinet,
) -> None:
    form = CATALOGUE.get_form("tech_connection", Category.LEGAL)
    phone = await start_form(cabinet, form)

    def pick(field: Field) -> int:
        return 1 if field.key == "applicant_kind" else 0

    keys = []
    async for field in answer_questions(phone, form, cabinet.today, pick):
        keys.append(field.key)
        if field.key == "scans":
            assert "Копия паспорта – обязательно" in phone.screen
            assert "План расположения энергопринимающих устройств\n" in phone.screen
            assert "чредительные" not in phone.screen
    assert {"inn_entrepreneur", "ogrnip"} <= set(keys)
    assert not {"inn", "ogrn"} & set(keys)


async def test_papers_in_english_and_of_other_types(cabinet: InProcessCabinet) -> None:
    form = CATALOGUE.get_form("tech_connection", Category.INDIVIDUAL)
    phone = await cabinet.add_consumer()
    await phone.say("/language")
    await phone.press("English")
    await phone.say("/menu")
    for words in ("Requests", "New request", "Grid connection", "New site"):
        await phone.press(words)
    for answer in ("15", "a dwelling house, Mira st., 5"):
        await phone.say(answer)
    await phone.press("220 V (single phase)")
    await phone.say("7 Lesnaya St, flat 12")
    await phone.press("Supply")
    await phone.press("None")
    await phone.say("112-233-445 96")
    assert "check digits don’t match" in phone.screen
    await phone.press("Skip")
    await phone.say("Please connect my house")
    assert "Copy of your passport – required" in phone.screen
    assert "after 20 working days without them the application is cancelled" in phone.screen
    assert "reviewed without them" not in phone.screen
    assert len(form.fields) > 10


async def test_other_types_are_reviewed_without_papers(cabinet: InProcessCabinet) -> None:
    form = CATALOGUE.get_form("meter_reading_visit", Category.INDIVIDUAL)
    phone = await start_form(cabinet, form)
    async for field in answer_questions(phone, form, cabinet.today):
        if field.key == "scans":
            assert "Без них заявка тоже будет рассмотрена." in phone.screen
            assert "обязательно" not in phone.screen


@pytest.mark.parametrize(("answer", "signed"), [(0, False), (1, True)])
async def test_an_anonymous_report_asks_for_no_signature(
    cabinet: InProcessCabinet, answer: int, signed: bool
) -> None:
    form = CATALOGUE.get_form("unmetered_report", Category.INDIVIDUAL)
    phone = await start_form(cabinet, form)

    def pick(field: Field) -> int:
        return answer if field.key == "confidential" else 0

    async for field in answer_questions(phone, form, cabinet.today, pick):
        if field.key == "scans":
            assert ("Скан подписанного заявления" in phone.screen) is signed


async def test_the_installation_says_who_replaces_the_meter(cabinet: InProcessCabinet) -> None:
    phone = await start_form(cabinet, CATALOGUE.get_form("meter_installation", Category.INDIVIDUAL))
    assert "многоквартирного дома, – гарантирующий поставщик" in phone.screen
    assert "В частном доме" in phone.screen
    assert not re.search(r"P442|п\. ?136", phone.screen)


@pytest.mark.parametrize("locale", ["ru", "en"])
async def test_a_clarification_without_an_answer_ends_in_annulment(
    cabinet: InProcessCabinet, locale: str
) -> None:
    phone, _ = await fill(cabinet, Category.INDIVIDUAL)
    await phone.press("Отправить")
    if locale == "en":
        await phone.say("/language")
        await phone.press("English")
    await cabinet.deliver()
    maria = cabinet.add_staff_phone()
    card = await maria.expects_card(NUMBER)
    await maria.choose(card, "Запросить уточнение", "Приложите документы")
    last = CALENDAR.find_working_day_after(cabinet.today, 20)
    until = {"ru": f"Ответьте на уточнение до <b>{last:%d.%m.%Y}", "en": "or the request will be"}
    await phone.expects(re.sub("<b>", "", until[locale]))
    await maria.expects_card(NUMBER, f"ждём ответа потребителя до {last:%d.%m.%Y}")
    workflow = cabinet.app.services.request_workflow
    remind = CALENDAR.find_working_day_before(last, 5)
    cabinet.clock.advance(days=(remind - cabinet.today).days)
    for _ in range(2):
        await workflow.check_clarifications()
        await cabinet.deliver()
    wanted = {"ru": "мы ждём вашего ответа на уточнение", "en": "We are waiting for your reply"}
    await phone.expects(wanted[locale], f"{last:%d.%m.%Y}")
    assert sum(wanted[locale] in str(one.get("text")) for one in phone.messages) == 1
    letters = [
        one for one in cabinet.mailer.list_letters(get_email(phone)) if wanted[locale] in one.text
    ]
    assert len(letters) == 1
    assert f"{last:%d.%m.%Y}" in letters[0].subject
    cabinet.clock.advance(days=(last - remind).days + 1)
    await workflow.check_clarifications()
    await cabinet.deliver()
    await phone.expects({"ru": "аннулирована", "en": "has been cancelled"}[locale], NUMBER)
    await maria.expects_card(NUMBER, "Аннулирована", "автоматически")
    await phone.press({"ru": "Подать заново", "en": "Submit again"}[locale])
    assert {"ru": "Ответы прежней заявки", "en": "answers of the earlier"}[locale] in phone.screen


@pytest.mark.parametrize("locale", ["ru", "en"])
async def test_an_answer_brings_the_request_back_to_work_with_a_mark(
    cabinet: InProcessCabinet, locale: str
) -> None:
    phone, _ = await fill(cabinet, Category.INDIVIDUAL)
    await phone.press("Отправить")
    if locale == "en":
        await phone.say("/language")
        await phone.press("English")
    await cabinet.deliver()
    maria = cabinet.add_staff_phone()
    card = await maria.expects_card(NUMBER)
    await maria.choose(card, "Запросить уточнение", "Приложите документы")
    cabinet.clock.advance(days=7)
    await phone.press({"ru": "Ответить", "en": "Reply"}[locale])
    await phone.say("Прикладываю план")
    due = CALENDAR.find_working_day_after(cabinet.today, 10)
    words = {"ru": "она снова в работе", "en": "in progress again"}[locale]
    await phone.expects(words, f"{due:%d.%m.%Y}")
    await cabinet.deliver()
    await maria.expects_card(
        NUMBER, "В работе", "Потребитель ответил на уточнение", f"{due:%d.%m.%Y}"
    )
    letter = cabinet.mailer.list_letters(get_email(phone))[-1]
    assert f"{due:%d.%m.%Y}" in letter.text
    # Nobody acts until the day has passed: the group is told, and /overdue lists it.
    reports = cabinet.app.services.request_reports
    cabinet.clock.advance(days=(due - cabinet.today).days + 1)
    await reports.put_reminders()
    await cabinet.deliver()
    await maria.expects("Просрочено: 1", NUMBER)
    await maria.say("/overdue")
    await maria.expects("Просрочено · страница 1", NUMBER)
    # What the staff do next takes the mark away.
    await maria.choose(await maria.expects_card(NUMBER), "Запросить уточнение", "Уточните адрес")
    assert "Потребитель ответил" not in (await maria.expects_card(NUMBER))["text"]
