"""Compares a form of three questions with a bare aiogram bot and two peers; memory; start.

Every competitor gets the same updates at the same rate from the same server, one after the other,
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

from bench.dialogue import register_and_file_request
from bench.form import FORM, Load, list_actions, send_text, wait_for_answer
from bench.goals import Goal
from bench.process import FINEST_CPU_MS, ROOT, Process, run_process
from bot.db.database import Database
from bot.request_types import load
from tests.support.phone import PATIENCE_SECONDS
from tests.support.redis import REDIS_URL
from tests.support.world import World, find_free_port, run_world

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
class Competitor:
    """``wrapper``: the command that runs its Python; ``patience``: seconds to its first answer."""

    name: str
    arguments: tuple[str, ...]
    python: str = sys.executable
    echoes: bool = False
    webhook: bool = False
    wrapper: tuple[str, ...] = ()
    patience: float = PATIENCE_SECONDS


ECHO_BOT, _CABINET, _WEBHOOK = "aiogram, bare echo", "Cabinet", "Cabinet, webhook"
_PEERS = _PTB, DIALOG = "python-telegram-bot", "aiogram_dialog"
COMPETITORS = (
    Competitor(ECHO_BOT, ("-m", "bench.echo_bot"), echoes=True),
    Competitor(_CABINET, ("main.py", "run")),
    Competitor(_WEBHOOK, ("main.py", "run"), webhook=True),
    Competitor(_PTB, ("-m", "bench.peers.ptb_form", "{folder}/state"), _PEERS_PYTHON),
    Competitor(DIALOG, ("-m", "bench.peers.dialog_form"), _PEERS_PYTHON),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Results of one competitor in one round: milliseconds and megabytes, ``start`` in seconds."""

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
        for one in COMPETITORS:
            print(f"round {turn} of {_ROUNDS}: {one.name} …", flush=True)
            found.setdefault(one.name, []).append(await _measure_competitor(one))
        print(f"round {turn} of {_ROUNDS}: whole dialogues …", flush=True)
        dialogues.append(await _measure_dialogues())
    _print_report(found, dialogues)
    return _build_goals(found, [peak for _, peak in dialogues])


@asynccontextmanager
async def run_competitor(
    one: Competitor, **settings: str
) -> AsyncIterator[tuple[World, Process, float]]:
    """Yields a world, the process of its bot, and the seconds from start to first answer."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        if one.python == _PEERS_PYTHON:
            settings["REDIS_URL"] = REDIS_URL
        if one.webhook:
            port = find_free_port()
            url = f"http://127.0.0.1:{port}"
            settings |= {"WEBHOOK_URL": url, "WEBHOOK_SECRET": "bench", "WEB_PORT": str(port)}
        # The load sends more messages than one person may.
        limits = {"LIMIT_MESSAGES": "100000/1m"}
        async with run_world(Path(folder), **settings, **limits) as world:
            if one.python == sys.executable and not one.echoes:
                # The start is measured without migrations.
                database = Database(world.settings["DATABASE_URL"])
                await database.migrate()
                await database.dispose()
            first = world.add_phone("Первый")
            arguments = [part.format(folder=folder) for part in one.arguments]
            command = [*one.wrapper, one.python, *arguments]
            log = Path(folder, "bot.log")
            started = perf_counter()
            with run_process(command, world.settings, log) as process:
                try:
                    await wait_for_answer(first, send_text, "/start", one.patience)
                    yield world, process, perf_counter() - started
                except (TimeoutError, AssertionError):
                    print(world.log()[-3000:], file=sys.stderr)
                    raise


async def _measure_competitor(one: Competitor) -> Figures:
    async with run_competitor(one) as (world, process, start):
        rest = process.read_held_mb()
        actions = list_actions(echoes=one.echoes)
        await Load(_RATE, actions).run([world.add_phone(f"р-{n}") for n in range(4)], 2)
        people = [world.add_phone(f"п-{n}") for n in range(_PEOPLE)]
        cpu, updates = process.read_cpu_ms(), world.telegram.queued
        timed = Load(_RATE, actions)
        await timed.run(people, _FORMS)
        # Work that is left after the last answer counts too.
        await asyncio.sleep(0.5)
        return Figures(
            cpu=(process.read_cpu_ms() - cpu) / (world.telegram.queued - updates),
            p50=timed.compute_percentile(0.5),
            p99=timed.compute_percentile(0.99),
            start=start,
            rest=rest,
            peak=process.read_peak_mb(),
        )


async def _measure_dialogues() -> tuple[float, float]:
    """CPU milliseconds an update, and peak memory, of people who register and file a request."""
    catalogue = load()
    async with run_competitor(COMPETITORS[1]) as (world, process, _):
        await register_and_file_request(world.add_phone("разогрев"), world.mail_client, catalogue)
        cpu, updates = process.read_cpu_ms(), world.telegram.queued
        people = [world.add_phone(f"д-{n}") for n in range(_DIALOGUES)]
        await asyncio.gather(
            *(register_and_file_request(one, world.mail_client, catalogue) for one in people)
        )
        return (process.read_cpu_ms() - cpu) / (
            world.telegram.queued - updates
        ), process.read_peak_mb()


def _print_report(found: dict[str, list[Figures]], dialogues: list[tuple[float, float]]) -> None:
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
        ratio = statistics.median(_compute_ratios(found, name, ECHO_BOT))
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


def _compute_ratios(found: dict[str, list[Figures]], name: str, other: str) -> list[float]:
    """Ratios of CPU, round by round: other load on the machine affects both alike."""
    return [one.cpu / two.cpu for one, two in zip(found[name], found[other], strict=True)]


def _build_goals(found: dict[str, list[Figures]], peaks: list[float]) -> list[Goal]:
    def build_goal(name: str, other: str, limit: float) -> Goal:
        ratios = _compute_ratios(found, name, other)
        ticks = FINEST_CPU_MS / _UPDATES
        finest = max(
            ratio * (ticks / one.cpu + ticks / two.cpu)
            for ratio, one, two in zip(ratios, found[name], found[other], strict=True)
        )
        return Goal(f"{name}: CPU of a step, times {other}", ratios, limit, "×", finest=finest)

    ours = found[_CABINET]
    return [
        build_goal(_CABINET, ECHO_BOT, _STEP_GOAL),
        build_goal(_WEBHOOK, ECHO_BOT, _STEP_GOAL),
        *(build_goal(_CABINET, peer, 1.0) for peer in _PEERS),
        Goal("start to first answer", [one.start for one in ours], _START_GOAL, "s"),
        # Shared pages are counted by share, which depends on other processes.
        Goal("memory at rest", [one.rest for one in ours], _REST_GOAL, "MB", finest=1.0),
        Goal("memory at the peak of whole dialogues", peaks, _PEAK_GOAL, "MB"),
    ]
