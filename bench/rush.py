"""Measures steps of others while fifty people log in at once and the staff export a table."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from bench.comparison import COMPETITORS, Competitor, run_competitor
from bench.form import FORM, Load
from bench.goals import Goal
from bench.process import run_in_process
from bot.domain import Category
from tests.support import flows
from tests.support.phone import Phone
from tests.support.staff_phone import StaffPhone
from tests.support.world import STAFF_CHAT_ID, World

_GUESTS = 50
#: Several crowds, one after the other, give enough steps for a p99.
_CROWDS = 2
_AT_A_TIME = 10
_REQUESTS = 100_000
_RATE = 40.0
_PEOPLE = 16
_FORMS = 3
_ROUNDS = 5
_RATIO_GOAL = 2.0


async def measure() -> list[Goal]:
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        seeded = Path(folder, "cabinet.db")
        url = f"sqlite+aiosqlite:///{seeded}"
        await run_in_process("bench.seed", "seed", url, _REQUESTS, _REQUESTS // 10)
        return [
            Goal(
                f"p99 of steps beside {_GUESTS} logins and an export, to idle, {one.name}",
                [await _measure_ratio(one, seeded) for _ in range(_ROUNDS)],
                _RATIO_GOAL,
                "×",
            )
            for one in COMPETITORS[1:3]
        ]


async def _measure_ratio(one: Competitor, seeded: Path) -> float:
    """The ratio of the p99 of other people's steps in the rush to the idle one."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        url = f"sqlite+aiosqlite:///{shutil.copy(seeded, folder)}"
        async with run_competitor(one, DATABASE_URL=url, STAFF_ADMIN_IDS="501") as (world, _, _):
            guests: list[tuple[Phone, str]] = []
            for first in range(0, _GUESTS * _CROWDS, _AT_A_TIME):
                some = range(first, first + _AT_A_TIME)
                guests += await asyncio.gather(*(_reach_password_step(world, one) for one in some))
            people = [world.add_phone(f"п-{n}") for n in range(_PEOPLE)]
            await Load(_RATE, FORM).run(people, 1)
            idle, busy = Load(_RATE, FORM), Load(_RATE, FORM)
            await idle.run(people, _FORMS)
            admin = StaffPhone(world.telegram, STAFF_CHAT_ID, 501, "Мария")
            await admin.say("/export 01.01.2000 01.01.2100")
            # Until the last guest is in.
            others = asyncio.create_task(busy.run(people, 1000))
            for first in range(0, len(guests), _GUESTS):
                crowd = guests[first : first + _GUESTS]
                for phone, password in crowd:
                    world.telegram.send(phone.user_id, phone.user_id, text=password)
                await asyncio.gather(*(phone.expects("Вы вошли") for phone, _ in crowd))
            others.cancel()
            await asyncio.wait([others])
    for name, load in (("idle", idle), ("busy", busy)):
        print(
            f"{one.name}, {name}: median {load.compute_percentile(0.5):.1f} ms, "
            f"p99 {load.compute_percentile(0.99):.1f} ms of {len(load.seconds)} steps"
        )
    return busy.compute_percentile(0.99) / idle.compute_percentile(0.99)


async def _reach_password_step(world: World, number: int) -> tuple[Phone, str]:
    """A phone with an account at the question for the password; and the password."""
    phone = world.add_phone(f"Гость {number}")
    email = f"{phone.user_id}@example.ru"
    await flows.register(phone, Category.INDIVIDUAL, email, "Иванова Анна Петровна")
    password = await flows.read_password(world.mail_client, email)
    await phone.say("/menu")
    await phone.press("Войти")
    await phone.say(email)
    return phone, password
