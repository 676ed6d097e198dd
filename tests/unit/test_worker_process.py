"""The worker process: calls, limits, crashes, and isolation from the bot's secrets."""

import asyncio
import math
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from bot.integrations.errors import LimitExceeded, WorkerCallFailed, WorkerDied
from bot.integrations.worker_process import WorkerLimits, WorkerProcess
from tests.support.worker_functions import (
    list_variables,
    loop_forever,
    make_path,
    print_garbage,
    write_pid_and_sleep,
)

#: Far more than any call below needs, also on a busy machine.
LIMITS = WorkerLimits(cpu_seconds=20, seconds=300, memory=512 * 1024**2)


@pytest.fixture
async def worker() -> AsyncIterator[WorkerProcess]:
    made = WorkerProcess(LIMITS)
    yield made
    await made.close()


async def read_pid(path: pathlib.Path) -> int:
    """Waits until ``write_pid_and_sleep`` has written it."""
    while not (path.exists() and (text := path.read_text())):  # noqa: ASYNC110 (another process)
        await asyncio.sleep(0.01)
    return int(text)


async def test_calls_take_bytes_and_return_plain_values(worker: WorkerProcess) -> None:
    data = os.urandom(20 * 1024**2)
    assert await worker.run(bytes.upper, b"abc") == b"ABC"
    assert await worker.run(len, data) == len(data)
    assert await worker.run(bytes.__getitem__, data, slice(-4, None)) == data[-4:]
    assert await worker.run(divmod, 7, 2) == (3, 1)
    assert await worker.run(print_garbage) == 1


async def test_endless_call_is_killed_and_the_next_succeeds() -> None:
    worker = WorkerProcess(replace(LIMITS, cpu_seconds=0.3))
    first = await worker.run(os.getpid)
    with pytest.raises(LimitExceeded, match="time"):
        await worker.run(loop_forever)
    assert await worker.run(len, b"abc") == 3
    assert not is_alive(first)
    await worker.close()


async def test_call_that_sleeps_is_killed_after_its_seconds() -> None:
    worker = WorkerProcess(WorkerLimits(cpu_seconds=5, seconds=0.2, memory=512 * 1024**2))
    with pytest.raises(LimitExceeded, match="time"):
        await worker.run(time.sleep, 3600)
    await worker.close()


async def test_waiting_in_the_queue_does_not_count_as_time_of_the_call() -> None:
    worker = WorkerProcess(WorkerLimits(cpu_seconds=5, seconds=2, memory=512 * 1024**2))
    order: list[int] = []

    async def run_one(number: int) -> None:
        await worker.run(time.sleep, 0.3)
        order.append(number)

    # Together longer than one call may take; calls run in the order they came.
    await asyncio.gather(*(run_one(number) for number in range(8)))
    assert order == list(range(8))
    await worker.close()


async def test_waiting_in_the_queue_stops_the_deadline_of_the_caller(
    tmp_path: pathlib.Path,
) -> None:
    events: list[str] = []

    @contextmanager
    def pause() -> Iterator[None]:
        events.append("waits")
        yield
        events.append("goes on")

    worker = WorkerProcess(LIMITS, pause=pause)
    first = asyncio.create_task(worker.run(write_pid_and_sleep, str(tmp_path / "pid")))
    pid = await read_pid(tmp_path / "pid")
    second = asyncio.create_task(worker.run(len, b"abc"))
    while len(events) < 3:  # noqa: ASYNC110 (a list tells nobody)
        await asyncio.sleep(0)
    assert events == ["waits", "goes on", "waits"]
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(WorkerDied):
        await first
    assert await second == 3
    assert events == ["waits", "goes on", "waits", "goes on"]
    await worker.close()


async def test_call_that_takes_too_much_memory_fails(worker: WorkerProcess) -> None:
    with pytest.raises(LimitExceeded, match="memory"):
        await worker.run(bytearray, 1024**3)
    assert await worker.run(len, b"abc") == 3


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGSEGV])
async def test_worker_killed_during_a_call_fails_that_call_only(
    worker: WorkerProcess, death: signal.Signals, tmp_path: pathlib.Path
) -> None:
    call = asyncio.create_task(worker.run(write_pid_and_sleep, str(tmp_path / "pid")))
    waiting = asyncio.create_task(worker.run(len, b"abc"))
    os.kill(await read_pid(tmp_path / "pid"), death)
    with pytest.raises(WorkerDied):
        await call
    assert await waiting == 3


async def test_worker_killed_while_idle_is_replaced(worker: WorkerProcess) -> None:
    first = await worker.run(os.getpid)
    os.kill(first, signal.SIGKILL)
    # The loop has no turn, so that asyncio does not know of it when the next call comes.
    with suppress(ChildProcessError):
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222 (that is the point)
    assert await worker.run(len, b"abc") == 3


async def test_cancelled_call_is_killed(worker: WorkerProcess, tmp_path: pathlib.Path) -> None:
    call = asyncio.create_task(worker.run(write_pid_and_sleep, str(tmp_path / "pid")))
    pid = await read_pid(tmp_path / "pid")
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not is_alive(pid)
    assert await worker.run(len, b"abc") == 3


async def test_close_kills_a_running_call(worker: WorkerProcess, tmp_path: pathlib.Path) -> None:
    call = asyncio.create_task(worker.run(write_pid_and_sleep, str(tmp_path / "pid")))
    waiting = asyncio.create_task(worker.run(len, b"abc"))
    pid = await read_pid(tmp_path / "pid")
    await worker.close()
    assert not is_alive(pid)
    for task in (call, waiting):
        with pytest.raises(RuntimeError, match="closed"):
            await task


async def test_error_names_its_type_and_place_but_not_its_text(worker: WorkerProcess) -> None:
    with pytest.raises(WorkerCallFailed) as failed:
        await worker.run(int, "secret")
    assert "ValueError" in str(failed.value)
    assert "secret" not in str(failed.value)
    with pytest.raises(WorkerCallFailed, match="ValueError"):
        await worker.run(math.sqrt, -1)


async def test_result_that_is_no_plain_value_is_refused(worker: WorkerProcess) -> None:
    with pytest.raises(WorkerDied):
        await worker.run(make_path)
    assert await worker.run(len, b"abc") == 3


async def test_worker_gets_no_secrets_in_its_environment(
    worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "1:secret")
    monkeypatch.setenv("SMTP_PASSWORD", "secret")
    assert not {"BOT_TOKEN", "SMTP_PASSWORD"} & set(await worker.run(list_variables))


async def test_process_is_replaced_after_fifty_calls(worker: WorkerProcess) -> None:
    pids = set()
    for _ in range(51):
        pids.add(await worker.run(os.getpid))
    assert len(pids) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals the end of a parent")
def test_worker_ends_when_the_bot_is_killed(tmp_path: pathlib.Path) -> None:
    code = f"""
import asyncio, time
from bot.integrations.worker_process import WorkerProcess
from tests.support.worker_functions import write_pid_and_sleep
asyncio.run(WorkerProcess().run(write_pid_and_sleep, {str(tmp_path / "pid")!r}))
"""
    with subprocess.Popen([sys.executable, "-c", code]) as bot:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            assert bot.poll() is None
            time.sleep(0.01)
        worker = int((tmp_path / "pid").read_text())
        bot.kill()
    while is_alive(worker):
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in pathlib.Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
