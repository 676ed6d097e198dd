"""What an upload, a cancelled draft or a dead process leaves in the file store, and what stays."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from bot.db.database import Database
from bot.integrations.errors import StoreUnavailable
from bot.integrations.file_store import FileStore, StagedFile
from bot.integrations.worker_process import WorkerProcess
from bot.notices import FileRemoval
from bot.services import backups
from bot.services.file_cleanup import OWNER_KEY, StoreOfAnother
from bot.services.scans import Scans
from tests.support.clock import FakeClock
from tests.support.drained_cleanup import DrainedCleanup
from tests.support.files import make_pdf
from tests.support.postgres import create_postgres

PDF = make_pdf()
DRAFT = "0123456789abcdef"


class FailingStore(FileStore):
    """Raises in the next uploads: before the bytes are stored, or after that."""

    fails: tuple[str, ...] = ()

    async def put(self, key: str, content: bytes | StagedFile) -> None:
        when, *rest = self.fails or ("",)
        self.fails = tuple(rest)
        if when == "before":
            raise StoreUnavailable
        await super().put(key, content)
        if when == "after":
            raise StoreUnavailable


@pytest.fixture
def store(tmp_path: Path) -> FailingStore:
    return FailingStore.open(f"file://{tmp_path}/files")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return tmp_path / "files"


def list_stored(files: Path) -> list[str]:
    """Keys, without the mark of the owner; all of them become old."""
    paths = [one for one in files.rglob("*") if one.is_file() and one.name != OWNER_KEY]
    for path in paths:
        os.utime(path, (0, 0))
    return sorted(str(path.relative_to(files)) for path in paths)


@asynccontextmanager
async def restore_copy(
    database: Database, store: FileStore, folder: Path
) -> AsyncIterator[Database]:
    """A copy of the database, over the same store."""
    async with AsyncExitStack() as stack:
        url = database._url.render_as_string(hide_password=False)
        copy_url = f"sqlite+aiosqlite:///{folder}/copy.db"
        if url.startswith("postgresql"):
            copy_url = await stack.enter_async_context(create_postgres())
        await backups.back_up(url, store, folder / "backup")
        await backups.restore(copy_url, store, folder / "backup")
        copy = Database(copy_url)
        stack.push_async_callback(copy.dispose)
        yield copy


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_upload_that_broke_off_goes_on_under_its_key(
    scans: Scans, store: FailingStore, file_cleanup: DrainedCleanup, files: Path, when: str
) -> None:
    store.fails = (when, when)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await scans.accept(DRAFT, "one", "акт.pdf", PDF)
    (scan,) = await scans.accept(DRAFT, "one", "акт.pdf", PDF)
    assert list_stored(files) == [scan.key]
    await file_cleanup.remove_orphans()
    await file_cleanup.drain()
    assert await scans.read(scan) == PDF


async def test_an_upload_that_nobody_goes_on_with_is_deleted_after_a_day(
    scans: Scans,
    store: FailingStore,
    file_cleanup: DrainedCleanup,
    clock: FakeClock,
    files: Path,
) -> None:
    store.fails = ("after",)
    with pytest.raises(StoreUnavailable):
        await scans.accept(DRAFT, "one", "акт.pdf", PDF)
    clock.advance(hours=23)
    await file_cleanup.remove_orphans()
    await file_cleanup.drain()
    assert len(list_stored(files)) == 1
    clock.advance(hours=2)
    await file_cleanup.remove_orphans()
    await file_cleanup.drain()
    assert list_stored(files) == []


async def test_an_upload_that_was_given_up_meanwhile_is_none(
    database: Database,
    file_cleanup: DrainedCleanup,
    clock: FakeClock,
    files: Path,
    inspection_worker: WorkerProcess,
) -> None:
    class SlowStore(FileStore):
        async def put(self, key: str, content: bytes | StagedFile) -> None:
            clock.advance(hours=25)
            await file_cleanup.remove_orphans()
            await super().put(key, content)

    slow = Scans(database, SlowStore.open(f"file://{files}"), clock, inspection_worker)
    with pytest.raises(StoreUnavailable):
        await slow.accept(DRAFT, "one", "акт.pdf", PDF)
    assert await slow.list_for_draft(DRAFT) == []
    await file_cleanup.drain()
    assert list_stored(files) == []


async def test_bytes_that_arrive_after_their_removal_are_removed_again(
    scans: Scans, store: FailingStore, file_cleanup: DrainedCleanup, files: Path
) -> None:
    (scan,) = await scans.accept(DRAFT, "one", "акт.pdf", PDF)
    await scans.drop(DRAFT)
    await file_cleanup.drain()
    await store.put(scan.key, PDF)
    assert list_stored(files) == [scan.key]
    assert await file_cleanup.remove_orphans() == 0
    assert list_stored(files) == []


async def test_what_this_database_never_named_stays_until_somebody_decides(
    scans: Scans, store: FailingStore, file_cleanup: DrainedCleanup, files: Path
) -> None:
    (scan,) = await scans.accept(DRAFT, "one", "акт.pdf", PDF)
    await store.put("ab/of-another.pdf", b"1")
    assert await file_cleanup.remove_orphans() == 0
    assert list_stored(files) == sorted([scan.key, "ab/of-another.pdf"])
    assert await file_cleanup.remove_orphans() == 1
    report = await file_cleanup.report()
    assert (report.owned, report.stored, report.unknown) == (True, 2, 1)
    assert await file_cleanup.remove_unknown() == 1
    assert list_stored(files) == [scan.key]


async def test_bytes_that_a_row_needs_are_never_deleted(
    scans: Scans, database: Database, file_cleanup: DrainedCleanup, clock: FakeClock
) -> None:
    (scan,) = await scans.accept(DRAFT, "one", "акт.pdf", PDF)
    async with database.begin() as tx:
        await tx.outbox.put(FileRemoval(key=scan.key), clock.now())
    await file_cleanup.drain()
    assert await scans.read(scan) == PDF


async def test_half_written_files_and_tests_of_dead_processes_go(
    store: FailingStore, file_cleanup: DrainedCleanup, files: Path
) -> None:
    await store.put("ping/0123", b"ping")
    (files / "ab").mkdir()
    (files / "ab" / "one.pdf#1").write_bytes(b"half")
    assert await file_cleanup.remove_orphans() == 0
    assert list_stored(files) == ["ab/one.pdf#1", "ping/0123"]
    assert await file_cleanup.remove_orphans() == 0
    assert list_stored(files) == []


async def test_a_restored_copy_deletes_nothing_before_it_is_told_to(
    scans: Scans,
    database: Database,
    store: FailingStore,
    file_cleanup: DrainedCleanup,
    clock: FakeClock,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (scan,) = await scans.accept(DRAFT, "one", "акт.pdf", PDF)
    await file_cleanup.remove_orphans()
    identity = await database.find_identity()
    assert await database.find_identity() == identity
    async with restore_copy(database, store, tmp_path) as copy:
        other = DrainedCleanup(copy, store, clock)
        assert await copy.find_identity() != identity
        async with copy.begin() as tx:
            await tx.outbox.put(FileRemoval(key="ab/any.pdf"), clock.now())
            await tx.files.drop_draft(DRAFT)
        with pytest.raises(StoreOfAnother, match="--take-over"):
            await other.remove(scan.key)
        clock.advance(days=2)
        await other.remove_orphans()
        assert "--take-over" in caplog.text
        assert not (await other.report()).owned
        assert await scans.read(scan) == PDF
        # The first one is gone for good: its files are those of the copy.
        await other.take_over()
        await other.remove(scan.key)
        with pytest.raises(StoreOfAnother):
            await file_cleanup.remove("ab/any.pdf")
