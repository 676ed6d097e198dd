"""``make bench``: every part in turn, each in a process of its own, and one table of all goals.

``python -m bench rush drain`` runs only these parts.
"""

import argparse
import asyncio
import os
import platform
import statistics
import tempfile
import time
import timeit
import traceback
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.goals import LAST, Goal, format_table, save
from bench.process import run_in_process
from tests.support.postgres import create_postgres

ALONE = (
    "comparison", "instructions", "queries", "rush", "drain", "gateway", "documents", "scaling",
    "growth", "desk",
)  # fmt: skip
#: The modules of parts whose names are no names of modules.
_MODULES = {"desk": "staff_load"}
#: These look at one large company, which is made once for all of them.
OF_COMPANY = ("site", "history", "staff_queries", "plans")


async def main(parts: list[str]) -> int:
    began = time.perf_counter()
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}; "
        f"load average {os.getloadavg()[0]:.1f}"
    )
    goals: list[Goal] = []
    failed = []
    async with AsyncExitStack() as stack:
        company: list[str] = []
        for part in parts:
            print(f"\n# {part}, a fixed loop takes {_measure_loop():.0f} ms\n", flush=True)
            try:
                if part in OF_COMPANY and not company:
                    company = await stack.enter_async_context(_create_company())
                module = f"bench.{_MODULES.get(part, part)}"
                goals += await run_in_process(
                    module, "measure", *(company if part in OF_COMPANY else ())
                )
            except Exception:  # noqa: BLE001
                traceback.print_exc()
                failed.append(part)
    print(f"\n# all, after {(time.perf_counter() - began) / 60:.0f} minutes\n")
    print("\n".join(format_table(goals)))
    save(goals)
    print(f"figures: {LAST}")
    if failed:
        print(f"FAILED, and not in the table: {', '.join(failed)}")
    return 1 if failed else 0


def _measure_loop() -> float:
    """How fast a core is just now."""
    work = "for number in range(1_000_000): kept[number & 63] = number"
    return statistics.median(timeit.repeat(work, "kept = {}", number=1, repeat=9)) * 1000


@asynccontextmanager
async def _create_company() -> AsyncIterator[list[str]]:
    """URLs of it on SQLite and on PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        async with create_postgres() as postgres:
            urls = [f"sqlite+aiosqlite:///{Path(folder, 'cabinet.db')}", postgres]
            await asyncio.gather(
                *(run_in_process("bench.company", "fill_company", url) for url in urls)
            )
            yield urls


if __name__ == "__main__":
    every = [*ALONE, *OF_COMPANY]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=", ".join(every))
    chosen = parser.parse_args().parts or every
    if unknown := set(chosen) - set(every):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    raise SystemExit(asyncio.run(main(chosen)))
