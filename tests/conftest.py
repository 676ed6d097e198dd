"""Tests see aiogram as the bot does."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import bot.telegram.lazy_models  # noqa: F401 (before the tests import aiogram)
from bot.db.database import Database
from bot.integrations.worker_process import WorkerProcess
from bot.services.scans import INSPECTION_LIMITS
from tests.support.sqlite import lay_database


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
async def database(tmp_path: Path, migrated: Path) -> AsyncIterator[Database]:
    """On SQLite; where the kind of database matters, a conftest.py gives both."""
    database = Database(lay_database(migrated, tmp_path))
    yield database
    await database.dispose()
