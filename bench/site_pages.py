"""Measures the CPU of a consumer's pages, alone in the database and among a million requests."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession

from bench.company import ACCOUNTS, REQUESTS, pair_with_empty
from bench.goals import Goal
from bench.process import FINEST_CPU_MS, SITE, Process, run_in_process, run_process, wait_for_page
from bench.seed import make_number
from bench.site_form import P99_GOAL, RATE, measure_times
from tests.support.site_sessions import begin_sessions
from tests.support.world import find_free_port, run_world

_ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
#: Requests of each page in a round.
_REQUESTS = int(os.environ.get("BENCH_PAGES", "200"))
_RATIO_GOAL = 1.2
_CPU_GOAL = 25.0
_ACCOUNT = 1
#: By what it shows. The account has its requests, and ten years of a meter's readings.
_PAGES = {
    "main menu": "/",
    "list of requests": "/requests",
    "one request": f"/requests/{make_number(REQUESTS)}",
    "history of readings": "/readings/1",
}


@dataclass(frozen=True, slots=True)
class _Site:
    """A served site, and a browser that is logged in."""

    url: str
    process: Process
    session: ClientSession

    async def measure_cpu(self, path: str) -> float:
        """CPU milliseconds of one page."""
        cpu = self.process.read_cpu_ms()
        for _ in range(_REQUESTS):
            await self._open(path)
        return (self.process.read_cpu_ms() - cpu) / _REQUESTS

    async def measure_p99(self) -> float:
        """Milliseconds to the answer of all pages in turn, at a fixed rate."""
        paths = list(_PAGES.values())
        times = await measure_times(lambda number: self._open(paths[number % len(paths)]))
        return times[int(len(times) * 0.99)]

    async def _open(self, path: str) -> None:
        async with self.session.get(f"{self.url}{path}", allow_redirects=False) as answer:
            await answer.read()
            if answer.status != 200:
                raise ValueError(f"{path}: {answer.status}")


async def measure(sqlite: str, postgres: str) -> list[Goal]:
    """``sqlite`` and ``postgres``: URLs of the company."""
    goals = []
    async with pair_with_empty(sqlite, postgres) as pairs:
        for name, many, few in pairs:
            await run_in_process("bench.company", "fill_first_account", few)
            goals += await _measure_database(name, few, many)
    return goals


async def _measure_database(name: str, few: str, many: str) -> list[Goal]:
    async with _serve(few) as alone, _serve(many) as among:
        for path in _PAGES.values():
            # Warms up both.
            await alone.measure_cpu(path)
            await among.measure_cpu(path)
        rounds = [await _measure_round(name, alone, among) for _ in range(_ROUNDS)]
        p99 = [await among.measure_p99() for _ in range(_ROUNDS)]
    ratios, costs, finest = zip(*rounds, strict=True)
    return [
        Goal(
            f"CPU of a page, {REQUESTS:,} requests to {REQUESTS // ACCOUNTS}, most, {name}",
            ratios,
            _RATIO_GOAL,
            "×",
            finest=max(finest),
        ),
        Goal(
            f"CPU of the dearest page over {REQUESTS:,} requests, {name}",
            costs,
            _CPU_GOAL,
            "ms",
            finest=FINEST_CPU_MS / _REQUESTS,
        ),
        Goal(
            f"p99 of a consumer's pages at {RATE:g} requests/s over {REQUESTS:,} requests, {name}",
            p99,
            P99_GOAL,
            "ms",
        ),
    ]


async def _measure_round(name: str, alone: _Site, among: _Site) -> tuple[float, float, float]:
    """The largest ratio of all pages, the most that one costs, and the resolution of the ratio."""
    ratios, costs, finest = [], [], []
    for page, path in _PAGES.items():
        few, many = await alone.measure_cpu(path), await among.measure_cpu(path)
        ratios.append(many / few)
        costs.append(many)
        finest.append(many / few * (1 / few + 1 / many) * FINEST_CPU_MS / _REQUESTS)
        print(f"{name}, {page}: {few:.2f} ms, among many {many:.2f} ms", flush=True)
    return max(ratios), max(costs), max(finest)


@asynccontextmanager
async def _serve(database_url: str) -> AsyncIterator[_Site]:
    port = find_free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {"DATABASE_URL": database_url, "SITE_URL": url, "SITE_PORT": str(port)}
    [cookies] = await begin_sessions(database_url, [_ACCOUNT])
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        log = Path(folder, "site.log")
        async with (
            run_world(Path(folder), **settings) as world,
            ClientSession(cookies=cookies) as session,
        ):
            with run_process(SITE, world.settings, log) as process:
                await wait_for_page(url, log)
                yield _Site(url, process, session)
