"""Goals, their measured values, and the comparison with an earlier run."""

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bench.process import ROOT

#: The figures of the last run of each goal on this machine.
LAST = ROOT / "data/bench.json"
#: By this share a figure in such a unit goes up and down with the virtual machine within hours,
#: which rounds within minutes cannot tell: each part prints how fast it found the core. Two bots
#: meet the same core in a round, but do not gain by it alike: in four runs of one evening the
#: medians of one ratio went from 2.55 to 3.16.
_DRIFT = {"ms": 0.25, "s": 0.25, "×": 0.12}


@dataclass(frozen=True, slots=True)
class Goal:
    """``values``: one of each round. ``finest``: the resolution of the clock of a round."""

    name: str
    values: Sequence[float]
    limit: float
    unit: str = ""
    at_least: bool = False
    finest: float = 0.0

    @property
    def measured(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """Half the range of the rounds, and no less than the clock and the machine allow."""
        drift = _DRIFT.get(self.unit, 0.0) * self.measured
        return max((max(self.values) - min(self.values)) / 2, self.finest, drift)

    @property
    def met(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        unit = self.unit and f" {self.unit}"
        return (
            f"| {self.name} "
            f"| {_format_figure(self.measured)} ± {_format_figure(self.spread)}{unit} "
            f"| {sign} {self.limit:g}{unit} | {'met' if self.met else '**NOT MET**'} |"
        )


def format_table(goals: Sequence[Goal]) -> Iterator[str]:
    """Lines of a Markdown table; the last column compares with an earlier run, if any."""
    earlier = _load_earlier()
    known = [one for one in goals if one.name in earlier]
    yield "| goal | measured | limit | |" + (" the run before |" if known else "")
    yield "| --- | ---: | ---: | --- |" + (" --- |" if known else "")
    for one in goals:
        yield f"{one}{_format_comparison(one, earlier) if known else ''}"
    yield ""
    yield f"{sum(one.met for one in goals)} of {len(goals)} goals are met"
    if known:
        same = sum(_is_same(one, earlier[one.name]) for one in known)
        yield f"{same} of {len(known)} agree with the run before within the spreads of both"


def save(goals: Sequence[Goal]) -> None:
    """Saves the figures, with which the next run is compared."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    figures = {
        one.name: {
            "measured": one.measured,
            "spread": one.spread,
            "values": list(one.values),
            "limit": one.limit,
            "met": one.met,
            "at": now,
        }
        for one in goals
    }
    LAST.parent.mkdir(exist_ok=True)
    LAST.write_text(json.dumps(_load_earlier() | figures, ensure_ascii=False, indent=1) + "\n")


def _load_earlier() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(LAST.read_text()) if LAST.exists() else {}
    return found


def _is_same(now: Goal, then: dict[str, Any]) -> bool:
    apart: float = abs(now.measured - then["measured"])
    return apart <= now.spread + float(then["spread"])


def _format_comparison(now: Goal, earlier: dict[str, dict[str, Any]]) -> str:
    if (then := earlier.get(now.name)) is None:
        return " — |"
    figures = f"{_format_figure(then['measured'])} ± {_format_figure(then['spread'])}"
    return f" {'agrees' if _is_same(now, then) else '**differs**'}: {figures} |"


def _format_figure(value: float) -> str:
    """Three significant digits, and all digits before the point."""
    return f"{value:.{0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2}f}"
