"""Measures how fast a thousand waiting notices are delivered."""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from bench.form import send_text, wait_for_answer
from bench.goals import Goal
from bot.db.database import Database
from bot.notices import LoggedOut
from sandbox.bot_api.state import Limits
from tests.support.samples import add_account
from tests.support.world import World, run_world

_NOTICES = 1_000
_ROUNDS = 3
_ALLOWED = 30.0
_SHARE_GOAL = 0.95
_REFUSED_GOAL = 3
_TIMEOUT_SECONDS = 120.0


async def _put_notices(world: World) -> None:
    """Puts a notice for each of a thousand chats, as a password change would."""
    database = Database(world.settings["DATABASE_URL"])
    await database.migrate()
    now = datetime.now(UTC)
    async with database.begin() as tx:
        account = await add_account(tx)
        for _ in range(_NOTICES):
            chat = world.add_phone("Кто-то").user_id
            await tx.outbox.put(
                LoggedOut(account_id=account.id, chat_id=chat, at=now, by_owner=False), now
            )
    await database.dispose()


async def measure() -> list[Goal]:
    shares, refused = zip(*[await _measure_drain() for _ in range(_ROUNDS)], strict=True)
    return [
        Goal(
            f"{_NOTICES:,} notices: share of what Telegram allows",
            shares,
            _SHARE_GOAL,
            at_least=True,
            # A round ends with a whole message.
            finest=1 / _NOTICES,
        ),
        Goal(f"{_NOTICES:,} notices: calls answered 429", refused, _REFUSED_GOAL, finest=1),
    ]


async def _measure_drain() -> tuple[float, int]:
    """The share of the allowed rate that was used, and how many calls were refused."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        async with run_world(Path(folder)) as world:
            await _put_notices(world)
            other = world.add_phone("Анна")
            limits = world.telegram.limits = Limits()
            sent = world.telegram.calls.count("sendMessage")
            await world.start()
            started, answers = perf_counter(), []

            def is_drained() -> bool:
                return world.telegram.calls.count("sendMessage") - sent >= _NOTICES

            draining = asyncio.create_task(world.telegram.wait_until(is_drained, _TIMEOUT_SECONDS))
            # Meanwhile a person sends one message a second.
            while not draining.done():
                at = perf_counter()
                await wait_for_answer(other, send_text, "/menu")
                answers.append((perf_counter() - at) * 1000)
                await asyncio.wait([draining], timeout=1)
            if not await draining:
                raise TimeoutError(world.log()[-2000:])
            seconds = perf_counter() - started
    # The answers to the person count towards the allowed rate.
    rate = (_NOTICES + len(answers)) / seconds
    print(
        f"{_NOTICES} notices and {len(answers)} answers in {seconds:.1f} s: {rate:.1f} a second, "
        f"{rate / _ALLOWED:.0%} of what is allowed; {limits.refused} calls answered 429; "
        f"slowest answer to a person {max(answers):.0f} ms"
    )
    return rate / _ALLOWED, limits.refused
