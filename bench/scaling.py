"""Compares two bots with one on PostgreSQL and Redis; memory of many open conversations.

The load uses the same two cores, so a second bot shows no gain in time: the CPU of an update, of
all bots together, is compared.
"""

import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from bench.form import FORM, Load
from bench.goals import Goal
from bench.process import CABINET, run_process
from bench.update_cpu import compute_finest, measure_update_cpu
from tests.support.cluster import run_balancer
from tests.support.postgres import create_postgres
from tests.support.redis import REDIS_URL, delete_bot_keys
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
        one.append(await _measure_cost(1))
        two.append(await _measure_cost(2))
    for bots, costs in ((1, one), (2, two)):
        print(f"{bots} processes: {', '.join(f'{cost:.2f}' for cost in costs)} ms an update")
    scales = [2 * alone / both for alone, both in zip(one, two, strict=True)]
    added = [await _measure_memory() for _ in range(_MEMORY_ROUNDS)]
    return [
        Goal(
            "updates that two processes carry, to one",
            scales,
            _SCALE_GOAL,
            "×",
            at_least=True,
            finest=compute_finest(scales, one),
        ),
        Goal(f"memory of {_CONVERSATIONS:,} open conversations", added, _MEMORY_GOAL, "MB"),
    ]


async def _measure_cost(bots: int) -> float:
    """CPU milliseconds an update of so many bots together, behind a balancer."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cabinet-bench-")))
        balancer, hook = await stack.enter_async_context(run_balancer(bots))
        world = await stack.enter_async_context(
            run_world(
                folder,
                DATABASE_URL=await stack.enter_async_context(create_postgres()),
                REDIS_URL=REDIS_URL,
                **hook,
                **_LIMITS,
            )
        )
        stack.push_async_callback(delete_bot_keys, world.telegram.token)
        processes = [
            stack.enter_context(
                run_process(
                    CABINET,
                    {**world.settings, "WEB_PORT": str(port)},
                    folder / f"bot-{port}.log",
                )
            )
            for port in balancer.ports
        ]
        return await measure_update_cpu(world, processes)


async def _measure_memory() -> float:
    """Megabytes that the open conversations add to one bot."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cabinet-bench-")))
        world = await stack.enter_async_context(run_world(folder, **_LIMITS))
        process = stack.enter_context(run_process(CABINET, world.settings, folder / "bot.log"))

        async def open_some(count: int) -> None:
            for first in range(0, count, _AT_A_TIME):
                people = [world.add_phone(f"п-{first + n}") for n in range(_AT_A_TIME)]
                await Load(1000, FORM[:2]).run(people, 1)

        await open_some(200)
        before = process.read_held_mb()
        await open_some(_CONVERSATIONS)
        return process.read_held_mb() - before
