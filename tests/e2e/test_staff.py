"""Two members of the staff and two consumers bring requests to their end, over HTTP."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from bot.db.database import Database
from bot.domain import Category
from bot.request_types import load
from bot.services.calendar import WorkingCalendar
from bot.services.clock import SystemClock
from bot.services.requests import Requests
from sandbox.bot_api.state import ApiError, Fault, Limits, Message
from tests.support import flows
from tests.support.clock import get_today
from tests.support.files import make_jpeg, make_pdf
from tests.support.phone import PATIENCE_SECONDS, Phone
from tests.support.postgres import create_migrated_postgres
from tests.support.staff_phone import StaffPhone
from tests.support.world import STAFF_CHAT_ID, World, run_world

ELSEWHERE = -1_001_000_000_700
SUPERGROUP = -1_001_000_000_800


@pytest.fixture(params=["sqlite", "postgresql"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        settings: dict[str, str] = {}
        if request.param == "postgresql":
            settings["DATABASE_URL"] = await stack.enter_async_context(create_migrated_postgres())
        made = await stack.enter_async_context(run_world(tmp_path, **settings))
        await made.start()
        yield made


def add_staff(world: World) -> tuple[StaffPhone, StaffPhone]:
    return (
        StaffPhone(world.telegram, STAFF_CHAT_ID, 501, "Мария"),
        StaffPhone(world.telegram, STAFF_CHAT_ID, 502, "Олег <О>"),
    )


async def file_request(phone: Phone) -> str:
    """The number of a new request."""
    catalogue = load()
    one = catalogue.get("meter_reading_visit")
    await flows.open_form(phone, one.button["ru"])
    await flows.fill_form(phone, catalogue.get_form(one.code, Category.INDIVIDUAL), get_today())
    await phone.press("Пропустить")
    await phone.press("Отправить")
    told = await phone.expects("зарегистрирована", "№ 2")
    return told.partition("№ ")[2][:11]


def list_buttons(message: Message) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


async def test_a_request_goes_its_whole_way(world: World) -> None:
    maria, oleg = add_staff(world)
    phone = await flows.add_consumer(world)
    number = await file_request(phone)
    card = await maria.expects_card(number, "Зарегистрирована")
    actions = ["Взять в работу", "Запросить уточнение", "Выполнена", "Отклонить"]
    assert list_buttons(card) == [*actions, "Передать…", "Готовый ответ", "Квитанция"]

    # Both press at once: one wins, the other is told who did.
    press = card["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    world.telegram.press(STAFF_CHAT_ID, maria.user_id, card["message_id"], press)
    world.telegram.press(STAFF_CHAT_ID, oleg.user_id, card["message_id"], press)
    await maria.wait_until_handled()
    told = [one.text for one in world.telegram.alerts if one.text]
    # Members of the group do not wait for each other, so either may be the first.
    assert any(("Мария" in text or "Олег" in text) and "В работе" in text for text in told), told
    card = await maria.expects_card(number, "Статус: В работе")
    owned = ["Передать…", "Вернуть в очередь", "Готовый ответ", "Квитанция"]
    assert list_buttons(card) == [*actions[1:], *owned]
    owner, name = (oleg, "Олег") if "Отвечает: Олег" in card["text"] else (maria, "Мария")
    await phone.expects("взята в работу", number)
    await world.mail_client.expects(to=flows.ANNA, subject=f"{number}: В работе")

    # A question in one's own words; the clock stands until the answer.
    asked = await owner.ask_for_words(card, "Запросить уточнение")
    assert asked["reply_to_message"]["message_id"]
    reply = await owner.say("Какой <этаж> & подъезд?", reply_to=asked)
    assert reply.get("reactions") == ["👍"], world.log()
    await maria.expects_card(number, "Требует уточнения", "срок приостановлен")
    await phone.expects("нужно уточнение", "Какой <этаж> & подъезд?")
    await world.mail_client.expects(to=flows.ANNA, subject=f"{number}: Требует уточнения")
    await phone.press("Ответить")
    await phone.say("Второй, третий")
    await phone.expects("передан специалистам, она снова в")
    came = await maria.expects("Второй, третий")
    assert came["reply_to_message"]["message_id"] == card["message_id"]
    await maria.expects_card(number, "остал", "Потребитель ответил на уточнение")

    # Done, rated, disputed, refused with a ready reason, copied.
    card = await maria.expects_card(number, "Статус: В работе")
    await owner.finish(card)
    await phone.expects("выполнена", number)
    await phone.press("5 ★")
    await phone.expects("Спасибо", number)
    await phone.press("Открыть заявку")
    assert not any("★" in words for words in phone.buttons)
    await phone.press("Не согласен")
    await phone.press("Вернуть на рассмотрение")
    await phone.say("Показания не те")
    await maria.expects("Показания не те")
    card = await maria.expects_card(number, "Статус: Зарегистрирована", "★★★★★")
    await owner.choose(card, "Отклонить", "Повторная заявка")
    await phone.expects("отклонена", "уже рассматривается другая")
    card = await maria.expects_card(number, "Статус: Отклонена", name)
    assert list_buttons(card) == ["Вернуть в работу"]
    await phone.press("Подать заново")
    await phone.expects("Ответы прежней заявки перенесены")
    await phone.press("Пропустить")
    await phone.press("Отправить")
    await phone.expects("зарегистрирована", f"{int(number[5:]) + 1:06d}")
    await flows.stop_and_check(world)


async def test_talk_goes_both_ways_byte_for_byte(world: World) -> None:
    maria, oleg = add_staff(world)
    petr = await flows.add_consumer(world, "Петров Пётр Ильич", "petr@example.ru")
    await oleg.say("Пётр Ильич, ждём", reply_to=await oleg.expects_card(await file_request(petr)))
    await petr.expects("Пётр Ильич, ждём")
    his = len(petr.messages)
    phone = await flows.add_consumer(world)
    number = await file_request(phone)
    card = await maria.expects_card(number)

    said = await maria.say("Здравствуйте! <b>Когда</b> удобно?", reply_to=card)
    await phone.expects("сообщение специалиста", number, "<b>Когда</b> удобно?")
    assert await world.telegram.wait_until(
        lambda: said.get("reactions") == ["👍"], PATIENCE_SECONDS
    )
    internal = len(phone.messages)
    await maria.say("Кто возьмёт?")
    world.telegram.edit(STAFF_CHAT_ID, maria.user_id, said["message_id"], "Когда удобнее?")
    await phone.expects("Когда удобнее?")
    assert len(phone.messages) == internal

    photos = [make_jpeg("один"), make_jpeg("два"), make_jpeg("три")]
    for photo in photos:
        world.telegram.send_file(
            STAFF_CHAT_ID,
            maria.user_id,
            photo,
            "a.jpg",
            "image/jpeg",
            photo=True,
            album="s1",
            reply_to=card["message_id"],
        )
    await maria.wait_until_handled()

    def list_album() -> list[Message]:
        return [one for one in phone.messages if "media_group_id" in one]

    assert await world.telegram.wait_until(lambda: len(list_album()) == 3, PATIENCE_SECONDS)
    assert [world.read_media(one) for one in list_album()] == photos
    await maria.send_file(make_pdf("договор"), "Договор.pdf", card)

    def list_documents() -> list[Message]:
        found = [one for one in phone.messages if "document" in one]
        return [one for one in found if one["document"]["file_name"] == "Договор.pdf"]

    assert await world.telegram.wait_until(list_documents, PATIENCE_SECONDS)
    assert world.read_document(list_documents()[0]) == make_pdf("договор")

    await flows.open_request(phone, number)
    await phone.press("Дополнить")
    await phone.send_album(make_jpeg("мой 1"), make_jpeg("мой 2"))
    came = [one for one in await wait_for_album(world, maria, 2) if "photo" in one]
    assert [world.read_media(one) for one in came] == [make_jpeg("мой 1"), make_jpeg("мой 2")]
    await phone.send_document(make_pdf("схема"), "Схема.pdf")
    words = phone.telegram.send(phone.user_id, phone.user_id, text="Прилогаю схему")
    await phone.wait_until_handled()
    await maria.expects("Прилогаю схему")
    world.telegram.edit(phone.user_id, phone.user_id, words["message_id"], "Прилагаю схему")
    relayed_words = await maria.expects("Прилагаю схему")
    await maria.say("Получили", reply_to=relayed_words)
    await phone.expects("Получили")
    await maria.expects_card(number, "Сканы: 3 файла")
    await phone.press("Готово")
    await phone.expects("Схема.pdf", "Статус")

    assert len(petr.messages) == his
    # Whoever blocked the bot gets a letter, and the staff know.
    world.telegram.chats[phone.user_id].blocked = True
    await maria.send_file(make_pdf("ответ"), "Ответ.pdf", card)
    await maria.expects("не получил это в Telegram", flows.ANNA)
    await world.mail_client.expects(to=flows.ANNA, subject=f"Сообщение по заявке № {number}")
    await flows.stop_and_check(world)


async def wait_for_album(world: World, staff_phone: StaffPhone, count: int) -> list[Message]:
    def list_photos() -> list[Message]:
        return [one for one in staff_phone.messages if "media_group_id" in one]

    assert await world.telegram.wait_until(lambda: len(list_photos()) == count, PATIENCE_SECONDS)
    return list_photos()


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
async def test_a_forgotten_password_and_the_commands(world: World) -> None:
    maria, oleg = add_staff(world)
    phone = await flows.add_consumer(world)
    stranger = world.add_phone("Гость")
    for email in ("nobody@example.ru", flows.ANNA):
        await stranger.say("/start")
        await stranger.press("Забыли пароль?")
        await stranger.say(email)
        assert "Если есть кабинет с этим email, мы отправляем на него письмо" in stranger.screen
        await stranger.press("Письмо не приходит")
        assert "Просьба передана в поддержку" in stranger.screen
    card = await maria.expects("Просят новый пароль", flows.ANNA)
    assert len([one for one in maria.messages if "Просят" in one["text"]]) == 1
    press = card["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await maria.press(card, "Сбросить пароль")
    await maria.expects("Пароль сброшен", "Мария", flows.ANNA)
    assert "уже сброшен" in await oleg.forge(card, press)
    await phone.expects("Пароль от вашего личного кабинета изменён")
    letter = await world.mail_client.expects(to=flows.ANNA, subject="Новый пароль")
    found = re.search(r"^\s*([A-Za-z0-9]{12,})\s*$", letter.text, re.MULTILINE)
    assert found
    await flows.log_in(phone, flows.ANNA, found[1])

    number = await file_request(phone)
    card = await maria.expects_card(number)
    await maria.press(card, "Взять в работу")
    for words in (number, str(int(number[5:])), flows.ANNA, phone.number, "12345678"):
        if words == "12345678":
            asked = await oleg.say(f"/find {words}")
            await oleg.expects("Ничего не найдено", after=asked["message_id"])
        else:
            await oleg.find(words, number)
    asked = await maria.say("/my")
    listed = await maria.expects("Ваши заявки", number, after=asked["message_id"])
    await maria.press(listed, f"№ {number}")
    here = await maria.expects("Карточка заявки", after=asked["message_id"])
    assert here["reply_to_message"]["message_id"] == card["message_id"]
    asked = await oleg.say("/my")
    await oleg.expects("нет", after=asked["message_id"])
    asked = await oleg.say("/overdue")
    await oleg.expects("Просроченных заявок нет", after=asked["message_id"])
    await oleg.say("/stats")
    await oleg.expects("Открыто: 1")
    assert any("photo" in one for one in oleg.messages)
    await oleg.say("/export")
    await oleg.expects("Заявки с")
    sheet = next(one for one in oleg.messages if "document" in one)
    book = openpyxl.load_workbook(BytesIO(world.read_document(sheet)))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[1][0] == number
    assert rows[1][4] == flows.ANNA
    asked = await oleg.say("/export вчера 5")
    await oleg.expects("Укажите даты", after=asked["message_id"])
    asked = await oleg.say("/reset nobody@example.ru")
    await oleg.expects("Кабинета с таким email нет", after=asked["message_id"])
    world.telegram.send(
        STAFF_CHAT_ID,
        501,
        text="/stats",
        sender_chat=world.telegram.chats[STAFF_CHAT_ID].to_json(),
    )
    await maria.expects("от имени группы")
    await flows.stop_and_check(world)


async def test_forged_late_and_endless_words_in_a_group_that_changes(world: World) -> None:
    telegram, group = world.telegram, world.telegram.chats[STAFF_CHAT_ID]
    maria, oleg = add_staff(world)
    anna = await flows.add_consumer(world)
    petr = await flows.add_consumer(world, "Петров Пётр Ильич", "petr@example.ru")
    number, other = await file_request(anna), await file_request(petr)
    card, his = await maria.expects_card(number), await maria.expects_card(other, "Петров")
    press = card["reply_markup"]["inline_keyboard"][0][0]["callback_data"]

    # Forged by somebody who is no member, and in a group that is not the staff's.
    stranger = StaffPhone(telegram, STAFF_CHAT_ID, 900, "Чужой")
    group.members.discard(900)
    assert "участников группы" in await stranger.forge(card, press)
    telegram.add_group(ELSEWHERE, "Другая")
    elsewhere = StaffPhone(telegram, ELSEWHERE, 502, "Олег <О>")
    there = await elsewhere.say("Карточка?")
    assert "только в группе поддержки" in await elsewhere.forge(there, press)

    # On a closed request, and on one that was withdrawn; a reply to what is about no request.
    reason = ("причина <&> " * 400)[:4096].strip()
    asked = await oleg.ask_for_words(his, "Отклонить")
    await oleg.say(reason, reply_to=asked)
    his = await maria.expects_card(other, "Отклонена")
    await petr.expects("отклонена", other)
    # It takes more than one message.
    assert await telegram.wait_until(
        lambda: (
            sum(one.get("text", "").count("причина") for one in petr.messages)
            == reason.count("причина")
        ),
        PATIENCE_SECONDS,
    )
    assert "Отклонена" in await maria.forge(his, press.replace(":1:", ":2:"))
    await flows.open_request(anna, number)
    for words in ("Отозвать", "Отозвать заявку"):
        await anna.press(words)
    card = await maria.expects_card(number, "Отозвана", "потребитель")
    assert "reply_markup" not in card
    assert "Отозвана" in await maria.forge(card, press)
    helped = await maria.say("/help")
    answer = await maria.expects("карточка", after=helped["message_id"])
    await maria.say("Что это?", reply_to=answer)
    await maria.expects("Потребителю ничего не отправлено")

    # Demoted, then removed: what happens meanwhile comes when the bot is back.
    mute = ApiError(400, "Bad Request: not enough rights to send text messages to the chat")
    demoted = Fault(
        method="sendMessage",
        error=mute,
        where=lambda sent: int(sent["chat_id"]) == STAFF_CHAT_ID,
    )
    telegram.faults.append(demoted)
    third = await file_request(anna)
    await maria.expects_card(third, "Зарегистрирована")
    assert demoted.times == 0
    group.blocked = True
    fourth = await file_request(petr)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while world.log().count("takes nothing from the bot") < 2:  # noqa: ASYNC110 (a file)
            await asyncio.sleep(0.05)
    group.blocked = False
    await maria.expects_card(fourth, "Зарегистрирована")

    # The group becomes a supergroup.
    telegram.add_group(SUPERGROUP, "Поддержка")
    group.migrated_to = SUPERGROUP
    here = StaffPhone(telegram, SUPERGROUP, 501, "Мария")
    card = await here.expects_card(await file_request(anna), "Зарегистрирована")
    await here.press(card, "Взять в работу")
    await anna.expects("взята в работу")
    assert "Traceback" not in world.log()


async def test_a_topic_for_each_request(world: World) -> None:
    group = world.telegram.chats[STAFF_CHAT_ID]
    group.is_forum = True
    maria, oleg = add_staff(world)
    phone = await flows.add_consumer(world)
    number = await file_request(phone)
    card = await maria.expects_card(number)
    thread = card["message_thread_id"]
    whose = "Снятие показаний · Иванова Анна Петровна"
    assert group.topics[thread].name == f"🆕 №\u00a0{number} · {whose}"
    # Another consumer has another topic, and what is said there is for that one alone.
    petr = await flows.add_consumer(world, "Петров Пётр Ильич", "petr@example.ru")
    his = await maria.expects_card(await file_request(petr), "Петров")
    assert his["message_thread_id"] not in {thread, None}
    await oleg.say("Ждём вас, Пётр Ильич", reply_to=his)
    await petr.expects("Ждём вас, Пётр Ильич")
    assert not any("Пётр" in one.get("text", "") for one in phone.messages)
    await maria.press(card, "Взять в работу")
    await maria.expects_card(number, "Статус: В работе")
    assert await world.telegram.wait_until(
        lambda: group.topics[thread].name.startswith("🔧"), PATIENCE_SECONDS
    )
    # Whatever is said in the topic and answers nothing stays there.
    world.telegram.send(STAFF_CHAT_ID, maria.user_id, text="Кто едет?", reply_to=thread)
    await maria.wait_until_handled()

    # Somebody deletes the topic with everything in it.
    for message_id in [
        key for key, one in group.messages.items() if one.get("message_thread_id") == thread
    ]:
        del group.messages[message_id]
    del group.topics[thread]
    await flows.open_request(phone, number)
    await phone.press("Дополнить")
    await phone.say("Адрес прежний")
    came = await maria.expects("Адрес прежний")
    card = await maria.expects_card(number, "Статус: В работе")
    assert came["message_thread_id"] == card["message_thread_id"] != thread
    await maria.finish(card)
    await phone.expects("выполнена")
    assert await world.telegram.wait_until(
        lambda: group.topics[card["message_thread_id"]].closed, PATIENCE_SECONDS
    )
    # Without the right, cards come all the same.
    group.manages_topics = False
    again = await file_request(phone)
    card = await maria.expects_card(again)
    assert "message_thread_id" not in card
    assert not any("Кто едет" in one.get("text", "") for one in phone.messages)
    # The missing right is logged as a warning, not as an error.
    await flows.stop_and_check(world)


async def test_a_hundred_requests_in_a_minute_come_in_order_within_telegrams_limits(
    tmp_path: Path,
) -> None:
    """Telegram's limits are on in the local server: 30 messages a second, 20 a minute in the group.

    Scaled: the group's minute lasts 1 second, in the server and, by STAFF_MESSAGES_PER_MINUTE, in
    the bot. Not over HTTP: the hundred are registered by the service that the bot calls too, in
    its database, as filling in so many forms would take longer than the minute.
    """
    async with run_world(tmp_path, STAFF_MESSAGES_PER_MINUTE="1200") as world:
        await world.start()
        maria, _ = add_staff(world)
        phone = await flows.add_consumer(world)
        world.telegram.limits = Limits(minute=1.0)
        numbers = await file_many(world.settings["DATABASE_URL"], 100)

        def list_cards() -> list[str]:
            found = [re.search(r"Заявка № (\S+)", str(one.get("text"))) for one in maria.messages]
            return [one[1] for one in found if one]

        await maria.expects("В очереди", "по порядку")
        # Whoever of the staff asks meanwhile is answered before the queue, which leaves room.
        refused = world.telegram.limits.refused
        await maria.say("/overdue")
        await maria.expects("Просроченных заявок нет")
        assert len(list_cards()) < 100
        assert world.telegram.limits.refused == refused
        assert await world.telegram.wait_until(lambda: len(list_cards()) == 100, PATIENCE_SECONDS)
        assert list_cards() == numbers
        assert world.telegram.limits.refused <= 3
        assert await world.telegram.wait_until(
            lambda: len(world.mail_client.list_letters(flows.ANNA, "зарегистрирована")) == 100,
            PATIENCE_SECONDS,
        )
        await phone.say("/menu")
        await flows.stop_and_check(world)


async def file_many(url: str, count: int) -> list[str]:
    """Numbers of so many new requests, in their order."""
    database = Database(url)
    async with database.read() as tx:
        account = await tx.accounts.get_by_email(flows.ANNA)
    assert account is not None
    requests = Requests(
        database, load(), WorkingCalendar(), SystemClock(), ZoneInfo("Europe/Moscow")
    )
    numbers = []
    for one in range(count):
        made = await requests.register(
            draft_id=f"{one:016x}",
            account=account,
            type_code="meter_reading_visit",
            raw_answers={},
            answers=[],
            text=f"Прошу снять показания, {one}",
        )
        numbers.append(made.number)
    await database.dispose()
    return numbers
