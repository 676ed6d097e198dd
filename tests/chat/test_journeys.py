"""What people meet between the questions: locks, restarts, doubled presses, other people's data."""

import asyncio

import pytest

from bot.domain import Category
from bot.request_types import load
from sandbox.bot_api.state import ApiError, Fault
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import (
    EACH_STORAGE,
    PASSWORD,
    InProcessCabinet,
    InProcessPhone,
    get_email,
)

pytestmark = EACH_STORAGE

FORM = load().get_form("meter_reading_visit", Category.INDIVIDUAL)


async def _reach_review(cabinet: InProcessCabinet) -> InProcessPhone:
    phone = await start_form(cabinet, FORM)
    async for _ in answer_questions(phone, FORM, cabinet.today):
        pass
    assert "Проверьте заявку" in phone.screen
    return phone


async def _ask_for_a_reading(phone: InProcessPhone) -> None:
    await phone.say("/menu")
    await phone.press("Показания")
    await phone.press("Ручной ввод")


async def test_guessing_a_password_gets_slower_and_the_right_one_works_later(
    cabinet: InProcessCabinet,
) -> None:
    owner = await cabinet.add_consumer()
    thief = cabinet.add_phone("Вор")
    await thief.say("/start")
    await thief.press("Войти")
    await thief.say(get_email(owner))
    waits = []
    for _ in range(6):
        await thief.say("не тот пароль")
        if "Следующая попытка" in thief.screen:
            waits.append(thief.screen)
            cabinet.clock.advance(minutes=1)
    assert ["30 секунд" in waits[0], "60 секунд" in waits[1]] == [True, True]
    assert not [one for one in thief.own_messages if "пароль" in one.get("text", "")]
    await thief.say(PASSWORD)
    assert "Выберите раздел" in thief.screen


async def test_a_secret_that_telegram_keeps_is_spoken_of(cabinet: InProcessCabinet) -> None:
    phone = cabinet.add_phone()
    await phone.say("/start")
    await phone.press("Войти")
    await phone.say("a@example.ru")
    refusal = ApiError(400, "Bad Request: message can't be deleted")
    cabinet.telegram.faults.append(Fault(method="deleteMessage", error=refusal))
    await phone.say("тайна")
    await phone.expects("Telegram не дал удалить ваше сообщение с паролем")


async def test_others_pass_a_crowd_that_logs_in(cabinet: InProcessCabinet) -> None:
    crowd, other = [cabinet.add_phone() for _ in range(10)], cabinet.add_phone()
    for phone in crowd:
        await phone.say("/start")
        await phone.press("Войти")
        await phone.say(get_email(phone))
    for phone in crowd:
        cabinet.telegram.send(phone.user_id, phone.user_id, text="тайна")
    cabinet.telegram.send(other.user_id, other.user_id, text="/help")
    cabinet.hasher.gate.clear()
    handling = asyncio.create_task(cabinet.take_updates_at_once())
    assert await cabinet.telegram.wait_until(lambda: other.messages, 5)
    await asyncio.sleep(0.2)
    assert cabinet.hasher.waiting == 3
    cabinet.hasher.gate.set()
    await handling
    assert cabinet.hasher.verified == 10


async def test_a_request_is_registered_once(cabinet: InProcessCabinet) -> None:
    phone = await _reach_review(cabinet)
    message, button = phone.find_button("Отправить")
    for _ in range(2):
        cabinet.telegram.press(
            phone.user_id, phone.user_id, message["message_id"], button["callback_data"]
        )
    await cabinet.take_updates_at_once()
    cabinet.telegram.repeat_update(cabinet.taken[-1])
    cabinet.telegram.repeat_update(cabinet.taken[-1], anew=True)
    await cabinet.take_updates()
    assert await cabinet.count_requests() == 1
    assert "№ 2026-000001" in phone.screen


async def test_somebody_elses_request_stays_closed(cabinet: InProcessCabinet) -> None:
    phone = await _reach_review(cabinet)
    await phone.press("Отправить")
    stranger = await cabinet.add_consumer("Петров Пётр Ильич")
    await stranger.forge("r:1")
    assert "Такой заявки среди ваших нет" in stranger.screen


async def test_a_form_outlives_a_restart_and_expires_in_the_end(cabinet: InProcessCabinet) -> None:
    phone = await start_form(cabinet, FORM)
    step = phone.step
    async with cabinet.run():
        await phone.say("не кнопка")
        assert phone.step == step
        cabinet.clock.advance(days=15)
        await phone.say("не кнопка")
        assert "больше не действует" in phone.screen
        await phone.press("Начать заново")
        assert "О чём заявка?" in phone.screen


async def test_a_session_ends_after_half_a_year_of_silence(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    cabinet.clock.advance(days=179)
    await phone.say("/menu")
    assert "Выберите раздел" in phone.screen
    cabinet.clock.advance(days=180)
    await phone.press("Заявки")
    assert "сеанс закончился" in phone.screen


@pytest.mark.parametrize("command", ["/start", "/menu", "/help", "/language"])
async def test_commands_leave_a_form_waiting(cabinet: InProcessCabinet, command: str) -> None:
    phone = await start_form(cabinet, FORM)
    step = phone.step
    await phone.say(command)
    if command == "/language":
        await phone.press("Русский")
    await phone.press("Продолжить заполнение")
    assert phone.step == step
    await phone.say("/cancel")
    assert "Продолжить заполнение" not in phone.buttons


async def test_consent_refused_ends_registration(cabinet: InProcessCabinet) -> None:
    phone = cabinet.add_phone()
    await phone.say("/start")
    await phone.press("Регистрация")
    await phone.press("Не согласен")
    assert "Без согласия" in phone.screen
    await cabinet.deliver()
    assert cabinet.mailer.sent == []


async def test_a_failure_is_admitted_and_the_answers_stay(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    phone = await start_form(cabinet, FORM)
    step = phone.step
    cabinet.telegram.faults.append(Fault(method="sendMessage", error=ApiError(500, "Oops")))
    await phone.say("/menu")
    assert "у нас неполадка" in phone.screen
    assert "an update failed" in caplog.text
    caplog.clear()
    await phone.say("/menu")
    await phone.press("Продолжить заполнение")
    assert phone.step == step


async def test_english_on_request(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await phone.say("/language")
    await phone.press("English")
    assert "Requests" in phone.buttons


async def test_a_taken_email_ends_like_a_free_one_and_its_owner_gets_a_letter(
    cabinet: InProcessCabinet,
) -> None:
    owner = await cabinet.add_consumer()
    screens = []
    for email in ("free@example.ru", get_email(owner)):
        phone = cabinet.add_phone()
        await phone.say("/start")
        for words in ("Регистрация", "Согласен", "Юридическое лицо"):
            await phone.press(words)
        await phone.say("ООО «Ромашка»")
        await phone.say(email)
        await phone.say("8 912 345 67 89")
        await phone.press("Зарегистрировать")
        screens.append(phone.screen.replace(email, "…"))
    assert screens[0] == screens[1]
    await cabinet.deliver()
    subjects = [letter.subject for letter in cabinet.mailer.list_letters(get_email(owner))]
    assert "Попытка регистрации с вашим email" in subjects[-1]


async def test_the_list_turns_its_pages(cabinet: InProcessCabinet) -> None:
    phone = await _reach_review(cabinet)
    await phone.press("Отправить")
    for _ in range(5):
        await phone.press("К заявкам")
        await phone.press("Создание заявки")
        await phone.press("Снятие показаний")
        async for _ in answer_questions(phone, FORM, cabinet.today):
            pass
        await phone.press("Отправить")
    await phone.press("К заявкам")
    assert "2026-000006" in phone.screen
    assert "2026-000001" not in phone.screen
    await phone.press("▶")
    assert "2026-000001" in phone.screen
    await phone.press("◀")
    assert "2026-000006" in phone.screen
