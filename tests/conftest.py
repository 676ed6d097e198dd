"""Tests see aiogram as the bot does."""

import asyncio
from pathlib import Path

import pytest

import bot.aiogram_models  # noqa: F401 (before the tests import aiogram)
from bot.db.database import Database


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
