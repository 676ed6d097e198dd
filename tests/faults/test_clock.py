"""The clock of the machine is set by an hour, both ways, while notices are on their way."""

import asyncio

import pytest

from bot.db.database import Database
from bot.db.outbox import LeasedNotice
from bot.notices import FileRemoval, Queue
from bot.notifications.outbox_worker import OutboxWorker
from tests.services.conftest import FakeClock


class RecordingSender:
    """Takes its time with each notice until it is let go."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.open = asyncio.Event()

    async def send(self, leased: LeasedNotice[FileRemoval]) -> None:
        self.begun.append(leased.id)
        await self.open.wait()


def worker(database: Database, clock: FakeClock, post: RecordingSender) -> OutboxWorker:
    return OutboxWorker(database, clock, {Queue.FILES: 9}, {FileRemoval: post.send})


async def put(database: Database, clock: FakeClock, *keys: str) -> None:
    async with database.begin() as tx:
        for key in keys:
            await tx.outbox.put(FileRemoval(key=key), clock.now())


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_notice_in_hand_is_not_taken_by_another_process(
    database: Database, hours: int
) -> None:
    clock, post = FakeClock(), RecordingSender()
    here, there = (worker(database, clock, post) for _ in "ab")
    await put(database, clock, "a")
    sending = asyncio.create_task(here.drain_once())
    while not post.begun:  # noqa: ASYNC110
        await asyncio.sleep(0)
    clock.advance(hours=hours)
    await put(database, clock, "b")
    other = asyncio.create_task(there.drain_once())
    while len(post.begun) < 2:  # noqa: ASYNC110
        await asyncio.sleep(0)
    post.open.set()
    assert await sending == 1
    assert await other == 1
    assert len(post.begun) == 2
    async with database.read() as tx:
        assert await tx.outbox.count_waiting() == {}


async def test_set_back_nothing_waits_for_the_old_time(database: Database) -> None:
    clock, post = FakeClock(), RecordingSender()
    post.open.set()
    await put(database, clock, "a", "b")
    clock.advance(hours=-1)
    await put(database, clock, "c")
    assert await worker(database, clock, post).drain_once() == 3
