"""Emergencies: the warning at once, the shortest way to send them, and their pinned card."""

import pytest

from bot.domain import Category
from bot.request_types import load
from sandbox.bot_api.state import ApiError, Fault
from tests.support import flows
from tests.support.form_filler import register_request, start_form
from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet, InProcessPhone
from tests.support.staff_phone import get_callback_data

FORM = load().get_form("grid_asset_theft", Category.INDIVIDUAL)
NUMBER = "2026-000001"
SEND_NOW = "🚨 Отправить сейчас"
WORDS = {
    "ru": {
        "type": "Хищение объектов",
        "yes": "Да",
        "no": "Нет",
        "send": SEND_NOW,
        "call": "Сразу позвоните 112 или 8 800 000-00-00",
        "rest": "«Дополнить»",
        "supplement": "Дополнить",
    },
    "en": {
        "type": "Theft of grid equipment",
        "yes": "Yes",
        "no": "No",
        "send": "🚨 Send now",
        "call": "Call 112 or 8 800 000-00-00 at once",
        "rest": "“Add information”",
        "supplement": "Add information",
    },
}


async def report(cabinet: InProcessCabinet, locale: str = "ru") -> InProcessPhone:
    """A consumer who has just said where a wire is down."""
    phone = await start_form(cabinet, FORM)
    if locale == "en":
        await phone.say("/language")
        await phone.press("English")
        await phone.press("Continue filling in")
    await phone.say("ул. Мира, 5")
    await phone.press(WORDS[locale]["yes"])
    return phone


@pytest.mark.parametrize("locale", ["ru", "en"])
async def test_a_danger_warns_at_once_and_can_be_sent_at_once(
    cabinet: InProcessCabinet, locale: str
) -> None:
    words = WORDS[locale]
    phone = await report(cabinet, locale)
    assert words["call"] in phone.screen
    assert phone.rows[0] != [words["no"]]
    assert words["send"] in phone.buttons
    await phone.press(words["send"])
    # Registered at 12:00 in Moscow: two hours, not days.
    await phone.expects(NUMBER, "24.11.2026 14:00", words["rest"], "112")
    assert await cabinet.count_requests() == 1
    await phone.press(words["supplement"])
    await phone.say("Искрит у крыльца")
    await cabinet.deliver()
    maria = cabinet.add_staff_phone()
    card = await maria.expects_card(NUMBER, "ОПАСНОСТЬ", "Ответ до: 24.11.2026 14:00")
    assert "Отправлено срочно" in card["text"] or "Sent urgently" in card["text"]
    await maria.expects("Искрит у крыльца")


async def test_a_second_press_gives_the_same_number(cabinet: InProcessCabinet) -> None:
    phone = await report(cabinet)
    asked, data = phone.messages[-1]["message_id"], get_callback_data(phone.messages[-1], SEND_NOW)
    await phone.press(SEND_NOW)
    cabinet.telegram.press(phone.user_id, phone.user_id, asked, data)
    await cabinet.take_updates()
    assert await cabinet.count_requests() == 1


async def test_without_danger_nothing_warns(cabinet: InProcessCabinet) -> None:
    phone = await start_form(cabinet, FORM)
    await phone.say("ул. Мира, 5")
    await phone.press("Нет")
    assert "112 или" not in phone.screen
    assert SEND_NOW not in phone.buttons
    # The answer may be changed: the warning comes with the next one.
    await phone.press("Да")
    assert SEND_NOW in phone.buttons


async def test_its_card_passes_those_that_wait_and_is_pinned_until_it_is_closed(
    cabinet: InProcessCabinet,
) -> None:
    group = cabinet.telegram.chats[STAFF_CHAT_ID]
    for _ in range(2):
        await register_request(cabinet)
    phone = await report(cabinet)
    await phone.press(SEND_NOW)
    await cabinet.deliver()
    maria = cabinet.add_staff_phone()
    waited, emergency = [await maria.expects_card(f"2026-00000{n}") for n in (2, 3)]
    # Both others were registered first; the first one may be on its way beside the emergency.
    assert emergency["message_id"] < waited["message_id"]
    assert group.pinned == [emergency["message_id"]]
    await maria.press(emergency, "Взять в работу")
    assert group.pinned == [emergency["message_id"]]
    await maria.finish(await maria.expects_card("2026-000003"))
    assert group.pinned == []


async def test_without_the_right_to_pin_the_card_comes_all_the_same(
    cabinet: InProcessCabinet,
) -> None:
    cabinet.telegram.chats[STAFF_CHAT_ID].pins_messages = False
    phone = await report(cabinet)
    await phone.press(SEND_NOW)
    await cabinet.deliver()
    maria = cabinet.add_staff_phone()
    await maria.expects_card(NUMBER, "ОПАСНОСТЬ")
    assert cabinet.telegram.chats[STAFF_CHAT_ID].pinned == []
    await flows.open_request(phone, NUMBER)
    assert "24.11.2026 14:00" in phone.screen


async def test_a_pin_that_fails_for_another_reason_is_harmless(cabinet: InProcessCabinet) -> None:
    refusal = ApiError(403, "Forbidden: bot can't do that")
    cabinet.telegram.faults.append(Fault(method="pinChatMessage", error=refusal))
    phone = await report(cabinet)
    await phone.press(SEND_NOW)
    await cabinet.deliver()
    await cabinet.add_staff_phone().expects_card(NUMBER, "ОПАСНОСТЬ")
    async with cabinet.app.database.read() as tx:
        assert "emergency_card" not in await tx.outbox.count_waiting()


async def test_an_emergency_that_is_late_is_overdue_at_night(cabinet: InProcessCabinet) -> None:
    cabinet.clock.advance(hours=11)
    phone = await report(cabinet)
    await phone.press(SEND_NOW)
    await cabinet.deliver()
    maria = cabinet.add_staff_phone()
    reports = cabinet.app.services.request_reports
    await reports.put_reminders()
    cabinet.clock.advance(hours=2, minutes=1)
    await reports.put_reminders()
    await cabinet.deliver()
    await maria.expects("Просрочено: 1", f"🚨 № {NUMBER}")
    await maria.say("/overdue")
    await maria.expects("Просрочено · страница 1", NUMBER)
