"""Every query uses an index: none scans a whole table."""

from collections.abc import Awaitable, Callable

import pytest

from bot.db.conversations import TAKE_TURN
from bot.db.database import Database
from bot.db.request_reports import OpenFilter, RequestReportRepository
from tests.support.query_plans import (
    collect_statements,
    find_scans_inside,
    find_table_scans,
)
from tests.support.samples import NOW, add_example
from tests.support.statement_recorder import record_statements


async def test_no_query_walks_over_a_table(database: Database) -> None:
    async with database.begin() as tx:
        await add_example(tx)
    questions = await collect_statements(database)
    assert len(questions) > 100
    found = await find_table_scans(database, questions, forced=True)
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_turn_reads_by_indexes(database: Database) -> None:
    parameters = {
        "number": 1,
        "chat_key": "7",
        "update_id": 1,
        "conversation_key": "key",
        "chat_id": 7,
    }
    async with database.begin() as tx:
        await add_example(tx)
        assert await find_scans_inside(tx, "take_turn", TAKE_TURN, parameters) == set()
        await tx.connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("ask", "index"),
    [
        pytest.param(ask, f"ix_requests_{index}", id=name)
        for name, index, ask in (
            ("list", "open_due", lambda on: on.list_open(OpenFilter(), skip=0, take=9)),
            ("late", "running", lambda on: on.list_overdue(NOW.date(), NOW, skip=0, take=9)),
            (
                "late emergencies",
                "running_emergencies",
                lambda on: on.list_overdue(NOW.date(), NOW, skip=0, take=9),
            ),
            ("new", "open_assignee", lambda on: on.list_new(skip=0, take=9)),
            ("untaken", "open_assignee", lambda on: on.lock_untaken_emergencies(NOW)),
            ("counts", "open_counts", lambda on: on.count_queue(NOW.date(), NOW)),
            ("types", "open_type", lambda on: on.count_open_by_type([NOW])),
            ("assignees", "open_assignee", lambda on: on.count_open_by_assignee()),
        )
    ],
)
async def test_open_requests_are_read_by_the_index_that_is_made_for_it(
    database: Database, ask: Callable[[RequestReportRepository], Awaitable[object]], index: str
) -> None:
    """SQLite, which knows nothing of how many there are, takes the one of the status for better."""
    with record_statements(database) as statements:
        async with database.read() as tx:
            await ask(tx.request_reports)
    ((statement, parameters),) = statements
    async with database.read() as tx:
        rows = await tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plan = [detail for *_, detail in rows]
    assert any(f"INDEX {index} " in f"{line} " for line in plan), plan
