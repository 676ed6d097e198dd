"""Measures the staff's queries over a million requests and over ten thousand; an export."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bench import seed
from bench.company import ACCOUNTS, REQUESTS, pair_with_empty
from bench.goals import Goal
from bench.process import run_in_process
from bot.db.database import Database
from bot.integrations.spreadsheets import Cell, write_xlsx
from bot.integrations.worker_process import WorkerProcess
from bot.request_types import load
from bot.services.calendar import WorkingCalendar
from bot.services.deadlines import ReviewDeadlines
from bot.services.request_reports import RequestReports
from bot.services.requests import Requests
from bot.texts import Translations
from bot.views import request_reports
from tests.support.memory import read_peak_mb, reset_peak_mb

MOSCOW = ZoneInfo("Europe/Moscow")
_ROUNDS = 5
_TURNS = 61
_EXPORTS = 3
_EXPORTED = 100_000
#: Requests of the small database, and the goals: milliseconds, and times the small one's.
_FEW = 10_000
_MOST_MILLISECONDS, _MOST_TIMES = 20, 1.5
#: How long an export may block the loop, and the memory that it may take in both processes.
_MOST_DELAY, _MOST_MB = 100, 200


class _FixedClock:
    def now(self) -> object:
        return seed.NOW


Question = Callable[[], Awaitable[object]]


def _build_questions(database: Database, requests: int, accounts: int) -> dict[str, Question]:
    reports = build_reports(database)
    mine = Requests(database, load(), WorkingCalendar(), _FixedClock(), MOSCOW)  # type: ignore[arg-type]
    middle = requests // 2
    account = middle % accounts + 1

    async def read_card() -> None:
        async with database.read() as tx:
            await tx.requests.get(middle)

    return {
        "card": read_card,
        "list page": lambda: mine.list_page(account, 0),
        "/find number": lambda: reports.find(seed.make_number(middle), 0),
        "/find email": lambda: reports.find(seed.make_email(account), 0),
        "/find phone": lambda: reports.find(seed.make_phone(account), 0),
        "/find meter": lambda: reports.find(seed.make_meter(middle), 0),
        "/overdue": lambda: reports.list_overdue(0),
        "/my": lambda: reports.list_assigned(501, 0),
    }


def build_reports(database: Database) -> RequestReports:
    terms = ReviewDeadlines(load(), WorkingCalendar(), MOSCOW, 9)
    return RequestReports(database, terms, _FixedClock(), MOSCOW, 9)  # type: ignore[arg-type]


async def _compare(*questions: Question) -> list[float]:
    """Median milliseconds of each, the connection and its transaction included.

    They alternate, so that other load on the machine affects them alike.
    """
    rounds: list[list[float]] = [[] for _ in questions]
    for _ in range(_TURNS):
        for ask, took in zip(questions, rounds, strict=True):
            start = time.perf_counter()
            await ask()
            took.append((time.perf_counter() - start) * 1000)
    # The first ones prepare statements.
    return [median(took[1:]) for took in rounds]


async def _measure_export(database: Database) -> tuple[float, float]:
    """Exports 100,000 rows while another task wakes every 5 ms.

    Returns the longest delay of the loop in milliseconds, and the megabytes it took.
    """
    translations, catalogue = Translations.load(), load()
    texts = translations.get_texts("ru")
    reports = build_reports(database)
    table = request_reports.build_table(catalogue, texts, MOSCOW)
    worst = 0.0

    async def watch_loop() -> None:
        nonlocal worst
        while True:
            start = time.perf_counter()
            await asyncio.sleep(0.005)
            worst = max(worst, time.perf_counter() - start - 0.005)

    async def make_rows() -> AsyncIterator[Sequence[Cell]]:
        count = 0
        async for line in reports.list_registered(_EPOCH, seed.NOW.date()):
            count += 1
            if count > _EXPORTED:
                return
            yield table.build_row(line)

    worker = WorkerProcess()
    before = reset_peak_mb(os.getpid())
    watching = asyncio.create_task(watch_loop())
    with TemporaryDirectory() as folder:
        await write_xlsx(worker, Path(folder), "x", table.columns, make_rows())
    child = read_peak_mb(await worker.run(os.getpid))
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    await worker.close()
    more = read_peak_mb(os.getpid()) - before
    print(
        f"  export of {_EXPORTED:,} rows: longest delay of the loop {worst * 1000:.0f} ms; "
        f"{more:.0f} MB above {before:.0f} MB, {child:.0f} MB in the worker",
        flush=True,
    )
    return worst * 1000, more + child


_EPOCH = seed.NOW.date().replace(year=2020)


async def measure(sqlite: str, postgres: str) -> list[Goal]:
    """``sqlite`` and ``postgres``: URLs of the company."""
    goals = []
    async with pair_with_empty(sqlite, postgres) as pairs:
        for name, many, few in pairs:
            # In another process, whose memory is not measured.
            await run_in_process("bench.seed", "seed", few, _FEW, _FEW // 10)
            print(name, flush=True)
            goals += await _measure_database(name, Database(few), Database(many))
    return goals


async def _measure_database(name: str, few: Database, many: Database) -> list[Goal]:
    try:
        rounds = [await _measure_round(few, many) for _ in range(_ROUNDS)]
        exports = [await _measure_export(many) for _ in range(_EXPORTS)]
    finally:
        await few.dispose()
        await many.dispose()
    slowest, ratios = zip(*rounds, strict=True)
    delays, megabytes = zip(*exports, strict=True)
    where = f"over {REQUESTS:,} requests, {name}"
    return [
        Goal(f"slowest question {where}", slowest, _MOST_MILLISECONDS, "ms"),
        Goal(f"the same, most times that over {_FEW:,}, {name}", ratios, _MOST_TIMES),
        Goal(f"longest delay by an export {where}", delays, _MOST_DELAY, "ms"),
        Goal(f"memory of an export {where}", megabytes, _MOST_MB, "MB"),
    ]


async def _measure_round(few: Database, many: Database) -> tuple[float, float]:
    """The slowest query in milliseconds, and the largest ratio to the small database."""
    found = []
    asked_of_few = _build_questions(few, _FEW, _FEW // 10)
    print(f"  {'question':<14}{_FEW:>9,}{REQUESTS:>11,}{'ratio':>7}", flush=True)
    for question, ask in _build_questions(many, REQUESTS, ACCOUNTS).items():
        base, took = await _compare(asked_of_few[question], ask)
        found.append((took, took / base))
        print(f"  {question:<14}{base:>6.1f} ms{took:>8.1f} ms{took / base:>7.2f}", flush=True)
    slowest, ratios = zip(*found, strict=True)
    return max(slowest), max(ratios)
