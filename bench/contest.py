"""A form of three questions beside a bare aiogram bot and two peers; memory; start.

Every contestant gets the same updates at the same rate from the same server, one after the other,
in several rounds.
"""

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench.dialogue import registration_and_request
from bench.form import ECHO, FORM, Load, answered, say
from bench.goals import Goal
from bench.process import FINEST_CPU_MS, ROOT, Process, running
from bot.db.database import Database
from bot.request_types import load
from tests.e2e.conftest import REDIS
from tests.support.world import World, free_port, run_world

_ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
_RATE = float(os.environ.get("BENCH_RATE", "40"))
_PEOPLE = 16
_FORMS = 4
_DIALOGUES = 8
_UPDATES = _PEOPLE * _FORMS * len(FORM)
#: An environment of their own: neither is a dependency of Cabinet, not even for its tests.
_PEERS_PYTHON = os.environ.get("BENCH_PYTHON", str(ROOT / ".venv-bench/bin/python"))

_STEP_GOAL = 1.5
_START_GOAL = 1.5
_REST_GOAL = 110.0
_PEAK_GOAL = 120.0


@dataclass(frozen=True, slots=True)
class Contestant:
    name: str
    arguments: tuple[str, ...]
    python: str = sys.executable
    echoes: bool = False
    webhook: bool = False


_ECHO, _CABINET, _WEBHOOK = "aiogram, bare echo", "Cabinet", "Cabinet, webhook"
_PEERS = _PTB, _DIALOG = "python-telegram-bot", "aiogram_dialog"
CONTESTANTS = (
    Contestant(_ECHO, ("-m", "bench.echo_bot"), echoes=True),
    Contestant(_CABINET, ("main.py", "run")),
    Contestant(_WEBHOOK, ("main.py", "run"), webhook=True),
    Contestant(_PTB, ("-m", "bench.peers.ptb_form", "{folder}/state"), _PEERS_PYTHON),
    Contestant(_DIALOG, ("-m", "bench.peers.dialog_form"), _PEERS_PYTHON),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one contestant in one round: milliseconds and megabytes, ``start`` in seconds."""

    cpu: float
    p50: float
    p99: float
    start: float
    rest: float
    peak: float


async def measure() -> list[Goal]:
    found: dict[str, list[Figures]] = {}
    dialogues: list[tuple[float, float]] = []
    for turn in range(1, _ROUNDS + 1):
        for one in CONTESTANTS:
            print(f"round {turn} of {_ROUNDS}: {one.name} …", flush=True)
            found.setdefault(one.name, []).append(await _measured(one))
        print(f"round {turn} of {_ROUNDS}: whole dialogues …", flush=True)
        dialogues.append(await _dialogues())
    _report(found, dialogues)
    return _goals(found, [peak for _, peak in dialogues])


@asynccontextmanager
async def on_stage(one: Contestant, **settings: str) -> AsyncIterator[tuple[World, Process, float]]:
    """A world, the bot in it, and the seconds from its start to its first answer."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        if one.python == _PEERS_PYTHON:
            settings["REDIS_URL"] = REDIS
        if one.webhook:
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            settings |= {"WEBHOOK_URL": url, "WEBHOOK_SECRET": "bench", "WEB_PORT": str(port)}
        # People of the load write more than any person does.
        limits = {"LIMIT_MESSAGES": "100000/1m"}
        async with run_world(Path(folder), **settings, **limits) as stage:
            if one.python == sys.executable and not one.echoes:
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
                    yield stage, process, perf_counter() - begun
                except (TimeoutError, AssertionError):
                    print(stage.log()[-3000:], file=sys.stderr)
                    raise


async def _measured(one: Contestant) -> Figures:
    async with on_stage(one) as (stage, process, start):
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
    async with on_stage(CONTESTANTS[1]) as (stage, process, _):
        await registration_and_request(stage.phone("разогрев"), stage.mail_client, catalogue)
        cpu, updates = process.cpu_ms(), stage.telegram.given
        people = [stage.phone(f"д-{n}") for n in range(_DIALOGUES)]
        await asyncio.gather(
            *(registration_and_request(one, stage.mail_client, catalogue) for one in people)
        )
        return (process.cpu_ms() - cpu) / (stage.telegram.given - updates), process.peak_mb()


def _report(found: dict[str, list[Figures]], dialogues: list[tuple[float, float]]) -> None:
    print(
        f"\n{_UPDATES} updates at {_RATE:.0f} a second, {_ROUNDS} rounds: "
        "median, ± half the range of CPU\n\n"
        "| bot | CPU ms an update | to the echo bot | updates/s on one core | p50 ms | p99 ms "
        "| start s | at rest MB | peak MB |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    for name, rounds in found.items():
        cpus = [one.cpu for one in rounds]
        cpu = statistics.median(cpus)
        ratio = statistics.median(_ratios(found, name, _ECHO))
        p50, p99, start, rest, peak = (
            statistics.median(getattr(one, what) for one in rounds)
            for what in ("p50", "p99", "start", "rest", "peak")
        )
        print(
            f"| {name} | {cpu:.2f} ± {(max(cpus) - min(cpus)) / 2:.2f} | {ratio:.2f} "
            f"| {1000 / cpu:.0f} | {p50:.1f} | {p99:.1f} | {start:.2f} | {rest:.0f} | {peak:.0f} |"
        )
    cpu, peak = (statistics.median(values) for values in zip(*dialogues, strict=True))
    print(
        f"\nwhole dialogues (registration, letter, login, request with a scan): {cpu:.2f} ms "
        f"an update with password hashes and letters, peak {peak:.0f} MB"
    )


def _ratios(found: dict[str, list[Figures]], name: str, other: str) -> list[float]:
    """Of CPU, round by round: what the machine does meanwhile meets both."""
    return [one.cpu / two.cpu for one, two in zip(found[name], found[other], strict=True)]


def _goals(found: dict[str, list[Figures]], peaks: list[float]) -> list[Goal]:
    def compared(name: str, other: str, limit: float) -> Goal:
        ratios = _ratios(found, name, other)
        ticks = FINEST_CPU_MS / _UPDATES
        finest = max(
            ratio * (ticks / one.cpu + ticks / two.cpu)
            for ratio, one, two in zip(ratios, found[name], found[other], strict=True)
        )
        return Goal(f"{name}: CPU of a step, times {other}", ratios, limit, "×", finest=finest)

    ours = found[_CABINET]
    return [
        compared(_CABINET, _ECHO, _STEP_GOAL),
        compared(_WEBHOOK, _ECHO, _STEP_GOAL),
        *(compared(_CABINET, peer, 1.0) for peer in _PEERS),
        Goal("start to first answer", [one.start for one in ours], _START_GOAL, "s"),
        # Pages are counted by share, and with whom they are shared is not the bot's doing.
        Goal("memory at rest", [one.rest for one in ours], _REST_GOAL, "MB", finest=1.0),
        Goal("memory at the peak of whole dialogues", peaks, _PEAK_GOAL, "MB"),
    ]
