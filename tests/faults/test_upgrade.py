"""The release before and the present code over one database: up, side by side, and back.

The release is the real one, in processes of its own. Its database is made by itself.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.support import flows
from tests.support.cluster import Cluster, run_cluster
from tests.support.fork_server import ROOT
from tests.support.postgres import create_postgres
from tests.support.releases import unpack_release


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack_release(tmp_path_factory.mktemp("release"))


async def test_two_processes_one_after_another_on_postgresql(tmp_path: Path, release: Path) -> None:
    async with (
        create_postgres() as url,
        run_cluster(tmp_path, bots=2, code=release, DATABASE_URL=url) as cluster,
    ):

        async def crash_and_restart() -> None:
            await cluster.wait_for_delivery()
            await cluster.kill(1)
            # Over the schema that the present code has migrated.
            await cluster.start_with(1, release)

        await run_through(
            cluster,
            lambda: cluster.replace(0, ROOT),
            crash_and_restart,
            lambda: cluster.replace(0, release),
        )


async def test_one_after_another_on_sqlite(tmp_path: Path, release: Path) -> None:
    async with run_cluster(tmp_path, code=release) as cluster:
        await run_through(
            cluster, lambda: cluster.replace(0, ROOT), lambda: cluster.replace(0, release)
        )


async def run_through(cluster: Cluster, *changes: Callable[[], Awaitable[None]]) -> None:
    """Talks before, between and after the changes; at the end everything is there once."""
    phone, staff_member = await cluster.add_consumer(0), cluster.add_staff_member(0)
    await cluster.exchange_words(phone, staff_member)
    for number, change in enumerate(changes):
        meter = f"{number:09d}"
        await flows.enter_reading(phone, "Однотарифный", meter, "100,5")
        await change()
        # The form of one version goes on in the other.
        await phone.press("Ввести")
        await phone.expects("Показания приняты", meter)
        cluster.readings.append(meter)
        await cluster.exchange_words(phone, staff_member)
    await cluster.wait_for_delivery()
    stored = await cluster.select_column("SELECT number FROM requests ORDER BY id")
    assert stored == cluster.numbers
    entered = await cluster.select_column(
        "SELECT number FROM meters JOIN readings ON readings.meter_id = meters.id ORDER BY 1"
    )
    assert entered == cluster.readings
    assert [cluster.count_repeats(one, most=1, letters=1) for one in stored] == [0] * len(stored)
    await cluster.stop()
    cluster.check_log()
