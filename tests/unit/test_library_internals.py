"""Parts of libraries that they do not promise to keep, and that the bot relies on.

docs/dependencies.md ("Before an upgrade") lists them. A test that fails after an upgrade names the
module to adapt.
"""

import asyncio
import inspect
import re
import sqlite3
import tomllib
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread, get_ident

import aiogram.methods
import aiogram.types
from aiogram import Bot, Router
from aiogram.client.context_controller import BotContextController
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.filters import Command
from aiosqlite.core import Connection
from pydantic import BaseModel
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_connection, AsyncAdapt_dbapi_cursor
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.ext.asyncio import create_async_engine

from bot.db.sqlite_driver import FastConnection, FastCursor, build_connection_factory, open_file

ROOT = Path(__file__).parents[2]

#: Methods of a cursor that SQLAlchemy calls only for drivers other than SQLite's.
_OTHER_DRIVERS = {"nextset", "setinputsizes"}


def test_aiosqlite_is_pinned_to_its_minor_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "aiosqlite>=0.22,<0.23" in project["dependencies"]


async def test_aiosqlite_runs_a_queue_of_functions_in_one_thread() -> None:
    """``bot/db/sqlite_driver.py`` puts functions of its own into that queue."""
    connection = Connection(lambda: sqlite3.connect(":memory:"), iter_chunk_size=64)
    assert isinstance(connection._thread, Thread)
    assert isinstance(connection._tx, SimpleQueue)
    # Before the connection is awaited its thread can still become a daemon.
    assert not connection._thread.is_alive()
    connection._thread.daemon = True
    await connection
    try:
        assert isinstance(connection._conn, sqlite3.Connection)
        seen: list[int] = []

        def fail() -> None:
            seen.append(get_ident())
            raise sqlite3.OperationalError

        # Nobody waits for this one, and its error ends nothing.
        connection._tx.put_nowait((None, fail))
        thread = await connection._execute(get_ident)  # type: ignore[no-untyped-call]
        assert seen == [thread] == [connection._thread.ident]
    finally:
        await connection.close()


async def test_a_connection_that_is_stopped_closes_its_file_and_ends_its_thread() -> None:
    """With the sign that aiosqlite's thread ends at; nobody waits for it."""
    connection = FastConnection(lambda: sqlite3.connect(":memory:"))
    await connection
    connection.stop()
    await asyncio.to_thread(connection._thread.join)
    assert connection._connection is None


def test_the_cursor_has_what_sqlalchemy_asks_of_it() -> None:
    source = inspect.getsource(AsyncAdapt_dbapi_cursor)
    used = set(re.findall(r"\b_?cursor\.(\w+)", source)) - _OTHER_DRIVERS
    assert {"execute", "executemany", "fetchall", "description"} <= used
    assert used <= set(dir(FastCursor))


def test_the_connection_has_what_sqlalchemy_asks_of_it() -> None:
    sources = map(inspect.getsource, (AsyncAdapt_dbapi_connection, AsyncAdapt_aiosqlite_connection))
    used = set(re.findall(r"\bself\._connection\.(\w+)", "".join(sources)))
    assert {"commit", "rollback", "close", "_tx", "_connection"} <= used
    connection = FastConnection(lambda: sqlite3.connect(":memory:"))
    assert used <= {*dir(connection), *vars(connection)}


async def test_sqlalchemy_hands_out_the_connection_of_our_factory(tmp_path: Path) -> None:
    """``bot/db/database.py`` finds it there to say which kind of transaction begins."""
    engine = create_async_engine(
        "sqlite+aiosqlite://",
        async_creator=build_connection_factory(partial(open_file, str(tmp_path / "x.db"))),
    )
    async with engine.connect() as connection:
        assert connection.sync_connection is not None
        assert isinstance(connection.sync_connection.connection.driver_connection, FastConnection)
    await engine.dispose()


def test_pydantic_lets_a_model_be_compiled_with_names_from_outside() -> None:
    """``bot/telegram/lazy_models.py`` replaces ``model_rebuild`` while aiogram is imported."""
    assert isinstance(BaseModel.__dict__["model_rebuild"], classmethod)
    assert "_types_namespace" in inspect.signature(BaseModel.model_rebuild).parameters


def test_aiogram_compiles_its_models_with_names_of_its_own() -> None:
    """``bot/telegram/lazy_models.py`` gathers the names that aiogram passes."""
    for package in (aiogram.types, aiogram.methods):
        assert inspect.getsource(package).count("model_rebuild(_types_namespace=") <= 1
    assert "model_rebuild(_types_namespace=" in inspect.getsource(aiogram.types)
    assert issubclass(aiogram.types.Message, BotContextController)
    assert issubclass(aiogram.methods.SendMessage, BotContextController)
    assert callable(aiogram.methods.Response.__class_getitem__)


def test_aiogram_builds_and_reads_calls_where_the_session_overrides_it() -> None:
    """``bot/telegram/session.py`` sends JSON instead of forms."""
    assert list(inspect.signature(AiohttpSession.build_form_data).parameters) == [
        "self",
        "bot",
        "method",
    ]
    assert list(inspect.signature(AiohttpSession.check_response).parameters) == [
        "self",
        "bot",
        "method",
        "status_code",
        "content",
    ]
    assert "_dumps_json" in inspect.signature(AiohttpSession.prepare_value).parameters
    assert "self.build_form_data(" in inspect.getsource(AiohttpSession.make_request)
    assert aiogram.methods.GetMe.__returning__ is aiogram.types.User


def test_aiogram_keeps_filters_where_the_routing_finds_them() -> None:
    """``bot/telegram/routing.py`` asks them itself."""

    async def handle(_: aiogram.types.Message, bot: Bot) -> None: ...

    for_all, for_one = Command("a"), Command("b")
    observer = Router().message
    observer.filter(for_all)
    observer.register(handle, for_one)
    (handler,) = observer.handlers
    assert [one.callback for one in observer._handler.filters or ()] == [for_all]
    assert [one.callback for one in handler.filters or ()] == [for_one]
    assert "bot" in handler.params
    assert inspect.iscoroutinefunction(handler.call)
