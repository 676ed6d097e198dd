"""Services over a real database and real files; only the time is ours."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import argon2
import pytest

from bot.db.database import Database, is_in_transaction
from bot.domain import Category
from bot.fsm.storage import ConversationEraser, DatabaseConversationStorage, DatabaseIsolation
from bot.integrations.file_store import FileStore
from bot.integrations.password_hasher import PasswordHasher
from bot.services.accounts import Accounts, SessionPolicy
from bot.services.personal_data import PersonalDataService, Retention
from bot.services.scans import Scans
from tests.support.postgres import migrated_postgres
from tests.support.sqlite import lay_database

TERMS = Retention(
    requests=timedelta(days=1000),
    scans=timedelta(days=300),
    conversations=timedelta(days=90),
    notices=timedelta(days=30),
)


class FakeClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def advance(self, **time: float) -> None:
        self.moment += timedelta(**time)


class CountingHasher(PasswordHasher):
    """Cheap hashes; counts them and minds that none is made while a transaction is open."""

    def __init__(self) -> None:
        super().__init__(argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        self.verified = 0
        self.write_only = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def hash(self, password: str) -> str:
        assert not is_in_transaction()
        return await super().hash(password)

    async def verify(self, hashed: str | None, password: str) -> bool:
        assert not is_in_transaction()
        self.verified += 1
        self.write_only += 1
        await self.gate.wait()
        self.write_only -= 1
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
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def hasher() -> Iterator[CountingHasher]:
    hasher = CountingHasher()
    yield hasher
    hasher.close()


@pytest.fixture
def accounts(database: Database, hasher: CountingHasher, clock: FakeClock) -> Accounts:
    return Accounts(database, hasher, clock, SessionPolicy())


@pytest.fixture
def scans(database: Database, tmp_path: Path, clock: FakeClock) -> Scans:
    return Scans(database, FileStore.open(f"file://{tmp_path}/files"), clock)


@pytest.fixture
def personal_data(database: Database, scans: Scans, clock: FakeClock) -> PersonalDataService:
    conversations = ConversationEraser(
        DatabaseConversationStorage(database, clock.now), DatabaseIsolation(database), bot_id=1
    )
    return PersonalDataService(database, scans, conversations, clock, TERMS)


async def register(
    accounts: Accounts, email: str = "ivanova@example.ru", draft_id: str = "1"
) -> None:
    await accounts.register(
        draft_id=draft_id,
        category=Category.INDIVIDUAL,
        name="Иванова Анна Петровна",
        email=email,
        phone="+79123456789",
        locale="ru",
        consent_version="1",
        consent_text="Согласен",
        chat_id=1,
    )
