"""Scans that exceed the limits of the inspection worker or kill it."""

import asyncio
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import pytest

from bot.db.database import Database
from bot.fsm.model import Rejected
from bot.integrations.errors import WorkerDied
from bot.integrations.file_store import FileStore
from bot.integrations.worker_process import WorkerLimits, WorkerProcess
from bot.services.scans import INSPECTION_LIMITS, Scans
from tests.support.clock import FakeClock
from tests.support.files import make_jpeg, make_large_png, make_pdf, make_wide_pdf

DRAFT = "0123456789abcdef"
P = ParamSpec("P")
T = TypeVar("T")


class DyingWorker(WorkerProcess):
    """Its process dies during the next ``deaths`` calls."""

    deaths = 0

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.deaths:
            self.deaths -= 1
            raise WorkerDied("exit code -9")
        return await super().run(function, *args, **kwargs)


class QueueingWorker(WorkerProcess):
    """Takes every file; the first of a flood is in work until a file of somebody else comes."""

    def __init__(self) -> None:
        super().__init__(INSPECTION_LIMITS)
        self.in_work = Counter[str]()
        self.most = 0
        self.begun, self.other_came = asyncio.Event(), asyncio.Event()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        _, name, _ = args
        who = f"{name}".partition(" ")[0]
        self.in_work[who] += 1
        self.most = max(self.most, self.in_work[who])
        self.begun.set()
        if who == "other":
            self.other_came.set()
        await self.other_came.wait()
        self.in_work[who] -= 1
        return cast("T", None)


async def test_a_flood_of_files_lets_those_of_others_pass(
    database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    """On the site one person can send many at once."""
    worker = QueueingWorker()
    scans = Scans(database, FileStore.open(f"file://{tmp_path}/files"), clock, worker)

    async def send(draft_id: str, name: str) -> None:
        await scans.accept(draft_id, None, name, make_pdf(name))

    async with asyncio.TaskGroup() as group, asyncio.timeout(20):
        for number in range(8):
            group.create_task(send(DRAFT, f"flood {number}.pdf"))
        await worker.begun.wait()
        await send("fedcba9876543210", "other 1.pdf")
    assert worker.most == 1
    assert len(await scans.list_for_draft(DRAFT)) == 8


@pytest.fixture
async def worker() -> AsyncIterator[DyingWorker]:
    made = DyingWorker(WorkerLimits(cpu_seconds=0.5, seconds=300, memory=120 * 1024**2))
    yield made
    await made.close()


@pytest.fixture
def scans(database: Database, tmp_path: Path, clock: FakeClock, worker: DyingWorker) -> Scans:
    return Scans(database, FileStore.open(f"file://{tmp_path}/files"), clock, worker)


@pytest.mark.parametrize(
    ("made", "code"), [(make_wide_pdf, "file-too-complex"), (make_large_png, "file-unfolds")]
)
async def test_file_above_a_limit_is_rejected_and_the_others_are_kept(
    scans: Scans, made: Callable[[], bytes], code: str
) -> None:
    album = [make_pdf("1"), made(), make_jpeg("3"), make_pdf("4")]
    results = await asyncio.gather(
        *(scans.accept(DRAFT, f"{at}", f"{at}", data) for at, data in enumerate(album)),
        return_exceptions=True,
    )
    refused = results[1]
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.details) == (code, {"name": "1"})
    assert {one.name for one in await scans.list_for_draft(DRAFT)} == {"0.pdf", "2.jpg", "3.pdf"}


async def test_file_is_inspected_again_after_the_worker_died(
    scans: Scans, worker: DyingWorker
) -> None:
    worker.deaths = 1
    assert len(await scans.accept(DRAFT, "one", "a.pdf", make_pdf())) == 1


async def test_file_that_kills_the_worker_twice_is_rejected(
    scans: Scans, worker: DyingWorker
) -> None:
    worker.deaths = 2
    with pytest.raises(Rejected) as refused:
        await scans.accept(DRAFT, "one", "a.pdf", make_pdf())
    assert (refused.value.code, refused.value.details) == ("file-too-complex", {"name": "a.pdf"})
    assert len(await scans.accept(DRAFT, "one", "a.pdf", make_pdf())) == 1


async def test_closed_worker_rejects_no_file(scans: Scans, worker: DyingWorker) -> None:
    await worker.close()
    with pytest.raises(RuntimeError, match="closed"):
        await scans.accept(DRAFT, "one", "a.pdf", make_pdf())


def test_inspection_limits_are_those_of_the_contract() -> None:
    assert INSPECTION_LIMITS.cpu_seconds == 5
    assert INSPECTION_LIMITS.memory == 1024**3


async def test_a_file_is_inspected_and_stored_without_standing_in_memory(
    database: Database, clock: FakeClock, inspection_worker: WorkerProcess, tmp_path: Path
) -> None:
    store = FileStore.open(f"file://{tmp_path}/files")
    scans = Scans(database, store, clock, inspection_worker)
    # What follows the end of a PDF is no part of it; the worker reads it all the same.
    data = make_pdf("large") + b"\n" + b"% padding\n" * 1_200_000
    async with scans.stage() as staged:
        await staged.write(data)
        tracemalloc.start()
        try:
            (kept,) = await scans.accept(DRAFT, None, "../План.pdf", staged, account_id=None)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < len(data) / 4
    assert (kept.name, kept.size) == ("План.pdf", len(data))
    assert await scans.read(kept) == data
    # The same file again changes nothing.
    async with scans.stage() as staged:
        await staged.write(data)
        assert await scans.accept(DRAFT, None, "Другой.pdf", staged, account_id=None) == [kept]
    async with scans.stage() as staged:
        await staged.write(b"MZ")
        with pytest.raises(Rejected) as refused:
            await scans.accept(DRAFT, None, "План.pdf", staged, account_id=None)
        assert refused.value.code == "file-type"
    assert not list(tmp_path.glob("files/*#*"))
