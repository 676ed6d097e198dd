"""What consumers do, step by step, as a person with a phone would; and how a play ends."""

import re
from datetime import date, timedelta
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


async def password_from(mail_client: MailClient, email: str) -> str:
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


async def signed_in(
    phone: Phone, mail_client: MailClient, category: Category, email: str, name: str
) -> None:
    """From the first message to the main menu."""
    await register(phone, category, email, name)
    await log_in(phone, email, await password_from(mail_client, email))
    await phone.press("Позже")


async def consumer(
    served: "World",
    name: str = "Иванова Анна Петровна",
    email: str = ANNA,
    category: Category = Category.INDIVIDUAL,
) -> Phone:
    """Somebody new, who sees the main menu."""
    phone = served.phone(name)
    await signed_in(phone, served.mail_client, category, email, name)
    return phone


async def enter_reading(phone: Phone, kind: str, number: str, *values: str) -> None:
    """Up to the review card, or to the first zone that is left out."""
    await phone.say("/menu")
    await phone.press("Показания")
    await phone.press("Ручной ввод")
    await phone.press(kind)
    await phone.say(number)
    for value in values:
        await phone.say(value)


async def open_request(phone: Phone, number: str) -> None:
    await phone.say("/menu")
    await phone.press("Заявки")
    await phone.press(number)


async def open_form(phone: Phone, button: str) -> None:
    await phone.say("/menu")
    await phone.press("Заявки")
    await phone.press("Создание заявки")
    await phone.press(button)


def typed_answer(field: Field, today: date) -> str:
    if field.kind == "date":
        ahead = "max_days_back" not in field.limits and field.limits.get("max") != "today"
        return f"{today + timedelta(days=25 if ahead else -2):%d.%m.%Y}"
    if field.key == "text":
        return TEXT
    if field.example is None:
        raise AssertionError(field.key)
    return field.example["ru"]


async def fill(phone: Phone, form: Form, today: date, until: str = "scans") -> dict[str, str]:
    """Answers every question of a request before this one; what was answered, by field key."""
    given: dict[str, str] = {}
    while True:
        asked = next(
            (field for field in list_visible(form.fields, given) if field.key not in given), None
        )
        if asked is None or asked.key == until:
            return given
        if asked.choices:
            choice = asked.choices[0]
            given[asked.key] = choice.value
            await phone.press(choice.label["ru"] if choice.label else choice.value)
        elif asked.kind == "location":
            given[asked.key] = ""
            await phone.press("Пропустить")
        else:
            given[asked.key] = typed_answer(asked, today)
            await phone.say(given[asked.key])


async def ends_well(served: "World") -> None:
    """The bot stops cleanly, and never did what Telegram forbids, nor failed."""
    assert await served.stop() == 0
    assert served.telegram.violations == []
    log = served.log()
    assert "ERROR" not in log
    assert "Traceback" not in log
