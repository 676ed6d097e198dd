"""Words and files that no question asked for, replies to notices, and who blocks the bot."""

from dataclasses import replace
from typing import Any

import pytest
from aiogram.fsm.storage.base import StorageKey

from bot.domain import Actor, ActorKind, Address, Category, Status
from bot.request_types import load
from sandbox.bot_api.state import ApiError, Fault
from tests.support import flows
from tests.support.files import make_jpeg, make_pdf
from tests.support.form_filler import answer_questions, file_request, start_form
from tests.support.in_process import (
    EACH_STORAGE,
    PASSWORD,
    STAFF_CHAT_ID,
    InProcessCabinet,
    InProcessPhone,
    get_email,
)

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)
CAPTION = "Вид на щит <слева> & номер пломбы"
BLOCKED = ApiError(403, "Forbidden: bot was blocked by the user")
ALWAYS = 10**9
MARIA = Actor(kind=ActorKind.STAFF, id=501, name="Мария")


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


async def test_files_after_sending_are_offered_to_the_request(cabinet: InProcessCabinet) -> None:
    phone = await at_review(cabinet)
    await phone.press("Отправить")
    number = (await phone.expects("зарегистрирована")).partition("№ ")[2][:11]
    await late(phone, "Забытый.pdf", "second", CAPTION)
    assert "Передать по заявке" in phone.screen
    assert "Забытый.pdf" in phone.screen
    cabinet.telegram.send_file(
        phone.user_id, phone.user_id, make_jpeg("third"), "x", "image/jpeg", photo=True
    )
    await phone.wait_until_handled()
    await phone.press(number)
    assert "Передано специалистам" in phone.screen
    await cabinet.deliver()
    group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
    assert [one for one in group if CAPTION in one.get("caption", "")]
    assert [one for one in group if "photo" in one]
    card = await cabinet.add_staff_phone().expects_card(number, "3 файла")
    assert CAPTION in card["text"]
    assert await cabinet.count_requests() == 1


async def test_a_wrong_late_file_is_named_and_the_others_are_taken(
    cabinet: InProcessCabinet,
) -> None:
    phone = await at_review(cabinet)
    await phone.press("Отправить")
    await phone.send_document(b"MZ not a scan", "Вирус.exe")
    await late(phone, "Забытый.pdf", "second")
    await phone.press("2026-000001")
    assert "Вирус.exe" in phone.screen
    assert "Передано специалистам" in phone.screen
    await cabinet.deliver()
    assert sorted(group_files(cabinet)) == ["Забытый.pdf", "Первый.pdf"]


async def test_nobody_passes_messages_to_the_request_of_another_account(
    cabinet: InProcessCabinet,
) -> None:
    phone = await at_review(cabinet)
    await phone.press("Отправить")
    await late(phone, "Забытый.pdf", "second")
    data = phone.find_button("2026-000001")[1]["callback_data"]
    other = await cabinet.add_consumer("Петров Пётр")
    await other.say("Чужие слова")
    await other.forge(data)
    assert "устарело" in other.alerts[-1]
    await late(other, "Чужой.pdf", "third")
    assert not [label for label in other.buttons if "2026" in label]
    await cabinet.accounts.log_out(Address.from_chat(phone.user_id))
    await late(phone, "Поздний.pdf", "fourth")
    assert not [label for label in phone.buttons if "2026" in label]
    await cabinet.deliver()
    assert group_files(cabinet) == ["Первый.pdf"]


# --- words that no question asked for -----------------------------------------------------------


async def read_conversation(cabinet: InProcessCabinet, phone: InProcessPhone) -> str:
    key = StorageKey(cabinet.app.bot.id, phone.user_id, phone.user_id)
    return str(await cabinet.app.dispatcher.storage.get_data(key))


@pytest.mark.parametrize(
    ("language", "asked", "passed"),
    [
        ("Русский", "Передать по заявке", "Передано специалистам по заявке"),
        ("English", "Pass it on for request", "Passed on to our specialists"),
    ],
)
@EACH_STORAGE
async def test_loose_words_go_where_the_person_says(
    cabinet: InProcessCabinet, language: str, asked: str, passed: str
) -> None:
    phone = await file_request(cabinet)
    await phone.say("/language")
    await phone.press(language)
    await phone.say("Здравствуйте!")
    await phone.say("Когда придёт мастер?")
    assert asked in phone.screen
    assert "• Здравствуйте!\n• Когда придёт мастер?" in phone.screen
    edited = phone.own_messages[-2]["message_id"]
    cabinet.telegram.edit(phone.user_id, phone.user_id, edited, "Добрый день!")
    await phone.wait_until_handled()
    async with cabinet.run():
        await phone.press("2026-000001")
        assert passed in phone.screen
        # What comes next is about the same request.
        await phone.say("Ключ у соседа")
        await cabinet.deliver()
        maria = cabinet.add_staff_phone()
        for words in ("Добрый день!", "Когда придёт мастер?", "Ключ у соседа"):
            await maria.expects(words)
        assert "мастер" not in await read_conversation(cabinet, phone)


async def test_loose_words_are_forgotten_with_their_question(cabinet: InProcessCabinet) -> None:
    phone = await file_request(cabinet)
    for leave in ("Не передавать", "Меню", "/start", "/help"):
        await phone.say("Пароль Ромашка, не туда")
        assert "Ромашка" in await read_conversation(cabinet, phone)
        await (phone.say(leave) if leave.startswith("/") else phone.press(leave))
        assert "Ромашка" not in await read_conversation(cabinet, phone)
    await cabinet.deliver()
    group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
    assert not [one for one in group if "Ромашка" in one.get("text", "")]


async def test_words_of_a_guest_are_not_kept(cabinet: InProcessCabinet) -> None:
    phone = cabinet.add_phone()
    await phone.say("Пароль Ромашка, не туда")
    assert "Войти" in phone.buttons
    assert "Ромашка" not in await read_conversation(cabinet, phone)


async def test_a_password_that_comes_twice_is_not_kept(cabinet: InProcessCabinet) -> None:
    phone = await file_request(cabinet)
    await phone.say("/menu")
    await phone.press("Выйти")
    await phone.press("Войти")
    await phone.say(get_email(phone))
    await phone.say(PASSWORD)
    await phone.say(PASSWORD)
    assert PASSWORD not in phone.screen
    assert PASSWORD not in await read_conversation(cabinet, phone)
    await phone.say("/menu")
    await phone.say("Это не пароль")
    assert "Это не пароль" in phone.screen


async def test_a_request_begins_with_loose_words_and_files(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await phone.say("Сосед подключился мимо счётчика")
    await phone.say("Видно с улицы")
    await late(phone, "Фото щита.pdf", "first", "Вот щит")
    assert "можно начать новую заявку" in phone.screen
    await phone.press("Создание заявки")
    await phone.press("Бездоговорное потребление")
    assert "Ваши слова стоят в тексте заявки" in phone.screen
    asked = []
    async for field in answer_questions(phone, FORM, cabinet.today):
        asked.append(field.key)
        if field.key == "confidential":
            await phone.press("Нет")
            break
    assert "text" not in asked
    await phone.press("Приложить присланный файл")
    assert "Фото щита.pdf" in phone.screen
    await phone.press("Готово")
    assert "Сосед подключился мимо счётчика\nВидно с улицы\nВот щит" in phone.screen
    await phone.press("Отправить")
    await cabinet.deliver()
    assert group_files(cabinet) == ["Фото щита.pdf"]
    await cabinet.add_staff_phone().expects_card(
        "2026-000001", "Сосед подключился", "Видно с улицы"
    )


async def test_words_too_long_for_a_request_are_marked(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await phone.say("ж" * 3000)
    await phone.press("Создание заявки")
    await phone.press("Бездоговорное потребление")
    assert "целиком они в него не вошли" in phone.screen
    async for field in answer_questions(phone, FORM, cabinet.today):
        if field.key == "text":
            # It is answered: the question about files is open.
            await phone.press("Пропустить")
            break
    assert f"{'ж' * 1997}[…]" in phone.screen


async def test_what_cannot_be_passed_on_is_told(cabinet: InProcessCabinet) -> None:
    phone = await file_request(cabinet)
    voice = {"file_id": "v", "file_unique_id": "v", "duration": 3}
    await phone.say("/menu")
    await phone.send(voice=voice)
    assert "можно передать текст, фото или файл" in phone.screen
    guest = cabinet.add_phone()
    await guest.send(voice=voice)
    assert "Войти" in guest.buttons


async def test_photos_are_listed_by_numbers(cabinet: InProcessCabinet) -> None:
    phone = await file_request(cabinet)
    await phone.send_album(make_jpeg("first"), make_jpeg("second"))
    assert phone.screen.endswith("• Фото 1\n• Фото 2")
    await phone.press("2026-000001")
    # The files of an album wait for each other.
    cabinet.clock.advance(seconds=2)
    await cabinet.deliver()
    group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
    assert len([one for one in group if "photo" in one and "media_group_id" in one]) == 2


async def test_more_words_than_can_be_passed_at_once_are_told(cabinet: InProcessCabinet) -> None:
    phone = await file_request(cabinet)
    for number in range(11):
        await phone.say(f"Слово {number}")
    assert "не больше 10 сообщений" in phone.screen
    assert "Слово 9" in phone.screen
    assert "Слово 10" not in phone.screen


async def test_passing_words_has_the_limit_of_messages_to_the_staff(
    cabinet: InProcessCabinet,
) -> None:
    async with cabinet.run(limit_staff_messages="2/1h"):
        phone = await file_request(cabinet)
        for words in ("Раз", "Два", "Три"):
            await phone.say(words)
        await phone.press("2026-000001")
        assert "не больше" in phone.alerts[-1] or "лишком" in phone.alerts[-1]
        # Nothing is lost and nothing goes twice.
        cabinet.clock.advance(hours=2)
        await phone.press("2026-000001")
        assert "Передано" in phone.screen
        await cabinet.deliver()
        group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
        for words in ("Раз", "Два", "Три"):
            assert len([one for one in group if words in one.get("text", "")]) == 1, words


@pytest.mark.parametrize(
    ("language", "words", "call", "report"),
    [
        ("Русский", "У нас нет света второй час", "сразу звоните 8 800", "Сообщить об опасности"),
        ("Русский", "Оборван провод у дома!", "сразу звоните 8 800", "Сообщить об опасности"),
        ("Русский", "СВЕТА НЕТ", "сразу звоните 8 800", "Сообщить об опасности"),
        ("English", "There is no power here", "call 8 800", "Report a danger"),
    ],
)
async def test_words_of_an_emergency_lead_to_the_number_and_the_form(
    cabinet: InProcessCabinet, language: str, words: str, call: str, report: str
) -> None:
    phone = await cabinet.add_consumer()
    await phone.say("/language")
    await phone.press(language)
    await phone.say(words)
    assert call in phone.screen.replace("\u00a0", " ")
    assert phone.rows[0][0].endswith(report)
    await phone.press(report)
    await phone.say("ул. Мира, 5")
    await phone.press({"Русский": "Да", "English": "Yes"}[language])
    assert "112" in phone.screen
    guest = cabinet.add_phone()
    await guest.say("/language")
    await guest.press(language)
    await guest.say(words)
    assert call in guest.screen.replace("\u00a0", " ")


async def test_ordinary_words_are_no_emergency(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    for words in ("Нет квитанции за свет", "Провод нужен новый", "Спасибо"):
        await phone.say(words)
        assert "звоните" not in phone.screen


# --- replies to notices -------------------------------------------------------------------------


async def reply(phone: InProcessPhone, message_id: int, words: str) -> None:
    phone.telegram.send(phone.user_id, phone.user_id, text=words, reply_to=message_id)
    await phone.wait_until_handled()


@EACH_STORAGE
async def test_a_reply_to_a_notice_supplements_its_request(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    await maria.press(await maria.expects_card("2026-000001"), "Взять в работу")
    await cabinet.deliver()
    notice = phone.messages[-1]
    assert "взята в работу" in notice["text"] or "работ" in notice["text"]
    async with cabinet.run():
        # A form is open: the reply is no answer to its question.
        await flows.enter_reading(phone, "Однотарифный", "0812094521")
        step = phone.step
        await reply(phone, notice["message_id"], "Буду дома после шести")
        assert phone.step == step
        assert "Передано специалистам" in phone.messages[-2]["text"]
        await cabinet.deliver()
        relayed = await maria.expects("Буду дома после шести")
        await maria.say("Хорошо, ждите", reply_to=relayed)
        await phone.say("/menu")
        answer = next(one for one in phone.messages if "Хорошо, ждите" in one.get("text", ""))
        await reply(phone, answer["message_id"], "Спасибо!")
        await cabinet.deliver()
        await maria.expects("Спасибо!")


async def test_a_reply_to_the_number_supplements_the_request(cabinet: InProcessCabinet) -> None:
    phone = await at_review(cabinet)
    await phone.press("Отправить")
    receipt = next(one for one in phone.messages if "зарегистрирована" in one.get("text", ""))
    await phone.say("/menu")
    await reply(phone, receipt["message_id"], "Забыл сказать: калитка заперта")
    assert "Передано специалистам" in phone.screen
    await cabinet.deliver()
    await cabinet.add_staff_phone().expects("калитка заперта")


async def test_a_reply_answers_a_clarification(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    await cabinet.app.services.request_workflow.set_status(
        1, MARIA, Status.CLARIFICATION, comment="Какой подъезд?"
    )
    await cabinet.deliver()
    await reply(phone, phone.messages[-1]["message_id"], "Подъезд второй")
    assert "Ответ по заявке" in phone.screen
    await cabinet.deliver()
    await maria.expects_card("2026-000001", "Потребитель ответил на уточнение")


async def test_a_password_in_reply_to_a_notice_goes_to_nobody(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    await maria.press(await maria.expects_card("2026-000001"), "Взять в работу")
    await cabinet.deliver()
    notice = phone.messages[-1]["message_id"]
    await phone.say("/menu")
    await phone.press("Профиль")
    await phone.press("Сменить пароль")
    await reply(phone, notice, PASSWORD)
    assert phone.step == "Шаг 2 из 3"
    await cabinet.deliver()
    group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
    assert not [one for one in group if PASSWORD in str(one)]


async def test_nobody_replies_about_the_request_of_another_account(
    cabinet: InProcessCabinet,
) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    await maria.press(await maria.expects_card("2026-000001"), "Взять в работу")
    await cabinet.deliver()
    notice = phone.messages[-1]["message_id"]
    other = await cabinet.add_consumer("Петров Пётр")
    await cabinet.accounts.log_out(Address.from_chat(phone.user_id))
    await cabinet.accounts.log_in(Address.from_chat(phone.user_id), get_email(other), PASSWORD)
    await reply(phone, notice, "Чужая заявка")
    assert "2026-000001" not in phone.screen
    await cabinet.deliver()
    group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
    assert not [one for one in group if "Чужая заявка" in one.get("text", "")]


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
        await cabinet.accounts.log_out(Address.from_chat(phone.user_id))
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
    password = await cabinet.app.services.passwords.issue(account.id)
    await cabinet.accounts.log_in(Address.from_chat(5), account.email, password, name="Анна")
    cabinet.mailer.refuses = True
    await cabinet.deliver()
    async with cabinet.app.database.read() as tx:
        kept = await tx.accounts.get_by_email("anna@example.ru")
    # Somebody logged in already: the letter, which would end that password, is not sent at all.
    assert kept == replace(account, email_proved=True)
