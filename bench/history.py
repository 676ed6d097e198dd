"""Measures pages of one meter's history: ten years of daily readings among five million."""

import statistics
from datetime import date
from time import perf_counter

from bench.company import DAYS, READINGS, TODAY
from bench.goals import Goal
from bot.db.database import Database

_ROUNDS = 5
_RUNS = 100
_GOAL_MS = 20.0
_PER_PAGE = 6
_PAGES = -(-DAYS // _PER_PAGE)
_LOOKED_AT = {"newest": 0, "middle": _PAGES // 2, "oldest": _PAGES - 1}


async def measure(sqlite: str, postgres: str) -> list[Goal]:
    """``sqlite`` and ``postgres``: URLs of the company."""
    print(f"{READINGS:,} readings, {DAYS:,} of them of one meter; {_RUNS} runs a page and round")
    goals = []
    for name, url in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        database = Database(url)
        try:
            slow = [await _measure_slowest(name, database) for _ in range(_ROUNDS)]
        finally:
            await database.dispose()
        goals.append(Goal(f"a page of ten years of readings, p99, {name}", slow, _GOAL_MS, "ms"))
    return goals


async def _measure_slowest(name: str, database: Database) -> float:
    """The p99 of the page that takes longest, in milliseconds of database time."""
    found = []
    for label, page in _LOOKED_AT.items():
        times = [await _measure_page(database, page) for _ in range(_RUNS)]
        found.append(sorted(times)[int(_RUNS * 0.99) - 1])
        print(
            f"{name:<11} {label} page: median {statistics.median(times):6.2f} ms, "
            f"p99 {found[-1]:6.2f} ms, first {times[0]:6.2f} ms"
        )
    return max(found)


async def _measure_page(database: Database, page: int) -> float:
    async with database.read() as tx:
        started = perf_counter()
        meter = await tx.readings.get_meter(1, 1)
        found = await tx.readings.list_page(1, date.min, TODAY, page, _PER_PAGE)
        took = (perf_counter() - started) * 1000
    if meter is None or found.pages != _PAGES:
        raise AssertionError("the measured meter is not whole")
    return took
