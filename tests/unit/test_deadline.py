"""The deadline counts work, and neither Telegram's answers nor a wait for a turn."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.methods import GetMe, TelegramMethod

from bot.telegram.deadline import DeadlineExceeded, TelegramCalls, limit_work, pause_work
from bot.telegram.priority_gate import PriorityGate

BRIEF = 0.05
LONG = 4 * BRIEF


async def test_work_ends_at_the_deadline() -> None:
    with pytest.raises(DeadlineExceeded):
        async with asyncio.timeout(10), limit_work(BRIEF):
            await asyncio.sleep(60)


async def test_another_time_out_is_not_taken_for_it() -> None:
    with pytest.raises(TimeoutError):
        async with limit_work(60):
            raise TimeoutError


async def test_what_telegram_takes_is_not_counted_not_even_side_by_side() -> None:
    calls = TelegramCalls(now=lambda: 7.0)
    calls.answered_at = 0.0

    async def answer_late(bot: Bot, method: TelegramMethod[object]) -> object:
        await asyncio.sleep(LONG)
        return True

    bot = Bot("1:a")
    async with limit_work(BRIEF):
        await asyncio.gather(*(calls(answer_late, bot, GetMe()) for _ in range(3)))  # type: ignore[arg-type]
    assert calls.answered_at == 7.0


async def test_after_a_pause_the_rest_of_the_time_is_left() -> None:
    async def work() -> None:
        async with asyncio.timeout(10), limit_work(BRIEF):
            with pause_work():
                await asyncio.sleep(LONG)
            await asyncio.sleep(60)

    with pytest.raises(DeadlineExceeded):
        await work()


async def test_a_wait_at_the_gate_is_not_counted() -> None:
    gate = PriorityGate(1)

    async def pass_through() -> None:
        async with limit_work(BRIEF), gate.enter(1):
            pass

    async with gate.enter(0):
        waiting = asyncio.create_task(pass_through())
        await asyncio.sleep(LONG)
    await waiting


async def test_a_task_that_outlives_its_update_may_call_telegram() -> None:
    async def call() -> None:
        with pause_work():
            await asyncio.sleep(0)

    async with limit_work(60):
        left = asyncio.create_task(call())
    await left
    again = asyncio.create_task(call())
    await again
