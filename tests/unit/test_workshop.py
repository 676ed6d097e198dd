"""A worker process: its limits, its deaths, and what it never gets or gives."""

import asyncio
import math
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import pytest

from bot.services.workshop import LimitExceeded, Limits, WorkerDied, WorkFailed, Workshop
from tests.worker_functions import class_of_ours, environment, print_much, spin, stall_on

LIMITS = Limits(processor_seconds=0.3, seconds=300, memory=512 * 1024**2)


@pytest.fixture
async def worker() -> AsyncIterator[Workshop]:
    made = Workshop(LIMITS)
    yield made
    await made.close()
    assert made.processes() == []


async def begun(path: pathlib.Path) -> None:
    while not path.exists():  # noqa: ASYNC110 (another process makes it)
        await asyncio.sleep(0.01)


async def test_bytes_go_and_values_come(worker: Workshop) -> None:
    data = os.urandom(20 * 1024**2)
    assert await worker.run(bytes.upper, b"abc") == b"ABC"
    assert await worker.run(len, data) == len(data)
    assert await worker.run(bytes.__getitem__, data, slice(-4, None)) == data[-4:]
    assert await worker.run(divmod, 7, 2) == (3, 1)
    assert await worker.run(print_much) == 1
    assert len(worker.processes()) == 1


async def test_work_without_end_is_killed_and_the_next_succeeds(worker: Workshop) -> None:
    await worker.run(len, b"")
    (first,) = worker.processes()
    with pytest.raises(LimitExceeded, match="time"):
        await worker.run(spin)
    assert await worker.run(len, b"abc") == 3
    assert worker.processes() != [first]
    assert not alive(first)


async def test_work_that_waits_for_ever_is_killed_by_the_clock() -> None:
    worker = Workshop(Limits(processor_seconds=5, seconds=0.2, memory=512 * 1024**2))
    with pytest.raises(LimitExceeded, match="time"):
        await worker.run(time.sleep, 3600)
    assert worker.processes() == []


async def test_waiting_for_a_turn_is_not_the_work_s_time() -> None:
    worker = Workshop(Limits(processor_seconds=5, seconds=4, memory=512 * 1024**2))
    order: list[int] = []

    async def take_turn(number: int) -> None:
        await worker.run(time.sleep, 1)
        order.append(number)

    # Longer than one piece may take; whoever came first is served first.
    await asyncio.gather(*(take_turn(number) for number in range(5)))
    assert order == list(range(5))
    await worker.close()


async def test_work_that_takes_all_memory_is_refused(worker: Workshop) -> None:
    with pytest.raises(LimitExceeded, match="memory"):
        await worker.run(bytearray, 1024**3)
    assert await worker.run(len, b"abc") == 3


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGSEGV])
async def test_a_worker_killed_in_the_middle_fails_that_piece_only(
    worker: Workshop, death: signal.Signals, tmp_path: pathlib.Path
) -> None:
    work = asyncio.create_task(worker.run(stall_on, str(tmp_path / "begun")))
    waiting = asyncio.create_task(worker.run(len, b"abc"))
    await begun(tmp_path / "begun")
    os.kill(worker.processes()[0], death)
    with pytest.raises(WorkerDied):
        await work
    assert await waiting == 3


async def test_a_worker_killed_while_idle_is_replaced_unnoticed(worker: Workshop) -> None:
    await worker.run(len, b"")
    (first,) = worker.processes()
    os.kill(first, signal.SIGKILL)
    while alive(first):  # noqa: ASYNC110 (the kernel ends it)
        await asyncio.sleep(0.01)
    assert await worker.run(len, b"abc") == 3


async def test_who_no_longer_waits_leaves_no_work_behind(
    worker: Workshop, tmp_path: pathlib.Path
) -> None:
    work = asyncio.create_task(worker.run(stall_on, str(tmp_path / "begun")))
    await begun(tmp_path / "begun")
    (pid,) = worker.processes()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not alive(pid)
    assert await worker.run(len, b"abc") == 3


async def test_closing_waits_for_no_work(worker: Workshop, tmp_path: pathlib.Path) -> None:
    work = asyncio.create_task(worker.run(stall_on, str(tmp_path / "begun")))
    waiting = asyncio.create_task(worker.run(len, b"abc"))
    await begun(tmp_path / "begun")
    (pid,) = worker.processes()
    await worker.close()
    assert not alive(pid)
    for task in (work, waiting):
        with pytest.raises(RuntimeError, match="closed"):
            await task


async def test_an_error_tells_its_place_and_not_its_words(worker: Workshop) -> None:
    with pytest.raises(WorkFailed) as failed:
        await worker.run(int, "secret")
    assert "ValueError" in str(failed.value)
    assert "secret" not in str(failed.value)
    with pytest.raises(WorkFailed, match="ValueError"):
        await worker.run(math.sqrt, -1)


async def test_an_answer_that_could_run_is_not_read(worker: Workshop) -> None:
    with pytest.raises(WorkerDied):
        await worker.run(class_of_ours)
    assert await worker.run(len, b"abc") == 3


async def test_secrets_of_the_bot_stay_with_the_bot(
    worker: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "1:secret")
    monkeypatch.setenv("SMTP_PASSWORD", "secret")
    assert not {"BOT_TOKEN", "SMTP_PASSWORD"} & set(await worker.run(environment))


async def test_libraries_that_hoard_memory_do_so_for_a_while(worker: Workshop) -> None:
    pids = set()
    for _ in range(51):
        await worker.run(len, b"")
        pids.update(worker.processes())
    assert len(pids) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels tell nothing of a parent's end")
def test_a_bot_that_is_killed_leaves_no_worker(tmp_path: pathlib.Path) -> None:
    code = f"""
import asyncio, time
from bot.services.workshop import Workshop
from tests.worker_functions import stall_on
asyncio.run(Workshop().run(stall_on, {str(tmp_path / "begun")!r}))
"""
    with subprocess.Popen([sys.executable, "-c", code]) as bot:
        while not (tmp_path / "begun").exists():
            time.sleep(0.01)
        children = pathlib.Path(f"/proc/{bot.pid}/task/{bot.pid}/children").read_text().split()
        assert len(children) == 1
        bot.kill()
    while alive(int(children[0])):
        time.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in pathlib.Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
