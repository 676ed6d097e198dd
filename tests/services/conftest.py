"""Fixtures of the services: a real database and real files, and a fake clock."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.db.database import Database
from bot.fsm.storage import DatabaseConversationStorage, DatabaseIsolation, StoredConversations
from bot.integrations.file_store import FileStore
from bot.integrations.worker_process import WorkerProcess
from bot.services.accounts import Accounts
from bot.services.passwords import Passwords
from bot.services.personal_data import PersonalDataService
from bot.services.scans import Scans
from tests.support.account_services import AccountServices, build_account_services
from tests.support.clock import FakeClock
from tests.support.counting_hasher import CountingHasher
from tests.support.databases import open_database
from tests.support.drained_cleanup import DrainedCleanup
from tests.support.samples import RETENTION


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, migrated: Path
) -> AsyncIterator[Database]:
    async with open_database(request.param, tmp_path, migrated) as database:
        yield database


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def hasher() -> Iterator[CountingHasher]:
    hasher = CountingHasher()
    yield hasher
    hasher.close()


@pytest.fixture
def account_services(
    database: Database, hasher: CountingHasher, clock: FakeClock
) -> AccountServices:
    return build_account_services(database, hasher, clock)


@pytest.fixture
def accounts(account_services: AccountServices) -> Accounts:
    return account_services.accounts


@pytest.fixture
def passwords(account_services: AccountServices) -> Passwords:
    return account_services.passwords


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore.open(f"file://{tmp_path}/files")


@pytest.fixture
def scans(
    database: Database, store: FileStore, clock: FakeClock, inspection_worker: WorkerProcess
) -> Scans:
    return Scans(database, store, clock, inspection_worker)


@pytest.fixture
def file_cleanup(database: Database, store: FileStore, clock: FakeClock) -> DrainedCleanup:
    return DrainedCleanup(database, store, clock)


@pytest.fixture
def personal_data(database: Database, scans: Scans, clock: FakeClock) -> PersonalDataService:
    conversations = StoredConversations(
        DatabaseConversationStorage(database, clock.now), DatabaseIsolation(database), bot_id=1
    )
    return PersonalDataService(database, scans, conversations, clock, RETENTION)
