"""Each test of this directory runs on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.db.database import Database, Tx
from bot.domain import Account
from tests.support.databases import open_database
from tests.support.postgres import create_postgres
from tests.support.samples import add_account


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/cabinet.db"
    else:
        async with create_postgres() as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, migrated: Path
) -> AsyncIterator[Database]:
    async with open_database(request.param, tmp_path, migrated) as database:
        yield database


@pytest.fixture
async def tx(database: Database) -> AsyncIterator[Tx]:
    async with database.begin() as tx:
        yield tx


@pytest.fixture
async def account(tx: Tx) -> Account:
    return await add_account(tx)
