"""The bot as a process, with the sandbox's Bot API and mail servers, for end-to-end tests."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from aiohttp import web

from bot.services.file_cleanup import OWNER_KEY
from sandbox.bot_api.routes import build_bot_api
from sandbox.bot_api.state import Message, Telegram
from sandbox.mailbox import Mailbox
from tests.support.backlog import watch_backlog
from tests.support.fork_server import ChildProcess, start_bot
from tests.support.phone import PATIENCE_SECONDS, MailClient, Phone

STAFF_CHAT_ID = -1_001_000_000_500


class World:
    """Servers that keep running while the bot is started, stopped and killed."""

    def __init__(self, folder: Path) -> None:
        # A bot id of its own keeps keys in Redis apart from other worlds.
        self.telegram = Telegram(f"{uuid4().int % 10**9}:end-to-end")
        self.telegram.add_group(STAFF_CHAT_ID, "Поддержка")
        self.mailbox = Mailbox(self.telegram.notify)
        self.mail_client = MailClient(self.mailbox, self.telegram)
        self.folder = folder
        self.files = folder / "files"
        self.settings: dict[str, str] = {}
        self.process: ChildProcess | None = None
        self._next_user = 1000

    def add_phone(self, name: str) -> Phone:
        self._next_user += 1
        number = f"+7912345{self._next_user}"
        return Phone(self.telegram, self._next_user, name, number)

    async def start(self, *, patch: str = "", **settings: str) -> None:
        """Returns once the bot has asked for updates or set its webhook.

        ``patch`` is code that its process executes first.
        """
        settings = {**self.settings, **settings}
        sign = "setWebhook" if "WEBHOOK_URL" in settings else "getUpdates"
        asked = self.telegram.calls.count(sign)
        self.process = await start_bot(settings, self.folder / "bot.log", patch=patch)
        up = await self.telegram.wait_until(
            lambda: self.telegram.calls.count(sign) > asked, PATIENCE_SECONDS
        )
        assert up, self.log()

    def send_kill(self) -> None:
        """Sends ``kill -9`` and does not wait."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        return await self._end(signal.SIGTERM)

    def log(self) -> str:
        return (self.folder / "bot.log").read_text(encoding="utf-8")

    # --- results ---------------------------------------------------------------------------

    async def wait_for_card(self, number: str, messages: int) -> list[Message]:
        """Waits for so many ``messages``: the request's card, and its scans as replies to it."""
        group = self.telegram.chats[STAFF_CHAT_ID]

        def find_messages() -> list[Message]:
            heads = [one for one in group.messages.values() if number in one.get("text", "")]
            ids = {head["message_id"] for head in heads}
            replies = [
                one
                for one in group.messages.values()
                if one.get("reply_to_message", {}).get("message_id") in ids
            ]
            return heads + replies

        came = await self.telegram.wait_until(
            lambda: len(find_messages()) >= messages, 2 * PATIENCE_SECONDS
        )
        assert came, (number, find_messages())
        return find_messages()

    def read_document(self, message: Message) -> bytes:
        return self.telegram.files[message["document"]["file_id"]].data

    def read_media(self, message: Message) -> bytes:
        """The photo of the message in its largest size, or its document."""
        media = message["photo"][-1] if "photo" in message else message["document"]
        return self.telegram.files[media["file_id"]].data

    def list_files(self) -> list[Path]:
        """The files of the bot's file store."""
        paths = self.files.rglob("*")
        return [path for path in paths if path.is_file() and path.name != OWNER_KEY]

    async def _end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        code = await asyncio.wait_for(self.process.wait(), PATIENCE_SECONDS)
        self.process = None
        return code


def find_free_port() -> int:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        return int(reserved.getsockname()[1])


@asynccontextmanager
async def run_world(folder: Path, **settings: str) -> AsyncIterator[World]:
    """Yields a world whose bot is not started yet; ``settings`` override those made here."""
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
        "UNDO_SECONDS": "0",
        # A consumer of a test files more than a person would in an hour.
        "LIMIT_REQUESTS": "10000/1h",
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
