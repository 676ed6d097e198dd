"""The clock of the machine is set by an hour, both ways, while notices are on their way."""

import asyncio

import pytest

from bot.db.database import Database
from bot.db.outbox import LeasedNotice
from bot.notices import FileRemoval, Queue
from bot.notifications.outbox_worker import OutboxWorker
from tests.support.clock import FakeClock


class RecordingSender:
    """Takes its time with each notice until it is let go."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.open = asyncio.Event()

    async def send(self, leased: LeasedNotice[FileRemoval]) -> None:
        self.begun.append(leased.id)
        await self.open.wait()


def build_worker(database: Database, clock: FakeClock, sender: RecordingSender) -> OutboxWorker:
    return OutboxWorker(database, clock, {Queue.FILES: 9}, {FileRemoval: sender.send})


async def put_notices(database: Database, clock: FakeClock, *keys: str) -> None:
    async with database.begin() as tx:
        for key in keys:
            await tx.outbox.put(FileRemoval(key=key), clock.now())


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_notice_in_hand_is_not_taken_by_another_process(
    database: Database, hours: int
) -> None:
    clock, sender = FakeClock(), RecordingSender()
    here, there = (build_worker(database, clock, sender) for _ in "ab")
    await put_notices(database, clock, "a")
    sending = asyncio.create_task(here.drain_once())
    while not sender.begun:  # noqa: ASYNC110
        await asyncio.sleep(0)
    clock.advance(hours=hours)
    await put_notices(database, clock, "b")
    other = asyncio.create_task(there.drain_once())
    while len(sender.begun) < 2:  # noqa: ASYNC110
        await asyncio.sleep(0)
    sender.open.set()
    assert await sending == 1
    assert await other == 1
    assert len(sender.begun) == 2
    async with database.read() as tx:
        assert await tx.outbox.count_waiting() == {}


async def test_set_back_nothing_waits_for_the_old_time(database: Database) -> None:
    clock, sender = FakeClock(), RecordingSender()
    sender.open.set()
    await put_notices(database, clock, "a", "b")
    clock.advance(hours=-1)
    await put_notices(database, clock, "c")
    assert await build_worker(database, clock, sender).drain_once() == 3
