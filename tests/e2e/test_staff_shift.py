"""A shift of three members of the staff and twenty consumers, over HTTP, with ``kill -9`` in it.

Consumers have their accounts and logins in the database from the start, as registering them in
chats would take most of the time; people do all else in chats. Telegram's limits are on in the
local server, 30 messages a second and 20 a minute in each group, and that minute lasts MINUTE.
"""

import asyncio
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.db.database import Database
from bot.domain import OPEN, RUNNING, ActorKind, Address, Category, Request, Status
from bot.request_types import Catalogue, load
from bot.services.clock import SystemClock
from sandbox.bot_api.state import Fault, Limits, Message, Telegram
from tests.support import flows
from tests.support.account_services import build_account_services
from tests.support.clock import get_today
from tests.support.cluster import ClusterPhone, ClusterStaffPhone
from tests.support.counting_hasher import CountingHasher
from tests.support.files import make_jpeg, make_pdf
from tests.support.no_break_spaces import read_spaces
from tests.support.phone import PATIENCE_SECONDS
from tests.support.postgres import create_migrated_postgres
from tests.support.request_types import write_short_request_types
from tests.support.samples import add_account
from tests.support.sqlite_file import copy_database
from tests.support.staff_phone import list_labels
from tests.support.world import STAFF_CHAT_ID, World, run_world

DANGER = -1_001_000_000_701
GRID = -1_001_000_000_702
#: How many seconds a minute of Telegram's limits lasts here.
MINUTE = 3

TYPES = [one.code for one in load().types]
CONSUMERS = 20
#: The index of the consumer who reports a danger, and of the others' scans how many.
EMERGENCY = 5
EMERGENCY_TYPE = "grid_asset_theft"
DOCUMENTS, PHOTOS = {1: 2, 3: 1, 8: 1}, {2: 3}
PASSWORD = "синий чайник у окна"

#: What the first line of a notice says to the consumer of what the staff did.
NOTICED = {
    Status.IN_WORK: "взята в работу",
    Status.CLARIFICATION: "нужно уточнение",
    Status.DONE: "выполнена",
    Status.REJECTED: "отклонена",
}
REOPENED = "снова в работе"
#: What the staff write and send for one another.
SECRETS = ("должник", "тайком", "Секрет.pdf")
#: What people wrote: none of it stands in the log.
WORDS = ("щит", "Житель", "example.ru", "+7912", "должник", "тайком", "крыльц", "десять", "Акт")


class ShownMessages:
    """Everything that the bot has shown, by chat: also what it edited or deleted afterwards."""

    def __init__(self, telegram: Telegram) -> None:
        self._by_chat: defaultdict[int, list[Message]] = defaultdict(list)
        telegram.faults.append(Fault(method="", alter=self._keep, times=sys.maxsize))

    def list_all(self, chat_id: int) -> list[Message]:
        return self._by_chat[chat_id]

    def list_sent(self, chat_id: int) -> list[Message]:
        """Without edits."""
        return [one for one in self._by_chat[chat_id] if "edit_date" not in one]

    def _keep(self, result: Any) -> Any:
        for one in result if isinstance(result, list) else [result]:
            if isinstance(one, dict) and "chat" in one:
                self._by_chat[one["chat"]["id"]].append(read_spaces(deepcopy(one)))
        return result


@dataclass
class Shift:
    """The staff groups, who is in them, and what everybody saw."""

    world: World
    database: Database
    catalogue: Catalogue
    shown: ShownMessages
    #: The phones of each member, by the group.
    members: dict[str, dict[int, ClusterStaffPhone]]
    routes: dict[str, int] = field(default_factory=dict)
    consumers: list[ClusterPhone] = field(default_factory=list)
    #: By the index of the consumer; then those that are filed while the bot is out of the group.
    numbers: list[str] = field(default_factory=list)
    #: The group of each request.
    groups: dict[str, int] = field(default_factory=dict)

    def find_phone(self, name: str, number: str) -> ClusterStaffPhone:
        """The member's phone in the group of the request."""
        return self.members[name][self.groups[number]]

    def find_card(self, number: str) -> Message:
        """The newest one."""
        group = self.find_phone("Вера", number).messages
        return [one for one in group if f"Заявка № {number}" in get_text(one)][-1]

    async def press(self, name: str, number: str, button: str) -> str:
        """Presses a button of the card, which may come late; returns the alert."""
        await self.wait_until(lambda: button in list_labels(self.find_card(number)))
        return await self.find_phone(name, number).press(self.find_card(number), button)

    async def choose(self, name: str, number: str, button: str, answer: str) -> None:
        """Presses a button of the card and answers the question that comes in its place."""
        await self.press(name, number, button)
        phone, card = self.find_phone(name, number), self.find_card(number)
        await phone.press(await phone.expects_button(card, answer), answer)

    async def ask_for_words(self, name: str, number: str, button: str) -> Message:
        """The message that asks for one's own words."""
        await self.choose(name, number, button, "Своими словами")
        return await self.find_phone(name, number).expects(f"{name}, напишите ответом", number)

    async def take(self, name: str, number: str) -> None:
        await self.press(name, number, "Взять в работу")
        await self.find_phone(name, number).expects_card(
            number, "Статус: В работе", f"Отвечает: {name}"
        )

    async def check_mention(self, name: str, number: str, *words: str) -> None:
        """The group of the request is told so, as a reply to the card that mentions the owner."""
        phone = self.find_phone(name, number)
        told = await phone.expects(*words)
        mentions = [one["url"] for one in told["entities"] if "url" in one]
        assert mentions == [f"tg://user?id={phone.user_id}"], told
        assert told["reply_to_message"]["message_id"] == self.find_card(number)["message_id"]

    async def wait_until(self, holds: Any) -> None:
        came = await self.world.telegram.wait_until(holds, PATIENCE_SECONDS)
        assert came, self.world.log()[-3000:]

    async def list_requests(self) -> list[Request]:
        async with self.database.read() as tx:
            count = await tx.connection.scalar(text("SELECT count(*) FROM requests"))
            found = [await tx.requests.get(one + 1) for one in range(count or 0)]
        return [one for one in found if one is not None]


def get_text(message: Message) -> str:
    return str(message.get("text", message.get("caption", "")))


def get_email(index: int) -> str:
    return f"consumer{index}@example.ru"


# --- the places and the people -----------------------------------------------------------------


@asynccontextmanager
async def open_desk(kind: str, storage: str, folder: Path, migrated: Path) -> AsyncIterator[Shift]:
    """``kind``: ``plain``, ``forum`` or ``routed``."""
    async with AsyncExitStack() as stack:
        settings = {"UNDO_SECONDS": "10", "STAFF_MESSAGES_PER_MINUTE": str(20 * 60 // MINUTE)}
        if storage == "postgresql":
            settings["DATABASE_URL"] = await stack.enter_async_context(create_migrated_postgres())
        else:
            copy_database(migrated, folder)
        catalogue = load()
        if kind != "plain":
            # Once with whole forms is enough.
            settings["REQUEST_TYPES_FILE"] = str(write_short_request_types(folder, EMERGENCY_TYPE))
            catalogue = load(Path(settings["REQUEST_TYPES_FILE"]))
        routes: dict[str, int] = {}
        if kind == "routed":
            routes = {"tech_connection": GRID, "emergencies": DANGER}
            path = folder / "routes.yaml"
            path.write_text(
                f"emergencies: {{chat_id: {DANGER}}}\n"
                f"types: {{tech_connection: {{chat_id: {GRID}}}}}\n"
            )
            settings["STAFF_ROUTES_FILE"] = str(path)
        world = await stack.enter_async_context(run_world(folder, **settings))
        telegram = world.telegram
        telegram.chats[STAFF_CHAT_ID].is_forum = kind == "forum"
        for chat_id, title in ((DANGER, "Аварийная служба"), (GRID, "Присоединение")):
            if kind == "routed":
                telegram.add_group(chat_id, title)
        database = Database(world.settings["DATABASE_URL"])
        stack.push_async_callback(database.dispose)
        places = {
            "Мария": [STAFF_CHAT_ID, GRID],
            "Олег": [STAFF_CHAT_ID, DANGER],
            "Вера": [STAFF_CHAT_ID, GRID, DANGER],
        }
        members = {
            name: {
                chat_id: ClusterStaffPhone(telegram, chat_id, 501 + at, name)
                for chat_id in chats
                if chat_id in telegram.chats
            }
            for at, (name, chats) in enumerate(places.items())
        }
        shift = Shift(world, database, catalogue, ShownMessages(telegram), members, routes)
        await add_consumers(shift)
        telegram.limits = Limits(minute=MINUTE)
        await world.start()
        yield shift


async def add_consumers(shift: Shift) -> None:
    accounts = build_account_services(shift.database, CountingHasher(), SystemClock()).accounts
    hashed = await CountingHasher().hash(PASSWORD)
    for at in range(CONSUMERS):
        phone = ClusterPhone(
            shift.world.telegram, 1000 + at, f"Житель {at}", f"+7912345{1000 + at}"
        )
        async with shift.database.begin() as tx:
            account = await add_account(tx, get_email(at), f"Житель{at} Иван", phone.number)
            await tx.accounts.set_password(account.id, hashed, temporary=False)
        await accounts.log_in(
            Address.from_chat(phone.user_id), account.email, PASSWORD, name="Житель"
        )
        # Consumers wrote to the bot before.
        shift.world.telegram.chats[phone.user_id].started = True
        shift.consumers.append(phone)


async def file_request(shift: Shift, at: int, code: str, *, emergency: bool = False) -> str:
    """The number of a new request of the consumer with this index, with the consumer's scans."""
    phone = shift.consumers[at]
    form = shift.catalogue.get_form(code, Category.INDIVIDUAL)
    await phone.say("/menu")
    await phone.forge(f"new:{code}")
    if emergency:
        await flows.fill_form(phone, form, get_today(), until="in_progress")
        await phone.press("Отправить сейчас")
    else:
        chosen = {"danger": "no", "in_progress": "past"}
        await flows.fill_form(phone, form, get_today(), chosen=chosen)
        for one in range(DOCUMENTS.get(at, 0)):
            await phone.send_document(make_pdf(f"{at} {one}"), f"Скан {at} {one}.pdf")
        if at in PHOTOS:
            await phone.send_album(*(make_jpeg(f"{at} {one}") for one in range(PHOTOS[at])))
        await phone.press("Готово" if at in DOCUMENTS or at in PHOTOS else "Пропустить")
        await phone.press("Отправить")
    number = (await phone.expects("зарегистрирована", "№ 2")).partition("№ ")[2][:11]
    group = shift.routes.get("emergencies" if emergency else code, STAFF_CHAT_ID)
    shift.groups[number] = group
    return number


# --- the shift ---------------------------------------------------------------------------------


async def begin(shift: Shift) -> None:
    for phones in shift.members.values():
        await phones[STAFF_CHAT_ID].say("/shift on")
    await shift.members["Мария"][STAFF_CHAT_ID].expects("На смене:", "Мария", "Олег", "Вера")


async def file_all(shift: Shift) -> None:
    """Twenty consumers file requests of all types, five at a time."""
    room = asyncio.Semaphore(5)

    async def file(at: int) -> str:
        async with room:
            return await file_request(shift, at, TYPES[at % len(TYPES)], emergency=at == EMERGENCY)

    shift.numbers = await asyncio.gather(*(file(at) for at in range(CONSUMERS)))
    assert len(set(shift.numbers)) == CONSUMERS
    for at, number in enumerate(shift.numbers):
        await shift.find_phone("Вера", number).expects_card(number, "Зарегистрирована")
        count = DOCUMENTS.get(at, 0) + PHOTOS.get(at, 0)
        await shift.wait_until(lambda: len(list_scans(shift, number)) == count)  # noqa: B023
    urgent = shift.numbers[EMERGENCY]
    card = await shift.find_phone("Вера", urgent).expects_card(urgent, "ОПАСНОСТЬ")
    await shift.wait_until(
        lambda: card["message_id"] in shift.world.telegram.chats[shift.groups[urgent]].pinned
    )


def list_scans(shift: Shift, number: str) -> list[Message]:
    """The consumer's files below the card."""
    card = shift.find_card(number)["message_id"]
    return [
        one
        for one in shift.shown.list_sent(shift.groups[number])
        if {"photo", "document"} & one.keys()
        and one.get("reply_to_message", {}).get("message_id") == card
    ]


OWNERS = {
    "Мария": (0, 2, 3, 6, 9, 13),
    "Олег": (4, 7, 10, 14, 16),
    "Вера": (5, 8, 11, 12, 15, 17, 18),
}


async def take_all(shift: Shift) -> None:
    """All but the last one; the second one by two members at once."""
    maria, numbers = shift.members["Мария"][STAFF_CHAT_ID], shift.numbers
    await maria.say("/new")
    listed = await maria.expects("Ждут, чтобы их взяли")
    # An emergency first.
    assert get_text(listed).partition("№ ")[2][:11] == numbers[EMERGENCY]
    for name, those in OWNERS.items():
        for at in those:
            await shift.take(name, numbers[at])
    card, alerts = shift.find_card(numbers[1]), shift.world.telegram.alerts
    before = len(alerts)
    for name in ("Мария", "Олег"):
        shift.world.telegram.press(
            card["chat"]["id"],
            shift.members[name][STAFF_CHAT_ID].user_id,
            card["message_id"],
            card["reply_markup"]["inline_keyboard"][0][0]["callback_data"],
        )
    await maria.wait_until_handled()
    await shift.members["Олег"][STAFF_CHAT_ID].wait_until_handled()
    told = [read_spaces(one.text) for one in alerts[before:] if one.text]
    assert len(told) == 1, told
    assert "Мария" in told[0] or "Олег" in told[0]
    await maria.expects_card(numbers[1], "Статус: В работе", "Отвечает")


async def change_hands(shift: Shift) -> None:
    numbers = shift.numbers
    await shift.choose("Олег", numbers[4], "Передать…", "🟢 Мария")
    maria = shift.find_phone("Мария", numbers[4])
    await maria.expects("Вам передана заявка", numbers[4], in_private=True)
    await shift.press("Олег", numbers[7], "Вернуть в очередь")
    await shift.take("Вера", numbers[7])
    # What another member answers is asked about first.
    await shift.choose("Мария", numbers[10], "Отклонить", "Назад")


async def exchange_words(shift: Shift, kind: str) -> None:
    """Words both ways, and notes that stay among the staff."""
    numbers, phones = shift.numbers, shift.consumers
    await shift.press("Мария", numbers[13], "Готовый ответ")
    maria = shift.find_phone("Мария", numbers[13])
    asked = await maria.expects("Мария, что ответить", numbers[13])
    await maria.press(asked, "Приедет специалист")

    asked = await shift.ask_for_words("Мария", numbers[2], "Запросить уточнение")
    await shift.find_phone("Мария", numbers[2]).say("Какой этаж?", reply_to=asked)

    maria = shift.find_phone("Мария", numbers[3])
    card = shift.find_card(numbers[3])
    notes = ["// он должник", *(["! должник"] if kind == "forum" else [])]
    for note in notes:
        assert (await maria.say(note, reply_to=card))["reactions"] == ["✍"]
    await maria.send_file(make_pdf("тайна"), "Секрет.pdf", card, caption="// тайком")

    said = await shift.find_phone("Мария", numbers[9]).say(
        "Приедем в десять", reply_to=shift.find_card(numbers[9])
    )
    await phones[9].expects("сообщение специалиста", "Приедем в десять")
    await shift.wait_until(lambda: said.get("reactions") == ["👍"])

    await phones[13].expects("сообщение специалиста", "приедет специалист")
    await phones[2].expects("нужно уточнение", numbers[2], "Какой этаж?")
    await phones[2].press("Ответить")
    await phones[2].say("Третий, у крыльца")
    await phones[2].expects("она снова в работе")
    await shift.check_mention("Мария", numbers[2], "Третий, у крыльца", "ответил на уточнение")


async def close_and_kill(shift: Shift) -> None:
    """Results and a refusal that can be undone still, as ``kill -9`` comes."""
    numbers, phones = shift.numbers, shift.consumers
    done, by_letter = "Выполнена", "Ответ в письме"
    await shift.choose("Мария", numbers[9], done, by_letter)
    undone = await shift.press("Мария", numbers[9], "↩ Отменить")
    assert "потребитель ничего не получил" in undone

    asked = await shift.ask_for_words("Мария", numbers[6], done)
    await shift.find_phone("Мария", numbers[6]).say("Договор в десять раз короче", reply_to=asked)
    asked = await shift.ask_for_words("Вера", numbers[8], done)
    await shift.find_phone("Вера", numbers[8]).send_file(
        make_pdf("акт"), "Акт.pdf", asked, caption="Счётчик заменён"
    )
    for at in (10, 16):
        await shift.choose("Олег", numbers[at], done, by_letter)
    await shift.choose("Олег", numbers[14], "Отклонить", "Не наша сеть")
    await shift.world.kill()
    await shift.world.start()

    await phones[6].expects("выполнена", numbers[6], "Договор в десять раз короче")
    await phones[8].expects("выполнена", numbers[8], "Счётчик заменён")
    await phones[14].expects("отклонена", numbers[14])
    for at in (10, 16):
        await phones[at].expects("выполнена", numbers[at])
    await shift.wait_until(lambda: "Акт.pdf" in str(shift.shown.list_sent(phones[8].user_id)))


async def hear_consumers(shift: Shift) -> None:
    """A dispute, ratings, a withdrawal; what was closed goes back to work."""
    numbers, phones = shift.numbers, shift.consumers
    await phones[10].press("Не согласен")
    await phones[10].press("Вернуть на рассмотрение")
    await phones[10].say("Приехали не в десять")
    await shift.check_mention("Олег", numbers[10], "не согласен с ответом", numbers[10])
    await shift.find_phone("Олег", numbers[10]).expects("Приехали не в десять")
    await phones[8].press("2 ★")
    await phones[8].expects("Что было не так")
    await phones[8].say("Натоптали у крыльца")
    await shift.check_mention("Вера", numbers[8], "оценил ответ", "★★")
    await shift.find_phone("Вера", numbers[8]).expects("Натоптали у крыльца")
    await phones[16].press("5 ★")
    await phones[16].expects("Спасибо", numbers[16])
    await flows.open_request(phones[15], numbers[15])
    await phones[15].press("Отозвать")
    await phones[15].press("Отозвать заявку")
    await shift.check_mention("Вера", numbers[15], "потребитель отозвал", numbers[15])
    await shift.press("Олег", numbers[14], "Вернуть в работу")
    await phones[14].expects("снова в работе", numbers[14])
    await shift.take("Олег", numbers[10])
    await shift.choose("Олег", numbers[10], "Выполнена", "Ответ в письме")


async def look_up(shift: Shift) -> None:
    oleg, numbers = shift.members["Олег"][STAFF_CHAT_ID], shift.numbers
    await oleg.find(f"житель{EMERGENCY}", numbers[EMERGENCY])
    await oleg.find(get_email(3), numbers[3])
    for command, *words in (
        ("/my", "Ваши заявки", numbers[14]),
        ("/new", "Ждут, чтобы их взяли", numbers[19]),
        ("/open @Мария", "Открытые заявки", numbers[3]),
        ("/overdue", "Просроченных заявок нет"),
        ("/stats 7", "Мария", "Олег", "Вера"),
    ):
        asked = await oleg.say(command)
        await oleg.expects(*words, after=asked["message_id"])
    for chat_id in {STAFF_CHAT_ID, *shift.routes.values()}:
        group = shift.shown.list_all(chat_id)
        assert not [one for one in group if "Найдено" in get_text(one)]


async def leave(shift: Shift) -> None:
    """Вера leaves all groups; her requests wait in the queue and go to others."""
    requests = [one for one in await shift.list_requests() if one.status in OPEN]
    hers = [one.number for one in requests if one.assignee and one.assignee.name == "Вера"]
    assert {shift.groups[one] for one in hers} == {STAFF_CHAT_ID, *shift.routes.values()}
    for chat_id, phone in shift.members["Вера"].items():
        shift.world.telegram.set_member(chat_id, phone.user_id, member=False)
        await phone.wait_until_handled()
    for number in hers:
        name = "Мария" if shift.groups[number] == GRID else "Олег"
        phone = shift.find_phone(name, number)
        await phone.expects("Вера больше не в группе", number)
        alert = await shift.find_phone("Вера", number).press(shift.find_card(number), "Выполнена")
        assert "участников группы" in alert
        await shift.take(name, number)


async def lose_group(shift: Shift) -> None:
    """The bot is removed from the main group; cards come in order, each with its scans."""
    group = shift.world.telegram.chats[STAFF_CHAT_ID]
    group.blocked = True
    begun = len(shift.shown.list_sent(STAFF_CHAT_ID))
    late = [await file_request(shift, at, "meter_reading_visit") for at in (1, 2, 3)]
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "takes nothing from the bot" not in shift.world.log():  # noqa: ASYNC110 (a file)
            await asyncio.sleep(0.05)
    group.blocked = False
    for number in late:
        await shift.find_phone("Олег", number).expects_card(number, "Зарегистрирована")
    await shift.wait_until(lambda: len(list_scans(shift, late[-1])) == DOCUMENTS[3])
    heard = [get_text(one) for one in shift.shown.list_sent(STAFF_CHAT_ID)[begun:]]
    order = [number for words in heard for number in late if number in words]
    assert order == [late[0]] * 3 + [late[1]] * 4 + [late[2]] * 2
    shift.numbers += late


async def end(shift: Shift) -> None:
    """Мария hands over to Олег, who takes the rest; what is not in his groups she keeps."""
    maria = shift.members["Мария"][STAFF_CHAT_ID]
    await maria.say("/shift off")
    await maria.press(await maria.expects("Мария, смена окончена"), "Передать…")
    await maria.press(await maria.expects("Мария, смена окончена"), "🟢 Олег")
    await shift.members["Олег"][STAFF_CHAT_ID].expects("Олег, Мария передаёт вам заявки")
    if shift.routes:
        await maria.press(await maria.expects("Мария, за вами остал"), "Оставить за мной")
    for request in await shift.list_requests():
        if request.status in RUNNING and request.assignee is None:
            await shift.take("Олег", request.number)


# --- what must hold afterwards -----------------------------------------------------------------


async def check_all(shift: Shift) -> None:
    await wait_for_delivery(shift)
    requests = await shift.list_requests()
    assert sorted(one.number for one in requests) == sorted(shift.numbers)
    repeated = 0
    for request in requests:
        check_request(shift, request)
        repeated += count_repeats(shift, request)
    # What was on its way when the bot was killed may come twice.
    assert repeated <= 2
    await check_boards(shift, requests)
    check_words(shift)
    check_secrets(shift)
    assert await shift.world.stop() == 0
    assert shift.world.telegram.violations == []
    log = shift.world.log()
    errors = [line for line in log.splitlines() if "ERROR" in line]
    assert all("takes nothing from the bot" in line for line in errors), errors
    assert len(errors) == 1
    assert "Traceback" not in log
    assert not [word for word in WORDS if word in log]


async def wait_for_delivery(shift: Shift) -> None:
    """Boards come again every 15 seconds as long as there is something new to count."""
    waiting = "outbox WHERE done_at IS NULL AND dead_at IS NULL"
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await count_rows(shift, waiting):  # noqa: ASYNC110 (a table tells nobody)
            await asyncio.sleep(0.1)
    assert await count_rows(shift, "outbox WHERE dead_at IS NOT NULL") == 0


async def count_rows(shift: Shift, what: str) -> int:
    async with shift.database.read() as tx:
        return int(await tx.connection.scalar(text(f"SELECT count(*) FROM {what}")) or 0)


def check_request(shift: Shift, request: Request) -> None:
    """It is closed once, or open with one owner; its only card says so."""
    ways = [one.status for one in request.history]
    closed = [one for one in ways if one not in OPEN]
    opened = [one for before, one in pairwise(ways) if before not in OPEN and one in OPEN]
    assert len(closed) - len(opened) == (request.status not in OPEN), ways
    assert (request.status in OPEN) is (request.closed_at is None)
    card = shift.find_card(request.number)
    label = {
        Status.IN_WORK: "В работе",
        Status.DONE: "Выполнена",
        Status.REJECTED: "Отклонена",
        Status.WITHDRAWN: "Отозвана",
    }[request.status]
    assert f"Статус: {label}" in get_text(card)
    if request.status in OPEN:
        assert request.assignee is not None, request.number
    if request.assignee is not None:
        assert f"Отвечает: {request.assignee.name}" in get_text(card)


def count_repeats(shift: Shift, request: Request) -> int:
    """How many messages about the request came again; each must have come."""
    number, at = request.number, int(request.account.email[8:-11])
    private = shift.shown.list_sent(shift.consumers[at].user_id)
    lines = [get_text(one).partition("\n")[0] for one in private]
    expected: Counter[str] = Counter()
    letters: Counter[str] = Counter({f"{number} зарегистрирована": 1})
    for entry in request.history[1:]:
        if entry.actor is ActorKind.STAFF:
            again = request.was_reopened_by(entry)
            expected[REOPENED if again else NOTICED[entry.status]] += 1
        letters[f"{number}: {LABELS[entry.status]}"] += 1
    repeats = 0
    for words in {REOPENED, *NOTICED.values()}:
        came = sum(f"{number} {words}" in line for line in lines)
        assert came >= expected[words], (number, words, lines)
        repeats += came - expected[words]
    for subject, count in letters.items():
        found = shift.world.mail_client.list_letters(get_email(at), subject)
        # A letter that came twice has the same Message-ID.
        assert len({one.message_id for one in found}) == count, (number, subject)
        repeats += len(found) - count
    group = shift.shown.list_sent(shift.groups[number])
    repeats += sum(f"Заявка № {number}" in get_text(one) for one in group) - 1
    return repeats


LABELS = {
    Status.REGISTERED: "Зарегистрирована",
    Status.IN_WORK: "В работе",
    Status.CLARIFICATION: "Требует уточнения",
    Status.DONE: "Выполнена",
    Status.REJECTED: "Отклонена",
    Status.WITHDRAWN: "Отозвана",
}


async def check_boards(shift: Shift, requests: Sequence[Request]) -> None:
    """The pinned counts are those of the storage."""
    for chat_id in {STAFF_CHAT_ID, *shift.routes.values()}:
        here = [one for one in requests if shift.groups[one.number] == chat_id]
        in_work = sum(one.status in RUNNING for one in here)
        words = ("Очередь", "Ждут: 0", f"В работе: {in_work}", "Просрочено: 0")
        board = await shift.members["Вера"][chat_id].expects(*words)
        assert board["message_id"] in shift.world.telegram.chats[chat_id].pinned


def check_words(shift: Shift) -> None:
    """What people wrote to one another came once."""
    for at, words in ((9, "Приедем в десять"), (13, "к вам приедет специалист"), (8, "Акт.pdf")):
        sent = shift.shown.list_sent(shift.consumers[at].user_id)
        assert sum(words in str(one) for one in sent) == 1, words
    for at, words in (
        (2, "Третий, у крыльца"),
        (10, "Приехали не в десять"),
        (8, "Натоптали у крыльца"),
    ):
        sent = shift.shown.list_sent(shift.groups[shift.numbers[at]])
        # The card has them too, as edits.
        assert sum(words in get_text(one) for one in sent) == 1, words


def check_secrets(shift: Shift) -> None:
    """No consumer got what the staff wrote for one another, in a chat or by letter."""
    for phone in shift.consumers:
        assert not [one for one in SECRETS if one in str(shift.shown.list_all(phone.user_id))]
    for letter in shift.world.mailbox.mails:
        assert not [one for one in SECRETS if one in str(letter)]
    # What is looked for is what was written.
    group = str(shift.world.telegram.chats[STAFF_CHAT_ID].messages)
    assert all(one in group for one in SECRETS)


@pytest.mark.parametrize(
    ("kind", "storage"), [("plain", "postgresql"), ("forum", "sqlite"), ("routed", "postgresql")]
)
async def test_a_shift(tmp_path: Path, migrated: Path, kind: str, storage: str) -> None:
    async with open_desk(kind, storage, tmp_path, migrated) as shift:
        await begin(shift)
        await file_all(shift)
        await take_all(shift)
        await change_hands(shift)
        await exchange_words(shift, kind)
        await close_and_kill(shift)
        await hear_consumers(shift)
        await look_up(shift)
        await leave(shift)
        await lose_group(shift)
        await end(shift)
        await check_all(shift)
