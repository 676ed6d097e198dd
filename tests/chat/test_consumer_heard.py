"""What a consumer does about a request reaches who answers it, by a mention below the card."""

from sandbox.bot_api.state import Message
from tests.support import flows
from tests.support.form_filler import file_request
from tests.support.in_process import InProcessCabinet

NUMBER = "2026-000001"


def list_mentions(message: Message) -> list[str]:
    return [one["url"] for one in message["entities"] if "url" in one]


async def test_the_assignee_is_mentioned_in_all_that_the_consumer_does(
    cabinet: InProcessCabinet,
) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card(NUMBER)
    await maria.press(card, "Взять в работу")

    async def check(*words: str) -> None:
        await cabinet.deliver()
        told = await maria.expects(*words)
        assert list_mentions(told) == ["tg://user?id=501"], told
        assert told["reply_to_message"]["message_id"] == card["message_id"]

    await flows.open_request(phone, NUMBER)
    await phone.press("Дополнить")
    await phone.say("Адрес прежний")
    cabinet.clock.advance(seconds=2)
    await check("Адрес прежний")
    await maria.choose(await maria.expects_card(NUMBER), "Запросить уточнение", "Фото счётчика")
    await flows.open_request(phone, NUMBER)
    await phone.press("Дополнить")
    await phone.say("Вот оно")
    cabinet.clock.advance(seconds=2)
    await check("Вот оно", "ответил на уточнение")
    card_now = await maria.expects_card(NUMBER, "Статус: В работе", "Отвечает: Мария")
    await maria.finish(card_now)
    await flows.open_request(phone, NUMBER)
    await phone.press("2 ★")
    assert "Что было не так" in phone.screen
    await check("оценил ответ", "★★")
    await phone.say("Никто не приехал")
    cabinet.clock.advance(seconds=2)
    await check("Никто не приехал")
    await flows.open_request(phone, NUMBER)
    await phone.press("Не согласен")
    await phone.press("Вернуть на рассмотрение")
    await check("не согласен с ответом")
    # What is said to such a note is for colleagues.
    note, heard = await maria.expects("не согласен с ответом"), len(phone.messages)
    said = await maria.say("Опять он", reply_to=note)
    await maria.expects("Потребителю ничего не отправлено", after=said["message_id"])
    kept = await maria.say("// опять он", reply_to=note)
    assert kept["reactions"] == ["✍"]
    assert len(phone.messages) == heard
    await flows.open_request(phone, NUMBER)
    await phone.press("Отозвать")
    await phone.press("Отозвать заявку")
    await check("потребитель отозвал")


async def test_a_good_rating_asks_nothing(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    await maria.finish(await maria.expects_card(NUMBER))
    await flows.open_request(phone, NUMBER)
    await phone.press("3 ★")
    assert "Спасибо" in phone.screen
    await cabinet.deliver()
    assert not maria.has_message("оценил ответ")
