"""Runs CPU-heavy functions in one separate process, away from the event loop and its memory."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

P = ParamSpec("P")
T = TypeVar("T")

#: After so many calls a new process replaces the old one, because libraries keep memory.
_TASKS_PER_PROCESS = 50


#: Added to the niceness of threads with heavy work.
_NICENESS = 10
_LEAST = 19


def lower_thread_priority() -> None:
    """Lowers the priority of the current thread, so that answers to people come first."""
    # Only Linux has a priority for each thread; elsewhere it would be that of the whole bot.
    if sys.platform == "linux":
        thread = threading.get_native_id()
        # Relative to the niceness of the bot: raising the priority is not permitted.
        niceness = min(os.getpriority(os.PRIO_PROCESS, thread) + _NICENESS, _LEAST)
        os.setpriority(os.PRIO_PROCESS, thread, niceness)


def _set_idle_priority() -> None:
    """Lets the current process run only when no other one wants the processor."""
    # Not for a thread of the bot: one that is preempted while it holds the GIL stops all others.
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


class WorkerProcess:
    """A process that starts with the first call and executes calls one after another."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls a module-level function; arguments and result must be picklable.

        Raises what the function raises, and BrokenProcessPool when the process was killed.
        """
        if kwargs:
            raise TypeError("work is called with positional arguments only")
        # Imported here: most bots draw nothing for hours.
        from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415
        from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415
        from multiprocessing import get_context  # noqa: PLC0415

        pool = self._pool = self._pool or ProcessPoolExecutor(
            max_workers=1,
            mp_context=get_context("spawn"),
            initializer=_set_idle_priority,
            max_tasks_per_child=_TASKS_PER_PROCESS,
        )
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work, *args)
        except BrokenProcessPool:
            # Killed, perhaps for its memory: the next call starts another process.
            if self._pool is pool:
                self._pool = None
            raise

    def close(self) -> None:
        """Ends the process, whatever it is doing."""
        if self._pool is None:
            return
        # The pool has no public list of its processes.
        pids = list(getattr(self._pool, "_processes", None) or ())
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = None
        for pid in pids:
            # Python would wait for its work before this process may end.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
