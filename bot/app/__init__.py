"""Composition root: the commands of main.py, which read the settings and return exit codes."""

import bot.telegram.lazy_models  # noqa: F401 (before any import of aiogram)

# isort: split
import select
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import uvloop

from bot import logs
from bot.app import factories
from bot.app.checks import check_everything
from bot.app.doctor import write_report
from bot.app.runner import serve
from bot.canned_answers import CannedAnswersError
from bot.db.database import Database
from bot.db.errors import OUTAGES, WrongDatabase, describe_outage
from bot.integrations.askue_access import AccessFileError
from bot.integrations.errors import StoreUnavailable, WrongMailServer
from bot.integrations.file_store import FileStore
from bot.integrations.private_files import give_to_folder_owner, make_private
from bot.integrations.typesetting import TemplatesError
from bot.integrations.worker_process import WorkerProcess
from bot.middlewares import logged_update
from bot.request_types import CatalogueError
from bot.services import backups, billing_export
from bot.services.clock import Clock, SystemClock
from bot.services.file_cleanup import FileCleanup, StoreOfAnother
from bot.services.readings import Readings
from bot.services.staff_routes import StaffRoutesError
from bot.settings import Settings, SettingsError, read_settings
from bot.telegram import inbox_store


def run(clock: Clock | None = None) -> int:
    """Runs the bot until SIGTERM or SIGINT; returns the exit code.

    ``clock`` takes the place of the machine's; only the sandbox passes one.
    """
    settings = _load_settings("BOT_TOKEN", "STAFF_CHAT_ID", "SMTP_HOST")
    if settings is None:
        return 2
    return _run(serve(settings, clock))


def migrate() -> int:
    """Migrates the database; returns the exit code."""
    settings = _load_settings()
    if settings is None:
        return 2

    async def migrate_database() -> int:
        database = Database(settings.database_url.get_secret_value())
        try:
            await database.migrate()
        finally:
            await database.dispose()
        print("the database is at the newest schema")
        return 0

    return _run(migrate_database())


def export(first: date, last: date, kind: Literal["csv", "xlsx"], path: Path) -> int:
    """Exports the readings of the days ``first`` to ``last``, both included."""
    settings = _load_settings()
    if settings is None:
        return 2
    if last < first:
        return _report_error(f"--to: {last} is before {first}")

    async def write() -> int:
        database = Database(settings.database_url.get_secret_value())
        timezone = ZoneInfo(settings.timezone)
        readings = Readings(
            database, SystemClock(), timezone, factories.build_reading_rules(settings)
        )
        worker = WorkerProcess()
        try:
            await database.migrate()
            count = await billing_export.write(
                readings.iterate_between(first, last),
                kind,
                path,
                worker,
                timezone,
                readings.rules.windows,
            )
        finally:
            await worker.close()
            await database.dispose()
        print(f"{path}: {count} readings")
        return 0

    return _run(write())


def replay(update_id: int | None) -> int:
    """Gives a parked update to the bot again, or lists all (None); returns the exit code."""
    settings = _load_settings("BOT_TOKEN")
    if settings is None:
        return 2

    async def run_replay() -> int:
        database = Database(settings.database_url.get_secret_value())
        bot = factories.build_bot(settings)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(database.dispose)
            stack.push_async_callback(bot.session.close)
            if (redis := factories.connect_redis(settings)) is not None:
                stack.push_async_callback(redis.aclose)
            clock = SystemClock()
            storage = factories.build_storage(settings, database, clock, bot.id, redis)
            await database.migrate()
            if update_id is None:
                async with database.read() as tx:
                    parked = await tx.inbox.list_parked()
                for one in parked:
                    print(f"{one.update_id}\t{one.kind}\t{one.changed_at:%F %T}Z\t{one.error}")
                print(f"{len(parked)} parked update{'' if len(parked) == 1 else 's'}")
                return 0
            if await inbox_store.replay(database, storage, update_id, clock.now()):
                print(f"update {update_id} waits to be handled again")
                return 0
            print(f"there is no parked update {update_id}", file=sys.stderr)
            return 1

    return _run(run_replay())


def back_up(folder: Path) -> int:
    """Copies database and scans into a folder; returns the exit code."""
    return _run_copy(backups.back_up, folder, "saved")


def restore(folder: Path) -> int:
    """Restores database and scans from a folder; returns the exit code.

    Run by root, it leaves them to the user of the bot, whose folder they are in.
    """
    return _run_copy(backups.restore, folder, "restored")


def _run_copy(
    operation: Callable[[str, FileStore, Path], Awaitable[int]], folder: Path, done: str
) -> int:
    settings = _load_settings()
    if settings is None:
        return 2

    async def copy() -> int:
        store = factories.open_file_store(settings)
        try:
            count = await operation(settings.database_url.get_secret_value(), store, folder)
        except backups.BackupFailed as error:
            return _report_error(str(error), code=1)
        for path in factories.list_data_paths(settings):
            give_to_folder_owner(path)
        print(f"{done}: the database and {count} scan{'' if count == 1 else 's'}")
        return 0

    return _run(copy())


def compare_files(*, take_over: bool, delete_unknown: bool) -> int:
    """Counts the objects of the file store, after what the flags order; returns the exit code."""
    settings = _load_settings()
    if settings is None:
        return 2

    async def run_cleanup() -> int:
        database = Database(settings.database_url.get_secret_value())
        store = factories.open_file_store(settings)
        cleanup = FileCleanup(database, store, SystemClock())
        try:
            await database.migrate()
            if take_over:
                await cleanup.take_over()
            if delete_unknown:
                print(f"deleted: {await cleanup.remove_unknown()}")
            report = await cleanup.report()
        finally:
            await database.dispose()
        print(f"stored: {report.stored}")
        print(f"without a row for more than a day: {report.unknown}")
        if not report.owned:
            print(f"nothing is deleted: {StoreOfAnother()}")
        return 0

    return _run(run_cleanup())


def check() -> int:
    """Prints one line for each dependency; returns 1 when one of them fails."""
    settings = _load_settings()
    return 2 if settings is None else _run(check_everything(settings))


def report_state() -> int:
    """Prints a text for support, which holds no secrets and no data of people."""
    settings = _load_settings()
    return 2 if settings is None else _run(write_report(settings))


def _run(command: Coroutine[Any, Any, int]) -> int:
    """Runs a command; what keeps it from its work becomes one line and an exit code.

    1: a file or folder; 2: a setting, or what it names, is wrong; 3: the database or the store of
    files is away. Raises BrokenPipeError when nobody reads the output any more.
    """
    try:
        return uvloop.run(command)
    except CatalogueError as error:
        return _report_error(f"REQUEST_TYPES_FILE: {error}")
    except StaffRoutesError as error:
        return _report_error(f"STAFF_ROUTES_FILE: {error}")
    except CannedAnswersError as error:
        return _report_error(f"CANNED_ANSWERS_FILE: {error}")
    except AccessFileError as error:
        return _report_error(f"ASKUE_ACCESS_FILE: {error}")
    except TemplatesError as error:
        return _report_error(f"TEMPLATES_DIR: {error}")
    except SettingsError as error:
        return _report_error(str(error))
    except WrongDatabase as error:
        return _report_error(f"DATABASE_URL: {error}")
    except WrongMailServer as error:
        return _report_error(f"SMTP_SECURITY: {error}")
    except StoreUnavailable as error:
        return _report_error(f"FILES_URL: {error}", code=3)
    except OUTAGES as error:
        if isinstance(error, BrokenPipeError) and _is_output_closed():
            raise
        return _report_error(
            f"DATABASE_URL: the database is away: {describe_outage(error)}", code=3
        )
    except OSError as error:
        return _report_error(f"{error.filename or 'a file'}: {error.strerror}", code=1)


def _is_output_closed() -> bool:
    """Whether standard output is a pipe whose reader has gone."""
    poll = select.poll()
    poll.register(sys.stdout, 0)
    return any(events & select.POLLERR for _, events in poll.poll(0))


def make_askue_password() -> int:
    """Prints a new password, and its hash for ASKUE_ACCESS_FILE."""
    hasher = factories.build_hasher()

    async def make() -> int:
        password = hasher.generate()
        print(f"password: {password}")
        print(f"password_hash: {await hasher.hash(password)}")
        return 0

    try:
        return _run(make())
    finally:
        hasher.close()


def _load_settings(*needed: str) -> Settings | None:
    """The settings; None after printing an error, also when one of ``needed`` is not set."""
    try:
        settings = read_settings()
    except SettingsError as error:
        _report_error(str(error))
        return None
    missing = [name for name in needed if getattr(settings, name.lower()) is None]
    if missing:
        _report_error(f"{', '.join(missing)}: not set; to try without it: python main.py sandbox")
        return None
    logs.configure(settings.log_level, settings.log_format, logged_update.get)
    if settings.sentry_dsn is not None:
        logs.report_to(settings.sentry_dsn.get_secret_value())
    for path in factories.list_private_paths(settings):
        make_private(path)
    return settings


def _report_error(line: str, code: int = 2) -> int:
    print(line, file=sys.stderr)
    return code
