"""The command ``check``: whether everything the bot depends on can be reached."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import ClientSession, ClientTimeout

from bot import catalogue as catalogues
from bot.app import parts
from bot.db.database import Database
from bot.services.antivirus import Clamd
from bot.services.files import EXAMINATION_LIMITS, FileStore
from bot.services.inspection import load_parsers
from bot.services.workshop import Workshop
from bot.settings import Settings, SettingsError

_CHECK_SECONDS = 15.0


async def reach_everything(settings: Settings) -> int:
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
        opened = parts.redis(settings)
        if opened is None:
            return "not set: conversation state lives in the database"
        async with opened:
            await opened.ping()
        return "ok"

    async def telegram_api() -> str:
        if settings.bot_token is None:
            raise SettingsError("BOT_TOKEN is not set")
        async with parts.telegram(settings) as bot:
            me = await bot.get_me()
            if settings.staff_chat_id is None:
                raise SettingsError("STAFF_CHAT_ID is not set")
            await bot.get_chat(settings.staff_chat_id)
        return f"ok, @{me.username}"

    async def smtp() -> str:
        if settings.smtp_host is None:
            raise SettingsError("SMTP_HOST is not set")
        await parts.mailer(settings).ping()
        return "ok"

    async def files() -> str:
        await FileStore.open(settings.files_url).ping()
        examination = Workshop(EXAMINATION_LIMITS)
        try:
            await examination.run(load_parsers)
        finally:
            await examination.close()
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
