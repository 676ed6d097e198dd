"""Password hasher: argon2id off the event loop, and generated passwords."""

import asyncio
import secrets
import time
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import argon2

from bot.integrations.worker_process import lower_thread_priority

T = TypeVar("T")

#: Without l, I, 1, O, 0: a password in a letter is often retyped by hand.
ALPHABET = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 14

#: The least that OWASP's Password Storage Cheat Sheet asks of argon2id. Each running hash holds
#: this memory, so the number of threads bounds the bot's as well.
_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
#: More at once would take the processor from those who wait for other answers.
_THREADS = 1


class PasswordHasher:
    def __init__(self, argon: argon2.PasswordHasher | None = None, *, rest: float = 0) -> None:
        """``rest``: seconds between two hashes, in which a crowd leaves the processor to others."""
        self._argon = argon or argon2.PasswordHasher(
            time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES
        )
        self._threads = ThreadPoolExecutor(
            _THREADS, thread_name_prefix="password", initializer=lower_thread_priority
        )
        self._rest = rest
        # Verified for unknown accounts, so that they answer no faster than known ones.
        self._nobodys_hash = self._argon.hash(secrets.token_hex())

    async def hash(self, password: str) -> str:
        return await self._run_in_thread(self._argon.hash, _normalize(password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Whether ``password`` fits; takes as long, and says False, when there is no hash."""
        fits = await self._run_in_thread(
            self._has_parameters, hashed or self._nobodys_hash, _normalize(password)
        )
        return fits and hashed is not None

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._argon.check_needs_rehash(hashed)

    def generate(self) -> str:
        return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _has_parameters(self, hashed: str, password: str) -> bool:
        try:
            return self._argon.verify(hashed, password)
        except argon2.exceptions.VerifyMismatchError:
            return False

    async def _run_in_thread(self, work: Callable[..., T], *args: str) -> T:
        hashing = asyncio.get_running_loop().run_in_executor(self._threads, work, *args)
        # Next in the thread's line, so that one who comes alone waits for nothing.
        self._threads.submit(time.sleep, self._rest)
        return await hashing


def _normalize(password: str) -> str:
    """The same password typed on another device may come decomposed."""
    return unicodedata.normalize("NFC", password)
