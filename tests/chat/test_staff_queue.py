"""The queue of the staff: what nobody has taken, what is open, and the pinned counts."""

from datetime import date

import pytest

from bot.domain import Address
from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet

EACH_DATABASE = pytest.mark.parametrize("cabinet", ["sqlite", "postgresql"], indirect=True)


@EACH_DATABASE
async def test_lists_of_the_queue(cabinet: InProcessCabinet) -> None:
    anna, maria = await cabinet.add_consumer(), cabinet.add_staff_phone()
    await cabinet.register_request(anna, "tech_connection")
    await cabinet.register_request(anna)
    await cabinet.register_request(anna, emergency=True)
    for _ in range(8):
        await cabinet.register_request(anna)
    async with cabinet.app.database.begin() as tx:
        await tx.requests.change(1, review_due=date(2027, 12, 1))
    await cabinet.deliver()
    await maria.say("/new")
    listed = (await maria.expects("Ждут, чтобы их взяли"))["text"]
    numbers = [line.partition("2026-")[2][:6] for line in listed.splitlines() if "№" in line]
    assert numbers[:2] == ["000003", "000002"]
    assert len(numbers) == 8
    assert " (остал" in listed
    await maria.press(await maria.expects("Ждут, чтобы их взяли"), "▶")
    listed = (await maria.expects("Ждут, чтобы их взяли", "страница 2"))["text"]
    assert listed.count("№") == 3
    assert listed.rindex("000001") > listed.rindex("000011")
    await maria.press(await maria.expects_card("2026-000002"), "Взять в работу")
    await maria.say("/open в работе")
    assert (await maria.expects("Открытые заявки"))["text"].count("№") == 1
    await maria.expects("Открытые заявки", "2026-000002", "Мария")
    await maria.say("/open @мар")
    await maria.expects("Открытые заявки", "2026-000002")
    await maria.say("/open технологическое")
    await maria.expects("Открытые заявки", "2026-000001")
    await maria.say("/open tech_connection")
    await maria.expects("Открытые заявки", "2026-000001")
    await maria.say("/open @Никто")
    await maria.expects("Что показать?")
    await maria.say("/open требует")
    await maria.expects("Таких открытых заявок нет")
    await maria.say("/open")
    await maria.expects("Открытые заявки", "страница 1")


@EACH_DATABASE
async def test_the_pinned_counts_are_edited_in_place(cabinet: InProcessCabinet) -> None:
    group = cabinet.telegram.chats[STAFF_CHAT_ID]
    anna, maria = await cabinet.add_consumer(), cabinet.add_staff_phone()
    reports = cabinet.app.services.request_reports
    await reports.put_boards()
    await cabinet.deliver()
    assert maria.messages == []
    await cabinet.register_request(anna)
    await cabinet.register_request(anna, emergency=True)
    await reports.put_boards()
    await cabinet.deliver()
    board = await maria.expects("Очередь", "Ждут: 2 · 🚨 1", "Просрочено: 0")
    assert board["message_id"] in group.pinned
    assert board["message_id"] in group.silent
    await maria.press(await maria.expects_card("2026-000001"), "Взять в работу")
    for _ in range(2):
        cabinet.clock.advance(seconds=15)
        await reports.put_boards()
        await cabinet.deliver()
    after = await maria.expects("Очередь", "Ждут: 1 · 🚨 1", "В работе: 1")
    assert after["message_id"] == board["message_id"]
    # What was given back waits again, although its consumer heard that it is in work.
    await maria.press(await maria.expects_card("2026-000001"), "Вернуть в очередь")
    await reports.put_boards()
    await cabinet.deliver()
    await maria.expects("Очередь", "Ждут: 2 · 🚨 1", "В работе: 0")
    await maria.say("/new")
    await maria.expects("Ждут, чтобы их взяли", "2026-000001", "2026-000002")
    del group.messages[board["message_id"]]
    cabinet.clock.advance(days=60)
    await reports.put_boards()
    await cabinet.deliver()
    anew = await maria.expects("Очередь", "Просрочено: 2")
    assert anew["message_id"] in group.pinned


async def test_words_are_looked_for_in_one_box_with_everything_else(
    cabinet: InProcessCabinet,
) -> None:
    anna = await cabinet.add_consumer("Ёжикова Анна Петровна")
    maria = cabinet.add_staff_phone()
    await cabinet.register_request(anna)
    await cabinet.deliver()
    for words in ("ежикова", "МИРА ёжик", "рассмотреть тула 1"):
        await maria.find(words, "2026-000001")
    await maria.say("/find ежикова казань")
    await maria.expects("Ничего не найдено")


async def test_what_was_found_is_shown_to_who_asked_and_to_nobody_else(
    cabinet: InProcessCabinet,
) -> None:
    anna = await cabinet.add_consumer("Ёжикова Анна Петровна")
    maria, oleg = cabinet.add_staff_phone(), cabinet.add_staff_phone(502, "Олег")
    for _ in range(10):
        await cabinet.register_request(anna)
    await cabinet.deliver()
    asked = await maria.say("/find Ёжикова <мира>")
    found = await maria.expects("Ёжикова <мира> · страница 1", in_private=True)
    assert found["text"].count("№ 2026-") == 8
    assert not maria.has_message("Найдено")
    assert asked["reactions"] == ["👌"]
    await maria.press(found, "▶")
    found = await maria.expects("Ёжикова <мира> · страница 2", in_private=True)
    assert found["text"].count("№ 2026-") == 2
    stranger = cabinet.add_phone("Чужой")
    await stranger.say("/start")
    await stranger.forge("df:1")
    assert any("только для участников" in one for one in stranger.alerts), stranger.alerts
    # Who has not started the private chat is told how, without a name.
    cabinet.telegram.chats[oleg.user_id].started = False
    asked = await oleg.say("/find ёжикова")
    told = await oleg.expects("Начните чат с ботом", after=asked["message_id"])
    assert "Ёжикова" not in told["text"]
    (button,) = told["reply_markup"]["inline_keyboard"][0]
    assert button["url"] == f"https://t.me/{cabinet.telegram.bot['username']}?start=staff"
    cabinet.telegram.chats[oleg.user_id].started = True
    await oleg.find("ёжикова", "2026-000010")
    # A leaving consumer takes the answers along.
    account = await cabinet.get_account(anna)
    await cabinet.app.services.personal_data.erase(account.id, Address.from_chat(anna.user_id))
    await cabinet.deliver()
    for phone in (maria, oleg):
        assert not [one for one in phone.private_messages if "Ёжикова" in one["text"]]
