"""Runs Alembic migrations on the caller's connection, without an ini file.

Two tables tell the state of the schema. ``schema_revision`` is Alembic's: the revision that was
applied last. ``alembic_version`` is the oldest revision whose code works over the schema: it keeps
that name because the code of 0.2.0, which knows revision 0001 only, looks there. So code of
before an expansion starts beside the code that made it (docs/decisions/0018).

Importing Alembic takes 0.1 s and 9 MB, so it is imported only when there is something to migrate.
"""

import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, text

from bot.db.errors import WrongDatabase

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

REVISION_TABLE = "schema_revision"
COMPATIBLE_TABLE = "alembic_version"

_HERE = Path(__file__).parent
_REVISION = re.compile(r'^(down_)?revision = "(\w+)"$', re.MULTILINE)


def build_configuration(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Upgrades to the newest revision in the caller's transaction; leaves a newer schema as it is.

    Raises WrongDatabase, as ``find_revision``.
    """
    # The first statement begins the transaction: here other upgrades wait for this one.
    revision = find_revision(connection)
    known, newest = _read_revisions()
    if revision == newest or (revision is not None and revision not in known):
        return
    from alembic import command  # noqa: PLC0415

    config = build_configuration(connection)
    if revision is not None and not inspect(connection).has_table(REVISION_TABLE):
        command.stamp(config, revision)  # the code of 0.2.0 knew one table
    command.upgrade(config, "head")


def find_revision(connection: Connection) -> str | None:
    """The revision of the schema; None when there is none yet.

    It may be newer than this code, when this code works over it. Raises WrongDatabase when not.
    """
    compatible = _read_version(connection, COMPATIBLE_TABLE)
    revision = _read_version(connection, REVISION_TABLE) or compatible
    known, newest = _read_revisions()
    if compatible is not None and compatible not in known:
        raise WrongDatabase(
            f"the schema {revision} is newer than this version of the bot works over ({newest}): "
            f"start a version that knows {compatible}, or restore a backup made before it"
        )
    return revision


def record_compatible(
    connection: Connection, script: "ScriptDirectory", heads: Collection[str]
) -> None:
    """Writes the oldest revision whose code works over the schema with these heads.

    That is the first revision, unless a migration says by ``oldest_code`` that it contracts.
    """
    table = Table(COMPATIBLE_TABLE, MetaData(), Column("version_num", String(32), nullable=False))
    table.create(connection, checkfirst=True)
    connection.execute(table.delete())
    if heads:
        applied = list(script.iterate_revisions(tuple(heads), "base"))
        named = (getattr(one.module, "oldest_code", None) for one in applied)
        oldest = next(filter(None, named), applied[-1].revision)
        connection.execute(table.insert().values(version_num=oldest))


def downgrade(connection: Connection, revision: str) -> None:
    """Downgrades to ``revision`` (``base``: an empty database) in the caller's transaction."""
    from alembic import command  # noqa: PLC0415

    command.downgrade(build_configuration(connection), revision)


def get_newest_revision() -> str:
    """The revision that no other one descends from."""
    return _read_revisions()[1]


def is_newer(revision: str) -> bool:
    """Whether the schema was made by code that is newer than this."""
    return revision not in _read_revisions()[0]


def _read_version(connection: Connection, table: str) -> str | None:
    if not inspect(connection).has_table(table):
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {table}"))  # noqa: S608
    return found


def _read_revisions() -> tuple[set[str], str]:
    """All revisions, and the newest one."""
    known: set[str] = set()
    parents: set[str] = set()
    for script in _HERE.glob("versions/*.py"):
        for down, revision in _REVISION.findall(script.read_text(encoding="utf-8")):
            (parents if down else known).add(revision)
    (newest,) = known - parents
    return known, newest
