"""Fixtures that tests of several levels use; aiogram is imported as the bot imports it."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

import bot.telegram.lazy_models  # noqa: F401 (before the tests import aiogram)
from bot.db.database import Database
from bot.integrations.worker_process import WorkerProcess
from bot.services.documents import TYPESETTING_LIMITS
from bot.services.scans import INSPECTION_LIMITS
from tests.support.in_process import InProcessCabinet
from tests.support.postgres import create_migrated_postgres
from tests.support.redis import REDIS_URL, delete_bot_keys
from tests.support.site import Site, choose_site_address, serve_site
from tests.support.sqlite_file import copy_database

#: Folders whose tests start processes and wait for them. They begin first, so that short tests are
#: left for whichever worker is free at the end.
_LONG = ("browser", "faults", "e2e")
#: The file of the longest test begins before them: nobody else can take a part of it.
_LONGEST = "test_kill.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Orders the tests, and measures coverage where it is new.

    A measured test takes twice the processor time. Not measured are the long folders, whose bots
    are processes of their own, the many examples of Hypothesis, and what chats repeat on another
    storage: ``db`` and ``services`` are measured on both databases.
    """
    items.sort(key=lambda item: (item.path.parent.name not in _LONG, item.path.name != _LONGEST))
    for item in items:
        call = getattr(item, "callspec", None)
        repeated = call is not None and call.params.get("cabinet", "sqlite") != "sqlite"
        drawn = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if repeated or drawn or item.path.parent.name in _LONG:
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """Has the garbage collector leave alone what lives to the end, instead of visiting it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database to be copied: migrating one for each test would take most of the time."""
    path = tmp_path_factory.mktemp("template") / "cabinet.db"

    async def migrate() -> None:
        database = Database(f"sqlite+aiosqlite:///{path}")
        await database.migrate()
        await database.dispose()

    asyncio.run(migrate())
    return path


@pytest.fixture
async def inspection_worker() -> AsyncIterator[WorkerProcess]:
    """The process that inspects files; it starts with the first file."""
    worker = WorkerProcess(INSPECTION_LIMITS)
    yield worker
    await worker.close()


@pytest.fixture
async def typesetting_worker() -> AsyncIterator[WorkerProcess]:
    """The process that makes documents; it starts with the first one."""
    worker = WorkerProcess(TYPESETTING_LIMITS)
    yield worker
    await worker.close()


@pytest.fixture
async def database(tmp_path: Path, migrated: Path) -> AsyncIterator[Database]:
    """On SQLite; where the kind of database matters, a conftest.py gives both."""
    database = Database(copy_database(migrated, tmp_path))
    yield database
    await database.dispose()


@pytest.fixture
async def cabinet(
    request: pytest.FixtureRequest, tmp_path: Path, migrated: Path
) -> AsyncIterator[InProcessCabinet]:
    """On SQLite or what TEST_STORAGE says; modules marked ``EACH_STORAGE`` run on all of them."""
    storage = getattr(request, "param", os.environ.get("TEST_STORAGE", "sqlite"))
    made = InProcessCabinet(tmp_path)
    if "site" in request.fixturenames:
        made.settings |= choose_site_address()
    async with AsyncExitStack() as stack:
        if storage == "postgresql":
            made.settings["database_url"] = await stack.enter_async_context(
                create_migrated_postgres()
            )
        else:
            copy_database(migrated, tmp_path)
        if storage == "redis":
            made.settings["redis_url"] = REDIS_URL
            stack.push_async_callback(delete_bot_keys, made.telegram.token)
        await stack.enter_async_context(made.run())
        yield made
    assert made.telegram.violations == []


@pytest.fixture
async def site(cabinet: InProcessCabinet) -> AsyncIterator[Site]:
    """The cabinet's pages; with ``EACH_STORAGE`` over each kind of storage."""
    async with serve_site(cabinet) as served:
        yield served
