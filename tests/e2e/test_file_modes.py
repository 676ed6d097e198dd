"""Whatever the commands write is for its owner alone, also where others set no mask."""

import hashlib
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.environment import run_main

PDF = b"%PDF-1.7\nscan\n%%EOF"
_NOBODY = 65534
_INSERT = (
    "INSERT INTO files (draft_id, unique_id, name, media_type, size, sha256, key, stored_at) "
    "VALUES ('d', 'u', 'a.pdf', 'application/pdf', ?, ?, 'aa/scan.pdf', '2026-11-24 00:00:00')"
)


async def command(folder: Path, *arguments: str, **settings: str) -> None:
    code, output, errors = await run_main(folder, *arguments, **settings)
    assert code == 0, output + errors


def open_to_others(folder: Path) -> list[tuple[str, str]]:
    """Everything below the folder that somebody else could read."""
    return [
        (str(path.relative_to(folder)), stat.filemode(path.stat().st_mode))
        for path in folder.rglob("*")
        if path.stat().st_mode & 0o077
    ]


async def test_nobody_else_reads_data_backups_and_exports(tmp_path: Path) -> None:
    await command(tmp_path, "migrate")
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    store = tmp_path / "data" / "files" / "aa"
    store.mkdir(parents=True, mode=0o700)
    (tmp_path / "data" / "files").chmod(0o700)
    (store / "scan.pdf").write_bytes(PDF)
    (store / "scan.pdf").chmod(0o600)
    with closing(sqlite3.connect(tmp_path / "data" / "cabinet.db")) as database:
        database.execute(_INSERT, (len(PDF), hashlib.sha256(PDF).hexdigest()))
        database.commit()

    await command(tmp_path, "backup", "backup")
    restored = {
        "DATABASE_URL": "sqlite+aiosqlite:///restored/cabinet.db",
        "FILES_URL": "file://restored/files",
    }
    (tmp_path / "restored").mkdir(mode=0o700)
    # The bot's user; as root, a restore leaves the files to it.
    user = _NOBODY if os.geteuid() == 0 else os.geteuid()
    os.chown(tmp_path / "restored", user, -1)
    await command(tmp_path, "restore", "backup", **restored)
    assert (tmp_path / "restored" / "files" / "aa" / "scan.pdf").read_bytes() == PDF
    assert {path.stat().st_uid for path in (tmp_path / "restored").rglob("*")} == {user}
    for kind in ("csv", "xlsx"):
        days = ("--from", "2026-11-01", "--to", "2026-11-30")
        await command(tmp_path, "export", "readings", *days, "--format", kind, **restored)
    assert len(list(tmp_path.glob("readings-*"))) == 2
    assert open_to_others(tmp_path) == []


async def test_what_an_older_edition_left_open_is_closed_at_the_next_start(tmp_path: Path) -> None:
    await command(tmp_path, "migrate")
    database, files = tmp_path / "data" / "cabinet.db", tmp_path / "data" / "files"
    files.mkdir()
    database.chmod(0o644)
    files.chmod(0o755)
    await command(tmp_path, "backup", "backup")
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root owns folders of the system")
async def test_folders_of_the_system_keep_their_modes(tmp_path: Path) -> None:
    """A database in ``/var/lib``, or in ``/``: nobody else could enter the folder any more."""
    system, here = tmp_path / "system", tmp_path / "here"
    for folder in (system, here):
        folder.mkdir(mode=0o755)
    url = f"sqlite+aiosqlite:///{system}/cabinet.db"
    await command(here, "migrate", DATABASE_URL=url)
    await command(here, "backup", "backup", DATABASE_URL=url)
    assert stat.S_IMODE(system.stat().st_mode) == 0o755
    assert stat.S_IMODE((system / "cabinet.db").stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
async def test_files_of_somebody_else_are_left_alone(tmp_path: Path) -> None:
    await command(tmp_path, "migrate")
    files = tmp_path / "data" / "files"
    files.mkdir()
    files.chmod(0o755)
    os.chown(files, 65534, 65534)
    await command(tmp_path, "backup", "backup")
    assert stat.S_IMODE(files.stat().st_mode) == 0o755
