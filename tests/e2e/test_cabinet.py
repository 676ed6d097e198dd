"""Two consumers, six types of requests each, signed and filed, over HTTP, SMTP and disk."""

import asyncio
import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pikepdf
import pytest

from bot.domain import Category
from bot.fsm.model import Form, list_visible
from bot.request_types import ReviewTerm, load
from bot.services.calendar import WorkingCalendar
from sandbox.bot_api.state import Message
from sandbox.mailbox import Mail
from tests.support import flows
from tests.support.clock import get_today
from tests.support.files import make_jpeg, make_pdf
from tests.support.no_break_spaces import read_spaces
from tests.support.pdf_text import photograph, read_text, squeeze
from tests.support.phone import Phone
from tests.support.sent_files import list_sent_files
from tests.support.staff_phone import StaffPhone
from tests.support.world import STAFF_CHAT_ID, World

#: Terms by the packaged file for the first choice of each question: days, working or calendar.
#: The first choices of the last type are an emergency, whose term is in hours.
TERMS = {
    "tech_connection": ReviewTerm(days=10, working=True),
    "meter_reading_visit": ReviewTerm(days=10, working=True),
    "meter_commissioning": ReviewTerm(days=30, working=False),
    "meter_installation": ReviewTerm(days=10, working=True),
    "unmetered_report": ReviewTerm(days=15, working=False),
    "grid_asset_theft": ReviewTerm(days=15, working=False),
}


# Redis takes the place of one table: the forms of tests/chat run on it, too.
# On PostgreSQL every third type is filed: the other forms differ in nothing that is stored.
@pytest.mark.parametrize(
    ("world", "step"),
    [("sqlite", 1), ("postgresql", 3)],
    indirect=["world"],
    ids=["sqlite", "postgresql"],
)
async def test_two_consumers_file_all_types(world: World, step: int) -> None:
    catalogue = load()
    codes = [one.code for one in catalogue.types[::step]]
    anna, plant = world.add_phone("Анна"), world.add_phone("Завод")
    await asyncio.gather(
        file_each(world, anna, Category.INDIVIDUAL, "Иванова Анна Петровна", codes),
        file_each(world, plant, Category.LEGAL, 'ООО "Завод <Искра> & Ко"', codes),
    )
    assert await world.stop() == 0
    assert world.telegram.violations == []
    log = world.log()
    assert "ERROR" not in log
    assert "Traceback" not in log
    for secret in ("anna", "Иванова", "Искра", anna.number, flows.TEXT):
        assert secret not in log


async def file_each(
    world: World, phone: Phone, category: Category, name: str, codes: Sequence[str]
) -> None:
    catalogue = load()
    email = f"{category}@example.ru"
    await flows.register_and_log_in(phone, world.mail_client, category, email, name)
    numbers = []
    for one in (one for one in catalogue.types if one.code in codes):
        await flows.open_form(phone, one.button["ru"])
        form = catalogue.get_form(one.code, category)
        # Who wants to stay unknown signs nothing.
        given = await flows.fill_form(phone, form, get_today(), chosen={"confidential": "no"})
        mark = f"{category} {one.code}"
        shown = [name, email, flows.TEXT, one.title["ru"], *list_shown_answers(form, given)]
        draft, application = take_application(phone, shown)
        scans = [make_pdf(mark), photograph(application), make_jpeg(f"{mark} 2")]
        await phone.send_document(scans[0], "Паспорт.pdf")
        await phone.send_album(*scans[1:])
        assert "Принято 3 файла" in phone.screen
        await phone.press("Готово")
        await phone.press("Отправить")
        due = WorkingCalendar().compute_due(get_today(), TERMS[one.code])
        if catalogue.is_emergency(one.code, category, given):
            hours = catalogue.get_emergency_hours(one.code)
            assert hours
            due = (datetime.now(ZoneInfo("Europe/Moscow")) + timedelta(hours=hours)).date()
        told = await phone.expects("№ 2", f"{due:%d.%m.%Y}", one.title["ru"])
        number = told.partition("№ ")[2][:11]
        numbers.append(number)
        letter = await world.mail_client.expects(to=email, subject=number)
        assert f"{due:%d.%m.%Y}" in letter.text
        assert flows.TEXT in letter.text
        assert number in letter.html
        check_receipt(letter, [number, draft, *shown], scans)
        head, *sent = await world.wait_for_card(number, 1 + len(scans))
        for words in (*shown, f"{due:%d.%m.%Y}", "Сканы: 3 файла", draft):
            assert read_spaces(words) in read_spaces(head["text"]), (one.code, words)
        # The photos of the album, then the document.
        assert [world.read_media(message) for message in sent] == [*scans[1:], scans[0]]
        await check_documents(world, head, number, scans)
        stored = {hashlib.sha256(path.read_bytes()).digest() for path in world.list_files()}
        assert {hashlib.sha256(scan).digest() for scan in scans} <= stored
    assert len(set(numbers)) == len(codes)
    await check_request_list(phone, numbers)


def list_shown_answers(form: Form, given: Mapping[str, str]) -> list[str]:
    """The answers as people read them, but dates."""
    shown = []
    for field in list_visible(form.fields, given):
        if field.key not in {"text", "scans"} and field.kind != "date" and given[field.key]:
            chosen = {choice.value: choice.label for choice in field.choices}
            label = chosen.get(given[field.key])
            shown.append(label["ru"] if label else given[field.key])
    return shown


def take_application(phone: Phone, shown: Sequence[str]) -> tuple[str, bytes]:
    """Number and bytes of the application that came before the question about scans."""
    assert "Заявление готово" in phone.screen
    name, data = list_sent_files(phone.telegram, phone.messages)[-1]
    number = name.removeprefix("Заявление ").removesuffix(".pdf")
    read = squeeze(read_text(data))
    for words in (*shown, "Сети <Севера> & Юга", f"Черновик № {number}"):
        assert squeeze(words) in read, words
    return number, data


def check_receipt(letter: Mail, shown: Sequence[str], scans: Sequence[bytes]) -> None:
    (name,) = letter.attachments
    read = squeeze(read_text(letter.read_attachment(name)))
    for words in (*shown, *(hashlib.sha256(scan).hexdigest() for scan in scans)):
        assert squeeze(words) in read, words


async def check_documents(world: World, card: Message, number: str, scans: Sequence[bytes]) -> None:
    """The staff get the receipt, and both photos as one PDF."""
    maria = StaffPhone(world.telegram, STAFF_CHAT_ID, 501, "Мария")
    await maria.press(card, "Квитанция")
    receipt = await maria.expects(f"Квитанция {number}")
    assert number in read_text(world.read_document(receipt))
    await maria.press(card, "Фото одним PDF")
    joined = await maria.expects(f"Фото по заявке {number}")
    with pikepdf.open(io.BytesIO(world.read_document(joined))) as pdf:
        pictures = [
            picture.read_raw_bytes()
            for page in pdf.pages
            for picture in page.resources.XObject.values()
        ]
    assert pictures == scans[1:]


async def check_request_list(phone: Phone, numbers: list[str]) -> None:
    """Newest first, five a page, each with everything."""
    await phone.say("/menu")
    await phone.press("Заявки")
    shown = [words[-11:] for words in phone.buttons if "№" in words]
    assert shown == list(reversed(numbers))[:5]
    if len(numbers) > 5:
        await phone.press("▶")
        assert [words[-11:] for words in phone.buttons if "№" in words] == [numbers[0]]
    await phone.press(numbers[0])
    assert "Зарегистрирована" in phone.screen
    assert "Паспорт.pdf" in phone.screen
    assert flows.TEXT in phone.screen


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
async def test_a_stop_is_clean_and_a_form_goes_on_after_it(world: World) -> None:
    phone = world.add_phone("Пётр")
    await phone.say("/start")
    await phone.press("Регистрация")
    await phone.press("Согласен")
    await phone.press("Физическое лицо")
    assert await world.stop() == 0
    phone.telegram.send(phone.user_id, phone.user_id, text="Петров Пётр")
    await world.start()
    await phone.wait_until_handled()
    assert "Шаг 4 из 5" in phone.screen
