"""The process for heavy work: its end is not waited for."""

import asyncio
import time
from contextlib import suppress
from multiprocessing import active_children
from pathlib import Path

from bot.integrations.worker_process import WorkerProcess


async def test_closing_ends_the_work_in_hand() -> None:
    worker = WorkerProcess()
    working = asyncio.create_task(worker.run(time.sleep, 600))
    async with asyncio.timeout(60):
        while not active_children():  # noqa: ASYNC110 (the pool tells nobody)
            await asyncio.sleep(0.01)
        (child,) = active_children()
        pid = child.pid
        assert pid is not None
        worker.close()
        with suppress(Exception):
            await working
        while await asyncio.to_thread(_is_running, pid):  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.01)


def _is_running(pid: int) -> bool:
    """False also for one whose exit code is all that is left of it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
