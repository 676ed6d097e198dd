"""Photos reach the group as an album of photos, documents as documents; each has a name."""

from typing import Any

import pytest

from bot.domain import Category
from bot.request_types import load
from sandbox.bot_api.state import ApiError, Fault
from tests.support import flows
from tests.support.files import make_jpeg, make_pdf
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import (
    EACH_STORAGE,
    PASSWORD,
    STAFF_CHAT_ID,
    InProcessCabinet,
    InProcessPhone,
)

TYPES = ("unmetered_report", "grid_asset_theft")
PHOTOS = [make_jpeg(f"photo {number}") for number in range(3)]
#: The same bytes as a file: its sender wants all its points kept.
PICTURE = make_jpeg("picture")


async def file_with_photos(
    cabinet: InProcessCabinet, *photos: bytes, code: str = TYPES[0]
) -> InProcessPhone:
    """A request with a document, an album of photos and a picture sent as a file."""
    form = load().get_form(code, Category.INDIVIDUAL)
    phone = await start_form(cabinet, form)
    async for field in answer_questions(phone, form, cabinet.today):
        if field.kind == "files":
            await phone.send_document(make_pdf("act"), "Акт.pdf")
            await phone.send_album(*photos)
            await phone.send_document(PICTURE, "Вид.jpg", "image/jpeg")
            await phone.press("Готово")
            break
    await phone.press("Отправить")
    await cabinet.deliver()
    return phone


def list_media(cabinet: InProcessCabinet, kind: str) -> list[dict[str, Any]]:
    group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
    return [one for one in group if kind in one]


def read_photo(cabinet: InProcessCabinet, message: dict[str, Any]) -> bytes:
    return cabinet.telegram.files[message["photo"][-1]["file_id"]].data


@EACH_STORAGE
@pytest.mark.parametrize("code", TYPES)
async def test_photos_come_as_an_album_and_documents_as_documents(
    cabinet: InProcessCabinet, code: str
) -> None:
    await file_with_photos(cabinet, *PHOTOS, code=code)
    photos = list_media(cabinet, "photo")
    assert [read_photo(cabinet, one) for one in photos] == PHOTOS
    assert len({one["media_group_id"] for one in photos}) == 1
    names = [f"Фото {number}.jpg" for number in (1, 2, 3)]
    assert [one["caption"].partition(" · ")[2] for one in photos] == names
    documents = list_media(cabinet, "document")
    assert [one["document"]["file_name"] for one in documents] == ["Акт.pdf", "Вид.jpg"]
    card = await cabinet.add_staff_phone().expects_card("2026-000001", "5 файлов")
    for one in (*photos, *documents):
        assert one["reply_to_message"]["message_id"] == card["message_id"]


async def test_photos_have_english_names_too(cabinet: InProcessCabinet) -> None:
    form = load().get_form(TYPES[0], Category.INDIVIDUAL)
    phone = await start_form(cabinet, form)
    async for field in answer_questions(phone, form, cabinet.today):
        if field.kind == "files":
            break
    await phone.say("/language")
    await phone.press("English")
    await phone.press("Continue filling in")
    await phone.send_album(*PHOTOS[:2])
    assert "• Photo 1.jpg\n• Photo 2.jpg" in phone.screen
    assert phone.rows[:2] == [["Done"], ["Remove a file…"]]
    await phone.press("Remove a file…")
    await phone.press("✕ Photo 1.jpg")
    assert "Photo 1.jpg" not in phone.screen
    assert "Photo 2.jpg" in phone.screen


async def test_one_photo_is_no_album(cabinet: InProcessCabinet) -> None:
    await file_with_photos(cabinet, PHOTOS[0])
    (photo,) = list_media(cabinet, "photo")
    assert "media_group_id" not in photo


async def test_a_reply_to_a_photo_of_the_album_reaches_the_consumer(
    cabinet: InProcessCabinet,
) -> None:
    phone = await file_with_photos(cabinet, *PHOTOS)
    await cabinet.add_staff_phone().say("Снято не то", reply_to=list_media(cabinet, "photo")[1])
    await cabinet.deliver()
    await phone.expects("Снято не то")


async def test_photos_that_telegram_refuses_come_as_documents(cabinet: InProcessCabinet) -> None:
    refusal = ApiError(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    cabinet.telegram.faults.append(Fault(method="sendMediaGroup", error=refusal))
    await file_with_photos(cabinet, *PHOTOS)
    assert list_media(cabinet, "photo") == []
    names = [one["document"]["file_name"] for one in list_media(cabinet, "document")]
    assert sorted(names) == ["Акт.pdf", "Вид.jpg", "Фото 1.jpg", "Фото 2.jpg", "Фото 3.jpg"]


async def test_a_photo_that_is_added_later_has_the_next_number(cabinet: InProcessCabinet) -> None:
    phone = await file_with_photos(cabinet, *PHOTOS[:2])
    await phone.forge("q:supplement:1:0")
    cabinet.telegram.send_file(
        phone.user_id, phone.user_id, PHOTOS[2], "x", "image/jpeg", photo=True
    )
    await phone.wait_until_handled()
    await phone.press("Готово")
    assert "• Фото 3.jpg" in phone.screen
    await phone.press("Файлы")
    await phone.press("Фото 3.jpg")
    sent = [one for one in phone.messages if "photo" in one]
    assert read_photo(cabinet, sent[-1]) == PHOTOS[2]
    await phone.press("Вид.jpg")
    assert [one for one in phone.messages if "document" in one]


async def test_old_photos_of_an_album_are_blanked_by_an_erasure(cabinet: InProcessCabinet) -> None:
    phone = await file_with_photos(cabinet, *PHOTOS)
    group = cabinet.telegram.chats[STAFF_CHAT_ID]
    for message in group.messages.values():
        # A bot without the right to delete may not do so any more.
        message["date"] -= 3 * 24 * 3600
    await flows.open_request(phone, "2026-000001")
    await phone.say("/menu")
    for words in ("Профиль", "Удалить аккаунт", "Продолжить удаление"):
        await phone.press(words)
    await phone.say(PASSWORD)
    await cabinet.deliver()
    photos = list_media(cabinet, "photo")
    assert len(photos) == 3
    for one in photos:
        assert read_photo(cabinet, one) not in PHOTOS
        assert "Фото" not in one["caption"]
