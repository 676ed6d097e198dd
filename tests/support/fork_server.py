"""Fork server: starts ``main.py`` fast by forking a process that has imported everything.

The end-to-end tests start hundreds of bots, and imports would be most of their time. What is
forked is a process like any other: its own loop, connections and files, and ``kill -9`` is the
real one. tests/e2e/test_command_line.py and those of the sandbox start ``main.py`` itself.

A connection to the fork server is one process: the client sends what to run as JSON and receives
the pid at the start and the exit code at the end. The fork server ends with the process that
started it.
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
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Settings of the test's own environment, which the bot must not see.
_PREFIXES = ("BOT_", "STAFF_", "SMTP_", "MAIL_", "DATABASE_", "WEBHOOK_", "ASKUE_", "REDIS_")


def build_bare_environment() -> Mapping[str, str]:
    """The environment of a process that is started as an operator would."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_PREFIXES)}


class ChildProcess:
    """What the fork server started."""

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


async def start_bot(
    settings: Mapping[str, str], log: Path, *, patch: str = "", code: Path = ROOT
) -> ChildProcess:
    """``main.py run`` with these environment variables; ``patch`` is executed before it."""
    return await start_main(["run"], settings, output=log, errors=log, patch=patch, code=code)


async def start_main(
    arguments: Sequence[str],
    settings: Mapping[str, str],
    *,
    output: Path,
    errors: Path,
    folder: Path = ROOT,
    patch: str = "",
    code: Path = ROOT,
) -> ChildProcess:
    """``main.py`` in a folder; what it prints is added to the files ``output`` and ``errors``.

    ``code``: where ``main.py`` is, this checkout or an earlier release.
    """
    order = {
        "arguments": arguments,
        "settings": dict(settings),
        "output": str(output),
        "errors": str(errors),
        "folder": str(folder),
        "patch": patch,
    }
    reader, writer = await asyncio.open_unix_connection(_start_fork_server(code))
    writer.write(json.dumps(order).encode() + b"\n")
    return ChildProcess(int(await reader.readline()), reader, writer)


@cache
def _start_fork_server(code: Path) -> str:
    """The path of the fork server's socket; the first call starts the server."""
    folder = tempfile.mkdtemp(prefix="fork-server-")
    atexit.register(shutil.rmtree, folder)
    place = f"{folder}/socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.fork_server", str(listener.fileno())],
            cwd=code,  # where its modules are looked for first
            env={**build_bare_environment(), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
        )
    atexit.register(process.communicate)
    return place


def _serve(listener: socket.socket) -> None:
    from alembic import command  # noqa: F401 (many of the bots migrate an empty database)

    import bot.app  # noqa: F401
    import main
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
        os.umask(0o022)  # as a shell that a person has opened
        os.environ.update(order["settings"])
        for stream, name in ((1, "output"), (2, "errors")):
            os.dup2(os.open(order[name], os.O_WRONLY | os.O_APPEND | os.O_CREAT), stream)
        os.chdir(order["folder"])
        sys.argv = ["main.py", *order["arguments"]]
        exec(order["patch"], {})
        sys.exit(main.main())


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
