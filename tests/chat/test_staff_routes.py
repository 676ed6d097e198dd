"""Several staff groups: each has its cards, its pace, its members, and nobody waits for another."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from bot.domain import Address
from sandbox.bot_api.state import Message
from tests.support.files import make_jpeg, make_pdf
from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet, InProcessStaffPhone
from tests.support.postgres import create_migrated_postgres
from tests.support.sqlite_file import copy_database

DANGER = -1_001_000_000_601
GRID = -1_001_000_000_602
MOVED = -1_001_000_000_603
PDF = make_pdf()


@asynccontextmanager
async def run_routed(
    storage: str, folder: Path, migrated: Path, *, topic: bool = False
) -> AsyncIterator[InProcessCabinet]:
    """Emergencies and grid connection have groups of their own."""
    made = InProcessCabinet(folder)
    made.telegram.add_group(DANGER, "Аварийная служба")
    made.telegram.add_group(GRID, "Присоединение", is_forum=topic)
    grid = f"chat_id: {GRID}"
    if topic:
        vera = made.add_staff_phone(503, "Вера", GRID)
        about = {"name": "Заявки", "icon_color": 0}
        forum, creator = made.telegram.chats[GRID], made.telegram.people[vera.user_id]
        grid += f", topic_id: {made.telegram.add_topic(forum, creator, about)}"
    routes = folder / "routes.yaml"
    routes.write_text(
        f"emergencies: {{chat_id: {DANGER}}}\ntypes: {{tech_connection: {{{grid}}}}}\n",
        encoding="utf-8",
    )
    async with AsyncExitStack() as stack:
        if storage == "postgresql":
            made.settings["database_url"] = await stack.enter_async_context(
                create_migrated_postgres()
            )
        else:
            copy_database(migrated, folder)
        await stack.enter_async_context(made.run(staff_routes_file=routes))
        yield made
    assert made.telegram.violations == []


@pytest.fixture(params=["sqlite", "postgresql"])
async def routed(
    request: pytest.FixtureRequest, tmp_path: Path, migrated: Path
) -> AsyncIterator[InProcessCabinet]:
    async with run_routed(request.param, tmp_path, migrated) as made:
        yield made


def list_words(phone: InProcessStaffPhone) -> list[str]:
    """The first line of each message of the bot, oldest first; of a file its caption."""
    return [_get_words(one).partition("\n")[0] for one in phone.messages]


def _get_words(message: Message) -> str:
    return str(message.get("text", message.get("caption", "")))


async def test_each_group_has_its_cards_and_answers_to_its_members(
    routed: InProcessCabinet,
) -> None:
    anna = await routed.add_consumer()
    maria = routed.add_staff_phone()
    oleg = routed.add_staff_phone(502, "Олег", DANGER)
    vera = routed.add_staff_phone(503, "Вера", GRID)
    await routed.register_request(anna)
    await routed.register_request(anna, "tech_connection", scans=[("План.pdf", PDF)])
    await routed.register_request(anna, emergency=True)
    await routed.deliver()
    await maria.expects_card("2026-000001")
    card = await vera.expects_card("2026-000002")
    danger = await oleg.expects_card("2026-000003", "ОПАСНОСТЬ")
    assert [len(one.messages) for one in (maria, vera, oleg)] == [1, 2, 1]
    scan = vera.messages[1]
    assert scan["reply_to_message"]["message_id"] == card["message_id"]
    assert routed.telegram.chats[DANGER].pinned == [danger["message_id"]]
    # Who is a member of one group is nobody in another.
    maria.chat_id = GRID
    assert "только для участников" in await maria.press(card, "Взять в работу")
    await vera.press(card, "Взять в работу")
    await vera.expects_card("2026-000002", "В работе")
    # Talk goes through the group of the card, and its receipt too.
    sent = await vera.say("Проект договора готов", await vera.expects_card("2026-000002"))
    assert sent["reactions"] == ["👍"]
    assert "Проект договора готов" in anna.screen
    await vera.find("3", "2026-000003")


async def test_who_leaves_one_group_gives_back_its_requests_only(
    routed: InProcessCabinet,
) -> None:
    anna = await routed.add_consumer()
    here = routed.add_staff_phone()
    there = routed.add_staff_phone(here.user_id, "Мария", GRID)
    await routed.register_request(anna)
    await routed.register_request(anna, "tech_connection")
    await routed.deliver()
    await here.press(await here.expects_card("2026-000001"), "Взять в работу")
    await there.press(await there.expects_card("2026-000002"), "Взять в работу")
    routed.telegram.set_member(GRID, here.user_id, member=False)
    await here.wait_until_handled()
    assert "Отвечает" not in (await there.expects_card("2026-000002"))["text"]
    told = await there.expects("Мария больше не в группе")
    assert "2026-000001" not in told["text"]
    await here.expects_card("2026-000001", "Отвечает: Мария")
    assert not here.has_message("больше не в группе")
    # The last group: now nothing is left to the member.
    routed.telegram.set_member(here.chat_id, here.user_id, member=False)
    await here.wait_until_handled()
    await here.expects("Мария больше не в группе", "2026-000001")
    assert "Отвечает" not in (await here.expects_card("2026-000001"))["text"]


async def test_at_the_end_of_a_shift_requests_go_to_who_is_in_their_group(
    routed: InProcessCabinet,
) -> None:
    anna = await routed.add_consumer()
    maria = routed.add_staff_phone()
    there = routed.add_staff_phone(maria.user_id, "Мария", GRID)
    oleg = routed.add_staff_phone(502, "Олег", GRID)
    vera = routed.add_staff_phone(503, "Вера")
    await routed.register_request(anna)
    await routed.register_request(anna, "tech_connection")
    await routed.deliver()
    for one in (oleg, vera):
        await one.say("/shift on")
    await maria.press(await maria.expects_card("2026-000001"), "Взять в работу")
    await there.press(await there.expects_card("2026-000002"), "Взять в работу")

    # Asked in one group about the requests of both: Олег does not see those of this one.
    await maria.say("/shift off")
    await maria.press(await maria.expects("Мария, смена окончена", "2 открытые"), "Передать…")
    await maria.press(await maria.expects("Мария, смена окончена"), "🟢 Олег")
    await oleg.expects("Олег, Мария передаёт вам заявки: 1")
    await oleg.expects_card("2026-000002", "Отвечает: Олег")
    assert not maria.has_message("передаёт вам")
    await maria.expects_card("2026-000001", "Отвечает: Мария")
    rest = await maria.expects("Мария, за вами осталась 1 открытая заявка")
    await maria.press(rest, "Передать…")
    assert "нет в группе" in await maria.press(await maria.expects("за вами осталась"), "🟢 Олег")
    await oleg.expects_card("2026-000002", "Отвечает: Олег")
    await maria.press(await maria.expects("за вами осталась"), "🟢 Вера")
    await vera.expects("Вера, Мария передаёт вам заявки: 1")
    await vera.expects_card("2026-000001", "Отвечает: Вера")
    assert not maria.has_message("за вами осталась")


async def test_a_group_without_the_bot_hides_no_member_of_another_one(
    routed: InProcessCabinet,
) -> None:
    anna = await routed.add_consumer()
    vera = routed.add_staff_phone(503, "Вера", GRID)
    await routed.register_request(anna)
    await routed.register_request(anna, "tech_connection")
    await routed.deliver()
    found = await vera.find("мира", "2026-000001", "2026-000002")
    routed.telegram.chats[vera.chat_id].blocked = True
    routed.app.dispatcher["membership"].forget(GRID, vera.user_id)
    # As buttons are for cards of a basic group, whose messages have no links.
    assert "не ответил" in await vera.forge(found, "d:show:1:::0")
    routed.telegram.chats[vera.chat_id].blocked = False
    # The main group is asked first.
    routed.telegram.chats[STAFF_CHAT_ID].blocked = True
    assert await vera.forge(found, "d:show:2:::0") == ""
    await vera.expects("⬆️ Карточка заявки")
    assert "Карточки этой заявки в группе нет" in await vera.forge(found, "d:show:1:::0")


async def test_a_closed_group_stops_no_other_and_has_all_in_order_afterwards(
    routed: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    anna = await routed.add_consumer()
    oleg = routed.add_staff_phone(502, "Олег", DANGER)
    vera = routed.add_staff_phone(503, "Вера", GRID)
    group = routed.telegram.chats[GRID]
    group.blocked = True
    for number in range(1, 4):
        photos = [(f"{number}{at}.jpg", make_jpeg(f"{number}{at}")) for at in range(2)]
        await routed.register_request(anna, "tech_connection", scans=photos, are_photos=True)
        await routed.deliver()
        routed.clock.advance(seconds=5)
    await routed.register_request(anna, emergency=True)
    await routed.deliver()
    await oleg.expects_card("2026-000004")
    assert vera.messages == []
    assert len([one for one in caplog.records if "takes nothing" in one.getMessage()]) == 1
    caplog.clear()
    group.blocked = False
    routed.clock.advance(seconds=61)
    await routed.deliver()
    assert [words.partition("000")[2][:3] for words in list_words(vera)] == [
        number for number in ("001", "002", "003") for _ in ("card", "photo", "photo")
    ]


async def test_a_group_that_moves_is_followed_and_the_others_stay(
    routed: InProcessCabinet,
) -> None:
    anna = await routed.add_consumer()
    maria = routed.add_staff_phone()
    vera = routed.add_staff_phone(503, "Вера", GRID)
    routed.telegram.add_group(MOVED, "Присоединение")
    routed.telegram.chats[GRID].migrated_to = MOVED
    await routed.register_request(anna)
    await routed.register_request(anna, "tech_connection")
    await routed.deliver()
    assert vera.messages == []
    here = routed.add_staff_phone(503, "Вера", MOVED)
    await here.press(await here.expects_card("2026-000002"), "Взять в работу")
    await here.expects_card("2026-000002", "В работе")
    await maria.press(await maria.expects_card("2026-000001"), "Взять в работу")
    await maria.expects_card("2026-000001", "В работе")


async def test_requests_stay_in_their_group_until_the_settings_name_it_no_more(
    routed: InProcessCabinet,
) -> None:
    anna = await routed.add_consumer()
    maria = routed.add_staff_phone()
    vera = routed.add_staff_phone(503, "Вера", GRID)
    await routed.register_request(anna, "tech_connection")
    await routed.deliver()
    await vera.expects_card("2026-000001")
    routes = routed.settings["staff_routes_file"]
    routes.write_text(f"types: {{meter_reading_visit: {{chat_id: {GRID}}}}}\n", encoding="utf-8")
    async with routed.run():
        await vera.press(await vera.expects_card("2026-000001"), "Взять в работу")
        await vera.expects_card("2026-000001", "В работе")
        await routed.register_request(anna, "tech_connection")
        await routed.deliver()
        await maria.expects_card("2026-000002")
    async with routed.run(staff_routes_file=None):
        request = await routed.app.services.request_workflow.get(1)
        assert request is not None
        await routed.app.services.request_workflow.withdraw(
            request.account, Address.from_chat(anna.user_id), 1
        )
        await routed.deliver()
        await maria.expects_card("2026-000001", "Отозвана")


async def test_reminders_go_to_the_group_of_the_request(routed: InProcessCabinet) -> None:
    anna = await routed.add_consumer()
    maria = routed.add_staff_phone()
    vera = routed.add_staff_phone(503, "Вера", GRID)
    await routed.register_request(anna)
    await routed.register_request(anna, "tech_connection")
    await routed.app.services.request_reports.put_reminders()
    routed.clock.advance(days=100)
    await routed.app.services.request_reports.put_reminders()
    await routed.deliver()
    await vera.expects("Просрочено: 1", "2026-000002")
    await maria.expects("Просрочено: 1", "2026-000001")


async def test_a_topic_of_the_routes_takes_all_cards_and_is_done_without(
    tmp_path: Path, migrated: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with run_routed("sqlite", tmp_path, migrated, topic=True) as routed:
        anna = await routed.add_consumer()
        vera = routed.add_staff_phone(503, "Вера", GRID)
        forum = routed.telegram.chats[GRID]
        (topic_id,) = forum.topics
        await routed.register_request(anna, "tech_connection", scans=[("План.pdf", PDF)])
        await routed.deliver()
        card = await vera.expects_card("2026-000001")
        assert {one["message_thread_id"] for one in vera.messages} == {topic_id}
        await vera.press(card, "Выполнена")
        assert not forum.topics[topic_id].closed
        assert list(forum.topics) == [topic_id]
        del forum.topics[topic_id]
        await routed.register_request(anna, "tech_connection", scans=[("План.pdf", PDF)])
        await routed.deliver()
        card = await vera.expects_card("2026-000002")
        assert "message_thread_id" not in card
        assert vera.messages[-1]["reply_to_message"]["message_id"] == card["message_id"]
        assert f"topic {topic_id} of the routes is gone" in caplog.text
        caplog.clear()
