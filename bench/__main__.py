"""``make bench``: what an update costs beside a bare aiogram bot, memory, and the start."""

import asyncio
import platform
import statistics
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

from bench.dialogue import as_many, registration_and_request
from bench.process import Process, running
from bot.catalogue import load
from bot.services.passwords import PasswordHasher
from tests.e2e.world import World, world
from tests.phone import PATIENCE_SECONDS, Phone

_ROUNDS = 3
_CONSUMERS = 8
_DIALOGUES = 4

_RATIO_GOAL = 2.0
_MEMORY_GOAL = 120.0
_START_GOAL = 2.0

Load = Callable[[Phone], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one bot needed for one load; times in milliseconds, memory in megabytes."""

    updates: int
    cpu: float
    wall: float
    peak_mb: float
    start: float

    @property
    def cpu_per_update(self) -> float:
        return self.cpu / self.updates


async def main() -> int:
    catalogue = load()
    ours, echoes = [], []
    for turn in range(1, _ROUNDS + 1):
        print(f"round {turn} of {_ROUNDS} …", flush=True)
        async with _stage("main.py", "run") as (stage, process, start):

            async def filing(phone: Phone, stage: World = stage) -> None:
                await registration_and_request(phone, stage.post, catalogue)

            ours.append(await _measured(stage, process, start, filing))
            people = [one for one in stage.telegram.chats.values() if one.type == "private"]
            # The first person only waited for the start.
            written = [len(_written(one.messages)) for one in people[1:]]
        messages = round(statistics.mean(written))
        presses = round(ours[-1].updates / len(written)) - messages

        async def echo(phone: Phone, messages: int = messages, presses: int = presses) -> None:
            await as_many(phone, messages, presses)

        async with _stage("-m", "bench.echo_bot") as (stage, process, start):
            echoes.append(await _measured(stage, process, start, echo))
    hashing = await _hashing()
    return _report(ours, echoes, hashing)


def _written(messages: Mapping[int, dict[str, object]]) -> list[dict[str, object]]:
    return [one for one in messages.values() if not one["from"]["is_bot"]]  # type: ignore[index]


@asynccontextmanager
async def _stage(*arguments: str) -> AsyncIterator[tuple[World, Process, float]]:
    """A world, the bot in it, and the milliseconds from its start to its first answer."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        async with world(Path(folder)) as stage:
            first = stage.phone("Первый")
            stage.telegram.send(first.user_id, first.user_id, text="/start")
            begun = perf_counter()
            with running(list(arguments), stage.settings, Path(folder, "bot.log")) as process:
                if not await stage.telegram.until(lambda: first.messages, PATIENCE_SECONDS):
                    raise TimeoutError(stage.log())
                yield stage, process, (perf_counter() - begun) * 1000


async def _measured(stage: World, process: Process, start: float, load_: Load) -> Figures:
    async def one_after_the_other(name: str) -> None:
        for turn in range(_DIALOGUES):
            await load_(stage.phone(f"{name}-{turn}"))

    await load_(stage.phone("разогрев"))
    cpu, wall, updates = process.cpu_ms(), perf_counter(), stage.telegram.given
    await asyncio.gather(*(one_after_the_other(str(n)) for n in range(_CONSUMERS)))
    return Figures(
        updates=stage.telegram.given - updates,
        cpu=process.cpu_ms() - cpu,
        wall=(perf_counter() - wall) * 1000,
        peak_mb=process.peak_mb(),
        start=start,
    )


async def _hashing() -> float:
    """Milliseconds of CPU for the two hashes of each dialogue: making one and checking it."""
    hasher = PasswordHasher()
    begun = process_time()
    hashed = await hasher.hash("a password to measure")
    await hasher.verify(hashed, "a password to measure")
    hasher.close()
    return (process_time() - begun) * 1000


def _report(ours: list[Figures], echoes: list[Figures], hashing: float) -> int:
    def middle(values: list[float]) -> tuple[float, str]:
        spread = (max(values) - min(values)) / 2
        return statistics.median(values), f"{statistics.median(values):8.2f} ± {spread:.2f}"

    dialogues = _CONSUMERS * _DIALOGUES
    updates = ours[-1].updates / dialogues
    cpu, cpu_words = middle([one.cpu_per_update for one in ours])
    echo, echo_words = middle([one.cpu_per_update for one in echoes])
    plain, plain_words = middle([(one.cpu - hashing * dialogues) / one.updates for one in ours])
    memory, memory_words = middle([one.peak_mb for one in ours])
    start, start_words = middle([one.start / 1000 for one in ours])
    rates = [one.updates / one.wall * 1000 for one in ours]

    def verdict(met: bool) -> str:
        return "met" if met else "NOT MET"

    print(
        f"""
{platform.machine()}, Python {platform.python_version()}, {platform.system()} {platform.release()}
{dialogues} dialogues (registration, letter, login, request with a scan) of {updates:.0f} updates,
{_CONSUMERS} consumers at a time, {_ROUNDS} rounds: median ± half the range

CPU ms per update, Cabinet            {cpu_words}
  without the two password hashes     {plain_words}   (they cost {hashing:.0f} ms a dialogue)
CPU ms per update, bare echo bot      {echo_words}
ratio                                 {cpu / echo:8.2f}   goal ≤ {_RATIO_GOAL}: {
            verdict(cpu / echo <= _RATIO_GOAL)
        }
ratio without password hashes         {plain / echo:8.2f}   goal ≤ {_RATIO_GOAL}: {
            verdict(plain / echo <= _RATIO_GOAL)
        }
updates a second                      {statistics.median(rates):8.0f}
peak memory, MB                       {memory_words}   goal < {_MEMORY_GOAL:.0f}: {
            verdict(memory < _MEMORY_GOAL)
        }
start to first answer, s              {start_words}   goal < {_START_GOAL}: {
            verdict(start < _START_GOAL)
        }"""
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
