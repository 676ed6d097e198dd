"""Two bots beside one on PostgreSQL and Redis, and many open conversations.

Two cores also carry the load, so a second bot cannot show its worth by the clock: what is compared
is the CPU that an update costs all bots together.
"""

import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from bench.form import FORM, Load
from bench.goals import Goal
from bench.price import cpu_of_an_update, finest_of
from bench.process import running
from tests.e2e.conftest import REDIS, forget
from tests.support.cluster import balanced
from tests.support.postgres import empty_postgres
from tests.support.world import run_world

_LIMITS = {"LIMIT_MESSAGES": "100000/1m"}
_ROUNDS = 4
_SCALE_GOAL = 1.7

_MEMORY_ROUNDS = 2
_CONVERSATIONS = 10_000
_AT_A_TIME = 50
_MEMORY_GOAL = 20.0


async def measure() -> list[Goal]:
    one, two = [], []
    for _ in range(_ROUNDS):
        one.append(await _cost(1))
        two.append(await _cost(2))
    for bots, costs in ((1, one), (2, two)):
        print(f"{bots} processes: {', '.join(f'{cost:.2f}' for cost in costs)} ms an update")
    scales = [2 * alone / both for alone, both in zip(one, two, strict=True)]
    added = [await _added() for _ in range(_MEMORY_ROUNDS)]
    return [
        Goal(
            "updates that two processes carry, to one",
            scales,
            _SCALE_GOAL,
            "×",
            at_least=True,
            finest=finest_of(scales, one),
        ),
        Goal(f"memory of {_CONVERSATIONS:,} open conversations", added, _MEMORY_GOAL, "MB"),
    ]


async def _cost(bots: int) -> float:
    """CPU milliseconds an update of so many bots together, behind a balancer."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cabinet-bench-")))
        balancer, hook = await stack.enter_async_context(balanced(bots))
        stage = await stack.enter_async_context(
            run_world(
                folder,
                DATABASE_URL=await stack.enter_async_context(empty_postgres()),
                REDIS_URL=REDIS,
                **hook,
                **_LIMITS,
            )
        )
        stack.push_async_callback(forget, stage.telegram.token)
        processes = [
            stack.enter_context(
                running(
                    ["main.py", "run"],
                    {**stage.settings, "WEB_PORT": str(port)},
                    folder / f"bot-{port}.log",
                )
            )
            for port in balancer.ports
        ]
        return await cpu_of_an_update(stage, processes)


async def _added() -> float:
    """Megabytes that so many conversations, each at a question, add to one bot."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cabinet-bench-")))
        stage = await stack.enter_async_context(run_world(folder, **_LIMITS))
        process = stack.enter_context(
            running(["main.py", "run"], stage.settings, folder / "bot.log")
        )

        async def open_some(count: int) -> None:
            for first in range(0, count, _AT_A_TIME):
                people = [stage.phone(f"п-{first + n}") for n in range(_AT_A_TIME)]
                await Load(1000, FORM[:2]).run(people, 1)

        await open_some(200)
        before = process.held_mb()
        await open_some(_CONVERSATIONS)
        return process.held_mb() - before
