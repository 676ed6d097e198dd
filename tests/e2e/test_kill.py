"""``kill -9`` at named points of a submission; after a restart nothing is lost, nothing twice."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.domain import Category
from bot.request_types import load
from sandbox.bot_api.state import Fault, Message
from tests.support import flows
from tests.support.clock import get_today
from tests.support.files import make_pdf
from tests.support.phone import PATIENCE_SECONDS, Phone
from tests.support.postgres import create_migrated_postgres
from tests.support.redis import REDIS_URL, delete_bot_keys
from tests.support.request_types import write_short_request_types
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
    killed: asyncio.Event = field(default_factory=asyncio.Event)

    def kill(self) -> None:
        self.world.send_kill()
        self.killed.set()

    async def count_rows(self, what: str) -> int:
        async with self.database.connect() as connection:
            return int(await connection.scalar(text(f"SELECT count(*) FROM {what}")) or 0)


SetTrap = Callable[[Scene, AsyncExitStack], Awaitable[None]]
"""Sets the trap that kills the bot; the stack is closed once the bot is dead."""


@dataclass(frozen=True)
class KillPoint:
    """A moment at which the bot is killed; ``during``: the step that springs the trap."""

    name: str
    during: str
    set_trap: SetTrap


def trap_call(
    method: str, chat_id: int | None = None, *, lost: bool = False, hold_writers: bool = False
) -> SetTrap:
    """Kills at a call of the Bot API: before it is executed, or before its answer (``lost``)."""

    async def set_trap(scene: Scene, stack: AsyncExitStack) -> None:
        place = scene.phone.user_id if chat_id is None else chat_id

        def is_here(parameters: Mapping[str, Any]) -> bool:
            return int(parameters.get("chat_id", place)) == place

        def hold() -> None:
            stack.callback(open_write_lock(scene).close)
            kill_when_polled_again(scene)

        scene.world.telegram.faults.append(
            Fault(method=method, where=is_here, action=hold)
            if hold_writers
            else Fault(method=method, where=is_here, action=scene.kill, cut=not lost, lost=lost)
        )

    return set_trap


def open_write_lock(scene: Scene) -> sqlite3.Connection:
    """While this connection is open, no one else can write."""
    connection = sqlite3.connect(scene.world.folder / "cabinet.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def kill_when_polled_again(scene: Scene) -> None:
    """A bot that handles an update keeps polling; by then it waits for the database."""
    times = count(1)
    scene.world.telegram.faults.append(
        Fault(method="getUpdates", where=lambda _: next(times) > 1, cut=True, action=scene.kill)
    )


async def trap_unread_press(scene: Scene, stack: AsyncExitStack) -> None:
    scene.kill()


async def trap_waiting_writer(scene: Scene, stack: AsyncExitStack) -> None:
    stack.callback(open_write_lock(scene).close)
    kill_when_polled_again(scene)


def trap_rows(what: str, more: int = 1) -> SetTrap:
    """Kills as soon as so many more rows are committed."""

    async def set_trap(scene: Scene, stack: AsyncExitStack) -> None:
        watch_count(scene, stack, what, await scene.count_rows(what) + more)

    return set_trap


def trap_lock(table: str) -> SetTrap:
    """Kills inside the transaction, as it waits for a lock on this table (PostgreSQL only)."""

    async def set_trap(scene: Scene, stack: AsyncExitStack) -> None:
        connection = await stack.enter_async_context(scene.database.connect())
        await connection.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))
        waiting = (
            "pg_stat_activity WHERE datname = current_database() "
            f"AND wait_event_type = 'Lock' AND query ~* '(INTO|UPDATE) {table}'"
        )
        watch_count(scene, stack, waiting, 1)

    return set_trap


def watch_count(scene: Scene, stack: AsyncExitStack, what: str, wanted: int) -> None:
    async def look() -> None:
        while await scene.count_rows(what) < wanted:  # noqa: ASYNC110 (a table tells nobody)
            await asyncio.sleep(0.001)
        scene.kill()

    stack.callback(asyncio.create_task(look()).cancel)


def trap_mail(phase: str) -> SetTrap:
    async def set_trap(scene: Scene, stack: AsyncExitStack) -> None:
        async def on_phase(now: str) -> None:
            if now == phase:
                scene.world.mailbox.on_phase = None
                scene.kill()

        scene.world.mailbox.on_phase = on_phase

    return set_trap


EVERYWHERE = [
    KillPoint("the number is stored, nobody knows it", "send", trap_rows("requests")),
    KillPoint("the number is not told", "send", trap_call("editMessageText")),
    KillPoint(
        "the number is told, the answer lost", "send", trap_call("editMessageText", lost=True)
    ),
    KillPoint("the card's answer is lost", "send", trap_call("sendMessage", STAFF, lost=True)),
    KillPoint("the letter is taken, the answer lost", "send", trap_mail("kept")),
]
ON_SQLITE = [
    KillPoint("an answer came, the old buttons stand", "text", trap_call("editMessageReplyMarkup")),
    KillPoint("the application is not sent", "text", trap_call("sendDocument")),
    KillPoint("the application's answer is lost", "text", trap_call("sendDocument", lost=True)),
    KillPoint("the next question is not sent", "text", trap_call("sendMessage")),
    KillPoint(
        "the next question is sent, the answer lost", "text", trap_call("sendMessage", lost=True)
    ),
    KillPoint("the file is not asked for", "scan", trap_call("getFile")),
    KillPoint("the file's address is lost", "scan", trap_call("getFile", lost=True)),
    KillPoint("the file is not fetched", "scan", trap_call("download")),
    KillPoint("the file is lost on its way", "scan", trap_call("download", lost=True)),
    KillPoint("the file has its row", "scan", trap_rows("files")),
    KillPoint("the file is kept, nobody told", "scan", trap_call("sendMessage")),
    KillPoint("the file is kept, the answer lost", "scan", trap_call("sendMessage", lost=True)),
    KillPoint("the press waits at Telegram", "send", trap_unread_press),
    KillPoint("the press waits for the database", "send", trap_waiting_writer),
    KillPoint(
        "the number is told, not remembered",
        "send",
        trap_call("editMessageText", hold_writers=True),
    ),
    KillPoint("the press is not answered", "send", trap_call("answerCallbackQuery")),
    KillPoint(
        "the press is answered, the answer lost",
        "send",
        trap_call("answerCallbackQuery", lost=True),
    ),
    KillPoint("the press is not acknowledged", "send", trap_call("getUpdates")),
    KillPoint("the card is not sent", "send", trap_call("sendMessage", STAFF)),
    KillPoint("the card is recorded", "send", trap_rows("bot_messages")),
    KillPoint("the scan is not sent", "send", trap_call("sendDocument", STAFF)),
    KillPoint("the scan's answer is lost", "send", trap_call("sendDocument", STAFF, lost=True)),
    KillPoint("the scan is recorded", "send", trap_rows("bot_messages", 2)),
    KillPoint("the mail server is greeted", "send", trap_mail("EHLO")),
    KillPoint("the sender is told", "send", trap_mail("MAIL")),
    KillPoint("the recipient is told", "send", trap_mail("RCPT")),
    KillPoint("the letter is handed over", "send", trap_mail("DATA")),
    KillPoint("the letter is recorded", "send", trap_rows(LETTERS_DONE)),
]
ON_POSTGRESQL = [
    KillPoint(f"the transaction is at {table}", "send", trap_lock(table))
    for table in ("sequences", "requests", "answers", "history", "files", "outbox")
]


@asynccontextmanager
async def run_scene(folder: Path, **settings: str) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        settings["REQUEST_TYPES_FILE"] = str(write_short_request_types(folder))
        made = await stack.enter_async_context(run_world(folder, **settings))
        stack.push_async_callback(delete_bot_keys, made.telegram.token)
        engine = create_async_engine(made.settings["DATABASE_URL"])
        stack.push_async_callback(engine.dispose)
        await made.start()
        phone = made.add_phone("Анна")
        await flows.register_and_log_in(
            phone, made.mail_client, Category.INDIVIDUAL, EMAIL, "Иванова Анна"
        )
        yield Scene(made, phone, engine)


async def test_on_sqlite(tmp_path: Path) -> None:
    points = [*EVERYWHERE, *ON_SQLITE]
    assert len({one.name for one in points}) == len(points) >= 20
    async with run_scene(tmp_path) as scene:
        await check_points(scene, points)


async def test_on_postgresql_and_redis(tmp_path: Path) -> None:
    async with (
        create_migrated_postgres() as url,
        run_scene(tmp_path, DATABASE_URL=url, REDIS_URL=REDIS_URL) as scene,
    ):
        await check_points(scene, [*EVERYWHERE, *ON_POSTGRESQL])


async def check_points(scene: Scene, points: Sequence[KillPoint]) -> None:
    numbers: dict[str, KillPoint] = {}
    for one in points:
        try:
            numbers[await file_request(scene, one)] = one
        except BaseException as error:
            error.add_note(f"at the point: {one.name}; the log ends:\n{scene.world.log()[-4000:]}")
            raise
    repeated = sum([await count_repeats(scene, number, one) for number, one in numbers.items()])
    # What was on its way when the bot was killed, or still is at the next kill, may come twice:
    # Telegram and mail servers know no way to ask whether they have it.
    assert repeated <= len(points)
    numbers_told = {
        word
        for message in scene.phone.messages
        for word in message.get("text", "").split()
        if word.startswith("20") and word[4:5] == "-"
    }
    assert numbers_told == set(numbers)
    assert await scene.count_rows("outbox WHERE dead_at IS NOT NULL") == 0
    assert await scene.world.stop() == 0
    assert scene.world.telegram.violations == []
    assert "Traceback" not in scene.world.log()


async def file_request(scene: Scene, at: KillPoint) -> str:
    """Files one request, with the bot killed on the way; its number."""
    phone = scene.phone
    before = await scene.count_rows("requests")
    catalogue = load(Path(scene.world.settings["REQUEST_TYPES_FILE"]))
    await flows.open_form(phone, catalogue.get(TYPE).button["ru"])
    form = catalogue.get_form(TYPE, Category.INDIVIDUAL)
    await flows.fill_form(phone, form, get_today(), until="text")
    steps: dict[str, Callable[[], Awaitable[None]]] = {
        "text": lambda: phone.say(flows.TEXT),
        "scan": lambda: phone.send_document(make_pdf(at.name), f"{at.name}.pdf"),
        "done": lambda: phone.press("Готово"),
        "send": lambda: phone.press("Отправить"),
    }
    for step, step_function in steps.items():
        if step == at.during:
            await run_killed(scene, at, step_function)
        else:
            await step_function()
    await phone.expects("№ 2")
    assert await scene.count_rows("requests") == before + 1
    async with scene.database.connect() as connection:
        query = text("SELECT number FROM requests ORDER BY id DESC LIMIT 1")
        number = str(await connection.scalar(query))
    await phone.expects(number)
    return number


async def run_killed(
    scene: Scene, at: KillPoint, step_function: Callable[[], Awaitable[None]]
) -> None:
    scene.killed.clear()
    async with AsyncExitStack() as stack:
        await at.set_trap(scene, stack)
        doing = asyncio.ensure_future(step_function())
        async with asyncio.timeout(PATIENCE_SECONDS):
            await scene.killed.wait()
        await scene.world.kill()
    await scene.world.start()
    await doing


async def count_repeats(scene: Scene, number: str, at: KillPoint) -> int:
    """How many of the request's three notices came once more."""
    telegram = scene.world.telegram
    group = telegram.chats[STAFF_CHAT_ID].messages

    def list_cards() -> list[Message]:
        return [one for one in group.values() if number in one.get("text", "")]

    def list_scans() -> list[bytes]:
        heads = {one["message_id"] for one in list_cards()}
        return [
            telegram.files[one["document"]["file_id"]].data
            for one in group.values()
            if one.get("reply_to_message", {}).get("message_id") in heads
        ]

    def list_letters() -> list[str]:
        return [one.message_id for one in scene.world.mail_client.list_letters(EMAIL, number)]

    came = await telegram.wait_until(
        lambda: list_cards() and list_scans() and list_letters(), PATIENCE_SECONDS
    )
    assert came, (at.name, number, len(list_cards()), len(list_scans()), len(list_letters()))
    assert set(list_scans()) == {make_pdf(at.name)}, at.name
    assert len(set(list_letters())) == 1, at.name
    sent = [len(list_cards()), len(list_scans()), len(list_letters())]
    assert max(sent) <= 3, (at.name, sent)
    return sum(sent) - len(sent)
