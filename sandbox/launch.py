"""The command ``sandbox``: the bot and all its servers on loopback, with a page to use it."""

import asyncio
import errno
import secrets
import signal
import socket
import sys
import webbrowser
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from bot.web.listening import listen
from sandbox.askue import build_askue
from sandbox.bot_api.routes import build_bot_api
from sandbox.page_server import build_page
from sandbox.playground import STAFF_CHAT_ID, Playground

_HOST = "127.0.0.1"
_KNOCK_SECONDS = 0.1


def launch(port: int, data: Path, *, open_browser: bool) -> int:
    """Serves until SIGINT or SIGTERM; the exit code: 2 when the port is taken."""
    try:
        asyncio.run(_serve(port, data.resolve(), open_browser=open_browser))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(f"--port {port}: taken by another program; try --port {port + 1}", file=sys.stderr)
        return 2
    return 0


async def _serve(port: int, data: Path, *, open_browser: bool) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    async with AsyncExitStack() as stack:
        playground = Playground(data)
        key = secrets.token_urlsafe(16)
        # The page first: a taken port is reported before anything is written.
        page = await _start_server(stack, build_page(playground, key, stopping), port)
        playground.load()
        stack.callback(playground.save)
        await playground.mailbox.start()
        stack.push_async_callback(playground.mailbox.stop)
        telegram = await _start_server(stack, build_bot_api(playground.telegram), 0)
        askue = await _start_server(stack, build_askue(behaviour=playground.askue), 0)
        site_port = _find_free_port()
        site_url = f"http://{_HOST}:{site_port}"
        playground.bot.settings = {
            "BOT_TOKEN": playground.telegram.token,
            "TELEGRAM_API_URL": f"http://{_HOST}:{telegram}",
            "STAFF_CHAT_ID": str(STAFF_CHAT_ID),
            "DATABASE_URL": playground.database_url,
            "FILES_URL": f"file://{data}/files",
            "SMTP_HOST": _HOST,
            "SMTP_PORT": str(playground.mailbox.port),
            "SMTP_SECURITY": "none",
            "MAIL_FROM": "Личный кабинет <cabinet@example.ru>",
            "ASKUE_URL": f"http://{_HOST}:{askue}",
            "WEB_PORT": "0",
            "SITE_URL": site_url,
            "SITE_PORT": str(site_port),
            # Telegram's own limit would make the one person at the page wait.
            "STAFF_MESSAGES_PER_MINUTE": "600",
            "UNDO_SECONDS": "3",
        }
        running = asyncio.create_task(playground.run())
        address = f"http://{_HOST}:{page}/{key}/"
        print(
            f"Cabinet sandbox: {address}\nCtrl+C stops it; everything is kept in {data}",
            flush=True,
        )
        announcing = asyncio.create_task(_announce_site(playground, site_url, site_port))
        if open_browser:
            await asyncio.to_thread(webbrowser.open, address)
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait([running, stopped], return_when=asyncio.FIRST_COMPLETED)
        await playground.bot.stop()
        if running.done():
            running.result()
        tasks = (running, stopped, announcing)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _announce_site(playground: Playground, url: str, port: int) -> None:
    """Shows the address of the site once the bot's process answers there, not before."""
    while True:
        try:
            _, writer = await asyncio.open_connection(_HOST, port)
        except OSError:
            await asyncio.sleep(_KNOCK_SECONDS)
        else:
            writer.close()
            break
    print(f"The same cabinet on the site: {url}/", flush=True)
    playground.show_site(url)


def _find_free_port() -> int:
    """The bot's process listens there a moment later."""
    with socket.socket() as reserved:
        reserved.bind((_HOST, 0))
        return int(reserved.getsockname()[1])


async def _start_server(stack: AsyncExitStack, app: web.Application, port: int) -> int:
    runner = await listen(app, _HOST, port, shutdown_timeout=1)
    stack.push_async_callback(runner.cleanup)
    bound: int = runner.addresses[0][1]
    return bound
