"""Another chat's answers while fifty people log in at once and the staff export a large table."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from bench.form import answer_times
from bench.goals import Goal
from bench.process import in_a_process
from bot.domain import Category
from tests.desk import Desk
from tests.e2e import flows
from tests.e2e.world import STAFF_CHAT_ID, World, world
from tests.phone import Phone

_GUESTS = 50
_AT_A_TIME = 10
_REQUESTS = 100_000
_ANSWERS = 300
_ROUNDS = 3
_RATIO_GOAL = 2.0


async def _at_the_password(stage: World, number: int) -> tuple[Phone, str]:
    """Somebody with an account, asked for the password; and what it is."""
    phone = stage.phone(f"Гость {number}")
    email = f"{phone.user_id}@example.ru"
    await flows.register(phone, Category.INDIVIDUAL, email, "Иванова Анна Петровна")
    password = await flows.password_from(stage.post, email)
    await phone.say("/menu")
    await phone.press("Войти")
    await phone.say(email)
    return phone, password


async def measure() -> list[Goal]:
    print(
        f"{_GUESTS} logins at once beside an export of {_REQUESTS:,} requests, "
        f"{_ANSWERS} answers to another chat"
    )
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        seeded = Path(folder, "cabinet.db")
        url = f"sqlite+aiosqlite:///{seeded}"
        await in_a_process("bench.seed", "seed", url, _REQUESTS, _REQUESTS // 10)
        ratios = [await _ratio(seeded) for _ in range(_ROUNDS)]
    name = f"p99 of answers beside {_GUESTS} logins and an export, to idle"
    return [Goal(name, ratios, _RATIO_GOAL)]


async def _ratio(seeded: Path) -> float:
    """Of the other chat's p99 in the rush, to the idle one."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        shutil.copy(seeded, folder)
        settings = {"STAFF_ADMIN_IDS": "501", "LIMIT_MESSAGES": "100000/1m"}
        async with world(Path(folder), **settings) as stage:
            await stage.start()
            guests: list[tuple[Phone, str]] = []
            for first in range(0, _GUESTS, _AT_A_TIME):
                some = range(first, first + _AT_A_TIME)
                guests += await asyncio.gather(*(_at_the_password(stage, one) for one in some))
            other = stage.phone("Анна")
            await answer_times(other, 50)
            idle = await answer_times(other, _ANSWERS)
            admin = Desk(stage.telegram, STAFF_CHAT_ID, 501, "Мария")
            await admin.say("/export 01.01.2000 01.01.2100")
            for phone, password in guests:
                stage.telegram.send(phone.user_id, phone.user_id, text=password)
            busy = await answer_times(other, _ANSWERS)
            for phone, _ in guests:
                await phone.expects("Вы вошли")
    place = int(_ANSWERS * 0.99) - 1
    for name, times in (("idle", idle), ("busy", busy)):
        print(f"{name}: median {times[_ANSWERS // 2]:.1f} ms, p99 {times[place]:.1f} ms")
    return busy[place] / idle[place]
