"""The outbox: what is leased, in which order, and to whom."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.db import models
from bot.db.database import Database, Tx
from bot.db.outbox import LONGEST_PAUSE, LeasedNotice
from tests.support.samples import NOW

LEASE = timedelta(minutes=1)
LATER = NOW + LEASE


@pytest.fixture
async def tx(database: Database) -> AsyncIterator[Tx]:
    """For what one transaction is enough to see."""
    async with database.begin() as tx:
        yield tx


async def put(
    tx: Tx, key: str, *, stream: str = "", kind: str = "letter", at: datetime = NOW
) -> None:
    """A notice in a stream of its own unless told otherwise; the key is its payload too."""
    await tx.outbox.put(
        stream=stream or key, kind=kind, payload={"key": key}, dedupe_key=key, not_before=at
    )


async def lease(tx: Tx, now: datetime = NOW, limit: int = 100) -> list[LeasedNotice]:
    return await tx.outbox.lease(now, LEASE, limit, "worker")


def keys(rows: Sequence[LeasedNotice]) -> list[int | str]:
    return [row.payload["key"] for row in rows]


async def last_error(tx: Tx, row_id: int) -> str | None:
    row = models.OutboxRow
    return await tx.connection.scalar(select(row.last_error).where(row.id == row_id))


async def test_a_leased_row_is_what_was_put(tx: Tx) -> None:
    await tx.outbox.put(
        stream="account:1", kind="letter", payload={"id": 1}, dedupe_key="k", not_before=NOW
    )
    (row,) = await lease(tx)
    assert (row.stream, row.kind, row.payload) == ("account:1", "letter", {"id": 1})
    assert (row.attempts, row.created_at) == (0, NOW)


async def test_the_same_promise_is_kept_once(tx: Tx) -> None:
    await put(tx, "a")
    await put(tx, "a", stream="other", kind="card")
    assert await tx.outbox.count_waiting() == {"letter": 1}
    (row,) = await lease(tx)
    assert row.stream == "a"
    await tx.outbox.mark_done(row.id, NOW)
    # Even when it was kept long ago.
    await put(tx, "a")
    assert await lease(tx, LATER) == []


async def test_only_the_head_of_a_stream_is_leased(tx: Tx) -> None:
    for key in ("a", "b", "c"):
        await put(tx, key, stream="s")
    await put(tx, "x", stream="other")
    first, other = await lease(tx)
    assert keys([first, other]) == ["a", "x"]
    assert await lease(tx) == []  # the head is out, and those behind it wait
    await tx.outbox.mark_done(first.id, NOW)
    assert keys(await lease(tx)) == ["b"]


async def test_people_go_before_the_staff(tx: Tx) -> None:
    await put(tx, "card", kind="card")
    await put(tx, "scan", kind="scan")
    await put(tx, "one")
    await put(tx, "two", kind="status")
    assert keys(await lease(tx, limit=3)) == ["one", "two", "card"]
    assert keys(await lease(tx)) == ["scan"]


async def test_nothing_is_leased_before_its_time(tx: Tx) -> None:
    await put(tx, "a", at=LATER)
    assert await lease(tx, LATER - timedelta(microseconds=1)) == []
    assert keys(await lease(tx, LATER)) == ["a"]


async def test_a_lease_runs_out(tx: Tx) -> None:
    await put(tx, "a")
    (row,) = await lease(tx)
    assert await lease(tx, LATER - timedelta(microseconds=1)) == []
    # Whoever had it is gone; that is not a failure of the notice.
    assert await lease(tx, LATER) == [row]


async def test_a_clock_set_back_holds_nothing_up(tx: Tx) -> None:
    for key in ("new", "tried", "put off", "leased"):
        await put(tx, key)
    _, tried, put_off, _ = await lease(tx)
    await tx.outbox.retry(tried.id, NOW + LONGEST_PAUSE, "")
    await tx.outbox.postpone(put_off.id, NOW + LONGEST_PAUSE)
    await put(tx, "newer")
    assert keys(await lease(tx)) == ["newer"]
    earlier = NOW - timedelta(hours=1)
    assert len(await lease(tx, earlier)) == 5
    assert await lease(tx, earlier) == []
    assert len(await lease(tx, earlier + LEASE)) == 5


async def test_a_clock_set_forward_ends_no_lease_that_may_be_renewed(tx: Tx) -> None:
    await put(tx, "a")
    (row,) = await lease(tx)
    much_later = NOW + timedelta(hours=1)
    assert await tx.outbox.lease(much_later, LEASE, 9, "other", leases_end=False) == []
    await tx.outbox.renew([row.id], much_later + LEASE)
    assert await lease(tx, much_later) == []
    assert await lease(tx, much_later + LEASE) == [row]


async def test_a_retried_row_comes_back_later_and_holds_its_stream(tx: Tx) -> None:
    await put(tx, "a", stream="s")
    await put(tx, "b", stream="s")
    (row,) = await lease(tx)
    await tx.outbox.retry(row.id, LATER, "e" * 1000)
    assert await last_error(tx, row.id) == "e" * 500
    assert await lease(tx) == []
    (again,) = await lease(tx, LATER)
    assert (again.id, again.attempts) == (row.id, 1)
    await tx.outbox.retry(row.id, NOW, "")
    (again,) = await lease(tx)
    assert (again.id, again.attempts) == (row.id, 2)


async def test_a_postponed_row_was_not_tried(tx: Tx) -> None:
    await put(tx, "a", stream="s")
    await put(tx, "b", stream="s")
    (row,) = await lease(tx)
    await tx.outbox.postpone(row.id, LATER)
    assert await lease(tx) == []
    assert await lease(tx, LATER) == [row]


async def test_a_dead_row_lets_its_stream_go_on(tx: Tx) -> None:
    await put(tx, "a", stream="s")
    await put(tx, "b", stream="s")
    (row,) = await lease(tx)
    await tx.outbox.mark_dead(row.id, "e" * 1000, NOW)
    assert await last_error(tx, row.id) == "e" * 500
    assert keys(await lease(tx)) == ["b"]


async def test_a_delivered_row_never_comes_back_and_forgets_its_error(tx: Tx) -> None:
    await put(tx, "a")
    (row,) = await lease(tx)
    await tx.outbox.retry(row.id, NOW, "no answer")
    await lease(tx)
    await tx.outbox.mark_done(row.id, NOW)
    assert await last_error(tx, row.id) is None
    assert await lease(tx, NOW + timedelta(days=365)) == []


async def test_depth_counts_what_waits(tx: Tx) -> None:
    assert await tx.outbox.count_waiting() == {}
    for key in ("a", "b", "c", "d"):
        await put(tx, key)
    await put(tx, "card", kind="card", at=LATER)
    first, second, *_ = await lease(tx)
    await tx.outbox.mark_done(first.id, NOW)
    await tx.outbox.mark_dead(second.id, "gone", NOW)
    assert await tx.outbox.count_waiting() == {"letter": 2, "card": 1}


async def test_simultaneous_lessees_never_share_a_row_or_a_stream(database: Database) -> None:
    async with database.begin() as tx:
        for stream in range(10):
            for place in range(3):
                await put(tx, f"{stream}-{place}", stream=str(stream))

    async def take() -> list[int | str]:
        async with database.begin() as tx:
            rows = await lease(tx, limit=2)
            await asyncio.sleep(0.05)  # on PostgreSQL all of them are inside by now
            return keys(rows)

    taken = await asyncio.gather(*(take() for _ in range(8)))
    assert sorted(key for some in taken for key in some) == [f"{n}-0" for n in range(10)]


async def test_a_lessee_does_not_get_what_another_is_leasing(database: Database) -> None:
    async with database.begin() as tx:
        await put(tx, "a", stream="s")
        await put(tx, "b", stream="s")
        await put(tx, "c")

    async def take() -> list[int | str]:
        async with database.begin() as tx:
            return keys(await lease(tx))

    async with database.begin() as tx:
        assert keys(await lease(tx, limit=1)) == ["a"]
        # PostgreSQL answers at once, SQLite when this transaction is over.
        second = asyncio.create_task(take())
        await asyncio.sleep(0.1)
    assert await second == ["c"]


async def test_a_lease_that_was_rolled_back_was_none(database: Database) -> None:
    async with database.begin() as tx:
        await put(tx, "a")

    async def crash() -> None:
        async with database.begin() as tx:
            assert keys(await lease(tx)) == ["a"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await crash()
    async with database.begin() as tx:
        assert keys(await lease(tx)) == ["a"]


async def test_many_workers_deliver_every_stream_in_order(database: Database) -> None:
    expected = {str(stream): [f"{stream}-{place}" for place in range(4)] for stream in range(4)}
    async with database.begin() as tx:
        for stream, notices in expected.items():
            for key in notices:
                await put(tx, key, stream=stream)
    delivered: dict[str, list[int | str]] = {stream: [] for stream in expected}

    async def work() -> None:
        while True:
            async with database.begin() as tx:
                if not await tx.outbox.count_waiting():
                    return
                rows = await lease(tx, limit=2)
            for row in rows:
                delivered[row.stream].append(row.payload["key"])
                async with database.begin() as tx:
                    await tx.outbox.mark_done(row.id, NOW)

    async with asyncio.timeout(30):
        await asyncio.gather(*(work() for _ in range(4)))
    assert delivered == expected
