"""``kill -9`` at random moments while consumers file and staff answer."""

from functools import partial
from pathlib import Path

from tests.support.cluster import Cluster, run_cluster
from tests.support.soak import get_size, print_report

#: Kills on SQLite and on PostgreSQL with two bots, consumers, and seconds between two kills.
KILLS = (get_size("KILLS", 6), get_size("KILLS", 4))
PEOPLE = get_size("PEOPLE", 3)
LONGEST = 0.8


async def test_on_sqlite(tmp_path: Path) -> None:
    async with run_cluster(tmp_path) as cluster:
        await run_kills(cluster, KILLS[0])


async def test_two_bots_on_postgresql_and_redis(tmp_path: Path) -> None:
    async with run_cluster(tmp_path, bots=2) as cluster:
        await run_kills(cluster, KILLS[1])


async def run_kills(cluster: Cluster, kills: int) -> None:
    # Bots are killed when they begin to speak.
    repeated = await cluster.run_through(
        partial(cluster.kill_at_random, kills, LONGEST), PEOPLE, kills
    )
    print_report(
        f"{cluster.kills} kills, {PEOPLE} consumers: {len(cluster.numbers)} requests and "
        f"{len(cluster.readings)} readings, none lost or doubled; {repeated} messages came twice"
    )
