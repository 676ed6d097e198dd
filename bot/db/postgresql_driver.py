"""PostgreSQL's connections, with no questions to the server that the work does not need."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import URL, Executable, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.db.errors import DatabaseUnavailable, WrongDatabase, translate_outages

#: Of one process; a few of them hold its locks.
_CONNECTIONS = 15

_Parameters = Mapping[str, Any]


def build_postgresql_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url,
        connect_args={"async_creator_fn": _connect},
        # All are kept: a crowd would open those above the size of the pool again and again, which
        # costs as much as many steps.
        pool_size=_CONNECTIONS,
        max_overflow=0,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed_connection)
    return engine


class StatementList:
    """Stands for a connection in a transaction that reads nothing: gathers its statements."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.dialect = engine.dialect
        self._statements: list[tuple[Executable, _Parameters | Sequence[_Parameters] | None]] = []

    async def execute(
        self, statement: Executable, parameters: _Parameters | Sequence[_Parameters] | None = None
    ) -> None:
        """Once, or with each of several parameters."""
        self._statements.append((statement, parameters))

    async def write(self) -> None:
        """Executes all of them or none; a single one is a transaction without being told so."""
        if not self._statements:
            return
        with translate_outages():
            async with self._engine.connect() as connection:
                await self._execute_in(connection)

    async def _execute_in(self, connection: AsyncConnection) -> None:
        if len(self._statements) == 1:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
        async with connection.begin():
            for statement, parameters in self._statements:
                await connection.execute(statement, parameters)


async def _connect(*args: Any, **kwargs: Any) -> Any:
    import asyncpg  # type: ignore[import-untyped]  # noqa: PLC0415 (SQLite does without it)

    try:
        return await asyncpg.connect(*args, **kwargs)
    except OSError as error:
        # No such host, no way to it, no answer in time: the system has a kind for each.
        raise DatabaseUnavailable(type(error).__name__) from error
    except TypeError as error:
        raise WrongDatabase(
            "asyncpg does not know a parameter behind the question mark; TLS is ?ssl=require"
        ) from error


def _refuse_closed_connection(_: object, record: ConnectionPoolEntry, __: object) -> None:
    """Has the pool replace a connection that the server ended; all others, most likely, too.

    Its driver knows of the end: unlike ``pool_pre_ping``, this costs no question for each
    transaction.
    """
    driver = record.driver_connection
    if driver is not None and driver.is_closed():
        raise InvalidatePoolError
