"""The composition root: settings become a running bot."""

import bot.aiogram_models  # noqa: F401 (before whatever imports aiogram)

# isort: split
import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import uvloop
from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError
from aiogram.types import LinkPreviewOptions, Update
from aiohttp import ClientSession, ClientTimeout, web

from bot import catalogue as catalogues
from bot import logs
from bot.catalogue import CatalogueError
from bot.db.database import Database
from bot.db.errors import OUTAGES
from bot.delivery import Delivery, office, stalls
from bot.delivery.pace import AnswersCounted, Pace, group_limit
from bot.delivery.reminders import watch
from bot.domain import Category
from bot.fsm.storage import DatabaseIsolation, DatabaseStorage
from bot.handlers import build_router
from bot.handlers.askue import Asking, Desk
from bot.handlers.auth import Forgot, Login, Registration
from bot.handlers.colleagues import Colleagues
from bot.handlers.commands import set_menus
from bot.handlers.forms import Forms
from bot.handlers.profile import Deletion, PasswordChange
from bot.handlers.readings import Entry, Period, Place
from bot.handlers.requests import Filing
from bot.metrics import Metrics
from bot.middlewares import (
    Known,
    LogContext,
    Patience,
    PressAnswer,
    PrivateChat,
    Timed,
    update_in_hand,
)
from bot.polling import Polling
from bot.services import backups, handover
from bot.services.accounts import Accounts, SessionPolicy
from bot.services.antivirus import Clamd
from bot.services.askue import Askue, AskueTerms, Gateway, Lers, open_session
from bot.services.calendar import WorkingCalendar
from bot.services.clock import Clock, SystemClock
from bot.services.desk import Desk as StaffDesk
from bot.services.files import FileStore, Scans
from bot.services.group import Group
from bot.services.ledger import Ledger
from bot.services.limits import Limited, Quota
from bot.services.mail import Mailer, SmtpMailer
from bot.services.metered import MeteredAskue, MeteredMailer
from bot.services.passwords import PasswordHasher
from bot.services.personal import PersonalData, Retention
from bot.services.readings import ReadingRules, Readings
from bot.services.requests import Requests
from bot.services.resets import Resets
from bot.services.terms import Terms
from bot.services.workshop import Workshop
from bot.settings import Settings, SettingsError, read_settings
from bot.texts import Library
from bot.views.askue import Look
from bot.views.view import Company
from bot.web import WEBHOOK_PATH, InReply, Webhook, build_web

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from bot.fsm.redis import RedisMemory

log = logging.getLogger(__name__)

_AWAY: tuple[type[Exception], ...] = (TelegramAPIError, *OUTAGES)

#: How long a clean stop may take, seconds; section 1 of the contract.
STOP_SECONDS = 10.0

_CHECK_SECONDS = 15.0
_REDIS_SECONDS = 5.0
_FORGET_SECONDS = 12 * 3600.0


def run(clock: Clock | None = None) -> int:
    """The command ``run``: until SIGTERM or SIGINT; the exit code.

    ``clock``: another one than the machine's, which only the sandbox gives.
    """
    settings = _settings("BOT_TOKEN", "STAFF_CHAT_ID", "SMTP_HOST")
    if settings is None:
        return 2
    try:
        uvloop.run(_serve(settings, clock))
    except CatalogueError as error:
        return _wrong(f"REQUEST_TYPES_FILE: {error}")
    return 0


def migrate() -> int:
    """The command ``migrate``."""
    settings = _settings()
    if settings is None:
        return 2

    async def bring_up() -> None:
        database = Database(settings.database_url.get_secret_value())
        try:
            await database.migrate()
        finally:
            await database.dispose()

    uvloop.run(bring_up())
    print("the database is at the newest schema")
    return 0


def export(first: date, last: date, kind: Literal["csv", "xlsx"], path: Path) -> int:
    """The command ``export readings``: the days ``first`` to ``last``, both included."""
    settings = _settings()
    if settings is None:
        return 2
    if last < first:
        return _wrong(f"--to: {last} is before {first}")

    async def write() -> int:
        database = Database(settings.database_url.get_secret_value())
        timezone = ZoneInfo(settings.timezone)
        readings = Readings(database, SystemClock(), timezone, _reading_rules(settings))
        workshop = Workshop()
        try:
            await database.migrate()
            return await handover.write(
                readings.between(first, last), kind, path, workshop, timezone
            )
        finally:
            workshop.close()
            await database.dispose()

    count = uvloop.run(write())
    print(f"{path}: {count} readings")
    return 0


def backup(folder: Path) -> int:
    """The command ``backup``."""
    return _copy(backups.back_up, folder, "saved")


def restore(folder: Path) -> int:
    """The command ``restore``."""
    return _copy(backups.restore, folder, "restored")


def _copy(deed: Callable[[str, FileStore, Path], Awaitable[int]], folder: Path, done: str) -> int:
    settings = _settings()
    if settings is None:
        return 2

    async def copy() -> int:
        store = FileStore.open(settings.files_url)
        return await deed(settings.database_url.get_secret_value(), store, folder)

    try:
        count = uvloop.run(copy())
    except backups.BackupFailed as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{done}: the database and {count} scan{'' if count == 1 else 's'}")
    return 0


def check() -> int:
    """The command ``check``: one line a thing; 1 when one of them fails."""
    settings = _settings()
    return 2 if settings is None else uvloop.run(_check(settings))


def _settings(*needed: str) -> Settings | None:
    """Settings with those ``needed`` present; None after saying what is wrong."""
    try:
        settings = read_settings()
    except SettingsError as error:
        _wrong(str(error))
        return None
    missing = [name for name in needed if getattr(settings, name.lower()) is None]
    if missing:
        _wrong(f"{', '.join(missing)}: not set; to try without it: python main.py sandbox")
        return None
    logs.configure(settings.log_level, settings.log_format, update_in_hand.get)
    if settings.sentry_dsn is not None:
        logs.report_to(settings.sentry_dsn.get_secret_value())
    return settings


def _wrong(line: str) -> int:
    print(line, file=sys.stderr)
    return 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A bot put together; tests feed its dispatcher, ``run`` lets Telegram do so."""

    bot: Bot
    dispatcher: Dispatcher
    database: Database
    delivery: Delivery
    library: Library
    readings: Readings
    ledger: Ledger
    personal: PersonalData
    metrics: Metrics
    clock: Clock

    async def handle(self, update: Update) -> None:
        """Handles one update to the end: when it returns, its effects are stored."""
        await self.dispatcher.feed_update(self.bot, update)

    async def measured(self) -> bytes:
        """All metrics, as Prometheus reads them."""
        async with self.database.read() as tx:
            waiting = await tx.outbox.oldest()
        now = self.clock.now()
        return self.metrics.exposed(
            {kind: (count, (now - at).total_seconds()) for kind, (count, at) in waiting.items()}
        )


@asynccontextmanager
async def application(
    settings: Settings,
    *,
    bot: Bot,
    notices_bot: Bot,
    mailer: Mailer,
    clock: Clock | None = None,
    hasher: PasswordHasher | None = None,
    redis: "Redis | None" = None,
) -> AsyncIterator[Application]:
    """Puts the bot together over a migrated database, and takes it apart again."""
    async with AsyncExitStack() as stack:
        clock = clock or SystemClock()
        metrics = Metrics()
        metrics.count_errors_of(logging.getLogger("bot"))
        timezone = ZoneInfo(settings.timezone)
        company = _company(settings, timezone)
        library = Library.load()
        catalogue = catalogues.load(settings.request_types_file)
        calendar = WorkingCalendar(settings.extra_days_off, settings.extra_working_days)
        database = Database(settings.database_url.get_secret_value())
        stack.push_async_callback(database.dispose)
        await database.migrate()
        hasher = hasher or PasswordHasher()
        stack.callback(hasher.close)
        accounts = Accounts(
            database,
            hasher,
            clock,
            SessionPolicy(inactivity=timedelta(days=settings.session_days)),
        )
        requests = Requests(database, catalogue, calendar, clock, timezone)
        antivirus = Clamd(settings.clamd_url) if settings.clamd_url else None
        scans = Scans(database, FileStore.open(settings.files_url), clock, antivirus)
        readings = Readings(database, clock, timezone, _reading_rules(settings))
        entry = Entry(readings, company)
        workshop = Workshop()
        stack.callback(workshop.close)
        session = open_session(settings.askue_timeout)
        stack.push_async_callback(session.close)
        askue = _askue(settings, session, timezone)
        desk = Desk(
            MeteredAskue(askue, metrics) if askue else None,
            readings,
            bot,
            clock,
            _askue_look(settings, company),
        )
        stack.push_async_callback(desk.close)
        personal = PersonalData(database, scans, clock, _retention(settings))
        terms = Terms(calendar, timezone, settings.staff_digest_hour)
        ledger = Ledger(database, terms, clock, timezone, settings.staff_digest_hour)
        storage = _memory(settings, database, clock, bot.id, redis)
        dispatcher = Dispatcher(
            storage=storage,
            events_isolation=DatabaseIsolation(database),
            accounts=accounts,
            requests=requests,
            readings=readings,
            workshop=workshop,
            desk=desk,
            staff_desk=StaffDesk(database, terms, clock),
            group=Group(database, settings.staff_chat_id or 0),
            colleagues=Colleagues(),
            ledger=ledger,
            resets=Resets(database, clock),
            admins=settings.staff_admin_ids,
            clock=clock,
            scans=scans,
            catalogue=catalogue,
            company=company,
            library=library,
            personal=personal,
            forms=Forms(
                catalogue=catalogue,
                errands={
                    "registration": Registration(accounts, company, clock),
                    "login": Login(accounts),
                    "reset": Forgot(Resets(database, clock)),
                    "password": PasswordChange(accounts),
                    "deletion": Deletion(accounts, personal, scans, storage, bot.id),
                    "request": Filing(requests, catalogue, company),
                    "reading": entry,
                    "period": Period(readings),
                    "place": Place(readings),
                    "askue": Asking(desk),
                },
                advisers={"reading": entry},
                scans=scans,
                clock=clock,
                calendar=calendar,
                company=company,
                lifetime=timedelta(days=settings.draft_days),
                default_supplier=settings.default_supplier,
                on_drop=desk.cancel,
            ),
        )
        dispatcher.update.outer_middleware(LogContext(metrics))
        dispatcher.update.outer_middleware(Known(storage))
        dispatcher.update.outer_middleware(
            PrivateChat(storage, accounts, library, clock, _quotas(settings))
        )
        dispatcher.callback_query.outer_middleware(PressAnswer())
        for observer in (dispatcher.message, dispatcher.edited_message, dispatcher.callback_query):
            observer.middleware(Timed(metrics))
        dispatcher.include_router(build_router())
        pace = Pace(group=group_limit(settings.staff_messages_per_minute))
        if bot is not notices_bot:
            bot.session.middleware(AnswersCounted(pace))
        delivery = Delivery(
            database=database,
            bot=notices_bot,
            mailer=MeteredMailer(mailer, metrics),
            accounts=accounts,
            scans=scans,
            personal=personal,
            library=library,
            catalogue=catalogue,
            company=company,
            clock=clock,
            staff_chat_id=settings.staff_chat_id or 0,
            readings=readings,
            ledger=ledger,
            workshop=workshop,
            pace=pace,
            on_outcome=metrics.notice,
        )
        database.on_outbox = delivery.wake
        yield Application(
            bot=bot,
            dispatcher=dispatcher,
            database=database,
            delivery=delivery,
            library=library,
            readings=readings,
            ledger=ledger,
            personal=personal,
            metrics=metrics,
            clock=clock,
        )


def _memory(
    settings: Settings, database: Database, clock: Clock, bot_id: int, redis: "Redis | None"
) -> "DatabaseStorage | RedisMemory":
    if redis is None:
        return DatabaseStorage(database, clock.now)
    from bot.fsm.redis import RedisMemory  # noqa: PLC0415

    return RedisMemory(redis, bot_id, timedelta(days=settings.keep_conversations_days))


def _quotas(settings: Settings) -> Mapping[Limited, Quota]:
    return {what: Quota(*getattr(settings, f"limit_{what}")) for what in Limited}


def _retention(settings: Settings) -> Retention:
    return Retention(
        requests=timedelta(days=settings.keep_requests_days),
        scans=timedelta(days=settings.keep_scans_days),
        conversations=timedelta(days=settings.keep_conversations_days),
        notices=timedelta(days=settings.keep_notices_days),
    )


def _company(settings: Settings, timezone: ZoneInfo) -> Company:
    return Company(
        name=settings.company_name,
        support_phone=settings.support_phone,
        support_email=settings.support_email,
        privacy_policy_url=settings.privacy_policy_url,
        timezone=timezone,
        consent_version=settings.consent_version,
    )


def _askue(settings: Settings, session: ClientSession, timezone: ZoneInfo) -> Askue | None:
    if settings.askue_url is None:
        return None
    if settings.askue_kind == "lers":
        return Lers(session, settings.askue_url, timezone, settings.askue_timeout)
    return Gateway(session, settings.askue_url, timezone)


def _askue_look(settings: Settings, company: Company) -> Look:
    terms = AskueTerms(
        active_unit=settings.askue_active_unit,
        reactive_unit=settings.askue_reactive_unit,
        stale_after=timedelta(hours=settings.askue_stale_hours),
    )
    return Look(terms=terms, company=company)


def _reading_rules(settings: Settings) -> ReadingRules:
    return ReadingRules(
        jump=settings.reading_jump,
        last_days={
            Category.INDIVIDUAL: settings.readings_last_day,
            Category.LEGAL: settings.readings_last_day_legal,
        },
        remind_days=settings.readings_remind_days,
    )


def telegram(settings: Settings) -> Bot:
    """A bot with a session of its own, which its owner closes."""
    proxy = settings.telegram_proxy_url
    return Bot(
        settings.bot_token.get_secret_value() if settings.bot_token else "",
        session=AiohttpSession(
            api=TelegramAPIServer.from_base(settings.telegram_api_url),
            proxy=proxy.get_secret_value() if proxy else None,
        ),
        default=DefaultBotProperties(
            parse_mode="HTML",
            link_preview=LinkPreviewOptions(is_disabled=True),
            # What is answered may have been deleted meanwhile.
            allow_sending_without_reply=True,
        ),
    )


def _mailer(settings: Settings) -> SmtpMailer:
    password = settings.smtp_password
    return SmtpMailer(
        host=settings.smtp_host or "",
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
        security=settings.smtp_security,
        sender=settings.mail_from or "",
    )


def _redis(settings: Settings) -> "Redis | None":
    url = settings.redis_url
    if url is None:
        return None
    from redis.asyncio import Redis  # noqa: PLC0415
    from redis.asyncio.retry import Retry  # noqa: PLC0415
    from redis.backoff import ExponentialBackoff  # noqa: PLC0415

    return Redis.from_url(
        url.get_secret_value(),
        socket_timeout=_REDIS_SECONDS,
        socket_connect_timeout=_REDIS_SECONDS,
        # After a restart of Redis each connection of the pool is found dead once.
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 3),
    )


async def _serve(settings: Settings, clock: Clock | None) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    async with AsyncExitStack() as stack:
        bot, notices_bot = telegram(settings), telegram(settings)
        for one in (bot, notices_bot):
            stack.push_async_callback(one.session.close)
        bot.session.middleware(Patience())
        redis = _redis(settings)
        if redis is not None:
            stack.push_async_callback(redis.aclose)
        app = await stack.enter_async_context(
            application(
                settings,
                bot=bot,
                notices_bot=notices_bot,
                mailer=_mailer(settings),
                clock=clock,
                redis=redis,
            )
        )
        if settings.webhook_url:
            # Last, so that it is asked after those that count and repeat calls.
            bot.session.middleware(InReply())
        if settings.web_port:
            stack.push_async_callback(await _listen(settings, app, redis, stopping))
        async with asyncio.TaskGroup() as group:
            workers = [
                group.create_task(app.delivery.run()),
                group.create_task(watch(app.readings)),
                group.create_task(office.watch(app.ledger)),
                group.create_task(stalls.watch(stalls.Stalls(app.database, app.clock))),
                group.create_task(_introduce(app, settings)),
                group.create_task(_forget_for_ever(app)),
            ]
            polling = None
            if not settings.webhook_url:
                polling = Polling(bot, app.handle, app.dispatcher.resolve_used_update_types())
                workers.append(group.create_task(polling.run()))
            # Whatever is here by now stays: the collector need not walk over it ever again.
            gc.collect()
            gc.freeze()
            log.info("the bot is running")
            await stopping.wait()
            log.info("stopping")
            if polling is not None:
                await polling.stop()
            for worker in workers:
                worker.cancel()


async def _listen(
    settings: Settings, app: Application, redis: "Redis | None", stopping: asyncio.Event
) -> Callable[[], Awaitable[None]]:
    """Serves health, metrics and, when it is set, the webhook; returns what stops that."""

    async def at_work() -> None:
        if stopping.is_set():
            raise ConnectionError("the bot is stopping")

    probes: dict[str, Callable[[], Awaitable[object]]] = {
        "bot": at_work,
        "database": app.database.probe,
    }
    if redis is not None:
        probes["redis"] = redis.ping
    secret = settings.webhook_secret
    site = build_web(
        probes=probes,
        metrics=app.measured,
        webhook=Webhook(app.bot, secret.get_secret_value(), app.handle)
        if settings.webhook_url and secret
        else None,
    )
    runner = web.AppRunner(site, shutdown_timeout=STOP_SECONDS - 2)
    await runner.setup()
    await web.TCPSite(runner, settings.web_host, settings.web_port).start()
    return runner.cleanup


async def _forget_for_ever(app: Application) -> None:
    """Twice a day erases what has outlived its term; several processes do no harm by it."""
    while True:
        try:
            await app.personal.forget_expired()
        except Exception as error:
            # Its traceback would be repeated twice a day.
            reason = type(error).__name__
            log.error("what is past its term was not erased: %s", reason)  # noqa: TRY400
        await asyncio.sleep(_FORGET_SECONDS)


async def _introduce(app: Application, settings: Settings) -> None:
    """Tells Telegram where updates go and what the menus hold, as soon as it can be reached."""
    secret = settings.webhook_secret
    pause = 1.0
    while True:
        try:
            if settings.webhook_url and secret:
                await app.bot.set_webhook(
                    f"{settings.webhook_url}{WEBHOOK_PATH}",
                    secret_token=secret.get_secret_value(),
                    allowed_updates=app.dispatcher.resolve_used_update_types(),
                )
            else:
                await app.bot.delete_webhook()
            group: Group = app.dispatcher["group"]
            await set_menus(
                app.bot,
                app.library,
                # Where it is now: Telegram keeps no menu for a group that has moved.
                await group.chat_id() if settings.staff_chat_id else None,
            )
        except _AWAY as error:
            log.warning("Telegram could not be set up: %s, again soon", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 60.0)
        else:
            return


async def _check(settings: Settings) -> int:
    """Reaches everything the bot depends on, one after the other."""
    failed = False
    for name, probe in _probes(settings).items():
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                verdict = await probe()
        except Exception as error:
            # Whatever a dependency raises is the finding of this command.
            failed, verdict = True, f"FAILED: {type(error).__name__}: {error}"
        print(f"{name}: {verdict}")
    return int(failed)


def _probes(settings: Settings) -> dict[str, Callable[[], Awaitable[str]]]:
    async def request_types() -> str:
        loaded = catalogues.load(settings.request_types_file)
        return f"ok, {len(loaded.types)} types"

    async def database() -> str:
        opened = Database(settings.database_url.get_secret_value())
        try:
            await opened.ping()
        finally:
            await opened.dispose()
        return "ok"

    async def redis() -> str:
        opened = _redis(settings)
        if opened is None:
            return "not set: conversation state lives in the database"
        async with opened:
            await opened.ping()
        return "ok"

    async def telegram_api() -> str:
        if settings.bot_token is None:
            raise SettingsError("BOT_TOKEN is not set")
        async with telegram(settings) as bot:
            me = await bot.get_me()
            if settings.staff_chat_id is None:
                raise SettingsError("STAFF_CHAT_ID is not set")
            await bot.get_chat(settings.staff_chat_id)
        return f"ok, @{me.username}"

    async def smtp() -> str:
        if settings.smtp_host is None:
            raise SettingsError("SMTP_HOST is not set")
        await _mailer(settings).ping()
        return "ok"

    async def files() -> str:
        await FileStore.open(settings.files_url).ping()
        return "ok"

    async def clamd() -> str:
        if settings.clamd_url is None:
            return "not set: files are not checked for viruses"
        await Clamd(settings.clamd_url).ping()
        return "ok"

    async def askue() -> str:
        if settings.askue_url is None:
            return "not connected"
        timeout = ClientTimeout(total=settings.askue_timeout)
        # Without credentials any answer of the gateway shows that it is there.
        async with (
            ClientSession(timeout=timeout) as session,
            session.get(f"{settings.askue_url}/readings") as answer,
        ):
            if answer.status >= 500:
                raise ConnectionError(f"the gateway answers {answer.status}")
        return "ok"

    return {
        "REQUEST_TYPES_FILE": request_types,
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "TELEGRAM_API_URL": telegram_api,
        "SMTP_HOST": smtp,
        "FILES_URL": files,
        "CLAMD_URL": clamd,
        "ASKUE_URL": askue,
    }
