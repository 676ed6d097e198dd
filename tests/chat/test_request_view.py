"""The consumer's list of requests and the view of one: conversation, files, and what is over."""

from typing import Any

import pytest

from bot.domain import Actor, ActorKind, Address, Category, Status
from bot.request_types import load
from tests.support import flows
from tests.support.files import make_pdf
from tests.support.form_filler import answer_questions, file_request, start_form
from tests.support.in_process import PASSWORD, InProcessCabinet, InProcessPhone, get_email

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)
MARIA = Actor(kind=ActorKind.STAFF, id=501, name="Мария Ткач")
WORDS: dict[str, Any] = {
    "ru": {
        "list": ("Зарегистрирована · Снятие показаний", "Выполнена · Бездоговорное потребление"),
        "due": "Ответ до:",
        "conversation": ("Переписка", "вы", "специалист"),
        "files": "Файлы",
        "requests": "Заявки",
    },
    "en": {
        "list": ("Registered · Meter reading", "Done · Unmetered consumption"),
        "due": "Answer by:",
        "conversation": ("Conversation", "you", "specialist"),
        "files": "Files",
        "requests": "Requests",
    },
}


async def file_with_scan(cabinet: InProcessCabinet) -> InProcessPhone:
    phone = await start_form(cabinet, FORM)
    async for field in answer_questions(phone, FORM, cabinet.today):
        if field.kind == "files":
            await phone.send_document(make_pdf("first"), "Первый.pdf")
            await phone.press("Готово")
            break
    await phone.press("Отправить")
    return phone


async def set_status(cabinet: InProcessCabinet, request_id: int, to: Status) -> None:
    await cabinet.app.services.request_workflow.set_status(request_id, MARIA, to)
    await cabinet.deliver()


@pytest.mark.parametrize("locale", ["ru", "en"])
async def test_the_list_says_type_and_status_and_begins_with_open_requests(
    cabinet: InProcessCabinet, locale: str
) -> None:
    words = WORDS[locale]
    phone = await file_request(cabinet)
    await flows.open_form(phone, "Бездоговорное потребление")
    await flows.fill_form(phone, FORM, cabinet.today)
    await phone.press("Пропустить")
    await phone.press("Отправить")
    await set_status(cabinet, 2, Status.DONE)
    await phone.say("/language")
    await phone.press({"ru": "Русский", "en": "English"}[locale])
    await phone.press(words["requests"])
    labels = [label.replace("\u00a0", " ") for label in phone.buttons if "2026" in label]
    first, second = words["list"]
    sign = {"ru": "№", "en": "No."}[locale]
    assert labels == [f"{first} · {sign} 2026-000001", f"{second} · {sign} 2026-000002"]
    await phone.press("2026-000001")
    assert words["due"] in phone.screen
    await phone.forge("r:2")
    assert words["due"] not in phone.screen


@pytest.mark.parametrize("locale", ["ru", "en"])
async def test_a_request_shows_its_conversation_and_opens_its_files(
    cabinet: InProcessCabinet, locale: str
) -> None:
    heading, consumer, staff = WORDS[locale]["conversation"]
    phone, maria = await file_with_scan(cabinet), cabinet.add_staff_phone()
    await cabinet.deliver()
    await phone.say("/menu")
    await phone.forge("q:supplement:1:0")
    await phone.say("Ключ у <соседа> & сторожа")
    await phone.send_document(make_pdf("second"), "Второй.pdf")
    await cabinet.deliver()
    card = await maria.expects_card("2026-000001")
    await maria.say("Приедем в среду", reply_to=card)
    await maria.send_file(make_pdf("act"), "Акт.pdf", card)
    await cabinet.deliver()
    await phone.say("/language")
    await phone.press({"ru": "Русский", "en": "English"}[locale])
    await phone.forge("r:1")
    shown = phone.screen
    said = ["Ключ у <соседа> & сторожа", "Второй.pdf", "Приедем в среду", "Акт.pdf"]
    places = [shown.index(words, shown.index(heading)) for words in said]
    assert places == sorted(places)
    assert shown.count(f", {consumer}") == 2
    assert shown.count(f", {staff}") == 2
    assert "Мария" not in shown
    await phone.press(WORDS[locale]["files"])
    assert [label for label in phone.buttons if label.startswith("📎")] == [
        "📎 Первый.pdf",
        "📎 Второй.pdf",
        "📎 Акт.pdf",
    ]
    for name in ("Первый.pdf", "Акт.pdf"):
        await phone.press(name)
        sent = [one for one in phone.messages if "document" in one][-1]["document"]
        assert sent["file_name"] == name
    stored = cabinet.telegram.files[sent["file_id"]].data
    assert stored == make_pdf("act")


async def test_files_that_are_gone_are_told(cabinet: InProcessCabinet) -> None:
    phone = await file_with_scan(cabinet)
    await phone.forge("q:files:1:0")
    for path in (cabinet.folder / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    await phone.press("Первый.pdf")
    assert "больше не хранится" in phone.alerts[-1]


async def test_nobody_opens_the_files_of_another_account(cabinet: InProcessCabinet) -> None:
    phone = await file_with_scan(cabinet)
    await phone.forge("q:files:1:0")
    data = phone.find_button("Первый.pdf")[1]["callback_data"]
    other = await cabinet.add_consumer("Петров Пётр")
    await other.forge(data)
    await other.forge("q:files:1:0")
    assert "Такой заявки среди ваших нет" in other.screen
    assert not [one for one in other.messages if "document" in one]
    await cabinet.accounts.log_out(Address.from_chat(phone.user_id))
    await cabinet.accounts.log_in(Address.from_chat(phone.user_id), get_email(other), PASSWORD)
    await phone.press("Первый.pdf")
    assert not [one for one in phone.messages if "document" in one]
