"""Runs commands of ``main.py`` to their end."""

import asyncio
import tempfile
from pathlib import Path

from tests.support.fork_server import start_main


async def run_main(folder: Path, *arguments: str, **settings: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``main.py`` in a folder without ``.env``."""
    with tempfile.TemporaryDirectory() as place:
        output, errors = Path(place, "output"), Path(place, "errors")
        process = await start_main(arguments, settings, output=output, errors=errors, folder=folder)
        async with asyncio.timeout(120):
            code = await process.wait()
        return code, output.read_text(encoding="utf-8"), errors.read_text(encoding="utf-8")
