"""Another chat's answers while fifty people log in at once and the staff export a large table."""

import asyncio
import sys
import tempfile
from pathlib import Path

from bench.form import answer_times
from bot.domain import Category
from tests.desk import Desk
from tests.e2e import flows
from tests.e2e.world import STAFF_CHAT_ID, World, world
from tests.phone import Phone

_GUESTS = 50
_AT_A_TIME = 10
_REQUESTS = 100_000
_ANSWERS = 300
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


async def seeded(url: str, requests: int, accounts: int) -> None:
    """Fills a database in a process of its own."""
    command = [sys.executable, "-m", "bench.seed", url, str(requests), str(accounts)]
    if await (await asyncio.create_subprocess_exec(*command)).wait():
        raise SystemExit("the database could not be filled")


async def main() -> int:
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        settings = {"STAFF_ADMIN_IDS": "501", "LIMIT_MESSAGES": "100000/1m"}
        async with world(Path(folder), **settings) as stage:
            await seeded(stage.settings["DATABASE_URL"], _REQUESTS, _REQUESTS // 10)
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
    middle, place = _ANSWERS // 2, int(_ANSWERS * 0.99) - 1
    ratio = busy[place] / idle[place]
    print(
        f"{_GUESTS} logins at once beside an export of {_REQUESTS:,} requests, "
        f"{_ANSWERS} answers to another chat\n"
        f"idle: median {idle[middle]:.1f} ms, p99 {idle[place]:.1f} ms\n"
        f"busy: median {busy[middle]:.1f} ms, p99 {busy[place]:.1f} ms\n"
        f"ratio of p99: {ratio:.2f}, goal ≤ {_RATIO_GOAL:.0f}: "
        f"{'met' if ratio <= _RATIO_GOAL else 'NOT MET'}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
