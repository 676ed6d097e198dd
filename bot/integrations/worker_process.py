"""Heavy work in a process of its own: the event loop keeps its time, and the bot its memory."""

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

#: A worker that has drawn or written so often makes room for a fresh one: libraries hoard memory.
_TASKS_PER_PROCESS = 50


#: How far heavy work stands back when there is not enough processor for all.
_NICENESS = 10
_LEAST = 19


def lower_thread_priority() -> None:
    """From now on this thread lets people's answers go first."""
    # Linux alone has a priority for each thread; elsewhere it would be the whole bot's.
    if sys.platform == "linux":
        thread = threading.get_native_id()
        # Never forward of where the bot was put, which is not allowed.
        niceness = min(os.getpriority(os.PRIO_PROCESS, thread) + _NICENESS, _LEAST)
        os.setpriority(os.PRIO_PROCESS, thread, niceness)


def _set_idle_priority() -> None:
    """From now on this process works when nobody else wants the processor."""
    # Not for a thread of the bot: preempted with the interpreter's lock it would stop all others.
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


class WorkerProcess:
    """One process, started when it is first needed; work waits for its turn there."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls a function of a module, with arguments and a result that can be pickled."""
        if kwargs:
            raise TypeError("work is called with positional arguments only")
        # A bot may never be asked for a file or a chart.
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
            # Killed, for its memory perhaps: the next piece of work starts another.
            if self._pool is pool:
                self._pool = None
            raise

    def list_pids(self) -> list[int]:
        """The ids of the processes that work here now."""
        # The pool tells them in no other way.
        return list(getattr(self._pool, "_processes", None) or ())

    def close(self) -> None:
        """Ends the process, whatever it is doing."""
        if self._pool is None:
            return
        pids = self.list_pids()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = None
        for pid in pids:
            # Python would wait for its work before this process may end.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
