"""The staff desk over a million requests: ``python -m bench.desk [requests]`` prints a table.

SQLite in a folder under /tmp, PostgreSQL where the tests expect it.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bench import seed
from bot.catalogue import load
from bot.db.database import Database
from bot.services.calendar import WorkingCalendar
from bot.services.ledger import Ledger
from bot.services.requests import Requests
from bot.services.spreadsheets import Cell, write_xlsx
from bot.services.terms import Terms
from bot.services.workshop import Workshop
from bot.texts import Library
from bot.views import ledger as views
from tests.db.postgres import empty_postgres

MOSCOW = ZoneInfo("Europe/Moscow")
_ROUNDS = 61
_EXPORTED = 100_000
#: The base of comparison, and the goals: so many milliseconds, and so many times the base.
_FEW = 10_000
_MOST_MILLISECONDS, _MOST_TIMES = 20, 1.5
#: What an export may keep others waiting, and what memory it may take in both processes.
_MOST_SECONDS, _MOST_MB = 0.1, 200


class _Noon:
    def now(self) -> object:
        return seed.NOW


Question = Callable[[], Awaitable[object]]


def _questions(database: Database, requests: int, accounts: int) -> dict[str, Question]:
    ledger = _ledger(database)
    mine = Requests(database, load(), WorkingCalendar(), _Noon(), MOSCOW)  # type: ignore[arg-type]
    middle = requests // 2
    account = middle % accounts + 1

    async def card() -> None:
        async with database.read() as tx:
            await tx.requests.get(middle)

    return {
        "card": card,
        "list page": lambda: mine.page(account, 0),
        "/find number": lambda: ledger.find(seed.number(middle), 0),
        "/find email": lambda: ledger.find(seed.email(account), 0),
        "/find phone": lambda: ledger.find(seed.phone(account), 0),
        "/find meter": lambda: ledger.find(seed.meter(middle), 0),
        "/overdue": lambda: ledger.overdue(0),
        "/my": lambda: ledger.mine(501, 0),
    }


def _ledger(database: Database) -> Ledger:
    terms = Terms(WorkingCalendar(), MOSCOW, 9)
    return Ledger(database, terms, _Noon(), MOSCOW, 9)  # type: ignore[arg-type]


async def _filled(url: str, requests: int, accounts: int) -> Database:
    began = time.perf_counter()
    # In a process of its own, as its memory is not the question.
    command = [sys.executable, "-m", "bench.seed", url, str(requests), str(accounts)]
    seeding = await asyncio.create_subprocess_exec(*command)
    if await seeding.wait():
        raise SystemExit("the database could not be filled")
    print(f"  {requests} requests in {time.perf_counter() - began:.0f} s", flush=True)
    return Database(url)


async def _compare(*questions: Question) -> list[float]:
    """Median milliseconds of each, the connection and its transaction included.

    They take turns, so that whatever else the machine does meets both alike.
    """
    rounds: list[list[float]] = [[] for _ in questions]
    for _ in range(_ROUNDS):
        for ask, took in zip(questions, rounds, strict=True):
            start = time.perf_counter()
            await ask()
            took.append((time.perf_counter() - start) * 1000)
    # The first ones prepare statements.
    return [median(took[1:]) for took in rounds]


async def _export(database: Database) -> None:
    """A file of 100,000 rows, while somebody else looks at the clock every 5 ms."""
    library, catalogue = Library.load(), load()
    texts = library.texts("ru")
    ledger = _ledger(database)
    worst, done = 0.0, False

    async def watch() -> None:
        nonlocal worst
        while not done:
            start = time.perf_counter()
            await asyncio.sleep(0.005)
            worst = max(worst, time.perf_counter() - start - 0.005)

    async def rows() -> AsyncIterator[Sequence[Cell]]:
        count = 0
        async for line in ledger.registered(_EPOCH, seed.NOW.date()):
            count += 1
            if count > _EXPORTED:
                return
            yield views.cells(line, catalogue, texts, MOSCOW)

    # The workshop's process begins with the main module of its parent: here too the bot's own.
    sys.modules["__main__"].__spec__ = find_spec("main")
    workshop = Workshop()
    before = _peak_mb(os.getpid())
    watching = asyncio.create_task(watch())
    began = time.perf_counter()
    with TemporaryDirectory() as folder:
        path = await write_xlsx(workshop, Path(folder), "x", views.columns(texts), rows())
        size = path.stat().st_size
    child = max(_peak_mb(pid) for pid in workshop.processes())
    done = True
    await watching
    workshop.close()
    more = _peak_mb(os.getpid()) - before
    verdict = "ok" if worst <= _MOST_SECONDS and more + child <= _MOST_MB else "SLOW"
    print(
        f"  export of {_EXPORTED} rows: {time.perf_counter() - began:.0f} s, {size / 1e6:.1f} MB; "
        f"longest delay of the loop {worst * 1000:.0f} ms; "
        f"{more:.0f} MB above {before:.0f} MB, {child:.0f} MB in the workshop  {verdict}",
        flush=True,
    )


def _peak_mb(pid: int) -> float:
    status = Path("/proc", str(pid), "status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


_EPOCH = seed.NOW.date().replace(year=2020)


@asynccontextmanager
async def _sqlite() -> AsyncIterator[str]:
    with TemporaryDirectory(prefix="bench-desk-") as folder:
        yield f"sqlite+aiosqlite:///{folder}/cabinet.db"


async def main(requests: int) -> None:
    for name, place in (("SQLite", _sqlite), ("PostgreSQL", empty_postgres)):
        print(name, flush=True)
        async with place() as few_url, place() as many_url:
            await _on(few_url, many_url, requests)


async def _on(few_url: str, many_url: str, requests: int) -> None:
    few = await _filled(few_url, _FEW, _FEW // 10)
    many = await _filled(many_url, requests, requests // 10)
    print(f"  {'question':<14}{_FEW:>9,}{requests:>11,}{'ratio':>7}", flush=True)
    asked_of_few = _questions(few, _FEW, _FEW // 10)
    for question, ask in _questions(many, requests, requests // 10).items():
        base, took = await _compare(asked_of_few[question], ask)
        ratio = took / base
        verdict = "ok" if took <= _MOST_MILLISECONDS and ratio <= _MOST_TIMES else "SLOW"
        print(f"  {question:<14}{base:>6.1f} ms{took:>8.1f} ms{ratio:>7.2f}  {verdict}", flush=True)
    if requests > _EXPORTED:
        await _export(many)
    await few.dispose()
    await many.dispose()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
