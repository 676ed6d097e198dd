"""``kill -9`` at random moments while consumers file and staff answer."""

from functools import partial
from pathlib import Path

from tests.support.cluster import Cluster, run_cluster
from tests.support.soak import report, size

#: Kills on SQLite and on PostgreSQL with two bots, consumers, and seconds between two kills.
KILLS = (size("KILLS", 8), size("KILLS", 4))
PEOPLE = size("PEOPLE", 4)
LONGEST = 0.8


async def test_on_sqlite(tmp_path: Path) -> None:
    async with run_cluster(tmp_path) as built:
        await survive(built, KILLS[0])


async def test_two_bots_on_postgresql_and_redis(tmp_path: Path) -> None:
    async with run_cluster(tmp_path, bots=2) as built:
        await survive(built, KILLS[1])


async def survive(built: Cluster, kills: int) -> None:
    # Bots are killed when they begin to speak.
    repeated = await built.survives(partial(built.kill_at_random, kills, LONGEST), PEOPLE, kills)
    report(
        f"{built.kills} kills, {PEOPLE} consumers: {len(built.numbers)} requests and "
        f"{len(built.readings)} readings, none lost or doubled; {repeated} messages came twice"
    )
