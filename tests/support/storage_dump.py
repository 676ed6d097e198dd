"""Everything that a bot stored, as one text to search in."""

import re
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
from redis.asyncio import Redis

from tests.support.redis import REDIS_URL
from tests.support.world import World


async def dump_storage(world: World) -> str:
    """Everything in the database and, when it is used, in the bot's part of Redis."""
    url = world.settings["DATABASE_URL"]
    if url.startswith("sqlite"):
        path = Path(url.partition(":///")[2])
        files = [path, path.with_name(path.name + "-wal")]
        text = "".join(
            file.read_bytes().decode(errors="replace") for file in files if file.exists()
        )
    else:
        text = await _dump_postgres(url.replace("+asyncpg", ""))
    if "REDIS_URL" in world.settings:
        bot_id = world.telegram.token.partition(":")[0]
        async with Redis.from_url(REDIS_URL, decode_responses=True) as redis:
            async for key in redis.scan_iter(f"*{bot_id}*", _type="string"):
                text += f"{key!s} {await redis.get(key)!s}\n"
    # JSON escapes what is not ASCII.
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


async def _dump_postgres(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        rows = [
            row[0]
            for table in tables
            for row in await connection.fetch(f'SELECT t::text FROM "{table[0]}" AS t')
        ]
    finally:
        await connection.close()
    return "\n".join(rows)
