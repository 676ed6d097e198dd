"""Measures answers to a chat while fifty consumers wait for an ASKUE gateway of 15 s."""

import asyncio
import tempfile
from pathlib import Path
from time import perf_counter

from aiohttp import web

from bench.form import measure_answers
from bench.goals import Goal
from bot.domain import Category
from sandbox.askue import PASSWORD, build_askue
from tests.support import flows
from tests.support.phone import Phone
from tests.support.world import World, run_world

_WAITING = 50
_GATEWAY_SECONDS = 15.0
_ANSWERS = 300
_ROUNDS = 3
_AT_A_TIME = 10
_RATIO_GOAL = 2.0


async def measure() -> list[Goal]:
    gateway = web.AppRunner(build_askue(_GATEWAY_SECONDS), shutdown_timeout=0.1)
    await gateway.setup()
    await web.TCPSite(gateway, "127.0.0.1", 0).start()
    settings = {
        "ASKUE_URL": f"http://127.0.0.1:{gateway.addresses[0][1]}",
        "ASKUE_TIMEOUT": "60",
        "LIMIT_MESSAGES": "100000/1m",
    }
    print(
        f"{_WAITING} consumers wait for a gateway of {_GATEWAY_SECONDS:.0f} s, "
        f"{_ANSWERS} answers to another chat"
    )
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        async with run_world(Path(folder), **settings) as world:
            await world.start()
            plants: list[Phone] = []
            for first in range(0, _WAITING, _AT_A_TIME):
                some = range(first, first + _AT_A_TIME)
                plants += await asyncio.gather(*(_add_consumer(world, number) for number in some))
            other = world.add_phone("Анна")
            await other.say("/start")
            await measure_answers(other, _ANSWERS)
            ratios = [await _measure_ratio(plants, other) for _ in range(_ROUNDS)]
    await gateway.cleanup()
    name = f"p99 of answers beside {_WAITING} who wait for ASKUE, to idle"
    return [Goal(name, ratios, _RATIO_GOAL, "×")]


async def _measure_ratio(plants: list[Phone], other: Phone) -> float:
    """The ratio of the other chat's p99 while the plants wait to the idle one."""
    for first in range(0, _WAITING, _AT_A_TIME):
        await asyncio.gather(*(_fill_form(one) for one in plants[first : first + _AT_A_TIME]))
    idle = await measure_answers(other, _ANSWERS)
    started = perf_counter()
    await asyncio.gather(*(plant.press("Получить данные") for plant in plants))
    busy = await measure_answers(other, _ANSWERS)
    lasted = perf_counter() - started
    if lasted > _GATEWAY_SECONDS:
        raise TimeoutError(f"the gateway answered before the end, after {lasted:.1f} s")
    for plant in plants:
        await plant.expects("15234,70")
    place = int(_ANSWERS * 0.99) - 1
    for name, times in (("idle", idle), ("busy", busy)):
        print(f"{name}: median {times[_ANSWERS // 2]:.1f} ms, p99 {times[place]:.1f} ms")
    return busy[place] / idle[place]


async def _add_consumer(world: World, number: int) -> Phone:
    phone = world.add_phone(f"Завод {number}")
    email = f"{phone.user_id}@example.ru"
    await flows.register_and_log_in(
        phone, world.mail_client, Category.LEGAL, email, f"ООО «Завод {number}»"
    )
    return phone


async def _fill_form(phone: Phone) -> None:
    """Fills in the ASKUE form up to its last button."""
    await phone.say("/menu")
    await phone.press("Показания")
    await phone.press("АСКУЭ")
    await phone.say("slow")
    await phone.say(PASSWORD)
