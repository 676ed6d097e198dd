"""Counts the instructions of an update in user space by callgrind: noise hardly touches them.

Counting makes a process some fifty times slower, so that nothing is timed here, and what a bot does
by the clock, however few people write, is counted apart and left out. What happens in the kernel
is not counted, nor what a switch of threads costs by cold caches.
"""

import asyncio
import re
import tempfile
from asyncio.subprocess import DEVNULL
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from bench.comparison import COMPETITORS, DIALOG, ECHO_BOT, Competitor, run_competitor
from bench.form import Load, list_actions
from bench.goals import Goal
from bench.process import Process

_PEOPLE = 4
#: Forms of one person: before anything is counted, and then: 288 updates.
_WARM_UP, _COUNTED = 3, 8
_REST_SECONDS = 15.0
#: Each answer is waited for: this rate is never reached.
_RATE = 1000.0
#: A start takes half a minute in valgrind.
_START_SECONDS = 600.0
_ECHO_GOAL, _DIALOG_GOAL = 1.5, 0.65
#: By so much two runs of one bot differ: updates come alone or together, and pydantic drops models.
_FINEST = 0.05
_SLOWED = ("-m", "bench.slowed_bot", "run")


async def measure() -> list[Goal]:
    millions: dict[str, float] = {}
    for one in COMPETITORS:
        print(f"{one.name} …", flush=True)
        millions[one.name] = await count_instructions(one) / 1e6
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


async def count_instructions(one: Competitor) -> float:
    """Of an update, without what the bot does while nobody writes."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        counts = Path(folder, "callgrind.out")
        wrapper = (
            *("valgrind", "--tool=callgrind", "--instr-atstart=no"),
            f"--callgrind-out-file={counts}",
        )
        arguments = _SLOWED if one in COMPETITORS[1:3] else one.arguments
        slow = replace(one, arguments=arguments, wrapper=wrapper, patience=_START_SECONDS)
        # The order of hashes decides how often dictionaries collide: it is fixed.
        async with run_competitor(slow, PYTHONHASHSEED="0") as (world, process, _):
            load = Load(_RATE, list_actions(echoes=one.echoes))
            people = [world.add_phone(f"п-{n}") for n in range(_PEOPLE)]
            await load.run(people, _WARM_UP)
            await _control(process, "instrumentation", "on")
            await load.run(people, 1)
            await _control(process, "dump")
            begun = perf_counter()
            await asyncio.sleep(_REST_SECONDS)
            await _control(process, "dump")
            rest, updates = perf_counter() - begun, world.telegram.queued
            begun = perf_counter()
            await load.run(people, _COUNTED)
            await _control(process, "dump")
            worked, updates = perf_counter() - begun, world.telegram.queued - updates
            await _control(process, "instrumentation", "off")
        of_rest, of_work = (_read_total(Path(f"{counts}.{number}")) for number in (2, 3))
    return (of_work - of_rest / rest * worked) / updates


async def _control(process: Process, *command: str) -> None:
    """Tells callgrind to begin or end counting, or to write what it has counted since."""
    vgdb = await asyncio.create_subprocess_exec(
        "vgdb", f"--pid={process.pid}", *command, stdout=DEVNULL, stderr=DEVNULL
    )
    if await vgdb.wait():
        raise RuntimeError(f"valgrind did not take {command}")


def _read_total(counts: Path) -> int:
    return int(re.findall(r"^totals: (\d+)", counts.read_text(), re.MULTILINE)[-1])
