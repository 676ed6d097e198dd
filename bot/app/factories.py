"""Factories: build parts of the application from the settings."""

import ssl
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import LinkPreviewOptions, User
from aiohttp import ClientSession
from sqlalchemy import URL, make_url

from bot.db.database import Database
from bot.domain import Channel, ObjectKind
from bot.formatting import documents, reading_documents
from bot.formatting.askue import AskueLayout
from bot.formatting.company import Company
from bot.fsm.storage import DatabaseConversationStorage
from bot.integrations.askue import AskueClient, AskueGateway, AskueTerms, LersUchet
from bot.integrations.askue_80020 import Exchange80020, FolderSource, UrlSource
from bot.integrations.askue_access import AskueAccess
from bot.integrations.file_store import FileStore
from bot.integrations.password_hasher import PasswordHasher
from bot.integrations.smtp import SmtpMailer
from bot.integrations.typesetting import Document
from bot.integrations.worker_process import WorkerProcess
from bot.request_types import Catalogue
from bot.services.account_limits import AccountLimits
from bot.services.clock import Clock
from bot.services.escalations import EscalationPolicy
from bot.services.personal_data import Retention
from bot.services.rate_limits import OF_ACCOUNT, LimitedAction, RateLimit
from bot.services.reading_windows import ReadingWindow
from bot.services.readings import ReadingRules
from bot.services.sessions import SessionPolicy
from bot.services.staff_routes import StaffRoutes, load_staff_routes
from bot.settings import Settings, SettingsError
from bot.telegram.session import JsonSession
from bot.texts import Translations

if TYPE_CHECKING:
    from obstore.store import S3Config
    from redis.asyncio import Redis

    from bot.fsm.redis import RedisConversationStorage

_REDIS_SECONDS = 5.0
#: How long a start waits for Telegram.
_TOKEN_SECONDS = 5
#: Rest between two hashes: a crowd that logs in takes less than half a core, 15 people a second.
_REST_SECONDS = 0.05


def list_private_paths(settings: Settings) -> list[Path]:
    """Files and folders of this machine that hold personal data, and the database's folder."""
    paths = list_data_paths(settings)
    url = make_url(settings.database_url.get_secret_value())
    if _is_file(url):
        paths.insert(0, Path(url.database or "").parent)
    if settings.askue_access_file is not None:
        paths.append(settings.askue_access_file)
    return paths


def list_data_paths(settings: Settings) -> list[Path]:
    """The database's files and the folder of scans, as far as they are on this machine."""
    paths = []
    url = make_url(settings.database_url.get_secret_value())
    if _is_file(url):
        # What is not in the file yet is in those beside it.
        paths += [Path(f"{url.database}{end}") for end in ("", "-wal", "-shm")]
    if settings.files_url.startswith("file://"):
        paths.append(Path(unquote(settings.files_url.removeprefix("file://"))))
    return paths


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and bool(url.database)


def build_escalation_policy(settings: Settings) -> EscalationPolicy:
    return EscalationPolicy(
        chat_ids=settings.staff_admin_ids,
        emails=settings.staff_admin_emails,
        overdue_after=timedelta(days=settings.staff_escalation_days),
        untaken_after=timedelta(minutes=settings.staff_escalation_minutes),
    )


def build_staff_routes(settings: Settings, catalogue: Catalogue) -> StaffRoutes:
    """Raises StaffRoutesError."""
    if settings.staff_routes_file is None:
        return StaffRoutes()
    return load_staff_routes(
        settings.staff_routes_file,
        settings.staff_chat_id or 0,
        [one.code for one in catalogue.types],
    )


def build_storage(
    settings: Settings, database: Database, clock: Clock, bot_id: int, redis: "Redis | None"
) -> "DatabaseConversationStorage | RedisConversationStorage":
    if redis is None:
        return DatabaseConversationStorage(database, clock.now)
    from bot.fsm.redis import RedisConversationStorage  # noqa: PLC0415

    return RedisConversationStorage(redis, bot_id, timedelta(days=settings.keep_conversations_days))


def build_hasher() -> PasswordHasher:
    return PasswordHasher(rest=_REST_SECONDS)


def build_rate_limits(settings: Settings) -> Mapping[LimitedAction, RateLimit]:
    """The limits of one chat."""
    return {
        what: RateLimit(*getattr(settings, f"limit_{what}"))
        for what in LimitedAction
        if what not in OF_ACCOUNT
    }


def build_session_policies(settings: Settings) -> Mapping[Channel, SessionPolicy]:
    return {
        Channel.TELEGRAM: SessionPolicy(
            inactivity=timedelta(days=settings.session_days),
            lifetime=timedelta(days=settings.session_max_days),
        ),
        Channel.WEB: SessionPolicy(
            inactivity=timedelta(minutes=settings.site_session_minutes),
            lifetime=timedelta(hours=settings.site_session_hours),
        ),
    }


def build_account_limits(settings: Settings) -> AccountLimits:
    return AccountLimits(
        {what: RateLimit(*getattr(settings, f"limit_{what}")) for what in OF_ACCOUNT}
    )


def build_retention(settings: Settings) -> Retention:
    return Retention(
        requests=timedelta(days=settings.keep_requests_days),
        scans=timedelta(days=settings.keep_scans_days),
        conversations=timedelta(days=settings.keep_conversations_days),
        notices=timedelta(days=settings.keep_notices_days),
    )


def build_company(settings: Settings, timezone: ZoneInfo) -> Company:
    return Company(
        name=settings.company_name,
        support_phone=settings.support_phone,
        support_email=settings.support_email,
        privacy_policy_url=settings.privacy_policy_url,
        timezone=timezone,
        consent_version=settings.consent_version,
        inn=settings.company_inn,
        address=settings.company_address,
        color=settings.company_color,
        site_url=settings.site_url,
    )


def build_document_samples(
    catalogue: Catalogue, company: Company, translations: Translations
) -> list[Document]:
    """One of each kind of document, by which templates are checked."""
    texts = translations.get_texts(translations.locales[0])
    return [
        *documents.build_samples(catalogue, company, texts),
        reading_documents.build_sample(company, texts),
    ]


def build_askue(
    settings: Settings,
    session: ClientSession,
    timezone: ZoneInfo,
    hasher: PasswordHasher,
    worker: WorkerProcess,
) -> AskueClient | None:
    """``worker`` parses 80020 files: it has PARSING_LIMITS."""
    if settings.askue_url is None:
        return None
    if settings.askue_access_file is not None:
        return build_exchange(settings, session, timezone, hasher, worker)
    if settings.askue_kind == "lers":
        return LersUchet(session, settings.askue_url, timezone, settings.askue_timeout)
    return AskueGateway(session, settings.askue_url, timezone)


def build_exchange(
    settings: Settings,
    session: ClientSession,
    timezone: ZoneInfo,
    hasher: PasswordHasher,
    worker: WorkerProcess,
) -> Exchange80020:
    url, token = settings.askue_url or "", settings.askue_token
    source = (
        FolderSource(Path(unquote(url.removeprefix("file://"))))
        if url.startswith("file://")
        else UrlSource(session, url, token.get_secret_value() if token else None)
    )
    access = AskueAccess(settings.askue_access_file or Path(), hasher)
    return Exchange80020(source, access, worker, timezone, settings.askue_timeout)


def build_askue_layout(settings: Settings, company: Company) -> AskueLayout:
    terms = AskueTerms(
        active_unit=settings.askue_active_unit,
        reactive_unit=settings.askue_reactive_unit,
        stale_after=timedelta(hours=settings.askue_stale_hours),
    )
    return AskueLayout(terms=terms, company=company)


def build_reading_rules(settings: Settings) -> ReadingRules:
    return ReadingRules(
        jump=settings.reading_jump,
        windows={
            kind: ReadingWindow(first=first, last=last, due=due)
            for kind, (first, last, due) in (
                (ObjectKind.DWELLING, settings.readings_window_dwelling),
                (ObjectKind.OTHER, settings.readings_window_other),
            )
        },
        remind_days=settings.readings_remind_days,
    )


def build_bot(settings: Settings) -> Bot:
    """A bot with a session of its own, which the caller closes."""
    return Bot(
        settings.bot_token.get_secret_value() if settings.bot_token else "",
        session=_build_session(settings),
        default=DefaultBotProperties(
            parse_mode="HTML",
            link_preview=LinkPreviewOptions(is_disabled=True),
            # The message that is replied to may have been deleted.
            allow_sending_without_reply=True,
        ),
    )


async def verify_token(bot: Bot) -> User:
    """Who the bot is; raises SettingsError for a token that Telegram does not know.

    Raises AiogramError while Telegram is away.
    """
    try:
        return await bot.get_me(request_timeout=_TOKEN_SECONDS)
    except (TelegramUnauthorizedError, TelegramNotFound):
        raise SettingsError(
            "BOT_TOKEN: Telegram does not know it; take the present one from @BotFather"
        ) from None


def _build_session(settings: Settings) -> JsonSession:
    api = TelegramAPIServer.from_base(settings.telegram_api_url)
    if (proxy := settings.telegram_proxy_url) is None:
        return JsonSession(api=api)
    from bot.telegram.proxy_session import ProxySession  # noqa: PLC0415

    return ProxySession(api=api, proxy=proxy.get_secret_value())


def open_file_store(
    settings: Settings, pause: Callable[[], AbstractContextManager[None]] = nullcontext
) -> FileStore:
    """``pause`` lasts while the store is waited for."""
    key_id, key = settings.aws_access_key_id, settings.aws_secret_access_key
    options: S3Config = {}
    if key_id and key:
        options["access_key_id"] = key_id.get_secret_value()
        options["secret_access_key"] = key.get_secret_value()
    if settings.aws_region:
        options["region"] = settings.aws_region
    if settings.aws_endpoint:
        options["endpoint"] = settings.aws_endpoint
    return FileStore.open(
        settings.files_url, options, allow_http=settings.aws_allow_http, pause=pause
    )


def build_mailer(settings: Settings) -> SmtpMailer:
    """Raises SettingsError when the certificates cannot be read, or the sender is no address."""
    password = settings.smtp_password
    try:
        tls_context = ssl.create_default_context(cafile=settings.smtp_ca_file)
    except OSError as error:
        raise SettingsError(f"SMTP_CA_FILE: no certificates in PEM: {error.strerror}") from None
    try:
        return SmtpMailer(
            host=settings.smtp_host or "",
            port=settings.smtp_port,
            username=settings.smtp_username,
            password=password.get_secret_value() if password else None,
            security=settings.smtp_security,
            sender=settings.mail_from or "",
            tls_context=tls_context,
        )
    except ValueError as error:
        raise SettingsError(f"MAIL_FROM: {error}") from None


def connect_redis(settings: Settings) -> "Redis | None":
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
        # After a restart of Redis each pooled connection fails once.
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 3),
    )


async def probe_redis(redis: "Redis") -> None:
    """Writes a test value: one that is full or read-only still answers every question."""
    await redis.set("cabinet:probe", "", ex=60)


async def verify_redis(redis: "Redis") -> None:
    """Raises SettingsError for a wrong password, and for a node of a cluster.

    An update's keys are read and written together, and a cluster keeps them on several nodes.
    While Redis is away or silent, nothing is raised.
    """
    from redis.exceptions import AuthenticationError, RedisError  # noqa: PLC0415

    try:
        found = await redis.info("cluster")
    except AuthenticationError:
        raise SettingsError(
            "REDIS_URL: Redis does not let this user in with this password"
        ) from None
    except RedisError:
        return
    if found.get("cluster_enabled"):
        raise SettingsError(
            "REDIS_URL: this is a node of Redis Cluster; name a server outside of it"
        )
