"""A database of a large company: a million requests, five million readings, and the rest."""

import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from tempfile import TemporaryDirectory

from bench.seed import NOW, Row, fill, make_meter, seed
from tests.support.postgres import create_postgres

REQUESTS = int(os.environ.get("BENCH_COMPANY", "1_000_000"))
ACCOUNTS = REQUESTS // 10
READINGS = REQUESTS * 5
#: Meter 1, of account 1, has ten years of daily readings; others five years of monthly ones.
DAYS = 3_650
_MONTHS = 60
_METERS = (READINGS - DAYS) // _MONTHS
TODAY = NOW.date()

#: By table and its columns, the query for their values.
_OTHER_TABLES = {
    "consents (account_id, version, text, sha256, accepted_at, chat_id)": (
        "id, '1', 'Согласие', '0', created_at, id FROM accounts"
    ),
    "chats (chat_id, account_id, locale, last_seen_at, reachable)": (
        "id, id, 'ru', created_at, TRUE FROM accounts"
    ),
    "conversations (key, data, saved_at)": "'chat:' || id, '{}', created_at FROM accounts",
    "reading_preferences (account_id, layout, reminders)": "id, 'table', TRUE FROM accounts",
    "known_chats (account_id, chat_id, name, first_login_at, last_login_at)": (
        "id, id, '', created_at, created_at FROM accounts"
    ),
    "web_sessions (browser_id, token_hash, account_id, name, logged_in_at, last_seen_at,"
    " logged_in_until)": (
        "id, 'token' || id, id, '', created_at, created_at, created_at FROM accounts"
    ),
    "one_time_tokens (token_hash, purpose, account_id, expires_at)": (
        "'token' || id, 'login', id, created_at FROM accounts"
    ),
    "one_time_codes (purpose, email_key, chat_id, account_id, tries, created_at, expires_at)": (
        "'login', email, id, id, 0, created_at, created_at FROM accounts"
    ),
    "contact_changes (account_id, what, former, present, asked_at)": (
        "id, 'phone', phone, phone, created_at FROM accounts"
    ),
    "password_resets (account_id, asked_at, done_at)": (
        "id, created_at, created_at FROM accounts WHERE id % 4 = 0"
    ),
    "login_attempts (key, failures, recorded_at)": (
        "'chat:' || id, 1, created_at FROM accounts WHERE id % 4 = 0"
    ),
    "files (draft_id, unique_id, request_id, name, media_type, size, sha256, key, stored_at)": (
        "draft_id, 'scan', id, 'Паспорт.pdf', 'application/pdf', 1, '0', draft_id, registered_at"
        " FROM requests"
    ),
    "request_messages (request_id, author, author_id, author_name, at, kind, text, chat_id,"
    " message_id)": (
        "id, 'consumer', account_id, '', registered_at, 'text', 'Когда?', account_id, id"
        " FROM requests WHERE id % 4 = 0"
    ),
    "bot_messages (request_id, kind, file_id, chat_id, message_id)": (
        "request_id, 'scan', id, -500, id FROM files"
    ),
    "bot_messages (request_id, kind, chat_id, message_id)": "id, 'card', -501, id FROM requests",
    "bot_messages (request_id, kind, request_message_id, chat_id, message_id)": (
        "request_id, 'talk', id, -502, id FROM request_messages"
    ),
    "audit (at, actor, actor_id, actor_name, action, account_id, request_id)": (
        "registered_at, 'staff', 501, 'Мария', 'saw', account_id, id FROM requests"
    ),
    "staff_mentions (account_id, chat_id, message_id, by_bot)": (
        "account_id, -503, id, TRUE FROM requests WHERE id % 4 = 0"
    ),
    "uploads (key, draft_id, unique_id, sha256, begun_at)": (
        "draft_id, draft_id, 'scan', '0', registered_at FROM requests"
    ),
    # In practice these hold a few rows; here they are large, so that scans show in plans.
    "remembered_values (key, value)": "'value:' || id, '' FROM accounts",
    "sequences (year, last)": "id, 1 FROM accounts",
    "staff_members (user_id, name, seen_at)": "id, '', created_at FROM accounts",
    "inbox (update_id, chat_key, kind, raw, withheld, state, tries, received_at, changed_at)": (
        "id, id, 'message', '{}', FALSE, 'parked', 0, created_at, created_at FROM accounts"
    ),
    "handled_updates (update_id, handled_at)": "id, registered_at FROM requests",
    # One in two thousand still waits.
    "outbox (stream, kind, payload, dedupe_key, priority, not_before, attempts, created_at,"
    " done_at)": (
        "'request:' || id, 'card', '{}', draft_id, 0, registered_at, 0, registered_at,"
        " CASE WHEN id % 2000 > 0 THEN registered_at END FROM requests"
    ),
}


async def fill_company(url: str) -> None:
    """Fills an empty database of this URL."""
    began = time.perf_counter()
    await _fill(url, _METERS, only_first=False)
    print(
        f"{url.partition(':')[0]}: {REQUESTS:,} requests and {READINGS:,} readings "
        f"in {time.perf_counter() - began:.0f} s",
        flush=True,
    )


async def fill_first_account(url: str) -> None:
    """Fills an empty database with the company's first account alone: ten requests, meter 1."""
    await _fill(url, 0, only_first=True)


async def _fill(url: str, meters: int, *, only_first: bool) -> None:
    await seed(url, REQUESTS, ACCOUNTS, only_first=only_first)
    beside = (f"INSERT INTO {where} SELECT {values}" for where, values in _OTHER_TABLES.items())
    tables = {"meters": _make_meters(meters), "readings": _make_readings(meters)}
    if not only_first:
        tables["request_words"] = _make_words()
    await fill(url, tables, beside)


@asynccontextmanager
async def pair_with_empty(sqlite: str, postgres: str) -> AsyncIterator[list[tuple[str, str, str]]]:
    """Yields for each kind of database: its name, its URL, and the URL of an empty one."""
    with TemporaryDirectory(prefix="cabinet-bench-") as folder:
        async with create_postgres() as empty:
            yield [
                ("SQLite", sqlite, f"sqlite+aiosqlite:///{folder}/cabinet.db"),
                ("PostgreSQL", postgres, empty),
            ]


def _make_words() -> Iterator[Row]:
    return ((one, f"прошу {make_meter(one)}") for one in range(1, REQUESTS + 1))


def _make_meters(others: int) -> Iterator[Row]:
    return ((one, one, f"{one:08}", "double", "") for one in range(1, others + 2))


def _make_readings(others: int) -> Iterator[Row]:
    """Rows of readings; those of meter 1 are spread among those of the others."""
    number = 0

    def build_row(meter: int, days_ago: int, value: int) -> Row:
        nonlocal number
        number += 1
        day = TODAY - timedelta(days=days_ago)
        values = f"[{value * 1000}, {value * 600}]"
        return (meter, f"d{number}", day, NOW, "double", values, "[8500, 5100]", "bot", "", True)

    share = max(others // DAYS, 1)
    daily = iter(range(DAYS))
    for meter in range(2, others + 2):
        for month in range(_MONTHS):
            yield build_row(meter, 30 * (_MONTHS - month), month)
        if meter % share == 0 and (at := next(daily, None)) is not None:
            yield build_row(1, DAYS - at, at)
    for at in daily:
        yield build_row(1, DAYS - at, at)
