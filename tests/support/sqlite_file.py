"""A new SQLite database file."""

from pathlib import Path
from shutil import copyfile


def copy_database(template: Path, folder: Path) -> str:
    """Copies a migrated database into ``folder``, as migrating is slow; returns its URL."""
    copyfile(template, folder / "cabinet.db")
    return f"sqlite+aiosqlite:///{folder}/cabinet.db"
