"""Runs Alembic migrations on the caller's connection, without an ini file.

Importing Alembic takes 0.1 s and 9 MB, so it is imported only when there is something to migrate.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from bot.db.errors import WrongDatabase

if TYPE_CHECKING:
    from alembic.config import Config

_HERE = Path(__file__).parent
_REVISION = re.compile(r'^(down_)?revision = "(\w+)"$', re.MULTILINE)


def build_configuration(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Upgrades to the newest revision in the caller's transaction."""
    # The first statement begins the transaction: here other upgrades wait for this one.
    if find_revision(connection) == get_newest_revision():
        return
    from alembic import command  # noqa: PLC0415

    command.upgrade(build_configuration(connection), "head")


def find_revision(connection: Connection) -> str | None:
    """The revision of the schema; None when there is none yet.

    Raises WrongDatabase for a schema of a newer version of the bot.
    """
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    known, newest = _read_revisions()
    if revision is not None and revision not in known:
        raise WrongDatabase(
            f"the schema {revision} is newer than this version of the bot knows ({newest}): start "
            "the version that wrote it, or restore a backup made before it"
        )
    return revision


def downgrade(connection: Connection, revision: str) -> None:
    """Downgrades to ``revision`` (``base``: an empty database) in the caller's transaction."""
    from alembic import command  # noqa: PLC0415

    command.downgrade(build_configuration(connection), revision)


def get_newest_revision() -> str:
    """The revision that no other one descends from."""
    return _read_revisions()[1]


def _read_revisions() -> tuple[set[str], str]:
    """All revisions, and the newest one."""
    known: set[str] = set()
    parents: set[str] = set()
    for script in _HERE.glob("versions/*.py"):
        for down, revision in _REVISION.findall(script.read_text(encoding="utf-8")):
            (parents if down else known).add(revision)
    (newest,) = known - parents
    return known, newest
