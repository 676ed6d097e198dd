"""A card that Telegram lets nobody edit or delete any more."""

from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet

TWO_DAYS = 48 * 3600


async def test_a_card_that_is_too_old_to_be_edited_is_sent_again(
    cabinet: InProcessCabinet,
) -> None:
    # Stricter than the Bot API says of bots' own messages.
    cabinet.telegram.edit_seconds = TWO_DAYS
    anna, maria = await cabinet.add_consumer(), cabinet.add_staff_phone()
    await cabinet.register_request(anna)
    await cabinet.deliver()
    old = await maria.expects_card("2026-000001")
    cabinet.telegram.chats[STAFF_CHAT_ID].messages[old["message_id"]]["date"] -= TWO_DAYS + 60
    # A question comes as a message where the buttons cannot be changed.
    await maria.press(old, "Отклонить")
    asked = await maria.expects("Почему заявка № 2026-000001 отклоняется")
    assert asked["reply_to_message"]["message_id"] == old["message_id"]
    await maria.press(old, "Взять в работу")
    new = await maria.expects_card("2026-000001", "В работе", "Мария")
    assert new["message_id"] != old["message_id"]
    # A reply to either of them reaches the consumer.
    for card in (old, new):
        await maria.say(f"Выезжаем, {card['message_id']}", card)
        await anna.expects(f"Выезжаем, {card['message_id']}")
