"""Dialogues of consumers, step by step, for every test that has a ``Phone``."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.domain import Category
from bot.fsm.model import Field, Form, list_visible
from tests.support.phone import MailClient, Phone

if TYPE_CHECKING:
    from tests.support.world import World

ANNA = "anna@example.ru"
TEXT = "Прошу рассмотреть заявку: <b>щит</b> стоит на фасаде дома & открыт."


async def register(phone: Phone, category: Category, email: str, name: str) -> None:
    await phone.say("/start")
    await phone.press("Регистрация")
    await phone.press("Согласен")
    await phone.press("Физическое лицо" if category is Category.INDIVIDUAL else "Юридическое лицо")
    await phone.say(name)
    await phone.say(email)
    await phone.share_contact()
    await phone.press("Зарегистрировать")
    await phone.expects(email)


async def read_password(mail_client: MailClient, email: str) -> str:
    letter = await mail_client.expects(to=email, subject="Пароль")
    found = re.search(r"^\s*([A-Za-z0-9]{12,})\s*$", letter.text, re.MULTILINE)
    assert found, letter.text
    return found[1]


async def log_in(phone: Phone, email: str, password: str) -> None:
    await phone.say("/menu")
    await phone.press("Войти")
    await phone.say(email)
    await phone.say(password)
    await phone.expects("Вы вошли")


async def register_and_log_in(
    phone: Phone, mail_client: MailClient, category: Category, email: str, name: str
) -> None:
    """Registers, logs in with the mailed password and opens the main menu."""
    await register(phone, category, email, name)
    await log_in(phone, email, await read_password(mail_client, email))
    await phone.press("Позже")


async def add_consumer(
    world: "World",
    name: str = "Иванова Анна Петровна",
    email: str = ANNA,
    category: Category = Category.INDIVIDUAL,
) -> Phone:
    """A new consumer who sees the main menu."""
    phone = world.add_phone(name)
    await register_and_log_in(phone, world.mail_client, category, email, name)
    return phone


async def enter_reading(phone: Phone, kind: str, number: str, *values: str) -> None:
    """Fills in the form of a reading up to its review, or to the first zone without a value."""
    await phone.say("/menu")
    await phone.press("Показания")
    await phone.press("Ручной ввод")
    if phone.has_button("Другой счётчик"):
        await phone.press("Другой счётчик")
    await phone.press(kind)
    await phone.say(number)
    for value in values:
        await phone.say(value)


async def open_request(phone: Phone, number: str) -> None:
    await phone.say("/menu")
    await phone.press("Заявки")
    # Closed requests stand behind the open ones.
    while "▶" in phone.buttons and not any(words.endswith(number) for words in phone.buttons):
        await phone.press("▶")
    await phone.press(number)


async def open_form(phone: Phone, button: str) -> None:
    await phone.say("/menu")
    await phone.press("Заявки")
    await phone.press("Создание заявки")
    await phone.press(button)


def make_typed_answer(field: Field, today: date) -> str:
    if field.kind == "date":
        ahead = "max_days_back" not in field.limits and field.limits.get("max") != "today"
        return f"{today + timedelta(days=25 if ahead else -2):%d.%m.%Y}"
    if field.key == "text":
        return TEXT
    if field.example is None:
        raise AssertionError(field.key)
    return field.example["ru"]


def make_raw_answers(form: Form, today: date) -> dict[str, str]:
    """Right answers to every question of a form but those for files, as a page sends them."""
    raw: dict[str, str] = {}
    for field in form.fields:
        if list_visible([field], raw) and field.kind != "files":
            raw[field.key] = (
                field.choices[0].value
                if field.choices
                else ""
                if field.kind == "location"
                else make_typed_answer(field, today)
            )
    return raw


async def fill_form(
    phone: Phone,
    form: Form,
    today: date,
    until: str = "scans",
    chosen: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Answers every question before ``until``; returns the answers by the key of the field.

    ``chosen``: values of choices by the key of the field; elsewhere the first choice is pressed.
    """
    answers: dict[str, str] = {}
    while True:
        field = next(
            (field for field in list_visible(form.fields, answers) if field.key not in answers),
            None,
        )
        if field is None or field.key == until:
            return answers
        if field.choices:
            choice = next(
                (one for one in field.choices if one.value == chosen.get(field.key)),
                field.choices[0],
            )
            answers[field.key] = choice.value
            await phone.press(choice.label["ru"] if choice.label else choice.value)
        elif field.kind == "location":
            answers[field.key] = ""
            await phone.press("Пропустить")
        else:
            answers[field.key] = make_typed_answer(field, today)
            await phone.say(answers[field.key])


async def stop_and_check(world: "World") -> None:
    """Stops the bot; checks its exit code, its log and that Telegram saw no violation."""
    assert await world.stop() == 0
    assert world.telegram.violations == []
    log = world.log()
    assert "ERROR" not in log
    assert "Traceback" not in log
