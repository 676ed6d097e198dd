"""The bot put together: services, storage, handlers, delivery."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aiogram import Bot, Dispatcher
from aiogram.types import Update

from bot import catalogue as catalogues
from bot.app import parts
from bot.db.database import Database
from bot.delivery import Delivery
from bot.delivery.pace import AnswersFirst, Pace, group_limit
from bot.fsm.storage import DatabaseIsolation
from bot.handlers import build_router
from bot.handlers.askue import Asking, Desk
from bot.handlers.auth import Forgot, Login, Registration
from bot.handlers.colleagues import Colleagues
from bot.handlers.forms import Forms
from bot.handlers.profile import Deletion, PasswordChange
from bot.handlers.readings import Entry, Period, Place
from bot.handlers.requests import Filing
from bot.metrics import Metrics
from bot.middlewares import (
    Known,
    LogContext,
    PressAnswer,
    PrivateChat,
    Timed,
)
from bot.services.accounts import Accounts, SessionPolicy
from bot.services.antivirus import Clamd
from bot.services.askue import open_session
from bot.services.calendar import WorkingCalendar
from bot.services.clock import Clock, SystemClock
from bot.services.desk import Desk as StaffDesk
from bot.services.files import EXAMINATION_LIMITS, FileStore, Scans
from bot.services.group import Group
from bot.services.ledger import Ledger
from bot.services.mail import Mailer
from bot.services.metered import MeteredAskue, MeteredMailer
from bot.services.passwords import PasswordHasher
from bot.services.personal import PersonalData
from bot.services.readings import Readings
from bot.services.requests import Requests
from bot.services.resets import Resets
from bot.services.terms import Terms
from bot.services.workshop import Workshop
from bot.settings import Settings
from bot.texts import Library

if TYPE_CHECKING:
    from redis.asyncio import Redis


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
        company = parts.company(settings, timezone)
        library = Library.load()
        catalogue = catalogues.load(settings.request_types_file)
        calendar = WorkingCalendar(settings.extra_days_off, settings.extra_working_days)
        database = Database(settings.database_url.get_secret_value())
        stack.push_async_callback(database.dispose)
        await database.migrate()
        hasher = hasher or parts.hasher(settings)
        stack.callback(hasher.close)
        accounts = Accounts(
            database,
            hasher,
            clock,
            SessionPolicy(inactivity=timedelta(days=settings.session_days)),
        )
        requests = Requests(database, catalogue, calendar, clock, timezone)
        antivirus = Clamd(settings.clamd_url) if settings.clamd_url else None
        examination = Workshop(EXAMINATION_LIMITS)
        stack.push_async_callback(examination.close)
        store = FileStore.open(settings.files_url)
        scans = Scans(database, store, clock, examination, antivirus)
        readings = Readings(database, clock, timezone, parts.reading_rules(settings))
        entry = Entry(readings, company)
        workshop = Workshop()
        stack.push_async_callback(workshop.close)
        session = open_session(settings.askue_timeout)
        stack.push_async_callback(session.close)
        askue = parts.askue(settings, session, timezone)
        desk = Desk(
            MeteredAskue(askue, metrics) if askue else None,
            readings,
            bot,
            clock,
            parts.askue_look(settings, company),
        )
        stack.push_async_callback(desk.close)
        personal = PersonalData(database, scans, clock, parts.retention(settings))
        terms = Terms(calendar, timezone, settings.staff_digest_hour)
        ledger = Ledger(database, terms, clock, timezone, settings.staff_digest_hour)
        storage = parts.memory(settings, database, clock, bot.id, redis)
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
            PrivateChat(storage, accounts, library, clock, parts.quotas(settings))
        )
        dispatcher.callback_query.outer_middleware(PressAnswer())
        for observer in (dispatcher.message, dispatcher.edited_message, dispatcher.callback_query):
            observer.middleware(Timed(metrics))
        dispatcher.include_router(build_router())
        pace = Pace(group=group_limit(settings.staff_messages_per_minute))
        if bot is not notices_bot:
            bot.session.middleware(AnswersFirst(pace))
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
