"""The process for heavy work: its end is not waited for."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

from bot.integrations.worker_process import WorkerProcess


async def test_closing_ends_the_work_in_hand() -> None:
    worker = WorkerProcess()
    working = asyncio.create_task(worker.run(time.sleep, 600))
    async with asyncio.timeout(60):
        while not worker.list_pids():  # noqa: ASYNC110 (the pool tells nobody)
            await asyncio.sleep(0.01)
        (pid,) = worker.list_pids()
        worker.close()
        with suppress(Exception):
            await working
    # The pool has read its end, so it is no zombie either.
    with suppress(ProcessLookupError, ChildProcessError):
        os.waitpid(pid, 0)
    assert not os.path.exists(f"/proc/{pid}/stat")  # noqa: PTH110
