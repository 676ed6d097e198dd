"""Two consumers, six types of requests each, over HTTP, SMTP and disk."""

import asyncio
import hashlib
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain import Category
from bot.fsm.model import list_visible
from bot.request_types import Catalogue, ReviewTerm, load
from bot.services.calendar import WorkingCalendar
from sandbox.bot_api.state import Message
from tests.support import flows
from tests.support.files import make_jpeg, make_pdf
from tests.support.phone import PATIENCE_SECONDS, Phone
from tests.support.world import STAFF_CHAT_ID, World

#: Terms by the packaged file for the first choice of each question: days, working or calendar.
TERMS = {
    "tech_connection": ReviewTerm(days=10, working=True),
    "meter_reading_visit": ReviewTerm(days=10, working=True),
    "meter_commissioning": ReviewTerm(days=30, working=False),
    "meter_installation": ReviewTerm(days=10, working=True),
    "unmetered_report": ReviewTerm(days=15, working=False),
    "grid_asset_theft": ReviewTerm(days=15, working=False),
}


async def test_two_consumers_file_all_types(served: World) -> None:
    catalogue = load()
    anna, plant = served.phone("Анна"), served.phone("Завод")
    await asyncio.gather(
        files_everything(served, anna, Category.INDIVIDUAL, "Иванова Анна Петровна", catalogue),
        files_everything(served, plant, Category.LEGAL, 'ООО "Завод <Искра> & Ко"', catalogue),
    )
    assert await served.stop() == 0
    assert served.telegram.violations == []
    log = served.log()
    assert "ERROR" not in log
    assert "Traceback" not in log
    for secret in ("anna", "Иванова", "Искра", anna.number, flows.TEXT):
        assert secret not in log


async def files_everything(
    served: World, phone: Phone, category: Category, name: str, catalogue: Catalogue
) -> None:
    email = f"{category}@example.ru"
    await flows.signed_in(phone, served.mail_client, category, email, name)
    numbers = []
    for one in catalogue.types:
        await flows.open_form(phone, one.button["ru"])
        form = catalogue.get_form(one.code, category)
        given = await flows.fill(phone, form, today())
        mark = f"{category} {one.code}"
        scans = [make_pdf(mark), make_jpeg(f"{mark} 1"), make_jpeg(f"{mark} 2")]
        await phone.send_document(scans[0], "Заявление.pdf")
        await phone.send_album(*scans[1:])
        assert "Принято файлов: 3" in phone.screen
        await phone.press("Готово")
        await phone.press("Отправить")
        due = WorkingCalendar().compute_due(today(), TERMS[one.code])
        told = await phone.expects("№ 2", f"{due:%d.%m.%Y}", one.title["ru"])
        number = told.partition("№ ")[2][:11]
        numbers.append(number)
        letter = await served.mail_client.expects(to=email, subject=number)
        assert f"{due:%d.%m.%Y}" in letter.text
        assert flows.TEXT in letter.text
        assert number in letter.html
        head, *sent = await card_of(served, number, 1 + len(scans))
        shown = [name, email, flows.TEXT, f"{due:%d.%m.%Y}", "Сканы: 3 файла", one.title["ru"]]
        for field in list_visible(form.fields, given):
            if field.key not in {"text", "scans"} and field.kind != "date" and given[field.key]:
                chosen = {choice.value: choice.label for choice in field.choices}
                label = chosen.get(given[field.key])
                shown.append(label["ru"] if label else given[field.key])
        for words in shown:
            assert words in head["text"], (one.code, words)
        assert [bytes_of(served, message) for message in sent] == scans
        stored = {hashlib.sha256(path.read_bytes()).digest() for path in files_of(served)}
        assert {hashlib.sha256(scan).digest() for scan in scans} <= stored
    assert len(set(numbers)) == len(catalogue.types)
    await sees_its_requests(phone, numbers)


async def sees_its_requests(phone: Phone, numbers: list[str]) -> None:
    """Newest first, five a page, each with everything."""
    await phone.say("/menu")
    await phone.press("Заявки")
    shown = [words for words in phone.buttons if words.startswith("№")]
    assert shown == [f"№ {number}" for number in reversed(numbers[1:])]
    await phone.press("▶")
    assert [words for words in phone.buttons if words.startswith("№")] == [f"№ {numbers[0]}"]
    await phone.press(numbers[0])
    assert "Зарегистрирована" in phone.screen
    assert "Заявление.pdf" in phone.screen
    assert flows.TEXT in phone.screen


async def card_of(served: World, number: str, messages: int) -> list[Message]:
    """The card and its scans, which are replies to it."""
    group = served.telegram.chats[STAFF_CHAT_ID]

    def found() -> list[Message]:
        heads = [one for one in group.messages.values() if number in one.get("text", "")]
        ids = {head["message_id"] for head in heads}
        replies = [
            one
            for one in group.messages.values()
            if one.get("reply_to_message", {}).get("message_id") in ids
        ]
        return heads + replies

    came = await served.telegram.until(lambda: len(found()) >= messages, 2 * PATIENCE_SECONDS)
    assert came, (number, found())
    return found()


def bytes_of(served: World, message: Message) -> bytes:
    return served.telegram.files[message["document"]["file_id"]].data


def files_of(served: World) -> list[Path]:
    return [path for path in served.files.rglob("*") if path.is_file()]


def today() -> date:
    return datetime.now(ZoneInfo("Europe/Moscow")).date()


@pytest.mark.parametrize("served", ["sqlite"], indirect=True)
async def test_a_stop_is_clean_and_a_form_goes_on_after_it(served: World) -> None:
    phone = served.phone("Пётр")
    await phone.say("/start")
    await phone.press("Регистрация")
    await phone.press("Физическое лицо")
    assert await served.stop() == 0
    phone.telegram.send(phone.user_id, phone.user_id, text="Петров Пётр")
    await served.start()
    await phone.settled()
    assert "Шаг 3 из 5" in phone.screen
