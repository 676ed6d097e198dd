"""Meters and readings, on both databases."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import pytest
from sqlalchemy.exc import StatementError

from bot.db.database import Tx
from bot.domain import (
    Account,
    Layout,
    Meter,
    MeterKind,
    ObjectKind,
    Reading,
    ReadingMark,
    ReadingPreferences,
    ReadingSource,
)
from tests.support.samples import FAR_FUTURE, NOW, add_account

DAY = date(2026, 11, 24)
MONTH = date(2026, 11, 1)
SINCE = date(2026, 5, 1)
DWELLING = ObjectKind.DWELLING
EVER = (date.min, date.max)
_drafts = count()


@pytest.fixture
async def meter(tx: Tx, account: Account) -> Meter:
    return await tx.readings.lock_meter(account.id, "7777", MeterKind.TRIPLE, DWELLING)


async def add_reading(
    tx: Tx,
    meter: Meter,
    day: date = DAY,
    values: tuple[str, ...] = ("1", "2", "3"),
    used: tuple[str, ...] | None = None,
    marks: frozenset[ReadingMark] = frozenset(),
) -> int:
    return await tx.readings.add(
        meter_id=meter.id,
        draft_id=f"draft-{next(_drafts)}",
        day=day,
        submitted_at=NOW,
        kind=list(MeterKind)[len(values) - 1],
        values=[Decimal(value) for value in values],
        used=None if used is None else [Decimal(value) for value in used],
        source=ReadingSource.BOT,
        marks=marks,
    )


async def test_a_reading_comes_back_exactly(tx: Tx, account: Account, meter: Meter) -> None:
    values = ("99999999.999", "0.001", "0.1")
    marks = frozenset({ReadingMark.LATE, ReadingMark.ROLLOVER})
    reading_id = await add_reading(
        tx, meter, values=values, used=("0.3", "0", "123456.789"), marks=marks
    )
    kept = await tx.readings.get(reading_id)
    assert kept is not None
    assert (kept.account, kept.meter) == (account, meter)
    assert kept.reading == Reading(
        id=reading_id,
        meter_id=meter.id,
        day=DAY,
        submitted_at=NOW,
        kind=MeterKind.TRIPLE,
        values=tuple(map(Decimal, values)),
        used=(Decimal("0.3"), Decimal(0), Decimal("123456.789")),
        source=ReadingSource.BOT,
        marks=marks,
    )
    assert await tx.readings.get(reading_id + 1) is None


async def test_energy_is_stored_as_whole_watt_hours(tx: Tx, meter: Meter) -> None:
    await add_reading(tx, meter, values=("99999999.999", "0.001", "12.3"), used=None)
    statement = 'SELECT CAST("values" AS TEXT) FROM readings WHERE used IS NULL'
    stored = (await tx.connection.exec_driver_sql(statement)).scalar_one()
    assert json.loads(stored) == [99_999_999_999, 1, 12_300]


async def test_more_than_three_decimals_are_never_cut(tx: Tx, meter: Meter) -> None:
    with pytest.raises(StatementError):
        await add_reading(tx, meter, values=("1.0001",))


async def test_the_newer_reading_of_a_day_is_in_force(tx: Tx, meter: Meter) -> None:
    await add_reading(tx, meter, DAY - timedelta(days=1), values=("5",))
    first = await add_reading(tx, meter, values=("10",))
    second = await add_reading(tx, meter, values=("11",))
    latest = await tx.readings.list_latest(meter.id, until=DAY, limit=5)
    assert [one.values[0] for one in latest] == [11, 5]
    page = await tx.readings.list_page(meter.id, *EVER, 0, 10)
    assert [(one.id, ReadingMark.CORRECTED in one.marks) for one in page.items[:2]] == [
        (second, False),
        (first, True),
    ]


async def test_pages_hold_the_period_newest_first(tx: Tx, meter: Meter) -> None:
    for days in range(7):
        await add_reading(tx, meter, DAY - timedelta(days=days), values=(f"{100 - days}",))
    first = DAY - timedelta(days=5)
    pages = [await tx.readings.list_page(meter.id, first, DAY, number, 4) for number in (0, 1, 99)]
    assert [[int(one.values[0]) for one in page.items] for page in pages] == [
        [100, 99, 98, 97],
        [96, 95],
        [96, 95],
    ]
    assert [(page.number, page.pages) for page in pages] == [(0, 2), (1, 2), (1, 2)]
    empty = await tx.readings.list_page(meter.id, *EVER, 0, 4)
    assert empty.pages == 2


async def test_batches_go_on_where_the_last_one_ended(
    tx: Tx, account: Account, meter: Meter
) -> None:
    other = await tx.readings.lock_meter(account.id, "8888", MeterKind.SINGLE, DWELLING)
    expected = [
        await add_reading(tx, one, DAY - timedelta(days=days))
        for days in (3, 2, 1, 0)
        for one in (meter, other)
    ]
    found: list[int] = []
    after = None
    while batch := await tx.readings.list_batch(DAY - timedelta(days=2), DAY, after, size=4):
        found += [one.reading.id for one in batch]
        after = (batch[-1].reading.day, batch[-1].reading.id)
    assert found == expected[2:]
    own = await tx.readings.list_batch(*EVER, meter_id=other.id)
    assert [one.reading.id for one in own] == expected[1::2]
    assert await tx.readings.list_batch(*EVER, meter_id=other.id + 1) == []


async def test_meters_belong_to_their_account(tx: Tx, account: Account, meter: Meter) -> None:
    other = await add_account(tx, "petrov@example.ru")
    assert await tx.readings.lock_meter(account.id, "7777", MeterKind.SINGLE, DWELLING) == meter
    theirs = await tx.readings.lock_meter(other.id, "7777", MeterKind.SINGLE, DWELLING)
    assert theirs.id != meter.id
    assert await tx.readings.list_meters(account.id) == (meter,)
    assert await tx.readings.get_meter(account.id, theirs.id) is None
    assert await tx.readings.find_meter(account.id, "9999") is None
    changed = replace(
        meter,
        kind=MeterKind.DOUBLE,
        digits=5,
        place="Дача",
        object=ObjectKind.OTHER,
        ratio=40,
        hidden=True,
    )
    await tx.readings.save_meter(changed)
    assert await tx.readings.find_meter(account.id, "7777") == changed


async def test_choices_are_remembered(tx: Tx, account: Account) -> None:
    assert await tx.readings.get_preferences(account.id) == ReadingPreferences()
    for chosen in (
        ReadingPreferences(layout=Layout.LINES, reminders=False),
        ReadingPreferences(layout=Layout.RICH, reminders=True),
    ):
        await tx.readings.set_preferences(account.id, chosen)
        assert await tx.readings.get_preferences(account.id) == chosen


async def test_who_is_reminded(tx: Tx, account: Account, meter: Meter) -> None:
    await tx.chats.link(7_000_000_001, account.id, NOW, FAR_FUTURE)

    async def list_reminded() -> list[tuple[int, int]]:
        chats = await tx.readings.list_chats_to_remind(DWELLING, SINCE, MONTH, NOW, 0)
        awaited = await tx.readings.list_awaited(account.id, DWELLING, SINCE, MONTH)
        assert awaited == ((meter,) if chats else ())
        return chats

    assert await list_reminded() == []
    await add_reading(tx, meter, SINCE - timedelta(days=1))
    assert await list_reminded() == []
    await add_reading(tx, meter, MONTH - timedelta(days=1))
    assert await list_reminded() == [(7_000_000_001, account.id)]
    assert await tx.readings.list_chats_to_remind(ObjectKind.OTHER, SINCE, MONTH, NOW, 0) == []
    assert await tx.readings.list_chats_to_remind(DWELLING, SINCE, MONTH, NOW, 7_000_000_001) == []
    other = await tx.readings.lock_meter(account.id, "8888", MeterKind.SINGLE, DWELLING)
    await add_reading(tx, other, MONTH)
    assert await list_reminded()  # the first meter is still to come
    await tx.readings.save_meter(replace(meter, hidden=True))
    assert await list_reminded() == []
    await tx.readings.save_meter(meter)
    await add_reading(tx, meter, MONTH)
    assert await list_reminded() == []


async def test_a_photo_belongs_to_its_reading(tx: Tx, account: Account, meter: Meter) -> None:
    reading_id = await add_reading(tx, meter)
    photo = await tx.files.add(
        draft_id="d",
        unique_id="u",
        name="Фото.jpg",
        media_type="image/jpeg",
        size=5,
        sha256="0" * 64,
        key="photo",
        now=NOW,
        account_id=account.id,
    )
    await tx.files.attach_to_reading("d", reading_id)
    assert await tx.files.list_for_account(account.id) == [("7777", DAY, photo)]
    assert await tx.files.list_for_draft("d") == []
    assert await tx.files.drop_draft("d") == []
    assert await tx.personal_data.expire_drafts(NOW + timedelta(days=1)) == []
    assert await tx.personal_data.expire_scans(NOW) == []
    assert await tx.personal_data.expire_scans(NOW + timedelta(days=1)) == ["photo"]


async def test_what_a_reading_replaced_is_found(tx: Tx, meter: Meter) -> None:
    first = await add_reading(tx, meter)
    assert await tx.readings.find_replaced(meter.id, DAY, first) is None
    second = await add_reading(tx, meter)
    third = await add_reading(tx, meter)
    replaced = await tx.readings.find_replaced(meter.id, DAY, third)
    assert replaced is not None
    assert replaced.id == second
    await tx.readings.set_marks(third, {ReadingMark.MISTAKEN})
    marked = await tx.readings.get(third)
    assert marked is not None
    assert marked.reading.marks == {ReadingMark.MISTAKEN}


async def test_who_wants_no_reminder_gets_none(tx: Tx, account: Account, meter: Meter) -> None:
    await tx.chats.link(7_000_000_001, account.id, NOW, FAR_FUTURE)
    await add_reading(tx, meter, MONTH - timedelta(days=1))
    await tx.readings.set_preferences(account.id, ReadingPreferences(reminders=False))
    assert await tx.readings.list_chats_to_remind(DWELLING, SINCE, MONTH, NOW, 0) == []
    await tx.readings.set_preferences(account.id, ReadingPreferences(reminders=True))
    await tx.chats.set_reachable(7_000_000_001, reachable=False)
    assert await tx.readings.list_chats_to_remind(DWELLING, SINCE, MONTH, NOW, 0) == []
