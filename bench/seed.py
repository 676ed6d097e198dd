"""A company's years in a database: accounts, requests with answers and history, in bulk."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
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
}  # fmt: skip


def email(account: int) -> str:
    return f"consumer{account}@example.ru"


def phone(account: int) -> str:
    return f"+79{account:09d}"


def meter(request: int) -> str:
    return f"{request:08d}"


def number(request: int) -> str:
    return f"{2000 + request // 999_999}-{request % 999_999 + 1:06d}"


def _accounts(count: int) -> Iterator[tuple[Any, ...]]:
    for one in range(1, count + 1):
        yield one, "individual", f"Иванов Иван {one}", email(one), phone(one), "ru", False, NOW


def _requests(count: int, accounts: int) -> Iterator[tuple[Any, ...]]:
    """One in twenty is open; of these one in four is overdue."""
    for one in range(1, count + 1):
        registered = NOW - timedelta(minutes=(count - one) * 2)
        is_open = one % 20 == 0
        due = (NOW + timedelta(days=5 if one % 80 else -one % 50 - 1)).date()
        yield (
            one,
            number(one),
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
            json.dumps({"meter_number": meter(one)}),
        )


def _answers(count: int) -> Iterator[tuple[Any, ...]]:
    for one in range(1, count + 1):
        yield one, 0, "address", "Адрес", f"ул. Мира, {one}"
        yield one, 1, "meter_number", "Номер прибора учёта", meter(one)


def _history(count: int) -> Iterator[tuple[Any, ...]]:
    for one in range(1, count + 1):
        yield one, NOW, "consumer", "", "registered", ""
        yield one, NOW, "staff", "Мария", "in_work", ""


async def seed(url: str, requests: int, accounts: int) -> None:
    """Fills an empty database of this URL."""
    database = Database(url)
    await database.migrate()
    await database.dispose()
    tables = {
        "accounts": _accounts(accounts),
        "requests": _requests(requests, accounts),
        "answers": _answers(requests),
        "history": _history(requests),
    }
    if url.startswith("sqlite"):
        _fill_sqlite(Path(url.partition("///")[2]), tables)
    else:
        await _fill_postgres(url.replace("+asyncpg", ""), tables)


def _fill_sqlite(path: Path, tables: dict[str, Iterator[tuple[Any, ...]]]) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    for name, rows in tables.items():
        columns = _TABLES[name]
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
        while batch := list(islice(rows, _BATCH)):
            connection.executemany(statement, [_for_sqlite(row) for row in batch])
        connection.commit()
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


def _for_sqlite(row: Sequence[Any]) -> list[Any]:
    return [
        cell.strftime("%Y-%m-%d %H:%M:%S.%f")
        if isinstance(cell, datetime)
        else str(cell)
        if hasattr(cell, "isoformat")
        else cell
        for cell in row
    ]


async def _fill_postgres(url: str, tables: dict[str, Iterator[tuple[Any, ...]]]) -> None:
    connection = await asyncpg.connect(url)
    for name, rows in tables.items():
        while batch := list(islice(rows, _BATCH)):
            await connection.copy_records_to_table(name, records=batch, columns=_TABLES[name])
    # As autovacuum leaves tables that grow slowly; else it would be at work while we measure.
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


if __name__ == "__main__":
    asyncio.run(seed(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
