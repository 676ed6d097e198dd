"""The staff group at its rougher times: wrong files, strangers, late presses, lost rights."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from bot.domain import Address, Category
from bot.request_types import load
from sandbox.bot_api.state import ApiError, Fault, Message
from tests.support import flows
from tests.support.fake_clamd import FakeClamd
from tests.support.files import make_docx, make_jpeg, make_locked_pdf, make_pdf
from tests.support.form_filler import answer_questions, file_request, start_form
from tests.support.in_process import (
    STAFF_CHAT_ID,
    InProcessCabinet,
    InProcessPhone,
    InProcessStaffPhone,
    get_email,
)
from tests.support.sqlite_file import copy_database
from tests.support.staff_phone import get_callback_data

FORM = load().get_form("meter_reading_visit", Category.INDIVIDUAL)
PDF = make_pdf()
DOCX = make_docx("a draft of the contract")
JPEG = make_jpeg()
MOVED = -1_001_000_000_900
MEGABYTE = 1024**2


def list_documents(phone: InProcessPhone) -> list[bytes]:
    """Bytes of the files that the staff sent to a consumer."""
    found = [one.get("document") or one.get("photo", [None])[-1] for one in phone.messages]
    return [
        phone.telegram.files[one["file_id"]].data
        for one in found
        if one and not one.get("file_name", "").startswith("Заявление ")
    ]


@pytest.fixture
async def guarded(
    tmp_path: Path, migrated: Path
) -> AsyncIterator[tuple[InProcessCabinet, FakeClamd]]:
    copy_database(migrated, tmp_path)
    scanner = FakeClamd(tmp_path)
    made = InProcessCabinet(tmp_path)
    async with made.run(clamd_url=scanner.url):
        yield made, scanner
    assert made.telegram.violations == []


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "name", "complaint"),
    [
        (b"MZ\x90 a program", "Акт.pdf", "передаёт PDF, JPEG, PNG"),
        (b"MZ\x90 a program", "Акт.docx", "передаёт PDF, JPEG, PNG"),
        (b"PK\x03\x04 with macros", "Акт.docm", "передаёт PDF, JPEG, PNG"),
        (make_docx(more={"word/vbaProject.bin": b"x"}), "Акт.docx", "сценарий или макрос"),
        (make_docx()[:-30], "Акт.docx", "не открывается"),
        (make_locked_pdf(), "Акт.pdf", "закрыт паролем"),
        (PDF + b"PK\x05\x06" + bytes(18), "Акт.pdf", "спрятан файл другого вида"),
        (b"%PDF-1.7\n" + bytes(20 * MEGABYTE), "<Большой>.pdf", "больше 20 МБ"),
    ],
)
@pytest.mark.parametrize("blocked", [False, True])
async def test_a_wrong_file_of_the_staff_goes_nowhere_and_its_sender_is_told(
    cabinet: InProcessCabinet, data: bytes, name: str, complaint: str, blocked: bool
) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    cabinet.telegram.chats[phone.user_id].blocked = blocked
    letters = len(cabinet.mailer.sent)
    sent = await maria.send_file(data, name, card)
    told = await maria.expects(f"«{name}» потребителю не передан", complaint)
    assert told["reply_to_message"]["message_id"] == sent["message_id"]
    assert list_documents(phone) == []
    assert len(cabinet.mailer.sent) == letters
    assert "reactions" not in sent


async def test_of_an_album_the_sound_ones_arrive_or_are_mailed(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")

    async def list_album(mark: str) -> None:
        for data, name in ((PDF + b"1", "1.pdf"), (b"MZ", "2.pdf"), (DOCX, "3.docx")):
            cabinet.telegram.send_file(
                STAFF_CHAT_ID,
                maria.user_id,
                data,
                name,
                "application/pdf",
                album=mark,
                reply_to=card["message_id"],
            )
        await maria.wait_until_handled()

    await list_album("one")
    assert list_documents(phone) == [PDF + b"1", DOCX]
    assert maria.has_message("«2.pdf» потребителю не передан")
    cabinet.telegram.chats[phone.user_id].blocked = True
    cabinet.mailer.letters.clear()
    await list_album("two")
    attached = [one.attachments for one in cabinet.mailer.list_letters(get_email(phone))]
    assert [(one.name, one.data) for (one,) in attached] == [
        ("1.pdf", PDF + b"1"),
        ("3.docx", DOCX),
    ]
    assert maria.has_message("не получил это в Telegram")


async def test_a_file_waits_for_the_virus_scanner(
    guarded: tuple[InProcessCabinet, FakeClamd], caplog: pytest.LogCaptureFixture
) -> None:
    cabinet, scanner = guarded
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    await maria.send_file(PDF, "Договор.pdf", card)
    await maria.send_file(PDF + b"EICAR", "Вирус.pdf", card)
    await flows.open_request(phone, "2026-000001")
    await phone.press("Дополнить")
    await phone.send_document(PDF + b"EICAR", "Чужой.pdf")
    await phone.send_document(PDF + b"2", "Схема.pdf")
    await cabinet.deliver()
    assert list_documents(phone) == []
    assert not [one for one in maria.messages if "document" in one]
    caplog.clear()
    await scanner.start()
    for _ in range(3):
        cabinet.clock.advance(minutes=11)
        await cabinet.deliver()
    assert list_documents(phone) == [PDF]
    assert maria.has_message("«Вирус.pdf» потребителю не передан: антивирус")
    assert maria.has_message("«Чужой.pdf» от потребителя не передан: антивирус")
    await phone.expects("«Чужой.pdf» не принят: антивирус")
    names = [one["document"]["file_name"] for one in maria.messages if "document" in one]
    assert names == ["Схема.pdf"]
    await scanner.stop()


# --- who is not there ----------------------------------------------------------------------------


async def test_nobody_writes_to_who_left_and_the_staff_are_told(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    await cabinet.app.services.personal_data.erase(1, Address.from_chat(phone.user_id))
    await cabinet.deliver()
    letters = len(cabinet.mailer.sent)
    sent = await maria.say("Когда удобно?", reply_to=card)
    told = await maria.expects("удалил личный кабинет", "2026-000001")
    assert told["reply_to_message"]["message_id"] == sent["message_id"]
    await maria.say("/reset erased-1")
    await maria.expects("Кабинета с таким email нет")
    assert len(cabinet.mailer.sent) == letters
    assert "reactions" not in sent


@pytest.mark.parametrize("by", ["mail", "Telegram"])
async def test_what_nobody_takes_is_told_to_its_sender(
    cabinet: InProcessCabinet, by: str, caplog: pytest.LogCaptureFixture
) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    if by == "mail":
        cabinet.telegram.chats[phone.user_id].blocked = cabinet.mailer.refuses = True
    else:
        refusal = ApiError(400, "Bad Request: wrong file identifier/HTTP URL specified")
        cabinet.telegram.faults.append(Fault(method="sendDocument", error=refusal))
    sent = await maria.send_file(PDF, "Акт.pdf", card)
    told = await maria.expects("ни Telegram, ни почта", "+7 912 345-67-89")
    assert told["reply_to_message"]["message_id"] == sent["message_id"]
    assert [one for one in caplog.records if "is given up" in one.getMessage()]
    caplog.clear()


async def test_strangers_and_late_presses_are_told(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    press = card["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    outsider = cabinet.add_staff_phone(900, "Чужой")
    cabinet.telegram.chats[STAFF_CHAT_ID].members.discard(900)
    assert "участников группы" in await outsider.forge(card, press)
    cabinet.telegram.add_group(MOVED, "Другая")
    elsewhere = cabinet.add_staff_phone(502, "Олег", MOVED)
    there = await elsewhere.say("Карточка?")
    assert "только в группе поддержки" in await elsewhere.forge(there, press)
    await phone.forge(press)
    assert "устарело" in phone.alerts[-1]

    # Telegram puts this account before anonymous administrators.
    cabinet.telegram.add_person(1_087_968_824, "Group")
    nobody = cabinet.add_staff_phone(1_087_968_824, "Group")
    assert "от имени группы" in await nobody.forge(card, press)

    # A request that is not there, a status that does not exist, words that nobody offered.
    for forged, answer in (
        ("d:set:999:registered:in_work:0", "Такой заявки нет"),
        ("d:words:1:registered:rejected:99", "окно устарело"),
        ("d:show:999:::0", "Карточки этой заявки в группе нет"),
        ("d:reset:999:::0", "уже сброшен"),
    ):
        assert answer in await maria.forge(card, forged), forged

    sent = await maria.ask_for_words(card, "Отклонить")
    await maria.press(card, "Отклонить")
    own = get_callback_data(await maria.expects_card("2026-000001"), "Повторная заявка")
    await flows.open_request(phone, "2026-000001")
    await phone.press("Отозвать")
    await phone.press("Отозвать заявку")
    await cabinet.deliver()
    card = await maria.expects_card("2026-000001", "Отозвана", "потребитель")
    assert "reply_markup" not in card
    # What was shown before the withdrawal is pressed and answered after it.
    for late in (press, own):
        assert "Отозвана" in await maria.forge(card, late)
    await maria.say("Не наша сеть", reply_to=sent)
    await maria.expects("уже в статусе «Отозвана»")
    assert "Отозвана" in (await maria.expects_card("2026-000001"))["text"]


async def test_only_replies_about_a_request_go_out(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    before = len(phone.messages)
    await maria.say("/help")
    answer = await maria.expects("карточка")
    await maria.say("Что это?", reply_to=answer)
    await maria.expects("Потребителю ничего не отправлено")
    place = {"latitude": 54.19, "longitude": 37.61}
    cabinet.telegram.send(STAFF_CHAT_ID, 501, location=place, reply_to=card["message_id"])
    await maria.wait_until_handled()
    await maria.expects("можно передать текст, фото или файл")
    sent = await maria.ask_for_words(card, "Запросить уточнение")
    cabinet.telegram.send_file(
        STAFF_CHAT_ID, 501, PDF, "a.pdf", "application/pdf", reply_to=sent["message_id"]
    )
    await maria.wait_until_handled()
    await maria.expects("Нужны слова")
    assert len(phone.messages) == before


async def test_a_reason_of_the_greatest_length_arrives_whole(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    sent = await maria.ask_for_words(card, "Отклонить")
    reason = ("причина <&> " * 400)[:4096].strip()
    await maria.say(reason, reply_to=sent)
    await maria.expects_card("2026-000001", "Отклонена")
    for messages in (phone.messages, maria.messages):
        words = "".join(one.get("text", "") for one in messages)
        assert words.count("причина") == reason.count("причина")


# --- the group changes ---------------------------------------------------------------------------


async def test_a_demoted_bot_gets_everything_through_once_it_may_write_again(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = ApiError(400, "Bad Request: not enough rights to send text messages to the chat")
    mute = Fault(method="sendMessage", error=refusal, times=2)
    phone = await start_form(cabinet, FORM)
    async for _ in answer_questions(phone, FORM, cabinet.today):
        pass
    await phone.press("Отправить")
    cabinet.telegram.faults.append(mute)
    for _ in range(2):
        await cabinet.deliver()
        cabinet.clock.advance(minutes=1)
    maria = cabinet.add_staff_phone()
    assert maria.messages == []
    told = [one for one in caplog.records if "takes nothing" in one.getMessage()]
    assert len(told) == 1
    caplog.clear()
    cabinet.clock.advance(minutes=11)
    await cabinet.deliver()
    await maria.expects_card("2026-000001", "Зарегистрирована")


async def test_a_bot_that_was_removed_from_the_group_comes_back_to_it(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    await maria.expects_card("2026-000001")
    group = cabinet.telegram.chats[STAFF_CHAT_ID]
    group.blocked = True
    await flows.open_request(phone, "2026-000001")
    await phone.press("Дополнить")
    await phone.say("Адрес прежний")
    await cabinet.deliver()
    assert not maria.has_message("Адрес прежний")
    assert [one for one in caplog.records if "takes nothing" in one.getMessage()]
    caplog.clear()
    group.blocked = False
    cabinet.clock.advance(minutes=11)
    await cabinet.deliver()
    await maria.expects("Адрес прежний")


@pytest.mark.parametrize("noticed", ["by the service message", "by a refusal"])
async def test_the_staff_go_on_where_the_group_has_moved(
    cabinet: InProcessCabinet, noticed: str
) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    old = await maria.expects_card("2026-000001")
    cabinet.telegram.add_group(MOVED, "Поддержка")
    cabinet.telegram.chats[STAFF_CHAT_ID].migrated_to = MOVED
    if noticed == "by the service message":
        cabinet.telegram.send(STAFF_CHAT_ID, 501, migrate_to_chat_id=MOVED)
        await cabinet.take_updates()
    else:
        workflow = cabinet.app.services.request_workflow
        request = await workflow.get(1)
        assert request is not None
        await workflow.withdraw(request.account, Address.from_chat(phone.user_id), 1)
        await cabinet.deliver()
    here = cabinet.add_staff_phone(chat_id=MOVED)
    sent = await here.say("/overdue")
    listed = await here.expects("заявок нет", after=sent["message_id"])
    assert old["chat"]["id"] != listed["chat"]["id"]


async def test_a_forum_whose_rights_come_and_go(cabinet: InProcessCabinet) -> None:
    group = cabinet.telegram.chats[STAFF_CHAT_ID]
    group.is_forum = True
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    thread = card["message_thread_id"]
    topic = group.topics[thread]
    press = card["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await maria.finish(card)
    assert "«Выполнена»: Мария" in await maria.forge(card, press)
    assert (topic.name[0], topic.closed) == ("✅", True)
    await phone.press("Не согласен")
    await phone.press("Вернуть на рассмотрение")
    await phone.send_document(PDF, "Акт.pdf")
    await maria.wait_until_handled()
    assert (topic.name[0], topic.closed) == ("🆕", False)
    came = next(one for one in maria.messages if "document" in one)
    assert came["message_thread_id"] == thread
    # The right is taken away: the topic stays as it is, the card and the talk go on.
    group.manages_topics = False
    await maria.press(await maria.expects_card("2026-000001", "Зарегистрирована"), "Взять в работу")
    card = await maria.expects_card("2026-000001", "В работе")
    assert card["message_thread_id"] == thread
    await file_requests(cabinet, phone, 1)
    other = await maria.expects_card("2026-000002")
    assert "message_thread_id" not in other
    await maria.say("Ответьте здесь", reply_to=other)
    await phone.expects("Ответьте здесь", "2026-000002")
    # And given back: an hour later, at most, new requests have topics again.
    group.manages_topics = True
    cabinet.clock.advance(hours=1, seconds=1)
    await file_requests(cabinet, phone, 1, first=2)
    assert (await maria.expects_card("2026-000003"))["message_thread_id"] in group.topics
    assert not topic.name.startswith("🔧")


async def test_where_reactions_are_forbidden_the_receipt_is_in_words(
    cabinet: InProcessCabinet,
) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    refusal = ApiError(400, "Bad Request: REACTION_INVALID")
    cabinet.telegram.faults.append(Fault(method="setMessageReaction", error=refusal))
    sent = await maria.send_file(PDF, "Акт.pdf", card, caption="Вот акт")
    told = await maria.expects("✓ Передано потребителю")
    assert told["reply_to_message"]["message_id"] == sent["message_id"]
    # Captions are mirrored too when they are edited.
    cabinet.telegram.edit(STAFF_CHAT_ID, maria.user_id, sent["message_id"], "Вот <договор>")
    await maria.wait_until_handled()
    came = next(one for one in reversed(phone.messages) if "document" in one)
    assert "Вот <договор>" in came["caption"]
    assert list_documents(phone) == [PDF]


async def test_without_requests_there_is_no_digest(cabinet: InProcessCabinet) -> None:
    maria = cabinet.add_staff_phone()
    await cabinet.app.services.request_reports.put_reminders()
    await cabinet.deliver()
    assert maria.messages == []


async def test_the_watch_reaches_the_group(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    await file_requests(cabinet, phone, 1)
    await cabinet.app.services.request_reports.put_reminders()
    await cabinet.deliver()
    await maria.expects("Сводка на 24.11.2026", "Открыто: 2")
    cabinet.clock.advance(days=40)
    await maria.finish(await maria.expects_card("2026-000001"))
    for _ in range(2):  # a restart repeats nothing
        await cabinet.app.services.request_reports.put_reminders()
        await cabinet.deliver()
    (notice,) = [one for one in maria.messages if one["text"].startswith("⚠️ Просрочено: 1")]
    assert "2026-000002" in notice["text"]
    assert "2026-000001" not in notice["text"]


# --- commands ------------------------------------------------------------------------------------


async def test_lists_turn_their_pages_and_show_the_cards(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    oleg = cabinet.add_staff_phone(502, "Олег")
    await file_requests(cabinet, phone, 9)
    found = await run_command(maria, "/new", "страница 1")
    assert found["text"].count("№ 2026-") == 8
    await maria.press(found, "▶")
    found = await maria.expects("страница 2")
    assert found["text"].count("№ 2026-") == 2
    await maria.press(found, "◀")
    found = await maria.expects("страница 1")
    assert found["text"].count("№ 2026-") == 8
    for number in ("2026-000001", "2026-000002"):
        await maria.press(await maria.expects_card(number), "Взять в работу")
    mine = await run_command(maria, "/my", "Ваши заявки")
    assert mine["text"].count("№ 2026-") == 2
    await maria.press(mine, "№ 2026-000001")
    here = await maria.expects("Карточка заявки")
    card = await maria.expects_card("2026-000001", "Статус")
    assert here["reply_to_message"]["message_id"] == card["message_id"]
    await run_command(oleg, "/my", "нет")
    await run_command(oleg, "/overdue", "Просроченных заявок нет")
    cabinet.clock.advance(days=40)
    late = await run_command(oleg, "/overdue", "2026-000001")
    assert late["text"].count("№ 2026-") == 8
    for words, answer in (
        ("/find", "Что найти?"),
        ("/find 0", "Ничего не найдено"),
        ("/find %", "Ничего не найдено"),
        ("/reset", "Напишите email"),
        ("/reset nobody@example.ru", "Кабинета с таким email нет"),
        ("/export вчера 5", "Укажите даты"),
        ("/export 31.12.2026 01.01.2026", "Укажите даты"),
    ):
        await run_command(oleg, words, answer)
    cabinet.telegram.send(
        STAFF_CHAT_ID, 501, text="/my", sender_chat=cabinet.telegram.chats[STAFF_CHAT_ID].to_json()
    )
    await maria.wait_until_handled()
    await maria.expects("от имени группы")


async def test_only_the_administrators_named_reset_and_export(
    tmp_path: Path, migrated: Path
) -> None:
    copy_database(migrated, tmp_path)
    cabinet = InProcessCabinet(tmp_path)
    async with cabinet.run(staff_admin_ids=frozenset({501})):
        phone, maria, oleg = (
            await file_request(cabinet),
            cabinet.add_staff_phone(),
            cabinet.add_staff_phone(502, "Олег"),
        )
        for command in ("/export", f"/reset {get_email(phone)}"):
            await run_command(oleg, command, "только администраторы")
        card = await run_command(maria, f"/reset {get_email(phone)}", "Просят новый пароль")
        assert "только администраторы" in await oleg.press(card, "Сбросить пароль")
        await maria.press(card, "Сбросить пароль")
        await maria.expects("Пароль сброшен", "Мария")
    assert cabinet.telegram.violations == []


async def test_a_failure_is_admitted_to_the_staff(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    _, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    for fail in (
        lambda: run_command(maria, "/my", "у нас неполадка"),
        lambda: maria.press(card, "Готовый ответ"),
    ):
        cabinet.telegram.faults.append(Fault(method="sendMessage", error=ApiError(500, "Oops")))
        await fail()
        assert "an update failed" in caplog.text
        caplog.clear()
    words = [one for one in maria.messages if "у нас неполадка" in one.get("text", "")]
    assert len(words) == 2
    assert words[1]["reply_to_message"]["message_id"] == card["message_id"]
    await run_command(maria, "/my", "нет")


async def test_a_consumers_last_readings_are_found_with_the_consumer(
    cabinet: InProcessCabinet,
) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    await phone.say("/menu")
    for value in ("100", "120,5"):
        await flows.enter_reading(phone, "Однотарифный", "0812-094521", value)
        await phone.press("Ввести")
        cabinet.clock.advance(days=1)
        await phone.say("/menu")
    for words in (get_email(phone), "2026-000001", "0812-094521"):
        found = await maria.find(words, "Последние показания", "2026-000001")
        assert "№ 0812-094521 · 25.11.2026 · T1 120,5" in found["text"]
    await maria.say("/export показания 01.11.2026 30.11.2026")
    await maria.expects("Показания с 01.11.2026 по 30.11.2026")
    sheet = next(one["document"] for one in maria.messages if "document" in one)
    data = cabinet.telegram.files[sheet["file_id"]].data
    rows = list(openpyxl.load_workbook(BytesIO(data)).worksheets[0].iter_rows(values_only=True))
    found_values = [row[rows[0].index("t1_kwh")] for row in rows[1:]]
    assert found_values == [100, 120.5]
    # Whoever has filed no request is found too; what several have in common shows nobody's.
    await cabinet.add_account("other@example.ru", "Петров Пётр Ильич")
    await run_command(maria, "/find other@example.ru", "Ничего не найдено")
    both = await maria.find("+7 912 345-67-89", "2026-000001")
    assert "показания" not in both["text"]


async def run_command(staff_phone: InProcessStaffPhone, command: str, *words: str) -> Message:
    sent = await staff_phone.say(command)
    return await staff_phone.expects(*words, after=sent["message_id"])


async def file_requests(
    cabinet: InProcessCabinet, phone: InProcessPhone, count: int, first: int = 1
) -> None:
    """So many more requests of the consumer, with their cards; ``first`` numbers the drafts."""
    async with cabinet.app.database.read() as tx:
        account = await tx.accounts.get_by_email(get_email(phone))
    assert account is not None
    for one in range(first, first + count):
        await cabinet.app.services.requests.register(
            draft_id=f"{one:016x}",
            account=account,
            type_code=FORM.id.parts[0],
            raw_answers={},
            answers=[],
            text="Ещё одна",
        )
    await cabinet.deliver()
