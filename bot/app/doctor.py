"""The command ``doctor``: a text for support, without secrets and without data of people."""

import platform
from collections.abc import AsyncIterator
from importlib.metadata import PackageNotFoundError, version
from typing import Literal, get_origin

from pydantic.fields import FieldInfo

from bot import __version__
from bot.app import factories
from bot.app.checks import run_checks
from bot.db.database import Database
from bot.db.migrations.runner import get_newest_revision
from bot.services.request_words import RequestWords
from bot.settings import Settings

_LIBRARIES = (
    "aiogram",
    "aiohttp",
    "aiosmtplib",
    "aiosqlite",
    "asyncpg",
    "obstore",
    "pydantic",
    "redis",
    "SQLAlchemy",
    "uvloop",
)
#: Numbers that say which Telegram chats a company uses.
_IDS = frozenset({"staff_chat_id", "staff_admin_ids"})
_GIVEN_UP_SHOWN = 50


async def write_report(settings: Settings) -> int:
    """Prints the text; what is away becomes a line of it. Returns 0."""
    parts = {
        "versions": _list_versions(settings),
        "settings": _list_settings(settings),
        "database": _list_state(settings),
        "checks": _list_checks(settings),
    }
    for title, lines in parts.items():
        print(f"[{title}]")
        try:
            async for line in lines:
                print(line)
        except Exception as error:
            print(f"failed: {type(error).__name__}")
    return 0


async def _list_versions(settings: Settings) -> AsyncIterator[str]:
    yield f"cabinet {__version__}"
    yield f"Python {platform.python_version()}, {platform.system()} {platform.release()}"
    for name in _LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name}: not installed"
    if (redis := factories.connect_redis(settings)) is not None:
        async with redis:
            yield f"Redis {(await redis.info('server'))['redis_version']}"


async def _list_settings(settings: Settings) -> AsyncIterator[str]:
    for name, field in Settings.model_fields.items():
        yield f"{name.upper()}: {_format_setting(name, field, getattr(settings, name))}"


def _format_setting(name: str, field: FieldInfo, value: object) -> str:
    """Words that somebody wrote, addresses and ids are only said to be set."""
    if value is None:
        return "not set"
    if value == field.default:
        return "default"
    is_choice = get_origin(field.annotation) is Literal
    if is_choice or (isinstance(value, int | float | tuple) and name not in _IDS):
        return str(value)
    return "set"


async def _list_state(settings: Settings) -> AsyncIterator[str]:
    database = Database(settings.database_url.get_secret_value())
    try:
        yield await database.find_server_version()
        yield f"schema {await database.find_revision()}, newest {get_newest_revision()}"
        async with database.read() as tx:
            waiting = await tx.outbox.find_oldest()
            given_up = await tx.outbox.list_given_up(_GIVEN_UP_SHOWN)
            updates = await tx.inbox.count_by_state()
            parked = await tx.inbox.list_parked()
        if unindexed := await RequestWords(database).count_older():
            yield f"requests that /find does not find by words yet: {unindexed}"
        for kind, (count, since) in sorted(waiting.items()):
            yield f"notices waiting: {count} {kind}, since {since:%F %T}Z"
        for one in given_up:
            error = _get_class(one.error)
            yield f"notice given up: {one.id} {one.kind} {one.at:%F %T}Z {error}"
        for state, count in sorted(updates.items()):
            yield f"updates {state}: {count}"
        for record in parked:
            error = _get_class(record.error)
            yield f"update parked: {record.update_id} {record.kind} {error}"
    finally:
        await database.dispose()


async def _list_checks(settings: Settings) -> AsyncIterator[str]:
    async for name, verdict in run_checks(settings):
        # An error may quote an address or a user name.
        failed = isinstance(verdict, Exception)
        yield f"{name}: {f'FAILED: {type(verdict).__name__}' if failed else verdict}"


def _get_class(error: str | None) -> str:
    """The words after the class may be a server's."""
    return (error or "").partition(":")[0].partition(" ")[0]
