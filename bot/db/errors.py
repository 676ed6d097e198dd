"""Promises of the database that a caller may break unknowingly, and how its absence shows."""

from sqlalchemy.exc import InterfaceError, OperationalError

#: The database or Redis is away, full or read-only: what was tried is to be tried again later.
OUTAGES: tuple[type[Exception], ...] = (OperationalError, InterfaceError, ConnectionError)


class EmailTaken(Exception):
    """Another account has this email."""


class DraftTaken(Exception):
    """A request was already registered from this draft."""
