"""Counts the instructions of an update in user space by callgrind: noise hardly touches them.

The difference of two runs, a short and a long one, leaves out the start and the stop. Counting
makes a process some fifty times slower, so that nothing is timed here. What happens in the kernel
is not counted, nor what a switch of threads costs by cold caches.
"""

import re
import tempfile
from dataclasses import replace
from pathlib import Path

from bench.comparison import COMPETITORS, DIALOG, ECHO_BOT, Competitor, run_competitor
from bench.form import Load, list_actions
from bench.goals import Goal

_PEOPLE = 4
#: Forms of one person: the difference is 648 updates.
_SHORT, _LONG = 4, 22
#: Each answer is waited for: this rate is never reached.
_RATE = 1000.0
#: A start takes a minute with callgrind.
_START_SECONDS = 600.0
_ECHO_GOAL, _DIALOG_GOAL = 1.5, 0.65
#: By so much two runs of one bot differ: its timers fire more or less often.
_FINEST = 0.02


async def measure() -> list[Goal]:
    millions: dict[str, float] = {}
    for one in COMPETITORS:
        print(f"{one.name} …", flush=True)
        short, long = [await _count_instructions(one, forms) for forms in (_SHORT, _LONG)]
        millions[one.name] = (long[0] - short[0]) / (long[1] - short[1]) / 1e6
    print("\n| bot | million instructions an update | to the echo bot |\n| --- | ---: | ---: |")
    for name, count in millions.items():
        print(f"| {name} | {count:.2f} | {count / millions[ECHO_BOT]:.2f} |")
    return [
        Goal(
            f"{one.name}: instructions of an update, times {other}",
            [ratio := millions[one.name] / millions[other]],
            limit,
            "×",
            finest=_FINEST * ratio,
        )
        for one in COMPETITORS[1:3]
        for other, limit in ((ECHO_BOT, _ECHO_GOAL), (DIALOG, _DIALOG_GOAL))
    ]


async def _count_instructions(one: Competitor, forms: int) -> tuple[int, int]:
    """The instructions of a whole run, and the updates that it handled."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        counts = Path(folder, "callgrind.out")
        wrapper = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}")
        # The order of hashes decides how often dictionaries collide: it is fixed.
        slow = replace(one, wrapper=wrapper, patience=_START_SECONDS)
        async with run_competitor(slow, PYTHONHASHSEED="0") as (world, _, _):
            people = [world.add_phone(f"п-{n}") for n in range(_PEOPLE)]
            await Load(_RATE, list_actions(echoes=one.echoes)).run(people, forms)
            updates = world.telegram.queued
        found = re.search(r"^totals: (\d+)", _read(counts), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"{one.name} did not end in time: callgrind wrote no counts")
    return int(found[1]), updates


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""
