"""What an update costs with ten accounts and with a million, each with a request."""

import tempfile
from pathlib import Path

from bench.goals import Goal
from bench.price import cpu_of_an_update, finest_of
from bench.process import in_a_process, running
from tests.support.world import run_world

_FEW, _MANY = 10, 1_000_000
_ROUNDS = 3
_GOAL = 1.2


async def measure() -> list[Goal]:
    few, many = [], []
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        urls = [f"sqlite+aiosqlite:///{folder}/{count}.db" for count in (_FEW, _MANY)]
        for url, count in zip(urls, (_FEW, _MANY), strict=True):
            await in_a_process("bench.seed", "seed", url, count, count)
        for _ in range(_ROUNDS):
            few.append(await _cost(urls[0]))
            many.append(await _cost(urls[1]))
    for count, costs in ((_FEW, few), (_MANY, many)):
        print(f"{count:>9,} accounts: {', '.join(f'{one:.2f}' for one in costs)} ms an update")
    ratios = [two / one for one, two in zip(few, many, strict=True)]
    name = f"CPU of an update, {_MANY:,} accounts to {_FEW}"
    return [Goal(name, ratios, _GOAL, "×", finest=finest_of(ratios, few))]


async def _cost(url: str) -> float:
    """CPU milliseconds an update."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        async with run_world(Path(folder), DATABASE_URL=url, LIMIT_MESSAGES="100000/1m") as stage:
            with running(["main.py", "run"], stage.settings, Path(folder, "bot.log")) as process:
                return await cpu_of_an_update(stage, [process])
