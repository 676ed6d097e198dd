"""The application: resources, services, dispatcher and delivery of notices, put together."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiogram import Bot, Dispatcher
from aiogram.types import Update
from aiohttp import web

from bot.app.dispatcher import build_dispatcher, build_forms
from bot.app.resources import Resources, open_resources
from bot.app.services import Services, build_services
from bot.app.site import build_cabinet_site
from bot.db.database import Database
from bot.db.errors import OUTAGES
from bot.db.inbox import InboxState
from bot.handlers.consumer.forms import Forms
from bot.handlers.inbox_replies import ChatReplies
from bot.integrations.instrumented import InstrumentedMailer
from bot.integrations.password_hasher import PasswordHasher
from bot.integrations.smtp import Mailer
from bot.metrics import Metrics
from bot.notifications import Delivery
from bot.notifications.senders import SenderContext
from bot.request_types import Catalogue
from bot.services import quiet_hours
from bot.services.clock import Clock
from bot.settings import Settings
from bot.telegram.deadline import TelegramCalls
from bot.telegram.inbox import Inbox
from bot.telegram.inbox_store import DatabaseInboxStore
from bot.telegram.messenger import Messenger
from bot.telegram.quiet_nights import QuietNightsMiddleware
from bot.telegram.rate_limit import AnswerPriorityMiddleware, SendRateLimiter, build_group_limit
from bot.texts import Translations

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)

#: Prometheus gives up after 10 seconds.
_COUNT_SECONDS = 3.0
_DATABASE_AWAY: tuple[type[Exception], ...] = (TimeoutError, *OUTAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The bot put together; ``run`` lets Telegram feed it updates, tests do so themselves.

    ``site`` is the cabinet on the company's site; None without SITE_URL.
    """

    bot: Bot
    dispatcher: Dispatcher
    services: Services
    delivery: Delivery
    database: Database
    catalogue: Catalogue
    translations: Translations
    metrics: Metrics
    clock: Clock
    inbox: Inbox
    site: web.Application | None

    async def handle(self, update: Update) -> None:
        """Handles one update to the end: when it returns, the effects are stored."""
        await self.dispatcher.feed_update(self.bot, update)

    async def render_metrics(self) -> bytes:
        """All metrics in the text format of Prometheus, also while the database is away."""
        try:
            async with asyncio.timeout(_COUNT_SECONDS), self.database.read() as tx:
                waiting = await tx.outbox.find_oldest()
                inbox = await tx.inbox.count_by_state()
        except _DATABASE_AWAY as error:
            log.warning("what waits was not counted: %s", type(error).__name__)
            return self.metrics.render(None, None)
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
    """Builds the application over a migrated database, and closes what it opened.

    ``notices_bot`` sends notices; with a session of its own it does not slow down answers.
    ``calls``: the outermost middleware of the bot's session, where there is one.
    """
    async with AsyncExitStack() as stack:
        resources = await open_resources(
            stack, settings, bot_id=bot.id, clock=clock, hasher=hasher, redis=redis
        )
        services = build_services(resources)
        stack.push_async_callback(services.askue_queries.close)
        forms = build_forms(resources, services, mailer)
        dispatcher = build_dispatcher(resources, services, forms)
        delivery = _build_delivery(resources, services, bot, notices_bot, mailer)
        resources.database.on_outbox = delivery.wake
        resources.metrics.expose_kinds(
            updates=dispatcher.resolve_used_update_types(), notices=delivery.kinds
        )
        calls = calls or TelegramCalls()
        messenger = Messenger(notices_bot, SendRateLimiter())
        yield Application(
            bot=bot,
            dispatcher=dispatcher,
            services=services,
            delivery=delivery,
            database=resources.database,
            catalogue=resources.catalogue,
            translations=resources.translations,
            metrics=resources.metrics,
            clock=resources.clock,
            inbox=_build_inbox(resources, services, forms, bot, dispatcher, calls),
            site=build_cabinet_site(resources, services, mailer, messenger.find_bot_name),
        )


def _build_inbox(
    resources: Resources,
    services: Services,
    forms: Forms,
    bot: Bot,
    dispatcher: Dispatcher,
    calls: TelegramCalls,
) -> Inbox:
    settings = resources.settings

    async def handle(update: Update) -> None:
        await dispatcher.feed_update(bot, update)

    store = DatabaseInboxStore(
        resources.database,
        resources.storage,
        resources.clock.now,
        exclusive=settings.webhook_url is None,
    )
    replies = ChatReplies(bot, resources.storage, services.accounts, forms, resources.translations)
    return Inbox(bot, store, handle, replies, calls, per_chat=settings.limit_inbox)


def _build_delivery(
    resources: Resources, services: Services, bot: Bot, notices_bot: Bot, mailer: Mailer
) -> Delivery:
    settings = resources.settings
    rate_limiter = SendRateLimiter(group=build_group_limit(settings.staff_messages_per_minute))
    clock, timezone = resources.clock, resources.timezone
    for session in {bot.session, notices_bot.session}:
        session.middleware(
            QuietNightsMiddleware(lambda: quiet_hours.FOR_STAFF.is_quiet(clock.now(), timezone))
        )
    if bot is not notices_bot:
        bot.session.middleware(AnswerPriorityMiddleware(rate_limiter))
    return Delivery(
        SenderContext(
            database=resources.database,
            messenger=Messenger(notices_bot, rate_limiter),
            translations=resources.translations,
            catalogue=resources.catalogue,
            company=resources.company,
            clock=resources.clock,
        ),
        bot=notices_bot,
        mailer=InstrumentedMailer(mailer, resources.metrics),
        passwords=services.passwords,
        password_resets=services.password_resets,
        codes=services.one_time_codes,
        scans=services.scans,
        file_cleanup=services.file_cleanup,
        documents=services.documents,
        personal_data=services.personal_data,
        escalations=services.escalations,
        readings=services.readings,
        request_reports=services.request_reports,
        staff_chats=services.staff_chats,
        worker=resources.worker,
        unproved_cap=services.unproved_letter_cap,
        on_outcome=resources.metrics.count_notice,
    )
