"""A bot whose database is on a file system that is full."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.cluster import run_cluster


@asynccontextmanager
async def mount_small_disk(folder: Path) -> AsyncIterator[None]:
    """Of 12 MB; skips the test where nothing may be mounted."""
    folder.mkdir()
    mounting = await asyncio.create_subprocess_exec(
        *("mount", "-t", "tmpfs", "-o", "size=12m", "cabinet-test", str(folder)),
        stderr=asyncio.subprocess.DEVNULL,
    )
    if await mounting.wait():
        pytest.skip("no file system may be mounted here")
    try:
        yield
    finally:
        await (await asyncio.create_subprocess_exec("umount", str(folder))).wait()


def fill_up(junk: Path) -> None:
    with junk.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


async def test_updates_wait_until_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    async with (
        mount_small_disk(disk),
        run_cluster(tmp_path, DATABASE_URL=f"sqlite+aiosqlite:///{disk}/cabinet.db") as cluster,
    ):
        phone = await cluster.add_consumer(0)
        fill_up(disk / "junk")
        filing = asyncio.create_task(cluster.file_request(phone))
        await cluster.wait_until(lambda: "waits: OperationalError" in cluster.world.log())
        assert not filing.done()
        (disk / "junk").unlink()
        await cluster.answer_request(cluster.add_staff_member(0), phone, await filing)
        await cluster.check_nothing_lost_or_doubled()
        await cluster.stop()
        cluster.check_log()
