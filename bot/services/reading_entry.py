"""Reading entry: the answers of the form ``reading`` against the meter's earlier readings."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.domain import (
    Account,
    Category,
    Meter,
    MeterKind,
    MeterReading,
    Reading,
    ReadingMark,
    get_default_object,
)
from bot.fsm.builtin_forms import list_zone_keys
from bot.fsm.model import Draft, FormId, Rejected
from bot.services.reading_windows import ReadingWindow
from bot.services.readings import (
    EarlierReadings,
    Readings,
    compute_used,
    compute_used_by_zone,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingComparison:
    """A complete draft beside the meter's earlier readings, without those that it amends.

    ``used`` is kWh by zone, None when there is nothing to compare with; ``late``: the last day of
    the period is over; ``month``: for which the reading counts.
    """

    earlier: EarlierReadings | None
    used: tuple[Decimal, ...] | None
    late: bool
    month: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingReceipt:
    """A submitted reading, the one of the same day that it replaced, and what it counts for.

    ``is_first``: the meter had no reading before.
    """

    reading: MeterReading
    replaced: Reading | None
    is_first: bool
    month: date
    window: ReadingWindow


class ReadingEntry:
    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    async def find_earlier(self, account: Account, draft: Draft) -> EarlierReadings | None:
        """The earlier readings of the draft's meter; None for a meter that is new."""
        number = await self._find_number(account, draft)
        earlier = await self._readings.find_earlier(account.id, number)
        return earlier.with_ratio(_parse_ratio(draft)) if earlier else None

    async def check(self, account: Account, draft: Draft, key: str, answer: str) -> None:
        """Compares the answer to the question ``key`` with the reading before.

        Raises Rejected and NeedsConfirmation.
        """
        kind = get_kind(draft)
        zone = get_zone(kind, key)
        marks = _parse_marks(draft)[zone]
        earlier = await self.find_earlier(account, draft)
        if ReadingMark.REPLACED in draft.confirmed.values():
            # A replaced meter is replaced in all its zones.
            marks = frozenset({ReadingMark.REPLACED})
        elif ReadingMark.AMENDS in draft.confirmed.values() and earlier is not None:
            # A mistaken reading is mistaken in all its zones.
            known = {**draft.answers, key: answer}
            earlier = earlier.drop_contradicted(
                kind,
                {
                    index: Decimal(known[one])
                    for index, one in enumerate(list_zone_keys(kind))
                    if one in known
                },
            )
        compute_used(earlier, kind, zone, Decimal(answer), marks, self._readings.rules.jump)

    async def check_all(self, account: Account, draft: Draft) -> dict[str, Rejected]:
        """What ``check`` says of each answer of a complete draft, by the keys of the questions."""
        errors = {}
        for key in list_zone_keys(get_kind(draft)):
            try:
                await self.check(account, draft, key, draft.answers[key])
            except Rejected as rejected:
                errors[key] = rejected
        return errors

    async def compare(self, account: Account, draft: Draft) -> ReadingComparison | None:
        """None when the draft would be rejected; ``submit`` then says why."""
        rules = self._readings.rules
        meter_kind, values, marks = get_kind(draft), _parse_values(draft), _parse_marks(draft)
        try:
            earlier = await self.find_earlier(account, draft)
            used = compute_used_by_zone(earlier, meter_kind, values, marks, rules.jump)
        except Rejected:
            return None
        kind = earlier.meter.object if earlier else get_default_object(account.category)
        month, window = self._readings.get_window(kind)
        last = earlier.last if earlier else None
        late = window.is_late(self._readings.get_today(), last.day if last else None)
        if earlier is not None and ReadingMark.AMENDS in frozenset().union(*marks):
            earlier = earlier.drop_contradicted(meter_kind, dict(enumerate(values)))
        return ReadingComparison(earlier=earlier, used=used, late=late, month=month)

    async def submit(self, account: Account, draft: Draft) -> ReadingReceipt:
        """Submits the reading; raises what ``Readings.submit`` does."""
        reading = await self._readings.submit(
            draft_id=draft.id,
            account=account,
            number=await self._find_number(account, draft),
            kind=get_kind(draft),
            values=_parse_values(draft),
            confirmed=_parse_marks(draft),
            ratio=_parse_ratio(draft),
        )
        return await self._build_receipt(reading)

    async def find_submitted(self, draft_id: str, account_id: int) -> ReadingReceipt | None:
        """The receipt of a draft of this account; None when it was not submitted."""
        reading = await self._readings.find_submitted(draft_id, account_id)
        return await self._build_receipt(reading) if reading else None

    async def _build_receipt(self, reading: MeterReading) -> ReadingReceipt:
        meter = reading.meter
        replaced = await self._readings.find_replaced(reading.reading)
        earlier = await self._readings.find_earlier(meter.account_id, meter.number)
        window = self._readings.rules.windows[meter.object]
        return ReadingReceipt(
            reading=reading,
            replaced=replaced,
            is_first=replaced is None and (earlier is None or earlier.last is None),
            month=window.find_month(reading.reading.day),
            window=window,
        )

    async def _find_number(self, account: Account, draft: Draft) -> str:
        meter_id = get_meter_id(draft.form)
        if meter_id is None:
            return draft.answers["meter"]
        meter = await self._readings.get_meter(account.id, meter_id)
        if meter is None:
            raise Rejected("meter-gone")
        return meter.number


def build_form_id(account: Account, meter: Meter | None) -> FormId:
    """The form of a reading of a known meter, or of another one (None)."""
    if meter is not None:
        return FormId("reading", meter.id, meter.kind)
    return FormId("reading", *(["legal"] if account.category is Category.LEGAL else []))


def get_meter_id(form_id: FormId) -> int | None:
    """The id of the known meter that a form of a reading is about; None: it asks for the number."""
    return int(form_id.parts[0]) if len(form_id.parts) > 1 else None


def get_kind(draft: Draft) -> MeterKind:
    parts = draft.form.parts
    return MeterKind(parts[-1] if len(parts) > 1 else draft.answers["kind"])


def get_zone(kind: MeterKind, key: str) -> int:
    """The index in ``kind.zones`` of the zone that a question is about."""
    return list_zone_keys(kind).index(key)


def _parse_ratio(draft: Draft) -> int | None:
    return int(draft.answers.get("ratio") or 0) or None


def _parse_values(draft: Draft) -> tuple[Decimal, ...]:
    return tuple(Decimal(draft.answers[key]) for key in list_zone_keys(get_kind(draft)))


def _parse_marks(draft: Draft) -> tuple[frozenset[ReadingMark], ...]:
    """What the consumer confirmed about the values, by zone."""
    return tuple(
        frozenset({ReadingMark(draft.confirmed[key])}) if key in draft.confirmed else frozenset()
        for key in list_zone_keys(get_kind(draft))
    )
