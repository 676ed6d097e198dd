"""The environment of a process that tests start as an operator would."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.fork_server import ROOT

#: Settings of the test's own environment, which the bot must not see.
_PREFIXES = ("BOT_", "STAFF_", "SMTP_", "MAIL_", "DATABASE_", "WEBHOOK_", "ASKUE_", "REDIS_")


def build_bare_environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_PREFIXES)}


async def run_main(folder: Path, *arguments: str, **settings: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``main.py`` in a folder without ``.env``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "main.py"),
        *arguments,
        cwd=folder,
        env={**build_bare_environment(), "PYTHONPATH": str(ROOT), **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(120):
        output, errors = await process.communicate()
    return await process.wait(), output.decode(), errors.decode()
