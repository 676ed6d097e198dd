"""Runs Alembic without its own ini file: the connection comes from the caller."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

_HERE = Path(__file__).parent


def configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """To the newest revision, inside the caller's transaction."""
    command.upgrade(configuration(connection), "head")


def downgrade(connection: Connection, revision: str) -> None:
    """Back to ``revision`` (``base``: to nothing), inside the caller's transaction."""
    command.downgrade(configuration(connection), revision)
