"""Emails that a mail server refuses for good, or for their size."""

import pytest

from bot.db.bot_messages import BotMessage
from bot.domain import Contact
from tests.support.files import make_pdf
from tests.support.form_filler import file_request
from tests.support.in_process import PASSWORD, InProcessCabinet, InProcessPhone, get_email

NUMBER = "2026-000001"
PDF = make_pdf()
BOUNCED = "Письма вам не доходят"


def expect_given_up(caplog: pytest.LogCaptureFixture) -> None:
    """The log tells that emails were refused, and not whose."""
    assert "is given up: MailRefused" in caplog.text
    assert "@" not in caplog.text
    caplog.clear()


def list_bounces(phone: InProcessPhone) -> list[str]:
    return [text for one in phone.messages if BOUNCED in (text := str(one.get("text", "")))]


async def test_an_email_that_is_too_big_goes_without_its_file(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card(NUMBER)
    cabinet.mailer.size_limit = len(PDF) - 1
    await maria.send_file(PDF, "Договор.pdf", card, caption="Подпишите договор")
    await maria.press(card, "Взять в работу")
    file_letter, next_letter = cabinet.mailer.list_letters(get_email(phone))[-2:]
    assert file_letter.attachments == ()
    assert "Подпишите договор" in file_letter.text
    assert "письмо пришло без него. Он есть в личном кабинете: «Заявки»" in file_letter.text
    assert "К письму приложен" not in file_letter.text
    assert "В работе" in next_letter.text
    assert "пришло без него" not in next_letter.text
    assert list_bounces(phone) == []


async def test_refused_emails_are_told_once_for_each_address(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card(NUMBER)
    cabinet.mailer.refuses = True
    await maria.press(card, "Взять в работу")
    await maria.send_file(PDF, "Договор.pdf", card)
    (told,) = list_bounces(phone)
    assert get_email(phone) in told
    assert "«Профиль» → «Изменить данные»" in told
    replies = [one for one in maria.messages if "Письмо по этой заявке не дост" in str(one)]
    (reply,) = replies
    assert reply["reply_to_message"]["message_id"] == card["message_id"]
    assert get_email(phone) not in str(reply["text"])
    # A reply of the staff to it is about the request.
    async with cabinet.app.database.begin() as tx:
        kept = await tx.bot_messages.find(maria.chat_id, reply["message_id"])
        await tx.accounts.set_contact(1, Contact.EMAIL, "other@example.ru")
    assert isinstance(kept, BotMessage)
    assert kept.request_id == 1
    await maria.send_file(PDF + b"\n", "Ещё.pdf", card)
    assert len(list_bounces(phone)) == 2
    assert "other@example.ru" in list_bounces(phone)[1]
    expect_given_up(caplog)


async def test_a_new_email_that_takes_no_code_is_told(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    phone = await cabinet.add_consumer()
    await cabinet.deliver()
    cabinet.mailer.refuses = True
    await phone.say("/menu")
    for words in ("Профиль", "Изменить данные", "Email"):
        await phone.press(words)
    await phone.say("nobody@example.ru")
    await phone.say(PASSWORD)
    await cabinet.deliver()
    (told,) = list_bounces(phone)
    assert "nobody@example.ru" in told
    expect_given_up(caplog)


async def test_who_is_logged_out_reads_nothing_about_a_refused_email(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    phone, stranger = await cabinet.add_consumer(), cabinet.add_phone()
    await cabinet.deliver()
    await phone.say("/menu")
    await phone.press("Выйти")
    cabinet.mailer.refuses = True
    await stranger.say("/start")
    await stranger.press("Забыли пароль?")
    await stranger.say(get_email(phone))
    await cabinet.deliver()
    assert list_bounces(phone) == list_bounces(stranger) == []
    expect_given_up(caplog)
