"""One draft for each form: one that is left waits, and answers are discarded only when asked."""

import json
import zipfile
from io import BytesIO

import pytest
from aiogram.fsm.storage.base import StorageKey

from bot.domain import Address, Category
from bot.request_types import load
from tests.support import flows
from tests.support.files import make_pdf
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import (
    EACH_STORAGE,
    PASSWORD,
    STAFF_CHAT_ID,
    InProcessCabinet,
    InProcessPhone,
    get_email,
)

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)
REQUEST, READING = "Бездоговорное потребление", "Ручной ввод показаний"

pytestmark = EACH_STORAGE


async def reach_scans(cabinet: InProcessCabinet) -> InProcessPhone:
    """A request with one scan, at the question about scans."""
    phone = await start_form(cabinet, FORM)
    async for field in answer_questions(phone, FORM, cabinet.today):
        if field.kind == "files":
            await phone.send_document(make_pdf("first"), "Первый.pdf")
            break
    assert "Первый.pdf" in phone.screen
    return phone


async def count_files(cabinet: InProcessCabinet) -> int:
    await cabinet.deliver()
    async with cabinet.app.database.read() as tx:
        found = await tx.connection.exec_driver_sql("SELECT count(*) FROM files")
        rows = int(found.scalar_one())
    stored = list((cabinet.folder / "files").rglob("*.pdf"))
    assert len(stored) == rows
    return rows


async def test_an_unfinished_request_does_not_block_a_reading(cabinet: InProcessCabinet) -> None:
    phone = await reach_scans(cabinet)
    step = phone.step
    await flows.enter_reading(phone, "Однотарифный", "0812094521")
    reading_step = phone.step
    await phone.say("/menu")
    assert phone.buttons[:2] == [f"Продолжить: {READING}", f"Продолжить: {REQUEST}"]
    await phone.press(f"Продолжить: {REQUEST}")
    assert phone.step == step
    assert "Первый.pdf" in phone.screen
    async with cabinet.run():
        # Another process knows both.
        await phone.say("/help")
        await phone.press(f"Продолжить: {READING}")
        assert phone.step == reading_step
        await phone.say("12345,6")
        await phone.press("Ввести")
        assert "Показания приняты" in phone.screen
        await phone.press("Меню")
        await phone.press("Продолжить заполнение")
        assert phone.step == step
        await phone.press("Готово")
        await phone.press("Отправить")
        await phone.say("/menu")
        assert "Заявки" in phone.buttons[0]
        await cabinet.deliver()
        group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
        assert [one for one in group if one.get("document", {}).get("file_name") == "Первый.pdf"]


async def test_cancelling_asks_before_answers_are_lost(cabinet: InProcessCabinet) -> None:
    phone = await reach_scans(cabinet)
    step = phone.step
    for cancel in (phone.press("Отмена"), phone.say("/cancel")):
        await cancel
        assert "Удалить черновик?" in phone.screen
        assert phone.rows[0] == ["Удалить черновик", "Продолжить"]
        await phone.press("Продолжить")
        assert phone.step == step
        assert "Первый.pdf" in phone.screen
    await phone.press("Отмена")
    # Nothing is lost by a second «cancel»: the form waits in the menu.
    await phone.say("/cancel")
    await phone.press("Продолжить заполнение")
    assert phone.step == step
    await phone.press("Отмена")
    message, discard = phone.find_button("Удалить черновик")
    await phone.press("Удалить черновик")
    assert phone.buttons[0] == "Заявки"
    assert await count_files(cabinet) == 0
    # A second tap finds nothing to delete.
    await phone.forge(discard["callback_data"], message["message_id"])
    assert "устарело" in phone.alerts[-1]


async def test_a_form_without_answers_is_cancelled_at_once(cabinet: InProcessCabinet) -> None:
    phone = await start_form(cabinet, FORM)
    await phone.press("Отмена")
    assert phone.buttons[0] == "Заявки"


async def test_the_same_form_asks_which_draft_is_meant(cabinet: InProcessCabinet) -> None:
    phone = await reach_scans(cabinet)
    step = phone.step
    await flows.enter_reading(phone, "Однотарифный", "0812094521")
    await flows.open_form(phone, REQUEST)
    assert "не закончена форма" in phone.screen
    await phone.press("Продолжить")
    assert phone.step == step
    await flows.open_form(phone, REQUEST)
    await phone.press("Начать заново")
    assert phone.step.startswith("Шаг 1 ")
    assert await count_files(cabinet) == 0
    # A form with no answer yet is not worth a button.
    await phone.say("/menu")
    await phone.press(f"Продолжить: {READING}")
    await phone.say("/menu")
    assert phone.buttons[0] == "Продолжить заполнение"


async def test_an_old_screen_opens_the_draft_it_belongs_to(cabinet: InProcessCabinet) -> None:
    phone = await reach_scans(cabinet)
    message, done = phone.find_button("Готово")
    await flows.enter_reading(phone, "Однотарифный", "0812094521")
    await phone.forge(done["callback_data"], message["message_id"])
    assert "Проверьте заявку" in phone.screen
    await phone.say("/menu")
    assert f"Продолжить: {READING}" in phone.buttons


async def test_who_logs_out_leaves_no_drafts(cabinet: InProcessCabinet) -> None:
    phone = await reach_scans(cabinet)
    await flows.enter_reading(phone, "Однотарифный", "0812094521")
    await phone.say("/menu")
    await phone.press("Выйти")
    await phone.say("/menu")
    assert phone.buttons[0] == "Войти"
    assert await count_files(cabinet) == 0


async def test_another_account_finds_no_drafts_of_a_session_that_ended(
    cabinet: InProcessCabinet,
) -> None:
    phone = await reach_scans(cabinet)
    await flows.enter_reading(phone, "Однотарифный", "0812094521")
    other = await cabinet.add_consumer("Петров Пётр Ильич")
    await cabinet.accounts.log_out(Address.from_chat(phone.user_id))
    await phone.say("/menu")
    await phone.press("Войти")
    await phone.say(get_email(other))
    await phone.say(PASSWORD)
    await phone.say("/menu")
    assert phone.buttons[0] == "Заявки"
    assert await count_files(cabinet) == 0


async def test_the_same_person_finds_the_drafts_after_a_login_that_ended(
    cabinet: InProcessCabinet,
) -> None:
    phone = await reach_scans(cabinet)
    await cabinet.accounts.log_out(Address.from_chat(phone.user_id))
    await phone.say("/menu")
    await phone.press("Войти")
    await phone.say(get_email(phone))
    await phone.say(PASSWORD)
    await phone.say("/menu")
    await phone.press("Продолжить заполнение")
    assert "Первый.pdf" in phone.screen


async def test_erasure_takes_every_draft_with_its_files(cabinet: InProcessCabinet) -> None:
    phone = await reach_scans(cabinet)
    await flows.open_form(phone, "Хищение объектов")
    await flows.fill_form(
        phone, load().get_form("grid_asset_theft", Category.INDIVIDUAL), cabinet.today
    )
    await phone.send_document(make_pdf("second"), "Второй.pdf")
    await phone.say("/menu")
    await phone.press("Профиль")
    await phone.press("Удалить аккаунт")
    await phone.press("Продолжить удаление")
    await phone.say(PASSWORD)
    await cabinet.deliver()
    assert await count_files(cabinet) == 0
    key = StorageKey(cabinet.app.bot.id, phone.user_id, phone.user_id)
    data = await cabinet.app.dispatcher.storage.get_data(key)
    assert "waiting_drafts" not in data


async def test_my_data_hold_the_unfinished_forms(cabinet: InProcessCabinet) -> None:
    phone = await reach_scans(cabinet)
    await flows.enter_reading(phone, "Однотарифный", "0812094521")
    await phone.say("/menu")
    await phone.press("Профиль")
    await phone.press("Сменить пароль")
    await phone.say(PASSWORD)
    await phone.say("рыжий кот на окне")
    await phone.say("/menu")
    await phone.press("Профиль")
    await phone.press("Мои данные")
    await cabinet.deliver()
    archive_message = next(one for one in reversed(phone.messages) if "document" in one)
    file_id = archive_message["document"]["file_id"]
    with zipfile.ZipFile(BytesIO(cabinet.telegram.files[file_id].data)) as archive:
        drafts = json.loads(archive.read("data.json"))["drafts"]
        page = archive.read("Мои данные.html").decode()
        assert [name for name in archive.namelist() if name.startswith("scans/draft/")]
    answers = {one["form"].partition(":")[0]: one["answers"] for one in drafts}
    assert sorted(answers) == ["password", "reading", "request"]
    assert answers["password"] == {}
    assert answers["reading"] == {"kind": "single", "meter": "0812094521"}
    assert "Незаконченные формы" in page
    assert flows.TEXT[:20] in page


async def test_a_draft_that_lost_its_answers_gives_way(cabinet: InProcessCabinet) -> None:
    phone = await reach_scans(cabinet)
    await flows.enter_reading(phone, "Однотарифный", "0812094521")
    storage = cabinet.app.dispatcher.storage
    key = StorageKey(cabinet.app.bot.id, phone.user_id, phone.user_id)
    data = await storage.get_data(key)
    # As after a change of the form: none of its answers fits any more.
    stale = {**data["waiting_drafts"][0], "answers": {}, "open": FORM.fields[0].key}
    await storage.set_data(key, {**data, "waiting_drafts": [stale]})
    await flows.open_form(phone, REQUEST)
    assert phone.step.startswith("Шаг 1 ")
    data = await storage.get_data(key)
    assert [one["form"] for one in data["waiting_drafts"]] == ["reading"]


async def test_more_drafts_than_a_person_has_do_not_pile_up(cabinet: InProcessCabinet) -> None:
    phone = await reach_scans(cabinet)
    storage = cabinet.app.dispatcher.storage
    key = StorageKey(cabinet.app.bot.id, phone.user_id, phone.user_id)
    data = await storage.get_data(key)
    old = [{**data["draft"], "id": f"{number:016}", "form": "period:1"} for number in range(30)]
    await storage.set_data(key, {**data, "waiting_drafts": old})
    await flows.enter_reading(phone, "Однотарифный", "0812094521")
    waiting = (await storage.get_data(key))["waiting_drafts"]
    assert len(waiting) == 10
    assert waiting[-1]["id"] == data["draft"]["id"]


@pytest.mark.parametrize(
    ("language", "words", "reason", "question"),
    [
        (
            "Русский",
            ("Регистрация", "Согласен", "Физическое лицо", "Назад", "Не согласен"),
            "Без согласия",
            ("Удалить черновик", "Продолжить"),
        ),
        (
            "English",
            ("Sign up", "I agree", "Individual", "Back", "I do not agree"),
            "Without your consent",
            ("Delete the draft", "Continue"),
        ),
    ],
)
async def test_a_late_refusal_of_the_consent_asks_once(
    cabinet: InProcessCabinet,
    language: str,
    words: tuple[str, ...],
    reason: str,
    question: tuple[str, str],
) -> None:
    register, agree, individual, back, disagree = words
    discard, go_on = question
    phone = cabinet.add_phone()
    await phone.say("/language")
    await phone.press(language)
    for press in (register, agree, individual):
        await phone.press(press)
    await phone.say("Иванова Анна Петровна")
    for _ in range(3):
        await phone.press(back)
    await phone.press(disagree)
    assert reason in phone.screen
    assert f"{discard}?" in phone.screen
    await phone.press(go_on)
    await phone.press(disagree)
    await phone.press(discard)
    assert phone.buttons[-2:] != [discard, go_on]
    await phone.press(register)
    await phone.press(disagree)
    # There is nothing to lose now.
    assert discard not in phone.buttons
    assert reason in phone.screen
