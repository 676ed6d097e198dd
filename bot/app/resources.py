"""Resources of the application: what settings open or load, and what the exit closes again."""

import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot import canned_answers, request_types
from bot.app import factories
from bot.canned_answers import CannedAnswers
from bot.db.database import Database
from bot.formatting.company import Company
from bot.fsm.storage import DatabaseConversationStorage
from bot.integrations.askue import AskueClient, open_session
from bot.integrations.askue_80020 import PARSING_LIMITS
from bot.integrations.clamav import ClamAv
from bot.integrations.file_store import FileStore
from bot.integrations.instrumented import InstrumentedAskue
from bot.integrations.password_hasher import PasswordHasher
from bot.integrations.typesetting import Templates, load_templates
from bot.integrations.worker_process import WorkerProcess
from bot.metrics import Metrics
from bot.request_types import Catalogue
from bot.services.calendar import WorkingCalendar
from bot.services.clock import Clock, SystemClock
from bot.services.documents import TYPESETTING_LIMITS, check_templates
from bot.services.scans import INSPECTION_LIMITS
from bot.services.staff_routes import StaffRoutes
from bot.settings import Settings
from bot.telegram.deadline import pause_work
from bot.texts import Translations

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from bot.fsm.redis import RedisConversationStorage


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """``bot_id`` is the id of the Telegram bot; ``timezone`` is the company's."""

    settings: Settings
    bot_id: int
    clock: Clock
    timezone: ZoneInfo
    calendar: WorkingCalendar
    company: Company
    catalogue: Catalogue
    staff_routes: StaffRoutes
    canned_answers: CannedAnswers
    translations: Translations
    metrics: Metrics
    database: Database
    storage: "DatabaseConversationStorage | RedisConversationStorage"
    file_store: FileStore
    hasher: PasswordHasher
    worker: WorkerProcess
    inspection_worker: WorkerProcess
    typesetting_worker: WorkerProcess
    templates: Templates
    antivirus: ClamAv | None
    askue: AskueClient | None


async def open_resources(
    stack: AsyncExitStack,
    settings: Settings,
    *,
    bot_id: int,
    clock: Clock | None = None,
    hasher: PasswordHasher | None = None,
    redis: "Redis | None" = None,
) -> Resources:
    """Opens everything and migrates the database; ``stack`` closes it, ``redis`` excepted.

    ``clock`` and ``hasher`` take the place of the usual ones. Raises CatalogueError,
    StaffRoutesError, CannedAnswersError, AccessFileError and TemplatesError.
    """
    clock = clock or SystemClock()
    metrics = Metrics()
    metrics.count_errors_of(logging.getLogger("bot"))
    timezone = ZoneInfo(settings.timezone)
    catalogue = request_types.load(settings.request_types_file)
    database = Database(settings.database_url.get_secret_value())
    stack.push_async_callback(database.dispose)
    await database.migrate()
    hasher = hasher or factories.build_hasher()
    stack.callback(hasher.close)
    worker = WorkerProcess()
    stack.push_async_callback(worker.close)
    # Costly files of other chats must not use up the deadline of an update.
    inspection_worker = WorkerProcess(INSPECTION_LIMITS, pause=pause_work)
    stack.push_async_callback(inspection_worker.close)
    typesetting_worker = WorkerProcess(TYPESETTING_LIMITS, pause=pause_work)
    stack.push_async_callback(typesetting_worker.close)
    company = factories.build_company(settings, timezone)
    translations = Translations.load()
    templates = load_templates(settings.templates_dir)
    if settings.templates_dir is not None:
        samples = factories.build_document_samples(catalogue, company, translations)
        await check_templates(typesetting_worker, templates, samples)
    session = open_session(settings.askue_timeout)
    stack.push_async_callback(session.close)
    exchange_worker = WorkerProcess(PARSING_LIMITS)
    stack.push_async_callback(exchange_worker.close)
    askue = factories.build_askue(settings, session, timezone, hasher, exchange_worker)
    return Resources(
        settings=settings,
        bot_id=bot_id,
        clock=clock,
        timezone=timezone,
        calendar=WorkingCalendar(settings.extra_days_off, settings.extra_working_days),
        company=company,
        catalogue=catalogue,
        staff_routes=factories.build_staff_routes(settings, catalogue),
        canned_answers=canned_answers.load(
            settings.canned_answers_file,
            locales=translations.locales,
            type_codes=[one.code for one in catalogue.types],
        ),
        translations=translations,
        metrics=metrics,
        database=database,
        storage=factories.build_storage(settings, database, clock, bot_id, redis),
        file_store=factories.open_file_store(settings, pause=pause_work),
        hasher=hasher,
        worker=worker,
        inspection_worker=inspection_worker,
        typesetting_worker=typesetting_worker,
        templates=templates,
        antivirus=ClamAv(settings.clamd_url) if settings.clamd_url else None,
        askue=InstrumentedAskue(askue, metrics) if askue else None,
    )
