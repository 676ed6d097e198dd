"""The far end of a worker process: takes pieces of work one at a time and answers each.

Runs as ``python -m`` with the Limits as arguments; imports nothing but the standard library, so
that a piece of work decides what the process loads.
"""

import os
import pickle
import signal
import struct
import sys
import traceback
from enum import IntEnum
from typing import Any, BinaryIO

#: How many parts come: the pickled call, then the bytes of its arguments, each with its length.
COUNT = struct.Struct("!I")
LENGTH = struct.Struct("!Q")
#: The outcome, and the length of the pickled value.
ANSWER = struct.Struct("!BQ")

_PR_SET_PDEATHSIG = 1


class Outcome(IntEnum):
    """What an answer tells."""

    READY = 0
    DONE = 1
    FAILED = 2
    NO_MEMORY = 3


def serve(parent: int, niceness: int, processor_seconds: float, memory: int) -> None:
    """Works until the parent closes the pipe.

    ``parent`` is the process that dies with its worker; ``niceness`` 20 means "only when nobody
    else wants the processor"; zero ``processor_seconds`` or ``memory`` (bytes) set no limit.
    """
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    _end_with(parent)
    _stand_back(niceness)
    _limit(memory)
    # Ctrl-C and `systemctl stop` reach the whole group: the parent decides when a worker ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # A parser's complaints must not come between the answers, nor reach the bot's log.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    _answer(sink, Outcome.READY, None)
    while (call := _next_call(source)) is not None:
        _answer(sink, *_outcome(call, processor_seconds))
        # The arguments are let go before the next ones come.
        del call


def _outcome(call: list[bytes], processor_seconds: float) -> tuple[Outcome, object]:
    try:
        _arm(processor_seconds)
        try:
            work, args = pickle.loads(call[0], buffers=call[1:])  # noqa: S301 (from the parent)
            return Outcome.DONE, work(*args)
        finally:
            _arm(0)
    except MemoryError:
        return Outcome.NO_MEMORY, None
    except Exception as error:  # noqa: BLE001 (it is the parent's to judge)
        # Without the error's words, in which a parser may quote a file of a person.
        where = "".join(traceback.format_tb(error.__traceback__))
        return Outcome.FAILED, f"{type(error).__name__}\n{where}"


def _next_call(source: BinaryIO) -> list[bytes] | None:
    head = source.read(COUNT.size)
    if len(head) < COUNT.size:
        return None
    (count,) = COUNT.unpack(head)
    return [source.read(LENGTH.unpack(source.read(LENGTH.size))[0]) for _ in range(count)]


def _answer(sink: BinaryIO, outcome: Outcome, value: Any) -> None:
    packed = pickle.dumps(value, protocol=5)
    sink.write(ANSWER.pack(outcome, len(packed)))
    sink.write(packed)
    sink.flush()


def _arm(processor_seconds: float) -> None:
    """The kernel ends this process once it has used so much processor time; zero: it does not."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, processor_seconds)


def _end_with(parent: int) -> None:
    """A bot that is killed leaves no worker behind, not even one in the middle of its work."""
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit()


def _stand_back(niceness: int) -> None:
    if sys.platform != "linux" or not niceness:
        return
    if niceness > 19:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(niceness)


def _limit(memory: int) -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415

    # What a worker holds is personal data, which belongs in no core dump.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory and sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


if __name__ == "__main__":
    _parent, _niceness, _processor, _memory = sys.argv[1:]
    serve(int(_parent), int(_niceness), float(_processor), int(_memory))
