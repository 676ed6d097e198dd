"""Reading entry: the answers of the form ``reading`` against the meter's earlier readings."""

from dataclasses import dataclass
from decimal import Decimal

from bot.domain import Account, MeterKind, MeterReading, ReadingMark
from bot.fsm.builtin_forms import list_zone_keys
from bot.fsm.model import Draft, Rejected
from bot.services.readings import (
    EarlierReadings,
    Readings,
    compute_used,
    compute_used_by_zone,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingComparison:
    """A complete draft beside the meter's earlier readings.

    ``used`` is kWh by zone, None when there is nothing to compare with; ``late``: the last day of
    the period is over.
    """

    earlier: EarlierReadings | None
    used: tuple[Decimal, ...] | None
    late: bool


class ReadingEntry:
    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    async def find_earlier(self, account: Account, draft: Draft) -> EarlierReadings | None:
        """The earlier readings of the draft's meter; None for a meter that is new."""
        return await self._readings.find_earlier(account.id, draft.answers["meter"])

    async def check(self, account: Account, draft: Draft, key: str, answer: str) -> None:
        """Compares the answer to the question ``key`` with the reading before.

        Raises Rejected and NeedsConfirmation.
        """
        kind = get_kind(draft)
        zone = get_zone(kind, key)
        marks = _parse_marks(draft)[zone]
        if ReadingMark.REPLACED in draft.confirmed.values():
            # A replaced meter is replaced in all its zones.
            marks = frozenset({ReadingMark.REPLACED})
        compute_used(
            await self.find_earlier(account, draft),
            kind,
            zone,
            Decimal(answer),
            marks,
            self._readings.rules.jump,
        )

    async def compare(self, account: Account, draft: Draft) -> ReadingComparison | None:
        """None when the draft would be rejected; ``submit`` then says why."""
        earlier = await self.find_earlier(account, draft)
        rules = self._readings.rules
        try:
            used = compute_used_by_zone(
                earlier, get_kind(draft), _parse_values(draft), _parse_marks(draft), rules.jump
            )
        except Rejected:
            return None
        late = rules.is_late(self._readings.get_today(), account.category)
        return ReadingComparison(earlier=earlier, used=used, late=late)

    async def submit(self, account: Account, draft: Draft) -> MeterReading:
        """Submits the reading; raises what ``Readings.submit`` does."""
        return await self._readings.submit(
            draft_id=draft.id,
            account=account,
            number=draft.answers["meter"],
            kind=get_kind(draft),
            values=_parse_values(draft),
            confirmed=_parse_marks(draft),
        )


def get_kind(draft: Draft) -> MeterKind:
    return MeterKind(draft.answers["kind"])


def get_zone(kind: MeterKind, key: str) -> int:
    """The index in ``kind.zones`` of the zone that a question is about."""
    return list_zone_keys(kind).index(key)


def _list_keys(draft: Draft) -> list[str]:
    return list_zone_keys(get_kind(draft))


def _parse_values(draft: Draft) -> tuple[Decimal, ...]:
    return tuple(Decimal(draft.answers[key]) for key in _list_keys(draft))


def _parse_marks(draft: Draft) -> tuple[frozenset[ReadingMark], ...]:
    """What the consumer confirmed about the values, by zone."""
    return tuple(
        frozenset({ReadingMark(draft.confirmed[key])}) if key in draft.confirmed else frozenset()
        for key in _list_keys(draft)
    )
