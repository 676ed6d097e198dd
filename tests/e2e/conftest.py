"""Runs each end-to-end test on every kind of storage that the contract names."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support.postgres import create_migrated_postgres
from tests.support.redis import REDIS_URL, delete_bot_keys
from tests.support.sqlite_file import copy_database
from tests.support.world import World, run_world


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, migrated: Path
) -> AsyncIterator[World]:
    """A world with a running bot; with ``redis`` the conversations are kept in Redis."""
    async with AsyncExitStack() as stack:
        settings: dict[str, str] = {}
        copy_database(migrated, tmp_path)
        if request.param == "postgresql":
            settings["DATABASE_URL"] = await stack.enter_async_context(create_migrated_postgres())
        if request.param == "redis":
            settings["REDIS_URL"] = REDIS_URL
        made = await stack.enter_async_context(run_world(tmp_path, **settings))
        if request.param == "redis":
            stack.push_async_callback(delete_bot_keys, made.telegram.token)
        await made.start()
        yield made
