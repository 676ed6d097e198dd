"""Backups: copy and restore the database and every scan that it names.

A scan is stored before its row, so each row of the copy finds its file. Taken while the bot runs.
"""

import asyncio
import hashlib
import json
import os
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url, select

from bot.db.database import IDENTITY_KEY, Database
from bot.db.models import FileRow
from bot.integrations.errors import FileMissing
from bot.integrations.file_store import FileStore

_MANIFEST = "manifest.json"
_SQLITE, _POSTGRESQL = "cabinet.db", "cabinet.dump"


class BackupFailed(Exception):
    """Says what is missing or wrong; nothing was changed by a restore that failed its checks."""


async def back_up(database_url: str, store: FileStore, folder: Path) -> int:
    """Fills an empty folder and returns how many scans it holds; raises BackupFailed."""
    await asyncio.to_thread(_prepare_folder, folder)
    url = make_url(database_url)
    dump = folder / (_SQLITE if _is_sqlite(url) else _POSTGRESQL)
    if _is_sqlite(url):
        await asyncio.to_thread(_copy_sqlite, Path(url.database or ""), dump)
        keys = await _list_keys(f"sqlite+aiosqlite:///{dump}")
    else:
        await _run("pg_dump", "--format=custom", f"--file={dump}", url=url)
        # After the dump: each row of it, unless it was erased since, has its file in the copy.
        keys = await _list_keys(database_url)
    files = {}
    for key, digest in sorted(keys.items()):
        try:
            data = await store.get(key)
        except FileMissing:
            # Erased since the copy, or lost before it; the database says which.
            continue
        if hashlib.sha256(data).hexdigest() != digest:
            raise BackupFailed(f"the scan {key} is damaged in the store")
        path = folder / "files" / key
        await asyncio.to_thread(_write, path, data)
        files[key] = digest
    manifest = {dump.name: await asyncio.to_thread(_compute_digest, dump), "files": files}
    # Written last: a folder without it is no backup.
    await asyncio.to_thread(
        _write, folder / _MANIFEST, json.dumps(manifest, indent=1, sort_keys=True).encode()
    )
    return len(files)


async def restore(database_url: str, store: FileStore, folder: Path) -> int:
    """Puts a backup in place of an empty database; returns how many scans; raises BackupFailed.

    Everything is verified before anything is written.
    """
    url = make_url(database_url)
    dump = folder / (_SQLITE if _is_sqlite(url) else _POSTGRESQL)
    manifest = await asyncio.to_thread(_verify, folder, dump)
    if _is_sqlite(url):
        target = Path(url.database or "")
        if await asyncio.to_thread(target.exists):
            raise BackupFailed(f"{target} is there already: move it away first")
    files: dict[str, str] = manifest["files"]
    # Scans first, as ever: a row never points to nothing.
    for key in files:
        await store.put(key, await asyncio.to_thread((folder / "files" / key).read_bytes))
    if _is_sqlite(url):
        await asyncio.to_thread(partial(_copy_sqlite, dump, target, is_restored=True))
    else:
        await _run(
            "pg_restore",
            "--exit-on-error",
            "--single-transaction",
            "--no-owner",
            f"--dbname={url.database}",
            str(dump),
            url=url,
        )
    return len(files)


def _prepare_folder(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise BackupFailed(f"{folder} is not empty")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


async def _list_keys(database_url: str) -> dict[str, str]:
    """Digests by key of all scans."""
    database = Database(database_url)
    try:
        async with database.read() as tx:
            rows = await tx.connection.execute(select(FileRow.key, FileRow.sha256))
            return {row.key: row.sha256 for row in rows}
    finally:
        await database.dispose()


def _copy_sqlite(source: Path, target: Path, *, is_restored: bool = False) -> None:
    """By SQLite's own means, with whatever is still in the journal."""
    if not source.is_file():
        raise BackupFailed(f"there is no database at {source}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        verdict = new.execute("PRAGMA integrity_check").fetchone()[0]
        if is_restored:
            # The files of the store that both may use belong to one of them: see FileCleanup.
            new.execute("DELETE FROM remembered_values WHERE key = ?", (IDENTITY_KEY,))
            new.commit()
        # One file, that opens from a read-only medium as well.
        new.execute("PRAGMA journal_mode = DELETE")
    if verdict != "ok":
        raise BackupFailed(f"the copy of the database is damaged: {verdict}")


async def _run(program: str, *arguments: str, url: URL) -> None:
    environment = {
        **os.environ,
        **{
            name: str(value)
            for name, value in {
                "PGHOST": url.host,
                "PGPORT": url.port,
                "PGUSER": url.username,
                # Never an argument: those are seen by everybody on the machine.
                "PGPASSWORD": url.password,
                "PGDATABASE": url.database,
            }.items()
            if value is not None
        },
    }
    try:
        process = await asyncio.create_subprocess_exec(
            program, *arguments, env=environment, stderr=asyncio.subprocess.PIPE
        )
    except FileNotFoundError:
        raise BackupFailed(f"{program} is not installed: postgresql-client brings it") from None
    _, complaint = await process.communicate()
    if process.returncode:
        raise BackupFailed(f"{program}: {complaint.decode(errors='replace').strip()[:500]}")


def _verify(folder: Path, dump: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_bytes())
        expected = {dump: manifest[dump.name]}
        expected |= {folder / "files" / key: digest for key, digest in manifest["files"].items()}
    except (OSError, ValueError, KeyError) as error:
        raise BackupFailed(
            f"{folder} holds no whole backup of such a database: {type(error).__name__}"
        ) from None
    for path, digest in expected.items():
        if not path.is_file():
            raise BackupFailed(f"{path} is missing")
        if _compute_digest(path) != digest:
            raise BackupFailed(f"{path} is damaged")
    return manifest


def _compute_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
