"""Main loop of a worker process: reads calls from a pipe, executes them, writes the results.

Runs as ``python -m`` with the arguments of ``serve``. Imports the standard library only, so that
the called function decides what the process loads.
"""

import os
import pickle
import signal
import struct
import sys
import traceback
from enum import IntEnum
from typing import Any, BinaryIO

#: The number of parts of a call; the pickled call and the bytes among its arguments follow.
COUNT = struct.Struct("!I")
#: The length of one part, before its bytes.
LENGTH = struct.Struct("!Q")
#: The outcome, and the length of the pickled value that follows.
RESULT_HEADER = struct.Struct("!BQ")

_PR_SET_PDEATHSIG = 1


class Outcome(IntEnum):
    """First byte of a result."""

    READY = 0
    DONE = 1
    FAILED = 2
    NO_MEMORY = 3


def serve(parent_pid: int, niceness: int, cpu_seconds: float, memory: int) -> None:
    """Executes calls until the parent closes the pipe.

    The process ends together with ``parent_pid``. ``niceness`` 20 means the idle scheduling class.
    ``cpu_seconds`` for each call and ``memory`` (address space in bytes): zero sets no limit.
    """
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    _die_with_parent(parent_pid)
    _lower_priority(niceness)
    _limit_memory(memory)
    # Ctrl-C and `systemctl stop` signal the whole group; only the parent ends its worker.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # Output of a parser must reach neither the pipe of results nor the bot's log.
    devnull = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(devnull, descriptor)
    _write_result(sink, Outcome.READY, None)
    while (call := _read_call(source)) is not None:
        _write_result(sink, *_execute(call, cpu_seconds))
        # Frees the arguments before the next ones are read.
        del call


def _execute(call: list[bytes], cpu_seconds: float) -> tuple[Outcome, object]:
    try:
        _set_cpu_timer(cpu_seconds)
        try:
            function, args = pickle.loads(call[0], buffers=call[1:])  # noqa: S301 (from the parent)
            return Outcome.DONE, function(*args)
        finally:
            _set_cpu_timer(0)
    except MemoryError:
        return Outcome.NO_MEMORY, None
    except Exception as error:  # noqa: BLE001 (the parent handles it)
        # Without the error's text, in which a parser may quote a consumer's file.
        stack = "".join(traceback.format_tb(error.__traceback__))
        return Outcome.FAILED, f"{type(error).__name__}\n{stack}"


def _read_call(source: BinaryIO) -> list[bytes] | None:
    head = source.read(COUNT.size)
    if len(head) < COUNT.size:
        return None
    (count,) = COUNT.unpack(head)
    return [source.read(LENGTH.unpack(source.read(LENGTH.size))[0]) for _ in range(count)]


def _write_result(sink: BinaryIO, outcome: Outcome, value: Any) -> None:
    pickled = pickle.dumps(value, protocol=5)
    sink.write(RESULT_HEADER.pack(outcome, len(pickled)))
    sink.write(pickled)
    sink.flush()


def _set_cpu_timer(cpu_seconds: float) -> None:
    """The kernel kills this process after so much processor time; zero stops the timer."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)


def _die_with_parent(parent_pid: int) -> None:
    """Makes the kernel kill this process when its parent ends, even during a call."""
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent_pid:
            sys.exit()


def _lower_priority(niceness: int) -> None:
    if sys.platform != "linux" or not niceness:
        return
    if niceness > 19:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(niceness)


def _limit_memory(memory: int) -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415

    # The memory of a worker holds personal data: no core dumps.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory and sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


if __name__ == "__main__":
    _parent_pid, _niceness, _cpu_seconds, _memory = sys.argv[1:]
    serve(int(_parent_pid), int(_niceness), float(_cpu_seconds), int(_memory))
