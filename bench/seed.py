"""Fills a database in bulk: accounts, and requests with answers and history."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from bot.db.database import Database

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TYPES = (
    "tech_connection",
    "meter_reading_visit",
    "meter_commissioning",
    "meter_installation",
    "unmetered_report",
    "grid_asset_theft",
)
_BATCH = 20_000

Row = tuple[Any, ...]

_TABLES = {
    "accounts": (
        "id", "category", "name", "email", "phone", "locale", "password_is_temporary", "created_at",
    ),
    "requests": (
        "id", "number", "account_id", "draft_id", "type_code", "status", "text", "registered_at",
        "review_due", "emergency", "term_is_working", "closed_at", "assignee_id", "raw_answers",
    ),
    "answers": ("request_id", "position", "key", "label", "value"),
    "history": ("request_id", "at", "actor", "actor_name", "status", "comment"),
    "meters": ("id", "account_id", "number", "kind", "place"),
    "readings": (
        "meter_id", "draft_id", "day", "submitted_at", "kind", "values", "used", "source",
        "marks", "current",
    ),
}  # fmt: skip


def make_email(account: int) -> str:
    return f"consumer{account}@example.ru"


def make_phone(account: int) -> str:
    return f"+79{account:09d}"


def make_meter(request: int) -> str:
    return f"{request:08d}"


def make_number(request: int) -> str:
    return f"{2000 + request // 999_999}-{request % 999_999 + 1:06d}"


def _make_accounts(count: int) -> Iterator[Row]:
    for one in range(1, count + 1):
        yield (
            one,
            "individual",
            f"Иванов Иван {one}",
            make_email(one),
            make_phone(one),
            "ru",
            False,
            NOW,
        )


def _make_requests(count: int, accounts: int) -> Iterator[Row]:
    """Rows of requests: one in twenty is open; of these one in four is overdue."""
    for one in range(1, count + 1):
        registered = NOW - timedelta(minutes=(count - one) * 2)
        is_open = one % 20 == 0
        due = (NOW + timedelta(days=5 if one % 80 else -one % 50 - 1)).date()
        yield (
            one,
            make_number(one),
            one % accounts + 1,
            f"draft{one}",
            TYPES[one % 6],
            "in_work" if is_open else "done",
            "Прошу проверить прибор учёта и снять показания в удобное время.",
            registered,
            due if is_open else (registered + timedelta(days=10)).date(),
            False,
            True,
            None if is_open else registered + timedelta(days=3),
            501 if one % 2000 == 0 else 500,
            json.dumps({"meter_number": make_meter(one)}),
        )


def _make_answers(count: int) -> Iterator[Row]:
    for one in range(1, count + 1):
        yield one, 0, "address", "Адрес", f"ул. Мира, {one}"
        yield one, 1, "meter_number", "Номер прибора учёта", make_meter(one)


def _make_history(count: int) -> Iterator[Row]:
    for one in range(1, count + 1):
        yield one, NOW, "consumer", "", "registered", ""
        yield one, NOW, "staff", "Мария", "in_work", ""


async def seed(url: str, requests: int, accounts: int) -> None:
    """Fills an empty database of this URL."""
    database = Database(url)
    await database.migrate()
    await database.dispose()
    await fill(
        url,
        {
            "accounts": _make_accounts(accounts),
            "requests": _make_requests(requests, accounts),
            "answers": _make_answers(requests),
            "history": _make_history(requests),
        },
    )


async def fill(url: str, tables: Mapping[str, Iterator[Row]], more: Iterable[str] = ()) -> None:
    """Adds these rows, then executes ``more`` statements, which both databases understand."""
    if url.startswith("sqlite"):
        _fill_sqlite(Path(url.partition("///")[2]), tables, more)
    else:
        await _fill_postgres(url.replace("+asyncpg", ""), tables, more)


def _fill_sqlite(path: Path, tables: Mapping[str, Iterator[Row]], more: Iterable[str]) -> None:
    sqlite3.register_adapter(datetime, lambda at: at.strftime("%Y-%m-%d %H:%M:%S.%f"))
    sqlite3.register_adapter(date, str)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -500000")
    for name, rows in tables.items():
        columns = _TABLES[name]
        marks = ", ".join("?" * len(columns))
        names = ", ".join(f'"{column}"' for column in columns)
        statement = f"INSERT INTO {name} ({names}) VALUES ({marks})"  # noqa: S608
        while batch := list(islice(rows, _BATCH)):
            connection.executemany(statement, batch)
        connection.commit()
    for statement in more:
        connection.execute(statement)
        connection.commit()
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


async def _fill_postgres(
    url: str, tables: Mapping[str, Iterator[Row]], more: Iterable[str]
) -> None:
    connection = await asyncpg.connect(url)
    # These rows need no checks, and foreign keys would take half of the time.
    await connection.execute("SET session_replication_role = replica")
    for name, rows in tables.items():
        while batch := list(islice(rows, _BATCH)):
            await connection.copy_records_to_table(name, records=batch, columns=_TABLES[name])
    for statement in more:
        await connection.execute(statement)
    # Like autovacuum after slow growth; else autovacuum would run during the measurement.
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    await connection.close()


if __name__ == "__main__":
    asyncio.run(seed(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
