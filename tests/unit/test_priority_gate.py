import asyncio

from bot.telegram.priority_gate import PriorityGate


async def test_the_oldest_of_those_who_wait_goes_first() -> None:
    queue = PriorityGate(1)
    passed = []

    async def go(age: int) -> None:
        async with queue.enter(age):
            passed.append(age)

    async with queue.enter(9):
        waiting = [asyncio.create_task(go(age)) for age in (3, 1, 4, 2)]
        await asyncio.sleep(0)
        # Who gives up leaves the line.
        waiting[1].cancel()
        await asyncio.sleep(0)
        assert passed == []
    await asyncio.wait(waiting)
    assert passed == [2, 3, 4]
    await go(5)
    assert passed[-1] == 5


async def test_who_gives_up_at_the_very_moment_of_their_turn_takes_no_place() -> None:
    queue = PriorityGate(1)
    async with queue.enter(1):
        unlucky = asyncio.create_task(_enter(queue))
        await asyncio.sleep(0)
    unlucky.cancel()
    await asyncio.wait([unlucky])
    async with asyncio.timeout(1):
        await _enter(queue)


async def _enter(queue: PriorityGate) -> None:
    async with queue.enter(2):
        await asyncio.sleep(0)
