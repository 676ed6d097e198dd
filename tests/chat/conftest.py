"""Chats with the whole bot, in process: fast, and nothing is allowed to go wrong unnoticed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.db.database import Database
from tests.chat.cabinet import Cabinet, lay_database


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "cabinet.db"

    async def migrate() -> None:
        database = Database(f"sqlite+aiosqlite:///{path}")
        await database.migrate()
        await database.dispose()

    asyncio.run(migrate())
    return path


@pytest.fixture
async def cabinet(tmp_path: Path, migrated: Path) -> AsyncIterator[Cabinet]:
    lay_database(migrated, tmp_path)
    made = Cabinet(tmp_path)
    async with made.running():
        yield made
    assert made.telegram.violations == []


@pytest.fixture(autouse=True)
def nothing_fails(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """An error in the log fails the test; one that expects errors clears ``caplog`` itself."""
    yield
    for phase in ("setup", "call"):
        errors = [
            one for one in caplog.get_records(phase) if one.levelno >= logging.ERROR or one.exc_info
        ]
        assert not errors, [one.getMessage() for one in errors]
