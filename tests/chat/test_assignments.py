"""Who answers a request, as the staff see it: buttons, questions, shifts, leaving."""

from bot.domain import Actor, ActorKind, Status
from tests.support.form_filler import file_request
from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet, InProcessStaffPhone
from tests.support.staff_phone import list_labels

NUMBER = "2026-000001"
MARIA = Actor(kind=ActorKind.STAFF, id=501, name="Мария")


async def add_staff(cabinet: InProcessCabinet) -> tuple[InProcessStaffPhone, InProcessStaffPhone]:
    """Two members whom the bot has seen."""
    maria, oleg = cabinet.add_staff_phone(), cabinet.add_staff_phone(502, "Олег")
    for one in (maria, oleg):
        await one.say("/my")
    return maria, oleg


async def test_a_request_is_taken_handed_over_and_given_back(cabinet: InProcessCabinet) -> None:
    phone = await file_request(cabinet)
    maria, oleg = await add_staff(cabinet)
    await maria.press(await maria.expects_card(NUMBER), "Взять в работу")
    card = await maria.expects_card(NUMBER, "Отвечает: Мария")
    assert "взята в работу" in phone.screen
    told = len(phone.messages)
    assert {"Передать…", "Вернуть в очередь"} <= {*list_labels(card)}

    # The members stand in place of the card's buttons; «Назад» brings these back.
    await maria.press(card, "Передать…")
    card = await maria.expects_card(NUMBER)
    assert list_labels(card) == ["Мария", "Олег", "Назад"]
    await maria.press(card, "Назад")
    assert "Выполнена" in list_labels(await maria.expects_card(NUMBER))
    await maria.press(await maria.expects_card(NUMBER), "Передать…")
    await maria.press(await maria.expects_card(NUMBER), "Олег")
    card = await oleg.expects_card(NUMBER, "Отвечает: Олег")
    # The new assignee alone is told, with a link to the card.
    note = await oleg.expects("Вам передана заявка", NUMBER, in_private=True)
    assert list_labels(note) == [f"№ {NUMBER}"]
    link = note["reply_markup"]["inline_keyboard"][0][0]["url"]
    assert link == f"https://t.me/c/1000000500/{card['message_id']}"
    assert not oleg.has_message("вам передана")
    await oleg.say("/my")
    await oleg.expects("Ваши заявки", NUMBER, "Олег")

    await oleg.press(card, "Вернуть в очередь")
    card = await oleg.expects_card(NUMBER)
    assert "Отвечает" not in card["text"]
    assert "Взять в работу" in list_labels(card)
    # Two at once: the second is told by whom it was taken.
    await maria.press(card, "Взять в работу")
    assert "уже отвечает Мария" in await oleg.press(card, "Взять в работу")
    # The consumer has heard of the work once, and of no change of hands.
    assert len(phone.messages) == told


async def test_a_press_on_anothers_request_asks_first(cabinet: InProcessCabinet) -> None:
    await file_request(cabinet)
    maria, oleg = await add_staff(cabinet)
    await maria.press(await maria.expects_card(NUMBER), "Взять в работу")
    card = await maria.expects_card(NUMBER)
    shown, count = list_labels(card), len(maria.messages)
    await oleg.press(card, "Отклонить")
    asked = await oleg.expects_card(NUMBER)
    heading = "Отвечает Мария. Олег, продолжить?"
    assert list_labels(asked) == [heading, "Да, продолжить", "Назад"]
    assert "отвечает Мария. Всё равно" in " ".join((await oleg.press(asked, heading)).split())
    # A question that nobody answers keeps the card from nobody.
    await maria.press(asked, "Назад")
    assert list_labels(await maria.expects_card(NUMBER)) == shown

    await oleg.press(card, "Отклонить")
    await oleg.press(await oleg.expects_card(NUMBER), "Да, продолжить")
    question = await oleg.expects_button(card, "Олег: почему отказ?")
    assert "Почему заявка" in await oleg.press(question, "Олег: почему отказ?")
    assert "другому участнику" in await maria.press(question, "Не наша сеть")
    await oleg.press(question, "Не наша сеть")
    card = await maria.expects_card(NUMBER, "Отклонена", "Олег", "Отвечает: Мария")
    assert list_labels(card) == ["Вернуть в работу"]
    assert len(maria.messages) == count


async def test_a_hand_over_comes_to_the_group_without_a_private_chat(
    cabinet: InProcessCabinet,
) -> None:
    await file_request(cabinet)
    maria, oleg = await add_staff(cabinet)
    cabinet.telegram.chats[oleg.user_id].started = False
    await maria.press(await maria.expects_card(NUMBER), "Передать…")
    await maria.press(await maria.expects_card(NUMBER), "Олег")
    card = await oleg.expects_card(NUMBER, "Отвечает: Олег")
    note = await oleg.expects("вам передана заявка", NUMBER)
    assert note["entities"][0]["url"] == "tg://user?id=502"
    assert note["reply_to_message"]["message_id"] == card["message_id"]


async def test_a_question_below_several_requests_leaves_the_others(
    cabinet: InProcessCabinet,
) -> None:
    anna = await cabinet.add_consumer()
    for _ in range(3):
        await cabinet.register_request(anna)
    await cabinet.deliver()
    maria, _ = await add_staff(cabinet)
    cabinet.clock.advance(days=100)
    await cabinet.app.services.request_reports.put_reminders()
    await cabinet.deliver()
    told = await maria.expects("Просрочено: 3")
    await maria.press(told, "№ 2026-000002 ▾")
    told = await maria.expects_button(told, "Отклонить")
    await maria.press(told, "№ 2026-000001 ▾")
    told = await maria.expects_button(told, "№ 2026-000001")
    shown = list_labels(told)
    for button in ("Передать…", "Отклонить"):
        await maria.press(told, button)
        told = await maria.expects_button(told, "Назад")
        assert {"№ 2026-000001", "№ 2026-000002", "№ 2026-000003 ▾"} < {*list_labels(told)}
        await maria.press(told, "Назад")
        told = await maria.expects_button(told, button)
        assert list_labels(told) == shown
    await maria.choose(told, "Отклонить", "Не наша сеть")
    await maria.expects_card("2026-000001", "Отклонена")
    assert "Отклонить" in list_labels(await maria.expects_button(told, "№ 2026-000003 ▾"))


async def test_what_was_agreed_counts_for_that_assignee_only(cabinet: InProcessCabinet) -> None:
    await file_request(cabinet)
    maria, oleg = await add_staff(cabinet)
    anna = cabinet.add_staff_phone(503, "Анна")
    await anna.say("/my")
    await maria.press(await maria.expects_card(NUMBER), "Взять в работу")
    card = await maria.expects_card(NUMBER)
    await oleg.press(card, "Вернуть в очередь")
    asked = await oleg.expects_button(card, "Отвечает Мария. Олег, продолжить?")
    await maria.press(card, "Передать…")
    await maria.press(await maria.expects_card(NUMBER), "Анна")
    await oleg.press(asked, "Да, продолжить")
    await oleg.expects_button(card, "Отвечает Анна. Олег, продолжить?")
    await maria.expects_card(NUMBER, "Отвечает: Анна")


async def test_nothing_is_handed_to_who_has_left(cabinet: InProcessCabinet) -> None:
    await file_request(cabinet)
    maria, oleg = await add_staff(cabinet)
    await maria.press(await maria.expects_card(NUMBER), "Взять в работу")
    await maria.press(await maria.expects_card(NUMBER), "Передать…")
    card = await maria.expects_card(NUMBER)
    # Nobody told the bot: it is no administrator, and asks when the button is pressed.
    cabinet.telegram.chats[STAFF_CHAT_ID].members.discard(oleg.user_id)
    cabinet.app.dispatcher["membership"].forget(STAFF_CHAT_ID, oleg.user_id)
    assert "нет в группе" in await maria.press(card, "Олег")
    await maria.press(card, "Назад")
    await maria.press(await maria.expects_card(NUMBER, "Отвечает: Мария"), "Передать…")
    assert list_labels(await maria.expects_card(NUMBER)) == ["Мария", "Назад"]


async def test_who_leaves_the_group_leaves_no_request_without_notice(
    cabinet: InProcessCabinet,
) -> None:
    await file_request(cabinet)
    maria, oleg = await add_staff(cabinet)
    await oleg.press(await oleg.expects_card(NUMBER), "Взять в работу")
    cabinet.telegram.set_member(STAFF_CHAT_ID, oleg.user_id, member=False)
    await maria.wait_until_handled()
    await maria.expects("Олег больше не в группе", NUMBER)
    card = await maria.expects_card(NUMBER)
    assert "Отвечает" not in card["text"]
    assert "участников группы" in await oleg.press(card, "Взять в работу")
    await maria.press(card, "Взять в работу")
    await maria.expects_card(NUMBER, "Отвечает: Мария")


async def test_a_shift_begins_and_ends(cabinet: InProcessCabinet) -> None:
    await file_request(cabinet)
    maria, oleg = await add_staff(cabinet)
    await oleg.say("/shift когда")
    await oleg.expects("/shift on")
    await oleg.say("/shift on")
    await oleg.expects("На смене: Олег")
    await oleg.press(await oleg.expects_card(NUMBER), "Взять в работу")
    await maria.say("/shift on")
    await maria.expects("На смене: Мария, Олег")
    await oleg.say("/shift off")
    asked = await oleg.expects("Олег, смена окончена", "1 открытая заявка")
    assert "другому участнику" in await maria.press(asked, "Вернуть в очередь")
    await oleg.press(asked, "Передать…")
    asked = await oleg.expects("Олег, смена окончена")
    assert list_labels(asked) == ["🟢 Мария", "Назад"]
    await oleg.press(asked, "Назад")
    await oleg.press(await oleg.expects("Олег, смена окончена"), "Передать…")
    await oleg.press(await oleg.expects("Олег, смена окончена"), "🟢 Мария")
    await maria.expects("Мария, Олег передаёт вам заявки: 1")
    await maria.expects_card(NUMBER, "Отвечает: Мария")
    await maria.say("/shift off")
    await maria.press(await maria.expects("Мария, смена окончена"), "Вернуть в очередь")
    await maria.expects("Мария: в очередь возвращено заявок: 1")
    assert "Отвечает" not in (await maria.expects_card(NUMBER))["text"]


async def test_a_reminder_mentions_the_assignee_and_has_the_buttons(
    cabinet: InProcessCabinet,
) -> None:
    for _ in range(2):
        await file_request(cabinet)
    maria, _ = await add_staff(cabinet)
    await maria.press(await maria.expects_card(NUMBER), "Взять в работу")
    cabinet.clock.advance(days=60)
    await cabinet.app.services.request_reports.put_reminders()
    await cabinet.deliver()
    notice = await maria.expects("Просрочено: 2", NUMBER, "Мария")
    assert [one["url"] for one in notice["entities"] if "url" in one] == ["tg://user?id=501"]
    assert list_labels(notice) == ["№ 2026-000001 ▾", "№ 2026-000002 ▾"]
    await maria.press(notice, "№ 2026-000001 ▾")
    notice = await maria.expects("Просрочено: 2")
    assert list_labels(notice)[0] == "№ 2026-000001"
    assert {"Передать…", "№ 2026-000002 ▾"} <= {*list_labels(notice)}
    await maria.press(notice, "Вернуть в очередь")
    assert "Отвечает" not in (await maria.expects_card(NUMBER))["text"]
    # Once it is alone, its buttons stand below the notice at once.
    await cabinet.app.services.request_workflow.set_status(1, MARIA, Status.DONE, comment="Сделано")
    cabinet.clock.advance(days=3)
    await cabinet.app.services.request_reports.put_reminders()
    await cabinet.deliver()
    notice = await maria.expects("Просрочено: 1", "2026-000002")
    assert "Взять в работу" in list_labels(notice)
