"""The application: resources, services, dispatcher and delivery of notices, put together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiogram import Bot, Dispatcher
from aiogram.types import Update

from bot.app.dispatcher import build_dispatcher, build_forms
from bot.app.resources import Resources, open_resources
from bot.app.services import Services, build_services
from bot.db.database import Database
from bot.integrations.instrumented import InstrumentedMailer
from bot.integrations.password_hasher import PasswordHasher
from bot.integrations.smtp import Mailer
from bot.metrics import Metrics
from bot.notifications import Delivery
from bot.notifications.senders import SenderContext
from bot.request_types import Catalogue
from bot.services.clock import Clock
from bot.settings import Settings
from bot.telegram.messenger import Messenger
from bot.telegram.rate_limit import AnswerPriorityMiddleware, SendRateLimiter, build_group_limit
from bot.texts import Translations

if TYPE_CHECKING:
    from redis.asyncio import Redis


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The bot put together; ``run`` lets Telegram feed it updates, tests do so themselves."""

    bot: Bot
    dispatcher: Dispatcher
    services: Services
    delivery: Delivery
    database: Database
    catalogue: Catalogue
    translations: Translations
    metrics: Metrics
    clock: Clock

    async def handle(self, update: Update) -> None:
        """Handles one update to the end: when it returns, the effects are stored."""
        await self.dispatcher.feed_update(self.bot, update)

    async def render_metrics(self) -> bytes:
        """All metrics in the text format of Prometheus."""
        async with self.database.read() as tx:
            waiting = await tx.outbox.find_oldest()
        now = self.clock.now()
        return self.metrics.render(
            {kind: (count, (now - at).total_seconds()) for kind, (count, at) in waiting.items()}
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
) -> AsyncIterator[Application]:
    """Builds the application over a migrated database, and closes what it opened.

    ``notices_bot`` sends notices; with a session of its own it does not slow down answers.
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
        )


def _build_delivery(
    resources: Resources, services: Services, bot: Bot, notices_bot: Bot, mailer: Mailer
) -> Delivery:
    settings = resources.settings
    rate_limiter = SendRateLimiter(group=build_group_limit(settings.staff_messages_per_minute))
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
        accounts=services.accounts,
        scans=services.scans,
        personal_data=services.personal_data,
        readings=services.readings,
        request_reports=services.request_reports,
        staff_chat=services.staff_chat,
        worker=resources.worker,
        unproved_cap=services.unproved_letter_cap,
        on_outcome=resources.metrics.count_notice,
    )
