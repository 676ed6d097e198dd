"""Chats with the whole bot, in process: fast, and nothing is allowed to go wrong unnoticed."""

import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.e2e.conftest import REDIS, forget
from tests.support.in_process import InProcessCabinet
from tests.support.postgres import migrated_postgres
from tests.support.sqlite import lay_database


@pytest.fixture
async def cabinet(
    request: pytest.FixtureRequest, tmp_path: Path, migrated: Path
) -> AsyncIterator[InProcessCabinet]:
    """On SQLite or what TEST_STORAGE says; modules marked ``EACH_STORAGE`` run on all of them."""
    storage = getattr(request, "param", os.environ.get("TEST_STORAGE", "sqlite"))
    made = InProcessCabinet(tmp_path)
    async with AsyncExitStack() as stack:
        if storage == "postgresql":
            made.settings["database_url"] = await stack.enter_async_context(migrated_postgres())
        else:
            lay_database(migrated, tmp_path)
        if storage == "redis":
            made.settings["redis_url"] = REDIS
            stack.push_async_callback(forget, made.telegram.token)
        await stack.enter_async_context(made.running())
        yield made
    assert made.telegram.violations == []


@pytest.fixture(autouse=True)
def nothing_fails(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """An error in the log fails the test; one that expects errors clears ``caplog`` itself."""
    yield
    for phase in ("setup", "call"):
        errors = [
            one for one in caplog.get_records(phase) if one.levelno >= logging.ERROR or one.exc_info
        ]
        assert not errors, [one.getMessage() for one in errors]
