"""Updates that a bot acknowledged and has still to handle: what its durable inbox holds."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from sandbox.bot_api.state import Telegram

#: How many updates of a person wait, by the Telegram they came from.
_counters: WeakKeyDictionary[Telegram, Callable[[int], Awaitable[int]]] = WeakKeyDictionary()

#: Those whose parked updates are replayed, and so waited for, too.
_replayed: WeakSet[Telegram] = WeakSet()

_COUNT = (
    "SELECT count(*) FROM inbox WHERE (state <> 'parked' OR :parked)"
    " AND (chat_key = :key OR chat_key LIKE :end)"
)


@asynccontextmanager
async def watch_backlog(telegram: Telegram, database_url: str) -> AsyncIterator[None]:
    """Phones of this Telegram wait for the inbox in that database, too."""
    url = make_url(database_url)
    engine = create_async_engine(url, pool_pre_ping=True)

    async def count(user_id: int) -> int:
        parked = telegram in _replayed
        values = {"key": str(user_id), "end": f"%:{user_id}", "parked": parked}
        if url.get_backend_name() == "sqlite":
            # Without a thread: it takes some 100 microseconds.
            with closing(sqlite3.connect(url.database or "")) as file:
                return int(file.execute(_COUNT, values).fetchone()[0])
        async with engine.connect() as connection:
            return int(await connection.scalar(text(_COUNT), values) or 0)

    before = _counters.get(telegram)
    _counters[telegram] = count
    try:
        yield
    finally:
        if before is None:
            del _counters[telegram]
        else:
            _counters[telegram] = before
        await engine.dispose()


def wait_for_parked(telegram: Telegram) -> None:
    """From now on somebody replays parked updates."""
    _replayed.add(telegram)


async def wait_for_inbox(telegram: Telegram, user_id: int, seconds: float) -> bool:
    """Whether the inbox holds no update of the person any more, in time."""
    count = _counters.get(telegram)
    if count is None:
        return True
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    if not await count(user_id):
                        return True
                except (DBAPIError, sqlite3.Error, OSError) as error:
                    if "no such table" in str(error):
                        return True
                    # Otherwise its server is being restarted, or it is locked.
                await asyncio.sleep(0.05)
    except TimeoutError:
        return False
