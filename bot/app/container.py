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

from bot import request_types
from bot.app import factories
from bot.db.database import Database
from bot.db.inbox import InboxState
from bot.fsm.storage import DatabaseIsolation
from bot.handlers import build_router
from bot.handlers.consumer.askue import AskueQueries, AskueQuery
from bot.handlers.consumer.auth import LoginAction, PasswordResetAction, RegistrationAction
from bot.handlers.consumer.forms import Forms
from bot.handlers.consumer.profile import AccountDeletionAction, PasswordChangeAction
from bot.handlers.consumer.readings import HistoryPeriodAction, MeterPlaceAction, ReadingEntryAction
from bot.handlers.consumer.requests import RequestFilingAction
from bot.handlers.inbox_replies import ChatReplies
from bot.handlers.staff.membership import StaffMembership
from bot.integrations.askue import open_session
from bot.integrations.clamav import ClamAv
from bot.integrations.file_store import FileStore
from bot.integrations.instrumented import InstrumentedAskue, InstrumentedMailer
from bot.integrations.password_hasher import PasswordHasher
from bot.integrations.smtp import Mailer
from bot.integrations.worker_process import WorkerProcess
from bot.metrics import Metrics
from bot.middlewares import ConversationMiddleware, Deduplicate, HandlerTimer, LogContext
from bot.notifications import Delivery
from bot.services.accounts import Accounts, SessionPolicy
from bot.services.calendar import WorkingCalendar
from bot.services.clock import Clock, SystemClock
from bot.services.deadlines import ReviewDeadlines
from bot.services.password_resets import PasswordResets
from bot.services.personal_data import PersonalDataService
from bot.services.readings import Readings
from bot.services.request_messages import RequestMessages
from bot.services.request_reports import RequestReports
from bot.services.request_workflow import RequestWorkflow
from bot.services.requests import Requests
from bot.services.scans import Scans
from bot.services.staff_chat import StaffChat
from bot.settings import Settings
from bot.telegram.callback_answer import CallbackAnswerMiddleware
from bot.telegram.deadline import WORK_SECONDS, DeadlineMiddleware, TelegramCalls
from bot.telegram.inbox import Inbox
from bot.telegram.inbox_store import DatabaseInboxStore
from bot.telegram.rate_limit import AnswerPriorityMiddleware, SendRateLimiter, build_group_limit
from bot.texts import Translations

if TYPE_CHECKING:
    from redis.asyncio import Redis


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A bot put together; tests feed its dispatcher, ``run`` lets Telegram do so."""

    bot: Bot
    dispatcher: Dispatcher
    database: Database
    delivery: Delivery
    translations: Translations
    readings: Readings
    request_reports: RequestReports
    personal_data: PersonalDataService
    metrics: Metrics
    clock: Clock
    inbox: Inbox

    async def handle(self, update: Update) -> None:
        """Handles one update to the end: when it returns, its effects are stored."""
        await self.dispatcher.feed_update(self.bot, update)

    async def render_metrics(self) -> bytes:
        """All metrics, as Prometheus reads them."""
        async with self.database.read() as tx:
            waiting = await tx.outbox.find_oldest()
            inbox = await tx.inbox.count_by_state()
        now = self.clock.now()
        return self.metrics.render(
            {kind: (count, (now - at).total_seconds()) for kind, (count, at) in waiting.items()},
            {state: inbox[state] for state in (InboxState.WAITING, InboxState.PARKED)},
        )


@asynccontextmanager
async def build_application(
    settings: Settings,
    *,
    bot: Bot,
    notices_bot: Bot,
    mailer: Mailer,
    clock: Clock | None = None,
    hasher: PasswordHasher | None = None,
    redis: "Redis | None" = None,
    calls: TelegramCalls | None = None,
) -> AsyncIterator[Application]:
    """Puts the bot together over a migrated database, and takes it apart again.

    ``calls``: the outermost middleware of the bot's session, where there is one.
    """
    async with AsyncExitStack() as stack:
        clock = clock or SystemClock()
        metrics = Metrics()
        metrics.count_errors_of(logging.getLogger("bot"))
        timezone = ZoneInfo(settings.timezone)
        company = factories.build_company(settings, timezone)
        translations = Translations.load()
        catalogue = request_types.load(settings.request_types_file)
        calendar = WorkingCalendar(settings.extra_days_off, settings.extra_working_days)
        database = Database(settings.database_url.get_secret_value())
        stack.push_async_callback(database.dispose)
        await database.migrate()
        hasher = hasher or factories.build_hasher()
        stack.callback(hasher.close)
        accounts = Accounts(
            database,
            hasher,
            clock,
            SessionPolicy(inactivity=timedelta(days=settings.session_days)),
        )
        requests = Requests(database, catalogue, calendar, clock, timezone)
        antivirus = ClamAv(settings.clamd_url) if settings.clamd_url else None
        scans = Scans(database, FileStore.open(settings.files_url), clock, antivirus)
        readings = Readings(database, clock, timezone, factories.build_reading_rules(settings))
        entry = ReadingEntryAction(readings, company)
        worker = WorkerProcess()
        stack.callback(worker.close)
        session = open_session(settings.askue_timeout)
        stack.push_async_callback(session.close)
        askue = factories.build_askue(settings, session, timezone)
        askue_queries = AskueQueries(
            InstrumentedAskue(askue, metrics) if askue else None,
            readings,
            bot,
            clock,
            factories.build_askue_layout(settings, company),
        )
        stack.push_async_callback(askue_queries.close)
        personal_data = PersonalDataService(
            database, scans, clock, factories.build_retention(settings)
        )
        deadlines = ReviewDeadlines(calendar, timezone, settings.staff_digest_hour)
        request_reports = RequestReports(
            database, deadlines, clock, timezone, settings.staff_digest_hour
        )
        storage = factories.build_storage(settings, database, clock, bot.id, redis)
        forms = Forms(
            catalogue=catalogue,
            actions={
                "registration": RegistrationAction(accounts, company, clock),
                "login": LoginAction(accounts),
                "reset": PasswordResetAction(PasswordResets(database, clock)),
                "password": PasswordChangeAction(accounts),
                "deletion": AccountDeletionAction(accounts, personal_data, scans, storage, bot.id),
                "request": RequestFilingAction(requests, catalogue, company),
                "reading": entry,
                "period": HistoryPeriodAction(readings),
                "place": MeterPlaceAction(readings),
                "askue": AskueQuery(askue_queries),
            },
            hint_providers={"reading": entry},
            scans=scans,
            clock=clock,
            calendar=calendar,
            company=company,
            lifetime=timedelta(days=settings.draft_days),
            default_supplier=settings.default_supplier,
            on_drop=askue_queries.cancel,
        )
        dispatcher = Dispatcher(
            storage=storage,
            events_isolation=DatabaseIsolation(database),
            accounts=accounts,
            requests=requests,
            readings=readings,
            worker=worker,
            askue_queries=askue_queries,
            request_workflow=RequestWorkflow(database, deadlines, clock),
            request_messages=RequestMessages(database, deadlines, clock),
            staff_chat=StaffChat(database, settings.staff_chat_id or 0),
            membership=StaffMembership(),
            request_reports=request_reports,
            password_resets=PasswordResets(database, clock),
            admins=settings.staff_admin_ids,
            clock=clock,
            scans=scans,
            catalogue=catalogue,
            company=company,
            translations=translations,
            personal_data=personal_data,
            forms=forms,
        )
        dispatcher.update.outer_middleware(LogContext(metrics))
        dispatcher.update.outer_middleware(DeadlineMiddleware(WORK_SECONDS))
        dispatcher.update.outer_middleware(Deduplicate(storage))
        dispatcher.update.outer_middleware(
            ConversationMiddleware(
                storage, accounts, translations, clock, factories.build_rate_limits(settings)
            )
        )
        dispatcher.callback_query.outer_middleware(CallbackAnswerMiddleware())
        for observer in (dispatcher.message, dispatcher.edited_message, dispatcher.callback_query):
            observer.middleware(HandlerTimer(metrics))
        dispatcher.include_router(build_router())
        rate_limiter = SendRateLimiter(group=build_group_limit(settings.staff_messages_per_minute))
        if bot is not notices_bot:
            bot.session.middleware(AnswerPriorityMiddleware(rate_limiter))
        delivery = Delivery(
            database=database,
            bot=notices_bot,
            mailer=InstrumentedMailer(mailer, metrics),
            accounts=accounts,
            scans=scans,
            personal_data=personal_data,
            translations=translations,
            catalogue=catalogue,
            company=company,
            clock=clock,
            staff_chat_id=settings.staff_chat_id or 0,
            readings=readings,
            request_reports=request_reports,
            worker=worker,
            rate_limiter=rate_limiter,
            on_outcome=metrics.count_notice,
        )
        database.on_outbox = delivery.wake

        async def handle(update: Update) -> None:
            await dispatcher.feed_update(bot, update)

        inbox = Inbox(
            bot,
            DatabaseInboxStore(
                database, storage, clock.now, exclusive=settings.webhook_url is None
            ),
            handle,
            ChatReplies(bot, storage, accounts, forms, translations),
            calls or TelegramCalls(),
            per_chat=settings.limit_inbox,
        )
        yield Application(
            bot=bot,
            dispatcher=dispatcher,
            database=database,
            delivery=delivery,
            translations=translations,
            readings=readings,
            request_reports=request_reports,
            personal_data=personal_data,
            metrics=metrics,
            clock=clock,
            inbox=inbox,
        )
