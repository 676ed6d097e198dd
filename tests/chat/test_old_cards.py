"""Messages older than 48 hours: a bot may edit its own, and deletes none of them."""

from sandbox.bot_api.state import Message
from tests.support.in_process import (
    STAFF_CHAT_ID,
    InProcessCabinet,
    InProcessPhone,
    InProcessStaffPhone,
)

TWO_DAYS = 48 * 3600
NUMBER = "2026-000001"


async def begin(cabinet: InProcessCabinet) -> tuple[InProcessPhone, InProcessStaffPhone]:
    """A consumer whose request has its card in the group, and a member there."""
    anna, maria = await cabinet.add_consumer(), cabinet.add_staff_phone()
    await cabinet.register_request(anna)
    await cabinet.deliver()
    return anna, maria


def make_old(cabinet: InProcessCabinet, message: Message) -> None:
    group = cabinet.telegram.chats[STAFF_CHAT_ID]
    group.messages[message["message_id"]]["date"] -= TWO_DAYS + 60


async def test_an_old_card_is_edited_in_place(cabinet: InProcessCabinet) -> None:
    anna, maria = await begin(cabinet)
    card = await maria.expects_card(NUMBER)
    make_old(cabinet, card)
    await maria.press(card, "Взять в работу")
    taken = await maria.expects_card(NUMBER, "В работе", "Мария")
    assert taken["message_id"] == card["message_id"]
    await maria.say("Выезжаем", card)
    await anna.expects("Выезжаем")


async def test_a_card_that_is_too_old_to_be_edited_is_sent_again(
    cabinet: InProcessCabinet,
) -> None:
    # Stricter than the Bot API says of bots' own messages.
    cabinet.telegram.edit_seconds = TWO_DAYS
    anna, maria = await begin(cabinet)
    old = await maria.expects_card(NUMBER)
    make_old(cabinet, old)
    # A question comes as a message where the buttons cannot be changed.
    await maria.press(old, "Отклонить")
    asked = await maria.expects(f"Почему заявка № {NUMBER} отклоняется")
    assert asked["reply_to_message"]["message_id"] == old["message_id"]
    await maria.press(old, "Взять в работу")
    new = await maria.expects_card(NUMBER, "В работе", "Мария")
    assert new["message_id"] != old["message_id"]
    # A reply to either of them reaches the consumer.
    for card in (old, new):
        await maria.say(f"Выезжаем, {card['message_id']}", card)
        await anna.expects(f"Выезжаем, {card['message_id']}")


async def test_an_old_question_that_is_answered_loses_its_buttons(
    cabinet: InProcessCabinet,
) -> None:
    anna, maria = await begin(cabinet)
    await maria.press(await maria.expects_card(NUMBER), "Готовый ответ")
    asked = await maria.expects("что ответить")
    make_old(cabinet, asked)
    await maria.press(asked, "Отмена")
    assert "reply_markup" not in await maria.expects("Вопрос закрыт")
    asked = await maria.ask_for_words(await maria.expects_card(NUMBER), "Выполнена")
    make_old(cabinet, asked)
    await maria.say("Показания сняты", reply_to=asked)
    await anna.expects("выполнена", "Показания сняты")
    closed = await maria.expects("Вопрос закрыт", after=asked["message_id"] - 1)
    assert closed["message_id"] == asked["message_id"]
    assert "reply_markup" not in closed


async def test_an_old_board_and_an_old_list_are_edited_in_place(cabinet: InProcessCabinet) -> None:
    anna, maria = await begin(cabinet)
    reports = cabinet.app.services.request_reports
    for _ in range(8):
        await cabinet.register_request(anna)
    await cabinet.deliver()
    await reports.put_boards()
    await cabinet.deliver()
    board = await maria.expects("Очередь", "Ждут: 9")
    await maria.say("/new")
    listed = await maria.expects("Ждут, чтобы их взяли", "страница 1")
    for one in (board, listed):
        make_old(cabinet, one)
    await maria.press(listed, "▶")
    assert (await maria.expects("страница 2"))["message_id"] == listed["message_id"]
    await maria.press(await maria.expects_card(NUMBER), "Взять в работу")
    await reports.put_boards()
    await cabinet.deliver()
    assert (await maria.expects("Ждут: 8"))["message_id"] == board["message_id"]
