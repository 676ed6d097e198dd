"""Formatting of ASKUE data: the seven columns of the consumer's meters, and their spreadsheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from bot.formatting.company import Company
from bot.formatting.values import MISSING
from bot.fsm.field_types import format_decimal
from bot.integrations.askue import AskueTerms, MeterState
from bot.integrations.spreadsheets import Column, Table
from bot.texts import Texts

_ENERGIES = ("active-import", "active-export", "reactive-import", "reactive-export")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskueLayout:
    """Units, age and time zone by which a table is shown."""

    terms: AskueTerms
    company: Company


@dataclass(frozen=True, slots=True, kw_only=True)
class AskueRow:
    """A meter in words; ``energies`` are in the order of ``list_energy_labels``."""

    object_name: str
    meter_name: str
    energies: tuple[str, ...]
    received: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def list_energy_labels(texts: Texts) -> list[str]:
    """``Активная (приём)``, without units."""
    return [texts(f"askue-{name}") for name in _ENERGIES]


def list_units(look: AskueLayout, texts: Texts) -> tuple[str, ...]:
    """The unit of each energy: the company's, or that of the language."""
    active = look.terms.active_unit or texts("kwh")
    reactive = look.terms.reactive_unit or texts("kvarh")
    return (active, active, reactive, reactive)


def list_columns(look: AskueLayout, texts: Texts) -> list[str]:
    """The seven columns of the specification."""
    energies = zip(list_energy_labels(texts), list_units(look, texts), strict=True)
    return [
        texts("askue-object"),
        texts("askue-meter"),
        *(f"{label}, {unit}" for label, unit in energies),
        texts("askue-received"),
    ]


def build_row(one: MeterState, now: datetime, look: AskueLayout, texts: Texts) -> AskueRow:
    """``now`` decides whether the values are stale."""
    return AskueRow(
        object_name=one.object_name or MISSING,
        meter_name=one.meter_name or MISSING,
        energies=tuple(_format_value(value, texts) for value in one.energies),
        received=look.company.format_minute(one.received_at) if one.received_at else MISSING,
        notes=tuple([texts("askue-day", day=f"{one.day:%d.%m.%Y}")] if one.day else []),
        warnings=tuple(_list_warnings(one, now, look, texts)),
    )


def build_table(now: datetime, look: AskueLayout, texts: Texts) -> Table[MeterState]:
    """The consumer's meters as a spreadsheet; ``now`` decides which values are stale."""

    def format_marks(one: MeterState) -> str:
        row = build_row(one, now, look, texts)
        return ", ".join([*row.notes, *row.warnings])

    object_label, meter_label, *energy_labels, received_label = list_columns(look, texts)
    return Table(
        (
            (Column(label=object_label, width=30), lambda one: one.object_name),
            (Column(label=meter_label, width=30), lambda one: one.meter_name),
            *(
                (Column(label=label, kind="number", width=24), partial(_get_energy, at=at))
                for at, label in enumerate(energy_labels)
            ),
            (
                Column(label=received_label, kind="time"),
                lambda one: (
                    one.received_at.astimezone(look.company.timezone) if one.received_at else None
                ),
            ),
            (Column(label=texts("table-marks"), width=30), format_marks),
        )
    )


def _get_energy(one: MeterState, *, at: int) -> Decimal | None:
    return one.energies[at]


def _list_warnings(
    one: MeterState, now: datetime, look: AskueLayout, texts: Texts
) -> Sequence[str]:
    marks = {
        "askue-stale": look.terms.is_stale(one, now),
        "askue-doubtful": one.doubtful,
    }
    gaps = [texts("askue-gaps", count=one.gaps)] if one.gaps else []
    return [*(texts(key) for key, holds in marks.items() if holds), *gaps]


def _format_value(value: Decimal | None, texts: Texts) -> str:
    return MISSING if value is None else format_decimal(f"{value:f}", texts.locale)
