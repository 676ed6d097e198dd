"""The history of one meter, ten years of daily readings, among five million readings."""

import asyncio
import sqlite3
import statistics
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter

import asyncpg  # type: ignore[import-untyped]

from bot.db.database import Database
from tests.db.postgres import empty_postgres
from tests.db.samples import add_account

_READINGS = 5_000_000
_DAYS = 3_650
#: Other meters have five years of monthly readings.
_MONTHS = 60
_METERS = (_READINGS - _DAYS) // _MONTHS
_RUNS = 100
_GOAL_MS = 20.0
_TODAY = date(2026, 11, 24)
_NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
_COLUMNS = (
    *("meter_id", "draft_id", "day", "submitted_at", "kind", "t1", "t2", "t3"),
    *("used1", "used2", "used3", "source", "marks", "current"),
)

Row = tuple[object, ...]


def _readings() -> Iterator[Row]:
    """The measured meter is number 1; its readings lie scattered among those of the others."""
    number = 0

    def row(meter: int, day: date, value: int) -> Row:
        nonlocal number
        number += 1
        values = (value * 1000, value * 600, None, 8_500, 5_100, None)
        return (meter, f"d{number}", day, _NOW, "double", *values, "bot", "", True)

    share = _METERS // _DAYS
    daily = iter(range(_DAYS))
    for meter in range(2, _METERS + 2):
        for month in range(_MONTHS):
            yield row(meter, _TODAY - timedelta(days=30 * (_MONTHS - month)), month)
        if meter % share == 0 and (at := next(daily, None)) is not None:
            yield row(1, _TODAY - timedelta(days=_DAYS - at), at)
    for at in daily:
        yield row(1, _TODAY - timedelta(days=_DAYS - at), at)


def _meters() -> Iterator[Row]:
    return ((n, 1, f"{n:08}", "double", "", None) for n in range(1, _METERS + 2))


def _fill_sqlite(path: Path) -> None:
    marks = ",".join("?" * len(_COLUMNS))

    def plain(row: Row) -> Row:
        day, moment = row[2], row[3]
        return (*row[:2], str(day), f"{moment:%Y-%m-%d %H:%M:%S.%f}", *row[4:])

    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany("INSERT INTO meters VALUES (?, ?, ?, ?, ?, ?)", _meters())
        connection.executemany(
            f"INSERT INTO readings ({', '.join(_COLUMNS)}) VALUES ({marks})",  # noqa: S608
            map(plain, _readings()),
        )
    with sqlite3.connect(path) as connection:
        connection.execute("ANALYZE")
    connection.close()


async def _fill_postgres(url: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.copy_records_to_table("meters", records=_meters())
    await connection.copy_records_to_table("readings", records=_readings(), columns=_COLUMNS)
    # As autovacuum leaves tables that grow slowly; a load all at once gives it no time.
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    await connection.close()


async def _measure(name: str, database: Database) -> bool:
    pages = -(-_DAYS // 6)
    met = True
    for label, page in (("newest", 0), ("middle", pages // 2), ("oldest", pages - 1)):
        times = []
        for _ in range(_RUNS):
            async with database.read() as tx:
                begun = perf_counter()
                meter = await tx.readings.meter_of_account(1, 1)
                found = await tx.readings.page(1, date.min, _TODAY, page, 6)
                times.append((perf_counter() - begun) * 1000)
        if meter is None or found.pages != pages:
            raise AssertionError("the measured meter is not whole")
        middle, slow = statistics.median(times), sorted(times)[int(_RUNS * 0.99) - 1]
        met = met and slow < _GOAL_MS
        print(
            f"{name:<11} {label} page: median {middle:6.2f} ms, p99 {slow:6.2f} ms, "
            f"first {times[0]:6.2f} ms"
        )
    return met


async def _on_sqlite() -> bool:
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        path = Path(folder, "cabinet.db")
        database = Database(f"sqlite+aiosqlite:///{path}")
        await _prepared(database)
        await database.dispose()
        await asyncio.to_thread(_fill_sqlite, path)
        try:
            return await _measure("SQLite", database)
        finally:
            await database.dispose()


async def _on_postgres() -> bool:
    async with empty_postgres() as url:
        database = Database(url)
        await _prepared(database)
        await _fill_postgres(url)
        try:
            return await _measure("PostgreSQL", database)
        finally:
            await database.dispose()


async def _prepared(database: Database) -> None:
    await database.migrate()
    async with database.begin() as tx:
        await add_account(tx)


async def main() -> int:
    print(f"{_READINGS:,} readings, {_DAYS:,} of them of the measured meter; {_RUNS} runs a page")
    met = [await _on_postgres(), await _on_sqlite()]
    print(f"database time, goal p99 < {_GOAL_MS:.0f} ms: {'met' if all(met) else 'NOT MET'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
