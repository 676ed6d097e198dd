"""Meter readings: plausibility checks, submission, history and reminders."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, takewhile
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from bot.db.database import Database, Tx
from bot.domain import (
    METER_DIGITS,
    Account,
    Layout,
    Meter,
    MeterKind,
    MeterReading,
    ObjectKind,
    Page,
    Reading,
    ReadingMark,
    ReadingPreferences,
    ReadingSource,
    get_default_object,
)
from bot.fsm.model import NeedsConfirmation, Rejected
from bot.services import quiet_hours, recipients
from bot.services.clock import Clock
from bot.services.errors import ForeignDraft
from bot.services.reading_windows import DEFAULT_WINDOWS, ReadingWindow

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

#: Day and id of a reading.
_Place = tuple[date, int]
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRules:
    """Settings of a company for readings.

    A use above ``jump`` times the meter's own mean needs confirmation. Later readings than those of
    a window are accepted and marked. Reminders go out on its last day for sending and the
    ``remind_days`` days before.
    """

    jump: Decimal = Decimal(5)
    windows: Mapping[ObjectKind, ReadingWindow] = field(default_factory=lambda: DEFAULT_WINDOWS)
    remind_days: int = 3

    def find_reminded_month(self, day: date, kind: ObjectKind) -> date | None:
        """The month, by its first day, of which ``day`` is one for reminders; None: of none."""
        month = self.windows[kind].find_month(day)
        due = self.windows[kind].find_due(month)
        return month if due - timedelta(days=self.remind_days) <= day else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierReadings:
    """A meter's readings before ``day``, newest first, and the reading of that day.

    Mistaken ones are left out, except those that the reading of that day amends: it may be
    corrected itself.
    """

    day: date
    meter: Meter
    before: tuple[Reading, ...]
    same_day: Reading | None

    @property
    def last(self) -> Reading | None:
        return self.before[0] if self.before else None

    def with_ratio(self, ratio: int | None) -> Self:
        """With another ratio of the meter's transformers; None: the same."""
        if ratio is None:
            return self
        return replace(self, meter=replace(self.meter, ratio=ratio))

    def list_contradicted(self, kind: MeterKind, values: Mapping[int, Decimal]) -> list[Reading]:
        """The last readings that were higher in one of the zones; ``values``: by their index."""
        return list(
            takewhile(
                lambda one: (
                    one.kind is kind
                    and any(value < one.values[zone] for zone, value in values.items())
                ),
                self.before,
            )
        )

    def drop_contradicted(self, kind: MeterKind, values: Mapping[int, Decimal]) -> Self:
        """Without the last readings, which these ``values`` show to be mistaken."""
        return replace(self, before=self.before[len(self.list_contradicted(kind, values)) :])


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferredReading:
    """The last reading of a meter, and the one ``before`` it if any."""

    meter: Meter
    reading: Reading
    before: Reading | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedReadings:
    """The readings of a ``month``, by its first day, that an account has not sent yet."""

    month: date
    window: ReadingWindow
    meters: tuple[Meter, ...]


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
    value; the difference is multiplied by the ratio of the meter's transformers. Raises Rejected,
    and NeedsConfirmation when the consumer may confirm the value.
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
    difference = (value - previous) * earlier.meter.ratio
    mean = _compute_mean(earlier.before, zone)
    days = (earlier.day - last.day).days
    if (
        mean is not None
        and difference > jump * max(mean, _LEAST_MEAN) * days
        and not confirmed & {ReadingMark.CONFIRMED, ReadingMark.AMENDS}
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
    marks = frozenset().union(*confirmed)
    # A replacement concerns the whole meter, so all its zones, and a mistake the whole reading.
    replaced = marks & {ReadingMark.REPLACED}
    if earlier is not None and ReadingMark.AMENDS in marks:
        earlier = earlier.drop_contradicted(kind, dict(enumerate(values)))
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
        return (value + turn - previous) * earlier.meter.ratio
    raise NeedsConfirmation(
        "reading-lower",
        [
            ReadingMark.REPLACED,
            *([ReadingMark.ROLLOVER] if may_have_turned else []),
            ReadingMark.AMENDS,
        ],
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

    async def list_meters(self, account_id: int, *, hidden: bool = False) -> tuple[Meter, ...]:
        """The account's meters, the oldest first: those that are shown, or the hidden ones."""
        async with self._database.read() as tx:
            meters = await tx.readings.list_meters(account_id)
        return tuple(one for one in meters if one.hidden is hidden)

    async def get_meter(self, account_id: int, meter_id: int) -> Meter | None:
        """None when the account has no such meter."""
        async with self._database.read() as tx:
            return await tx.readings.get_meter(account_id, meter_id)

    async def set_place(self, account_id: int, meter_id: int, place: str) -> None:
        await self._change_meter(account_id, meter_id, place=place)

    async def set_object(self, account_id: int, meter_id: int, kind: ObjectKind) -> None:
        await self._change_meter(account_id, meter_id, object=kind)

    async def set_ratio(self, account_id: int, meter_id: int, ratio: int) -> None:
        """Differences to earlier readings are multiplied by it from the next reading on."""
        await self._change_meter(account_id, meter_id, ratio=ratio)

    async def set_hidden(self, account_id: int, meter_id: int, *, hidden: bool) -> None:
        """Hides a meter that was entered by mistake, or shows it again; its readings remain."""
        await self._change_meter(account_id, meter_id, hidden=hidden)

    async def _change_meter(self, account_id: int, meter_id: int, **changed: Any) -> None:
        async with self._database.begin() as tx:
            meter = await tx.readings.get_meter(account_id, meter_id)
            if meter is not None:
                meter = await tx.readings.lock_meter(
                    account_id, meter.number, meter.kind, meter.object
                )
                await tx.readings.save_meter(replace(meter, **changed))

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

    async def list_meters_with_last(self, account_id: int) -> list[EarlierReadings]:
        """All meters of the account, the oldest first, each with no more than its last readings."""
        async with self._database.read() as tx:
            meters = await tx.readings.list_meters(account_id)
            latest = await tx.readings.list_latest_of_meters(
                account_id, until=self.get_today(), limit=1
            )
        return [self._find_earlier(one, latest.get(one.id, ())) for one in meters]

    async def find_all_earlier(self, account_id: int) -> dict[str, EarlierReadings]:
        """The same for each of the account's meters, hidden ones included, by its number."""
        async with self._database.read() as tx:
            meters = await tx.readings.list_meters(account_id)
            latest = await tx.readings.list_latest_of_meters(
                account_id, until=self.get_today(), limit=_RECENT + 1
            )
        return {one.number: self._find_earlier(one, latest.get(one.id, ())) for one in meters}

    async def list_transferred(
        self, account_id: int, meter_id: int | None = None
    ) -> tuple[date, list[TransferredReading]]:
        """The last readings, of one meter or of all that are not hidden, that count for a month.

        It is the newest month that has any; returned by its first day.
        """
        months: dict[date, list[TransferredReading]] = {}
        for one in (await self.find_all_earlier(account_id)).values():
            latest = [*([one.same_day] if one.same_day else []), *one.before[:2]]
            wanted = not one.meter.hidden if meter_id is None else one.meter.id == meter_id
            if latest and wanted:
                month = self.rules.windows[one.meter.object].find_month(latest[0].day)
                transferred = TransferredReading(
                    meter=one.meter,
                    reading=latest[0],
                    before=latest[1] if len(latest) > 1 else None,
                )
                months.setdefault(month, []).append(transferred)
        newest = max(months, default=self.get_today())
        return newest, months.get(newest, [])

    async def submit(
        self,
        *,
        draft_id: str,
        account: Account,
        number: str,
        kind: MeterKind,
        values: tuple[Decimal, ...],
        confirmed: tuple[frozenset[ReadingMark], ...],
        ratio: int | None = None,
        source: ReadingSource = ReadingSource.BOT,
    ) -> MeterReading:
        """Stores a reading of today and returns it; the same draft always returns the same one.

        ``values`` and ``confirmed`` (what the consumer confirmed) are in the order of
        ``kind.zones``. ``ratio`` is that of the meter's transformers, None: as it was. Photos of
        the draft are kept with the reading. A hidden meter is shown again. A second reading of a
        day replaces the first, which stays in the history.
        Raises what ``compute_used`` raises, as another chat may have sent a reading meanwhile, and
        ForeignDraft when the draft is another account's.
        """
        try:
            return await self._submit(
                draft_id, account, number, kind, values, confirmed, ratio, source
            )
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
        ratio: int | None,
        source: ReadingSource,
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
            meter = await tx.readings.lock_meter(
                account.id, number, kind, get_default_object(account.category)
            )
            meter = replace(meter, ratio=ratio or meter.ratio)
            latest = await tx.readings.list_latest(meter.id, until=today, limit=_RECENT + 1)
            earlier = self._find_earlier(meter, latest)
            differences = compute_used_by_zone(earlier, kind, values, confirmed, self.rules.jump)
            digits = meter.digits
            if ReadingMark.ROLLOVER in marks and earlier.last is not None:
                digits = digits or max(_count_digits(value) for value in earlier.last.values)
            elif ReadingMark.REPLACED in marks:
                digits = None
            await tx.readings.save_meter(replace(meter, kind=kind, digits=digits, hidden=False))
            mistaken = (
                earlier.list_contradicted(kind, dict(enumerate(values)))
                if ReadingMark.AMENDS in marks
                else []
            )
            await _mark_mistaken(tx, earlier, mistaken)
            if not mistaken:
                marks -= {ReadingMark.AMENDS}
            if self.is_late(meter.object, earlier.last):
                marks |= {ReadingMark.LATE}
            reading_id = await tx.readings.add(
                meter_id=meter.id,
                draft_id=draft_id,
                day=today,
                submitted_at=self._clock.now(),
                kind=kind,
                values=values,
                used=differences,
                source=source,
                marks=marks,
                ratio=meter.ratio,
            )
            await tx.files.attach_to_reading(draft_id, reading_id)
            reading = await tx.readings.get(reading_id)
        if reading is None:
            raise LookupError(f"reading {reading_id} is not there after it was stored")
        return reading

    async def find_submitted(self, draft_id: str, account_id: int) -> MeterReading | None:
        """The reading of a draft of this account; None when it was not submitted."""
        async with self._database.read() as tx:
            reading = await tx.readings.get_by_draft(draft_id)
        return reading if reading and reading.account.id == account_id else None

    async def find_replaced(self, reading: Reading) -> Reading | None:
        """The reading of the same day whose place this one took; None when there is none."""
        async with self._database.read() as tx:
            return await tx.readings.find_replaced(reading.meter_id, reading.day, reading.id)

    async def list_page(self, meter_id: int, first: date, last: date, page: int) -> Page[Reading]:
        """A page of a meter's history in a period, newest first; ``page`` counts from 0."""
        async with self._database.read() as tx:
            return await tx.readings.list_page(meter_id, first, last, page, _PAGE)

    async def list_newest(
        self, meter_id: int, first: date, last: date, limit: int
    ) -> list[Reading]:
        """The last readings of a meter in a period, oldest first."""
        newest: deque[Reading] = deque(maxlen=limit)
        async for one in self.iterate_between(first, last, meter_id=meter_id):
            newest.append(one.reading)
        return list(newest)

    def iterate_between(
        self, first: date, last: date, *, meter_id: int | None = None
    ) -> AsyncIterator[MeterReading]:
        """Readings of all meters, or of one, by day, oldest first, corrected ones included."""
        return self._read_in_batches(
            lambda tx, after: tx.readings.list_batch(first, last, after, meter_id=meter_id),
            lambda one: (one.reading.day, one.reading.id),
        )

    async def sum_by_month(
        self, meter: Meter, first: date, last: date
    ) -> dict[date, dict[str, Decimal]]:
        """kWh by tariff zone for each month of a period, by its first day; the last 36 at most.

        The use between two readings counts in the month that the later one counts for. A zone
        without a use is not among those of its month.
        """
        window = self.rules.windows[meter.object]
        months: dict[date, dict[str, Decimal]] = {}
        uses = self._read_in_batches(
            lambda tx, before: tx.readings.list_uses(meter.id, first, last, before),
            lambda one: (one.day, one.reading_id),
        )
        async for one in uses:
            month = window.find_month(one.day)
            if month not in months and len(months) == _CHARTED_MONTHS:
                break
            totals = months.setdefault(month, {})
            for zone, used in one.by_zone.items():
                totals[zone] = totals.get(zone, Decimal(0)) + used
        return dict(reversed(months.items()))

    async def _read_in_batches(
        self,
        read: Callable[[Tx, _Place | None], Awaitable[list[_Row]]],
        get_place: Callable[[_Row], _Place],
    ) -> AsyncIterator[_Row]:
        """Each batch in a transaction of its own; ``read`` gets the place of the last row."""
        place: _Place | None = None
        while True:
            async with self._database.read() as tx:
                batch = await read(tx, place)
            if not batch:
                return
            for row in batch:
                yield row
            place = get_place(batch[-1])
            # A driver that never suspends must not block the event loop.
            await asyncio.sleep(0)

    async def put_reminders(self) -> None:
        """Stores the month's reminders once it is time; safe to repeat."""
        for kind in ObjectKind:
            month = self.rules.find_reminded_month(self.get_today(), kind)
            if month is None or self.find_quiet_end():
                continue
            first = self.rules.windows[kind].find_beginning(month)
            after = _NO_CHAT
            while True:
                async with self._database.read() as tx:
                    chats = await tx.readings.list_chats_to_remind(
                        kind, first - _SILENCE, first, self._clock.now(), after
                    )
                if not chats:
                    break
                after = chats[-1][0]
                async with self._database.begin() as tx:
                    await recipients.remind_of_readings(tx, chats, kind, month, self._clock.now())

    async def find_awaited(self, account_id: int, kind: ObjectKind) -> AwaitedReadings | None:
        """What the account is to be reminded of; None when no reminder is due or wanted."""
        month = self.rules.find_reminded_month(self.get_today(), kind)
        if month is None:
            return None
        window = self.rules.windows[kind]
        first = window.find_beginning(month)
        async with self._database.read() as tx:
            wanted = (await tx.readings.get_preferences(account_id)).reminders
            meters = await tx.readings.list_awaited(account_id, kind, first - _SILENCE, first)
        if not wanted or not meters:
            return None
        return AwaitedReadings(month=month, window=window, meters=meters)

    def get_window(self, kind: ObjectKind) -> tuple[date, ReadingWindow]:
        """The month for which a reading of today counts, and the window of its readings."""
        window = self.rules.windows[kind]
        return window.find_month(self.get_today()), window

    def is_late(self, kind: ObjectKind, last: Reading | None) -> bool:
        """Whether a reading of today comes after its last day; ``last`` is the one before."""
        window = self.rules.windows[kind]
        return window.is_late(self.get_today(), last.day if last else None)

    def find_quiet_end(self) -> timedelta:
        """Time until consumers may be reminded; zero when they may be now."""
        return quiet_hours.FOR_CONSUMERS.find_end(self._clock.now(), self._timezone)

    def get_today(self) -> date:
        return self._to_local(self._clock.now()).date()

    def _to_local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._timezone)

    def _find_earlier(self, meter: Meter, latest: tuple[Reading, ...]) -> EarlierReadings:
        today = self.get_today()
        same_day = next((one for one in latest if one.day == today), None)
        before = [one for one in latest if one.day < today]
        amends = same_day is not None and ReadingMark.AMENDS in same_day.marks
        amended = takewhile(_is_mistaken, before) if amends else ()
        return EarlierReadings(
            day=today,
            meter=meter,
            before=(*amended, *(one for one in before if not _is_mistaken(one))),
            same_day=same_day,
        )


def _is_mistaken(reading: Reading) -> bool:
    return ReadingMark.MISTAKEN in reading.marks


async def _mark_mistaken(tx: Tx, earlier: EarlierReadings, mistaken: Sequence[Reading]) -> None:
    """Marks these readings; those that the corrected reading of the day had marked no longer."""
    for one in earlier.before:
        if (one in mistaken) is not _is_mistaken(one):
            await tx.readings.set_marks(one.id, one.marks ^ {ReadingMark.MISTAKEN})
