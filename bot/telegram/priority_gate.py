"""Lets a limited number of updates through at a time, the oldest first."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from heapq import heappop, heappush

from bot.telegram.deadline import pause_work


class PriorityGate:
    """Lets so many through at a time; of those who wait, the oldest first."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._line: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def enter(self, age: int) -> AsyncGenerator[None]:
        """The lower the ``age``, the older."""
        if self._free:
            self._free -= 1
        else:
            turn = asyncio.get_running_loop().create_future()
            heappush(self._line, (age, id(turn), turn))
            try:
                with pause_work():
                    await turn
            except asyncio.CancelledError:
                if not turn.cancelled():
                    self._release()
                raise
        try:
            yield
        finally:
            self._release()

    def _release(self) -> None:
        while self._line:
            *_, turn = heappop(self._line)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
