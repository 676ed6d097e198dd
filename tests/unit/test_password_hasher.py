import asyncio
import os
import sys
import threading
import time
import unicodedata
from collections.abc import Iterator
from typing import Literal

import argon2
import pytest

from bot.integrations.password_hasher import ALPHABET, PasswordHasher


@pytest.fixture
def hasher() -> Iterator[PasswordHasher]:
    hasher = PasswordHasher(argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    yield hasher
    hasher.close()


async def test_a_hash_fits_its_password_only(hasher: PasswordHasher) -> None:
    hashed = await hasher.hash("свет в окне")
    assert hashed.startswith("$argon2id$")
    assert "свет" not in hashed
    assert await hasher.verify(hashed, "свет в окне")
    assert not await hasher.verify(hashed, "Свет в окне")
    assert await hasher.hash("свет в окне") != hashed


async def test_nobody_has_a_password_that_fits(hasher: PasswordHasher) -> None:
    assert not await hasher.verify(None, "")
    assert not await hasher.verify(None, "anything")


async def test_an_unknown_account_costs_a_hash_too() -> None:
    class Counting(argon2.PasswordHasher):
        verified = 0

        def verify(self, *words: str | bytes) -> Literal[True]:
            Counting.verified += 1
            return super().verify(*words)

    hasher = PasswordHasher(Counting(time_cost=1, memory_cost=64, parallelism=1))
    await hasher.verify(None, "guess")
    assert Counting.verified == 1
    hasher.close()


async def test_the_same_letters_typed_on_another_device_fit(hasher: PasswordHasher) -> None:
    composed = unicodedata.normalize("NFC", "йод и ёж")
    hashed = await hasher.hash(composed)
    assert await hasher.verify(hashed, unicodedata.normalize("NFD", composed))


async def test_the_loop_goes_on_while_a_password_is_hashed() -> None:
    hasher = PasswordHasher()
    hashing = asyncio.gather(*(hasher.hash("a slow one") for _ in range(3)))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert turns > 3
    hasher.close()


async def test_a_crowd_leaves_the_processor_to_others_between_two_hashes() -> None:
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    hasher = PasswordHasher(cheap, rest=0.05)
    began = time.perf_counter()
    await hasher.hash("who comes alone waits for nothing")
    alone = time.perf_counter() - began
    await asyncio.gather(*(hasher.hash("one of a crowd") for _ in range(4)))
    assert time.perf_counter() - began - alone >= 4 * 0.05
    assert alone < 4 * 0.05
    hasher.close()


async def test_a_hash_of_other_parameters_is_outdated(hasher: PasswordHasher) -> None:
    assert not hasher.is_outdated(await hasher.hash("x"))
    older = argon2.PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
    assert hasher.is_outdated(older.hash("x"))


def test_generated_passwords_are_long_different_and_readable(hasher: PasswordHasher) -> None:
    made = {hasher.generate() for _ in range(500)}
    assert len(made) == 500
    assert all(len(password) >= 12 for password in made)
    assert not set("lI1O0") & set("".join(made))
    assert set("".join(made)) == set(ALPHABET)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no priority")
async def test_hashing_stands_back_when_the_processor_is_short(hasher: PasswordHasher) -> None:
    def read_niceness(_: str) -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    here = read_niceness("")
    assert await hasher._run_in_thread(read_niceness, "") == min(here + 10, 19)
    assert read_niceness("") == here
