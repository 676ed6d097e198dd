"""Writes on SQLite that share a commit, and reads beside them on the event loop's thread."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.db.database import Database
from tests.support.databases import open_database
from tests.support.samples import FAR_FUTURE, NOW

KILLED_AFTER_SYNC = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from bot.db import sqlite_hot_path
from bot.db.database import Database

execute_group = sqlite_hot_path._execute_group

def die_after_commit(*arguments):
    execute_group(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)

sqlite_hot_path._execute_group = die_after_commit

async def main():
    database = Database(sys.argv[1])
    async with database.begin(write_only=True) as tx:
        await tx.conversations.save_and_mark("k", {"at": 1}, 1, datetime.now(UTC))
    print("acknowledged")

asyncio.run(main())
"""


@pytest.fixture
async def database(tmp_path: Path, migrated: Path) -> AsyncIterator[Database]:
    async with open_database("sqlite", tmp_path, migrated) as database:
        yield database


async def save(database: Database, number: int) -> None:
    async with database.begin(write_only=True) as tx:
        await tx.conversations.save_and_mark(f"k{number}", {"at": number}, number, NOW)


async def save_for_nobody(database: Database, number: int) -> None:
    async with database.begin(write_only=True) as tx:
        await tx.conversations.save_and_mark(f"k{number}", {"at": number}, number, NOW)
        # There is no such account.
        await tx.chats.link(1, 999, NOW, FAR_FUTURE)


async def run_together(database: Database, *writes: Coroutine[Any, Any, None]) -> list[Any]:
    """Runs writes that wait for the same turn; what each raised, or None."""
    async with database.begin() as tx:
        tasks = [asyncio.create_task(one) for one in writes]
        await asyncio.sleep(0)
        await tx.values.set("slow", "")
        assert not any(one.done() for one in tasks)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def list_handled(database: Database, numbers: range) -> list[int]:
    async with database.read(by_key=True) as tx:
        return [number for number in numbers if await tx.conversations.is_handled(number)]


class Commits:
    """Counts the commits of the thread that writes; ``go``: none begins before it is set."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.go = Event()
        self.go.set()
        open_file = database._writers._open_file  # type: ignore[union-attr]

        def open_counted() -> sqlite3.Connection:
            connection = open_file()
            connection.set_trace_callback(self._count)
            return connection

        monkeypatch.setattr(database._writers, "_open_file", open_counted)

    def _count(self, statement: str) -> None:
        if statement == "COMMIT":
            self.count += 1
            self.go.wait()


async def test_writes_that_wait_share_a_commit(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = Commits(database, monkeypatch)
    assert await run_together(database, *(save(database, number) for number in range(20))) == (
        [None] * 20
    )
    assert commits.count == 1
    assert await list_handled(database, range(21)) == list(range(20))


async def test_one_of_them_fails_alone(database: Database) -> None:
    outcomes = await run_together(
        database,
        save(database, 0),
        save(database, 1),
        save_for_nobody(database, 2),
        save(database, 3),
    )
    assert isinstance(outcomes.pop(2), IntegrityError)
    assert outcomes == [None] * 3
    assert await list_handled(database, range(4)) == [0, 1, 3]


async def test_a_full_disk_is_told_to_all_of_them(database: Database) -> None:
    await save(database, 0)
    await database.dispose()
    database._pragmas.append("max_page_count = 1")

    async def save_much(number: int) -> None:
        async with database.begin(write_only=True) as tx:
            data = {"words": "x" * 100_000}
            await tx.conversations.save_and_mark(f"k{number}", data, number, NOW)

    outcomes = await run_together(database, save(database, 1), save_much(2), save(database, 3))
    assert [type(one) for one in outcomes] == [OperationalError] * 3
    assert await list_handled(database, range(4)) == [0]
    await database.dispose()
    database._pragmas.pop()
    await save(database, 1)
    assert await list_handled(database, range(4)) == [0, 1]


async def test_nobody_is_told_and_nobody_reads_before_the_commit(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = Commits(database, monkeypatch)
    commits.go.clear()
    writes = [asyncio.create_task(save(database, number)) for number in range(3)]
    # The thread stands before its COMMIT, and the event loop goes on.
    while not commits.count:
        assert await list_handled(database, range(3)) == []
        await asyncio.sleep(0)
    assert not any(one.done() for one in writes)
    assert await list_handled(database, range(3)) == []
    commits.go.set()
    await asyncio.gather(*writes)
    assert await list_handled(database, range(3)) == [0, 1, 2]


async def test_a_write_whose_asker_is_gone_is_not_made(database: Database) -> None:
    async with database.begin() as tx:
        await tx.values.set("slow", "")
        gone, kept = (asyncio.create_task(save(database, number)) for number in (1, 2))
        await asyncio.sleep(0)
        gone.cancel()
    await kept
    assert await list_handled(database, range(3)) == [2]


async def test_a_transaction_that_is_cancelled_leaves_the_line(database: Database) -> None:
    began = asyncio.Event()

    async def hang(*, forever: bool) -> None:
        async with database.begin() as tx:
            await tx.values.set("half", "done")
            began.set()
            if forever:
                await asyncio.Event().wait()

    hanging = asyncio.create_task(hang(forever=True))
    await began.wait()
    waiting = asyncio.create_task(hang(forever=False))
    others = [asyncio.create_task(save(database, number)) for number in range(3)]
    await asyncio.sleep(0)
    # Whoever only reads waits for no writer.
    assert await list_handled(database, range(3)) == []
    waiting.cancel()
    hanging.cancel()
    await asyncio.gather(*others)
    await asyncio.gather(hanging, waiting, return_exceptions=True)
    assert hanging.cancelled()
    assert waiting.cancelled()
    async with database.begin() as tx:
        assert await tx.values.get("half") is None
    assert await list_handled(database, range(3)) == [0, 1, 2]


async def test_transactions_and_gathered_writes_take_turns(database: Database) -> None:
    order: list[Any] = []

    async def write(name: str) -> None:
        async with database.begin() as tx:
            await tx.values.set("order", name)
        order.append(name)

    async def gather(number: int) -> None:
        await save(database, number)
        order.append(number)

    await asyncio.gather(write("a"), write("b"), write("c"), gather(1), gather(2))
    assert order == ["a", 1, 2, "b", "c"]


async def test_another_process_writes_meanwhile(database: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(database._url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    database._pragmas.append("busy_timeout = 0")
    outcomes = await asyncio.gather(*(save(database, n) for n in (1, 2)), return_exceptions=True)
    assert [type(one) for one in outcomes] == [OperationalError] * 2
    assert await list_handled(database, range(3)) == []
    # A backup reads all the while.
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        other.execute("COMMIT")
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM handled_updates").fetchall()
        await save(database, 1)
        other.backup(copy)
        assert copy.execute("SELECT count(*) FROM handled_updates").fetchone() == (0,)
    other.close()
    assert await list_handled(database, range(3)) == [1]


async def test_a_read_that_finds_the_file_locked_waits_in_a_thread(database: Database) -> None:
    await save(database, 1)
    await database.dispose()
    other = sqlite3.connect(database._url.database or "", isolation_level=None)
    # Not WAL: now readers wait for writers.
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    reading = asyncio.create_task(list_handled(database, range(3)))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not reading.done()
    reader = database._reader and database._reader._connection
    assert reader
    assert reader.execute("PRAGMA busy_timeout").fetchone() == (0,)
    other.execute("COMMIT")
    assert await reading == [1]
    other.close()


async def test_what_was_synced_is_there_after_a_kill(database: Database) -> None:
    script = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        KILLED_AFTER_SYNC,
        f"sqlite+aiosqlite:///{database._url.database}",
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    told, _ = await script.communicate()
    assert (told, script.returncode) == (b"", -signal.SIGKILL)
    # Given again, the update is known.
    assert await list_handled(database, range(3)) == [1]
