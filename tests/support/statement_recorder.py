"""Records the SQL statements that a database executes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from bot.db.database import Database
from bot.db.sqlite_hot_path import Prepared

#: The SQL, and its parameters: of the first row when it is executed for many.
Statement = tuple[str, Any]


@contextmanager
def record_statements(database: Database) -> Iterator[list[Statement]]:
    """Yields the list that grows by each statement; beginnings and ends of transactions are not
    among them."""
    statements: list[Statement] = []

    def record(*arguments: Any) -> None:
        _, _, statement, parameters, _, executemany = arguments
        statements.append((statement, parameters[0] if executemany else parameters))

    fill = Prepared.fill

    def fill_and_record(prepared: Prepared, parameters: Any) -> Any:
        statements.append(bound := fill(prepared, parameters))
        return bound

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", record)
    try:
        # Some statements of SQLite go past the engine.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Prepared, "fill", fill_and_record)
            yield statements
    finally:
        event.remove(engine, "before_cursor_execute", record)
