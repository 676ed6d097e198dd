"""Readings over a real database: what is refused, what may be confirmed on, what is kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from bot.db.database import Database
from bot.db.models import ReadingRow
from bot.domain import Account, Category, MeterKind, MeterReading, ObjectKind, ReadingMark
from bot.fsm.model import NeedsConfirmation, Rejected
from bot.services.accounts import Accounts
from bot.services.errors import ForeignDraft
from bot.services.readings import ReadingRules, Readings
from tests.support.clock import FakeClock
from tests.support.samples import register_account
from tests.support.statement_recorder import record_statements

REPLACED, ROLLOVER, CONFIRMED, AMENDS, MISTAKEN, LATE, CORRECTED = ReadingMark
NUMBER = "0812-094521"


@dataclass
class ReadingSubmitter:
    """Gives readings of one account; each under a draft of its own."""

    readings: Readings
    account: Account
    _drafts: "count[int]"

    async def __call__(
        self,
        *values: str,
        number: str = NUMBER,
        confirmed: Sequence[ReadingMark | None] = (),
        draft_id: str = "",
        ratio: int | None = None,
    ) -> MeterReading:
        ways = [*confirmed, *[None] * (len(values) - len(confirmed))]
        return await self.readings.submit(
            draft_id=draft_id or f"draft-{next(self._drafts)}",
            account=self.account,
            number=number,
            kind=list(MeterKind)[len(values) - 1],
            values=tuple(Decimal(value) for value in values),
            confirmed=tuple(frozenset({way} if way else ()) for way in ways),
            ratio=ratio,
        )

    async def list_history(self) -> list[tuple[Decimal, frozenset[ReadingMark]]]:
        meter = (await self.readings.list_meters(self.account.id))[0]
        page = await self.readings.list_page(meter.id, date(2000, 1, 1), date(2100, 1, 1), 0)
        return [(one.values[0], one.marks) for one in page.items]


@pytest.fixture
def readings(database: Database, clock: FakeClock) -> Readings:
    return Readings(database, clock, ZoneInfo("Europe/Moscow"), ReadingRules())


@pytest.fixture
async def give(readings: Readings, accounts: Accounts, database: Database) -> ReadingSubmitter:
    await register_account(accounts)
    async with database.read() as tx:
        account = await tx.accounts.get_by_email("ivanova@example.ru")
    assert account is not None
    return ReadingSubmitter(readings, account, count())


async def test_a_first_reading_has_nothing_to_compare_with(give: ReadingSubmitter) -> None:
    first = await give("123.456", "7", "0.5")
    assert first.reading.values == (Decimal("123.456"), Decimal(7), Decimal("0.5"))
    assert first.reading.used is None
    assert first.reading.day == date(2026, 11, 24)
    assert first.reading.marks == frozenset()
    assert (first.meter.number, first.meter.kind, first.meter.digits) == (
        NUMBER,
        MeterKind.TRIPLE,
        None,
    )


async def test_the_difference_is_exact_in_each_zone(
    give: ReadingSubmitter, clock: FakeClock
) -> None:
    await give("0.1", "0.2")
    clock.advance(days=30)
    second = await give("0.3", "0.2")
    assert second.reading.used == (Decimal("0.2"), Decimal(0))


async def test_a_lower_reading_is_refused_with_the_one_before(
    give: ReadingSubmitter, clock: FakeClock
) -> None:
    await give("1500.5")
    clock.advance(days=30)
    with pytest.raises(NeedsConfirmation) as refused:
        await give("1500.4")
    assert refused.value.code == "reading-lower"
    assert refused.value.reasons == (REPLACED, AMENDS)
    assert refused.value.details == {"previous": Decimal("1500.5"), "date": "24.11.2026"}
    with pytest.raises(NeedsConfirmation):
        # 1500 is not near the end of its wheels.
        await give("1500.4", confirmed=[ROLLOVER])
    replaced = await give("3", confirmed=[REPLACED])
    assert (replaced.reading.used, replaced.reading.marks) == (None, frozenset({REPLACED}))


async def test_a_replaced_meter_is_another_one_in_all_zones(
    give: ReadingSubmitter, clock: FakeClock
) -> None:
    await give("100", "9000")
    clock.advance(days=30)
    kept = await give("150", "1", confirmed=[None, REPLACED])
    assert (kept.reading.used, kept.reading.marks) == (None, frozenset({REPLACED}))


async def test_a_meter_passes_through_zero(give: ReadingSubmitter, clock: FakeClock) -> None:
    await give("99985")
    clock.advance(days=30)
    with pytest.raises(NeedsConfirmation) as refused:
        await give("12.5")
    assert refused.value.reasons == (REPLACED, ROLLOVER, AMENDS)
    turned = await give("12.5", confirmed=[ROLLOVER])
    assert turned.reading.used == (Decimal("27.5"),)
    assert turned.reading.marks == {ROLLOVER}
    assert turned.meter.digits == 5
    clock.advance(days=30)
    with pytest.raises(Rejected) as too_long:
        await give("100000")
    assert (too_long.value.code, too_long.value.details) == ("reading-digits", {"limit": 5})


async def test_a_lost_comma_is_asked_about(give: ReadingSubmitter, clock: FakeClock) -> None:
    for value in ("100", "400", "700"):
        await give(value)
        clock.advance(days=30)
    with pytest.raises(NeedsConfirmation) as asked:
        await give("10005")
    assert asked.value.code == "reading-jump"
    assert asked.value.reasons == (CONFIRMED,)
    assert asked.value.details == {
        "used": Decimal(9305),
        "days": 30,
        "usual": Decimal(300),
        "previous": Decimal(700),
    }
    assert (await give("2200")).reading.marks == frozenset()  # five times as much, not more
    clock.advance(days=1)
    assert (await give("9000", confirmed=[CONFIRMED])).reading.marks == {CONFIRMED}


async def test_two_readings_make_no_mean(give: ReadingSubmitter, clock: FakeClock) -> None:
    await give("100")
    clock.advance(days=30)
    await give("200")
    clock.advance(days=30)
    assert (await give("9000")).reading.marks == frozenset()


async def test_a_correction_of_the_day_takes_the_place(
    give: ReadingSubmitter, clock: FakeClock
) -> None:
    await give("100")
    clock.advance(days=1)
    await give("900")
    corrected = await give("120")  # lower than this day's own, which no longer counts
    assert corrected.reading.used == (Decimal(20),)
    assert await give.list_history() == [
        (Decimal(120), frozenset()),
        (Decimal(900), {CORRECTED}),
        (Decimal(100), frozenset()),
    ]


async def test_after_the_window_a_reading_is_late(give: ReadingSubmitter, clock: FakeClock) -> None:
    clock.advance(days=2)
    assert (await give("100")).reading.marks == frozenset()
    clock.advance(hours=12)  # in Moscow it is the 27th
    assert (await give("100", number="8888")).reading.marks == {LATE}
    # The month has a reading: this one is early for the next.
    assert (await give("100")).reading.marks == frozenset()


async def test_the_object_of_the_meter_decides_when_it_is_late(
    give: ReadingSubmitter, clock: FakeClock, database: Database
) -> None:
    await give("100")
    async with database.read() as tx:
        (meter,) = await tx.readings.list_meters(give.account.id)
    assert meter.object is ObjectKind.DWELLING
    await give.readings.set_object(give.account.id, meter.id, ObjectKind.OTHER)
    clock.moment = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)
    await give("200")
    clock.moment = datetime(2027, 2, 1, 9, 0, tzinfo=UTC)
    assert (await give("300")).reading.marks == frozenset()
    clock.moment = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)
    late = await give("400")
    assert late.reading.marks == {LATE}
    sums = await give.readings.sum_by_month(late.meter, date(2026, 1, 1), date(2027, 12, 31))
    # Each 1st belongs to the month before, and the year changes with it.
    assert {f"{month:%m.%y}": used for month, used in sums.items()} == {
        "11.26": {},
        "12.26": {"t1": Decimal(100)},
        "01.27": {"t1": Decimal(100)},
        "03.27": {"t1": Decimal(100)},
    }


async def test_a_meter_of_a_legal_entity_stands_elsewhere(
    give: ReadingSubmitter, accounts: Accounts, database: Database
) -> None:
    await register_account(accounts, "zarya@example.ru", "2", category=Category.LEGAL)
    async with database.read() as tx:
        account = await tx.accounts.get_by_email("zarya@example.ru")
    assert account is not None
    legal = ReadingSubmitter(give.readings, account, count(100))
    assert (await legal("100")).meter.object is ObjectKind.OTHER
    assert (await give("100")).meter.object is ObjectKind.DWELLING


async def test_transformers_multiply_the_use(give: ReadingSubmitter, clock: FakeClock) -> None:
    first = await give("100.5", ratio=60)
    assert (first.meter.ratio, first.reading.values) == (60, (Decimal("100.5"),))
    clock.advance(days=30)
    second = await give("110.75")
    assert (second.reading.used, second.reading.ratio) == ((Decimal(615),), 60)
    # Other transformers from now on: what was computed stays as it is.
    await give.readings.set_ratio(give.account.id, second.meter.id, 80)
    clock.advance(days=30)
    third = await give("111.75")
    assert (third.reading.used, third.reading.ratio) == ((Decimal(80),), 80)
    sums = await give.readings.sum_by_month(third.meter, date(2026, 1, 1), date(2027, 12, 31))
    assert [one.get("t1") for one in sums.values()] == [None, Decimal(615), Decimal(80)]


async def test_a_chart_has_the_last_three_years_and_reads_no_more(
    give: ReadingSubmitter, database: Database
) -> None:
    meter = (await give("1")).meter
    row = {
        "meter_id": meter.id,
        "submitted_at": datetime(2026, 1, 1, tzinfo=UTC),
        "kind": meter.kind.value,
        "values": (Decimal(1),),
        "used": (Decimal(1),),
        "source": "bot",
        "marks": "",
        "current": True,
    }
    # Ten years of a reading a day, up to the 26th, with which a month of a dwelling ends.
    days = [date(2026, 10, 26) - timedelta(days=at) for at in range(3650)]
    async with database.begin() as tx:
        rows = [{**row, "day": day, "draft_id": f"{day}"} for day in days]
        await tx.connection.execute(insert(ReadingRow), rows)
    with record_statements(database) as statements:
        sums = await give.readings.sum_by_month(meter, date.min, date(2026, 10, 31))
    assert len(statements) <= 36 * 31 // 400 + 1
    assert [f"{month:%m.%y}" for month in sums] == [
        f"{at % 12 + 1:02}.{at // 12 % 100}" for at in range(2023 * 12 + 10, 2026 * 12 + 10)
    ]
    assert sums[date(2026, 10, 1)] == {"t1": Decimal(30)}


async def test_a_mistaken_earlier_reading_can_be_amended(
    give: ReadingSubmitter, clock: FakeClock
) -> None:
    await give("12345.6")
    clock.advance(days=30)
    await give("123456")
    clock.advance(days=30)
    with pytest.raises(NeedsConfirmation, match="reading-lower"):
        await give("12500")
    amended = await give("12500", confirmed=[AMENDS])
    assert (amended.reading.used, amended.reading.marks) == (
        (Decimal("154.4"),),
        frozenset({AMENDS}),
    )
    assert await give.list_history() == [
        (Decimal(12500), {AMENDS}),
        (Decimal(123456), {MISTAKEN}),
        (Decimal("12345.6"), frozenset()),
    ]
    sums = await give.readings.sum_by_month(amended.meter, date(2026, 1, 1), date(2027, 12, 31))
    assert list(sums.values()) == [{}, {"t1": Decimal("154.4")}]
    clock.advance(days=30)
    assert (await give("12600")).reading.used == (Decimal(100),)


async def test_an_amendment_is_corrected_on_the_same_day(
    give: ReadingSubmitter, clock: FakeClock
) -> None:
    await give("100")
    clock.advance(days=30)
    await give("200")
    clock.advance(days=30)
    await give("150", confirmed=[AMENDS])  # a slip of this day, and not of the day before
    assert (await give("250")).reading.used == (Decimal(50),)
    assert await give.list_history() == [
        (Decimal(250), frozenset()),
        (Decimal(150), {AMENDS, CORRECTED}),
        (Decimal(200), frozenset()),
        (Decimal(100), frozenset()),
    ]


async def test_an_amendment_that_contradicts_nothing_marks_nothing(
    give: ReadingSubmitter, clock: FakeClock
) -> None:
    await give("100")
    clock.advance(days=30)
    assert (await give("200", confirmed=[AMENDS])).reading.marks == frozenset()


async def test_a_hidden_meter_comes_back_with_a_reading(give: ReadingSubmitter) -> None:
    meter = (await give("100")).meter
    await give.readings.set_hidden(give.account.id, meter.id, hidden=True)
    assert await give.readings.list_meters(give.account.id) == ()
    assert len(await give.readings.list_meters(give.account.id, hidden=True)) == 1
    await give.readings.set_hidden(give.account.id + 1, meter.id, hidden=False)  # a stranger
    assert await give.readings.list_meters(give.account.id) == ()
    await give("100")
    assert await give.readings.list_meters(give.account.id) == (meter,)


async def test_a_correction_knows_what_it_replaced(give: ReadingSubmitter) -> None:
    first = (await give("900")).reading
    second = (await give("120")).reading
    replaced = await give.readings.find_replaced(second)
    assert replaced is not None
    assert (replaced.id, replaced.values) == (first.id, (Decimal(900),))
    assert await give.readings.find_replaced(first) is None


async def test_another_kind_needs_an_explanation(give: ReadingSubmitter, clock: FakeClock) -> None:
    await give("100")
    clock.advance(days=1)
    with pytest.raises(NeedsConfirmation) as asked:
        await give("60", "40")
    assert (asked.value.code, asked.value.details) == ("reading-kind", {"was": "single"})
    kept = await give("60", "40", confirmed=[REPLACED])
    assert kept.meter.kind is MeterKind.DOUBLE


async def test_a_draft_is_kept_once(
    give: ReadingSubmitter, accounts: Accounts, database: Database
) -> None:
    first, second = await asyncio.gather(give("1", draft_id="d"), give("1", draft_id="d"))
    assert first == second == await give.readings.find_submitted("d", give.account.id)
    assert len(await give.list_history()) == 1
    await register_account(accounts, "petrov@example.ru", "2")
    async with database.read() as tx:
        other = await tx.accounts.get_by_email("petrov@example.ru")
    assert other is not None
    assert await give.readings.find_submitted("d", other.id) is None
    with pytest.raises(ForeignDraft):
        await ReadingSubmitter(give.readings, other, count())("1", draft_id="d")


async def test_readings_of_a_period_come_by_day(give: ReadingSubmitter, clock: FakeClock) -> None:
    for value in ("1", "2", "3"):
        await give(value)
        await give("5", number="7777")
        clock.advance(days=1)
    period = give.readings.iterate_between(date(2026, 11, 25), date(2026, 11, 26))
    assert [(one.reading.day.day, one.meter.number, one.account.email) async for one in period] == [
        (day, number, "ivanova@example.ru") for day in (25, 26) for number in (NUMBER, "7777")
    ]
    meter = (await give.readings.list_meters(give.account.id))[1]
    own = give.readings.iterate_between(date(2026, 1, 1), date(2026, 12, 31), meter_id=meter.id)
    assert {one.meter.number async for one in own} == {"7777"}
