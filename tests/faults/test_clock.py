"""The clock of the machine is set by an hour, both ways, while notices are on their way."""

import asyncio

import pytest

from bot.db.database import Database
from bot.db.outbox import OutboxRow
from bot.notifications.outbox_worker import Worker
from tests.services.conftest import Watch


class Post:
    """Takes its time with each notice until it is let go."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.open = asyncio.Event()

    async def send(self, row: OutboxRow) -> None:
        self.begun.append(row.id)
        await self.open.wait()


def worker(database: Database, watch: Watch, post: Post) -> Worker:
    return Worker(database, watch, {"mail": 9}, {"letter": ("mail", post.send)})


async def promise(database: Database, watch: Watch, *keys: str) -> None:
    async with database.begin() as tx:
        for key in keys:
            await tx.outbox.put(
                stream=key, kind="letter", payload={}, dedupe_key=key, not_before=watch.now()
            )


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_notice_in_hand_is_not_taken_by_another_process(
    database: Database, hours: int
) -> None:
    watch, post = Watch(), Post()
    here, there = (
        Worker(database, watch, {"mail": 9}, {"letter": ("mail", post.send)}) for _ in "ab"
    )
    await promise(database, watch, "a")
    sending = asyncio.create_task(here.drain_once())
    while not post.begun:  # noqa: ASYNC110
        await asyncio.sleep(0)
    watch.move(hours=hours)
    await promise(database, watch, "b")
    other = asyncio.create_task(there.drain_once())
    while len(post.begun) < 2:  # noqa: ASYNC110
        await asyncio.sleep(0)
    post.open.set()
    assert await sending == 1
    assert await other == 1
    assert len(post.begun) == 2
    async with database.read() as tx:
        assert await tx.outbox.depth() == {}


async def test_set_back_nothing_waits_for_the_old_time(database: Database) -> None:
    watch, post = Watch(), Post()
    post.open.set()
    await promise(database, watch, "a", "b")
    watch.move(hours=-1)
    await promise(database, watch, "c")
    assert await worker(database, watch, post).drain_once() == 3
