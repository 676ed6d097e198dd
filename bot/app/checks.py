"""The command ``check``: probes every dependency of the bot."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import ClientSession, ClientTimeout

from bot import __version__
from bot.app import factories
from bot.canned_answers import load as load_canned_answers
from bot.db.database import Database
from bot.db.migrations.runner import get_newest_revision, is_newer
from bot.integrations.askue import open_session
from bot.integrations.askue_80020 import PARSING_LIMITS
from bot.integrations.askue_access import load_access
from bot.integrations.clamav import ClamAv
from bot.integrations.file_inspection import load_parsers
from bot.integrations.typesetting import load_templates
from bot.integrations.worker_process import WorkerProcess
from bot.request_types import load as load_request_types
from bot.services.documents import TYPESETTING_LIMITS, check_templates
from bot.services.scans import INSPECTION_LIMITS
from bot.settings import Settings, SettingsError
from bot.texts import Translations

#: How long one probe may take, seconds: a busy machine is slow to typeset the samples of documents.
_CHECK_SECONDS = 30.0


async def check_everything(settings: Settings) -> int:
    """Tells the version and probes the dependencies; returns 1 when one of them fails."""
    print(f"VERSION: ok, {__version__}")
    failed = False
    async for name, verdict in run_checks(settings):
        if isinstance(verdict, Exception):
            failed = True
            print(f"{name}: FAILED: {type(verdict).__name__}: {verdict}")
        else:
            print(f"{name}: {verdict}")
    return int(failed)


async def run_checks(settings: Settings) -> AsyncIterator[tuple[str, str | Exception]]:
    """Each dependency with what its probe says, or with the error that it raised."""
    for name, probe in _build_probes(settings).items():
        verdict: str | Exception
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                verdict = await probe()
        except TimeoutError as error:
            verdict = TimeoutError(str(error) or f"no answer within {_CHECK_SECONDS:.0f} s")
        except Exception as error:
            verdict = error
        yield name, verdict


async def _check_exchange(settings: Settings, access_file: Path) -> str:
    consumers = load_access(access_file)
    worker = WorkerProcess(PARSING_LIMITS)
    hasher = factories.build_hasher()
    try:
        async with open_session(settings.askue_timeout) as session:
            exchange = factories.build_exchange(
                settings, session, ZoneInfo(settings.timezone), hasher, worker
            )
            points = await exchange.count_points()
    finally:
        hasher.close()
        await worker.close()
    return f"ok, consumers: {len(consumers)}, measuring points: {points}"


def _build_probes(settings: Settings) -> dict[str, Callable[[], Awaitable[str]]]:
    async def check_request_types() -> str:
        loaded = load_request_types(settings.request_types_file)
        return f"ok, {len(loaded.types)} types"

    async def check_canned_answers() -> str:
        load_canned_answers(
            settings.canned_answers_file,
            locales=Translations.load().locales,
            type_codes=[one.code for one in load_request_types(settings.request_types_file).types],
        )
        return "ok"

    async def check_documents() -> str:
        catalogue = load_request_types(settings.request_types_file)
        company = factories.build_company(settings, ZoneInfo(settings.timezone))
        samples = factories.build_document_samples(catalogue, company, Translations.load())
        worker = WorkerProcess(TYPESETTING_LIMITS)
        try:
            await check_templates(worker, load_templates(settings.templates_dir), samples)
        finally:
            await worker.close()
        return f"ok, {len(samples)} documents"

    async def check_database() -> str:
        opened = Database(settings.database_url.get_secret_value())
        try:
            revision = await opened.find_revision()
            if revision is None:
                return "ok, empty: its schema is made by migrate or run"
            newest = get_newest_revision()
            if revision != newest and not is_newer(revision):
                return f"ok, schema {revision}, {newest} after migrate or run"
            await opened.probe()
        finally:
            await opened.dispose()
        if revision == newest:
            return f"ok, schema {revision}"
        return f"ok, schema {revision}, made by a newer version; this one knows {newest}"

    async def check_redis() -> str:
        opened = factories.connect_redis(settings)
        if opened is None:
            return "not set: conversation state lives in the database"
        async with opened:
            await factories.verify_redis(opened)
            await factories.probe_redis(opened)
        return "ok"

    async def check_telegram() -> str:
        if settings.bot_token is None:
            raise SettingsError("BOT_TOKEN is not set")
        async with factories.build_bot(settings) as bot:
            me = await factories.verify_token(bot)
            if settings.staff_chat_id is None:
                raise SettingsError("STAFF_CHAT_ID is not set")
            catalogue = load_request_types(settings.request_types_file)
            routes = factories.build_staff_routes(settings, catalogue)
            groups = [settings.staff_chat_id, *routes.list_chat_ids()]
            for chat_id in groups:
                await bot.get_chat(chat_id)
        return f"ok, @{me.username}, staff groups: {len(groups)}"

    async def check_smtp() -> str:
        if settings.smtp_host is None:
            raise SettingsError("SMTP_HOST is not set")
        mailer = factories.build_mailer(settings)
        await mailer.verify_security()
        await mailer.ping()
        return "ok"

    async def check_files() -> str:
        await factories.open_file_store(settings).ping()
        inspection_worker = WorkerProcess(INSPECTION_LIMITS)
        try:
            await inspection_worker.run(load_parsers)
        finally:
            await inspection_worker.close()
        return "ok"

    async def check_clamav() -> str:
        if settings.clamd_url is None:
            return "not set: files are not checked for viruses"
        await ClamAv(settings.clamd_url).ping()
        return "ok"

    async def check_askue() -> str:
        if settings.askue_url is None:
            return "not connected"
        if settings.askue_access_file is not None:
            return await _check_exchange(settings, settings.askue_access_file)
        timeout = ClientTimeout(total=settings.askue_timeout)
        # Without credentials any answer of the gateway shows that it is there.
        async with (
            ClientSession(timeout=timeout) as session,
            session.get(f"{settings.askue_url}/readings") as answer,
        ):
            if answer.status >= 500:
                raise ConnectionError(f"the gateway answers {answer.status}")
        return "ok"

    async def check_site() -> str:
        if settings.site_url is None:
            return "not set: the cabinet is in Telegram only"
        if settings.company_logo_file is not None:
            # The user of this process may have no right to read it.
            settings.company_logo_file.read_bytes()
        return f"ok, {settings.site_url}, served on {settings.site_host}:{settings.site_port}"

    return {
        "REQUEST_TYPES_FILE": check_request_types,
        "CANNED_ANSWERS_FILE": check_canned_answers,
        "TEMPLATES_DIR": check_documents,
        "DATABASE_URL": check_database,
        "REDIS_URL": check_redis,
        "TELEGRAM_API_URL": check_telegram,
        "SMTP_HOST": check_smtp,
        "FILES_URL": check_files,
        "CLAMD_URL": check_clamav,
        "ASKUE_URL": check_askue,
        "SITE_URL": check_site,
    }
