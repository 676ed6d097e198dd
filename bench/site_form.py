"""A form of the site beside the same form in Django and FastAPI: CPU of a page, time of an answer.

Each server is one process and gets the same requests at the same rate: the form, and the form sent
with a wrong answer, which comes back with what is wrong.
"""

import asyncio
import os
import re
import statistics
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from aiohttp import ClientSession, CookieJar

from bench.goals import Goal
from bench.process import CABINET, FINEST_CPU_MS, ROOT, Process, run_process, wait_for_page
from tests.support.world import find_free_port, run_world

_ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
#: Requests a second.
RATE = float(os.environ.get("BENCH_SITE_RATE", "50"))
_REQUESTS = int(os.environ.get("BENCH_SITE_REQUESTS", "500"))
_PEERS_PYTHON = os.environ.get("BENCH_PYTHON", str(ROOT / ".venv-bench/bin/python"))
_WRONG = {
    "consent": "agree",
    "category": "individual",
    "full_name": "Иванова Анна Петровна",
    "email": "нет",
    "phone": "+7 912 345-67-89",
}
_CPU_GOAL = 25.0
P99_GOAL = 100.0


@dataclass(frozen=True, slots=True)
class Server:
    """``peer`` is the ASGI application that uvicorn serves; without one it is Cabinet."""

    name: str
    peer: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds."""

    cpu: float
    p50: float
    p99: float


_CABINET = Server("Cabinet")
SERVERS = (
    _CABINET,
    Server("Django", "bench.peers.django_form:application"),
    Server("FastAPI + Jinja2", "bench.peers.fastapi_form:app"),
)


async def measure() -> list[Goal]:
    found: dict[str, list[Figures]] = {}
    for turn in range(1, _ROUNDS + 1):
        for one in SERVERS:
            print(f"round {turn} of {_ROUNDS}: {one.name} …", flush=True)
            async with _run_server(one) as (url, process):
                found.setdefault(one.name, []).append(await _measure_server(url, process))
    print("\n| server | CPU of a page, ms | p50, ms | p99, ms |\n| --- | --- | --- | --- |")
    for name, rounds in found.items():
        middle = [
            statistics.median(getattr(one, figure) for one in rounds)
            for figure in ("cpu", "p50", "p99")
        ]
        print(f"| {name} | {' | '.join(f'{one:.2f}' for one in middle)} |")
    ours = found[_CABINET.name]
    return [
        Goal(
            "CPU of a page of the site",
            [one.cpu for one in ours],
            _CPU_GOAL,
            "ms",
            finest=FINEST_CPU_MS / _REQUESTS,
        ),
        Goal(
            f"p99 of a page of the site at {RATE:g} requests/s",
            [one.p99 for one in ours],
            P99_GOAL,
            "ms",
        ),
    ]


async def measure_times(ask: Callable[[int], Awaitable[None]]) -> list[float]:
    """Milliseconds to the answers to requests at a fixed rate, sorted; ``ask`` gets a number."""

    async def measure_one(number: int) -> float:
        await asyncio.sleep(max(0.0, began + number / RATE - perf_counter()))
        started = perf_counter()
        await ask(number)
        return (perf_counter() - started) * 1000

    began = perf_counter()
    return sorted(await asyncio.gather(*(measure_one(number) for number in range(_REQUESTS))))


@asynccontextmanager
async def _run_server(one: Server) -> AsyncIterator[tuple[str, Process]]:
    port = find_free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        log = Path(folder, "server.log")
        if one.peer is None:
            async with run_world(Path(folder), SITE_URL=url, SITE_PORT=str(port)) as world:
                with run_process(CABINET, world.settings, log) as process:
                    await wait_for_page(f"{url}/register", log)
                    yield url, process
            return
        server = ["-m", "uvicorn", one.peer, "--port", str(port), "--no-access-log"]
        with run_process([_PEERS_PYTHON, *server], {"PYTHONPATH": str(ROOT)}, log) as process:
            await wait_for_page(f"{url}/register", log)
            yield url, process


async def _measure_server(url: str, process: Process) -> Figures:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        async with session.get(f"{url}/register") as answer:
            page = await answer.text()
        found = re.search(r'name="(csrf\w*)" value="([^"]+)"', page)
        if found is None:
            raise ValueError("the page has no CSRF token")
        form = {found[1]: found[2], **_WRONG}
        headers = {"Origin": url, "Referer": f"{url}/register"}

        async def ask(number: int) -> None:
            wanted = 200 if number % 2 else 422
            method, data = ("GET", None) if number % 2 else ("POST", form)
            asked = session.request(method, f"{url}/register", data=data, headers=headers)
            async with asked as answer:
                await answer.read()
                if answer.status != wanted:
                    raise ValueError(f"{method}: {answer.status}")

        await asyncio.gather(*(ask(number) for number in range(20)))
        cpu = process.read_cpu_ms()
        times = await measure_times(ask)
        return Figures(
            cpu=(process.read_cpu_ms() - cpu) / _REQUESTS,
            p50=times[len(times) // 2],
            p99=times[int(len(times) * 0.99)],
        )
