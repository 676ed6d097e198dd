"""The queue before a worker process, in which nobody stands more than once."""

import asyncio
from collections.abc import Hashable
from weakref import WeakValueDictionary


class FairQueue:
    """One call of each key at a time; those of other keys go on beside it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    def lock(self, key: Hashable) -> asyncio.Lock:
        """To be held during the call."""
        return self._locks.setdefault(key, asyncio.Lock())
