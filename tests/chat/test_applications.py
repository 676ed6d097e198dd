"""The application ready to sign, the power of attorney, receipts, and photos as one PDF."""

import hashlib
import io
import re
import zipfile
from typing import Any

import pikepdf
import pytest

from bot.domain import Category
from bot.integrations.errors import LimitExceeded, WorkerDied
from bot.integrations.worker_process import WorkerProcess
from bot.request_types import load
from tests.support import flows
from tests.support.files import make_jpeg, make_pdf
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import (
    EACH_STORAGE,
    InProcessCabinet,
    InProcessPhone,
    get_email,
)
from tests.support.pdf_text import photograph, read_text, squeeze
from tests.support.sent_files import list_sent_files

CATALOGUE = load()
VISIT = CATALOGUE.get_form("meter_reading_visit", Category.INDIVIDUAL)
REPORT = CATALOGUE.get_form("unmetered_report", Category.INDIVIDUAL)
WAYS = ["Подписать и приложить", "Уже подписал(а)", "Без заявления"]


def list_documents(phone: InProcessPhone) -> list[tuple[str, bytes]]:
    return list_sent_files(phone.telegram, phone.messages)


async def reach_files(
    cabinet: InProcessCabinet, code: str, category: Category = Category.INDIVIDUAL
) -> InProcessPhone:
    """A consumer who is asked for scans."""
    form = cabinet.app.catalogue.get_form(code, category)
    phone = await start_form(cabinet, form)
    # Of a choice the last one: a report whose author need not stay unknown.
    async for field in answer_questions(
        phone, form, cabinet.today, lambda field: len(field.choices) - 1
    ):
        if field.kind == "files":
            break
    return phone


@EACH_STORAGE
async def test_an_application_comes_before_the_scans(cabinet: InProcessCabinet) -> None:
    phone = await reach_files(cabinet, "meter_reading_visit")
    ((name, data),) = list_documents(phone)
    assert re.fullmatch(r"Заявление [0-9A-F]{8}-[0-9A-F]{4}\.pdf", name)
    read = squeeze(read_text(data))
    for words in (
        "Сети <Севера> & Юга",
        "Иванова Анна Петровна",
        "+7 912 345-67-89",
        VISIT.title["ru"] if VISIT.title else "",
        flows.TEXT,
        "Фото счётчика",
        f"{cabinet.today:%d.%m.%Y}",
        f"Черновик № {name.split()[1].removesuffix('.pdf')}",
    ):
        assert squeeze(words) in read, words
    assert "Заявление готово" in phone.screen
    assert phone.buttons[:3] == WAYS
    # What was pressed before works as before.
    assert {"Пропустить", "Назад", "Отмена"} <= set(phone.buttons)


async def test_the_three_ways_are_explained_on_one_screen(cabinet: InProcessCabinet) -> None:
    phone = await reach_files(cabinet, "meter_reading_visit")
    await phone.press("Подписать и приложить")
    assert "1. Распечатайте" in phone.screen
    assert "2. Сфотографируйте" in phone.screen
    await phone.press("Уже подписал(а)")
    assert "Пришлите фото или скан" in phone.screen
    await phone.press("Без заявления")
    assert "можно отправить без заявления" in phone.screen
    assert len(list_documents(phone)) == 1
    await phone.send_document(make_pdf("signed"), "Скан.pdf")
    assert "Принят 1 файл" in phone.screen
    assert not set(WAYS) & set(phone.buttons)
    await phone.press("Готово")
    await phone.press("Отправить")
    assert "Заявка зарегистрирована" in phone.screen


async def test_a_changed_answer_makes_a_new_application(cabinet: InProcessCabinet) -> None:
    phone = await reach_files(cabinet, "meter_reading_visit")
    await phone.send_document(make_pdf("signed"), "Скан.pdf")
    await phone.press("Готово")
    await phone.press("Изменить")
    await phone.press("Номер договора или лицевого счёта")
    await phone.say("7-000-777")
    assert "прежнее заявление больше не подходит" in phone.screen
    (first, old), (second, new) = list_documents(phone)
    assert first.split()[1][:8] == second.split()[1][:8]
    assert first != second
    assert "7-000-777" not in read_text(old)
    assert "7-000-777" in read_text(new)
    # The same answer again changes nothing.
    await phone.press("Изменить")
    await phone.press("Номер договора или лицевого счёта")
    await phone.say("7-000-777")
    assert "больше не подходит" not in phone.screen
    assert len(list_documents(phone)) == 2
    await phone.press("Отправить")
    await cabinet.deliver()
    async with cabinet.app.database.read() as tx:
        request = await tx.requests.get(1)
    assert request is not None
    # The staff compare it with the paper.
    assert f"Заявление {request.application_number}.pdf" == second


async def test_an_answer_changed_before_the_scans_makes_one_too(cabinet: InProcessCabinet) -> None:
    phone = await reach_files(cabinet, "meter_reading_visit")
    await phone.press("Назад")
    await phone.say("Другой текст заявки, который отличается от прежнего")
    assert "прежнее заявление больше не подходит" in phone.screen
    assert "Другой текст" in read_text(list_documents(phone)[-1][1])


async def test_who_wants_to_stay_unknown_signs_nothing(cabinet: InProcessCabinet) -> None:
    phone = await start_form(cabinet, REPORT)

    async for field in answer_questions(phone, REPORT, cabinet.today):
        if field.kind == "files":
            break
    assert list_documents(phone) == []
    assert not set(WAYS) & set(phone.buttons)
    assert "Заявление готово" not in phone.screen


async def test_a_representative_gets_a_blank(cabinet: InProcessCabinet) -> None:
    phone = await reach_files(cabinet, "tech_connection", Category.LEGAL)
    await phone.press("Бланк доверенности")
    name, data = list_documents(phone)[-1]
    assert name == "Доверенность.pdf"
    read = squeeze(read_text(data))
    for words in ("Сети <Севера> & Юга", "Иванова Анна Петровна", "500100732259", "ул. Мира, 5"):
        assert squeeze(words) in read, words
    assert "Бланк доверенности – в файле выше" in phone.screen
    assert "Пропустить" in phone.buttons


async def test_the_english_get_it_in_russian_and_are_told(cabinet: InProcessCabinet) -> None:
    phone = await start_form(cabinet, VISIT)
    async for field in answer_questions(phone, VISIT, cabinet.today):
        if field.key == "text":
            break
    await phone.say("/language")
    await phone.press("English")
    await phone.say("/menu")
    await phone.press("Continue filling in")
    await phone.say("Please come in the morning")
    assert "Your application is ready" in phone.screen
    assert "It is in Russian" in phone.screen
    ((_, data),) = list_documents(phone)
    read = read_text(data)
    assert VISIT.title is not None
    assert squeeze(VISIT.title["ru"]) in squeeze(read)
    assert "Please come in the morning" in read
    assert VISIT.fields[0].label is not None
    assert VISIT.fields[0].label["en"] not in read


# --- when no PDF can be made ------------------------------------------------------------------


@pytest.mark.parametrize("error", [WorkerDied("killed"), LimitExceeded("time")])
async def test_a_form_goes_on_without_its_pdf_and_says_so(
    cabinet: InProcessCabinet, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    documents = cabinet.app.services.documents
    documents._worker = BrokenWorker(error)
    phone = await reach_files(cabinet, "meter_reading_visit")
    assert list_documents(phone) == []
    assert "Не получилось подготовить PDF" in phone.screen
    await phone.press("Пропустить")
    await phone.press("Отправить")
    assert "Заявка зарегистрирована" in phone.screen
    await phone.press("Квитанция")
    assert "Не получилось составить квитанцию" in phone.screen
    await cabinet.deliver()
    (letter,) = cabinet.mailer.list_letters(get_email(phone))
    assert letter.attachments == ()
    caplog.clear()


async def test_it_is_tried_again_when_the_way_is_chosen(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    documents = cabinet.app.services.documents
    worker, documents._worker = documents._worker, BrokenWorker(WorkerDied("killed"))
    phone = await reach_files(cabinet, "meter_reading_visit")
    assert list_documents(phone) == []
    documents._worker = worker
    await phone.press("Подписать и приложить")
    assert len(list_documents(phone)) == 1
    assert "Заявление готово" in phone.screen
    caplog.clear()


async def test_a_worker_that_is_killed_is_replaced(cabinet: InProcessCabinet) -> None:
    phone = await reach_files(cabinet, "meter_reading_visit")
    process = cabinet.app.services.documents._worker._process
    assert process is not None
    process.kill()
    await process.wait()
    await phone.press("Назад")
    await phone.say("Другой текст заявки, который отличается от прежнего")
    assert len(list_documents(phone)) == 2


async def test_a_person_gets_so_many_pdfs_and_goes_on(
    cabinet: InProcessCabinet,
) -> None:
    async with cabinet.run(limit_documents=(1, 3600)):
        phone = await reach_files(cabinet, "meter_reading_visit")
        assert len(list_documents(phone)) == 1
        await phone.press("Назад")
        await phone.say("Другой текст заявки, который отличается от прежнего")
        assert len(list_documents(phone)) == 1
        assert "Не получилось подготовить PDF" in phone.screen
        await phone.press("Пропустить")
        await phone.press("Отправить")
        await phone.press("Квитанция")
        assert "Слишком много файлов PDF подряд" in phone.alerts[-1]


class BrokenWorker(WorkerProcess):
    """Every call fails."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    async def run(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        raise self._error


# --- after the registration -------------------------------------------------------------------


async def test_a_receipt_comes_by_button_and_by_letter(cabinet: InProcessCabinet) -> None:
    phone = await reach_files(cabinet, "meter_reading_visit")
    scan = make_pdf("signed")
    await phone.send_document(scan, "Скан заявления.pdf")
    await phone.press("Готово")
    await phone.press("Отправить")
    await phone.press("Квитанция")
    assert "в файле выше" in phone.screen
    name, data = list_documents(phone)[-1]
    assert name == "Квитанция 2026-000001.pdf"
    application = list_documents(phone)[0][0].split()[1].removesuffix(".pdf")
    read = squeeze(read_text(data))
    async with cabinet.app.database.read() as tx:
        request = await tx.requests.get(1)
    assert request is not None
    for words in (
        "2026-000001",
        f"{request.review_due:%d.%m.%Y}",
        f"{cabinet.today:%d.%m.%Y}",
        flows.TEXT,
        "Скан заявления.pdf",
        hashlib.sha256(scan).hexdigest(),
        application,
    ):
        assert squeeze(words) in read, words
    await cabinet.deliver()
    (letter,) = cabinet.mailer.list_letters(get_email(phone))
    (attachment,) = letter.attachments
    assert attachment.name == name
    assert squeeze(read_text(attachment.data)) == read
    # It is on the screen of the request too.
    await flows.open_request(phone, "2026-000001")
    assert "Квитанция" in phone.buttons


async def test_the_staff_get_receipt_and_photos_from_the_card(cabinet: InProcessCabinet) -> None:
    phone = await reach_files(cabinet, "meter_reading_visit")
    signed = photograph(list_documents(phone)[0][1])
    await phone.send_album(signed, make_jpeg("second page"))
    await phone.press("Готово")
    await phone.press("Отправить")
    await cabinet.deliver()
    maria = cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001", "Заявление на бумаге")
    number = list_documents(phone)[0][0].split()[1].removesuffix(".pdf")
    assert number in card["text"]
    await maria.press(card, "Квитанция")
    await maria.press(card, "Фото одним PDF")
    files = list_sent_files(cabinet.telegram, maria.messages)
    photos = [one["photo"][-1]["file_id"] for one in maria.messages if "photo" in one]
    # The originals stay byte for byte.
    assert cabinet.telegram.files[photos[0]].data == signed
    (receipt, receipt_data), (joined, joined_data) = files[-2:]
    assert receipt == "Квитанция 2026-000001.pdf"
    assert "2026-000001" in read_text(receipt_data)
    assert joined == "Фото по заявке 2026-000001.pdf"
    with pikepdf.open(io.BytesIO(joined_data)) as pdf:
        assert len(pdf.pages) == 2
        (picture,) = pdf.pages[0].resources.XObject.values()
        assert picture.read_raw_bytes() == signed


async def test_my_data_hold_application_and_receipt(cabinet: InProcessCabinet) -> None:
    phone = await reach_files(cabinet, "meter_reading_visit")
    ((application, made),) = list_documents(phone)
    await phone.press("Пропустить")
    await phone.press("Отправить")
    await phone.say("/menu")
    await phone.press("Профиль")
    await phone.press("Мои данные")
    await cabinet.deliver()
    name, archive = list_documents(phone)[-1]
    assert name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        folder = "documents/2026-000001"
        kept = files.read(f"{folder}/{application}")
        assert read_text(kept) == read_text(made)
        assert "2026-000001" in read_text(files.read(f"{folder}/Квитанция 2026-000001.pdf"))


async def test_a_repeated_press_sends_the_application_again_or_nothing_is_lost(
    cabinet: InProcessCabinet,
) -> None:
    phone = await reach_files(cabinet, "meter_reading_visit")
    for update in cabinet.taken[-3:]:
        cabinet.telegram.updates.append(update)
    await cabinet.take_updates()
    assert len(list_documents(phone)) == 1
    await phone.press("Пропустить")
    await phone.press("Отправить")
    assert await cabinet.count_requests() == 1
