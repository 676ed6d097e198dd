"""The load: consumers who register, log in and file a request with a scan, as the tests do it."""

from datetime import date

from bot.domain import Category
from bot.request_types import Catalogue
from tests.support import flows
from tests.support.files import make_pdf
from tests.support.phone import MailClient, Phone

_TYPE = "meter_reading_visit"
_SCAN = make_pdf(filler=bytes(range(256)) * 400)


async def register_and_file_request(
    phone: Phone, mail_client: MailClient, catalogue: Catalogue
) -> None:
    """From the first message to the number of a request."""
    email = f"{phone.user_id}@example.ru"
    await flows.register_and_log_in(
        phone, mail_client, Category.INDIVIDUAL, email, "Иванова Анна Петровна"
    )
    kind = next(one for one in catalogue.types if one.code == _TYPE)
    await flows.open_form(phone, kind.button["ru"])
    await flows.fill_form(phone, catalogue.get_form(_TYPE, Category.INDIVIDUAL), date.today())  # noqa: DTZ011
    await phone.send_document(_SCAN, "Заявление.pdf")
    await phone.press("Готово")
    await phone.press("Отправить")
    await phone.expects("№ 2")
