"""An SQLite database of one's own."""

from pathlib import Path
from shutil import copyfile


def lay_database(template: Path, folder: Path) -> str:
    """Copies a migrated one, as migrating takes most of a short test's time; its URL."""
    copyfile(template, folder / "cabinet.db")
    return f"sqlite+aiosqlite:///{folder}/cabinet.db"
