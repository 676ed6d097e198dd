"""Heavy work in a process of its own: the event loop keeps its time, and the bot its memory.

A pool of concurrent.futures can end neither one piece of work nor a worker that a parser holds;
Pebble can, with three threads that wake ten times a second; both read the worker's answers with
pickle, so that whoever takes a worker over by a file has the bot as well. So: one child, a pipe
each way, the kernel's limits, and answers that can hold plain values only.
"""

import asyncio
import io
import os
import pickle
import signal
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from bot.services import worker_loop
from bot.services.worker_loop import ANSWER, COUNT, LENGTH, Outcome

P = ParamSpec("P")
T = TypeVar("T")

#: A worker that has drawn or written so often makes room for a fresh one: libraries hoard memory.
_TASKS_PER_PROCESS = 50
#: An interpreter starts in a quarter of a second, on a busy machine in a few.
_START_SECONDS = 60.0
#: A worker without work ends by itself in a few milliseconds.
_END_SECONDS = 1.0
#: A chart has a tenth of a megabyte.
_MAX_ANSWER = 64 * 1024**2
_SENT = 256 * 1024

#: A worker gets no token and no password: of the bot's variables, only these.
_VARIABLES = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")
_FAMILIES = ("LC_", "LD_", "PYTHON", "COVERAGE", "MPL", "FONTCONFIG")

#: How far heavy work stands back when there is not enough processor for all.
_NICENESS = 10
_LEAST = 19
_ONLY_WHEN_IDLE = 20


def stand_back() -> None:
    """From now on this thread lets people's answers go first."""
    # Linux alone has a priority for each thread; elsewhere it would be the whole bot's.
    if sys.platform == "linux":
        thread = threading.get_native_id()
        # Never forward of where the bot was put, which is not allowed.
        niceness = min(os.getpriority(os.PRIO_PROCESS, thread) + _NICENESS, _LEAST)
        os.setpriority(os.PRIO_PROCESS, thread, niceness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one piece of work may use; whoever exceeds it is killed.

    ``processor_seconds`` is what the work itself uses, so a busy machine harms nobody; ``seconds``
    on the clock stop work that waits for ever. ``memory`` is the process's address space in bytes.
    """

    processor_seconds: float
    seconds: float
    memory: int


class LimitExceeded(Exception):
    """The work used more than its Limits; ``limit`` is ``time`` or ``memory``."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class WorkerDied(Exception):
    """The process ended in the middle of this piece of work; the next starts another."""


class WorkFailed(Exception):
    """The work raised; the text is the error's type and its place."""


class Workshop:
    """One process, started when it is first needed; work waits for its turn there.

    With ``limits``, for bytes of strangers: the process gets a tenth of a busy processor. Without
    them, for our own tables and charts: it works when nobody else wants the processor.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits
        # Whoever waits is served in the order of arrival, and its time does not run meanwhile.
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._done = 0
        self._closed = False

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls a function of a module with positional arguments that can be pickled.

        The result consists of plain values (numbers, str, bytes, list, tuple, dict, None). Raises
        LimitExceeded, WorkerDied, WorkFailed; RuntimeError once closed. A caller that is cancelled
        ends its piece of work, and the process with it.
        """
        if kwargs:
            raise TypeError("work is called with positional arguments only")
        async with self._turn:
            process = await self._ready()
            try:
                async with asyncio.timeout(self._limits.seconds if self._limits else None):
                    await _send(process, _packed(work, args))
                    outcome, value = await _answer(process)
            except TimeoutError as error:
                await self._end()
                raise LimitExceeded("time") from error
            except (EOFError, ConnectionError, pickle.UnpicklingError) as error:
                raise await self._death() from error
            except BaseException:
                await self._end()
                raise
            self._done += 1
            if outcome is Outcome.NO_MEMORY or self._done == _TASKS_PER_PROCESS:
                await self._end()
        if outcome is Outcome.NO_MEMORY:
            raise LimitExceeded("memory")
        if outcome is Outcome.FAILED:
            raise WorkFailed(value)
        result: T = value
        return result

    def processes(self) -> list[int]:
        """The ids of the processes that work here now."""
        return [] if self._process is None else [self._process.pid]

    async def close(self) -> None:
        """Ends the process at once, whatever it is doing."""
        self._closed = True
        if self._process is not None and self._turn.locked():
            _kill(self._process)
        async with self._turn:
            if self._process is not None:
                await self._end(killed=False)

    async def _ready(self) -> Process:
        if self._process is not None and self._process.returncode is not None:
            # Killed while it had nothing to do.
            await self._end()
        if self._process is None and not self._closed:
            await self._start()
        if self._process is None or self._closed:
            raise RuntimeError("the worker process is closed")
        return self._process

    async def _start(self) -> None:
        limits = self._limits
        self._process = await asyncio.create_subprocess_exec(
            # -P: a file beside the bot is never taken for a module.
            *(sys.executable, "-P", "-m", worker_loop.__name__),
            *(str(os.getpid()), str(_NICENESS if limits else _ONLY_WHEN_IDLE)),
            str(limits.processor_seconds if limits else 0),
            str(limits.memory if limits else 0),
            stdin=PIPE,
            stdout=PIPE,
            env=_environment(),
        )
        self._done = 0
        try:
            async with asyncio.timeout(_START_SECONDS):
                await _answer(self._process)
        except (EOFError, ConnectionError, TimeoutError) as error:
            raise await self._death() from error
        except BaseException:
            await self._end()
            raise

    async def _death(self) -> Exception:
        """Why the process no longer answers."""
        code = await self._end()
        if self._closed:
            return RuntimeError("the worker process is closed")
        if sys.platform != "win32" and code == -signal.SIGPROF:
            return LimitExceeded("time")
        return WorkerDied(f"exit code {code}")

    async def _end(self, *, killed: bool = True) -> int | None:
        """Leaves no process behind; returns its exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        if not killed:
            try:
                async with asyncio.timeout(_END_SECONDS):
                    if process.stdin is not None:
                        process.stdin.close()
                    await process.communicate()
            except TimeoutError:
                pass
            else:
                return process.returncode
        if process.returncode is None:
            _kill(process)
        await process.communicate()
        return process.returncode


def _kill(process: Process) -> None:
    # It may have died by itself just now.
    with suppress(ProcessLookupError):
        process.kill()


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _VARIABLES or name.startswith(_FAMILIES)
    }
    # Each further arena of the C library would reserve 64 MB of the address space.
    return kept | {"PYTHONPATH": os.pathsep.join(sys.path), "MALLOC_ARENA_MAX": "2"}


def _packed(work: Callable[..., Any], args: Sequence[Any]) -> list[memoryview]:
    """The call, then the bytes among its arguments, which are not copied."""
    apart: list[pickle.PickleBuffer] = []
    wrapped = tuple(pickle.PickleBuffer(arg) if isinstance(arg, bytes) else arg for arg in args)
    call = pickle.dumps((work, wrapped), protocol=5, buffer_callback=apart.append)
    return [memoryview(call), *(buffer.raw() for buffer in apart)]


async def _send(process: Process, parts: Sequence[memoryview]) -> None:
    pipe = process.stdin
    if pipe is None:
        raise EOFError
    pipe.write(COUNT.pack(len(parts)))
    for part in parts:
        pipe.write(LENGTH.pack(len(part)))
        for start in range(0, len(part), _SENT):
            # Waited for, a piece at a time: the pipe would copy whatever it cannot take yet.
            pipe.write(part[start : start + _SENT])
            await pipe.drain()
    await pipe.drain()


async def _answer(process: Process) -> tuple[Outcome, Any]:
    pipe = process.stdout
    if pipe is None:
        raise EOFError
    code, length = ANSWER.unpack(await pipe.readexactly(ANSWER.size))
    if length > _MAX_ANSWER or code not in list(Outcome):
        raise pickle.UnpicklingError("no answer of ours")
    return Outcome(code), _PlainValues(io.BytesIO(await pipe.readexactly(length))).load()


class _PlainValues(pickle.Unpickler):
    """Reads numbers, texts, bytes and collections of them: nothing that could run."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is no plain value")
