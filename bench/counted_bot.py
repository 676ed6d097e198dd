"""``main.py run`` that logs each statement which its database drivers execute.

``python -m bench.counted_bot FILE``: a line of the file is a statement, without line breaks.
Beginnings and ends of transactions are left out, as is the empty statement that pings PostgreSQL.
"""

import sqlite3
import sys
from typing import Any, TextIO

import asyncpg  # type: ignore[import-untyped]
from asyncpg.prepared_stmt import PreparedStatement  # type: ignore[import-untyped]

from main import main

_LONGEST = 600
_NONE = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK", ";")


def _log_statements(log: TextIO) -> None:
    """Patches the drivers below SQLAlchemy, so that statements that bypass it are logged too."""

    def log_statement(statement: str) -> None:
        line = " ".join(statement.split())[:_LONGEST]
        if not line.startswith(_NONE):
            log.write(f"{line}\n")

    connect_file, connect_server = sqlite3.connect, asyncpg.connect
    execute = PreparedStatement._PreparedStatement__do_execute  # noqa: SLF001

    def open_traced(*where: Any, **how: Any) -> Any:
        connection = connect_file(*where, **how)
        connection.set_trace_callback(log_statement)
        return connection

    async def connect_traced(*where: Any, **how: Any) -> Any:
        connection = await connect_server(*where, **how)
        connection.add_query_logger(lambda record: log_statement(record.query))
        return connection

    async def execute_traced(prepared: Any, *how: Any) -> Any:
        log_statement(prepared.get_query())
        return await execute(prepared, *how)

    sqlite3.connect = open_traced
    asyncpg.connect = connect_traced
    PreparedStatement._PreparedStatement__do_execute = execute_traced  # noqa: SLF001


if __name__ == "__main__":
    with open(sys.argv.pop(), "a", buffering=1, encoding="utf-8") as log:  # noqa: PTH123
        _log_statements(log)
        raise SystemExit(main())
