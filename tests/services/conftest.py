"""Services over a real database and real files; only the time is ours."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import argon2
import pytest

from bot.db.database import Database, in_transaction
from bot.domain import Category, Consent
from bot.services.accounts import Accounts, SessionPolicy
from bot.services.files import FileStore, Scans
from bot.services.passwords import PasswordHasher
from bot.services.personal import PersonalData, Retention
from bot.services.workshop import Workshop
from tests.db.postgres import migrated_postgres
from tests.db.sqlite import lay_database

TERMS = Retention(
    requests=timedelta(days=1000),
    scans=timedelta(days=300),
    conversations=timedelta(days=90),
    notices=timedelta(days=30),
)


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def move(self, **time: float) -> None:
        self.moment += timedelta(**time)


class WatchedHasher(PasswordHasher):
    """Cheap hashes; counts them and minds that none is made while a transaction is open."""

    def __init__(self) -> None:
        super().__init__(argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        self.verified = 0
        self.at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def hash(self, password: str) -> str:
        assert not in_transaction()
        return await super().hash(password)

    async def verify(self, hashed: str | None, password: str) -> bool:
        assert not in_transaction()
        self.verified += 1
        self.at_once += 1
        await self.gate.wait()
        self.at_once -= 1
        return await super().verify(hashed, password)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, migrated: Path
) -> AsyncIterator[Database]:
    async with AsyncExitStack() as stack:
        if request.param == "postgresql":
            url = await stack.enter_async_context(migrated_postgres())
        else:
            url = lay_database(migrated, tmp_path)
        database = Database(url)
        yield database
        await database.dispose()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def hasher() -> Iterator[WatchedHasher]:
    hasher = WatchedHasher()
    yield hasher
    hasher.close()


@pytest.fixture
def accounts(database: Database, hasher: WatchedHasher, watch: Watch) -> Accounts:
    return Accounts(database, hasher, watch, SessionPolicy())


@pytest.fixture
def scans(database: Database, tmp_path: Path, watch: Watch, examination: Workshop) -> Scans:
    return Scans(database, FileStore.open(f"file://{tmp_path}/files"), watch, examination)


@pytest.fixture
def personal(database: Database, scans: Scans, watch: Watch) -> PersonalData:
    return PersonalData(database, scans, watch, TERMS)


async def register(
    accounts: Accounts, email: str = "ivanova@example.ru", draft_id: str = "1"
) -> None:
    consent = Consent(
        version="1",
        text="Согласен",
        sha256="0" * 64,
        accepted_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
        chat_id=1,
    )
    await accounts.register(
        draft_id=draft_id,
        category=Category.INDIVIDUAL,
        name="Иванова Анна Петровна",
        email=email,
        phone="+79123456789",
        locale="ru",
        consent=consent,
    )
