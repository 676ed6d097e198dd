"""Compares the CPU of an update with ten accounts and with a million."""

import tempfile
from pathlib import Path

from bench.goals import Goal
from bench.process import CABINET, run_in_process, run_process
from bench.update_cpu import compute_finest, measure_update_cpu
from tests.support.world import run_world

_FEW, _MANY = 10, 1_000_000
_ROUNDS = 3
_GOAL = 1.2


async def measure() -> list[Goal]:
    few, many = [], []
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        urls = [f"sqlite+aiosqlite:///{folder}/{count}.db" for count in (_FEW, _MANY)]
        for url, count in zip(urls, (_FEW, _MANY), strict=True):
            await run_in_process("bench.seed", "seed", url, count, count)
        for _ in range(_ROUNDS):
            few.append(await _measure_cost(urls[0]))
            many.append(await _measure_cost(urls[1]))
    for count, costs in ((_FEW, few), (_MANY, many)):
        print(f"{count:>9,} accounts: {', '.join(f'{one:.2f}' for one in costs)} ms an update")
    ratios = [two / one for one, two in zip(few, many, strict=True)]
    name = f"CPU of an update, {_MANY:,} accounts to {_FEW}"
    return [Goal(name, ratios, _GOAL, "×", finest=compute_finest(ratios, few))]


async def _measure_cost(url: str) -> float:
    """CPU milliseconds an update."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        async with run_world(Path(folder), DATABASE_URL=url, LIMIT_MESSAGES="100000/1m") as world:
            with run_process(CABINET, world.settings, Path(folder, "bot.log")) as process:
                return await measure_update_cpu(world, [process])
