"""Fills a database in bulk: accounts, and requests with answers and history."""

import asyncio
import json
import sqlite3
import struct
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
        "review_due", "due_at", "emergency", "term_is_working", "closed_at", "assignee_id",
        "rating", "raw_answers",
    ),
    "answers": ("request_id", "position", "key", "label", "value"),
    "history": ("request_id", "at", "actor", "actor_name", "status", "comment"),
    "request_words": ("request_id", "words"),
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


def _make_requests(numbers: range, accounts: int) -> Iterator[Row]:
    """Rows of requests: one in twenty is open; of these one in four is overdue."""
    count = numbers.stop - 1
    for one in numbers:
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
            None,
            False,
            True,
            None if is_open else registered + timedelta(days=3),
            501 if one % 2000 == 0 else 500,
            None,
            json.dumps({"meter_number": make_meter(one)}),
        )


def _make_answers(numbers: range) -> Iterator[Row]:
    for one in numbers:
        yield one, 0, "address", "Адрес", f"ул. Мира, {one}"
        yield one, 1, "meter_number", "Номер прибора учёта", make_meter(one)


def _make_history(numbers: range) -> Iterator[Row]:
    for one in numbers:
        yield one, NOW, "consumer", "", "registered", ""
        yield one, NOW, "staff", "Мария", "in_work", ""


async def seed(url: str, requests: int, accounts: int, *, only_first: bool = False) -> None:
    """Fills an empty database of this URL; with ``only_first`` by the first account's part only."""
    numbers = range(accounts, requests + 1, accounts) if only_first else range(1, requests + 1)
    await make_tables(url)
    await fill(
        url,
        {
            "accounts": _make_accounts(1 if only_first else accounts),
            "requests": _make_requests(numbers, accounts),
            "answers": _make_answers(numbers),
            "history": _make_history(numbers),
        },
    )


async def make_tables(url: str) -> None:
    """Makes them in an empty database; a bot that starts on it indexes no words of old requests."""
    database = Database(url)
    await database.migrate()
    async with database.begin() as tx:
        await tx.values.set("request_index_from", "0")
    await database.dispose()


async def fill(url: str, tables: Mapping[str, Iterator[Row]], more: Iterable[str] = ()) -> None:
    """Adds these rows, then executes ``more`` statements, which both databases understand.

    Indexes of the tables are made afterwards, in a tenth of the time; triggers do not fire.
    """
    if url.startswith("sqlite"):
        _fill_sqlite(Path(url.partition("///")[2]), tables, more)
    else:
        await _fill_postgres(url.replace("+asyncpg", ""), tables, more)


def _fill_sqlite(path: Path, tables: Mapping[str, Iterator[Row]], more: Iterable[str]) -> None:
    """Gathers no statistics, as the bot never does: they would change the plans."""
    sqlite3.register_adapter(datetime, lambda at: at.strftime("%Y-%m-%d %H:%M:%S.%f"))
    sqlite3.register_adapter(date, str)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -500000")
    around = [
        one
        for name in tables
        for one in connection.execute(
            "SELECT type, name, sql FROM sqlite_master"
            " WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL",
            (name,),
        )
    ]
    for kind, name, _ in around:
        connection.execute(f"DROP {kind} {name}")
    for name, rows in tables.items():
        columns = _TABLES[name]
        marks = ", ".join("?" * len(columns))
        names = ", ".join(f'"{column}"' for column in columns)
        statement = f"INSERT INTO {name} ({names}) VALUES ({marks})"  # noqa: S608
        while batch := list(islice(rows, _BATCH)):
            connection.executemany(statement, batch)
        connection.commit()
    for *_, statement in around:
        connection.execute(statement)
    if "request_words" in tables:
        # A trigger would have added them one by one.
        connection.execute("INSERT INTO request_index (request_index) VALUES ('rebuild')")
    connection.commit()
    for statement in more:
        connection.execute(statement)
        connection.commit()
    connection.close()


async def _fill_postgres(
    url: str, tables: Mapping[str, Iterator[Row]], more: Iterable[str]
) -> None:
    connection = await asyncpg.connect(url)
    # These rows need no checks, and foreign keys would take half of the time.
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("SET maintenance_work_mem = '512MB'")
    await connection.set_type_codec(
        "tsvector", schema="pg_catalog", encoder=_encode_words, decoder=bytes, format="binary"
    )
    indexes = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY($1)"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        list(tables),
    )
    for name, _ in indexes:
        await connection.execute(f"DROP INDEX {name}")
    for name, rows in tables.items():
        while batch := list(islice(rows, _BATCH)):
            await connection.copy_records_to_table(name, records=batch, columns=_TABLES[name])
    for _, statement in indexes:
        await connection.execute(statement)
    for statement in more:
        await connection.execute(statement)
    # Like autovacuum after slow growth; else autovacuum would run during the measurement.
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    await connection.close()


def _encode_words(words: str) -> bytes:
    """A tsvector as PostgreSQL receives it: words, each without positions."""
    split = words.split()
    return struct.pack("!i", len(split)) + b"".join(one.encode() + b"\0\0\0" for one in split)


if __name__ == "__main__":
    asyncio.run(seed(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
