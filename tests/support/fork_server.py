"""Fork server: starts bots fast by forking a process that has imported everything.

The end-to-end tests start hundreds of bots, and imports would be most of their time. What is
forked is a process like any other: its own loop, connections and files, and ``kill -9`` is the
real one. ``main.py run`` itself is started by tests/e2e/test_command_line.py and the sandbox's.

A connection to the fork server is one bot: the client sends settings as JSON and receives the pid
at the start and the exit code at the end. The fork server ends with the process that started it.
"""

import asyncio
import atexit
import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


class ChildProcess:
    """A bot that the fork server started."""

    def __init__(self, pid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.pid = pid
        self._reader = reader
        self._writer = writer

    def send_signal(self, how: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, how)

    async def wait(self) -> int:
        """The exit code; minus the signal, when one ended it."""
        code = int(await self._reader.readline())
        self._writer.close()
        await self._writer.wait_closed()
        return code


async def start_bot(settings: Mapping[str, str], log: Path) -> ChildProcess:
    """``main.py run`` with these environment variables besides those of the tests."""
    reader, writer = await asyncio.open_unix_connection(_start_fork_server())
    writer.write(json.dumps({"settings": dict(settings), "log": str(log)}).encode() + b"\n")
    return ChildProcess(int(await reader.readline()), reader, writer)


@cache
def _start_fork_server() -> str:
    """The path of the fork server's socket; the first call starts the server."""
    folder = tempfile.mkdtemp(prefix="fork-server-")
    atexit.register(shutil.rmtree, folder)
    place = f"{folder}/socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.fork_server", str(listener.fileno())],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
        )
    atexit.register(process.communicate)
    return place


def _serve(listener: socket.socket) -> None:
    from alembic import command  # noqa: F401 (many of the bots migrate an empty database)

    from bot import app
    from bot.texts import Translations

    Translations.load()
    gc.freeze()  # so that the garbage collectors of the bots copy no memory
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children that watch bots are not waited for
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            os._exit(0)
        connection, _ = listener.accept()
        if os.fork():
            connection.close()
            continue
        with connection, connection.makefile("rw", encoding="utf-8") as line:
            order = json.loads(line.readline())
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            if pid := os.fork():
                print(pid, file=line, flush=True)
                print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), file=line, flush=True)
                os._exit(0)
        listener.close()
        os.environ.update(order["settings"])
        log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.exit(app.run())


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
