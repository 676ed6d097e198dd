"""Runs a coroutine function every N seconds."""

import asyncio
from collections.abc import Awaitable, Callable


async def run_periodically(
    function: Callable[[], Awaitable[object]], seconds: float, on_error: Callable[[str], None]
) -> None:
    """Runs ``function``, waits ``seconds`` and repeats, until cancelled.

    ``on_error`` is called with the class name of an exception. Its traceback would be logged on
    each run, and its message may hold what a person typed.
    """
    while True:
        try:
            await function()
        except Exception as error:  # noqa: BLE001 (a database that is away comes back)
            on_error(type(error).__name__)
        await asyncio.sleep(seconds)
