"""Worker process: runs heavy or risky functions outside the bot, with limits of time and memory.

The event loop stays responsive, and the libraries' memory is freed with the process. One child
process, a pipe in each direction, limits set by the kernel, results of plain values only. Libraries
do not offer this: a pool of concurrent.futures cannot cancel a running call or kill a stuck worker;
Pebble can, with three threads that wake ten times a second. Both unpickle the worker's results
without restrictions, so a file that takes over the worker takes over the bot.
"""

import asyncio
import io
import os
import pickle
import signal
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from bot.integrations import worker_loop
from bot.integrations.errors import LimitExceeded, WorkerCallFailed, WorkerDied
from bot.integrations.worker_loop import COUNT, LENGTH, RESULT_HEADER, Outcome

P = ParamSpec("P")
T = TypeVar("T")

#: A new process replaces one that has executed so many calls: libraries do not free all memory.
_CALLS_PER_PROCESS = 50
#: An interpreter starts in a quarter of a second, on a busy machine in a few seconds.
_START_SECONDS = 60.0
#: An idle worker ends in a few milliseconds once its pipe is closed.
_STOP_SECONDS = 1.0
#: A chart has a tenth of a megabyte.
_MAX_RESULT_BYTES = 64 * 1024**2
_CHUNK_BYTES = 256 * 1024

#: Of the bot's environment a worker gets only these variables: no token and no password.
_VARIABLES = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")
_VARIABLE_PREFIXES = ("LC_", "LD_", "PYTHON", "MPL", "FONTCONFIG")

#: How much heavy work lowers its priority; 19 is the lowest, 20 the idle scheduling class.
_NICENESS = 10
_MAX_NICENESS = 19
_IDLE = 20


def lower_thread_priority() -> None:
    """Lowers the priority of the current thread, so that answers to people come first."""
    # Linux alone has a priority for each thread; elsewhere it would be the whole bot's.
    if sys.platform == "linux":
        thread = threading.get_native_id()
        # Raising the priority the bot was started with is not permitted.
        niceness = min(os.getpriority(os.PRIO_PROCESS, thread) + _NICENESS, _MAX_NICENESS)
        os.setpriority(os.PRIO_PROCESS, thread, niceness)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """What one call may use; the process of a call that uses more is killed.

    ``cpu_seconds`` is processor time, so a busy machine breaks no call; ``seconds`` of wall-clock
    time stop a call that waits forever. ``memory`` is the process's address space in bytes.
    """

    cpu_seconds: float
    seconds: float
    memory: int


class WorkerProcess:
    """One process, started at the first call; calls run one at a time, in the order they came.

    With ``limits``, for files of people outside: the process has a lower priority than the bot.
    Without ``limits``, for the bot's own tables and charts: it runs when the processor is idle.
    """

    def __init__(
        self,
        limits: WorkerLimits | None = None,
        *,
        pause: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """``pause()`` is entered while a call waits for its turn, to stop the caller's deadline."""
        self._limits = limits
        self._pause = pause
        # Fair; the limits of a call do not count the time it waits for the lock.
        self._lock = asyncio.Lock()
        self._process: Process | None = None
        self._calls = 0
        self._closed = False

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls a module-level function with positional arguments that can be pickled.

        The result consists of plain values (numbers, str, bytes, list, tuple, dict, None). Raises
        LimitExceeded, WorkerDied, WorkerCallFailed; RuntimeError once closed. Cancellation kills
        the process.
        """
        if kwargs:
            raise TypeError("a worker takes positional arguments only")
        async with self._take_turn():
            process = await self._ensure_started()
            try:
                async with asyncio.timeout(self._limits.seconds if self._limits else None):
                    await _send_call(process, _pack_call(function, args))
                    outcome, value = await _read_result(process)
            except TimeoutError as error:
                await self._kill()
                raise LimitExceeded("time") from error
            except (EOFError, ConnectionError, pickle.UnpicklingError) as error:
                raise await self._explain_death() from error
            except BaseException:
                await self._kill()
                raise
            self._calls += 1
            if outcome is Outcome.NO_MEMORY or self._calls == _CALLS_PER_PROCESS:
                await self._kill()
        if outcome is Outcome.NO_MEMORY:
            raise LimitExceeded("memory")
        if outcome is Outcome.FAILED:
            raise WorkerCallFailed(value)
        result: T = value
        return result

    async def close(self) -> None:
        """Ends the process, also during a call; waiting and later calls raise RuntimeError."""
        self._closed = True
        if self._process is not None and self._lock.locked():
            _send_kill(self._process)
        async with self._lock:
            await self._stop()

    @asynccontextmanager
    async def _take_turn(self) -> AsyncIterator[None]:
        with self._pause():
            await self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    async def _ensure_started(self) -> Process:
        if self._process is not None and _has_ended(self._process):
            # It was killed between two calls.
            await self._kill()
        if self._process is None and not self._closed:
            await self._start()
        if self._process is None or self._closed:
            raise RuntimeError("the worker process is closed")
        return self._process

    async def _start(self) -> None:
        limits = self._limits
        self._process = await asyncio.create_subprocess_exec(
            # -P: a file in the current folder is never imported as a module.
            *(sys.executable, "-P", "-m", worker_loop.__name__),
            *(str(os.getpid()), str(_NICENESS if limits else _IDLE)),
            str(limits.cpu_seconds if limits else 0),
            str(limits.memory if limits else 0),
            stdin=PIPE,
            stdout=PIPE,
            env=_build_environment(),
        )
        self._calls = 0
        try:
            async with asyncio.timeout(_START_SECONDS):
                await _read_result(self._process)
        except (EOFError, ConnectionError, TimeoutError) as error:
            raise await self._explain_death() from error
        except BaseException:
            await self._kill()
            raise

    async def _explain_death(self) -> Exception:
        """Ends the process, which closed its pipe or broke the protocol; returns the error."""
        # It is not killed at once: asyncio's kill() may reap a process that has just died, and its
        # exit code, which says that the kernel stopped it for its time, would be lost.
        code = await self._stop()
        if self._closed:
            return RuntimeError("the worker process is closed")
        if sys.platform != "win32" and code == -signal.SIGPROF:
            return LimitExceeded("time")
        return WorkerDied(f"exit code {code}")

    async def _stop(self) -> int | None:
        """Closes the pipe and waits for the end of the process, which is killed if it stays.

        Returns the exit code.
        """
        process = self._process
        if process is None:
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                if process.stdin is not None:
                    process.stdin.close()
                await process.communicate()
        return await self._kill()

    async def _kill(self) -> int | None:
        """Kills the process if it runs and waits for its end; returns its exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        if process.returncode is None:
            _send_kill(process)
        # Waits, and closes the pipes.
        await process.communicate()
        return process.returncode


def _send_kill(process: Process) -> None:
    # It may have ended just now.
    with suppress(ProcessLookupError):
        process.kill()


def _build_environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _VARIABLES or name.startswith(_VARIABLE_PREFIXES)
    }
    # Each further arena of the C library would reserve 64 MB of the address space.
    return kept | {"PYTHONPATH": os.pathsep.join(sys.path), "MALLOC_ARENA_MAX": "2"}


def _pack_call(function: Callable[..., Any], args: Sequence[Any]) -> list[memoryview]:
    """The pickled call, then the bytes among its arguments, which are not copied."""
    buffers: list[pickle.PickleBuffer] = []
    wrapped = tuple(pickle.PickleBuffer(arg) if isinstance(arg, bytes) else arg for arg in args)
    call = pickle.dumps((function, wrapped), protocol=5, buffer_callback=buffers.append)
    return [memoryview(call), *(buffer.raw() for buffer in buffers)]


def _has_ended(process: Process) -> bool:
    """Asks the kernel, as asyncio may not have heard of it yet."""
    if process.returncode is not None:
        return True
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


async def _send_call(process: Process, parts: Sequence[memoryview]) -> None:
    pipe = process.stdin
    if pipe is None:
        raise EOFError
    pipe.write(COUNT.pack(len(parts)))
    for part in parts:
        pipe.write(LENGTH.pack(len(part)))
        for start in range(0, len(part), _CHUNK_BYTES):
            # In chunks: the pipe would copy all bytes that it cannot write yet.
            pipe.write(part[start : start + _CHUNK_BYTES])
            await pipe.drain()
    await pipe.drain()


async def _read_result(process: Process) -> tuple[Outcome, Any]:
    pipe = process.stdout
    if pipe is None:
        raise EOFError
    code, length = RESULT_HEADER.unpack(await pipe.readexactly(RESULT_HEADER.size))
    if length > _MAX_RESULT_BYTES or code not in list(Outcome):
        raise pickle.UnpicklingError("not a result of worker_loop")
    return Outcome(code), _PlainUnpickler(io.BytesIO(await pipe.readexactly(length))).load()


class _PlainUnpickler(pickle.Unpickler):
    """Reads plain values only: a pickle that names a class or function is refused."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is no plain value")
