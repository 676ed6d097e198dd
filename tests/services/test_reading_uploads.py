"""Readings in a file over a real database: right rows are stored once, wrong ones are told."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.db.database import Database
from bot.domain import Account, Category, MeterKind, ReadingMark, ReadingSource
from bot.fsm.model import Rejected
from bot.integrations.worker_process import WorkerLimits, WorkerProcess
from bot.services.account_limits import AccountLimits
from bot.services.accounts import Accounts
from bot.services.rate_limits import LimitedAction, RateLimit, RateLimitExceeded
from bot.services.reading_uploads import MAX_METERS, MAX_ROWS, ReadingUpload, ReadingUploads
from bot.services.readings import ReadingRules, Readings
from tests.support.clock import FakeClock
from tests.support.samples import register_account
from tests.support.workbooks import make_workbook

LABELS = {"meter": "meter", "t1": "t1", "t2": "t2", "t3": "t3", "ratio": "ratio"}
HEADER = ("meter", "t1", "t2", "t3", "ratio")
DRAFT = "0123456789abcdef"


@pytest.fixture
def readings(database: Database, clock: FakeClock) -> Readings:
    return Readings(database, clock, ZoneInfo("Europe/Moscow"), ReadingRules())


@pytest.fixture
def uploads(
    database: Database, clock: FakeClock, readings: Readings, inspection_worker: WorkerProcess
) -> ReadingUploads:
    limits = AccountLimits({LimitedAction.UPLOADED_READINGS: RateLimit(30, 86400)})
    return ReadingUploads(database, clock, readings, inspection_worker, limits)


@pytest.fixture
async def account(accounts: Accounts, database: Database) -> Account:
    await register_account(accounts)
    async with database.read() as tx:
        found = await tx.accounts.get_by_email("ivanova@example.ru")
    assert found is not None
    return replace(found, category=Category.LEGAL)


async def read(uploads: ReadingUploads, *rows: tuple[Any, ...]) -> ReadingUpload:
    upload = await uploads.read("показания.xlsx", make_workbook([HEADER, *rows]), LABELS, 1)
    assert ReadingUpload.from_json(upload.to_json()).to_json() == upload.to_json()
    return upload


async def list_stored(readings: Readings) -> list[tuple[str, tuple[Decimal, ...]]]:
    return [
        (one.meter.number, one.reading.values)
        async for one in readings.iterate_between(date.min, date.max)
    ]


def list_codes(upload: Any) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.rejected.code) for one in upload.errors]


async def test_right_rows_are_stored_as_typed_ones_are(
    uploads: ReadingUploads, readings: Readings, account: Account
) -> None:
    upload = await read(
        uploads,
        ("А-0001", 12345.6),
        ("Итого", None, None, None, None),
        (812094521, "8 120,5 кВт·ч", 4225.125, None, 60),
        ("№ a 0003", 1, 2, 3),
    )
    check = await uploads.check(account, upload)
    assert (check.right, check.errors) == (3, ())
    assert check.new == ("А-0001", "812094521", "A0003")
    receipt = await uploads.submit(account, DRAFT, upload)
    assert (receipt.stored, receipt.errors) == (3, ())
    stored = [one async for one in readings.iterate_between(date.min, date.max)]
    assert [(one.meter.number, one.meter.kind, one.reading.values) for one in stored] == [
        ("А-0001", MeterKind.SINGLE, (Decimal("12345.6"),)),
        ("812094521", MeterKind.DOUBLE, (Decimal("8120.5"), Decimal("4225.125"))),
        ("A0003", MeterKind.TRIPLE, (Decimal(1), Decimal(2), Decimal(3))),
    ]
    assert [one.meter.ratio for one in stored] == [1, 60, 1]
    assert {one.reading.source for one in stored} == {ReadingSource.FILE}


async def test_each_wrong_row_is_told_by_number_and_column(uploads: ReadingUploads) -> None:
    upload = await read(
        uploads,
        ("=A1", 1),
        (None, 5),
        ("A-0004", "=1+1"),
        ("A-0005", "нет света"),
        ("A-0006", -5),
        ("A-0007", 123456789),
        ("A-0008", 1, None, 3),
        ("A-0009", 1, None, None, 0),
        ("A-0010", 1),
        ("a-0010", 2),
        (1234567890123456789, 1),
        ("A-0013", True),
        ("?", 1),
        ("A-0015", "12 и 13"),
        ("A-0016", 1.2345),
    )
    assert upload.rows == ()
    assert sorted(list_codes(upload)) == [
        (2, "meter", "table-formula"),
        (3, "meter", "table-blank"),
        (4, "t1", "table-formula"),
        (5, "t1", "reading-number"),
        (6, "t1", "reading-negative"),
        (7, "t1", "reading-digits"),
        (8, "", "table-zones"),
        (9, "ratio", "number-too-small"),
        (10, "", "table-twice"),
        (11, "", "table-twice"),
        (12, "meter", "table-digits"),
        (13, "t1", "table-other"),
        (14, "meter", "meter"),
        (15, "t1", "reading-two-numbers"),
        (16, "t1", "number-decimals"),
    ]


async def test_a_value_that_needs_a_confirmation_is_left_for_typing(
    uploads: ReadingUploads, readings: Readings, account: Account, clock: FakeClock
) -> None:
    for turn in range(4):
        upload = await read(uploads, *((f"A-{meter:04}", 100 + turn * 10) for meter in range(1, 5)))
        assert (await uploads.submit(account, f"{DRAFT}{turn}", upload)).stored == 4
        clock.advance(days=30)
    upload = await read(
        uploads, ("A-0001", 90), ("A-0002", 99_999), ("A-0003", 140, 5), ("A-0004", 140)
    )
    check = await uploads.check(account, upload)
    assert (check.right, check.new, check.replaced, check.late) == (1, (), 0, 0)
    expected = [(2, "", "reading-lower"), (3, "", "reading-jump"), (4, "", "reading-kind")]
    assert list_codes(check) == expected
    receipt = await uploads.submit(account, DRAFT, upload)
    assert (receipt.stored, list_codes(receipt)) == (1, expected)
    assert len(await list_stored(readings)) == 17


async def test_the_ratio_of_the_file_counts_for_the_jump_and_the_use(
    uploads: ReadingUploads, readings: Readings, account: Account, clock: FakeClock
) -> None:
    await uploads.submit(account, "a", await read(uploads, ("A-0001", 100)))
    clock.advance(days=30)
    upload = await read(uploads, ("A-0001", 101, None, None, 60))
    await uploads.submit(account, "b", upload)
    (earlier,) = (await readings.find_all_earlier(account.id)).values()
    assert earlier.meter.ratio == 60
    assert earlier.same_day is not None
    assert earlier.same_day.used == (Decimal(60),)


async def test_late_and_replacing_rows_are_counted(
    uploads: ReadingUploads, account: Account, clock: FakeClock
) -> None:
    upload = await read(uploads, ("A-0001", 100), ("A-0002", 100))
    await uploads.submit(account, "a", upload)
    assert (await uploads.check(account, upload)).replaced == 2
    clock.advance(days=45)
    check = await uploads.check(account, upload)
    assert (check.replaced, check.late) == (0, 2)
    assert (await uploads.submit(account, "b", upload)).stored == 2
    page = await uploads._readings.list_page(1, date.min, date.max, 0)
    assert ReadingMark.LATE in page.items[0].marks


async def test_a_repeated_confirmation_stores_nothing_twice(
    uploads: ReadingUploads, readings: Readings, account: Account, clock: FakeClock
) -> None:
    upload = await read(uploads, *((f"A-{meter:04}", meter) for meter in range(5)))
    # The process was killed after two rows, and the same update comes again the next day.
    await uploads.submit(account, DRAFT, replace(upload, rows=upload.rows[:2]))
    clock.advance(days=1)
    assert (await uploads.submit(account, DRAFT, upload)).stored == 5
    assert len(await list_stored(readings)) == 5
    repeated = await asyncio.gather(*(uploads.submit(account, DRAFT, upload) for _ in range(3)))
    assert [one.stored for one in repeated] == [5, 5, 5]
    assert len(await list_stored(readings)) == 5
    found = await uploads.find_submitted(account.id, DRAFT)
    assert found is not None
    assert found.stored == 5
    assert await uploads.find_submitted(account.id + 1, DRAFT) is None
    assert await uploads.find_submitted(account.id, "another") is None


async def test_an_account_sends_so_many_readings_in_files(
    uploads: ReadingUploads, readings: Readings, account: Account, clock: FakeClock
) -> None:
    upload = await read(uploads, *((f"A-{meter:04}", meter) for meter in range(20)))
    await uploads.submit(account, "a", replace(upload, rows=upload.rows[:11]))
    with pytest.raises(RateLimitExceeded):
        await uploads.submit(account, "b", upload)
    assert len(await list_stored(readings)) == 11
    # What one draft stored before it was interrupted is not counted twice.
    assert (await uploads.submit(account, "a", upload)).stored == 20
    clock.advance(hours=25)
    assert (await uploads.submit(account, "b", upload)).stored == 20


async def test_a_file_adds_no_meters_without_end(
    uploads: ReadingUploads, database: Database, account: Account
) -> None:
    async with database.begin() as tx:
        for number in range(MAX_METERS - 1):
            await tx.connection.exec_driver_sql(
                "INSERT INTO meters (account_id, number, kind, place, object, ratio, hidden)"
                f" VALUES ({account.id}, 'OLD-{number}', 'single', '', 'other', 1, false)"
            )
    upload = await read(uploads, ("A-0001", 1), ("OLD-5", 1), ("A-0002", 1))
    check = await uploads.check(account, upload)
    assert (check.right, list_codes(check)) == (2, [(4, "", "table-meters")])
    receipt = await uploads.submit(account, DRAFT, upload)
    assert (receipt.stored, list_codes(receipt)) == (2, [(4, "", "table-meters")])


async def test_a_whole_file_is_refused_by_name(uploads: ReadingUploads) -> None:
    many = make_workbook([HEADER, *((f"A-{meter:04}", 1) for meter in range(MAX_ROWS + 1))])
    with pytest.raises(Rejected, match="table-rows") as refused:
        await uploads.read("many.xlsx", many, LABELS, 1)
    assert refused.value.details == {"limit": MAX_ROWS}


@pytest.mark.parametrize(
    "limits",
    [
        WorkerLimits(cpu_seconds=0.05, seconds=20, memory=1024**3),
        WorkerLimits(cpu_seconds=20, seconds=20, memory=200 * 1024**2),
    ],
    ids=["time", "memory"],
)
async def test_a_file_that_breaks_the_limits_is_refused(
    database: Database, clock: FakeClock, readings: Readings, limits: WorkerLimits
) -> None:
    rows = [HEADER, *((f"{one}" * 50, *range(30)) for one in range(4_000))]
    worker = WorkerProcess(limits)
    try:
        with pytest.raises(Rejected, match="table-too-large"):
            await ReadingUploads(database, clock, readings, worker).read(
                "big.xlsx", make_workbook(rows), LABELS, 1
            )
    finally:
        await worker.close()
