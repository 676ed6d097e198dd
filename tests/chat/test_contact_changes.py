"""Changing name, phone and email in the profile; in both languages."""

import json
import re
import zipfile
from io import BytesIO

import pytest

from bot.domain import Address, Category
from tests.support.form_filler import file_request
from tests.support.in_process import (
    EACH_STORAGE,
    PASSWORD,
    InProcessCabinet,
    InProcessPhone,
    get_email,
)

NEW = "new.anna@example.ru"


def read_code(cabinet: InProcessCabinet, email: str = NEW) -> str:
    """The digits of the newest letter."""
    text = cabinet.mailer.list_letters(email)[-1].text
    found = re.search(r"^ +([0-9]{6})$", text, re.MULTILINE)
    assert found, text
    return found[1]


async def open_change(phone: InProcessPhone, what: str) -> None:
    await phone.say("/menu")
    for words in ("Профиль", "Изменить данные", what):
        await phone.press(words)


async def ask_for_code(cabinet: InProcessCabinet, phone: InProcessPhone, email: str = NEW) -> None:
    await open_change(phone, "Email")
    await phone.say(email)
    await phone.say(PASSWORD)
    await cabinet.deliver()


@EACH_STORAGE
async def test_name_and_phone_change_at_once_also_on_the_card(cabinet: InProcessCabinet) -> None:
    phone, staff = await file_request(cabinet), cabinet.add_staff_phone()
    await open_change(phone, "Имя")
    await phone.say("Иванова")
    assert "хотя бы два слова" in phone.screen
    await phone.say("Петрова (Иванова) Анна")
    assert "Данные изменены" in phone.screen
    assert "Петрова (Иванова) Анна" in phone.screen
    await open_change(phone, "Телефон")
    assert "Назад" not in phone.buttons
    await phone.say("8 495 123-45-67 доб. 5")
    assert "+7 495 123-45-67 доб. 5" in phone.screen
    await cabinet.deliver()
    await staff.expects_card("2026-000001", "Петрова (Иванова) Анна", "+7 495 123-45-67 доб. 5")
    # The former name is found no more, the card is the same message.
    assert len([one for one in staff.messages if "Заявка № 2026-000001" in str(one)]) == 1

    await phone.say("/language")
    await phone.press("English")
    await phone.say("/menu")
    for words in ("Profile", "Edit my details", "Phone"):
        await phone.press(words)
    await phone.share_contact()
    assert "Your details have been changed" in phone.screen
    assert "+7 912 345" in phone.screen


async def test_an_organisation_changes_its_name(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer("ООО «Ромашка»", Category.LEGAL)
    await open_change(phone, "Название организации")
    await phone.say("ООО")
    assert "Это вид организации" in phone.screen
    await phone.say("ООО «Лютик»")
    assert "ООО «Лютик»" in phone.screen


@EACH_STORAGE
async def test_a_new_email_is_proved_by_its_code(cabinet: InProcessCabinet) -> None:
    phone, staff = await file_request(cabinet), cabinet.add_staff_phone()
    old = get_email(phone)
    await open_change(phone, "Email")
    await phone.say(old)
    assert "ваш нынешний email" in phone.screen
    await phone.say(NEW.upper())
    await phone.say("не тот пароль")
    assert "не подош" in phone.screen
    assert cabinet.mailer.list_letters(NEW) == []
    await phone.say(PASSWORD)
    await cabinet.deliver()
    (letter,) = cabinet.mailer.list_letters(NEW)
    # A stranger's address gets no words that somebody typed.
    assert "Анна" not in letter.text + letter.subject
    await phone.say("000000")
    assert "Код не подошёл" in phone.screen
    code = read_code(cabinet)
    await phone.say(code)
    assert "Данные изменены" in phone.screen
    assert NEW in phone.screen
    assert not [one for one in phone.own_messages if one.get("text") in {code, PASSWORD}]
    await cabinet.deliver()
    await staff.expects_card("2026-000001", NEW)
    told = cabinet.mailer.list_letters(old)[-1]
    assert told.subject.startswith("Email личного кабинета изменён")
    assert NEW not in told.text
    await phone.say("/menu")
    await phone.press("Выйти")
    await phone.press("Войти")
    await phone.say(old)
    await phone.say(PASSWORD)
    assert "не подошли" in phone.screen
    await phone.press("Назад")
    await phone.say(NEW)
    await phone.say(PASSWORD)
    assert "Выберите раздел" in phone.screen


async def test_letters_about_the_email_in_english(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await phone.say("/language")
    await phone.press("English")
    await phone.say("/menu")
    for words in ("Profile", "Edit my details", "Email"):
        await phone.press(words)
    await phone.say(NEW)
    await phone.say(PASSWORD)
    await cabinet.deliver()
    assert cabinet.mailer.list_letters(NEW)[-1].subject.startswith("Code for your new email")
    await phone.say(read_code(cabinet))
    assert "Your details have been changed" in phone.screen
    await cabinet.deliver()
    told = cabinet.mailer.list_letters(get_email(phone))[-1]
    assert told.subject.startswith("The email of your personal account has been changed")


async def test_the_email_of_another_account_looks_like_any_other(
    cabinet: InProcessCabinet,
) -> None:
    owner, phone = await cabinet.add_consumer("Пётр Петров"), await cabinet.add_consumer()
    screens = []
    for email in (get_email(owner), "nobody@example.ru"):
        await ask_for_code(cabinet, phone, email)
        seen = [phone.screen]
        for _ in range(5):
            await phone.say("000000")
            seen.append(phone.screen)
        screens.append(seen)
        await phone.press("Отмена")
    assert screens[0] == screens[1]
    subjects = [one.subject for one in cabinet.mailer.list_letters(get_email(owner))]
    assert subjects[-1].startswith("Попытка регистрации с вашим email")
    assert not any(subject.startswith("Код") for subject in subjects)


async def test_an_address_that_somebody_took_and_never_proved_is_free(
    cabinet: InProcessCabinet,
) -> None:
    await cabinet.add_account(NEW, "Кто-то Другой")
    phone = await cabinet.add_consumer()
    await cabinet.deliver()
    await ask_for_code(cabinet, phone)
    await phone.say(read_code(cabinet))
    assert "Данные изменены" in phone.screen


async def test_the_code_of_another_address_does_not_fit(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await ask_for_code(cabinet, phone, "first@example.ru")
    first = read_code(cabinet, "first@example.ru")
    await phone.press("Отмена")
    await ask_for_code(cabinet, phone)
    if first != read_code(cabinet):
        await phone.say(first)
        assert "Код не подошёл" in phone.screen


async def test_a_code_grows_old_and_a_new_one_comes(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await ask_for_code(cabinet, phone)
    cabinet.clock.advance(minutes=16)
    await phone.say(read_code(cabinet))
    assert "Код больше не действует" in phone.screen
    await phone.press("Назад")
    await phone.say(PASSWORD)
    await cabinet.deliver()
    await phone.say(read_code(cabinet))
    assert "Данные изменены" in phone.screen


async def test_a_repeated_update_changes_nothing_more(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await ask_for_code(cabinet, phone)
    account = await cabinet.accounts.get_chat(phone.user_id)
    assert account.account is not None
    changes = cabinet.app.services.contact_changes
    code = read_code(cabinet)
    for _ in range(2):
        await changes.change_email(account.account.id, Address.from_chat(phone.user_id), NEW, code)
    await cabinet.deliver()
    told = [
        one
        for one in cabinet.mailer.list_letters(get_email(phone))
        if one.subject.startswith("Email личного кабинета изменён")
    ]
    assert len(told) == 1


async def test_changes_of_an_account_are_limited(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    for number in range(10):
        await ask_for_code(cabinet, phone, f"somebody{number}@example.ru")
        await phone.press("Отмена")
    await ask_for_code(cabinet, phone, "somebody10@example.ru")
    assert "Слишком много изменений имени" in phone.screen + "".join(phone.alerts)
    assert cabinet.mailer.list_letters("somebody10@example.ru") == []
    cabinet.clock.advance(days=1, minutes=1)
    await ask_for_code(cabinet, phone, "somebody11@example.ru")
    assert cabinet.mailer.list_letters("somebody11@example.ru")


async def test_letters_to_new_addresses_are_capped_for_the_whole_bot(
    cabinet: InProcessCabinet,
) -> None:
    async with cabinet.run(limit_unproved_letters="1/1h"):
        phones = [await cabinet.add_consumer(f"Иванова Анна {letter}.") for letter in "АБ"]
        for number, phone in enumerate(phones):
            await ask_for_code(cabinet, phone, f"somebody{number}@example.ru")
        sent = [one.to for one in cabinet.mailer.sent if one.to.startswith("somebody")]
        assert sent == ["somebody0@example.ru"]
        cabinet.clock.advance(minutes=61)
        await ask_for_code(cabinet, phones[0], "somebody2@example.ru")
        assert [one.to for one in cabinet.mailer.sent][-1].startswith("somebody")


@pytest.mark.parametrize("erased", [False, True])
async def test_former_contacts_are_exported_and_erased(
    cabinet: InProcessCabinet, erased: bool
) -> None:
    phone = await file_request(cabinet)
    old = get_email(phone)
    await open_change(phone, "Имя")
    await phone.say("Петрова Анна")
    await ask_for_code(cabinet, phone)
    await phone.say(read_code(cabinet))
    await cabinet.deliver()
    await phone.say("/menu")
    await phone.press("Профиль")
    if not erased:
        await phone.press("Мои данные")
        await cabinet.deliver()
        sent = next(one["document"] for one in reversed(phone.messages) if "document" in one)
        archive = zipfile.ZipFile(BytesIO(cabinet.telegram.files[sent["file_id"]].data))
        rows = json.loads(archive.read("data.json"))["contact_changes"]
        assert [(one["what"], one["former"]) for one in rows] == [
            ("name", "Иванова Анна Петровна"),
            ("email", old),
        ]
        page = archive.read("Мои данные.html").decode()
        assert "Прежний email" in page
        assert old in page
        assert "изменение имени, телефона или email" in page
        return
    await phone.press("Удалить аккаунт")
    await phone.press("Продолжить удаление")
    await phone.say(PASSWORD)
    await cabinet.deliver()
    async with cabinet.app.database.read() as tx:
        found = await tx.connection.exec_driver_sql("SELECT count(*) FROM contact_changes")
        assert found.scalar_one() == 0
        kept = await tx.connection.exec_driver_sql("SELECT * FROM outbox")
        assert old not in str(list(kept))


async def test_former_contacts_are_forgotten_in_time(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await open_change(phone, "Имя")
    await phone.say("Петрова Анна")
    cabinet.clock.advance(days=91)
    await cabinet.app.services.personal_data.forget_expired()
    async with cabinet.app.database.read() as tx:
        found = await tx.connection.exec_driver_sql("SELECT count(*) FROM contact_changes")
        assert found.scalar_one() == 0
