"""Steps of others while fifty people log in at once and the staff export a large table."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from bench.contest import CONTESTANTS, Contestant, on_stage
from bench.form import FORM, Load
from bench.goals import Goal
from bench.process import in_a_process
from bot.domain import Category
from tests.support import flows
from tests.support.phone import Phone
from tests.support.staff_phone import StaffPhone
from tests.support.world import STAFF_CHAT_ID, World

_GUESTS = 50
#: One crowd after the other, so that there are steps enough to tell the slowest of a hundred.
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
        await in_a_process("bench.seed", "seed", url, _REQUESTS, _REQUESTS // 10)
        return [
            Goal(
                f"p99 of steps beside {_GUESTS} logins and an export, to idle, {one.name}",
                [await _ratio(one, seeded) for _ in range(_ROUNDS)],
                _RATIO_GOAL,
                "×",
            )
            for one in CONTESTANTS[1:3]
        ]


async def _ratio(one: Contestant, seeded: Path) -> float:
    """Of the p99 of other people's steps in the rush, to the idle one."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        url = f"sqlite+aiosqlite:///{shutil.copy(seeded, folder)}"
        async with on_stage(one, DATABASE_URL=url, STAFF_ADMIN_IDS="501") as (stage, _, _):
            guests: list[tuple[Phone, str]] = []
            for first in range(0, _GUESTS * _CROWDS, _AT_A_TIME):
                some = range(first, first + _AT_A_TIME)
                guests += await asyncio.gather(*(_at_the_password(stage, one) for one in some))
            people = [stage.phone(f"п-{n}") for n in range(_PEOPLE)]
            await Load(_RATE, FORM).run(people, 1)
            idle, busy = Load(_RATE, FORM), Load(_RATE, FORM)
            await idle.run(people, _FORMS)
            admin = StaffPhone(stage.telegram, STAFF_CHAT_ID, 501, "Мария")
            await admin.say("/export 01.01.2000 01.01.2100")
            # Until the last guest is in.
            others = asyncio.create_task(busy.run(people, 1000))
            for first in range(0, len(guests), _GUESTS):
                crowd = guests[first : first + _GUESTS]
                for phone, password in crowd:
                    stage.telegram.send(phone.user_id, phone.user_id, text=password)
                await asyncio.gather(*(phone.expects("Вы вошли") for phone, _ in crowd))
            others.cancel()
            await asyncio.wait([others])
    for name, load in (("idle", idle), ("busy", busy)):
        print(
            f"{one.name}, {name}: median {load.percentile(0.5):.1f} ms, "
            f"p99 {load.percentile(0.99):.1f} ms of {len(load.seconds)} steps"
        )
    return busy.percentile(0.99) / idle.percentile(0.99)


async def _at_the_password(stage: World, number: int) -> tuple[Phone, str]:
    """Somebody with an account, asked for the password; and what it is."""
    phone = stage.phone(f"Гость {number}")
    email = f"{phone.user_id}@example.ru"
    await flows.register(phone, Category.INDIVIDUAL, email, "Иванова Анна Петровна")
    password = await flows.password_from(stage.mail_client, email)
    await phone.say("/menu")
    await phone.press("Войти")
    await phone.say(email)
    return phone, password
