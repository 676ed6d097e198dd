"""What is looked at again and again, for as long as the bot runs."""

import asyncio
from collections.abc import Awaitable, Callable


async def run_periodically(
    look: Callable[[], Awaitable[object]], seconds: float, complain: Callable[[str], None]
) -> None:
    """Looks every so many ``seconds``, until cancelled.

    ``complain`` is given the kind of an error: its traceback would be repeated each time, and what
    it says may be what a person typed.
    """
    while True:
        try:
            await look()
        except Exception as error:  # noqa: BLE001 (a database that is away comes back)
            complain(type(error).__name__)
        await asyncio.sleep(seconds)
