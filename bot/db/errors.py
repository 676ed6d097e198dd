"""Constraint violations that services handle, and what an unavailable database or Redis raises."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class DatabaseUnavailable(Exception):
    """The connection broke, or PostgreSQL is starting, stopping, full, read-only or overloaded."""


class WrongDatabase(Exception):
    """The bot cannot work over this database; the message is one line that says what to do."""


#: SQLSTATE classes: connection, lost race, resources, operator intervention (also a statement that
#: took too long); and the codes for read-only and for a lock that was waited for too long.
_UNAVAILABLE = ("08", "40", "53", "57", "25006", "55P03")

#: Errors of an unavailable, full or read-only database or Redis: the caller tries again later.
OUTAGES: tuple[type[Exception], ...] = (
    OperationalError,
    InterfaceError,
    DatabaseUnavailable,
    PoolTimeoutError,
    ConnectionError,
)


@contextmanager
def translate_outages() -> Iterator[None]:
    """Raises DatabaseUnavailable for the many errors that asyncpg has for it."""
    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        if error.connection_invalidated or state.startswith(_UNAVAILABLE):
            raise DatabaseUnavailable(type(error.orig).__name__) from error
        raise


class EmailTaken(Exception):
    """Another account has this email address."""


class DraftTaken(Exception):
    """A request was already registered from this draft."""
