"""Every query that any repository can make, and which of them walk over a whole table.

Each method is called with made-up values, once with all that may be left out and once without, so
that a new method is measured from its first day.
"""

import inspect
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from sqlalchemy import event

from bot.db.accounts import LoginAttempts
from bot.db.database import Database, Tx
from bot.domain import Category
from bot.notices import Notice, RequestCard

Statement = tuple[str, Any]

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

#: Which method may walk over which table, and why that is no harm.
_WAITING = "as much as is open or waits: its index holds nothing else"
_UNPROVED = "whose email is not proved: its index holds nobody else"
_ALLOWED = {
    ("conversations.forget_updates", "handled_updates"): "no further than its limit, oldest first",
    ("request_reports.count_open_by_type", "requests"): _WAITING,
    ("outbox.count_waiting", "outbox"): _WAITING,
    ("outbox.find_oldest", "outbox"): _WAITING,
    ("personal_data.erase", "outbox"): "records of a month, and a person leaves once",
    ("accounts.lock_registered", "accounts"): _UNPROVED,
    ("accounts.lock_unproved", "accounts"): _UNPROVED,
    ("accounts.list_unproved", "accounts"): _UNPROVED,
    ("chats.link", "accounts"): _UNPROVED,
    ("personal_data.expire_conversations", "conversations"): (
        "one row a person, twice a day; an index would be written at every step"
    ),
    ("personal_data.expire_requests", "accounts"): "who left: its index holds nobody else",
}
#: Methods that ask nothing on SQLite, or of these values.
_SILENT = {"lock_draft", "list_album"}


class _Undone(Exception):
    """Raised to roll a transaction back."""


def _sample(kind: Any, *, full: bool) -> Any:
    """A value of the type; ``full``: not None where that would do."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Notice:
        return RequestCard(request_id=1)
    if origin in {Union, UnionType}:
        other = [one for one in inner if one is not NoneType]
        return _sample(other[0], full=full) if full or len(other) == len(inner) else None
    if origin is tuple:
        return tuple(_sample(one, full=full) for one in inner if one is not ...)
    if origin in {list, Sequence, Collection}:
        return [_sample(inner[0], full=full)]
    if origin in {dict, Mapping}:
        return {"x": LoginAttempts(1, None) if LoginAttempts in inner else 1}
    if isinstance(kind, type) and issubclass(kind, Enum) and kind not in _PLAIN:
        return next(iter(kind))
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{one.name: _sample(hints[one.name], full=full) for one in fields(kind)})  # type: ignore[operator]
    return _PLAIN[kind]


def _calls() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Repository, method and arguments of everything that can be asked."""
    for room, repository in inspect.getmembers(Tx, lambda one: hasattr(one, "attrname")):
        kind = get_type_hints(repository.func)["return"]
        for name, method in inspect.getmembers(kind, inspect.iscoroutinefunction):
            if name.startswith("_"):
                continue
            hints = get_type_hints(method)
            for full in (True, False):
                arguments = {
                    # What has ended its term is a little each time, and not all there is.
                    key: LONG_AGO if key.endswith("_before") else _sample(hints[key], full=full)
                    for key, one in inspect.signature(method).parameters.items()
                    if key != "self" and one.kind is not inspect.Parameter.VAR_KEYWORD
                }
                if name == "change":
                    arguments["text"] = "x"
                yield room, name, arguments


@contextmanager
def _heard(database: Database, said: list[Statement]) -> Iterator[None]:
    def hear(*about: Any) -> None:
        _, _, statement, parameters, _, many = about
        said.append((statement, parameters[0] if many else parameters))

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", hear)
    yield
    event.remove(engine, "before_cursor_execute", hear)


async def asked(database: Database) -> dict[str, dict[str, Any]]:
    """Parameters of each different statement, by the method that makes it."""
    found: dict[str, dict[str, Any]] = {}
    for room, name, arguments in _calls():
        said: list[Statement] = []
        # Made-up values break rules of the schema here and there, after what matters was asked.
        with _heard(database, said), suppress(Exception):
            async with database.begin() as tx:
                await getattr(getattr(tx, room), name)(**arguments)
                raise _Undone
        assert said or name in _SILENT, f"{room}.{name} asked nothing"
        found.setdefault(f"{room}.{name}", {}).update(said)
    return found


async def walks(
    database: Database, questions: Mapping[str, Mapping[str, Any]], *, forced: bool = False
) -> set[str]:
    """Where they walk over a table and may not: ``method: what the plan says``.

    ``forced``: whether they must; a planner reads small tables whole although it need not.
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
                        for walk in await _walks(tx, statement, parameters)
                        if not _may(method, walk)
                    }
    return found


def _may(method: str, walk: str) -> bool:
    return any(
        method == allowed and (table in walk.split() or f"ix_{table}_" in walk)
        for allowed, table in _ALLOWED
    )


async def _walks(tx: Tx, statement: str, parameters: Any) -> set[str]:
    """Tables that the database reads from one end to the other for the statement."""
    if tx.connection.dialect.name == "sqlite":
        plan = await tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        limited = "LIMIT" in statement
        return {
            detail
            for *_, detail in plan
            if detail.startswith("SCAN ")
            and not detail.startswith(("SCAN CONSTANT", "SCAN (", "SCAN anon"))
            # In the order of an index, and only as far as is needed.
            and not (limited and " USING " in detail)
        }
    plan = await tx.connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
    told = plan.scalar_one()
    whole = json.loads(told) if isinstance(told, str) else told
    return set(_postgres_walks(whole[0]["Plan"], limited=False))


def _postgres_walks(node: Mapping[str, Any], *, limited: bool) -> Iterator[str]:
    kind = node["Node Type"]
    limited = limited or kind == "Limit"
    by_index = kind in {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}
    if kind == "Seq Scan" or (by_index and "Index Cond" not in node and not limited):
        yield f"{kind} of {node.get('Relation Name') or node.get('Index Name')}"
    for inner in node.get("Plans", ()):
        yield from _postgres_walks(inner, limited=limited)
