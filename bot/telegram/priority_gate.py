"""Semaphore whose waiters enter in the order of their age."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from heapq import heappop, heappush

from bot.telegram.deadline import pause_work


class PriorityGate:
    """At most ``places`` tasks are inside; of those that wait, the oldest enters first."""

    def __init__(self, places: int) -> None:
        self._places = self._free = places
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    def is_busy(self) -> bool:
        """Whether somebody is inside."""
        return self._free < self._places

    @asynccontextmanager
    async def enter(self, age: int) -> AsyncGenerator[None]:
        """Waits for a place; the lowest ``age`` enters first, such as an update id."""
        if self._free:
            self._free -= 1
        else:
            turn = asyncio.get_running_loop().create_future()
            heappush(self._waiting, (age, id(turn), turn))
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
        while self._waiting:
            *_, turn = heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
