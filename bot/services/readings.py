"""Meter readings: plausibility checks, submission, history and reminders."""

import asyncio
from calendar import monthrange
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from bot.db.database import Database
from bot.domain import (
    METER_DIGITS,
    Account,
    Category,
    Layout,
    Meter,
    MeterKind,
    MeterReading,
    Page,
    Reading,
    ReadingMark,
    ReadingPreferences,
    ReadingSource,
)
from bot.fsm.model import NeedsConfirmation, Rejected
from bot.services import quiet_hours, recipients
from bot.services.clock import Clock
from bot.services.errors import ForeignDraft

#: Number of readings from which a meter's mean is computed.
_RECENT = 13
_ENOUGH_FOR_A_MEAN = 3
#: kWh a day. A lower mean says nothing: one heater multiplies it.
_LEAST_MEAN = Decimal(1)
#: No meter has fewer digits: a smaller number is a new meter, not one that passed through zero.
_LEAST_DIGITS = 4
_PAGE = 6
_CHARTED_MONTHS = 36
#: Accounts without a reading for this long get no reminders.
_SILENCE = timedelta(days=190)
#: Less than the id of every private chat.
_NO_CHAT = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRules:
    """Settings of a company for readings.

    A use above ``jump`` times the meter's own mean needs confirmation. ``last_days``: the last day
    of a month's window, by category (442 п. 157 and 159: the 26th for dwellings); 31 means the last
    day of the month. Later readings are accepted and marked. Reminders go out on that day and the
    ``remind_days`` days before it.
    """

    jump: Decimal = Decimal(5)
    last_days: Mapping[Category, int] = field(
        default_factory=lambda: MappingProxyType({Category.INDIVIDUAL: 26, Category.LEGAL: 31})
    )

    remind_days: int = 3

    def find_window_end(self, day: date, category: Category) -> date | None:
        """The last day of the window; None when ``day`` is not one of the days for reminders."""
        length = monthrange(day.year, day.month)[1]
        last = day.replace(day=min(self.last_days[category], length))
        return last if last - timedelta(days=self.remind_days) <= day <= last else None

    def is_late(self, day: date, category: Category) -> bool:
        return day.day > self.last_days[category]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierReadings:
    """A meter's readings before ``day``, newest first, and the reading of that day."""

    day: date
    meter: Meter
    before: tuple[Reading, ...]
    same_day: Reading | None

    @property
    def last(self) -> Reading | None:
        return self.before[0] if self.before else None


def compute_used(
    earlier: EarlierReadings | None,
    kind: MeterKind,
    zone: int,
    value: Decimal,
    confirmed: frozenset[ReadingMark],
    jump: Decimal,
) -> Decimal | None:
    """kWh of a zone since the reading before; None when there is nothing to compare with.

    ``zone`` is an index of ``kind.zones``; ``confirmed``: what the consumer confirmed about the
    value. Raises Rejected, and NeedsConfirmation when the consumer may confirm the value.
    """
    if earlier is None:
        return None
    digits = earlier.meter.digits or METER_DIGITS
    replaced = ReadingMark.REPLACED in confirmed
    if _count_digits(value) > digits and not replaced:
        raise Rejected("reading-digits", limit=digits)
    last = earlier.last
    if last is None or replaced:
        return None
    if last.kind is not kind:
        raise NeedsConfirmation("reading-kind", [ReadingMark.REPLACED], was=last.kind.value)
    previous = last.values[zone]
    if value < previous:
        return _roll_over(earlier, last, previous, value, confirmed)
    difference = value - previous
    mean = _compute_mean(earlier.before, zone)
    days = (earlier.day - last.day).days
    if (
        mean is not None
        and difference > jump * max(mean, _LEAST_MEAN) * days
        and ReadingMark.CONFIRMED not in confirmed
    ):
        raise NeedsConfirmation(
            "reading-jump",
            [ReadingMark.CONFIRMED],
            used=difference,
            days=days,
            usual=(mean * days).quantize(Decimal(1)),
            previous=previous,
        )
    return difference


def compute_used_by_zone(
    earlier: EarlierReadings | None,
    kind: MeterKind,
    values: Sequence[Decimal],
    confirmed: Sequence[frozenset[ReadingMark]],
    jump: Decimal,
) -> tuple[Decimal, ...] | None:
    """kWh of each zone since the reading before; None when there is nothing to compare with.

    Raises what ``compute_used`` raises.
    """
    # A replacement concerns the whole meter, so all its zones.
    replaced = frozenset().union(*confirmed) & {ReadingMark.REPLACED}
    differences = [
        compute_used(earlier, kind, zone, value, confirmed[zone] | replaced, jump)
        for zone, value in enumerate(values)
    ]
    known = tuple(one for one in differences if one is not None)
    return known if len(known) == len(kind.zones) else None


def _roll_over(
    earlier: EarlierReadings,
    last: Reading,
    previous: Decimal,
    value: Decimal,
    confirmed: frozenset[ReadingMark],
) -> Decimal:
    digits = earlier.meter.digits or _count_digits(previous)
    turn = Decimal(10) ** digits
    # Only from the last tenth of the register into the first: otherwise it is a typing error.
    may_have_turned = digits >= _LEAST_DIGITS and previous >= turn * 9 / 10 and value < turn / 10
    if may_have_turned and ReadingMark.ROLLOVER in confirmed:
        return value + turn - previous
    raise NeedsConfirmation(
        "reading-lower",
        [ReadingMark.REPLACED, *([ReadingMark.ROLLOVER] if may_have_turned else [])],
        previous=previous,
        date=f"{last.day:%d.%m.%Y}",
    )


def _count_digits(value: Decimal) -> int:
    return len(str(int(value)))


def _compute_mean(before: tuple[Reading, ...], zone: int) -> Decimal | None:
    """Mean kWh a day of a zone since the last replacement; None after too few readings."""
    total, newest, count = Decimal(0), before[0], 1
    oldest = newest
    for reading, previous in pairwise(before):
        if reading.used is None or reading.kind is not newest.kind:
            break
        total += reading.used[zone]
        oldest, count = previous, count + 1
    days = (newest.day - oldest.day).days
    return total / days if count >= _ENOUGH_FOR_A_MEAN and days else None


class Readings:
    def __init__(
        self, database: Database, clock: Clock, timezone: ZoneInfo, rules: ReadingRules
    ) -> None:
        self._database = database
        self._clock = clock
        self._timezone = timezone
        self.rules = rules

    async def list_meters(self, account_id: int) -> tuple[Meter, ...]:
        async with self._database.read() as tx:
            return await tx.readings.list_meters(account_id)

    async def get_meter(self, account_id: int, meter_id: int) -> Meter | None:
        """None when the account has no such meter."""
        async with self._database.read() as tx:
            return await tx.readings.get_meter(account_id, meter_id)

    async def set_place(self, account_id: int, meter_id: int, place: str) -> None:
        async with self._database.begin() as tx:
            if await tx.readings.get_meter(account_id, meter_id) is not None:
                await tx.readings.set_place(meter_id, place)

    async def get_preferences(self, account_id: int) -> ReadingPreferences:
        async with self._database.read() as tx:
            return await tx.readings.get_preferences(account_id)

    async def set_layout(self, account_id: int, layout: Layout) -> None:
        await self._set_preference(account_id, layout=layout)

    async def set_reminders(self, account_id: int, *, wanted: bool) -> None:
        await self._set_preference(account_id, reminders=wanted)

    async def _set_preference(self, account_id: int, **chosen: Any) -> None:
        async with self._database.begin() as tx:
            preferences = await tx.readings.get_preferences(account_id)
            await tx.readings.set_preferences(account_id, replace(preferences, **chosen))

    async def find_earlier(self, account_id: int, number: str) -> EarlierReadings | None:
        """The readings that one of today is compared with; None for a new meter."""
        async with self._database.read() as tx:
            meter = await tx.readings.find_meter(account_id, number)
            if meter is None:
                return None
            latest = await tx.readings.list_latest(
                meter.id, until=self.get_today(), limit=_RECENT + 1
            )
        return self._find_earlier(meter, latest)

    async def submit(
        self,
        *,
        draft_id: str,
        account: Account,
        number: str,
        kind: MeterKind,
        values: tuple[Decimal, ...],
        confirmed: tuple[frozenset[ReadingMark], ...],
    ) -> MeterReading:
        """Stores a reading of today and returns it; the same draft always returns the same one.

        ``values`` and ``confirmed`` (what the consumer confirmed) are in the order of
        ``kind.zones``. A second reading of a day replaces the first, which stays in the history.
        Raises what ``compute_used`` raises, as another chat may have sent a reading meanwhile, and
        ForeignDraft when the draft is another account's.
        """
        try:
            return await self._submit(draft_id, account, number, kind, values, confirmed)
        except IntegrityError:
            # The same press was handled twice at once; the other transaction has committed.
            earlier = await self.find_submitted(draft_id, account.id)
            if earlier is None:
                raise
            return earlier

    async def _submit(
        self,
        draft_id: str,
        account: Account,
        number: str,
        kind: MeterKind,
        values: tuple[Decimal, ...],
        confirmed: tuple[frozenset[ReadingMark], ...],
    ) -> MeterReading:
        today = self.get_today()
        marks = frozenset().union(*confirmed)
        if ReadingMark.REPLACED in marks:
            marks = frozenset({ReadingMark.REPLACED})
        async with self._database.begin() as tx:
            kept = await tx.readings.get_by_draft(draft_id)
            if kept is not None:
                if kept.account.id != account.id:
                    raise ForeignDraft(draft_id)
                return kept
            meter = await tx.readings.lock_meter(account.id, number, kind)
            latest = await tx.readings.list_latest(meter.id, until=today, limit=_RECENT + 1)
            earlier = self._find_earlier(meter, latest)
            differences = compute_used_by_zone(earlier, kind, values, confirmed, self.rules.jump)
            digits = meter.digits
            if ReadingMark.ROLLOVER in marks and earlier.last is not None:
                digits = digits or max(_count_digits(value) for value in earlier.last.values)
            elif ReadingMark.REPLACED in marks:
                digits = None
            await tx.readings.set_meter(meter.id, kind, digits)
            if self.rules.is_late(today, account.category):
                marks |= {ReadingMark.LATE}
            reading_id = await tx.readings.add(
                meter_id=meter.id,
                draft_id=draft_id,
                day=today,
                submitted_at=self._clock.now(),
                kind=kind,
                values=values,
                used=differences,
                source=ReadingSource.BOT,
                marks=marks,
            )
            reading = await tx.readings.get(reading_id)
        if reading is None:
            raise LookupError(f"reading {reading_id} is not there after it was stored")
        return reading

    async def find_submitted(self, draft_id: str, account_id: int) -> MeterReading | None:
        """The reading of a draft of this account; None when it was not submitted."""
        async with self._database.read() as tx:
            reading = await tx.readings.get_by_draft(draft_id)
        return reading if reading and reading.account.id == account_id else None

    async def list_page(self, meter_id: int, first: date, last: date, page: int) -> Page[Reading]:
        """A page of a meter's history in a period, newest first; ``page`` counts from 0."""
        async with self._database.read() as tx:
            return await tx.readings.list_page(meter_id, first, last, page, _PAGE)

    async def iterate_between(
        self, first: date, last: date, *, meter_id: int | None = None
    ) -> AsyncIterator[MeterReading]:
        """Readings of all meters, or of one, by day, oldest first, corrected ones included.

        They are read in batches, each in a transaction of its own.
        """
        after: tuple[date, int] | None = None
        while True:
            async with self._database.read() as tx:
                batch = await tx.readings.list_batch(first, last, after, meter_id=meter_id)
            if not batch:
                return
            for reading in batch:
                yield reading
            after = (batch[-1].reading.day, batch[-1].reading.id)
            # A driver that never suspends must not block the event loop.
            await asyncio.sleep(0)

    async def sum_by_month(
        self, meter_id: int, first: date, last: date
    ) -> dict[date, dict[str, Decimal]]:
        """kWh by tariff zone for each month of a period, by its first day; the last 36 at most.

        The use between two readings counts in the month of the later one. A zone without a use is
        not among those of its month.
        """
        months: dict[date, dict[str, Decimal]] = {}
        async for one in self.iterate_between(first, last, meter_id=meter_id):
            reading = one.reading
            if ReadingMark.CORRECTED in reading.marks:
                continue
            totals = months.setdefault(reading.day.replace(day=1), {})
            for zone, used in reading.used_by_zone.items():
                totals[zone] = totals.get(zone, Decimal(0)) + used
        return dict(list(months.items())[-_CHARTED_MONTHS:])

    async def put_reminders(self) -> None:
        """Stores this month's reminders once it is time; safe to repeat."""
        today = self.get_today()
        month = today.replace(day=1)
        for category in Category:
            if self.rules.find_window_end(today, category) is None or self.find_quiet_end():
                continue
            after = _NO_CHAT
            while True:
                async with self._database.read() as tx:
                    chats = await tx.readings.list_chats_to_remind(
                        category, month - _SILENCE, month, self._clock.now(), after
                    )
                if not chats:
                    break
                after = chats[-1][0]
                async with self._database.begin() as tx:
                    await recipients.remind_of_readings(tx, chats, month, self._clock.now())

    async def find_window_end(self, account: Account) -> date | None:
        """The last day for this month's readings; None when no reminder is due."""
        today = self.get_today()
        last_day = self.rules.find_window_end(today, account.category)
        month = today.replace(day=1)
        async with self._database.read() as tx:
            wanted = (await tx.readings.get_preferences(account.id)).reminders
            awaited = await tx.readings.is_awaited(account.id, month - _SILENCE, month)
        return last_day if wanted and awaited else None

    def find_quiet_end(self) -> timedelta:
        """Time until consumers may be reminded; zero when they may be now."""
        return quiet_hours.FOR_CONSUMERS.find_end(self._clock.now(), self._timezone)

    def get_today(self) -> date:
        return self._to_local(self._clock.now()).date()

    def _to_local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._timezone)

    def _find_earlier(self, meter: Meter, latest: tuple[Reading, ...]) -> EarlierReadings:
        today = self.get_today()
        return EarlierReadings(
            day=today,
            meter=meter,
            before=tuple(one for one in latest if one.day < today),
            same_day=next((one for one in latest if one.day == today), None),
        )
