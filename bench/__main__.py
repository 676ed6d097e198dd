"""``make bench``: a form of three questions beside a bare aiogram bot and two peers; memory; start.

Every contestant gets the same updates at the same rate from the same server, one after the other,
in several rounds. Goals are marked met or not.
"""

import asyncio
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from bench.dialogue import registration_and_request
from bench.form import ECHO, FORM, Load, answered, say
from bench.process import ROOT, Process, running
from bot.catalogue import load
from bot.db.database import Database
from tests.e2e.conftest import REDIS
from tests.e2e.world import World, free_port, world

_ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
_RATE = float(os.environ.get("BENCH_RATE", "40"))
_PEOPLE = 16
_FORMS = 6
_DIALOGUES = 8
#: An environment of their own: neither is a dependency of Cabinet, not even for its tests.
_PEERS = os.environ.get("BENCH_PYTHON", str(ROOT / ".venv-bench/bin/python"))

_STEP_GOAL = 1.5
_REST_GOAL = 110.0
_START_GOAL = 1.5


@dataclass(frozen=True, slots=True)
class Contestant:
    name: str
    arguments: tuple[str, ...]
    python: str = sys.executable
    echoes: bool = False
    webhook: bool = False


CONTESTANTS = (
    Contestant("aiogram, bare echo", ("-m", "bench.echo_bot"), echoes=True),
    Contestant("Cabinet", ("main.py", "run")),
    Contestant("Cabinet, webhook", ("main.py", "run"), webhook=True),
    Contestant("python-telegram-bot", ("-m", "bench.peers.ptb_form", "{folder}/state"), _PEERS),
    Contestant("aiogram_dialog", ("-m", "bench.peers.dialog_form"), _PEERS),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds and megabytes of one contestant in one round."""

    cpu: float
    p50: float
    p99: float
    start: float
    rest: float
    peak: float


async def main(contestants: list[Contestant]) -> int:
    found: dict[str, list[Figures]] = {}
    dialogues: list[tuple[float, float]] = []
    for turn in range(1, _ROUNDS + 1):
        for one in contestants:
            print(f"round {turn} of {_ROUNDS}: {one.name} …", flush=True)
            found.setdefault(one.name, []).append(await _measured(one))
        print(f"round {turn} of {_ROUNDS}: whole dialogues …", flush=True)
        dialogues.append(await _dialogues())
    _report(found, dialogues)
    return 0


@asynccontextmanager
async def _stage(one: Contestant) -> AsyncIterator[tuple[World, Process, float]]:
    """A world, the bot in it, and the milliseconds from its start to its first answer."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        settings = {"REDIS_URL": REDIS} if one.python == _PEERS else {}
        if one.webhook:
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            settings |= {"WEBHOOK_URL": url, "WEBHOOK_SECRET": "bench", "WEB_PORT": str(port)}
        # People of the load write more than any person does.
        limits = {"LIMIT_MESSAGES": "100000/1m"}
        async with world(Path(folder), **settings, **limits) as stage:
            if "main.py" in one.arguments:
                # A start is measured, not an installation.
                database = Database(stage.settings["DATABASE_URL"])
                await database.migrate()
                await database.dispose()
            first = stage.phone("Первый")
            arguments = [part.format(folder=folder) for part in one.arguments]
            log = Path(folder, "bot.log")
            begun = perf_counter()
            with running(arguments, stage.settings, log, one.python) as process:
                try:
                    await answered(first, say, "/start")
                    yield stage, process, (perf_counter() - begun) * 1000
                except (TimeoutError, AssertionError):
                    print(stage.log()[-3000:], file=sys.stderr)
                    raise


async def _measured(one: Contestant) -> Figures:
    async with _stage(one) as (stage, process, start):
        rest = process.held_mb()
        deeds = ECHO if one.echoes else FORM
        await Load(_RATE, deeds).run([stage.phone(f"р-{n}") for n in range(4)], 2)
        people = [stage.phone(f"п-{n}") for n in range(_PEOPLE)]
        cpu, updates = process.cpu_ms(), stage.telegram.given
        timed = Load(_RATE, deeds)
        await timed.run(people, _FORMS)
        # What was left to do after the last answer belongs to the price too.
        await asyncio.sleep(0.5)
        return Figures(
            cpu=(process.cpu_ms() - cpu) / (stage.telegram.given - updates),
            p50=timed.percentile(0.5),
            p99=timed.percentile(0.99),
            start=start,
            rest=rest,
            peak=process.peak_mb(),
        )


async def _dialogues() -> tuple[float, float]:
    """CPU milliseconds an update, and peak memory, of people who register and file a request."""
    catalogue = load()
    async with _stage(CONTESTANTS[1]) as (stage, process, _):
        await registration_and_request(stage.phone("разогрев"), stage.post, catalogue)
        cpu, updates = process.cpu_ms(), stage.telegram.given
        people = [stage.phone(f"д-{n}") for n in range(_DIALOGUES)]
        await asyncio.gather(
            *(registration_and_request(one, stage.post, catalogue) for one in people)
        )
        return (process.cpu_ms() - cpu) / (stage.telegram.given - updates), process.peak_mb()


def _report(found: dict[str, list[Figures]], dialogues: list[tuple[float, float]]) -> None:
    def middle(name: str, of: Callable[[Figures], float]) -> float:
        return statistics.median(of(one) for one in found[name])

    def spread(name: str) -> float:
        cpus = [one.cpu for one in found[name]]
        return (max(cpus) - min(cpus)) / 2

    print(
        f"\n{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}; "
        f"load average {os.getloadavg()[0]:.1f}\n"
        f"{_PEOPLE * _FORMS * len(FORM)} updates at {_RATE:.0f} a second, {_ROUNDS} rounds: "
        "median, ± half the range of CPU\n"
    )
    print(
        "| bot | CPU ms an update | to the echo bot | updates/s on one core | p50 ms | p99 ms "
        "| start s | at rest MB | peak MB |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    echo = middle(CONTESTANTS[0].name, lambda one: one.cpu)
    for name in found:
        cpu = middle(name, lambda one: one.cpu)
        print(
            f"| {name} | {cpu:.2f} ± {spread(name):.2f} | {cpu / echo:.2f} | {1000 / cpu:.0f} "
            f"| {middle(name, lambda one: one.p50):.1f} | {middle(name, lambda one: one.p99):.1f} "
            f"| {middle(name, lambda one: one.start) / 1000:.2f} "
            f"| {middle(name, lambda one: one.rest):.0f} "
            f"| {middle(name, lambda one: one.peak):.0f} |"
        )
    ours = middle("Cabinet", lambda one: one.cpu)
    cpu, peak = (statistics.median(values) for values in zip(*dialogues, strict=True))
    start = middle("Cabinet", lambda one: one.start) / 1000
    rest = middle("Cabinet", lambda one: one.rest)
    print(
        f"\nwhole dialogues (registration, letter, login, request with a scan): {cpu:.2f} ms "
        f"an update with password hashes and letters, peak {peak:.0f} MB\n"
    )
    _goal(f"a step costs at most {_STEP_GOAL} of the echo bot's", ours / echo, _STEP_GOAL)
    for peer in ("python-telegram-bot", "aiogram_dialog"):
        if peer in found:
            _goal(f"a step costs less than {peer}'s", ours / middle(peer, lambda one: one.cpu), 1.0)
    _goal("seconds from start to first answer", start, _START_GOAL)
    _goal("MB at rest", rest, _REST_GOAL)
    _goal("MB at the peak of whole dialogues", peak, 120.0)


def _goal(words: str, value: float, limit: float) -> None:
    print(f"- {words}: {value:.2f}, goal {limit:g}: {'met' if value <= limit else 'NOT MET'}")


if __name__ == "__main__":
    there = [one for one in CONTESTANTS if Path(one.python).exists()]
    for one in CONTESTANTS:
        if one not in there:
            print(f"left out: {one.name}, as there is no {one.python}")
    raise SystemExit(asyncio.run(main(there)))
