"""``kill -9`` at named points of a submission; after a restart nothing is lost, nothing twice."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.domain import Category
from bot.request_types import PACKAGED, load
from sandbox.bot_api.state import Fault, Message
from tests.e2e.conftest import REDIS, forget
from tests.e2e.test_cabinet import pdf, today
from tests.support import flows
from tests.support.phone import PATIENCE_SECONDS, Phone
from tests.support.postgres import empty_postgres
from tests.support.world import STAFF_CHAT_ID, World, run_world

EMAIL = "anna@example.ru"
TYPE = "unmetered_report"

STAFF = STAFF_CHAT_ID
LETTERS_DONE = "outbox WHERE done_at IS NOT NULL AND kind = 'registered_letter'"


@dataclass
class Scene:
    """A world, its consumer, and a way to kill the bot in it."""

    world: World
    phone: Phone
    database: AsyncEngine
    struck: asyncio.Event = field(default_factory=asyncio.Event)

    def strike(self) -> None:
        self.world.strike()
        self.struck.set()

    async def count(self, what: str) -> int:
        async with self.database.connect() as connection:
            return int(await connection.scalar(text(f"SELECT count(*) FROM {what}")) or 0)


Arm = Callable[[Scene, AsyncExitStack], Awaitable[None]]
"""Lays the trap; the stack is unwound once the bot is dead."""


@dataclass(frozen=True)
class Point:
    """``during`` is the step that walks into the trap."""

    name: str
    during: str
    arm: Arm


def call(
    method: str, chat_id: int | None = None, *, lost: bool = False, hold_writers: bool = False
) -> Arm:
    """At a call of the Bot API: before it is carried out, or when only its answer is missing."""

    async def arm(scene: Scene, stack: AsyncExitStack) -> None:
        place = scene.phone.user_id if chat_id is None else chat_id

        def here(parameters: Mapping[str, Any]) -> bool:
            return int(parameters.get("chat_id", place)) == place

        def hold() -> None:
            stack.callback(write_lock(scene).close)
            strike_when_asked_again(scene)

        scene.world.telegram.faults.append(
            Fault(method=method, where=here, deed=hold)
            if hold_writers
            else Fault(method=method, where=here, deed=scene.strike, cut=not lost, lost=lost)
        )

    return arm


def write_lock(scene: Scene) -> sqlite3.Connection:
    """While it is open, no other writer gets on."""
    connection = sqlite3.connect(scene.world.folder / "cabinet.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def strike_when_asked_again(scene: Scene) -> None:
    """With an update in hand the bot asks again and again: by then it waits for the database."""
    times = count(1)
    scene.world.telegram.faults.append(
        Fault(method="getUpdates", where=lambda _: next(times) > 1, cut=True, deed=scene.strike)
    )


async def the_press_waits(scene: Scene, stack: AsyncExitStack) -> None:
    scene.strike()


async def writers_wait(scene: Scene, stack: AsyncExitStack) -> None:
    stack.callback(write_lock(scene).close)
    strike_when_asked_again(scene)


def row(what: str, more: int = 1) -> Arm:
    """As soon as others can see so many more rows."""

    async def arm(scene: Scene, stack: AsyncExitStack) -> None:
        clock(scene, stack, what, await scene.count(what) + more)

    return arm


def waiting_for(table: str) -> Arm:
    """Inside the transaction: it waits to write into this table. Only PostgreSQL has such locks."""

    async def arm(scene: Scene, stack: AsyncExitStack) -> None:
        connection = await stack.enter_async_context(scene.database.connect())
        await connection.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))
        waiting = (
            "pg_stat_activity WHERE datname = current_database() "
            f"AND wait_event_type = 'Lock' AND query ~* '(INTO|UPDATE) {table}'"
        )
        clock(scene, stack, waiting, 1)

    return arm


def clock(scene: Scene, stack: AsyncExitStack, what: str, wanted: int) -> None:
    async def look() -> None:
        while await scene.count(what) < wanted:  # noqa: ASYNC110 (a table tells nobody)
            await asyncio.sleep(0.001)
        scene.strike()

    stack.callback(asyncio.create_task(look()).cancel)


def mail(phase: str) -> Arm:
    async def arm(scene: Scene, stack: AsyncExitStack) -> None:
        async def on_phase(now: str) -> None:
            if now == phase:
                scene.world.mailbox.on_phase = None
                scene.strike()

        scene.world.mailbox.on_phase = on_phase

    return arm


EVERYWHERE = [
    Point("the number is stored, nobody knows it", "send", row("requests")),
    Point("the number is not told", "send", call("editMessageText")),
    Point("the number is told, the answer lost", "send", call("editMessageText", lost=True)),
    Point("the card's answer is lost", "send", call("sendMessage", STAFF, lost=True)),
    Point("the letter is taken, the answer lost", "send", mail("kept")),
]
ON_SQLITE = [
    Point("an answer came, the old buttons stand", "text", call("editMessageReplyMarkup")),
    Point("the next question is not sent", "text", call("sendMessage")),
    Point("the next question is sent, the answer lost", "text", call("sendMessage", lost=True)),
    Point("the file is not asked for", "scan", call("getFile")),
    Point("the file's address is lost", "scan", call("getFile", lost=True)),
    Point("the file is not fetched", "scan", call("download")),
    Point("the file is lost on its way", "scan", call("download", lost=True)),
    Point("the file has its row", "scan", row("files")),
    Point("the file is kept, nobody told", "scan", call("sendMessage")),
    Point("the file is kept, the answer lost", "scan", call("sendMessage", lost=True)),
    Point("the press waits at Telegram", "send", the_press_waits),
    Point("the press waits for the database", "send", writers_wait),
    Point("the number is told, not remembered", "send", call("editMessageText", hold_writers=True)),
    Point("the press is not answered", "send", call("answerCallbackQuery")),
    Point("the press is answered, the answer lost", "send", call("answerCallbackQuery", lost=True)),
    Point("the press is not acknowledged", "send", call("getUpdates")),
    Point("the card is not sent", "send", call("sendMessage", STAFF)),
    Point("the card is recorded", "send", row("bot_messages")),
    Point("the scan is not sent", "send", call("sendDocument", STAFF)),
    Point("the scan's answer is lost", "send", call("sendDocument", STAFF, lost=True)),
    Point("the scan is recorded", "send", row("bot_messages", 2)),
    Point("the mail server is greeted", "send", mail("EHLO")),
    Point("the sender is told", "send", mail("MAIL")),
    Point("the recipient is told", "send", mail("RCPT")),
    Point("the letter is handed over", "send", mail("DATA")),
    Point("the letter is recorded", "send", row(LETTERS_DONE)),
]
ON_POSTGRESQL = [
    Point(f"the transaction is at {table}", "send", waiting_for(table))
    for table in ("sequences", "requests", "answers", "history", "files", "outbox")
]


def brief_types(folder: Path) -> Path:
    """The packaged types with one question each: dozens of forms are filled in here."""
    content = yaml.safe_load(PACKAGED.read_text(encoding="utf-8"))
    for one in content["types"]:
        del one["fields"][1:]
        one.pop("review_variants", None)
    path = folder / "types.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


@asynccontextmanager
async def scene_of(folder: Path, **settings: str) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        settings["REQUEST_TYPES_FILE"] = str(brief_types(folder))
        made = await stack.enter_async_context(run_world(folder, **settings))
        stack.push_async_callback(forget, made.telegram.token)
        engine = create_async_engine(made.settings["DATABASE_URL"])
        stack.push_async_callback(engine.dispose)
        await made.start()
        phone = made.phone("Анна")
        await flows.signed_in(phone, made.mail_client, Category.INDIVIDUAL, EMAIL, "Иванова Анна")
        yield Scene(made, phone, engine)


async def test_on_sqlite(tmp_path: Path) -> None:
    points = [*EVERYWHERE, *ON_SQLITE]
    assert len({one.name for one in points}) == len(points) >= 20
    async with scene_of(tmp_path) as scene:
        await survive(scene, points)


async def test_on_postgresql_and_redis(tmp_path: Path) -> None:
    async with (
        empty_postgres() as url,
        scene_of(tmp_path, DATABASE_URL=url, REDIS_URL=REDIS) as scene,
    ):
        await survive(scene, [*EVERYWHERE, *ON_POSTGRESQL])


async def survive(scene: Scene, points: Sequence[Point]) -> None:
    numbers: dict[str, Point] = {}
    for one in points:
        try:
            numbers[await submit(scene, one)] = one
        except BaseException as error:
            error.add_note(f"at the point: {one.name}")
            raise
    repeated = sum([await delivered(scene, number, one) for number, one in numbers.items()])
    # What was on its way when the bot was killed, or still is at the next kill, may come twice:
    # Telegram and mail servers know no way to ask whether they have it.
    assert repeated <= len(points)
    told = {
        word
        for message in scene.phone.messages
        for word in message["text"].split()
        if word.startswith("20") and word[4:5] == "-"
    }
    assert told == set(numbers)
    assert await scene.count("outbox WHERE dead_at IS NOT NULL") == 0
    assert await scene.world.stop() == 0
    assert scene.world.telegram.violations == []
    assert "Traceback" not in scene.world.log()


async def submit(scene: Scene, at: Point) -> str:
    """Files one request, with the bot killed on the way; its number."""
    phone = scene.phone
    before = await scene.count("requests")
    catalogue = load(Path(scene.world.settings["REQUEST_TYPES_FILE"]))
    await flows.open_form(phone, catalogue.get(TYPE).button["ru"])
    form = catalogue.get_form(TYPE, Category.INDIVIDUAL)
    await flows.fill(phone, form, today(), until="text")
    steps: dict[str, Callable[[], Awaitable[None]]] = {
        "text": lambda: phone.say(flows.TEXT),
        "scan": lambda: phone.send_document(pdf(at.name), f"{at.name}.pdf"),
        "done": lambda: phone.press("Готово"),
        "send": lambda: phone.press("Отправить"),
    }
    for step, deed in steps.items():
        if step == at.during:
            await killed(scene, at, deed)
        else:
            await deed()
    await phone.expects("№ 2")
    assert await scene.count("requests") == before + 1
    async with scene.database.connect() as connection:
        query = text("SELECT number FROM requests ORDER BY id DESC LIMIT 1")
        number = str(await connection.scalar(query))
    await phone.expects(number)
    return number


async def killed(scene: Scene, at: Point, deed: Callable[[], Awaitable[None]]) -> None:
    scene.struck.clear()
    async with AsyncExitStack() as stack:
        await at.arm(scene, stack)
        doing = asyncio.ensure_future(deed())
        async with asyncio.timeout(PATIENCE_SECONDS):
            await scene.struck.wait()
        await scene.world.kill()
    await scene.world.start()
    await doing


async def delivered(scene: Scene, number: str, at: Point) -> int:
    """How many of the request's three notices came once more."""
    telegram = scene.world.telegram
    group = telegram.chats[STAFF_CHAT_ID].messages

    def cards() -> list[Message]:
        return [one for one in group.values() if number in one.get("text", "")]

    def scans() -> list[bytes]:
        heads = {one["message_id"] for one in cards()}
        return [
            telegram.files[one["document"]["file_id"]].data
            for one in group.values()
            if one.get("reply_to_message", {}).get("message_id") in heads
        ]

    def letters() -> list[str]:
        return [one.message_id for one in scene.world.mail_client.to(EMAIL, number)]

    came = await telegram.until(lambda: cards() and scans() and letters(), PATIENCE_SECONDS)
    assert came, (at.name, number, len(cards()), len(scans()), len(letters()))
    assert set(scans()) == {pdf(at.name)}, at.name
    assert len(set(letters())) == 1, at.name
    sent = [len(cards()), len(scans()), len(letters())]
    assert max(sent) <= 3, (at.name, sent)
    return sum(sent) - len(sent)
