"""Logins, forgotten passwords and sessions as people meet them."""

import json
import re
import zipfile
from io import BytesIO

import pytest
from sqlalchemy import select

from bot.db.models import Base, KnownChatRow, LoginAttemptsRow, OneTimeCodeRow, PasswordResetRow
from tests.support.in_process import (
    EACH_STORAGE,
    PASSWORD,
    InProcessCabinet,
    InProcessPhone,
    get_email,
)

NEW = "зелёный чайник у двери"


async def make_owner(cabinet: InProcessCabinet, name: str = "Анна") -> InProcessPhone:
    """A consumer who chose ``PASSWORD`` after the letter with the first one had arrived."""
    phone = await cabinet.add_consumer(name)
    await cabinet.deliver()
    hashed = await cabinet.hasher.hash(PASSWORD)
    async with cabinet.app.database.begin() as tx:
        account = await tx.accounts.get_by_email(get_email(phone))
        assert account is not None
        await tx.accounts.set_password(account.id, hashed, temporary=False)
    return phone


def read_code(cabinet: InProcessCabinet, email: str) -> str:
    """The digits of the newest letter."""
    found = re.search(r"^ +([0-9]{6})$", cabinet.mailer.list_letters(email)[-1].text, re.MULTILINE)
    assert found, cabinet.mailer.list_letters(email)[-1].text
    return found[1]


def read_subjects(cabinet: InProcessCabinet, email: str) -> list[str]:
    return [letter.subject.partition(".")[0] for letter in cabinet.mailer.list_letters(email)]


async def forget(phone: InProcessPhone, email: str) -> None:
    """Up to the question about the code."""
    await phone.say("/start")
    await phone.press("Забыли пароль?")
    await phone.say(email)
    assert phone.step == "Шаг 2 из 4"


async def log_in(phone: InProcessPhone, email: str, password: str = PASSWORD) -> None:
    await phone.press("Войти")
    await phone.say(email)
    await phone.say(password)


async def guess_from_many_chats(cabinet: InProcessCabinet, email: str) -> None:
    """A series of wrong passwords that puts the brake on."""
    for _ in range(10):
        stranger = cabinet.add_phone("Вор")
        await stranger.say("/start")
        await log_in(stranger, email, "не тот пароль")


# --- forgotten passwords -----------------------------------------------------------------------


@EACH_STORAGE
async def test_a_forgotten_password_is_replaced_without_anybody_of_the_staff(
    cabinet: InProcessCabinet,
) -> None:
    owner = await make_owner(cabinet)
    email = get_email(owner)
    tablet = cabinet.add_phone("Анна с планшета")
    await forget(tablet, email)
    await cabinet.deliver()
    code = read_code(cabinet, email)
    await tablet.say(code)
    assert tablet.step == "Шаг 3 из 4"
    await tablet.say(PASSWORD)
    assert "ваш прежний пароль" in tablet.screen
    await tablet.say("пароль")
    assert "самых распространённых" in tablet.screen
    await tablet.say("мяу")
    assert "Пароль слишком короткий" in tablet.screen
    await tablet.say(NEW)
    await tablet.say("другой")
    assert "Пароли не совпали" in tablet.screen
    await tablet.say(NEW)
    assert "Сохранить его и войти?" in tablet.screen
    await tablet.press("Сохранить")
    await tablet.expects("Новый пароль сохранён, вы вошли")
    assert "Выберите раздел" in tablet.screen
    # No secret stays in the chat, nor in the draft.
    assert not [one for one in tablet.own_messages if one.get("text") in {NEW, code, PASSWORD}]
    await cabinet.deliver()
    await owner.expects("Пароль от вашего личного кабинета изменён")
    assert read_subjects(cabinet, email)[-2:] == [
        "Пароль от личного кабинета изменён",
        "Вход в личный кабинет из нового чата",
    ]
    await owner.say("/menu")
    await log_in(owner, email, NEW)
    assert "Выберите раздел" in owner.screen


async def test_known_and_unknown_emails_look_alike_to_the_last_try(
    cabinet: InProcessCabinet,
) -> None:
    owner = await make_owner(cabinet)
    screens = []
    for email in (get_email(owner), "nobody@example.ru"):
        phone = cabinet.add_phone("Гость")
        await forget(phone, email)
        await cabinet.deliver()
        seen = [phone.screen, str(phone.rows)]
        for _ in range(6):
            await phone.say("000000")
            seen.append(phone.screen)
        await phone.press("Письмо не приходит")
        seen.append(phone.screen.replace(email, ""))
        # Buttons carry the draft's id.
        screens.append([re.sub(r"[0-9a-f]{16}", "", one) for one in seen])
        await cabinet.deliver()
    assert screens[0] == screens[1]
    assert "Осталось 4 попытки" in screens[0][2]
    assert "Код больше не действует" in screens[0][6]
    assert cabinet.mailer.list_letters("nobody@example.ru") == []
    maria = cabinet.add_staff_phone()
    assert len([one for one in maria.messages if "Просят новый пароль" in one["text"]]) == 1


async def test_after_five_tries_the_email_brings_a_new_code(cabinet: InProcessCabinet) -> None:
    owner = await make_owner(cabinet)
    phone = cabinet.add_phone("Анна")
    await forget(phone, get_email(owner))
    await cabinet.deliver()
    old = read_code(cabinet, get_email(owner))
    await phone.say("12345")
    assert "шесть цифр" in phone.screen
    for _ in range(5):
        await phone.say(f"{(int(old) + 1) % 10**6:06d}")
    await phone.say(old)
    assert "Код больше не действует" in phone.screen
    cabinet.clock.advance(seconds=1)
    await phone.press("Назад")
    await phone.say(get_email(owner))
    await cabinet.deliver()
    await phone.say(read_code(cabinet, get_email(owner)))
    assert phone.step == "Шаг 3 из 4"


async def test_a_code_for_one_email_sets_no_password_for_another(
    cabinet: InProcessCabinet,
) -> None:
    """From the review card the email is changed: the code has to be given again."""
    thief, victim = await make_owner(cabinet, "Вор"), await make_owner(cabinet)
    phone = cabinet.add_phone("Вор")
    await forget(phone, get_email(thief))
    await cabinet.deliver()
    await phone.say(read_code(cabinet, get_email(thief)))
    await phone.say(NEW)
    await phone.say(NEW)
    await phone.press("Изменить")
    await phone.press("Email")
    await phone.say(get_email(victim))
    assert "Код из письма" in phone.screen
    assert "Сохранить" not in phone.buttons


async def test_a_letter_that_does_not_arrive_is_a_matter_of_the_staff(
    cabinet: InProcessCabinet,
) -> None:
    owner, maria = await make_owner(cabinet), cabinet.add_staff_phone()
    stranger = cabinet.add_phone("Чужой")
    for phone, known in ((owner, "уже входили"), (stranger, "ещё не входили")):
        await phone.say("/menu")
        if phone is owner:
            await phone.press("Выйти")
        await forget(phone, get_email(owner))
        await phone.press("Письмо не приходит")
        assert "Просьба передана в поддержку" in phone.screen
        await cabinet.deliver()
        await maria.expects("Просят новый пароль", f"чат {phone.user_id}", known)
    # The code may still arrive.
    await cabinet.deliver()
    await stranger.press("Ввести код")
    assert stranger.step == "Шаг 2 из 4"
    card = await maria.expects("Просят новый пароль", "уже входили")
    await maria.press(card, "Сбросить пароль")
    await maria.expects("Пароль сброшен", "Мария")
    assert "Новый пароль от личного кабинета" in read_subjects(cabinet, get_email(owner))


async def test_a_card_of_yesterday_does_nothing_and_says_so(cabinet: InProcessCabinet) -> None:
    owner, maria = await make_owner(cabinet), cabinet.add_staff_phone()
    await forget(phone := cabinet.add_phone("Анна"), get_email(owner))
    await phone.press("Письмо не приходит")
    await cabinet.deliver()
    card = await maria.expects("Просят новый пароль")
    cabinet.clock.advance(hours=24)
    assert "больше 24" in await maria.press(card, "Сбросить пароль")
    await maria.expects("Просьба о новом пароле устарела")
    await owner.say("/menu")
    assert "Выберите раздел" in owner.screen
    assert "Новый пароль от личного кабинета" not in read_subjects(cabinet, get_email(owner))


# --- logins ------------------------------------------------------------------------------------


async def test_the_wrong_password_screen_leads_to_a_new_password(
    cabinet: InProcessCabinet,
) -> None:
    phone = cabinet.add_phone()
    await phone.say("/start")
    await log_in(phone, "anna@example.ru", "не тот")
    assert "Email или пароль не подошли" in phone.screen
    # The email is known already: the code is on its way.
    await phone.press("Забыли пароль?")
    assert phone.step == "Шаг 2 из 4"
    await phone.press("Назад")
    await phone.press("Отмена")
    await phone.press("Забыли пароль?")
    assert phone.step == "Шаг 1 из 4"


async def test_a_new_chat_needs_a_code_while_somebody_guesses(cabinet: InProcessCabinet) -> None:
    owner = await make_owner(cabinet)
    email = get_email(owner)
    await guess_from_many_chats(cabinet, email)
    await cabinet.deliver()
    assert read_subjects(cabinet, email)[-1] == "Неверные пароли от личного кабинета"
    tablet = cabinet.add_phone("Анна с планшета")
    await tablet.say("/start")
    await log_in(tablet, email)
    assert tablet.step == "Шаг 3 из 3"
    assert "Код из письма" in tablet.screen
    await cabinet.deliver()
    code = read_code(cabinet, email)
    await tablet.say(f"{(int(code) + 1) % 10**6:06d}")
    assert "Код не подошёл" in tablet.screen
    await tablet.say(code)
    assert "Выберите раздел" in tablet.screen
    # The chat that the account knows needs none.
    await owner.say("/menu")
    await owner.press("Выйти")
    await log_in(owner, email)
    assert "Выберите раздел" in owner.screen


async def test_the_owner_changes_the_password_while_somebody_guesses(
    cabinet: InProcessCabinet,
) -> None:
    owner = await make_owner(cabinet)
    await guess_from_many_chats(cabinet, get_email(owner))
    await owner.press("Профиль")
    await owner.press("Сменить пароль")
    await owner.say(PASSWORD)
    await owner.say(get_email(owner))
    assert "совпадает с вашим email" in owner.screen
    await owner.say(NEW)
    await owner.say(NEW)
    await owner.press("Сохранить")
    await cabinet.deliver()
    assert read_subjects(cabinet, get_email(owner))[-1] == "Пароль от личного кабинета изменён"


async def test_a_mailed_password_that_expired_says_what_to_do(cabinet: InProcessCabinet) -> None:
    phone = cabinet.add_phone()
    account = await cabinet.add_account(get_email(phone))
    await cabinet.deliver()
    password = await cabinet.app.services.passwords.issue(account.id)
    cabinet.clock.advance(hours=73)
    await phone.say("/start")
    await log_in(phone, account.email, password)
    assert "не использовали 72" in phone.screen
    await phone.press("Забыли пароль?")
    await cabinet.deliver()
    await phone.say(read_code(cabinet, account.email))
    assert phone.step == "Шаг 3 из 4"


# --- sessions ----------------------------------------------------------------------------------


@EACH_STORAGE
async def test_after_a_login_the_pressed_button_goes_on_where_it_led(
    cabinet: InProcessCabinet,
) -> None:
    phone = await make_owner(cabinet)
    cabinet.clock.advance(days=181)
    await phone.press("Показания")
    assert "сеанс закончился" in phone.screen
    await log_in(phone, get_email(phone))
    assert "Ручной ввод" in phone.buttons
    # Once only.
    await phone.say("/menu")
    await phone.press("Выйти")
    await log_in(phone, get_email(phone))
    assert "Выберите раздел" in phone.screen


async def test_the_button_goes_on_after_a_forgotten_password_too_and_not_after_the_menu(
    cabinet: InProcessCabinet,
) -> None:
    phone = await make_owner(cabinet)
    cabinet.clock.advance(days=181)
    await phone.press("Профиль")
    await phone.press("Войти")
    await phone.press("Забыли пароль?")
    await phone.say(get_email(phone))
    await cabinet.deliver()
    await phone.say(read_code(cabinet, get_email(phone)))
    await phone.say(NEW)
    await phone.say(NEW)
    await phone.press("Сохранить")
    assert "Где выполнен вход" in phone.buttons
    cabinet.clock.advance(days=181)
    await phone.press("Мои данные")
    await phone.press("Меню")
    await log_in(phone, get_email(phone), NEW)
    assert "Выберите раздел" in phone.screen


async def test_a_chat_that_is_out_gets_no_notices(cabinet: InProcessCabinet) -> None:
    """One definition of a login, for the menu and for what is sent."""
    phone = await make_owner(cabinet)
    account_email = get_email(phone)
    async with cabinet.app.database.read() as tx:
        account = await tx.accounts.get_by_email(account_email)
    assert account is not None
    await cabinet.app.services.personal_data.ask_export(account.id, phone.user_id)
    cabinet.clock.advance(days=180)
    before = len(phone.messages)
    await cabinet.deliver()
    assert len(phone.messages) == before
    await phone.press("Заявки")
    assert "сеанс закончился" in phone.screen


async def test_the_owner_ends_the_login_of_another_chat(cabinet: InProcessCabinet) -> None:
    owner = await make_owner(cabinet, "Анна <b>")
    tablet = cabinet.add_phone("Планшет")
    await tablet.say("/start")
    await log_in(tablet, get_email(owner))
    await cabinet.deliver()
    await owner.press("Профиль")
    await owner.press("Где выполнен вход")
    assert "Анна <b>" in owner.screen
    assert "(этот чат)" in owner.screen
    assert "Планшет" in owner.screen
    ends = [words for words in owner.buttons if "Выйти там" in words]
    assert len(ends) == 1
    await owner.press(ends[0])
    assert "Планшет" not in owner.screen
    assert not [words for words in owner.buttons if "Выйти там" in words]
    await cabinet.deliver()
    await tablet.expects("Владелец личного кабинета завершил вход")
    await tablet.press("Профиль")
    await tablet.expects("сеанс закончился")
    # A press for oneself, for a stranger or once more changes nothing.
    stranger = await make_owner(cabinet, "Чужой")
    for chat_id in (owner.user_id, stranger.user_id, tablet.user_id):
        await owner.forge(f"out:{chat_id}")
        assert "(этот чат)" in owner.screen
    await stranger.press("Профиль")
    assert "Где выполнен вход" in stranger.buttons


# --- personal data -----------------------------------------------------------------------------


async def test_erasing_takes_codes_known_chats_and_counters_along(
    cabinet: InProcessCabinet,
) -> None:
    owner = await make_owner(cabinet)
    email = get_email(owner)
    await guess_from_many_chats(cabinet, email)
    other = cabinet.add_phone("Анна")
    await other.say("/start")
    await log_in(other, email)
    await forget(other, email)
    await other.press("Письмо не приходит")
    await cabinet.deliver()
    await owner.press("Профиль")
    await owner.press("Удалить аккаунт")
    await owner.press("Продолжить удаление")
    await owner.say(PASSWORD)
    assert "удал" in owner.screen.casefold()
    await cabinet.deliver()
    async with cabinet.app.database.read() as tx:
        for table in (KnownChatRow, OneTimeCodeRow, PasswordResetRow):
            assert (await tx.connection.execute(select(table))).all() == [], table
        keys = list((await tx.connection.execute(select(LoginAttemptsRow.key))).scalars())
        # The guessers' own counters stay.
        assert [one for one in keys if not one.startswith("chat:")] == []
        assert f"chat:{owner.user_id}" not in keys


async def test_the_export_names_the_chats_that_entered_and_no_codes(
    cabinet: InProcessCabinet,
) -> None:
    owner = await make_owner(cabinet, "Анна")
    stranger = cabinet.add_phone("Чужой")
    await forget(stranger, get_email(owner))
    await stranger.press("Письмо не приходит")
    await owner.press("Профиль")
    await owner.press("Мои данные")
    await cabinet.deliver()
    document = next(one["document"] for one in reversed(owner.messages) if "document" in one)
    archive = zipfile.ZipFile(BytesIO(cabinet.telegram.files[document["file_id"]].data))
    data = json.loads(archive.read("data.json"))
    (known,) = data["known_chats"]
    assert (known["chat_id"], known["name"]) == (owner.user_id, "Анна")
    assert known["first_login_at"].startswith("2026-")
    assert {"one_time_codes", "password_resets"}.isdisjoint(data)
    assert str(stranger.user_id) not in archive.read("data.json").decode()


@pytest.mark.parametrize("table", ["known_chats", "one_time_codes", "password_resets"])
def test_the_tables_of_logins_belong_to_an_account(table: str) -> None:
    """By this column an erasure finds their rows."""
    assert "account_id" in Base.metadata.tables[table].columns
