"""What the staff say to a consumer: results, canned answers, undo, notes that stay inside."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support import flows
from tests.support.files import make_pdf
from tests.support.form_filler import file_request
from tests.support.in_process import (
    STAFF_CHAT_ID,
    InProcessCabinet,
    InProcessPhone,
    InProcessStaffPhone,
    get_email,
)
from tests.support.sqlite_file import copy_database
from tests.support.staff_phone import get_callback_data, list_labels

NUMBER = "2026-000001"
PDF = make_pdf()


@pytest.fixture
async def undoing(tmp_path: Path, migrated: Path) -> AsyncIterator[InProcessCabinet]:
    """The staff may undo for ten seconds."""
    copy_database(migrated, tmp_path)
    made = InProcessCabinet(tmp_path)
    async with made.run(undo_seconds=10):
        yield made
    assert made.telegram.violations == []


def count_heard(cabinet: InProcessCabinet, phone: InProcessPhone) -> tuple[int, int]:
    """Messages and letters of the consumer."""
    return len(phone.messages), len(cabinet.mailer.list_letters(get_email(phone)))


def list_files(phone: InProcessPhone) -> list[str]:
    """Names of the files that the staff sent."""
    names = [one["document"]["file_name"] for one in phone.messages if "document" in one]
    return [one for one in names if not one.startswith("Заявление ")]


async def wait_out(cabinet: InProcessCabinet) -> None:
    cabinet.clock.advance(seconds=11)
    await cabinet.deliver()


async def begin(cabinet: InProcessCabinet) -> tuple[InProcessPhone, InProcessStaffPhone]:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    await maria.expects_card(NUMBER)
    await cabinet.deliver()
    return phone, maria


async def test_a_result_is_sent_after_ten_seconds_and_can_be_undone_before(
    undoing: InProcessCabinet,
) -> None:
    phone, maria = await begin(undoing)
    heard = count_heard(undoing, phone)
    await maria.finish(await maria.expects_card(NUMBER), "Показания сняты")
    done = "Выполнена", "Показания прибора учёта сняты", "через 10 с"
    card = await maria.expects_card(NUMBER, *done)
    assert list_labels(card) == ["↩ Отменить"]
    assert count_heard(undoing, phone) == heard
    oleg = undoing.add_staff_phone(502, "Олег")
    assert "другому участнику" in await oleg.press(card, "↩ Отменить")
    assert "потребитель ничего не получил" in await maria.press(card, "↩ Отменить")
    card = await maria.expects_card(NUMBER, "Зарегистрирована")
    assert "Выполнена" in list_labels(card)
    assert not maria.has_message("через 10 с")
    await wait_out(undoing)
    assert count_heard(undoing, phone) == heard

    await maria.finish(card, "Показания сняты")
    card = await maria.expects_card(NUMBER, *done)
    await wait_out(undoing)
    assert "Показания прибора учёта сняты" in await phone.expects("выполнена", "Что сделано")
    assert count_heard(undoing, phone) == (heard[0] + 1, heard[1] + 1)
    # The button is gone; a press that was on its way comes too late, and nothing is undone.
    assert not maria.has_message("через 10 с")
    assert "Отменить уже нельзя" in await maria.forge(card, get_callback_data(card, "↩ Отменить"))
    card = await maria.expects_card(NUMBER, "Выполнена")
    assert list_labels(card) == ["Вернуть в работу"]
    # Nothing of that was a message.
    assert len(maria.messages) == 1


async def test_a_late_undo_below_a_reminder_gives_way_to_the_buttons(
    undoing: InProcessCabinet,
) -> None:
    _, maria = await begin(undoing)
    undoing.clock.advance(days=100)
    await undoing.app.services.request_reports.put_reminders()
    await undoing.deliver()
    told = await maria.expects("Просрочено: 1")
    await maria.choose(told, "Отклонить", "Не наша сеть")
    told = await maria.expects_button(told, "↩ Отменить")
    await wait_out(undoing)
    assert "Отменить уже нельзя" in await maria.press(told, "↩ Отменить")
    assert list_labels(await maria.expects("Просрочено: 1")) == ["Вернуть в работу"]


async def test_what_could_still_be_undone_outlives_the_process(undoing: InProcessCabinet) -> None:
    phone, maria = await begin(undoing)
    heard = count_heard(undoing, phone)
    await maria.finish(await maria.expects_card(NUMBER), "Показания сняты")
    # A process that ends here leaves the same rows as kill -9: all of it is in the database.
    async with undoing.app.database.read() as tx:
        waiting = await tx.outbox.count_waiting()
    assert waiting["status_notice"] == waiting["status_letter"] == 1
    async with undoing.run():
        await undoing.deliver()
        assert count_heard(undoing, phone) == heard
        await wait_out(undoing)
        assert count_heard(undoing, phone) == (heard[0] + 1, heard[1] + 1)


async def test_own_words_and_a_file_are_a_result(undoing: InProcessCabinet) -> None:
    phone, maria = await begin(undoing)
    question = await maria.ask_for_words(await maria.expects_card(NUMBER), "Выполнена")
    await maria.send_file(PDF, "Акт.pdf", question)
    await maria.press(await maria.expects_card(NUMBER, "Выполнена"), "↩ Отменить")
    await wait_out(undoing)
    assert list_files(phone) == []
    question = await maria.ask_for_words(await maria.expects_card(NUMBER), "Выполнена")
    await maria.send_file(PDF, "Акт.pdf", question, caption="Счётчик заменён")
    await wait_out(undoing)
    assert not maria.has_message("напишите ответом")
    await undoing.deliver()
    assert await phone.expects("выполнена", "Счётчик заменён")
    assert list_files(phone) == ["Акт.pdf"]
    await flows.open_request(phone, NUMBER)
    assert "Счётчик заменён" in phone.screen


async def test_all_files_of_an_album_are_the_result(undoing: InProcessCabinet) -> None:
    phone, maria = await begin(undoing)
    heard = count_heard(undoing, phone)
    names = ["Акт.pdf", "Схема.pdf", "Смета.pdf"]
    for is_undone in (True, False):
        question = await maria.ask_for_words(await maria.expects_card(NUMBER), "Выполнена")
        for name in names:
            await maria.send_file(
                PDF + name.encode(), name, question, album=f"a{is_undone}",
                caption="Счётчик заменён" if name == names[0] else "",
            )  # fmt: skip
        assert not maria.has_message("уже в статусе")
        card = await maria.expects_card(NUMBER, "Выполнена", "Счётчик заменён")
        if is_undone:
            await maria.press(card, "↩ Отменить")
        await wait_out(undoing)
        await undoing.deliver()
        assert list_files(phone) == ([] if is_undone else names)
        assert (count_heard(undoing, phone) == heard) is is_undone
    albums = {one["media_group_id"] for one in phone.messages if "media_group_id" in one}
    assert len(albums) == 1
    # All of them stay with the request.
    request = await undoing.app.services.request_workflow.get(1)
    assert request is not None
    assert [one.name for one in request.documents] == names


async def test_an_album_without_undo_reaches_the_consumer(cabinet: InProcessCabinet) -> None:
    phone, maria = await begin(cabinet)
    question = await maria.ask_for_words(await maria.expects_card(NUMBER), "Отклонить")
    for name in ("1.pdf", "2.pdf"):
        cabinet.telegram.send_file(
            STAFF_CHAT_ID, maria.user_id, PDF + name.encode(), name, "application/pdf",
            album="x", reply_to=question["message_id"], caption="Не наша сеть",
        )  # fmt: skip
    await maria.wait_until_handled()
    await phone.expects("отклонена", "Не наша сеть")
    assert list_files(phone) == ["1.pdf", "2.pdf"]
    assert not maria.has_message("уже в статусе")


async def test_a_closed_request_goes_back_to_work_within_ten_days(
    cabinet: InProcessCabinet,
) -> None:
    phone, maria = await begin(cabinet)
    await maria.finish(await maria.expects_card(NUMBER))
    await maria.press(await maria.expects_card(NUMBER, "Выполнена"), "Вернуть в работу")
    card = await maria.expects_card(NUMBER, "Статус: В работе")
    await phone.expects("снова в работе", NUMBER)
    await maria.finish(card)
    card = await maria.expects_card(NUMBER, "Выполнена")
    cabinet.clock.advance(days=11)
    assert "10 дней" in await maria.press(card, "Вернуть в работу")
    await maria.expects_card(NUMBER, "Выполнена")


async def test_a_canned_answer_is_filled_in_and_escaped(undoing: InProcessCabinet) -> None:
    phone, maria = await begin(undoing)
    heard = count_heard(undoing, phone)
    for undone in (True, False):
        await maria.press(await maria.expects_card(NUMBER), "Готовый ответ")
        await maria.press(await maria.expects("что ответить по заявке"), "Работаем, ответим в срок")
        shown = await maria.expects("получит через 10 с", "Иванова Анна Петровна")
        if undone:
            assert "ничего не получил" in await maria.press(shown, "↩ Отменить")
        await wait_out(undoing)
        assert (count_heard(undoing, phone) == heard) is undone
    # The question is gone, and nothing is left to be marked as passed on.
    assert not maria.has_message("Передано потребителю")
    told = await phone.expects("сообщение специалиста", "Иванова Анна Петровна, заявка")
    assert "08.12.2026" in told
    assert "{" not in told


async def test_a_password_reset_can_be_undone(undoing: InProcessCabinet) -> None:
    phone, maria = await begin(undoing)
    letters = len(undoing.mailer.sent)
    for undone in (True, False):
        await maria.say(f"/reset {get_email(phone)}")
        await maria.press(await maria.expects("Просят новый пароль"), "Сбросить пароль")
        card = await maria.expects("Пароль будет сброшен")
        if undone:
            await maria.press(card, "↩ Отменить")
            await maria.expects("Сброс пароля отменён")
        await wait_out(undoing)
        await undoing.deliver()
        assert (len(undoing.mailer.sent) == letters) is undone
    await maria.expects("Пароль сброшен", "Мария")


async def test_an_internal_note_never_reaches_the_consumer(cabinet: InProcessCabinet) -> None:
    phone, maria = await begin(cabinet)
    card = await maria.expects_card(NUMBER)
    sent = await maria.say("Добрый день!", reply_to=card)
    question = await maria.ask_for_words(card, "Отклонить")
    heard = count_heard(cabinet, phone)
    for note in ("// звонил, не берёт", "  //секрет"):
        kept = await maria.say(note, reply_to=card)
        assert kept["reactions"] == ["✍"]
    # Neither as a reason, nor below a file, nor with the files of its album before and after it.
    await maria.say("// не отклонять!", reply_to=question)
    await maria.send_file(PDF, "Тайна.pdf", card, caption="// только нам")
    for name, caption in (("1.pdf", ""), ("2.pdf", "// весь альбом"), ("3.pdf", "")):
        cabinet.telegram.send_file(
            STAFF_CHAT_ID, maria.user_id, PDF + name.encode(), name, "application/pdf",
            album="x", reply_to=card["message_id"], caption=caption,
        )  # fmt: skip
    await maria.wait_until_handled()
    # An edit that makes a note of what was passed on changes nothing there.
    cabinet.telegram.edit(STAFF_CHAT_ID, maria.user_id, sent["message_id"], "// ой")
    await maria.wait_until_handled()
    await wait_out(cabinet)
    assert count_heard(cabinet, phone) == heard
    await flows.open_request(phone, NUMBER)
    for word in ("звонил", "секрет", "отклонять", "Тайна", "альбом", "pdf", "// ой"):
        assert word not in phone.screen
    assert "Зарегистрирована" in phone.screen


async def test_an_exclamation_mark_makes_a_note_in_a_topic_only(cabinet: InProcessCabinet) -> None:
    group = cabinet.telegram.chats[STAFF_CHAT_ID]
    phone, maria = await begin(cabinet)
    await maria.say("! Важно", reply_to=await maria.expects_card(NUMBER))
    await phone.expects("сообщение специалиста", "! Важно")
    group.is_forum = True
    cabinet.clock.advance(hours=2)
    other = await file_request(cabinet)
    card = await maria.expects_card("2026-000002")
    before = len(other.messages)
    await maria.say("! Не отвечать", reply_to=card)
    assert len(other.messages) == before
