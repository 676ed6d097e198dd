"""Processes under measurement: CPU and memory, read from /proc."""

import asyncio
import multiprocessing
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from aiohttp import ClientConnectionError, ClientSession

from tests.support.memory import read_peak_mb, reset_peak_mb

ROOT = Path(__file__).parents[1]
#: Runs the bot.
CABINET = [sys.executable, "main.py", "run"]
#: Serves the site alone.
SITE = [sys.executable, "-m", "bench.site_server"]
_TICKS = os.sysconf("SC_CLK_TCK")
#: The resolution of a difference of CPU times: a tick of user and a tick of system time.
FINEST_CPU_MS = 2000 / _TICKS
_SWITCHES = re.compile(r"^(?:non)?voluntary_ctxt_switches:\s*(\d+)", re.MULTILINE)
#: In valgrind a stop takes long.
_STOP_SECONDS = 60
_START_SECONDS = 90.0


class Process:
    """A program started with only the ``environment`` given to it."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                command,
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.pid = self._child.pid
        self._proc = Path("/proc", str(self.pid))

    def read_cpu_ms(self) -> float:
        """User and system time so far, all threads, in milliseconds (steps of 10)."""
        fields = self._proc.joinpath("stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) * 1000 / _TICKS

    def read_switches(self) -> int:
        """Switches of context so far of all threads that live: voluntary ones and others."""
        states = [one.read_text() for one in self._proc.glob("task/*/status")]
        return sum(int(count) for one in states for count in _SWITCHES.findall(one))

    def read_peak_mb(self) -> float:
        return read_peak_mb(self.pid)

    def reset_peak_mb(self) -> float:
        return reset_peak_mb(self.pid)

    def read_worker_peaks_mb(self) -> float:
        """The same of its worker processes that run now, all together."""
        peaks = 0.0
        for task in self._proc.glob("task/*/children"):
            # One may end, or a thread, before it is read.
            with suppress(FileNotFoundError):
                peaks += sum(read_peak_mb(int(pid)) for pid in task.read_text().split())
        return peaks

    def read_held_mb(self) -> float:
        """Memory in MB, pages shared with other processes counted by their share."""
        rollup = self._proc.joinpath("smaps_rollup").read_text()
        line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
        return int(line.split()[1]) / 1024

    def stop(self) -> None:
        self._child.terminate()
        try:
            self._child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


@contextmanager
def run_process(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[Process]:
    process = Process(command, environment, log)
    try:
        yield process
    finally:
        process.stop()


async def wait_for_page(url: str, log: Path) -> None:
    """Waits until a server that was started just now answers; shows its log if it does not."""
    try:
        async with asyncio.timeout(_START_SECONDS), ClientSession() as session:
            while True:
                try:
                    async with session.get(url) as answer:
                        answer.raise_for_status()
                        return
                except ClientConnectionError:
                    await asyncio.sleep(0.05)
    except TimeoutError:
        print(log.read_text()[-3000:], file=sys.stderr)  # noqa: ASYNC240 (at the end)
        raise


async def run_in_process(module: str, function: str, *arguments: Any) -> Any:
    """Runs a coroutine function in a new process: its memory does not affect later parts."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, _run_coroutine, module, function, arguments)


def _run_coroutine(module: str, function: str, arguments: tuple[Any, ...]) -> Any:
    return asyncio.run(getattr(import_module(module), function)(*arguments))
