"""Three processes behind nginx, by docs/operations.md: upgrade, backup, restore elsewhere, go on.

``make soak`` does it, while people talk; short forms of its parts are ``test_upgrade.py`` and
``tests/e2e/test_backup.py``.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine

from tests.support import flows
from tests.support.backlog import watch_backlog
from tests.support.cluster import Cluster, ClusterPhone, run_cluster
from tests.support.environment import run_main
from tests.support.fork_server import ROOT
from tests.support.nginx import run_nginx
from tests.support.releases import RELEASE_BEFORE, unpack_release
from tests.support.servers import run_servers
from tests.support.soak import print_report

BOTS = 3
PEOPLE = 3


async def test_upgrade_backup_restore_elsewhere_and_go_on(tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    async with AsyncExitStack() as stack:
        postgres, redis = await stack.enter_async_context(run_servers())
        cluster = await stack.enter_async_context(
            run_cluster(
                tmp_path,
                bots=BOTS,
                code=unpack_release(tmp_path / "release"),
                DATABASE_URL=postgres.url,
                REDIS_URL=redis.url,
            )
        )
        assert cluster.balancer is not None
        nginx = await stack.enter_async_context(run_nginx(tmp_path, cluster.balancer.ports))
        await cluster.restart(WEBHOOK_URL=nginx)
        phones = [await cluster.add_consumer(index) for index in range(PEOPLE)]

        async with keep_writing(cluster, phones) as first_numbers:
            await wait_for_requests(cluster, PEOPLE)
            begun = time.monotonic()
            for which in range(BOTS):
                await cluster.replace(which, ROOT)
                await wait_for_requests(cluster, 1)
            upgraded = time.monotonic() - begun
            saved = set(cluster.numbers)
            copied = await run_command(cluster, "backup", backup)
            await wait_for_requests(cluster, 1)
        await cluster.wait_for_delivery()
        stored = await cluster.select_column("SELECT number FROM requests")
        assert sorted(stored) == sorted(cluster.numbers)
        repeats = [cluster.count_repeats(one, most=1, letters=1) for one in stored]
        assert repeats == [0] * len(stored)
        await cluster.stop()

        postgres, redis = await stack.enter_async_context(run_servers())
        elsewhere = {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "FILES_URL": f"file://{tmp_path}/elsewhere",
        }
        for settings in cluster.settings_of_bots:
            settings.update(elsewhere)
        restored = await run_command(cluster, "restore", backup)
        await cluster.engine.dispose()
        cluster.engine = create_async_engine(postgres.url)
        stack.push_async_callback(cluster.engine.dispose)
        await stack.enter_async_context(watch_backlog(cluster.world.telegram, postgres.url))
        await cluster.restart()
        # Numbers of after the backup are given anew.
        cluster.numbers = await cluster.select_column("SELECT number FROM requests")
        assert saved <= set(cluster.numbers)
        # What was sent after the backup is sent again.
        await cluster.wait_for_delivery()
        scans = await cluster.count_rows("files WHERE request_id IS NOT NULL")
        assert len([one for one in (tmp_path / "elsewhere").rglob("*") if one.is_file()]) >= scans
        for phone, number in zip(phones, first_numbers, strict=True):
            await flows.open_request(phone, number)
            assert flows.TEXT in phone.screen
        newcomer = await cluster.add_consumer(PEOPLE)
        await cluster.exchange_words(newcomer, cluster.add_staff_member(PEOPLE))
        await cluster.wait_for_delivery()
        await cluster.stop()
        cluster.check_log()
    print_report(
        f"{BOTS} processes behind nginx, {PEOPLE} consumers talking: {RELEASE_BEFORE} replaced by "
        f"the present code in {upgraded:.0f} s, {len(stored)} requests, none lost or doubled; "
        f"backup of {len(saved)} and their scans {copied:.1f} s, restore elsewhere {restored:.1f} s"
    )


@asynccontextmanager
async def keep_writing(
    cluster: Cluster, phones: Sequence[ClusterPhone]
) -> AsyncIterator[list[str]]:
    """Everybody files requests, which staff answer, until the block ends; yields the first ones."""
    first_numbers = [
        await cluster.exchange_words(phone, cluster.add_staff_member(index))
        for index, phone in enumerate(phones)
    ]
    ended = asyncio.Event()

    async def repeat(index: int) -> None:
        staff_member = cluster.add_staff_member(index)
        while not ended.is_set():
            await cluster.exchange_words(phones[index], staff_member)

    async with asyncio.TaskGroup() as tasks:
        for index in range(len(phones)):
            tasks.create_task(repeat(index))
        yield first_numbers
        ended.set()


async def wait_for_requests(cluster: Cluster, more: int) -> None:
    """Waits until so many more requests were filed."""
    enough = len(cluster.numbers) + more
    await cluster.wait_until(lambda: len(cluster.numbers) >= enough)


async def run_command(cluster: Cluster, command: str, backup: Path) -> float:
    """Runs ``main.py backup`` or ``restore``; returns how long it took, in seconds."""
    begun = time.monotonic()
    settings = cluster.settings_of_bots[0]
    code, output, errors = await run_main(backup.parent, command, str(backup), **settings)
    assert code == 0, output + errors
    return time.monotonic() - begun
