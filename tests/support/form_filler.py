"""Walking through any form of the bot, question by question."""

from collections.abc import AsyncIterator, Callable
from datetime import date

from bot.domain import Category
from bot.fsm.model import SKIPPED, Field, Form, list_visible
from bot.texts import Translations
from tests.support.flows import typed_answer
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

#: Which of the choices a walk takes, by the field's key; the first one elsewhere.
Choose = Callable[[Field], int]


async def opened(cabinet: InProcessCabinet, form: Form) -> InProcessPhone:
    """A phone on which the first question of the form has just been asked."""
    if form.name in {"registration", "login"}:
        phone = cabinet.phone()
        await phone.say("/start")
        await phone.press("Регистрация" if form.name == "registration" else "Войти")
        return phone
    category = Category(form.id.parts[1]) if form.name == "request" else Category.INDIVIDUAL
    phone = await cabinet.consumer(category=category)
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


async def questions(
    phone: InProcessPhone, form: Form, today: date, choose: Choose = lambda field: 0
) -> AsyncIterator[Field]:
    """Yields each question as it stands open, and answers it afterwards."""
    given: dict[str, str] = {}
    while asked := next(
        (field for field in list_visible(form.fields, given) if field.key not in given), None
    ):
        yield asked
        given[asked.key] = await answer(phone, form, asked, today, choose)


async def answer(
    phone: InProcessPhone, form: Form, field: Field, today: date, choose: Choose = lambda field: 0
) -> str:
    """Gives a right answer to the open question; the value that the form keeps of a choice."""
    if field.choices:
        chosen = field.choices[choose(field)]
        words = chosen.label["ru"] if chosen.label else _words(form, field, chosen.value)
        await phone.press(words)
        return chosen.value
    if field.kind in {"files", "location"}:
        await phone.press("Пропустить")
        return SKIPPED
    words = _OWN[field.key] if not field.label else typed_answer(field, today)
    await phone.say(words)
    return words


def _words(form: Form, field: Field, value: str) -> str:
    return Translations.load().get_texts("ru")(f"choice-{form.name}-{field.key}-{value}")
