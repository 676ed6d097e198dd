"""Answers as people type them: numbers with units, days, names, phones; in both languages."""

import re
from io import BytesIO

import openpyxl
import pytest

from bot.domain import Category
from bot.fsm.model import Form, list_visible
from bot.request_types import load
from bot.texts import Translations
from tests.support import flows
from tests.support.form_filler import answer_question, answer_questions, start_form
from tests.support.in_process import InProcessCabinet, InProcessPhone

CATALOGUE = load()
#: Its date is in the past, up to three years ago.
REPORT = CATALOGUE.get_form("unmetered_report", Category.INDIVIDUAL)
#: Its date is three working days ahead or later.
VISIT = CATALOGUE.get_form("meter_reading_visit", Category.INDIVIDUAL)
CONNECTION = CATALOGUE.get_form("tech_connection", Category.INDIVIDUAL)

LONG_NAME = "ООО «" + "Сельскохозяйственное объединение " * 14 + "Нива»"


async def fill(phone: InProcessPhone, cabinet: InProcessCabinet, form: Form, **said: str) -> str:
    """Answers every question, those in ``said`` with these words; returns the review card."""
    answers: dict[str, str] = {}
    while question := next(
        (field for field in list_visible(form.fields, answers) if field.key not in answers), None
    ):
        if question.key in said:
            answers[question.key] = said[question.key]
            await phone.say(said[question.key])
        else:
            answers[question.key] = await answer_question(phone, form, question, cabinet.today)
    return phone.screen


async def open_date(cabinet: InProcessCabinet, form: Form) -> InProcessPhone:
    """A phone that shows the question about the date."""
    phone = await start_form(cabinet, form)
    async for field in answer_questions(phone, form, cabinet.today):
        if field.kind == "date":
            break
    return phone


async def speak_english(phone: InProcessPhone) -> None:
    """Changes the language and goes back to the question."""
    await phone.say("/language")
    await phone.press("English")
    await phone.press(Translations.load().get_texts("en")("button-resume"))


async def open_registration(phone: InProcessPhone, category: str) -> None:
    await phone.say("/start")
    for words in ("Регистрация", "Согласен", category):
        await phone.press(words)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("вчера", "23.11.2026"),
        ("yesterday", "23.11.2026"),
        ("Сегодня", "24.11.2026"),
        ("28.11", "28.11.2025"),  # no day to come
        ("3 мая", "03.05.2026"),
    ],
)
async def test_a_day_of_the_past(cabinet: InProcessCabinet, words: str, day: str) -> None:
    phone = await start_form(cabinet, REPORT)
    assert day in await fill(phone, cabinet, REPORT, observed_at=words)


async def test_a_day_to_come(cabinet: InProcessCabinet) -> None:
    phone = await start_form(cabinet, VISIT)
    assert "10.12.2026" in await fill(phone, cabinet, VISIT, desired_date="10.12")


async def test_days_are_buttons(cabinet: InProcessCabinet) -> None:
    phone = await open_date(cabinet, REPORT)
    assert ["Вчера, 23.11", "Сегодня, 24.11"] in phone.rows
    await speak_english(phone)
    assert ["Yesterday, 23.11", "Today, 24.11"] in phone.rows
    # The button means its day also after midnight.
    cabinet.clock.advance(hours=20)
    await phone.press("Yesterday, 23.11")
    await phone.press("Back")
    assert ["Yesterday, 24.11", "Today, 25.11"] in phone.rows


async def test_the_first_possible_days_are_buttons(cabinet: InProcessCabinet) -> None:
    phone = await open_date(cabinet, VISIT)
    assert ["пт, 27.11", "пн, 30.11", "вт, 01.12"] in phone.rows
    await phone.press("пт, 27.11")
    assert "27.11.2026" not in phone.screen
    assert phone.step


async def test_a_day_button_that_was_forged(cabinet: InProcessCabinet) -> None:
    phone = await open_date(cabinet, VISIT)
    data = phone.messages[-1]["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    for ordinal in (1, 0, -5, 10**9, 2**52):
        await phone.forge(":".join([*data.split(":")[:-1], str(ordinal)]))
        assert "27.11.2026" in phone.screen or "пт, 27.11" in phone.buttons


async def test_power_with_its_unit(cabinet: InProcessCabinet) -> None:
    phone = await start_form(cabinet, CONNECTION)
    for field in CONNECTION.fields:
        if field.key == "max_power_kw":
            break
        await answer_question(phone, CONNECTION, field, cabinet.today)
    await phone.say("15 МВт")
    assert "Ответ нужен в киловаттах" in phone.screen
    step = phone.step
    await phone.say("15 кВт")
    assert phone.step != step


async def test_names_as_people_write_them(cabinet: InProcessCabinet) -> None:
    phone = cabinet.add_phone()
    await open_registration(phone, "Физическое лицо")
    for wrong, complaint in (
        ("Иванов П@вел", "не бывает знака «@»"),
        ("Иванов <b>", "не бывает знака «<»"),
        ("Иванов", "хотя бы два слова"),
    ):
        await phone.say(wrong)
        assert complaint in phone.screen
    await speak_english(phone)
    await phone.say("Иванов П@вел")
    assert "A name can’t contain “@”" in phone.screen
    await phone.say("Римский – Корсаков И.И. (Петро`в)")
    await phone.say("rimsky@example.ru")
    await phone.say("8 495 123-45-67 доб. 123")
    assert "Римский-Корсаков И. И. (Петро’в)" in phone.screen
    assert "+7 495 123-45-67 ext. 123" in phone.screen


async def test_an_organisation_with_a_long_name_and_an_extension(
    cabinet: InProcessCabinet,
) -> None:
    phone, staff = cabinet.add_phone(), cabinet.add_staff_phone()
    await open_registration(phone, "Юридическое лицо")
    await phone.say("ООО")
    assert "Это вид организации" in phone.screen
    await phone.say(LONG_NAME)
    await phone.say("niva@example.ru")
    await phone.say("8 495 123-45-67, доб. 123")
    assert "+7 495 123-45-67 доб. 123" in phone.screen
    assert LONG_NAME in phone.screen
    await phone.press("Зарегистрировать")
    await cabinet.deliver()
    letter = cabinet.mailer.list_letters("niva@example.ru")[-1]
    password = re.search(r"^ +(\S{14})$", letter.text, re.MULTILINE)
    assert password
    await flows.log_in(phone, "niva@example.ru", password[1])
    form = CATALOGUE.get_form("meter_reading_visit", Category.LEGAL)
    await phone.say("/menu")
    for words in ("Заявки", "Создание заявки", "Снятие показаний"):
        await phone.press(words)
    await fill(phone, cabinet, form)
    await phone.press("Отправить")
    await cabinet.deliver()
    await staff.expects_card("2026-000001", LONG_NAME, "+7 495 123-45-67 доб. 123")

    for number in ("8 495 123-45-67", "+74951234567 доб. 123", "+74951234567"):
        await staff.say(f"/find {number}")
        assert "2026-000001" in staff.messages[-1]["text"]
    await staff.say("/export")
    sent = next(one["document"] for one in reversed(staff.messages) if "document" in one)
    sheet = openpyxl.load_workbook(BytesIO(cabinet.telegram.files[sent["file_id"]].data)).active
    assert sheet is not None
    assert "+7 495 123-45-67 доб. 123" in [cell.value for cell in sheet[2]]
    await phone.say("/menu")
    await phone.press("Профиль")
    assert "+7 495 123-45-67 доб. 123" in phone.screen
