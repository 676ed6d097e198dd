"""Readings as people give them: few taps, photos of the dial, mistakes, meters that are wrong."""

import json
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest

from bot.domain import Address, Category
from tests.support.files import make_jpeg
from tests.support.flows import enter_reading
from tests.support.in_process import (
    InProcessCabinet,
    InProcessPhone,
    get_email,
)

NUMBER = "0812-094521"
METER = f"№ {NUMBER} · Однотарифный"


async def submit(phone: InProcessPhone, value: str, kind: str = "Однотарифный") -> None:
    await enter_reading(phone, kind, NUMBER, value)
    await phone.press("Ввести")
    assert "Показания приняты" in phone.screen


def count_taps(cabinet: InProcessCabinet) -> int:
    return sum("callback_query" in update for update in cabinet.taken)


async def remind(cabinet: InProcessCabinet, moment: datetime) -> None:
    cabinet.clock.moment = moment
    await cabinet.app.services.readings.put_reminders()
    await cabinet.deliver()


async def send_photo(phone: InProcessPhone, mark: str = "", **content: Any) -> None:
    photo = make_jpeg(mark)
    phone.telegram.send_file(
        phone.user_id, phone.user_id, photo, "photo.jpg", "image/jpeg", photo=True, **content
    )
    await phone.wait_until_handled()


async def test_a_known_meter_takes_three_taps(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await submit(phone, "100")
    await phone.say("/menu")
    before = count_taps(cabinet)
    await phone.press("Показания")
    await phone.press(METER)
    assert NUMBER in phone.screen
    assert "Шаг 1 из 1" in phone.screen
    assert "Назад" not in phone.buttons
    await phone.say("120,5")
    assert NUMBER in phone.screen
    await phone.press("Ввести")
    assert "Показания приняты" in phone.screen
    assert count_taps(cabinet) - before == 3


async def test_the_reminder_takes_two_taps(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await submit(phone, "100")
    await remind(cabinet, datetime(2026, 12, 23, 9, 0, tzinfo=UTC))
    assert f"• {METER}" in phone.screen
    assert "декабрь 2026" in phone.screen
    assert "23.12–25.12.2026" in phone.screen
    before = count_taps(cabinet)
    await phone.press(METER)
    assert "Прежнее показание: 100 от 24.11.2026" in phone.screen
    await phone.say("180")
    assert "80 кВт·ч" in phone.screen
    await phone.press("Ввести")
    assert "Показания учтутся за декабрь 2026" in phone.screen
    assert count_taps(cabinet) - before == 2


async def test_the_reminder_in_english(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await submit(phone, "100")
    await phone.say("/language")
    await phone.press("English")
    await remind(cabinet, datetime(2026, 12, 23, 9, 0, tzinfo=UTC))
    assert "No readings for December 2026 yet" in phone.screen
    await phone.press(f"No. {NUMBER} · One tariff")
    assert "Previous reading: 100" in phone.screen
    await phone.say("90")
    await phone.press("The previous reading was wrong")
    assert "there is nothing to compare with" in phone.screen
    await phone.press("Submit")
    assert "Note: the previous reading was wrong." in phone.screen
    assert "The readings count towards December 2026." in phone.screen


async def test_an_office_is_reminded_on_other_days_than_a_home(cabinet: InProcessCabinet) -> None:
    office = await cabinet.add_consumer("ООО «Ромашка»", Category.LEGAL)
    await office.press("Показания")
    await office.press("Ручной ввод")
    await office.press("Однотарифный")
    await office.say(NUMBER)
    assert "Коэффициент трансформации" in office.screen
    await office.say("полсотни")
    assert "Шаг 3 из 4" in office.screen
    await office.say("60")
    await office.say("100,5")
    await office.press("Ввести")
    assert "Счётчик стоит не в жилье." in office.screen
    assert "снять показания 01.12.2026, передать до конца дня 01.12.2026" in office.screen
    shown = len(office.messages)
    await remind(cabinet, datetime(2026, 12, 24, 9, 0, tzinfo=UTC))
    assert len(office.messages) == shown
    await remind(cabinet, datetime(2026, 12, 30, 9, 0, tzinfo=UTC))
    await office.press(METER)
    # The ratio is known: it is not asked again.
    await office.say("102")
    assert "90 кВт·ч" in office.screen
    assert "Учтён коэффициент трансформации: 60" in office.screen
    cabinet.clock.moment = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)
    await office.press("Ввести")
    assert "Показания учтутся за декабрь 2026" in office.screen
    await office.press("История счётчика")
    lines = [line.split() for line in office.screen.splitlines()]
    assert lines[-2:] == [["01.01.27", "102", "+90"], ["24.11.26", "100,5"]]


async def test_the_receipt_of_a_first_reading_asks_what_the_meter_stands_in(
    cabinet: InProcessCabinet,
) -> None:
    phone = await cabinet.add_consumer()
    await submit(phone, "100")
    assert "Счётчик стоит в жилье" in phone.screen
    assert "передать до конца дня 26.11.2026" in phone.screen
    await phone.press("Это не жильё")
    assert "Счётчик стоит не в жилье." in phone.screen
    assert "передать до конца дня 01.12.2026" in phone.screen
    await phone.press("К показаниям")
    await phone.press(METER)
    await phone.say("110")
    await phone.press("Ввести")
    assert "Это жильё" not in phone.buttons


async def test_a_correction_shows_what_it_replaces(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await submit(phone, "900")
    await phone.press("К показаниям")
    await phone.press(METER)
    assert "Сегодня уже введено: 900." in phone.screen
    await phone.say("120")
    assert "Сегодня показания уже введены." in phone.screen
    assert "Показание: 900" in phone.screen
    message, button = phone.find_button("Ввести")
    await phone.press("Ввести")
    assert "Заменены показания, введённые раньше в тот же день\nПоказание: 900" in phone.screen
    receipt = phone.screen
    await phone.forge(button["callback_data"], message["message_id"])
    assert phone.screen == receipt


async def test_a_mistaken_earlier_reading_is_not_in_the_way(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    for value in ("12345,6", "123456"):
        await submit(phone, value)
        cabinet.clock.advance(days=30)
    await enter_reading(phone, "Однотарифный", NUMBER, "12500")
    assert "меньше прежнего показания: 123456" in phone.screen
    await phone.press("Прежнее было с ошибкой")
    assert "Прежние показания от 24.11.2026\nПоказание: 12345,6" in phone.screen
    assert "154,4 кВт·ч" in phone.screen
    await phone.press("Ввести")
    assert "Отметка: прежнее показание было с ошибкой." in phone.screen
    await phone.press("История счётчика")
    lines = phone.screen.replace("\N{NBSP}", " ").splitlines()
    assert lines[-5:] == [
        "23.01.27   12 500     +154,4",
        "         прежнее с ошибкой",
        "24.12.26  123 456 +111 110,4",
        "         с ошибкой",
        "24.11.26 12 345,6",
    ]
    await phone.press("График")
    caption = next(one["caption"] for one in reversed(phone.messages) if "photo" in one)
    assert caption.replace("\N{NBSP}", " ").splitlines() == [
        "Расход за всё это время: 154,4 кВт·ч",
        "январь 2027: 154,4 кВт·ч",
        "ноябрь 2026: 0 кВт·ч",
    ]


async def test_a_photo_of_the_dial_is_kept_exported_and_erased(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await phone.press("Показания")
    await phone.press("Ручной ввод")
    await phone.press("Однотарифный")
    await send_photo(phone, "early")  # on any question
    assert "Номер счётчика" in phone.screen
    assert "Принят 1 файл" in phone.screen
    await phone.say(NUMBER)
    await phone.say("100")
    await send_photo(phone, "late")  # and on the review card
    assert "Фото табло" in phone.screen
    assert phone.screen.count("•") == 2
    await phone.press("Изменить")
    await phone.press("Фото табло")
    await phone.press("Готово")
    await phone.press("Ввести")
    assert "Показания приняты" in phone.screen

    await phone.say("/menu")
    await phone.press("Профиль")
    await phone.press("Мои данные")
    await cabinet.deliver()
    document = next(one["document"] for one in reversed(phone.messages) if "document" in one)
    archive = zipfile.ZipFile(BytesIO(cabinet.telegram.files[document["file_id"]].data))
    folder = f"scans/{NUMBER} 2026-11-24/"
    assert len([name for name in archive.namelist() if name.startswith(folder)]) == 2
    assert [one["reading_id"] for one in json.loads(archive.read("data.json"))["files"]] == [1, 1]
    files = cabinet.folder / "files"
    assert len(list(files.rglob("*.jpg"))) == 2

    account = await cabinet.accounts.get_chat(phone.user_id)
    assert account.account is not None
    await cabinet.app.services.personal_data.erase(
        account.account.id, Address.from_chat(phone.user_id)
    )
    await cabinet.deliver()
    assert list(files.rglob("*.jpg")) == []


async def test_words_below_a_photo_are_the_reading(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await submit(phone, "100")
    await phone.press("К показаниям")
    await phone.press(METER)
    await send_photo(phone, caption="сто двадцать")
    assert "нужно одно число" in phone.screen.lower()
    assert "Принят 1 файл" in phone.screen
    await send_photo(phone, "second", caption="120,5")
    assert "Проверьте показания" in phone.screen
    assert "Показание: 120,5" in phone.screen
    await phone.press("Ввести")
    assert "Показания приняты" in phone.screen


async def test_the_staff_see_the_photo_until_its_owner_leaves(cabinet: InProcessCabinet) -> None:
    phone, maria = await cabinet.add_consumer(), cabinet.add_staff_phone()
    await enter_reading(phone, "Однотарифный", NUMBER, "100")
    await send_photo(phone)
    await phone.press("Ввести")
    await maria.press(await maria.find(get_email(phone), "Последние показания"), "Фото табло")
    private = cabinet.telegram.chats[maria.user_id]
    (shown,) = [one for one in private.messages.values() if "document" in one]
    assert cabinet.telegram.files[shown["document"]["file_id"]].data == make_jpeg()
    chat = await cabinet.accounts.get_chat(phone.user_id)
    assert chat.account is not None
    await cabinet.app.services.personal_data.erase(
        chat.account.id, Address.from_chat(phone.user_id)
    )
    await cabinet.deliver()
    (left,) = [one for one in private.messages.values() if "document" in one]
    assert left["document"]["file_name"] == "erased.txt"


async def test_a_photo_is_no_paper(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await enter_reading(phone, "Однотарифный", NUMBER, "100")
    await phone.press("Изменить")
    await phone.press("Фото табло")
    # Neither an application to sign nor a mandatory answer.
    assert phone.buttons == ["Пропустить", "Назад", "Отмена"]
    await phone.press("Пропустить")
    assert not [one for one in phone.messages if "document" in one]
    assert "Фото табло" not in phone.screen
    await phone.press("Ввести")
    assert "Показания приняты" in phone.screen


async def test_a_cancelled_photo_is_forgotten_and_a_wrong_file_refused(
    cabinet: InProcessCabinet,
) -> None:
    phone = await cabinet.add_consumer()
    await submit(phone, "100")
    await phone.press("К показаниям")
    await phone.press(METER)
    await phone.send_document(b"MZ\x90\x00", "счётчик.exe", "application/octet-stream")
    assert "счётчик.exe" in phone.screen
    await send_photo(phone)
    assert "Принят 1 файл" in phone.screen
    await phone.say("/cancel")
    await phone.press("Удалить черновик")
    await cabinet.deliver()
    assert list((cabinet.folder / "files").rglob("*.jpg")) == []


async def test_a_wrong_meter_is_hidden_and_comes_back(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await submit(phone, "100")
    await phone.press("История счётчика")
    await phone.press("Счётчик")
    await phone.press("Скрыть счётчик")
    assert "Счётчик скрыт" in phone.screen
    await phone.press("К показаниям")
    assert METER not in phone.buttons
    shown = len(phone.messages)
    await remind(cabinet, datetime(2026, 12, 24, 9, 0, tzinfo=UTC))
    assert len(phone.messages) == shown
    await phone.press("Ранее введенные показания")
    await phone.press("Скрытые счётчики")
    await phone.press(METER)
    await phone.press("Вернуть счётчик")
    await phone.press("К показаниям")
    assert METER in phone.buttons


@pytest.mark.parametrize("category", list(Category))
async def test_a_meter_of_another_account_asks_for_a_number(
    cabinet: InProcessCabinet, category: Category
) -> None:
    owner = await cabinet.add_consumer()
    await submit(owner, "100")
    await owner.press("К показаниям")
    _, button = owner.find_button(METER)
    stranger = await cabinet.add_consumer("ООО «Чужой»", category)
    await stranger.forge(button["callback_data"])
    assert "Какой у вас счётчик?" in stranger.screen
    assert NUMBER not in stranger.screen
    for data in ("mc:1", "mh:1:1", "mo:1:other"):
        await stranger.forge(data)
        assert "Показаний пока нет" in stranger.screen
        assert NUMBER not in stranger.screen
    await stranger.forge("mq:1:ratio")
    await stranger.say("5")
    assert NUMBER not in stranger.screen
    meter = await cabinet.app.services.readings.get_meter(1, 1)
    assert meter is not None
    assert (meter.hidden, meter.ratio, meter.object.value) == (False, 1, "dwelling")
