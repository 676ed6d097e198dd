"""The command ``run``: receives updates and delivers notices until a signal stops it."""

import asyncio
import gc
import logging
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramAPIError
from aiohttp import web

from bot import __version__
from bot.app import factories
from bot.app.container import Application, build_application
from bot.app.forced_exit import force_exit_after
from bot.db.errors import OUTAGES
from bot.handlers.command_menus import set_menu_button, set_menus
from bot.notifications import backlog_monitor, staff_notices
from bot.notifications.periodic import run_periodically
from bot.notifications.reading_reminders import run_reading_reminders
from bot.services.clock import Clock
from bot.settings import Settings, SettingsError
from bot.telegram.deadline import TelegramCalls
from bot.telegram.polling import Polling
from bot.telegram.retry import RetryMiddleware
from bot.telegram.webhook import IN_HAND, WEBHOOK_PATH, Webhook, WebhookReply
from bot.web.listening import listen
from bot.web.server import build_web

if TYPE_CHECKING:
    from redis.asyncio import Redis


log = logging.getLogger(__name__)

_AWAY: tuple[type[Exception], ...] = (TelegramAPIError, *OUTAGES)

#: How long a clean stop may take, seconds; section 1 of the contract.
STOP_SECONDS = 10.0

_FORGET_SECONDS = 12 * 3600.0
_SWEEP_SECONDS = 24 * 3600.0
_CLARIFICATION_SECONDS = 600.0
_ESCALATION_SECONDS = 60.0
_WORDS_SECONDS = 5.0


async def serve(settings: Settings, clock: Clock | None) -> int:
    """Runs until a signal.

    Raises SettingsError, CatalogueError, WrongDatabase, WrongMailServer and OUTAGES.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopping.set()
        # A start may hang as well: a database that takes the connection and says nothing.
        force_exit_after(STOP_SECONDS - 1)

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    async with AsyncExitStack() as stack:
        bot, notices_bot = factories.build_bot(settings), factories.build_bot(settings)
        for one in (bot, notices_bot):
            stack.push_async_callback(one.session.close)
        calls = TelegramCalls()
        bot.session.middleware(calls)
        bot.session.middleware(RetryMiddleware())
        mailer = factories.build_mailer(settings)
        redis = factories.connect_redis(settings)
        if redis is not None:
            stack.push_async_callback(redis.aclose)
            await factories.verify_redis(redis)
        app = await stack.enter_async_context(
            build_application(
                settings,
                bot=bot,
                notices_bot=notices_bot,
                mailer=mailer,
                clock=clock,
                redis=redis,
                calls=calls,
            )
        )
        # The one that does not repeat calls.
        await asyncio.gather(_verify_token(notices_bot), mailer.verify_security())
        if settings.webhook_url:
            # Last, so that it runs inside the middlewares that count and repeat calls.
            bot.session.middleware(WebhookReply())
        await stack.enter_async_context(app.inbox.run())
        if settings.web_port:
            stack.push_async_callback(await _start_web(settings, app, redis, stopping))
        if app.site is not None:
            stack.push_async_callback(
                await _listen(app.site, "SITE_PORT", settings.site_host, settings.site_port)
            )
        not_erased = partial(log.error, "expired data was not erased: %s")
        not_swept = partial(log.warning, "the file store was not swept: %s")
        not_checked = partial(log.error, "clarifications were not checked: %s")
        async with asyncio.TaskGroup() as group:
            workers = [
                group.create_task(app.delivery.run()),
                group.create_task(run_reading_reminders(app.services.readings)),
                group.create_task(staff_notices.run_reminders(app.services.request_reports)),
                group.create_task(staff_notices.run_boards(app.services.request_reports)),
                group.create_task(
                    run_periodically(
                        app.services.escalations.put_escalations,
                        _ESCALATION_SECONDS,
                        partial(log.error, "escalations were not stored: %s"),
                    )
                ),
                group.create_task(
                    run_periodically(
                        app.services.escalations.put_weekly_pictures,
                        _ESCALATION_SECONDS,
                        partial(log.error, "the weekly picture was not stored: %s"),
                    )
                ),
                group.create_task(
                    run_periodically(
                        app.services.request_words.update_index,
                        _WORDS_SECONDS,
                        partial(log.error, "words of requests were not indexed: %s"),
                    )
                ),
                group.create_task(
                    backlog_monitor.run_backlog_monitor(
                        backlog_monitor.BacklogMonitor(app.database, app.clock)
                    )
                ),
                group.create_task(
                    run_periodically(
                        app.services.request_workflow.check_clarifications,
                        _CLARIFICATION_SECONDS,
                        not_checked,
                    )
                ),
                group.create_task(_register_with_telegram(app, settings)),
                # Erasing twice is harmless, so that every process may do it.
                group.create_task(
                    run_periodically(
                        app.services.personal_data.forget_expired, _FORGET_SECONDS, not_erased
                    )
                ),
                group.create_task(
                    run_periodically(
                        app.services.file_cleanup.remove_orphans, _SWEEP_SECONDS, not_swept
                    )
                ),
            ]
            polling = None
            if not settings.webhook_url:
                polling = Polling(bot, app.inbox, app.dispatcher.resolve_used_update_types())
                workers.append(group.create_task(polling.run()))
            # The objects of the start live for ever: the collector need not visit them again.
            gc.collect()
            gc.freeze()
            log.info("the bot is running, version %s", __version__)
            await stopping.wait()
            log.info("stopping")
            if polling is not None:
                await polling.stop()
            for worker in workers:
                worker.cancel()
    return 0


async def _verify_token(bot: Bot) -> None:
    """Raises SettingsError for a token that Telegram does not know; while it is away, nothing."""
    try:
        await factories.verify_token(bot)
    except AiogramError as error:
        log.warning("Telegram does not answer: %s, it is waited for", type(error).__name__)


async def _start_web(
    settings: Settings, app: Application, redis: "Redis | None", stopping: asyncio.Event
) -> Callable[[], Awaitable[None]]:
    """Serves health, metrics and, when it is set, the webhook; returns the function that stops."""

    async def check_running() -> None:
        if stopping.is_set():
            raise ConnectionError("the bot is stopping")

    probes: dict[str, Callable[[], Awaitable[object]]] = {
        "bot": check_running,
        "database": app.database.probe,
    }
    if redis is not None:
        probes["redis"] = partial(factories.probe_redis, redis)
    secret = settings.webhook_secret
    post_routes: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {}
    if settings.webhook_url and secret:
        webhook = Webhook(app.bot, secret.get_secret_value(), app.inbox)
        post_routes[WEBHOOK_PATH] = webhook.receive
    site = build_web(probes=probes, metrics=app.render_metrics, post_routes=post_routes)
    return await _listen(site, "WEB_PORT", settings.web_host, settings.web_port)


async def _listen(
    site: web.Application, setting: str, host: str, port: int
) -> Callable[[], Awaitable[None]]:
    """Serves; returns the function that stops. Raises SettingsError when the port is taken."""
    try:
        runner = await listen(site, host, port, shutdown_timeout=STOP_SECONDS - 2)
    except OSError as error:
        raise SettingsError(
            f"{setting}: {host}:{port} is not to be had: {error.strerror}"
        ) from None
    return runner.cleanup


async def _register_with_telegram(app: Application, settings: Settings) -> None:
    """Sets webhook and menus, and retries until Telegram can be reached."""
    secret = settings.webhook_secret
    pause = 1.0
    while True:
        try:
            if settings.webhook_url and secret:
                await app.bot.set_webhook(
                    f"{settings.webhook_url}{WEBHOOK_PATH}",
                    secret_token=secret.get_secret_value(),
                    max_connections=IN_HAND,
                    allowed_updates=app.dispatcher.resolve_used_update_types(),
                )
            else:
                await app.bot.delete_webhook()
            await set_menus(
                app.bot,
                app.translations,
                # The present ids: Telegram keeps no menu for a group that was upgraded.
                await app.services.staff_chats.list_chat_ids() if settings.staff_chat_id else (),
            )
            await set_menu_button(app.bot, app.translations, settings.site_url)
        except _AWAY as error:
            log.warning("Telegram could not be set up: %s, again soon", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 60.0)
        else:
            return
