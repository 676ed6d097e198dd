"""The link of an email opens the bot at its request: for the owner, and for nobody else."""

import re

import pytest

from tests.support.form_filler import file_request
from tests.support.in_process import PASSWORD, InProcessCabinet, InProcessPhone, get_email

NUMBER = "2026-000001"


async def file_and_read_payload(cabinet: InProcessCabinet) -> tuple[InProcessPhone, str]:
    """The owner's phone, and what the email about the request puts after ``?start=``."""
    phone = await file_request(cabinet)
    await cabinet.deliver()
    letter = cabinet.mailer.list_letters(get_email(phone))[-1]
    assert NUMBER in letter.subject
    (link,) = re.findall(r'href="([^"]+)"', letter.html)
    assert link in letter.text
    assert link.startswith(f"https://t.me/{cabinet.telegram.bot['username']}?start=r")
    return phone, link.partition("?start=")[2]


async def test_it_opens_the_request_of_whoever_is_logged_in(cabinet: InProcessCabinet) -> None:
    phone, payload = await file_and_read_payload(cabinet)
    await phone.say(f"/start {payload}")
    assert f"Заявка № {NUMBER}" in phone.screen
    assert "Дополнить" in phone.buttons


async def test_a_guest_logs_in_and_is_led_on_to_it(cabinet: InProcessCabinet) -> None:
    phone, payload = await file_and_read_payload(cabinet)
    for words in ("Меню", "Выйти"):
        await phone.press(words)
    await phone.say(f"/start {payload}")
    assert phone.step == "Шаг 1 из 2"
    await phone.say(get_email(phone))
    await phone.say(PASSWORD)
    assert f"Заявка № {NUMBER}" in phone.screen


async def test_it_opens_nothing_of_anybody_else(cabinet: InProcessCabinet) -> None:
    _, payload = await file_and_read_payload(cabinet)
    stranger = await cabinet.add_consumer("Чужой Пётр Ильич")
    await stranger.say(f"/start {payload}")
    assert "Такой заявки среди ваших нет" in stranger.screen
    assert not any(NUMBER in str(one) for one in stranger.messages)


@pytest.mark.parametrize("payload", ["r", "r0", "r-1", "r999999999999999999", "rx", "r1 r1", "q1"])
async def test_a_forged_link_opens_nothing(cabinet: InProcessCabinet, payload: str) -> None:
    phone, _ = await file_and_read_payload(cabinet)
    await phone.say(f"/start {payload}")
    assert f"Заявка № {NUMBER}" not in phone.screen
    assert phone.buttons
