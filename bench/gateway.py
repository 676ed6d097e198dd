"""Another chat's answers while fifty consumers wait for an ASKUE gateway that takes 15 s."""

import asyncio
import tempfile
from pathlib import Path
from time import perf_counter

from aiohttp import web

from bench.form import answer_times
from bot.domain import Category
from sandbox.askue import PASSWORD, build_askue
from tests.e2e import flows
from tests.e2e.world import World, world
from tests.phone import Phone

_WAITING = 50
_GATEWAY_SECONDS = 15.0
_ANSWERS = 400
_AT_A_TIME = 10
_RATIO_GOAL = 2.0


async def _ready(stage: World, number: int) -> Phone:
    """A consumer who has only to press the last button."""
    phone = stage.phone(f"Завод {number}")
    email = f"{phone.user_id}@example.ru"
    await flows.signed_in(phone, stage.post, Category.LEGAL, email, f"ООО «Завод {number}»")
    await phone.press("Показания")
    await phone.press("АСКУЭ")
    await phone.say("slow")
    await phone.say(PASSWORD)
    return phone


async def main() -> int:
    gateway = web.AppRunner(build_askue(_GATEWAY_SECONDS), shutdown_timeout=0.1)
    await gateway.setup()
    await web.TCPSite(gateway, "127.0.0.1", 0).start()
    settings = {
        "ASKUE_URL": f"http://127.0.0.1:{gateway.addresses[0][1]}",
        "ASKUE_TIMEOUT": "60",
        "LIMIT_MESSAGES": "100000/1m",
    }
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        async with world(Path(folder), **settings) as stage:
            await stage.start()
            plants: list[Phone] = []
            for first in range(0, _WAITING, _AT_A_TIME):
                some = range(first, first + _AT_A_TIME)
                plants += await asyncio.gather(*(_ready(stage, number) for number in some))
            other = stage.phone("Анна")
            await other.say("/start")
            await answer_times(other, _ANSWERS)
            idle = await answer_times(other, _ANSWERS)
            begun = perf_counter()
            await asyncio.gather(*(plant.press("Получить данные") for plant in plants))
            busy = await answer_times(other, _ANSWERS)
            lasted = perf_counter() - begun
            if lasted > _GATEWAY_SECONDS:
                raise TimeoutError(f"the gateway answered before the end, after {lasted:.1f} s")
            for plant in plants:
                await plant.expects("15234,70")
    await gateway.cleanup()
    place = int(_ANSWERS * 0.99) - 1
    ratio = busy[place] / idle[place]
    verdict = "met" if ratio <= _RATIO_GOAL else "NOT MET"
    print(
        f"{_WAITING} consumers wait for a gateway of {_GATEWAY_SECONDS:.0f} s, "
        f"{_ANSWERS} answers to another chat\n"
        f"idle: median {idle[_ANSWERS // 2]:.1f} ms, p99 {idle[place]:.1f} ms\n"
        f"busy: median {busy[_ANSWERS // 2]:.1f} ms, p99 {busy[place]:.1f} ms\n"
        f"ratio of p99: {ratio:.2f}, goal ≤ {_RATIO_GOAL:.0f}: {verdict}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
