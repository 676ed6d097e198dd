"""The same suite over each kind of storage that the contract names."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.support.postgres import empty_postgres
from tests.support.world import World, run_world

REDIS = "redis://127.0.0.1:6379/0"


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
async def served(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A world with a running bot; ``redis``: conversation state is there."""
    async with AsyncExitStack() as stack:
        settings: dict[str, str] = {}
        if request.param == "postgresql":
            settings["DATABASE_URL"] = await stack.enter_async_context(empty_postgres())
        if request.param == "redis":
            settings["REDIS_URL"] = REDIS
        made = await stack.enter_async_context(run_world(tmp_path, **settings))
        if request.param == "redis":
            stack.push_async_callback(forget, made.telegram.token)
        await made.start()
        yield made


async def forget(token: str) -> None:
    """Takes what a bot left in Redis away."""
    async with Redis.from_url(REDIS) as redis:
        async for key in redis.scan_iter(f"fsm:{token.partition(':')[0]}:*"):
            await redis.delete(key)
