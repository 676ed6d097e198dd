"""Two consumers, six types of requests each, over HTTP, SMTP and disk."""

import asyncio
import hashlib
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain import Category
from bot.fsm.model import list_visible
from bot.request_types import Catalogue, ReviewTerm, load
from bot.services.calendar import WorkingCalendar
from tests.support import flows
from tests.support.clock import get_today
from tests.support.files import make_jpeg, make_pdf
from tests.support.no_break_spaces import read_spaces
from tests.support.phone import Phone
from tests.support.world import World

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


async def test_two_consumers_file_all_types(world: World) -> None:
    catalogue = load()
    anna, plant = world.add_phone("Анна"), world.add_phone("Завод")
    await asyncio.gather(
        file_every_type(world, anna, Category.INDIVIDUAL, "Иванова Анна Петровна", catalogue),
        file_every_type(world, plant, Category.LEGAL, 'ООО "Завод <Искра> & Ко"', catalogue),
    )
    assert await world.stop() == 0
    assert world.telegram.violations == []
    log = world.log()
    assert "ERROR" not in log
    assert "Traceback" not in log
    for secret in ("anna", "Иванова", "Искра", anna.number, flows.TEXT):
        assert secret not in log


async def file_every_type(
    world: World, phone: Phone, category: Category, name: str, catalogue: Catalogue
) -> None:
    email = f"{category}@example.ru"
    await flows.register_and_log_in(phone, world.mail_client, category, email, name)
    numbers = []
    for one in catalogue.types:
        await flows.open_form(phone, one.button["ru"])
        form = catalogue.get_form(one.code, category)
        given = await flows.fill_form(phone, form, get_today())
        mark = f"{category} {one.code}"
        scans = [make_pdf(mark), make_jpeg(f"{mark} 1"), make_jpeg(f"{mark} 2")]
        await phone.send_document(scans[0], "Заявление.pdf")
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
        head, *sent = await world.wait_for_card(number, 1 + len(scans))
        shown = [name, email, flows.TEXT, f"{due:%d.%m.%Y}", "Сканы: 3 файла", one.title["ru"]]
        for field in list_visible(form.fields, given):
            if field.key not in {"text", "scans"} and field.kind != "date" and given[field.key]:
                chosen = {choice.value: choice.label for choice in field.choices}
                label = chosen.get(given[field.key])
                shown.append(label["ru"] if label else given[field.key])
        for words in shown:
            assert read_spaces(words) in read_spaces(head["text"]), (one.code, words)
        # The photos of the album, then the document.
        assert [world.read_media(message) for message in sent] == [*scans[1:], scans[0]]
        stored = {hashlib.sha256(path.read_bytes()).digest() for path in world.list_files()}
        assert {hashlib.sha256(scan).digest() for scan in scans} <= stored
    assert len(set(numbers)) == len(catalogue.types)
    await check_request_list(phone, numbers)


async def check_request_list(phone: Phone, numbers: list[str]) -> None:
    """Newest first, five a page, each with everything."""
    await phone.say("/menu")
    await phone.press("Заявки")
    shown = [words[-11:] for words in phone.buttons if "№" in words]
    assert shown == list(reversed(numbers[1:]))
    await phone.press("▶")
    assert [words[-11:] for words in phone.buttons if "№" in words] == [numbers[0]]
    await phone.press(numbers[0])
    assert "Зарегистрирована" in phone.screen
    assert "Заявление.pdf" in phone.screen
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
