"""Files that come when none is asked for, what is written below them, and who blocks the bot."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain import Category
from bot.request_types import load
from sandbox.bot_api.state import ApiError, Fault
from tests.support import flows
from tests.support.files import make_jpeg, make_pdf
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet, InProcessPhone
from tests.support.samples import FAR_FUTURE

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)
CAPTION = "Вид на щит <слева> & номер пломбы"
BLOCKED = ApiError(403, "Forbidden: bot was blocked by the user")
ALWAYS = 10**9


async def at_review(cabinet: InProcessCabinet) -> InProcessPhone:
    """After «Готово» with one scan."""
    phone = await start_form(cabinet, FORM)
    async for field in answer_questions(phone, FORM, cabinet.today):
        if field.kind == "files":
            await phone.send_document(make_pdf("first"), "Первый.pdf")
            await phone.press("Готово")
            break
    assert "Отправить" in phone.buttons
    return phone


async def late(phone: InProcessPhone, name: str, mark: str, caption: str = "") -> None:
    more: dict[str, Any] = {"caption": caption} if caption else {}
    phone.telegram.send_file(
        phone.user_id, phone.user_id, make_pdf(mark), name, "application/pdf", **more
    )
    await phone.wait_until_handled()


def group_files(cabinet: InProcessCabinet) -> list[str]:
    group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
    return [one["document"]["file_name"] for one in group if "document" in one]


async def test_a_file_after_done_is_offered_to_the_form(cabinet: InProcessCabinet) -> None:
    phone = await at_review(cabinet)
    await late(phone, "Второй <2>.pdf", "second", CAPTION)
    assert "после кнопки «Готово»" in phone.screen
    assert "Второй <2>.pdf" in phone.screen
    await late(phone, "Третий.pdf", "third")
    assert "Второй <2>.pdf" in phone.screen
    await phone.press("Приложить к заявке")
    assert "Третий.pdf" in phone.screen
    await phone.press("Готово")
    await phone.press("Отправить")
    await cabinet.deliver()
    assert sorted(group_files(cabinet)) == ["Второй _2_.pdf", "Первый.pdf", "Третий.pdf"]
    card = await cabinet.add_staff_phone().expects_card("2026-000001", "3 файла")
    assert CAPTION in card["text"]


async def test_a_late_file_may_be_left_out(cabinet: InProcessCabinet) -> None:
    phone = await at_review(cabinet)
    await late(phone, "Второй.pdf", "second")
    await phone.press("Не прикладывать")
    await phone.press("Отправить")
    await cabinet.deliver()
    assert group_files(cabinet) == ["Первый.pdf"]


async def test_a_file_after_sending_is_offered_to_the_request(cabinet: InProcessCabinet) -> None:
    phone = await at_review(cabinet)
    await phone.press("Отправить")
    number = (await phone.expects("зарегистрирована")).partition("№ ")[2][:11]
    await late(phone, "Забытый.pdf", "second", CAPTION)
    assert f"после отправки заявки № {number}" in phone.screen
    assert "Забытый.pdf" in phone.screen
    cabinet.telegram.send_file(
        phone.user_id, phone.user_id, make_jpeg("third"), "x", "image/jpeg", photo=True
    )
    await phone.wait_until_handled()
    await phone.press("Приложить к заявке")
    assert "приложено файлов: 2" in phone.screen
    await cabinet.deliver()
    group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
    assert [one for one in group if CAPTION in one.get("caption", "")]
    assert [one for one in group if "photo" in one]
    card = await cabinet.add_staff_phone().expects_card(number, "3 файла")
    assert CAPTION in card["text"]
    # The button works once.
    assert await cabinet.count_requests() == 1


async def test_a_wrong_late_file_is_named_and_the_others_are_taken(
    cabinet: InProcessCabinet,
) -> None:
    phone = await at_review(cabinet)
    await phone.press("Отправить")
    await phone.send_document(b"MZ not a scan", "Вирус.exe")
    await late(phone, "Забытый.pdf", "second")
    await phone.press("Приложить к заявке")
    assert "Вирус.exe" in phone.screen
    assert "приложено файлов: 1" in phone.screen


async def test_nobody_attaches_to_the_request_of_another_account(
    cabinet: InProcessCabinet,
) -> None:
    phone = await at_review(cabinet)
    await phone.press("Отправить")
    await late(phone, "Забытый.pdf", "second")
    data = phone.find_button("Приложить к заявке")[1]["callback_data"]
    other = await cabinet.add_consumer("Петров Пётр")
    await other.forge(data)
    assert "устарело" in other.alerts[-1]
    await late(other, "Чужой.pdf", "third")
    assert "Приложить к заявке" not in other.buttons
    await cabinet.accounts.log_out(phone.user_id)
    await late(phone, "Поздний.pdf", "fourth")
    assert "Приложить к заявке" not in phone.buttons
    await cabinet.deliver()
    assert group_files(cabinet) == ["Первый.pdf"]


async def test_what_is_written_below_a_scan_is_on_the_card(cabinet: InProcessCabinet) -> None:
    phone = await start_form(cabinet, FORM)
    async for field in answer_questions(phone, FORM, cabinet.today):
        if field.kind == "files":
            await late(phone, "Акт.pdf", "first", CAPTION)
            await late(phone, "Длинный.pdf", "second", "<&> жж " * 140)
            await phone.press("Готово")
            break
    await phone.press("Отправить")
    await cabinet.deliver()
    card = await cabinet.add_staff_phone().expects_card("2026-000001")
    group = list(cabinet.telegram.chats[STAFF_CHAT_ID].messages.values())
    whole = "".join(str(one.get("text", "")) for one in group)
    assert card["text"].count(CAPTION) == 1
    assert whole.count("<&> жж") == 140
    scans = {one["document"]["file_name"]: one["caption"] for one in group if "document" in one}
    assert scans["Акт.pdf"].endswith(CAPTION)
    assert scans["Длинный.pdf"].endswith("…")


# --- a person who blocks the bot ------------------------------------------------------------------


def block(cabinet: InProcessCabinet) -> Fault:
    fault = Fault(method="", error=BLOCKED, times=ALWAYS)
    cabinet.telegram.faults.append(fault)
    return fault


async def test_an_answer_before_the_block_is_kept(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    phone = await start_form(cabinet, FORM)
    given = 0
    async for field in answer_questions(phone, FORM, cabinet.today):
        if given >= 1 and field.example:
            fault = block(cabinet)
            before = len(phone.messages)
            phone.telegram.send(
                phone.user_id, phone.user_id, text=flows.make_typed_answer(field, cabinet.today)
            )
            await phone.wait_until_handled()
            fault.times = 0
            assert len(phone.messages) == before
            break
        given += 1
    await phone.say("/start")
    await phone.press("Продолжить заполнение")
    assert f"Шаг {given + 2} " in phone.screen
    assert not [one for one in caplog.records if one.exc_info or "Traceback" in one.getMessage()]


@pytest.mark.parametrize("secret", [True, False])
async def test_a_block_at_the_end_loses_nothing(cabinet: InProcessCabinet, secret: bool) -> None:
    """The last answer of a login and the press that sends a request."""
    if secret:
        phone = await cabinet.add_consumer()
        email = f"person{phone.user_id}@example.ru"
        await cabinet.accounts.log_out(phone.user_id)
        await phone.say("/start")
        await phone.press("Войти")
        await phone.say(email)
        fault = block(cabinet)
        phone.telegram.send(phone.user_id, phone.user_id, text="синий чайник у окна")
        await phone.wait_until_handled()
        fault.times = 0
        assert (await cabinet.accounts.get_chat(phone.user_id)).account is not None
        return
    phone = await at_review(cabinet)
    data: Any = phone.find_button("Отправить")
    fault = block(cabinet)
    phone.telegram.press(
        phone.user_id, phone.user_id, data[0]["message_id"], data[1]["callback_data"]
    )
    await phone.wait_until_handled()
    fault.times = 0
    assert await cabinet.count_requests() == 1
    await phone.say("/start")
    assert "Продолжить заполнение" not in phone.buttons


async def test_a_bot_put_out_of_the_group_writes_no_traceback(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    maria = cabinet.add_staff_phone()
    fault = Fault(method="sendMessage", error=ApiError(403, "Forbidden: bot was kicked"), times=9)
    cabinet.telegram.faults.append(fault)
    cabinet.telegram.send(STAFF_CHAT_ID, maria.user_id, text="/help")
    await cabinet.take_updates()
    assert "Traceback" not in caplog.text
    assert "an answer was not sent" in caplog.text


# --- a letter that nobody takes ----------------------------------------------------------------


async def test_a_refused_password_letter_is_told_and_leaves_no_account(
    cabinet: InProcessCabinet,
) -> None:
    phone = cabinet.add_phone()
    cabinet.mailer.refuses = True
    await flows.register(phone, Category.INDIVIDUAL, "nobody@example.ru", "Иванова Анна Петровна")
    await cabinet.deliver()
    assert "Письмо с паролем не принято" in phone.screen
    assert "nobody@" not in phone.screen
    async with cabinet.app.database.read() as tx:
        assert await tx.accounts.get_by_email("nobody@example.ru") is None
        left = await tx.connection.exec_driver_sql("SELECT count(*) FROM consents")
        assert left.scalar_one() == 0
        waiting = await tx.connection.exec_driver_sql(
            "SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL OR payload LIKE '%nobody%'"
        )
        assert waiting.scalar_one() == 0
    # Nothing but the email is asked for again.
    cabinet.mailer.refuses = False
    await phone.press("Исправить email")
    assert "Прежние ответы сохранены" in phone.screen
    await phone.say("anna@example.ru")
    assert "Иванова Анна Петровна" in phone.screen
    assert "Телефон: +7 912" in phone.screen
    await phone.press("Зарегистрировать")
    await cabinet.deliver()
    assert cabinet.mailer.list_letters("anna@example.ru")


async def test_after_another_form_a_refused_registration_begins_anew(
    cabinet: InProcessCabinet,
) -> None:
    phone = cabinet.add_phone()
    cabinet.mailer.refuses = True
    await flows.register(phone, Category.INDIVIDUAL, "nobody@example.ru", "Иванова Анна Петровна")
    await phone.press("Войти")
    await cabinet.deliver()
    await phone.press("Исправить email")
    assert "Шаг 1 " in phone.screen
    assert any("Согласен" in words for words in phone.buttons)


async def test_an_account_in_use_outlives_a_refused_letter(cabinet: InProcessCabinet) -> None:
    account = await cabinet.add_account("anna@example.ru")
    await cabinet.app.services.passwords.issue(account.id)
    async with cabinet.app.database.begin() as tx:
        await tx.chats.link(5, account.id, cabinet.clock.now(), FAR_FUTURE)
    cabinet.mailer.refuses = True
    await cabinet.deliver()
    async with cabinet.app.database.read() as tx:
        kept = await tx.accounts.get_by_email("anna@example.ru")
    # Somebody logged in already: the letter, which would end that password, is not sent at all.
    assert kept == replace(account, email_proved=True)
