"""Other editions of the Bot API, and members of the group that come and go."""

from typing import Any

import pytest

from bot.domain import Address, Category
from bot.handlers.staff.membership import StaffMembership
from bot.request_types import load
from sandbox.bot_api.methods import list_methods
from sandbox.bot_api.state import Fault, Message
from tests.support import flows
from tests.support.files import make_pdf
from tests.support.form_filler import answer_questions, file_request, start_form
from tests.support.in_process import (
    STAFF_CHAT_ID,
    InProcessCabinet,
    InProcessPhone,
    InProcessStaffPhone,
)
from tests.support.staff_phone import get_callback_data
from tests.support.strange_content import HIDDEN, UNREADABLE, keep_little

FORM = load().get_form("meter_reading_visit", Category.INDIVIDUAL)
ALWAYS = 10**9


async def at_menu(cabinet: InProcessCabinet) -> InProcessPhone:
    return await cabinet.add_consumer()


async def in_form(cabinet: InProcessCabinet) -> InProcessPhone:
    phone = await start_form(cabinet, FORM)
    assert "Шаг 1" in phone.screen
    return phone


async def at_scans(cabinet: InProcessCabinet) -> InProcessPhone:
    phone = await start_form(cabinet, FORM)
    async for field in answer_questions(phone, FORM, cabinet.today):
        if field.kind == "files":
            break
    return phone


async def supplementing(cabinet: InProcessCabinet) -> InProcessPhone:
    phone = await file_request(cabinet)
    await flows.open_request(phone, "2026-000001")
    await phone.press("Дополнить")
    return phone


PLACES = (at_menu, in_form, at_scans, supplementing)


def give(cabinet: InProcessCabinet, chat_id: int, user_id: int, **content: Any) -> None:
    """A message as Telegram would give it, with fields that no model takes."""
    chat = cabinet.telegram.chats[chat_id]
    person = cabinet.telegram.people[user_id]
    message = {
        "message_id": 10**6,
        "date": 1,
        "chat": chat.to_json(),
        "from": {"id": user_id, "is_bot": False, "first_name": person["first_name"]},
        **content,
    }
    cabinet.telegram.queue_update({"message": message})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("strange", [HIDDEN, UNREADABLE])
async def test_a_consumer_is_answered_whatever_comes(
    cabinet: InProcessCabinet, place: Any, strange: dict[str, Any]
) -> None:
    phone = await place(cabinet)
    before = phone.messages[-1]["message_id"]
    give(cabinet, phone.user_id, phone.user_id, **{"text": "Пересланные слова", **strange})
    await phone.wait_until_handled()
    assert phone.messages[-1]["message_id"] > before
    if strange is UNREADABLE:
        assert "не удалось прочитать" in phone.screen
    if place is supplementing and strange is HIDDEN:
        await cabinet.deliver()
        await cabinet.add_staff_phone().expects("Пересланные слова")


async def test_the_staff_are_answered_whatever_comes(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    answer = {"text": "Ждём вас в среду", "reply_to_message": card}
    give(cabinet, STAFF_CHAT_ID, maria.user_id, **answer, **HIDDEN)
    await maria.wait_until_handled()
    await phone.expects("Ждём вас в среду")
    give(cabinet, STAFF_CHAT_ID, maria.user_id, **UNREADABLE)
    await maria.wait_until_handled()
    await maria.expects("не удалось прочитать", "никому не передано")


@pytest.mark.parametrize("forum", [False, True])
async def test_answers_that_hold_little_stop_nothing(
    cabinet: InProcessCabinet, forum: bool
) -> None:
    cabinet.telegram.chats[STAFF_CHAT_ID].is_forum = forum
    cabinet.telegram.faults.extend(
        Fault(method=name, alter=keep_little, times=ALWAYS) for name in list_methods()
    )
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001", "Зарегистрирована")
    assert await maria.press(card, "Взять в работу") == ""
    await phone.expects("взята в работу")
    await maria.say("Ждём вас в среду", reply_to=card)
    await phone.expects("Ждём вас в среду")
    await maria.send_file(make_pdf(), "Акт.pdf", card)
    assert phone.messages[-1]["document"]["file_name"] == "Акт.pdf"
    assert card.get("message_thread_id") is None or forum


async def test_cards_come_although_the_look_at_the_group_fails(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    cabinet.telegram.chats[STAFF_CHAT_ID].is_forum = True
    strange = Fault(method="getChat", alter=lambda _: "?", times=ALWAYS)
    cabinet.telegram.faults.append(strange)
    await file_request(cabinet)
    await cabinet.add_staff_phone().expects_card("2026-000001")
    assert "the kind of the staff group is unknown" in caplog.text


async def test_a_member_of_unknown_status_is_asked_to_press_again(
    cabinet: InProcessCabinet,
) -> None:
    await file_request(cabinet)
    maria = cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    answers: list[Any] = [{"status": "brand_new", "user": {"id": 501}}, "?"]
    for _ in answers:
        cabinet.telegram.faults.append(Fault(method="getChatMember", alter=lambda _: answers.pop()))
        assert "Повторите через минуту" in await maria.press(card, "Взять в работу")
    assert await maria.press(card, "Взять в работу") == ""


# --- members -----------------------------------------------------------------------------------


@pytest.fixture
async def scene(cabinet: InProcessCabinet) -> "StaffScene":
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    return StaffScene(cabinet, phone, maria, await maria.expects_card("2026-000001"))


class StaffScene:
    """A consumer whose card is in the group, and somebody who wants to answer it."""

    def __init__(
        self,
        cabinet: InProcessCabinet,
        phone: InProcessPhone,
        maria: InProcessStaffPhone,
        card: Message,
    ) -> None:
        self.cabinet, self.phone, self.maria, self.card = cabinet, phone, maria, card
        #: «Взять в работу», as it is on a new card.
        self.button = get_callback_data(card, "Взять в работу")
        self.group = cabinet.telegram.chats[STAFF_CHAT_ID]

    async def is_refused(self, person: InProcessStaffPhone) -> None:
        """By a press, a reply, a command and an edit."""
        assert "участников группы" in await person.forge(self.card, self.button)
        for text, card in (("Мошенник вам позвонит", self.card), ("/find 1", None)):
            sent = await person.say(text, reply_to=card)
            told = await person.expects("участников группы", after=sent["message_id"])
            assert told["reply_to_message"]["message_id"] == sent["message_id"]
        assert not [one for one in self.phone.messages if "Мошенник" in str(one)]


async def test_strangers_neither_press_nor_write(scene: StaffScene) -> None:
    stranger = scene.cabinet.add_staff_phone(900, "Чужой")
    scene.group.members.discard(900)
    await scene.is_refused(stranger)


async def test_who_left_with_restrictions_is_no_member(scene: StaffScene) -> None:
    former = scene.cabinet.add_staff_phone(901, "Бывший")
    scene.group.restricted.add(901)
    assert await former.press(scene.card, "Взять в работу") == ""
    scene.cabinet.telegram.set_member(STAFF_CHAT_ID, 901, member=False)
    await former.wait_until_handled()
    await scene.is_refused(former)


async def test_who_leaves_is_forgotten_at_once(scene: StaffScene) -> None:
    sent = await scene.maria.say("Ждём вас в среду", reply_to=scene.card)
    await scene.phone.expects("в среду")
    scene.cabinet.telegram.set_member(STAFF_CHAT_ID, 501, member=False)
    await scene.maria.wait_until_handled()
    await scene.is_refused(scene.maria)
    scene.cabinet.telegram.edit(STAFF_CHAT_ID, 501, sent["message_id"], "Переведите деньги")
    await scene.maria.wait_until_handled()
    await scene.phone.expects("в среду")
    assert not [one for one in scene.phone.messages if "деньги" in str(one)]
    # And who comes back is one again.
    scene.cabinet.telegram.set_member(STAFF_CHAT_ID, 501, member=True)
    assert await scene.maria.press(scene.card, "Взять в работу") == ""


async def test_membership_is_believed_for_a_minute(cabinet: InProcessCabinet) -> None:
    seconds = [0.0]
    membership = StaffMembership(cabinet.app.services.assignments.record_member, lambda: seconds[0])
    cabinet.add_staff_phone()
    group = cabinet.telegram.chats[STAFF_CHAT_ID]
    bot = cabinet.app.bot
    assert await membership.is_member(bot, STAFF_CHAT_ID, 501)
    group.members.discard(501)
    seconds[0] = 59.0
    assert await membership.is_member(bot, STAFF_CHAT_ID, 501)
    seconds[0] = 61.0
    assert not await membership.is_member(bot, STAFF_CHAT_ID, 501)


def test_the_bot_asks_telegram_for_changes_of_members(cabinet: InProcessCabinet) -> None:
    assert "chat_member" in cabinet.app.dispatcher.resolve_used_update_types()


# --- what is no answer -------------------------------------------------------------------------


async def test_edits_after_a_logout_do_not_reach_the_staff(cabinet: InProcessCabinet) -> None:
    phone, maria = await supplementing(cabinet), cabinet.add_staff_phone()
    await phone.say("Ключ у соседа")
    await cabinet.deliver()
    await maria.expects("Ключ у соседа")
    own = [one for one in phone.own_messages if one.get("text") == "Ключ у соседа"][-1]

    async def edit(text: str) -> None:
        cabinet.telegram.edit(phone.user_id, phone.user_id, own["message_id"], text)
        await phone.wait_until_handled()
        await cabinet.deliver()

    await edit("Ключ у соседки")
    await maria.expects("Ключ у соседки")
    await cabinet.accounts.log_out(Address.from_chat(phone.user_id))
    await edit("Ключ под ковриком")
    assert "Исправление не передано" in phone.screen
    # Nor from another account in the same chat.
    other = await cabinet.add_account("other@example.ru", "Другая Мария")
    password = await cabinet.app.services.passwords.issue(other.id)
    await cabinet.accounts.log_in(Address.from_chat(phone.user_id), other.email, password)
    await edit("Ключ в почтовом ящике")
    assert "Исправление не передано" in phone.screen
    assert not maria.has_message("ковриком")
    assert not maria.has_message("ящике")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "event",
    [
        {"pinned_message": {"message_id": 5, "date": 1, "chat": {"id": 1, "type": "private"}}},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        {"write_access_allowed": {}},
    ],
)
async def test_what_telegram_reports_is_no_answer_of_a_consumer(
    cabinet: InProcessCabinet, place: Any, event: dict[str, Any]
) -> None:
    phone = await place(cabinet)
    before = [dict(one) for one in phone.messages]
    await phone.send(**event)
    assert phone.messages == before


async def test_what_telegram_reports_is_no_reply_of_the_staff(scene: StaffScene) -> None:
    before = [one["message_id"] for one in scene.maria.messages]
    for event in (
        {"pinned_message": scene.card},
        {"new_chat_title": "Служба поддержки"},
        {"new_chat_members": [{"id": 5, "is_bot": False, "first_name": "Олег"}]},
    ):
        scene.cabinet.telegram.send(STAFF_CHAT_ID, 501, reply_to=scene.card["message_id"], **event)
        await scene.maria.wait_until_handled()
    assert [one["message_id"] for one in scene.maria.messages] == before
