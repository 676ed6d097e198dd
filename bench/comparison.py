"""Compares a form of three questions with a bare aiogram bot and two peers; memory; start.

Every competitor gets the same updates from the same server, one after the other, in several rounds:
at a rate at which each has time left, and as fast as it answers. Only the bot's own process is
counted: SQLite works inside it, Redis and PostgreSQL do not.
"""

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import astuple, dataclass
from math import inf
from pathlib import Path
from time import perf_counter

from bench.dialogue import register_and_file_request
from bench.form import FORM, Load, list_actions, send_text, wait_for_answer
from bench.goals import Goal
from bench.process import FINEST_CPU_MS, ROOT, Process, run_process
from bot.db.database import Database
from bot.request_types import load
from tests.support.phone import PATIENCE_SECONDS
from tests.support.postgres import create_postgres
from tests.support.redis import REDIS_URL
from tests.support.servers import RedisServer
from tests.support.world import World, find_free_port, run_world

_ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
_RATE = float(os.environ.get("BENCH_RATE", "40"))
_PEOPLE = 16
_FORMS = 4
_DIALOGUES = 8
_UPDATES = _PEOPLE * _FORMS * len(FORM)
#: An environment of their own: neither is a dependency of Cabinet, not even for its tests.
_PEERS_PYTHON = os.environ.get("BENCH_PYTHON", str(ROOT / ".venv-bench/bin/python"))

_ECHO_GOAL = 1.5
_PEER_GOAL = 0.9
_DURABLE_GOAL = 0.6
_SWITCHES_GOAL = 5.0
#: 500 updates a second of CPU, on the machine where the echo bot makes 630 of them.
_SATURATION_GOAL = 0.79
_START_GOAL = 1.0
_REST_GOAL = 105.0
_PEAK_GOAL = 130.0


@asynccontextmanager
async def _open_shared_redis() -> AsyncIterator[dict[str, str]]:
    yield {"REDIS_URL": REDIS_URL}


@asynccontextmanager
async def _run_durable_redis() -> AsyncIterator[dict[str, str]]:
    """A server of its own, which syncs each write before it answers."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        server = RedisServer(Path(folder))
        await server.start()
        try:
            yield {"REDIS_URL": server.url}
        finally:
            await server.stop()


@asynccontextmanager
async def _create_postgres_beside_redis() -> AsyncIterator[dict[str, str]]:
    async with create_postgres() as url:
        yield {"DATABASE_URL": url, "REDIS_URL": REDIS_URL}


@dataclass(frozen=True, slots=True)
class Competitor:
    """``wrapper``: the command that runs its Python; ``patience``: seconds to its first answer.

    ``servers``: opens what it keeps its state in, other than files; yields the settings for it.
    """

    name: str
    arguments: tuple[str, ...]
    python: str = sys.executable
    servers: Callable[[], AbstractAsyncContextManager[dict[str, str]]] | None = None
    echoes: bool = False
    webhook: bool = False
    wrapper: tuple[str, ...] = ()
    patience: float = PATIENCE_SECONDS


ECHO_BOT, _CABINET, _WEBHOOK = "aiogram, bare echo", "Cabinet", "Cabinet, webhook"
_ON_SERVERS = "Cabinet, Redis and PostgreSQL"
_PEERS = _PTB, DIALOG = "python-telegram-bot", "aiogram_dialog"
_DURABLE_PEERS = _DURABLE_PTB, _DURABLE_DIALOG = f"{_PTB}, durable", f"{DIALOG}, durable"
_RUN = ("main.py", "run")
_PTB_FORM = ("-m", "bench.peers.ptb_form", "{folder}/state")
_DIALOG_FORM = ("-m", "bench.peers.dialog_form")
COMPETITORS = (
    Competitor(ECHO_BOT, ("-m", "bench.echo_bot"), echoes=True),
    Competitor(_CABINET, _RUN),
    Competitor(_WEBHOOK, _RUN, webhook=True),
    Competitor(_PTB, _PTB_FORM, _PEERS_PYTHON),
    Competitor(DIALOG, _DIALOG_FORM, _PEERS_PYTHON, _open_shared_redis),
)
#: Cabinet in what aiogram_dialog keeps its state in, and peers that sync each step as Cabinet does.
_OTHER_STORES = (
    Competitor(_ON_SERVERS, _RUN, servers=_create_postgres_beside_redis),
    Competitor(_DURABLE_PTB, (*_PTB_FORM, "durable"), _PEERS_PYTHON),
    Competitor(_DURABLE_DIALOG, _DIALOG_FORM, _PEERS_PYTHON, _run_durable_redis),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Results of one competitor in one round: milliseconds and megabytes, ``start`` in seconds.

    ``switches``: of context, an update; ``saturated``: CPU of an update when people never pause.
    """

    cpu: float
    saturated: float
    switches: float
    p50: float
    p99: float
    start: float
    rest: float
    peak: float


async def measure() -> list[Goal]:
    found: dict[str, list[Figures]] = {}
    dialogues: list[tuple[float, float]] = []
    for turn in range(1, _ROUNDS + 1):
        for one in [*COMPETITORS, *_OTHER_STORES]:
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
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cabinet-bench-"))
        if one.servers is not None:
            settings |= await stack.enter_async_context(one.servers())
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

        async def run_load(load: Load) -> tuple[float, float]:
            """CPU and switches of an update."""
            cpu, switches = process.read_cpu_ms(), process.read_switches()
            updates = world.telegram.queued
            await load.run(people, _FORMS)
            # Work that is left after the last answer counts too.
            await asyncio.sleep(0.5)
            updates = world.telegram.queued - updates
            cpu, switches = process.read_cpu_ms() - cpu, process.read_switches() - switches
            return cpu / updates, switches / updates

        timed = Load(_RATE, actions)
        cpu, switches = await run_load(timed)
        saturated, _ = await run_load(Load(inf, actions))
        return Figures(
            cpu=cpu,
            saturated=saturated,
            switches=switches,
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
        f"\n{_UPDATES} updates at {_RATE:.0f} a second, and as many at saturation, {_ROUNDS} "
        "rounds: median, ± half the range of CPU; without the CPU of servers\n\n"
        "| bot | CPU ms an update | to the echo bot | updates/s of one core at saturation "
        "| switches of context | p50 ms | p99 ms | start s | at rest MB | peak MB |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    for name, rounds in found.items():
        cpus = [one.cpu for one in rounds]
        ratio = statistics.median(_compute_ratios(found, name, ECHO_BOT))
        cpu, saturated, switches, p50, p99, start, rest, peak = (
            statistics.median(values) for values in zip(*map(astuple, rounds), strict=True)
        )
        print(
            f"| {name} | {cpu:.2f} ± {(max(cpus) - min(cpus)) / 2:.2f} | {ratio:.2f} "
            f"| {1000 / saturated:.0f} | {switches:.1f} | {p50:.1f} | {p99:.1f} | {start:.2f} "
            f"| {rest:.0f} | {peak:.0f} |"
        )
    cpu, peak = (statistics.median(values) for values in zip(*dialogues, strict=True))
    print(
        f"\nwhole dialogues (registration, letter, login, request with a scan): {cpu:.2f} ms "
        f"an update with password hashes and letters, peak {peak:.0f} MB"
    )


def _compute_ratios(
    found: dict[str, list[Figures]], name: str, other: str, cost: str = "cpu"
) -> list[float]:
    """Ratios of a cost, round by round: other load on the machine affects both alike."""
    return [
        getattr(one, cost) / getattr(two, cost)
        for one, two in zip(found[name], found[other], strict=True)
    ]


def _build_goals(found: dict[str, list[Figures]], peaks: list[float]) -> list[Goal]:
    ticks = FINEST_CPU_MS / _UPDATES

    def build_goal(name: str, other: str, limit: float) -> Goal:
        ratios = _compute_ratios(found, name, other)
        finest = max(
            ratio * (ticks / one.cpu + ticks / two.cpu)
            for ratio, one, two in zip(ratios, found[name], found[other], strict=True)
        )
        return Goal(f"{name}: CPU of a step, times {other}", ratios, limit, "×", finest=finest)

    def build_saturation_goal(name: str) -> Goal:
        return Goal(
            f"{name}: updates/s of one core at saturation, times {ECHO_BOT}",
            _compute_ratios(found, ECHO_BOT, name, "saturated"),
            _SATURATION_GOAL,
            "×",
            at_least=True,
            finest=max(ticks / one.saturated for one in found[name] + found[ECHO_BOT]),
        )

    def build_switches_goal(name: str) -> Goal:
        switches = [one.switches for one in found[name]]
        return Goal(f"{name}: switches of context of an update", switches, _SWITCHES_GOAL)

    ours = found[_CABINET]
    return [
        *(build_goal(name, ECHO_BOT, _ECHO_GOAL) for name in (_CABINET, _WEBHOOK)),
        *(build_goal(_CABINET, peer, _PEER_GOAL) for peer in _PEERS),
        build_goal(_ON_SERVERS, DIALOG, _PEER_GOAL),
        *(build_goal(_CABINET, peer, _DURABLE_GOAL) for peer in _DURABLE_PEERS),
        build_goal(_ON_SERVERS, _DURABLE_DIALOG, _DURABLE_GOAL),
        *map(build_saturation_goal, (_CABINET, _WEBHOOK)),
        *map(build_switches_goal, (_CABINET, _WEBHOOK)),
        Goal("start to first answer", [one.start for one in ours], _START_GOAL, "s"),
        # Shared pages are counted by share, which depends on other processes.
        Goal("memory at rest", [one.rest for one in ours], _REST_GOAL, "MB", finest=1.0),
        Goal("memory at the peak of whole dialogues", peaks, _PEAK_GOAL, "MB"),
    ]
