"""Bots that start in a moment: forked from a process that has imported everything already.

A kill test starts dozens of processes, and imports would be most of its time. What is forked is a
process like any other: its own loop, connections and files, and ``kill -9`` is the real one.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Child:
    def __init__(self, pid: int, over: "asyncio.Future[int]") -> None:
        self.pid = pid
        self._over = over

    @property
    def returncode(self) -> int | None:
        return self._over.result() if self._over.done() else None

    def send_signal(self, how: int) -> None:
        if not self._over.done():
            os.kill(self.pid, how)

    async def wait(self) -> int:
        return await asyncio.shield(self._over)


class Nursery:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._over: dict[int, asyncio.Future[int]] = {}

    async def start(self, settings: Mapping[str, str], log: Path) -> Child:
        """``main.py run`` with these environment variables besides the nursery's own."""
        assert self._process.stdin is not None
        order = json.dumps({"settings": dict(settings), "log": str(log)})
        self._process.stdin.write(order.encode() + b"\n")
        await self._process.stdin.drain()
        pid = await self._born.get()
        return Child(pid, self._over[pid])

    async def listen(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            pid, *code = map(int, line.split())
            if code:
                self._over[pid].set_result(code[0])
            else:
                self._over[pid] = asyncio.get_running_loop().create_future()
                self._born.put_nowait(pid)


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.e2e.nursery",
        cwd=ROOT,
        # Whoever is killed leaves no coverage, and would only be slowed down by measuring it.
        env={name: value for name, value in os.environ.items() if "COVERAGE" not in name},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    made = Nursery(process)
    listening = asyncio.create_task(made.listen())
    try:
        yield made
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening


def _serve() -> None:
    """Forks for each order; tells the pid at birth, and pid and exit code at death."""
    from bot import app

    signal.signal(signal.SIGCHLD, _reap)
    for line in sys.stdin:
        order = json.loads(line)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        if pid := os.fork():
            os.write(1, f"{pid}\n".encode())
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        os.environ.update(order["settings"])
        log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(log, 1)
        os.dup2(log, 2)
        code = 1
        try:
            code = app.run()
        finally:
            os._exit(code)


def _reap(*_: object) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        os.write(1, f"{pid} {os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    _serve()
