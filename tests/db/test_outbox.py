"""The outbox: what is leased, in which order, and to whom."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.db import models
from bot.db.database import Database, Tx
from bot.db.outbox import LONGEST_PAUSE, LeasedNotice, UnreadableNotice
from bot.notices import (
    NOTICE_TYPES,
    CardEdit,
    CardScan,
    EmergencyCard,
    FileRemoval,
    Notice,
    PasswordEmail,
    RequestCard,
    StatusChanged,
)
from tests.support.samples import NOW, add_account, add_request

LEASE = timedelta(minutes=1)
LATER = NOW + LEASE


@pytest.fixture
async def tx(database: Database) -> AsyncIterator[Tx]:
    """For what one transaction is enough to see."""
    async with database.begin() as tx:
        yield tx


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedRemoval(FileRemoval):
    """A removal in any stream; it is read as an ordinary one."""

    other_stream: str

    @property
    def stream(self) -> str:
        return self.other_stream


async def put_notice(tx: Tx, key: str, *, stream: str | None = None, at: datetime = NOW) -> None:
    """A notice in a stream of its own unless told otherwise."""
    notice = (
        FileRemoval(key=key) if stream is None else StreamedRemoval(key=key, other_stream=stream)
    )
    await tx.outbox.put(notice, NOW, not_before=at)


async def lease_notices(
    tx: Tx, now: datetime = NOW, limit: int = 100
) -> list[LeasedNotice[Notice] | UnreadableNotice]:
    return await tx.outbox.lease(now, LEASE, limit, "worker", NOTICE_TYPES)


def list_keys(rows: Sequence[LeasedNotice[Notice] | UnreadableNotice]) -> list[str]:
    found = []
    for row in rows:
        assert isinstance(row, LeasedNotice)
        assert isinstance(row.notice, FileRemoval)
        found.append(row.notice.key)
    return found


async def read_last_error(tx: Tx, row_id: int) -> str | None:
    row = models.OutboxRow
    return await tx.connection.scalar(select(row.last_error).where(row.id == row_id))


async def test_a_leased_row_is_what_was_put(tx: Tx) -> None:
    notice = StatusChanged(request_id=1, history_id=2, chat_id=3)
    await tx.outbox.put(notice, NOW, not_before=LATER)
    stored = (await tx.connection.execute(select(models.OutboxRow))).mappings().one()
    assert stored["stream"] == "chat:3"
    assert stored["kind"] == "status_notice"
    assert stored["payload"] == {"request_id": 1, "history_id": 2, "chat_id": 3}
    assert stored["dedupe_key"] == "status:2:3"
    assert (stored["created_at"], stored["not_before"]) == (NOW, LATER)
    (row,) = await lease_notices(tx, LATER)
    assert row == LeasedNotice(id=row.id, notice=notice, attempts=0, stored_at=NOW)


async def test_the_same_notice_is_stored_once(tx: Tx) -> None:
    await put_notice(tx, "a")
    await put_notice(tx, "a", stream="other")
    assert await tx.outbox.count_waiting() == {"file_removal": 1}
    (row,) = await lease_notices(tx)
    await tx.outbox.mark_done(row.id, NOW)
    # Also when it was delivered long ago.
    await put_notice(tx, "a")
    assert await lease_notices(tx, LATER) == []


async def test_only_the_head_of_a_stream_is_leased(tx: Tx) -> None:
    for key in ("a", "b", "c"):
        await put_notice(tx, key, stream="s")
    await put_notice(tx, "x", stream="other")
    first, other = await lease_notices(tx)
    assert list_keys([first, other]) == ["a", "x"]
    assert await lease_notices(tx) == []  # the head is out, and those behind it wait
    await tx.outbox.mark_done(first.id, NOW)
    assert list_keys(await lease_notices(tx)) == ["b"]


async def test_people_go_before_the_staff(tx: Tx) -> None:
    edit, card = CardEdit(request_id=1, cause="1"), RequestCard(request_id=2)
    email = PasswordEmail(account_id=1, draft_id="a")
    status = StatusChanged(request_id=1, history_id=1, chat_id=1)
    await put_notice(tx, "removal")
    for notice in (edit, card, email, status):
        await tx.outbox.put(notice, NOW)
    first = [
        row.notice for row in await lease_notices(tx, limit=3) if isinstance(row, LeasedNotice)
    ]
    assert first == [email, status, card]
    rest = [row.notice for row in await lease_notices(tx) if isinstance(row, LeasedNotice)]
    assert rest == [edit, FileRemoval(key="removal")]


async def test_a_group_waits_behind_no_cards_of_another(tx: Tx) -> None:
    account = await add_account(tx)
    ours, theirs, danger = [await add_request(tx, account.id, draft) for draft in ("a", "b", "c")]
    await tx.requests.change(theirs, staff_chat_id=-5)
    await tx.requests.change(danger, staff_chat_id=-6)
    for number in range(300):
        await tx.outbox.put(RequestCard(request_id=10 + number), NOW)
    await tx.outbox.put(CardEdit(request_id=ours, cause="1"), NOW)
    await tx.outbox.put(RequestCard(request_id=theirs), NOW)
    await tx.outbox.put(EmergencyCard(request_id=danger), NOW)
    assert await tx.outbox.count_waiting_for(RequestCard.kind, None) == 300
    assert await tx.outbox.count_waiting_for(RequestCard.kind, -5) == 1
    free = await tx.outbox.lease(
        NOW, LEASE, 9, "worker", NOTICE_TYPES, busy=[({RequestCard.kind}, None)]
    )
    assert [
        (type(one.notice), one.staff_chat_id) for one in free if isinstance(one, LeasedNotice)
    ] == [
        (EmergencyCard, -6),
        (RequestCard, -5),
        (CardEdit, None),
    ]


async def test_other_kinds_wait_and_hold_their_streams(tx: Tx) -> None:
    await tx.outbox.put(RequestCard(request_id=1), NOW)
    await tx.outbox.put(CardScan(request_id=1, file_ids=(1,)), NOW)
    await put_notice(tx, "a")
    kinds = {FileRemoval.kind, CardScan.kind}
    assert list_keys(await tx.outbox.lease(NOW, LEASE, 9, "worker", kinds)) == ["a"]
    assert await tx.outbox.lease(NOW, LEASE, 9, "worker", []) == []


async def test_a_payload_that_does_not_fit_is_told_apart(tx: Tx) -> None:
    await put_notice(tx, "a")
    await put_notice(tx, "b")
    row = models.OutboxRow
    await tx.connection.execute(
        update(row).where(row.dedupe_key == "file-removal:a").values(payload={"key": ["words"]})
    )
    broken, whole = await lease_notices(tx)
    assert broken == UnreadableNotice(id=broken.id, kind="file_removal", reason="key: string_type")
    assert list_keys([whole]) == ["b"]


async def test_nothing_is_leased_before_its_time(tx: Tx) -> None:
    await put_notice(tx, "a", at=LATER)
    assert await lease_notices(tx, LATER - timedelta(microseconds=1)) == []
    assert list_keys(await lease_notices(tx, LATER)) == ["a"]


async def test_a_lease_runs_out(tx: Tx) -> None:
    await put_notice(tx, "a")
    (row,) = await lease_notices(tx)
    assert await lease_notices(tx, LATER - timedelta(microseconds=1)) == []
    # Whoever had it is gone; that is not a failure of the notice.
    assert await lease_notices(tx, LATER) == [row]


async def test_a_clock_set_back_holds_nothing_up(tx: Tx) -> None:
    for key in ("new", "tried", "put off", "leased"):
        await put_notice(tx, key)
    _, tried, put_off, _ = await lease_notices(tx)
    await tx.outbox.retry(tried.id, NOW + LONGEST_PAUSE, "")
    await tx.outbox.postpone(put_off.id, NOW + LONGEST_PAUSE)
    await put_notice(tx, "newer")
    assert list_keys(await lease_notices(tx)) == ["newer"]
    earlier = NOW - timedelta(hours=1)
    assert len(await lease_notices(tx, earlier)) == 5
    assert await lease_notices(tx, earlier) == []
    assert len(await lease_notices(tx, earlier + LEASE)) == 5


async def test_a_clock_set_forward_ends_no_lease_that_may_be_renewed(tx: Tx) -> None:
    await put_notice(tx, "a")
    (row,) = await lease_notices(tx)
    much_later = NOW + timedelta(hours=1)
    assert (
        await tx.outbox.lease(much_later, LEASE, 9, "other", NOTICE_TYPES, leases_end=False) == []
    )
    await tx.outbox.renew([row.id], much_later + LEASE)
    assert await lease_notices(tx, much_later) == []
    assert await lease_notices(tx, much_later + LEASE) == [row]


async def test_a_retried_row_comes_back_later_and_holds_its_stream(tx: Tx) -> None:
    await put_notice(tx, "a", stream="s")
    await put_notice(tx, "b", stream="s")
    (row,) = await lease_notices(tx)
    await tx.outbox.retry(row.id, LATER, "e" * 1000)
    assert await read_last_error(tx, row.id) == "e" * 500
    assert await lease_notices(tx) == []
    assert await lease_notices(tx, LATER) == [
        LeasedNotice(id=row.id, notice=FileRemoval(key="a"), attempts=1, stored_at=NOW)
    ]
    await tx.outbox.retry(row.id, NOW, "")
    assert await lease_notices(tx) == [
        LeasedNotice(id=row.id, notice=FileRemoval(key="a"), attempts=2, stored_at=NOW)
    ]


async def test_a_postponed_row_was_not_tried(tx: Tx) -> None:
    await put_notice(tx, "a", stream="s")
    await put_notice(tx, "b", stream="s")
    (row,) = await lease_notices(tx)
    await tx.outbox.postpone(row.id, LATER)
    assert await lease_notices(tx) == []
    assert await lease_notices(tx, LATER) == [row]


async def test_a_dead_row_lets_its_stream_go_on(tx: Tx) -> None:
    await put_notice(tx, "a", stream="s")
    await put_notice(tx, "b", stream="s")
    (row,) = await lease_notices(tx)
    await tx.outbox.mark_dead(row.id, "e" * 1000, NOW)
    assert await read_last_error(tx, row.id) == "e" * 500
    assert list_keys(await lease_notices(tx)) == ["b"]


async def test_a_delivered_row_never_comes_back_and_forgets_its_error(tx: Tx) -> None:
    await put_notice(tx, "a")
    (row,) = await lease_notices(tx)
    await tx.outbox.retry(row.id, NOW, "no answer")
    await lease_notices(tx)
    await tx.outbox.mark_done(row.id, NOW)
    assert await read_last_error(tx, row.id) is None
    assert await lease_notices(tx, NOW + timedelta(days=365)) == []


async def test_depth_counts_what_waits(tx: Tx) -> None:
    assert await tx.outbox.count_waiting() == {}
    for key in ("a", "b", "c", "d"):
        await put_notice(tx, key)
    await tx.outbox.put(RequestCard(request_id=1), NOW, not_before=LATER)
    first, second, *_ = await lease_notices(tx)
    await tx.outbox.mark_done(first.id, NOW)
    await tx.outbox.mark_dead(second.id, "gone", NOW)
    assert await tx.outbox.count_waiting() == {"file_removal": 2, "card": 1}


async def test_simultaneous_lessees_never_share_a_row_or_a_stream(database: Database) -> None:
    async with database.begin() as tx:
        for stream in range(10):
            for place in range(3):
                await put_notice(tx, f"{stream}-{place}", stream=str(stream))

    async def take() -> list[str]:
        async with database.begin() as tx:
            rows = await lease_notices(tx, limit=2)
            await asyncio.sleep(0.05)  # on PostgreSQL all of them are inside by now
            return list_keys(rows)

    taken = await asyncio.gather(*(take() for _ in range(8)))
    assert sorted(key for some in taken for key in some) == [f"{n}-0" for n in range(10)]


async def test_a_lessee_does_not_get_what_another_is_leasing(database: Database) -> None:
    async with database.begin() as tx:
        await put_notice(tx, "a", stream="s")
        await put_notice(tx, "b", stream="s")
        await put_notice(tx, "c")

    async def take() -> list[str]:
        async with database.begin() as tx:
            return list_keys(await lease_notices(tx))

    async with database.begin() as tx:
        assert list_keys(await lease_notices(tx, limit=1)) == ["a"]
        # PostgreSQL answers at once, SQLite when this transaction is over.
        second = asyncio.create_task(take())
        await asyncio.sleep(0.1)
    assert await second == ["c"]


async def test_a_lease_that_was_rolled_back_was_none(database: Database) -> None:
    async with database.begin() as tx:
        await put_notice(tx, "a")

    async def crash() -> None:
        async with database.begin() as tx:
            assert list_keys(await lease_notices(tx)) == ["a"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await crash()
    async with database.begin() as tx:
        assert list_keys(await lease_notices(tx)) == ["a"]


async def test_many_workers_deliver_every_stream_in_order(database: Database) -> None:
    expected = {str(stream): [f"{stream}-{place}" for place in range(4)] for stream in range(4)}
    async with database.begin() as tx:
        for stream, notices in expected.items():
            for key in notices:
                await put_notice(tx, key, stream=stream)
    delivered: dict[str, list[str]] = {stream: [] for stream in expected}

    async def work() -> None:
        while True:
            async with database.begin() as tx:
                if not await tx.outbox.count_waiting():
                    return
                rows = await lease_notices(tx, limit=2)
            for row in rows:
                (key,) = list_keys([row])
                delivered[key.partition("-")[0]].append(key)
                async with database.begin() as tx:
                    await tx.outbox.mark_done(row.id, NOW)

    async with asyncio.timeout(30):
        await asyncio.gather(*(work() for _ in range(4)))
    assert delivered == expected


async def test_the_id_of_a_deleted_row_is_never_used_again(tx: Tx) -> None:
    """Or the outcome of a notice that an erasure stopped would be another one's."""
    await tx.outbox.put(FileRemoval(key="stopped"), NOW)
    (stopped,) = await tx.outbox.lease(NOW, LEASE, 1, "worker", {FileRemoval.kind})
    await tx.outbox.remove(stopped.id)
    await tx.outbox.put(FileRemoval(key="later"), NOW)
    await tx.outbox.mark_done(stopped.id, NOW)
    assert await tx.outbox.count_waiting() == {FileRemoval.kind: 1}
