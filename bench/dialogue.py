"""The load: consumers who register, log in and file a request with a scan, as the tests do it."""

from collections.abc import Awaitable
from datetime import date

from bot.catalogue import Catalogue
from bot.domain import Category
from tests.e2e import flows
from tests.phone import PATIENCE_SECONDS, Phone, Post

_TYPE = "meter_reading_visit"
_SCAN = b"%PDF-1.7\n" + bytes(range(256)) * 400


async def registration_and_request(phone: Phone, post: Post, catalogue: Catalogue) -> None:
    """From the first message to the number of a request."""
    email = f"{phone.user_id}@example.ru"
    await flows.signed_in(phone, post, Category.INDIVIDUAL, email, "Иванова Анна Петровна")
    kind = next(one for one in catalogue.types if one.code == _TYPE)
    await flows.open_form(phone, kind.button["ru"])
    await flows.fill(phone, catalogue.form(_TYPE, Category.INDIVIDUAL), date.today())  # noqa: DTZ011
    await phone.send_document(_SCAN, "Заявление.pdf")
    await phone.press("Готово")
    await phone.press("Отправить")
    await phone.expects("№ 2")


async def as_many(phone: Phone, messages: int, presses: int) -> None:
    """The same number of updates of each kind for a bot that answers with a button «Назад»."""
    for turn in range(max(messages, presses)):
        if turn < messages:
            await _answered(phone, phone.say("Прошу рассмотреть заявку"))
        if turn < presses:
            await _answered(phone, phone.press("Назад"))


async def _answered(phone: Phone, deed: Awaitable[None]) -> None:
    """aiogram's own polling acknowledges an update before it is handled."""
    before = len(phone.messages)
    await deed
    if not await phone.telegram.until(lambda: len(phone.messages) > before, PATIENCE_SECONDS):
        raise TimeoutError("no echo")
