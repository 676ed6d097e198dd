"""A made-up kind of meter, to prove that kinds and tariff zones are data."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain import MeterKind
from bot.fsm.builtin_forms import get_builtin_forms


@contextmanager
def add_meter_kind(value: str, *zones: str) -> Iterator[MeterKind]:
    """As if ``bot/domain.py`` had one more line; taken away at the end."""
    kind = str.__new__(MeterKind, value)
    kind._name_, kind._value_, kind.zones = value.upper(), value, zones
    MeterKind._member_names_.append(kind._name_)
    MeterKind._member_map_[kind._name_] = kind
    MeterKind._value2member_map_[value] = kind
    get_builtin_forms.cache_clear()
    try:
        yield kind
    finally:
        MeterKind._member_names_.remove(kind._name_)
        del MeterKind._member_map_[kind._name_]
        del MeterKind._value2member_map_[value]
        get_builtin_forms.cache_clear()
