"""Finds statements of the repositories that scan a whole table.

Calls every method of every repository with sample values, once with its optional arguments and once
without, so that new methods are covered at once.
"""

import inspect
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from sqlalchemy import Executable

from bot.db.accounts import LoginAttempts
from bot.db.database import Database, Tx
from bot.domain import Category
from bot.notices import Notice, RequestCard
from tests.support.statement_recorder import record_statements

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3_650)
_PLAIN = {
    int: 1,
    str: "x",
    bool: True,
    object: 1,
    datetime: NOW,
    date: NOW.date(),
    timedelta: timedelta(hours=1),
    Decimal: Decimal(1),
    Category: Category.INDIVIDUAL,
}

#: Which method may scan which table, and why that does no harm.
_WAITING = "only what is open or waits: its index holds nothing else"
_UNPROVED = "whose email is not proved: its index holds nobody else"
_ALLOWED = {
    ("conversations.forget_updates", "handled_updates"): "no further than its limit, oldest first",
    ("request_reports.count_open_by_type", "requests"): _WAITING,
    ("request_reports.count_queue", "requests"): _WAITING,
    ("request_reports.list_new", "requests"): _WAITING,
    ("request_reports.count_open_by_assignee", "requests"): _WAITING,
    ("request_words.has_unindexed", "unindexed_requests"): _WAITING,
    ("request_words.take_unindexed", "unindexed_requests"): _WAITING,
    ("outbox.cancel", "outbox"): _WAITING,
    ("outbox.count_waiting", "outbox"): _WAITING,
    ("outbox.count_waiting_for", "outbox"): _WAITING,
    ("outbox.find_oldest", "outbox"): _WAITING,
    ("personal_data.erase", "one_time_codes"): "codes of some days, and a person leaves once",
    ("personal_data.erase", "password_resets"): "cards of some months, and a person leaves once",
    ("personal_data.erase", "unindexed_requests"): _WAITING,
    ("personal_data.erase", "outbox"): "records of a month, and a person leaves once",
    ("accounts.lock_registered", "accounts"): _UNPROVED,
    ("accounts.lock_unproved", "accounts"): _UNPROVED,
    ("accounts.list_unproved", "accounts"): _UNPROVED,
    ("accounts.mark_email_proved", "accounts"): _UNPROVED,
    **dict.fromkeys(
        [
            (f"inbox.{method}", "inbox")
            for method in (
                "adopt",
                "count_by_state",
                "erase",
                "forget_parked",
                "has_unowned",
                "list_owners",
                "list_parked",
                "release",
            )
        ],
        "a few rows: what is slow just now, and what is parked",
    ),
    ("inbox.list_live_owners", "pg_database"): "one row a database of the server",
    ("staff_members.list_present", "staff_members"): "one row a member of the staff",
    ("values.list_keys", "remembered_values"): "one row a process",
    ("values.list_keys", "pk_remembered_values"): "one row a process",
    ("take_turn", "pk_remembered_values"): "one row a process",
    ("personal_data.expire_conversations", "conversations"): (
        "one row a person, twice a day; an index would be written at every step"
    ),
    ("personal_data.expire_requests", "accounts"): "who left: its index holds nobody else",
}
_TELL_PLANS = {
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
    # As in ``find_table_scans``.
    "enable_seqscan": "off",
}
#: Methods that execute nothing on SQLite, or with these values.
_SILENT = {"lock_draft", "list_album", "list_live_owners", "merge"}


class _RolledBack(Exception):
    """Raised to roll a transaction back."""


def _make_value(kind: Any, *, full: bool) -> Any:
    """A value of the type; ``full``: not None where None is allowed."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Notice:
        return RequestCard(request_id=1)
    if origin in {Union, UnionType}:
        other = [one for one in inner if one is not NoneType]
        return _make_value(other[0], full=full) if full or len(other) == len(inner) else None
    if origin is tuple:
        return tuple(_make_value(one, full=full) for one in inner if one is not ...)
    if origin in {list, Sequence, Collection}:
        return [_make_value(inner[0], full=full)]
    if origin in {dict, Mapping}:
        return {"x": LoginAttempts(1, None) if LoginAttempts in inner else 1}
    if isinstance(kind, type) and issubclass(kind, Enum) and kind not in _PLAIN:
        return next(iter(kind))
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{one.name: _make_value(hints[one.name], full=full) for one in fields(kind)})  # type: ignore[operator]
    return _PLAIN[kind]


def _list_calls() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Repository, method and arguments of every call."""
    for repository_name, repository in inspect.getmembers(Tx, lambda one: hasattr(one, "attrname")):
        kind = get_type_hints(repository.func)["return"]
        for name, method in inspect.getmembers(kind, inspect.iscoroutinefunction):
            if name.startswith("_"):
                continue
            hints = get_type_hints(method)
            for full in (True, False):
                arguments = {
                    # Only a little expires each time, not everything.
                    key: LONG_AGO if key.endswith("_before") else _make_value(hints[key], full=full)
                    for key, one in inspect.signature(method).parameters.items()
                    if key != "self" and one.kind is not inspect.Parameter.VAR_KEYWORD
                }
                if name == "change":
                    arguments["text"] = "x"
                yield repository_name, name, arguments


async def collect_statements(database: Database) -> dict[str, dict[str, Any]]:
    """The statements of each method, with their parameters."""
    found: dict[str, dict[str, Any]] = {}
    for repository_name, name, arguments in _list_calls():
        # Made-up values break constraints here and there, after the statement was executed.
        with record_statements(database) as statements, suppress(Exception):
            async with database.begin() as tx:
                await getattr(getattr(tx, repository_name), name)(**arguments)
                raise _RolledBack
        assert statements or name in _SILENT, f"{repository_name}.{name} executes nothing"
        found.setdefault(f"{repository_name}.{name}", {}).update(statements)
    return found


async def find_table_scans(
    database: Database, questions: Mapping[str, Mapping[str, Any]], *, forced: bool = False
) -> set[str]:
    """Forbidden scans of whole tables, as ``method: line of the plan``.

    ``forced``: makes PostgreSQL prefer indexes, as its planner scans small tables by choice.
    """
    found = set()
    for method, statements in questions.items():
        for statement, parameters in statements.items():
            if statement.split()[0] in {"SELECT", "UPDATE", "DELETE", "WITH"}:
                async with database.read() as tx:
                    if forced and tx.connection.dialect.name == "postgresql":
                        await tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
                    found |= {
                        f"{method}: {walk}"
                        for walk in await _find_scans(tx, statement, parameters)
                        if not _is_allowed(method, walk)
                    }
    return found


async def find_scans_inside(
    tx: Tx, function: str, statement: Executable, parameters: Mapping[str, Any]
) -> set[str]:
    """Forbidden scans of whole tables inside a function of PostgreSQL that a statement calls.

    ``EXPLAIN`` does not look inside; the server itself tells the plan of all that it executes.
    """
    driver = (await tx.connection.get_raw_connection()).driver_connection
    assert driver is not None
    told: list[str] = []

    def note(_: object, notice: Any) -> None:
        told.append(notice.message)

    await tx.connection.exec_driver_sql("LOAD 'auto_explain'")
    for setting, value in _TELL_PLANS.items():
        await tx.connection.exec_driver_sql(f"SET LOCAL {setting} = {value}")
    driver.add_log_listener(note)
    try:
        await tx.connection.execute(statement, parameters)
    finally:
        driver.remove_log_listener(note)
    plans = [json.loads(one[one.index("{") :])["Plan"] for one in told if "plan:" in one]
    assert len(plans) > 1, told
    scans = {scan for plan in plans for scan in _find_postgres_scans(plan, limited=False)}
    return {scan for scan in scans if not _is_allowed(function, scan)}


def _is_allowed(method: str, walk: str) -> bool:
    return any(
        method == allowed and (table in walk.split() or f"ix_{table}_" in walk)
        for allowed, table in _ALLOWED
    )


async def _find_scans(tx: Tx, statement: str, parameters: Any) -> set[str]:
    """Lines of the statement's plan that scan a whole table."""
    if tx.connection.dialect.name == "sqlite":
        plan = await tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        limited = "LIMIT" in statement
        return {
            detail
            for *_, detail in plan
            if detail.startswith("SCAN ")
            and not detail.startswith(("SCAN CONSTANT", "SCAN (", "SCAN anon"))
            # FTS5 looks words up: M stands for its MATCH.
            and not re.search(r"VIRTUAL TABLE INDEX \d+:\w*M", detail)
            # In the order of an index, and only as far as is needed.
            and not (limited and " USING " in detail)
        }
    plan = await tx.connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
    plan_text = plan.scalar_one()
    whole = json.loads(plan_text) if isinstance(plan_text, str) else plan_text
    return set(_find_postgres_scans(whole[0]["Plan"], limited=False))


def _find_postgres_scans(node: Mapping[str, Any], *, limited: bool) -> Iterator[str]:
    kind = node["Node Type"]
    limited = limited or kind == "Limit"
    by_index = kind in {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}
    if kind == "Seq Scan" or (by_index and "Index Cond" not in node and not limited):
        yield f"{kind} of {node.get('Relation Name') or node.get('Index Name')}"
    for inner in node.get("Plans", ()):
        yield from _find_postgres_scans(inner, limited=limited)
