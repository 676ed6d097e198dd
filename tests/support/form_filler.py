"""Fills in any form of the bot in process, question by question."""

from collections.abc import AsyncIterator, Callable
from datetime import date

from bot.domain import Category
from bot.fsm.model import SKIPPED, Field, Form, list_visible
from bot.request_types import load
from bot.texts import Translations
from tests.support.flows import make_typed_answer
from tests.support.in_process import PASSWORD, InProcessCabinet, InProcessPhone

_OWN = {
    "full_name": "Иванова Анна Петровна",
    "organisation": "ООО «Ромашка»",
    "email": "new@example.ru",
    "phone": "8 (912) 345-67-89",
    "password": PASSWORD,
    "old": PASSWORD,
    "new": "рыжий кот на окне",
    "repeat": "рыжий кот на окне",
    "meter": "0812-094521",
    "single_t1": "12345,6",
}

#: Returns the index of the choice to press for a field.
Choose = Callable[[Field], int]


async def start_form(cabinet: InProcessCabinet, form: Form) -> InProcessPhone:
    """A phone that shows the first question of the form."""
    if form.name in {"registration", "login"}:
        phone = cabinet.add_phone()
        await phone.say("/start")
        await phone.press("Регистрация" if form.name == "registration" else "Войти")
        return phone
    category = Category(form.id.parts[1]) if form.name == "request" else Category.INDIVIDUAL
    phone = await cabinet.add_consumer(category=category)
    if form.name == "password":
        await phone.press("Профиль")
        await phone.press("Сменить пароль")
        return phone
    if form.name == "reading":
        await phone.press("Показания")
        await phone.press("Ручной ввод")
        return phone
    catalogue = cabinet.app.catalogue
    await phone.press("Заявки")
    await phone.press("Создание заявки")
    await phone.press(catalogue.get(form.id.parts[0]).button["ru"])
    return phone


async def answer_questions(
    phone: InProcessPhone, form: Form, today: date, choose: Choose = lambda field: 0
) -> AsyncIterator[Field]:
    """Yields each open question, and answers it when the caller goes on."""
    answers: dict[str, str] = {}
    while question := next(
        (
            field
            for field in list_visible(form.fields, answers)
            if field.key not in answers and not field.aside
        ),
        None,
    ):
        yield question
        answers[question.key] = await answer_question(phone, form, question, today, choose)


async def answer_question(
    phone: InProcessPhone, form: Form, field: Field, today: date, choose: Choose = lambda field: 0
) -> str:
    """Answers the open question correctly; returns the stored value."""
    if field.choices:
        chosen = field.choices[choose(field)]
        words = chosen.label["ru"] if chosen.label else _get_label(form, field, chosen.value)
        await phone.press(words)
        return chosen.value
    if field.kind in {"files", "location"}:
        await phone.press("Пропустить")
        return SKIPPED
    words = _OWN[field.key] if not field.label else make_typed_answer(field, today)
    await phone.say(words)
    return words


def _get_label(form: Form, field: Field, value: str) -> str:
    return Translations.load().get_texts("ru")(f"choice-{form.name}-{field.key}-{value}")


async def file_request(cabinet: InProcessCabinet) -> InProcessPhone:
    """A consumer who has just registered a request; the card is in the group."""
    phone = await register_request(cabinet)
    await cabinet.deliver()
    return phone


async def register_request(cabinet: InProcessCabinet) -> InProcessPhone:
    """A consumer who has just registered a request; the card still waits."""
    form = load().get_form("meter_reading_visit", Category.INDIVIDUAL)
    phone = await start_form(cabinet, form)
    async for _ in answer_questions(phone, form, cabinet.today):
        pass
    await phone.press("Отправить")
    return phone
