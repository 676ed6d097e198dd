"""A password hasher whose work tests can count and hold up."""

import asyncio

import argon2

from bot.db.database import is_in_transaction
from bot.integrations.password_hasher import PasswordHasher


class CountingHasher(PasswordHasher):
    """Makes cheap hashes, counts verifications, forbids hashing inside a transaction.

    ``gate``: verifications wait while it is clear. ``waiting``: how many of them wait now.
    """

    def __init__(self) -> None:
        super().__init__(argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        self.verified = 0
        self.waiting = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def hash(self, password: str) -> str:
        assert not is_in_transaction()
        return await super().hash(password)

    async def verify(self, hashed: str | None, password: str) -> bool:
        assert not is_in_transaction()
        self.verified += 1
        self.waiting += 1
        await self.gate.wait()
        self.waiting -= 1
        return await super().verify(hashed, password)
