"""Scans as consumers send them: albums, wrong files, too many of them, and one too much."""

import pytest

from bot.domain import Category
from bot.request_types import load
from sandbox.bot_api.state import ApiError, Fault
from tests.support.files import make_jpeg, make_locked_pdf, make_pdf, make_scripted_pdf
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import EACH_STORAGE, InProcessCabinet, InProcessPhone

pytestmark = EACH_STORAGE

FORM = load().get_form("grid_asset_theft", Category.INDIVIDUAL)
PDF = make_pdf()
JPEG = make_jpeg()


@pytest.fixture
async def phone(cabinet: InProcessCabinet) -> InProcessPhone:
    """A phone that is asked for scans."""
    phone = await start_form(cabinet, FORM)
    async for field in answer_questions(phone, FORM, cabinet.today):
        if field.kind == "files":
            break
    assert "Приложите сканы" in phone.screen
    return phone


async def test_files_of_every_way_are_counted_and_one_is_removed(phone: InProcessPhone) -> None:
    await phone.send_document(PDF, "Заявление.pdf")
    await phone.send_album(JPEG, JPEG + b"2")
    still = phone.telegram.store_file(JPEG + b"live", "live.jpg")
    about = {"file_unique_id": still.unique_id, "width": 9, "height": 9}
    photo = {**about, "file_id": still.file_id}
    await phone.send(live_photo={**about, "file_id": "video", "duration": 3, "photo": [photo]})
    assert "Принято 4 файла" in phone.screen
    for name in ("Фото 1.jpg", "Фото 2.jpg", "Фото 3.jpg"):
        assert f"• {name}" in phone.screen
    assert phone.rows[0] == ["Готово"]
    assert ["Убрать файл…"] in phone.rows
    await phone.press("Убрать файл…")
    assert phone.buttons == [
        "✕ Заявление.pdf",
        "✕ Фото 1.jpg",
        "✕ Фото 2.jpg",
        "✕ Фото 3.jpg",
        "Назад",
    ]
    await phone.press("Назад")
    await phone.press("Убрать файл…")
    await phone.press("✕ Заявление.pdf")
    assert "Принято 3 файла" in phone.screen
    assert "Заявление.pdf" not in phone.screen
    await phone.press("Готово")
    assert "Сканы: 3 файла" in phone.screen


@pytest.mark.parametrize(
    ("data", "name", "complaint"),
    [
        (b"MZ\x90 a program", "Заявление.pdf", "нужен PDF, JPEG, PNG, TIFF или HEIC"),
        (b"", "Пустой.pdf", "пуст"),
        (b"%PDF-1.7\n" + bytes(20 * 1024**2), "Большой.pdf", "больше 20 МБ"),
        (b"%PDF-1.7\nscan\n%%EOF", "Битый.pdf", "не открывается"),
        (make_locked_pdf(), "Закрытый.pdf", "закрыт паролем. Сохраните его без пароля"),
        (make_scripted_pdf(), "Форма.pdf", "сценарий или макрос"),
    ],
)
async def test_a_wrong_file_is_named_and_the_rest_stay(
    phone: InProcessPhone, data: bytes, name: str, complaint: str
) -> None:
    await phone.send_document(PDF, "Верный.pdf")
    await phone.send_document(data, name)
    for words in (complaint, f"«{name}»", "Принят 1 файл", "Верный.pdf"):
        assert words in phone.screen


async def test_the_eleventh_file_is_refused(phone: InProcessPhone) -> None:
    for number in range(11):
        await phone.send_document(PDF + str(number).encode(), f"{number}.pdf")
    assert "Больше 10 файлов приложить нельзя" in phone.screen
    assert "Принято 10 файлов" in phone.screen


async def test_a_file_that_telegram_keeps_back_is_asked_for_again(
    phone: InProcessPhone, caplog: pytest.LogCaptureFixture
) -> None:
    await phone.send_document(PDF, "Верный.pdf")
    gone = ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    phone.telegram.faults.append(Fault(method="getFile", error=gone))
    await phone.send_document(PDF + b"2", "Второй.pdf")
    caplog.clear()
    await phone.send_document(PDF + b"3", "Третий.pdf")
    assert "Принято 2 файла" in phone.screen


async def test_an_answer_is_changed_on_the_review_card(
    cabinet: InProcessCabinet, phone: InProcessPhone
) -> None:
    await phone.press("Пропустить")
    await phone.press("Изменить")
    await phone.press("Место (адрес или ориентир)")
    await phone.say("x")
    assert "Слишком коротко" in phone.screen
    await phone.press("Назад")
    assert "Проверьте заявку" in phone.screen
    await phone.press("Изменить")
    await phone.press("Место (адрес или ориентир)")
    await phone.say("Деревня Сосновка, мост")
    await phone.press("Отправить")
    await phone.press("К заявкам")
    await phone.press("2026-000001")
    assert "Деревня Сосновка, мост" in phone.screen
    assert await cabinet.count_requests() == 1
