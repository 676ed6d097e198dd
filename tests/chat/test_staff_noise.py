"""How often the staff group is disturbed: messages for each request, and sounds at night."""

from bot.domain import Actor, ActorKind, Status
from tests.support.files import make_jpeg, make_pdf
from tests.support.in_process import (
    STAFF_CHAT_ID,
    InProcessCabinet,
    InProcessPhone,
    InProcessStaffPhone,
)
from tests.support.soak import get_size

MOST_MESSAGES = 1.5
JPEG, PDF = make_jpeg(), make_pdf()


async def live_through(
    cabinet: InProcessCabinet,
    anna: InProcessPhone,
    maria: InProcessStaffPhone,
    kind: int,
) -> None:
    """One request: of 20 kinds six have scans, one is refused and three are clarified."""
    scans = [("1.jpg", JPEG), ("2.jpg", JPEG), ("3.jpg", JPEG)]
    if kind < 3:
        request = await cabinet.register_request(anna, scans=scans, are_photos=True)
    elif kind < 6:
        request = await cabinet.register_request(anna, scans=[("А.pdf", PDF), ("Б.pdf", PDF)])
    else:
        request = await cabinet.register_request(anna)
    await cabinet.deliver()
    number = request.number
    await maria.press(await maria.expects_card(number), "Взять в работу")
    if kind % 8 == 0:
        await maria.press(await maria.expects_card(number), "Запросить уточнение")
        await press_newest(maria, "Приложите документы")
        await anna.forge(f"q:supplement:{request.id}:0")
        await anna.say("Исправляю")
        await anna.press("Готово")
    if kind == 19:
        await maria.press(await maria.expects_card(number), "Отклонить")
        await press_newest(maria, "Не наша сеть")
    else:
        # The question that the button asks makes no sound, and is deleted with the answer.
        staff = Actor(kind=ActorKind.STAFF, id=maria.user_id, name="Мария")
        await cabinet.app.services.request_workflow.set_status(
            request.id, staff, Status.DONE, comment="Показания сняты"
        )
        if kind % 3 == 2:
            await anna.forge(f"q:rate:{request.id}:5")
    await cabinet.deliver()


async def press_newest(maria: InProcessStaffPhone, label: str) -> None:
    """Presses the button of the newest message that has it."""
    for message in reversed(maria.messages):
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        if any(button["text"] == label for row in rows for button in row):
            await maria.press(message, label)
            return
    raise AssertionError(f"no button {label!r}")


async def test_a_request_costs_few_messages(cabinet: InProcessCabinet) -> None:
    """``SOAK_NOISE=300``: the long form. Questions to who pressed a button make no sound."""
    maria, count = cabinet.add_staff_phone(), get_size("NOISE", 8)
    cabinet.telegram.sounded.clear()
    for at in range(count):
        if at % 20 == 0:
            # Nobody may file more within an hour.
            anna = await cabinet.add_consumer()
        # Eight in a row are of each sort already.
        await live_through(cabinet, anna, maria, (19 + 9 * at) % 20)
    assert cabinet.telegram.sounded[STAFF_CHAT_ID] / count <= MOST_MESSAGES


async def test_the_night_is_quiet_but_for_emergencies(cabinet: InProcessCabinet) -> None:
    group = cabinet.telegram.chats[STAFF_CHAT_ID]
    anna, maria = await cabinet.add_consumer(), cabinet.add_staff_phone()
    await cabinet.register_request(anna, scans=[("А.pdf", PDF)])
    await cabinet.deliver()
    assert group.silent == set()
    cabinet.clock.advance(hours=12)
    await cabinet.register_request(anna, scans=[("А.pdf", PDF)])
    await cabinet.register_request(anna, emergency=True, scans=[("А.pdf", PDF)])
    await maria.say("/my")
    silent = [one for one in maria.messages if one["message_id"] in group.silent]
    assert [str(one.get("text", one.get("caption", "")))[:7] for one in silent] == [
        "Открыты",
        "Заявка ",
        "№ 2026-",
    ]
    assert len(maria.messages) == 2 + 2 + 2 + 1
