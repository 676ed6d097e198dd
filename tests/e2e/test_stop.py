"""SIGTERM ends the bot within ten seconds, whatever a thread, a process or a server is doing."""

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.domain import Category
from bot.request_types import load
from tests.support import flows
from tests.support.clock import get_today
from tests.support.files import make_pdf
from tests.support.fork_server import start_bot
from tests.support.in_process import PASSWORD
from tests.support.world import run_world

#: Code before the start: one part of the bot never comes back.
PATCHES = {
    "a password is hashed": (
        "import argon2, time; argon2.PasswordHasher.verify = lambda *_: time.sleep(600)"
    ),
    "a thread works": """
import asyncio, time
import bot.app
serve = bot.app.serve
async def busy(*arguments):
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 600)
    await serve(*arguments)
bot.app.serve = busy
""",
    "the virus scanner is silent": "",
}
KIND = load().types[0]
#: What a stop may take; section 1 of the contract.
SECONDS = 10.0


@asynccontextmanager
async def silent_server(reached: asyncio.Event | None = None) -> AsyncIterator[int]:
    """Takes every connection and never answers; sets ``reached`` at the first."""
    release = asyncio.Event()

    async def keep_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if reached is not None:
            reached.set()
        await release.wait()
        writer.close()

    server = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        release.set()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("hangs", PATCHES)
async def test_a_stop_waits_for_nothing_that_hangs(tmp_path: Path, hangs: str) -> None:
    async with run_world(tmp_path) as world, silent_server() as port:
        scanner = {} if PATCHES[hangs] else {"CLAMD_URL": f"tcp://127.0.0.1:{port}"}
        await world.start()
        phone = world.add_phone("Анна")
        await flows.register(phone, Category.INDIVIDUAL, flows.ANNA, "Иванова Анна Петровна")
        password = await flows.read_password(world.mail_client, flows.ANNA)
        if "hashed" not in hangs:
            await flows.log_in(phone, flows.ANNA, password)
            await phone.press("Позже")
        assert await world.stop() == 0
        await world.start(patch=PATCHES[hangs], **scanner)
        if "hashed" in hangs:
            await phone.say("/menu")
            await phone.press("Войти")
            await phone.say(flows.ANNA)
            phone.telegram.send(phone.user_id, phone.user_id, text=PASSWORD)
        elif scanner:
            await flows.open_form(phone, KIND.button["ru"])
            await flows.fill_form(
                phone, load().get_form(KIND.code, Category.INDIVIDUAL), get_today()
            )
            phone.telegram.send_file(
                phone.user_id, phone.user_id, make_pdf("a"), "a.pdf", "application/pdf"
            )
        if waiting := list(phone.telegram.updates):
            # Others are asked for, and this one is not acknowledged: it is being handled.
            asked = phone.telegram.calls.count("getUpdates")
            await phone.telegram.wait_until(
                lambda: phone.telegram.calls.count("getUpdates") > asked + 3, 30
            )
        assert await asyncio.wait_for(world.stop(), SECONDS) == 0, world.log()
        # What was not finished comes again: from Telegram, or from the inbox.
        with closing(sqlite3.connect(tmp_path / "cabinet.db")) as database:
            stored = {row[0] for row in database.execute("SELECT update_id FROM inbox")}
        again = stored | {one["update_id"] for one in phone.telegram.updates}
        assert {one["update_id"] for one in waiting} <= again


async def test_a_start_that_hangs_can_be_stopped(tmp_path: Path) -> None:
    reached = asyncio.Event()
    async with run_world(tmp_path) as world, silent_server(reached) as port:
        silent = f"postgresql+asyncpg://bot:secret@127.0.0.1:{port}/bot"
        settings = {**world.settings, "DATABASE_URL": silent}
        process = await start_bot(settings, tmp_path / "bot.log")
        await asyncio.wait_for(reached.wait(), 60)
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 2 * SECONDS)
        assert "did not end in time" in world.log()
