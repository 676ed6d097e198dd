"""The first words come in the language of the Telegram client; a guest may choose another one."""

import pytest

from tests.support.in_process import InProcessCabinet


@pytest.mark.parametrize(
    ("client", "greeting", "readings"),
    [
        ("ru", "Личный кабинет", ("показания счётчиков", "АСКУЭ")),
        ("en", "Consumer’s personal account", ("meter readings", "ASKUE")),
        ("en-US", "Consumer’s personal account", ("meter readings", "ASKUE")),
        ("de", "Личный кабинет", ("показания счётчиков", "АСКУЭ")),
    ],
)
async def test_a_guest_is_greeted_in_the_language_of_the_client(
    cabinet: InProcessCabinet, client: str, greeting: str, readings: tuple[str, str]
) -> None:
    phone = cabinet.add_phone()
    cabinet.telegram.people[phone.user_id]["language_code"] = client
    await phone.say("/start")
    assert greeting in phone.screen
    assert all(words in phone.screen for words in readings)
    await phone.say("/help")
    assert readings[1] in phone.screen


async def test_the_language_that_was_chosen_goes_before_that_of_the_client(
    cabinet: InProcessCabinet,
) -> None:
    phone = cabinet.add_phone()
    cabinet.telegram.people[phone.user_id]["language_code"] = "en"
    await phone.say("/start")
    await phone.press("Язык / Language")
    await phone.press("Русский")
    assert "Войти" in phone.buttons
    await phone.say("/menu")
    assert "Войти" in phone.buttons
    await phone.press("Регистрация")
    assert "Согласен" in phone.buttons
