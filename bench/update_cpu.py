"""Measures the CPU of an update of warmed-up bots, and the resolution of that figure."""

from collections.abc import Sequence

from bench.form import FORM, Load, send_text, wait_for_answer
from bench.process import FINEST_CPU_MS, Process
from tests.support.world import World

#: Updates a second and people of each bot: one that has less to do pays more for each update, as
#: its caches are cold.
_RATE = 40.0
_PEOPLE = 16
_FORMS = 4


async def measure_update_cpu(world: World, bots: Sequence[Process]) -> float:
    """CPU milliseconds of an update, of all bots together; each gets the load of a single bot."""
    await wait_for_answer(world.add_phone("Первый"), send_text, "/start")
    people = [world.add_phone(f"п-{n}") for n in range(_PEOPLE * len(bots))]
    rate = _RATE * len(bots)
    # The first load warms up every bot.
    await Load(rate, FORM).run(people, 1)
    cpu, updates = _sum_cpu(bots), world.telegram.queued
    await Load(rate, FORM).run(people, _FORMS)
    return (_sum_cpu(bots) - cpu) / (world.telegram.queued - updates)


def compute_finest(ratios: Sequence[float], costs: Sequence[float]) -> float:
    """The resolution of ratios of two such costs, one side of which is given.

    More bots have more clocks, and as many more updates.
    """
    return 2 * max(ratios) * FINEST_CPU_MS / (_PEOPLE * _FORMS * len(FORM)) / min(costs)


def _sum_cpu(bots: Sequence[Process]) -> float:
    return sum(one.read_cpu_ms() for one in bots)
