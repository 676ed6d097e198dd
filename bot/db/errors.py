"""Promises of the database that a caller may break unknowingly, and how its absence shows."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class DatabaseUnavailable(Exception):
    """A connection was cut, or PostgreSQL is starting, stopping, full or read-only."""


#: Classes of SQLSTATE: connection, resources, intervention of the operator; and read-only.
_AWAY = ("08", "53", "57P", "25006")

#: The database or Redis is away, full or read-only: what was tried is to be tried again later.
OUTAGES: tuple[type[Exception], ...] = (
    OperationalError,
    InterfaceError,
    DatabaseUnavailable,
    PoolTimeoutError,
    ConnectionError,
)


@contextmanager
def translate_outages() -> Iterator[None]:
    """asyncpg has errors of many kinds for one thing: whatever they are, DatabaseAway is raised."""
    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        if error.connection_invalidated or state.startswith(_AWAY):
            raise DatabaseUnavailable(type(error.orig).__name__) from error
        raise


class EmailTaken(Exception):
    """Another account has this email."""


class DraftTaken(Exception):
    """A request was already registered from this draft."""
