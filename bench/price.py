"""What an update costs bots that are up for a while, and how finely that can be told."""

from collections.abc import Sequence

from bench.form import FORM, Load, answered, say
from bench.process import FINEST_CPU_MS, Process
from tests.support.world import World

#: Updates a second and people of each bot: one that has less to do pays more for each update, as
#: its caches are cold.
_RATE = 40.0
_PEOPLE = 16
_FORMS = 4


async def cpu_of_an_update(stage: World, bots: Sequence[Process]) -> float:
    """Milliseconds that it costs all of them together, each as busy as one alone would be."""
    await answered(stage.phone("Первый"), say, "/start")
    people = [stage.phone(f"п-{n}") for n in range(_PEOPLE * len(bots))]
    rate = _RATE * len(bots)
    # Twice, so that each of the bots is up.
    await Load(rate, FORM).run(people, 1)
    cpu, updates = _cpu(bots), stage.telegram.given
    await Load(rate, FORM).run(people, _FORMS)
    return (_cpu(bots) - cpu) / (stage.telegram.given - updates)


def finest_of(ratios: Sequence[float], costs: Sequence[float]) -> float:
    """What the clocks cannot tell apart in ratios of two such costs, one side of which is given.

    More bots have more clocks, and as many more updates.
    """
    return 2 * max(ratios) * FINEST_CPU_MS / (_PEOPLE * _FORMS * len(FORM)) / min(costs)


def _cpu(bots: Sequence[Process]) -> float:
    return sum(one.cpu_ms() for one in bots)
