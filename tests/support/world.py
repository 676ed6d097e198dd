"""The bot as a process of its own, between a Bot API server and a mail server of ours."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from aiohttp import web

from sandbox.bot_api.routes import build_bot_api
from sandbox.bot_api.state import Telegram
from sandbox.mailbox import Mailbox
from tests.support.backlog import watch_backlog
from tests.support.fork_server import Child, start_bot
from tests.support.phone import PATIENCE_SECONDS, MailClient, Phone

STAFF_CHAT_ID = -1_001_000_000_500


class World:
    """Servers that outlive the bot; the bot itself may be started, stopped and killed."""

    def __init__(self, folder: Path) -> None:
        # A bot of its own, so that keys of other worlds in Redis are not met.
        self.telegram = Telegram(f"{uuid4().int % 10**9}:end-to-end")
        self.telegram.add_group(STAFF_CHAT_ID, "Поддержка")
        self.mailbox = Mailbox(self.telegram.touch)
        self.mail_client = MailClient(self.mailbox, self.telegram)
        self.folder = folder
        self.files = folder / "files"
        self.settings: dict[str, str] = {}
        self.process: Child | None = None
        self._next_user = 1000

    def phone(self, name: str) -> Phone:
        self._next_user += 1
        number = f"+7912345{self._next_user}"
        return Phone(self.telegram, self._next_user, name, number)

    async def start(self, **settings: str) -> None:
        """Returns when the bot asks for updates, or has told where it takes them."""
        settings = {**self.settings, **settings}
        sign = "setWebhook" if "WEBHOOK_URL" in settings else "getUpdates"
        asked = self.telegram.calls.count(sign)
        self.process = await start_bot(settings, self.folder / "bot.log")
        up = await self.telegram.until(
            lambda: self.telegram.calls.count(sign) > asked, PATIENCE_SECONDS
        )
        assert up, self.log()

    def strike(self) -> None:
        """``kill -9``, at once."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        return await self._end(signal.SIGTERM)

    def log(self) -> str:
        return (self.folder / "bot.log").read_text(encoding="utf-8")

    async def _end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        code = await asyncio.wait_for(self.process.wait(), PATIENCE_SECONDS)
        self.process = None
        return code


def free_port() -> int:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        return int(reserved.getsockname()[1])


@asynccontextmanager
async def run_world(folder: Path, **settings: str) -> AsyncIterator[World]:
    """A world whose bot is not started yet; ``settings`` win over those made here."""
    made = World(folder)
    await made.mailbox.start()
    runner = web.AppRunner(build_bot_api(made.telegram), shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    made.settings = {
        "BOT_TOKEN": made.telegram.token,
        "TELEGRAM_API_URL": f"http://127.0.0.1:{port}",
        "STAFF_CHAT_ID": str(STAFF_CHAT_ID),
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/cabinet.db",
        "FILES_URL": f"file://{made.files}",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(made.mailbox.port),
        "SMTP_SECURITY": "none",
        "MAIL_FROM": "Кабинет <cabinet@example.ru>",
        "WEB_PORT": "0",
        # Telegram's own limit would make each run last for minutes.
        "STAFF_MESSAGES_PER_MINUTE": "6000",
        "COMPANY_NAME": "Сети <Севера> & Юга",
        **settings,
    }
    try:
        async with watch_backlog(made.telegram, made.settings["DATABASE_URL"]):
            yield made
    finally:
        if made.process is not None:
            await made.stop()
        await runner.cleanup()
        await made.mailbox.stop()
