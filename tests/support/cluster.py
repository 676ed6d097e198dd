"""One bot or several, with consumers and staff, for tests that kill and restart bots."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from secrets import SystemRandom
from signal import SIGKILL, SIGTERM
from uuid import uuid4

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.db.database import Database
from bot.domain import Category
from bot.fsm.redis import RedisConversationStorage
from bot.fsm.storage import ConversationStorage, DatabaseConversationStorage
from bot.request_types import load
from bot.services.clock import SystemClock
from bot.telegram.inbox_store import replay
from bot.telegram.webhook import WEBHOOK_PATH
from sandbox.bot_api.state import Message, Telegram
from tests.support import flows
from tests.support.backlog import wait_for_inbox, wait_for_parked
from tests.support.clock import get_today
from tests.support.files import make_pdf
from tests.support.fork_server import ROOT, ChildProcess, start_bot
from tests.support.no_break_spaces import read_spaces
from tests.support.phone import Phone
from tests.support.postgres import create_migrated_postgres
from tests.support.redis import REDIS_URL, delete_bot_keys
from tests.support.request_types import write_short_request_types
from tests.support.staff_phone import StaffPhone
from tests.support.world import STAFF_CHAT_ID, World, find_free_port, run_world

SECRET = "tell-nobody_1"
TYPE = "unmetered_report"
#: A notice that a killed bot held waits for 15 seconds, and the next bot may be killed too.
PATIENCE_SECONDS = 240.0

_START_SECONDS = 60.0

WAITING = "outbox WHERE done_at IS NULL AND dead_at IS NULL"

rng = SystemRandom()


class ClusterPhone(Phone):
    """A phone that waits for its own updates only, as many write at once."""

    patience = PATIENCE_SECONDS

    async def wait_until_handled(self) -> None:
        await _wait_until_handled(self.telegram, self.user_id)


class ClusterStaffPhone(StaffPhone):
    patience = PATIENCE_SECONDS

    async def choose(self, card: Message, button: str, answer: str) -> str:
        """Presses until the question stands: a card that a dead bot had in hand is sent anew, and
        takes its place."""
        async with asyncio.timeout(self.patience):
            while (asked := self.find_button(card, answer)) is None:
                await self.press(card, button)
        return await self.press(asked, answer)

    async def wait_until_handled(self) -> None:
        await _wait_until_handled(self.telegram, self.user_id)


async def _wait_until_handled(telegram: Telegram, user_id: int) -> None:
    def is_waiting() -> bool:
        return any(
            content["from"]["id"] == user_id
            for update in telegram.updates
            for name, content in update.items()
            if name != "update_id" and "from" in content
        )

    done = await telegram.wait_until(lambda: not is_waiting(), PATIENCE_SECONDS)
    assert done, f"updates of {user_id} are not taken"
    done = await wait_for_inbox(telegram, user_id, PATIENCE_SECONDS)
    assert done, f"updates of {user_id} stay in the inbox"


@dataclass
class Balancer:
    """A load balancer: sends each update to one of the running bots, or to all (``to_all``)."""

    ports: Sequence[int]
    to_all: bool = False
    turn: int = 0
    #: Every update that came.
    bodies: list[bytes] = field(default_factory=list)
    #: How long each answer took, in seconds.
    times: list[float] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.bodies.append(body)
        begun = time.perf_counter()
        answer = await self._forward_in_turn(body)
        self.times.append(time.perf_counter() - begun)
        return answer

    async def _forward_in_turn(self, body: bytes) -> web.Response:
        self.turn += 1
        first = self.turn % len(self.ports)
        ports = [*self.ports[first:], *self.ports[:first]]
        if self.to_all:
            codes = await asyncio.gather(*(self._forward(port, body) for port in ports))
            return web.Response(status=200 if set(codes) == {200} else 502)
        # A starting bot refuses the connection. A bot that dies may have handled the update:
        # then the answer makes Telegram send it again.
        for port in ports:
            code = await self._forward(port, body)
            if code != 0:
                return web.Response(status=code)
        return web.Response(status=502)

    async def repeat(self, body: bytes) -> int:
        """Sends an old update to any bot; returns the status of the answer."""
        return await self._forward(rng.choice(self.ports), body)

    async def _forward(self, port: int, body: bytes) -> int:
        url = f"http://127.0.0.1:{port}{WEBHOOK_PATH}"
        headers = {
            "X-Telegram-Bot-Api-Secret-Token": SECRET,
            "Content-Type": "application/json",
        }
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=30)) as session,
                session.post(url, data=body, headers=headers) as answer,
            ):
                return answer.status
        except (ClientError, TimeoutError, OSError):
            return 0


@asynccontextmanager
async def run_balancer(bots: int) -> AsyncIterator[tuple[Balancer, dict[str, str]]]:
    """A balancer for so many bots, and the settings of its webhook."""
    balancer = Balancer([find_free_port() for _ in range(bots)])
    app = web.Application()
    app.router.add_post("/{path:.*}", balancer.receive)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        hook = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield balancer, {"WEBHOOK_URL": hook, "WEBHOOK_SECRET": SECRET}
    finally:
        await runner.cleanup()


@dataclass
class Cluster:
    world: World
    engine: AsyncEngine
    #: The settings of each bot, and its process while it runs.
    settings_of_bots: list[dict[str, str]]
    bots: list[ChildProcess | None]
    #: The client name of the bots' connections to Redis.
    name: str
    balancer: Balancer | None = None
    #: What the bots confirmed: numbers of requests, and meters whose readings were accepted.
    numbers: list[str] = field(default_factory=list)
    readings: list[str] = field(default_factory=list)
    meters: int = 0
    kills: int = 0
    restarts: int = 0
    #: Where the code of the next bot is.
    code: Path = ROOT

    # --- bots ------------------------------------------------------------------------------

    async def start(self, which: int) -> None:
        self.bots[which] = await start_bot(
            self.settings_of_bots[which], self.world.folder / "bot.log", code=self.code
        )
        self.restarts += 1

    async def restart(self, **settings: str) -> None:
        """Stops all bots cleanly and starts them with changed settings."""
        await self.stop()
        for which, own_settings in enumerate(self.settings_of_bots):
            own_settings.update(settings)
            await self.start(which)

    async def replace(self, which: int, code: Path) -> None:
        """Stops a bot cleanly and starts it with this code; returns once it serves."""
        bot = self.bots[which]
        assert bot is not None
        bot.send_signal(SIGTERM)
        assert await bot.wait() == 0, self.world.log()
        await self.start_with(which, code)

    async def start_with(self, which: int, code: Path) -> None:
        """Starts a bot with this code; returns once it serves."""
        sign = "setWebhook" if self.balancer else "getUpdates"
        calls = self.world.telegram.calls
        asked = calls.count(sign)
        self.code = code
        await self.start(which)
        await self.world.telegram.wait_until(lambda: calls.count(sign) > asked, _START_SECONDS)
        assert calls.count(sign) > asked, self.world.log()

    async def wait_until(self, holds: Callable[[], bool]) -> None:
        """Polls a condition that no event announces."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds():  # noqa: ASYNC110 (see above)
                await asyncio.sleep(0.02)

    async def kill(self, which: int) -> None:
        bot = self.bots[which]
        assert bot is not None
        bot.send_signal(SIGKILL)
        await bot.wait()
        self.kills += 1

    async def stop(self) -> None:
        """Stops all bots cleanly."""
        living = [bot for bot in self.bots if bot is not None]
        for bot in living:
            bot.send_signal(SIGTERM)
        for bot in living:
            assert await asyncio.wait_for(bot.wait(), PATIENCE_SECONDS) == 0, self.world.log()
        self.bots = [None for _ in self.bots]

    async def kill_at_random(self, times: int, longest: float) -> None:
        """Kills a bot after up to ``longest`` seconds of work and restarts it, so many times.

        Whatever is in work at three kills is taken for their cause and parked: it is replayed.
        """
        wait_for_parked(self.world.telegram)
        replaying = asyncio.create_task(self._replay_parked())
        try:
            await self._kill_at_random(times, longest)
            async with asyncio.timeout(PATIENCE_SECONDS):
                while await self.count_rows("inbox"):  # noqa: ASYNC110 (a table tells nobody)
                    await asyncio.sleep(0.1)
        finally:
            replaying.cancel()
            await asyncio.wait([replaying])

    async def _kill_at_random(self, times: int, longest: float) -> None:
        for _ in range(times):
            which = rng.randrange(len(self.bots))
            await self.wait_for_activity()
            await asyncio.sleep(rng.uniform(0, longest))
            await self.kill(which)
            await self.start(which)

    async def _replay_parked(self) -> None:
        async with AsyncExitStack() as stack:
            database = Database(self.world.settings["DATABASE_URL"])
            stack.push_async_callback(database.dispose)
            storage: ConversationStorage = DatabaseConversationStorage(database, SystemClock().now)
            if url := self.world.settings.get("REDIS_URL"):
                redis = await stack.enter_async_context(Redis.from_url(url))
                bot_id = int(self.world.telegram.token.partition(":")[0])
                storage = RedisConversationStorage(redis, bot_id, timedelta(days=1))
            seen: set[str] = set()
            while True:
                await asyncio.sleep(0.3)
                query = "SELECT update_id FROM inbox WHERE state = 'parked'"
                parked = set(await self.select_column(query))
                # No operator is faster than the bot's own two writes.
                for update_id in seen & parked:
                    await replay(database, storage, int(update_id), SystemClock().now())
                seen = parked

    async def wait_for_activity(self) -> None:
        """Waits until the bots have made some calls: they work again after a kill."""
        calls = len(self.world.telegram.calls)
        await self.world.telegram.wait_until(
            lambda: len(self.world.telegram.calls) > calls + 3, PATIENCE_SECONDS
        )

    # --- people ----------------------------------------------------------------------------

    async def add_consumer(self, index: int) -> ClusterPhone:
        telegram = self.world.telegram
        phone = ClusterPhone(telegram, 1000 + index, f"Житель {index}", f"+7912345{1000 + index}")
        await flows.register_and_log_in(
            phone,
            self.world.mail_client,
            Category.INDIVIDUAL,
            f"p{index}@example.ru",
            "Иванов Пётр",
        )
        return phone

    def add_staff_member(self, index: int) -> ClusterStaffPhone:
        return ClusterStaffPhone(
            self.world.telegram, STAFF_CHAT_ID, 500 + index, f"Сотрудник {index}"
        )

    async def run_rounds(
        self, phone: ClusterPhone, staff_member: ClusterStaffPhone, rounds: int
    ) -> None:
        """Each round files a request with a scan, which staff answer, and enters a reading."""
        for _ in range(rounds):
            number = await self.file_request(phone)
            await self.answer_request(staff_member, phone, number)
            self.meters += 1
            meter = f"{self.meters:09d}"
            await flows.enter_reading(phone, "Однотарифный", meter, "100,5")
            await phone.press("Ввести")
            await phone.expects("Показания приняты", meter)
            self.readings.append(meter)

    async def file_request(self, phone: ClusterPhone) -> str:
        catalogue = load(Path(self.world.settings["REQUEST_TYPES_FILE"]))
        await flows.open_form(phone, catalogue.get(TYPE).button["ru"])
        form = catalogue.get_form(TYPE, Category.INDIVIDUAL)
        await flows.fill_form(phone, form, get_today(), until="text")
        await phone.say(flows.TEXT)
        mark = f"{phone.user_id}-{len(self.numbers)}"
        await phone.send_document(make_pdf(mark), f"{mark}.pdf")
        await phone.press("Готово")
        before = {_parse_number(one.get("text", "")) for one in phone.messages}
        await phone.press("Отправить")
        fresh = {_parse_number(one.get("text", "")) for one in phone.messages} - before
        assert len(fresh) == 1, (fresh, phone.screen)
        number = fresh.pop()
        assert number not in self.numbers
        self.numbers.append(number)
        return number

    async def exchange_words(self, phone: ClusterPhone, staff_member: ClusterStaffPhone) -> str:
        """Files a request, about which the staff write; what each version of the bot can do."""
        # A number of before a restore may stand on another card.
        last = max((one["message_id"] for one in staff_member.messages), default=0)
        number = await self.file_request(phone)
        card = await staff_member.expects(f"Заявка № {number}", after=last)
        await staff_member.say(f"Ответ на {number}", reply_to=card)
        await phone.expects(f"Ответ на {number}")
        return number

    async def answer_request(
        self, staff_member: ClusterStaffPhone, phone: ClusterPhone, number: str
    ) -> None:
        card = await staff_member.expects_card(number, "Зарегистрирована")
        await staff_member.press(card, "Взять в работу")
        await phone.expects("взята в работу", number)
        await staff_member.say(f"Ответ на {number}", reply_to=card)
        await phone.expects("сообщение специалиста", f"Ответ на {number}")
        card = await staff_member.expects_card(number, "Статус: В работе")
        await staff_member.finish(card)
        await phone.expects("выполнена", number)

    async def run_through(
        self, disturb: Callable[[], Coroutine[None, None, None]], people: int, disturbances: int
    ) -> int:
        """Repeats rounds while ``disturb`` runs, and checks that nothing is lost or doubled.

        Returns how many messages came twice; of many ``disturbances`` several may hit the same one.
        """
        phones = await asyncio.gather(*(self.add_consumer(index) for index in range(people)))
        disturbance = asyncio.create_task(disturb())

        async def repeat_rounds(index: int) -> None:
            staff_member = self.add_staff_member(index)
            while not disturbance.done():
                await self.run_rounds(phones[index], staff_member, 1)

        await asyncio.gather(*(repeat_rounds(index) for index in range(people)))
        await disturbance
        repeated = await self.check_nothing_lost_or_doubled(most=2 + disturbances // 10)
        await self.stop()
        self.check_log()
        return repeated

    # --- checks at the end -----------------------------------------------------------------

    async def count_rows(self, what: str) -> int:
        async with self.engine.connect() as connection:
            return int(await connection.scalar(text(f"SELECT count(*) FROM {what}")) or 0)

    async def select_column(self, query: str) -> list[str]:
        async with self.engine.connect() as connection:
            return [str(one) for one in (await connection.execute(text(query))).scalars()]

    async def wait_for_delivery(self) -> None:
        """Waits until every notice is delivered."""
        await self.wait_for_empty_outbox()
        assert await self.count_rows("outbox WHERE dead_at IS NOT NULL") == 0

    async def wait_for_empty_outbox(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.count_rows(WAITING):  # noqa: ASYNC110 (a table tells nobody)
                await asyncio.sleep(0.05)

    async def check_nothing_lost_or_doubled(self, most: int = 2) -> int:
        """Returns how many messages were repeated; none may come more than ``most`` times."""
        await self.wait_for_delivery()
        assert sorted(await self.select_column("SELECT number FROM requests")) == sorted(
            self.numbers
        )
        entered = await self.select_column(
            "SELECT number FROM meters JOIN readings ON readings.meter_id = meters.id"
        )
        assert sorted(entered) == sorted(self.readings)
        ways = await self.select_column(
            "SELECT number FROM requests JOIN history ON history.request_id = requests.id "
            "WHERE history.status IN ('in_work', 'done')"
        )
        assert sorted(ways) == sorted([*self.numbers, *self.numbers])
        assert await self.count_rows("files WHERE request_id IS NOT NULL") == len(self.numbers)
        assert await self.count_rows("request_messages WHERE author = 'staff'") == len(self.numbers)
        # Registered, in work, done.
        return sum(self.count_repeats(number, most, letters=3) for number in self.numbers)

    def count_repeats(self, number: str, most: int, letters: int) -> int:
        """How many messages about a request came again; one must have come, ``letters`` by mail."""
        chats = self.world.telegram.chats
        group = chats[STAFF_CHAT_ID].messages.values()
        cards = [one for one in group if f"Заявка № {number}" in read_spaces(one.get("text", ""))]
        heads = {one["message_id"] for one in cards}
        scans = [
            one
            for one in group
            if "document" in one and one.get("reply_to_message", {}).get("message_id") in heads
        ]
        answers = [
            one
            for chat in chats.values()
            if chat.type == "private"
            for one in chat.messages.values()
            if f"Ответ на {number}" in one.get("text", "")
        ]
        mails = [one.message_id for one in self.world.mailbox.mails if number in one.subject]
        # A letter that came twice has the same Message-ID.
        assert len(set(mails)) == letters, (number, mails)
        for what in (cards, scans, answers):
            assert 1 <= len(what) <= most, (number, len(cards), len(scans), len(answers))
        return len(cards) + len(scans) + len(answers) + len(mails) - 3 - letters

    def check_log(self) -> None:
        """Checks that the log has no traceback and that Telegram saw no violation."""
        violations = self.world.telegram.violations
        assert violations == [], violations
        assert "Traceback" not in self.world.log()


def _parse_number(words: str) -> str:
    return words.partition("№ ")[2][:11] if "зарегистрирована" in words else ""


@asynccontextmanager
async def run_cluster(
    folder: Path, *, bots: int = 0, code: Path = ROOT, **settings: str
) -> AsyncIterator[Cluster]:
    """One bot that polls, over SQLite; or several ``bots`` behind a webhook, over the others.

    ``code``: of the bots that start here; ``settings`` may name other servers than this machine's.
    """
    async with AsyncExitStack() as stack:
        name = f"town-{uuid4().hex}"
        settings["REQUEST_TYPES_FILE"] = str(write_short_request_types(folder))
        if bots:
            if "DATABASE_URL" not in settings:
                settings["DATABASE_URL"] = await stack.enter_async_context(
                    create_migrated_postgres()
                )
            settings["REDIS_URL"] = f"{settings.get('REDIS_URL', REDIS_URL)}?client_name={name}"
        made = await stack.enter_async_context(run_world(folder, **settings))
        stack.push_async_callback(delete_bot_keys, made.telegram.token)
        engine = create_async_engine(made.settings["DATABASE_URL"], pool_pre_ping=True)
        stack.push_async_callback(engine.dispose)
        balancer = None
        if bots:
            balancer, hook = await stack.enter_async_context(run_balancer(bots))
            made.settings |= hook
        ports = balancer.ports if balancer else [0]
        settings_of_bots = [made.settings | {"WEB_PORT": str(port)} for port in ports]
        built = Cluster(
            made, engine, settings_of_bots, [None for _ in settings_of_bots], name, balancer
        )
        built.code = code
        stack.push_async_callback(built.stop)
        # Together: on an empty database one of them migrates and the others wait.
        await asyncio.gather(*(built.start(which) for which in range(len(settings_of_bots))))
        sign = "setWebhook" if bots else "getUpdates"
        up = await made.telegram.wait_until(lambda: sign in made.telegram.calls, _START_SECONDS)
        assert up, made.log()
        yield built
