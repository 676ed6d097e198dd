"""Measures answers to a chat, and the bot's memory, while fifty browsers upload 20 MB each."""

import asyncio
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.comparison import COMPETITORS, run_competitor
from bench.form import measure_answers
from bench.goals import Goal
from bench.process import Process, run_in_process
from bench.uploading import open_forms, upload
from bot.services.scans import MAX_FILE_BYTES
from tests.support.phone import Phone
from tests.support.site_sessions import begin_sessions
from tests.support.world import find_free_port

_ROUNDS = 3
_BROWSERS = int(os.environ.get("BENCH_BROWSERS", "50"))
_MEGABYTES = int(os.environ.get("BENCH_UPLOAD_MB", "20"))
#: Beside its filler a file has the objects of a PDF.
_BYTES = min(_MEGABYTES * 1024**2, MAX_FILE_BYTES - 1024)
_ANSWERS = 300
_RATIO_GOAL = 2.0
_MEMORY_GOAL = 40.0


async def measure() -> list[Goal]:
    port = find_free_port()
    site = f"http://127.0.0.1:{port}"
    with (
        TemporaryDirectory(prefix="cabinet-bench-") as folder,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool,
    ):
        url = f"sqlite+aiosqlite:///{Path(folder, 'cabinet.db')}"
        # Each has a request: an account without one, whose email nobody proved, is erased.
        await run_in_process("bench.seed", "seed", url, _BROWSERS, _BROWSERS)
        browsers = await begin_sessions(url, range(1, _BROWSERS + 1))
        settings = {"DATABASE_URL": url, "SITE_URL": site, "SITE_PORT": str(port)}
        async with run_competitor(COMPETITORS[1], **settings) as (world, process, _):
            loop = asyncio.get_running_loop()
            other = world.add_phone("Анна")
            await other.say("/start")
            await measure_answers(other, _ANSWERS)
            forms = await loop.run_in_executor(pool, open_forms, site, browsers)
            # Starts the processes of both sides.
            await loop.run_in_executor(pool, upload, site, browsers[:1], forms[:1], 1024, 0)
            rest = process.reset_peak_mb()
            ratios, rises = [], []
            for turn in range(1, _ROUNDS + 1):
                idle = await measure_answers(other, _ANSWERS)
                uploads = loop.run_in_executor(pool, upload, site, browsers, forms, _BYTES, turn)
                ratios.append(await _measure_ratio(idle, other, process, uploads))
                rises.append(process.read_peak_mb() - rest)
                print(f"memory: {rises[-1]:.1f} MB above {rest:.0f} MB", flush=True)
    beside = f"beside {_BROWSERS} uploads of {_MEGABYTES} MB at once"
    return [
        Goal(f"p99 of answers {beside}, to idle", ratios, _RATIO_GOAL, "×"),
        Goal(f"memory of the bot {beside}, more than before", rises, _MEMORY_GOAL, "MB"),
    ]


async def _measure_ratio(
    idle: list[float], other: Phone, process: Process, uploads: asyncio.Future[None]
) -> float:
    """The ratio of the other chat's p99 during the uploads to the idle one."""
    started, busy, workers = perf_counter(), [], 0.0
    while not uploads.done():
        busy += await measure_answers(other, 10)
        workers = max(workers, process.read_worker_peaks_mb())
    await uploads
    lasted = perf_counter() - started
    busy.sort()
    for name, times in (("idle", idle), ("busy", busy)):
        print(
            f"{name}: median {times[len(times) // 2]:.1f} ms, p99 {_get_p99(times):.1f} ms "
            f"of {len(times)} answers"
        )
    print(f"the uploads took {lasted:.1f} s; {workers:.0f} MB in processes of workers")
    return _get_p99(busy) / _get_p99(idle)


def _get_p99(times: list[float]) -> float:
    return times[int(len(times) * 0.99) - 1]
