"""PostgreSQL and Redis stop, crash and start again while two bots serve people."""

import asyncio
from itertools import cycle, islice
from pathlib import Path

from tests.support.cluster import rng, run_cluster
from tests.support.servers import run_servers
from tests.support.soak import get_size, print_report

RESTARTS = get_size("RESTARTS", 4)
PEOPLE = 2
LONGEST = 1.0


async def test_postgresql_and_redis_are_restarted(tmp_path: Path) -> None:
    async with (
        run_servers() as (postgres, redis),
        run_cluster(tmp_path, bots=2, DATABASE_URL=postgres.url, REDIS_URL=redis.url) as cluster,
    ):

        async def restart() -> None:
            deeds = (postgres.crash, redis.crash, postgres.restart, redis.restart)
            for deed in islice(cycle(deeds), RESTARTS):
                await cluster.wait_for_activity()
                await asyncio.sleep(rng.uniform(0, LONGEST))
                await deed()

        repeated = await cluster.run_through(restart, PEOPLE, RESTARTS)
        print_report(
            f"{RESTARTS} restarts of servers, {PEOPLE} consumers: {len(cluster.numbers)} requests "
            f"and {len(cluster.readings)} readings, none lost or doubled; "
            f"{repeated} messages came twice"
        )
