"""Runs Alembic without its own ini file: the connection comes from the caller.

Alembic takes a tenth of a second and 9 MB, so it is imported only when there is work for it.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

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
    """To the newest revision, inside the caller's transaction."""
    # By this question the transaction begins in earnest: of several upgrades the others wait here.
    if inspect(connection).has_table("alembic_version"):
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
        if version == get_newest_revision():
            return
    from alembic import command  # noqa: PLC0415

    command.upgrade(build_configuration(connection), "head")


def downgrade(connection: Connection, revision: str) -> None:
    """Back to ``revision`` (``base``: to nothing), inside the caller's transaction."""
    from alembic import command  # noqa: PLC0415

    command.downgrade(build_configuration(connection), revision)


def get_newest_revision() -> str:
    """The revision that no other one is built upon."""
    known: set[str] = set()
    built_upon: set[str] = set()
    for script in _HERE.glob("versions/*.py"):
        for down, revision in _REVISION.findall(script.read_text(encoding="utf-8")):
            (built_upon if down else known).add(revision)
    (last,) = known - built_upon
    return last
