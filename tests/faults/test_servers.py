"""PostgreSQL and Redis stop, crash and start again while two bots serve people."""

import asyncio
from itertools import cycle, islice
from pathlib import Path

from tests.support.cluster import chance, run_cluster
from tests.support.servers import servers
from tests.support.soak import report, size

RESTARTS = size("RESTARTS", 4)
PEOPLE = 3
LONGEST = 1.0


async def test_postgresql_and_redis_are_restarted(tmp_path: Path) -> None:
    async with (
        servers() as (postgres, redis),
        run_cluster(tmp_path, bots=2, DATABASE_URL=postgres.url, REDIS_URL=redis.url) as built,
    ):

        async def restart() -> None:
            deeds = (postgres.crash, redis.crash, postgres.restart, redis.restart)
            for deed in islice(cycle(deeds), RESTARTS):
                await built.handles_something()
                await asyncio.sleep(chance.uniform(0, LONGEST))
                await deed()

        repeated = await built.survives(restart, PEOPLE, RESTARTS)
        report(
            f"{RESTARTS} restarts of servers, {PEOPLE} consumers: {len(built.numbers)} requests "
            f"and {len(built.readings)} readings, none lost or doubled; "
            f"{repeated} messages came twice"
        )
