"""Scans that harm the process which looks at them: refused by name, and the rest goes on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from bot.db.database import Database
from bot.fsm.form import Rejected
from bot.services.files import EXAMINATION_LIMITS, FileStore, Scans
from bot.services.workshop import Limits, WorkerDied, Workshop
from tests.sample_files import jpeg, large_png, pdf, wide_pdf
from tests.services.conftest import Watch

DRAFT = "0123456789abcdef"
P = ParamSpec("P")
T = TypeVar("T")


class DyingWorker(Workshop):
    """Its process dies under the next pieces of work, as many as ``deaths``."""

    deaths = 0

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.deaths:
            self.deaths -= 1
            raise WorkerDied("exit code -9")
        return await super().run(work, *args, **kwargs)


@pytest.fixture
async def worker() -> AsyncIterator[DyingWorker]:
    made = DyingWorker(Limits(processor_seconds=0.5, seconds=300, memory=120 * 1024**2))
    yield made
    await made.close()


@pytest.fixture
def scans(database: Database, tmp_path: Path, watch: Watch, worker: DyingWorker) -> Scans:
    return Scans(database, FileStore.open(f"file://{tmp_path}/files"), watch, worker)


@pytest.mark.parametrize(
    ("made", "code"), [(wide_pdf, "file-too-complex"), (large_png, "file-unfolds")]
)
async def test_what_breaks_a_limit_is_refused_by_name_and_the_album_goes_on(
    scans: Scans, made: Callable[[], bytes], code: str
) -> None:
    album = [pdf("1"), made(), jpeg("3"), pdf("4")]
    told = await asyncio.gather(
        *(scans.accept(DRAFT, f"{at}", f"{at}", data) for at, data in enumerate(album)),
        return_exceptions=True,
    )
    refused = told[1]
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.details) == (code, {"name": "1"})
    assert {one.name for one in await scans.of_draft(DRAFT)} == {"0.pdf", "2.jpg", "3.pdf"}


async def test_a_file_whose_process_was_killed_is_looked_at_again(
    scans: Scans, worker: DyingWorker
) -> None:
    worker.deaths = 1
    assert len(await scans.accept(DRAFT, "one", "a.pdf", pdf())) == 1


async def test_a_file_that_kills_its_process_twice_is_refused(
    scans: Scans, worker: DyingWorker
) -> None:
    worker.deaths = 2
    with pytest.raises(Rejected) as refused:
        await scans.accept(DRAFT, "one", "a.pdf", pdf())
    assert (refused.value.code, refused.value.details) == ("file-too-complex", {"name": "a.pdf"})
    assert len(await scans.accept(DRAFT, "one", "a.pdf", pdf())) == 1


async def test_a_bot_that_stops_refuses_no_file(scans: Scans, worker: DyingWorker) -> None:
    await worker.close()
    with pytest.raises(RuntimeError, match="closed"):
        await scans.accept(DRAFT, "one", "a.pdf", pdf())


def test_the_limits_are_those_that_are_promised() -> None:
    assert EXAMINATION_LIMITS.processor_seconds == 5
    assert EXAMINATION_LIMITS.memory == 1024**3
