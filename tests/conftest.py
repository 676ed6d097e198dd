"""Tests see aiogram as the bot does."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import bot.aiogram_models  # noqa: F401 (before the tests import aiogram)
from bot.db.database import Database
from bot.services.files import EXAMINATION_LIMITS
from bot.services.workshop import Workshop
from tests.db.sqlite import lay_database


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
async def examination() -> AsyncIterator[Workshop]:
    """The process that looks at files; it starts at the first one."""
    made = Workshop(EXAMINATION_LIMITS)
    yield made
    await made.close()


@pytest.fixture
async def database(tmp_path: Path, migrated: Path) -> AsyncIterator[Database]:
    """On SQLite; where the kind of database matters, a conftest.py gives both."""
    database = Database(lay_database(migrated, tmp_path))
    yield database
    await database.dispose()
