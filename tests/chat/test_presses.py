"""Presses with data that nobody offered, by anybody: each is answered and changes nothing."""

from tests.support.form_filler import file_request
from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet

#: No act, status or number of ours; the first one raised ValueError once.
STAFF_FORGERIES = (
    "d:set:17:no_such:no_such:0",
    "d:set:1:registered:no_such:0",
    "d:set:1:no_such:in_work:0",
    "d:set:1:registered:in_work",
    "d:set:1::in_work:0",
    "d:set:x:registered:in_work:0",
    f"d:set:{10**30}:registered:in_work:0",
    "d:words:1:registered:rejected:-1",
    "d:own:1:registered:in_work:0",
    "d:no_such:1:::0",
    "d:show:1:registered:done:0",
    "d:receipt:1:::" + "9" * 40,
    "dp:x",
    f"dp:{10**30}",
    "r:1",
    "q:withdraw_yes:1:0",
    "go:menu",
    "",
    "🙂",
    ":::::",
    "d" * 64,
)
CONSUMER_FORGERIES = (
    "q:no_such:1:0",
    "q:rate:1:6",
    "q:rate:1:0",
    "q:rate:1:-1",
    "q:rate:x:1",
    "mf:1:0:0:exe",
    "mq:1:deletion",
    "mp:no_such:0",
    "mo:1:no_such",
    "lay:no_such:0",
    "way:no_such",
    "l:xx",
    "new:no_such",
    "fd:no_such:0",
    "lm:no_such:0",
    "go:no_such",
    "d:set:1:registered:done:0",
    "d:reset:1:::0",
    f"r:{10**30}",
    "",
    "🙂",
)


async def test_forged_presses_of_the_staff_are_outdated(cabinet: InProcessCabinet) -> None:
    await file_request(cabinet)
    maria = cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    for data in STAFF_FORGERIES:
        assert "окно устарело" in await maria.forge(card, data), data
    assert await maria.expects_card("2026-000001") == card


async def test_forged_presses_of_a_consumer_are_outdated(cabinet: InProcessCabinet) -> None:
    phone = await file_request(cabinet)
    for data in CONSUMER_FORGERIES:
        before = len(phone.alerts)
        await phone.forge(data)
        assert [one for one in phone.alerts[before:] if "окно устарело" in one], data
    async with cabinet.app.database.read() as tx:
        request = await tx.requests.get(1)
    assert request
    assert len(request.history) == 1
    assert request.rating is None


async def test_words_in_place_of_a_button_reach_no_consumer(cabinet: InProcessCabinet) -> None:
    phone = await file_request(cabinet)
    maria, oleg = cabinet.add_staff_phone(), cabinet.add_staff_phone(502, "Олег")
    await maria.press(await maria.expects_card("2026-000001"), "Взять в работу")
    card, heard = await maria.expects_card("2026-000001"), len(phone.messages)
    await maria.press(card, "Готовый ответ")
    await maria.say("/shift off")
    # Where the buttons of the card cannot be changed, the question comes as a message.
    cabinet.telegram.edit_seconds = -1
    await oleg.press(card, "Выполнена")
    cabinet.telegram.edit_seconds = None
    for member, words in (
        (maria, "что ответить по заявке"),
        (oleg, "Всё равно продолжить"),
        (maria, "смена окончена"),
    ):
        said = await member.say("Да, давай", reply_to=await member.expects(words))
        told = await member.expects("Потребителю ничего не отправлено", after=said["message_id"])
        assert told["reply_to_message"]["message_id"] == said["message_id"]
    # A reminder has the buttons of the card, and is none.
    cabinet.clock.advance(days=60)
    await cabinet.app.services.request_reports.put_reminders()
    await cabinet.deliver()
    said = await maria.say("Еду", reply_to=await maria.expects("Просрочено: 1"))
    await maria.expects("Потребителю ничего не отправлено", after=said["message_id"])
    assert len(phone.messages) == heard
    assert "В работе" in (await maria.expects_card("2026-000001", "Отвечает: Мария"))["text"]


async def test_a_press_by_who_left_the_group_does_nothing(cabinet: InProcessCabinet) -> None:
    await file_request(cabinet)
    maria = cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    cabinet.telegram.chats[STAFF_CHAT_ID].members.discard(maria.user_id)
    assert "участников группы" in await maria.press(card, "Взять в работу")
    assert "Зарегистрирована" in (await maria.expects_card("2026-000001"))["text"]
