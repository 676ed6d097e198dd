"""Registration: the consent comes first, strangers' mailboxes are spared, slips are mended."""

import json

import pytest

from bot.domain import Address, Category
from tests.support import flows
from tests.support.in_process import EACH_STORAGE, PASSWORD, InProcessCabinet, InProcessPhone

NAME = "Зайдите на сайт evil.example"
EMAIL = "anna@example.ru"

pytestmark = EACH_STORAGE


async def stored(cabinet: InProcessCabinet, phone: InProcessPhone) -> str:
    """The conversation of the chat as it is stored."""
    storage = cabinet.app.dispatcher.storage
    key = cabinet.app.dispatcher.fsm.resolve_context(cabinet.app.bot, phone.user_id, phone.user_id)
    assert key is not None
    return json.dumps(await storage.get_data(key.key), ensure_ascii=False)


async def up_to_email(phone: InProcessPhone) -> None:
    await phone.say("/start")
    await phone.press("Регистрация")
    await phone.press("Согласен")
    await phone.press("Физическое лицо")
    await phone.say("Иванова Анна Петровна")


async def register(phone: InProcessPhone, email: str = EMAIL, name: str = NAME) -> None:
    await flows.register(phone, Category.LEGAL, email, name)


async def count_accounts(cabinet: InProcessCabinet) -> int:
    async with cabinet.app.database.read() as tx:
        found = await tx.connection.exec_driver_sql("SELECT count(*) FROM accounts")
        return int(found.scalar_one())


async def test_the_consent_is_the_first_step(cabinet: InProcessCabinet) -> None:
    phone = cabinet.add_phone()
    await phone.say("/start")
    await phone.press("Регистрация")
    assert phone.step == "Шаг 1 из 5"
    assert "Согласие на обработку персональных данных" in phone.screen
    for words in ("Иванова Анна Петровна", EMAIL, phone.number):
        await phone.say(words)
        assert words not in await stored(cabinet, phone)
    await phone.press("Не согласен")
    assert "О вас ничего не сохранено" in phone.screen
    assert await count_accounts(cabinet) == 0


async def test_a_registration_takes_ten_taps_and_messages_at_most(
    cabinet: InProcessCabinet,
) -> None:
    phone = cabinet.add_phone()
    await register(phone)
    assert await count_accounts(cabinet) == 1
    assert len(cabinet.taken) <= 10


async def test_letters_to_an_unproved_address_hold_no_free_text(cabinet: InProcessCabinet) -> None:
    await register(cabinet.add_phone())
    await cabinet.deliver()
    (letter,) = cabinet.mailer.list_letters(EMAIL)
    assert "evil" not in letter.text + letter.html + letter.subject
    assert "Здравствуйте!" in letter.text


async def test_the_letter_to_the_owner_of_a_taken_address_holds_no_free_text(
    cabinet: InProcessCabinet,
) -> None:
    owner = await cabinet.add_consumer()
    account = (await cabinet.accounts.get_chat(owner.user_id)).account
    assert account is not None
    cabinet.mailer.letters.clear()
    await register(cabinet.add_phone(), account.email)
    await cabinet.deliver()
    (letter,) = cabinet.mailer.list_letters(account.email)
    assert "У вас уже есть кабинет" in letter.text
    assert "evil" not in letter.text + letter.html
    assert account.name not in letter.text


async def test_a_newer_registration_replaces_a_squatted_address(cabinet: InProcessCabinet) -> None:
    await register(cabinet.add_phone("Чужой"))
    await cabinet.deliver()
    anna = cabinet.add_phone()
    await flows.register(anna, Category.INDIVIDUAL, EMAIL, "Иванова Анна Петровна")
    await cabinet.deliver()
    assert await count_accounts(cabinet) == 1
    await flows.log_in(anna, EMAIL, password_in(cabinet))
    await anna.expects("Иванова Анна Петровна")
    # Now the address is proved: nobody takes it any more.
    await register(cabinet.add_phone("Чужой"))
    await cabinet.deliver()
    assert (await cabinet.accounts.get_chat(anna.user_id)).account is not None


def password_in(cabinet: InProcessCabinet, email: str = EMAIL) -> str:
    words = cabinet.mailer.list_letters(email)[-1].text.split()
    return next(word for word in words if len(word) >= 12 and word.isalnum() and word.isascii())


async def test_an_account_that_nobody_entered_expires(cabinet: InProcessCabinet) -> None:
    await register(cabinet.add_phone())
    await cabinet.deliver()
    entered = await cabinet.add_consumer()
    cabinet.clock.advance(hours=71)
    await cabinet.app.services.personal_data.forget_expired()
    assert await count_accounts(cabinet) == 2
    cabinet.clock.advance(hours=2)
    await cabinet.app.services.personal_data.forget_expired()
    assert await count_accounts(cabinet) == 1
    assert (await cabinet.accounts.get_chat(entered.user_id)).account is not None


async def test_letters_to_unproved_addresses_have_a_limit_of_all_chats(
    cabinet: InProcessCabinet,
) -> None:
    async with cabinet.run(limit_unproved_letters="2/1h"):
        for number in range(3):
            await register(cabinet.add_phone(), f"anna{number}@example.ru")
        await cabinet.deliver()
        assert len(cabinet.mailer.sent) == 2
        # An owner who is known gets letters all the while.
        known = await cabinet.add_consumer()
        await known.say("/menu")
        cabinet.clock.advance(hours=1)
        await cabinet.deliver()
        assert len({one.to for one in cabinet.mailer.sent}) >= 3


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("ivаnova@mail.ru", "разных алфавитов"),
        ("ivanova@mаil.ru", "разных алфавитов"),
        ("ivanova@gmail.сом", "разных алфавитов"),
        ("почта@example.ru", "нелатинскими буквами"),
    ],
)
async def test_an_address_that_cannot_be_sent_to_is_refused(
    cabinet: InProcessCabinet, typed: str, words: str
) -> None:
    cabinet.mailer.unicode = False
    phone = cabinet.add_phone()
    await up_to_email(phone)
    await phone.say(typed)
    assert words in phone.screen
    assert phone.step == "Шаг 4 из 5"
    await phone.say(EMAIL)
    assert phone.step == "Шаг 5 из 5"


async def test_a_server_with_smtputf8_takes_any_alphabet(cabinet: InProcessCabinet) -> None:
    phone = cabinet.add_phone()
    await up_to_email(phone)
    await phone.say("почта@example.ru")
    assert phone.step == "Шаг 5 из 5"


async def test_a_slip_is_asked_about(cabinet: InProcessCabinet) -> None:
    phone = cabinet.add_phone()
    await up_to_email(phone)
    await phone.say("anna@gmial.com")
    assert "Вы имели в виду anna@gmail.com?" in phone.screen
    assert {"anna@gmail.com", "Оставить как есть"} <= set(phone.buttons)
    await phone.press("anna@gmail.com")
    assert phone.step == "Шаг 5 из 5"
    assert "anna@gmail.com" in await stored(cabinet, phone)

    other = cabinet.add_phone()
    await up_to_email(other)
    await other.say("anna@gmial.com")
    await other.press("Оставить как есть")
    assert other.step == "Шаг 5 из 5"
    assert "anna@gmial.com" in await stored(cabinet, other)


async def test_the_letter_is_sent_again(cabinet: InProcessCabinet) -> None:
    phone = cabinet.add_phone()
    await register(phone)
    await cabinet.deliver()
    first = password_in(cabinet)
    cabinet.clock.advance(minutes=1)
    await phone.press("Отправить ещё раз")
    await cabinet.deliver()
    assert "ещё раз" in phone.screen
    assert len(cabinet.mailer.list_letters(EMAIL)) == 2
    assert password_in(cabinet) != first
    await flows.log_in(phone, EMAIL, password_in(cabinet))


async def test_the_email_is_corrected_and_the_wrong_one_is_free(cabinet: InProcessCabinet) -> None:
    phone = cabinet.add_phone()
    await flows.register(phone, Category.INDIVIDUAL, "ana@example.ru", "Иванова Анна Петровна")
    await cabinet.deliver()
    await phone.press("Исправить email")
    assert "Прежние ответы сохранены" in phone.screen
    assert await count_accounts(cabinet) == 0
    await phone.say(EMAIL)
    assert "Иванова Анна Петровна" in phone.screen
    await phone.press("Зарегистрировать")
    await cabinet.deliver()
    assert await count_accounts(cabinet) == 1
    await flows.log_in(phone, EMAIL, password_in(cabinet))


async def test_the_last_screen_never_tells_that_an_address_is_taken(
    cabinet: InProcessCabinet,
) -> None:
    owner = await cabinet.add_consumer()
    account = (await cabinet.accounts.get_chat(owner.user_id)).account
    assert account is not None
    screens = []
    for email in (account.email, "free@example.ru"):
        phone = cabinet.add_phone()
        await register(phone, email)
        shown = [phone.screen, str(phone.buttons)]
        cabinet.clock.advance(minutes=1)
        await phone.press("Отправить ещё раз")
        shown += [phone.screen, str(phone.buttons)]
        await phone.press("Исправить email")
        screens.append([*(one.replace(email, "") for one in shown), phone.screen])
    assert screens[0] == screens[1]
    await cabinet.deliver()
    # Whose address it is keeps the account and the password.
    await cabinet.accounts.log_in(Address.from_chat(owner.user_id), account.email, PASSWORD)
