"""Constraint violations that services handle, and what an unavailable database or Redis raises."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class DatabaseUnavailable(Exception):
    """The connection broke, or PostgreSQL is starting, stopping, full, read-only or overloaded.

    The text is the kind of the error behind it.
    """


class WrongDatabase(Exception):
    """The bot cannot work over this database; the message is one line that says what to do."""


#: SQLSTATE classes: connection, login and database (somebody changes them under a running bot),
#: lost race, resources, operator intervention (also a statement that took too long); and the codes
#: for read-only and for a lock that was waited for too long.
_UNAVAILABLE = ("08", "28", "3D", "40", "53", "57", "25006", "55P03")
#: What only a person can mend, at a start: classes and codes, and what to do.
_REFUSALS = {
    "28": "PostgreSQL does not let this user in with this password",
    "3D": "PostgreSQL has no such database: create it, or name another one",
    "42501": "this user may make no tables there: make it the owner of the database",
}
_NO_DATABASE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)

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


@contextmanager
def translate_refusals() -> Iterator[None]:
    """Raises WrongDatabase for what no waiting mends, where a bot starts or is checked."""
    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        for code, reason in _REFUSALS.items():
            if state.startswith(code):
                raise WrongDatabase(reason) from error
        if getattr(error.orig, "sqlite_errorcode", None) in _NO_DATABASE:
            raise WrongDatabase(
                "the file is no database of SQLite, or is damaged: name another one, or move it "
                "away and restore a backup"
            ) from error
        raise


def describe_outage(error: Exception) -> str:
    """SQLite's own words, which name no values and no files, or the kind of the error."""
    if isinstance(error, DatabaseUnavailable):
        return str(error)
    original = getattr(error, "orig", None)
    return str(original) if isinstance(original, sqlite3.Error) else type(error).__name__


class EmailTaken(Exception):
    """Another account has this email address."""


class DraftTaken(Exception):
    """A request was already registered from this draft."""
