"""How many statements a step of the form costs the database; nothing is timed meanwhile."""

import asyncio
import re
from collections import Counter
from pathlib import Path

from redis.asyncio import Redis

from bench.contest import CONTESTANTS, Contestant, on_stage
from bench.form import FORM, Load, answered, press, say
from bench.goals import Goal
from tests.e2e.conftest import REDIS
from tests.support.postgres import empty_postgres
from tests.support.world import World

_GOAL = 3.0
_RATE = 40.0
_WALKS = 5
_PEOPLE = 16
#: Without ``/start``, the button that opens the form, and ``/cancel``.
_ORDINARY = range(2, len(FORM) - 1)
#: So long after an answer the bot has written what it writes.
_QUIET_SECONDS = 0.3
_KIND = re.compile(r"^(?:UPDATE|PRAGMA) \w+|^[A-Z]+|pg_\w+|(?:FROM|INTO) \w+")
_COUNTED = ("-m", "bench.counted_bot", "{folder}/statements")


async def measure() -> list[Goal]:
    async with empty_postgres() as postgres, empty_postgres() as beside_redis:
        goals = [
            await _counted(Contestant("polling", _COUNTED)),
            await _counted(Contestant("webhook", _COUNTED, webhook=True)),
            await _counted(Contestant("polling, PostgreSQL", _COUNTED), DATABASE_URL=postgres),
            # As docs/operations.md puts many processes up.
            await _counted(
                Contestant("webhook, PostgreSQL and Redis", _COUNTED, webhook=True),
                DATABASE_URL=beside_redis,
                REDIS_URL=REDIS,
            ),
        ]
    await _redis_commands(CONTESTANTS[-1])
    return goals


async def _counted(one: Contestant, **settings: str) -> Goal:
    """The goal is about each ordinary step: a question of the form that is answered."""
    async with on_stage(one, **settings) as (stage, _, _):
        said = stage.folder / "statements"
        steps: list[float] = []
        for number in range(_WALKS):
            phone = stage.phone(f"ш-{number}")
            for step, (deed, words) in enumerate(FORM):
                before = len(_lines(said))
                await answered(phone, say if deed == "say" else press, words)
                await asyncio.sleep(_QUIET_SECONDS)
                if step in _ORDINARY:
                    steps.append(len(_lines(said)) - before)
        before, updates = len(_lines(said)), stage.telegram.given
        await _load(stage)
        heard = _lines(said)[before:]
        print(
            f"{one.name}: {len(heard) / (stage.telegram.given - updates):.2f} an update, all told"
        )
        for kind, count in Counter(heard).most_common():
            print(f"  {count:>5} {kind}")
    return Goal(f"statements of a step, {one.name}", steps, _GOAL)


async def _redis_commands(dialog: Contestant) -> None:
    """Of the whole server: nobody else may be using it."""
    async with on_stage(dialog) as (stage, _, _), Redis.from_url(REDIS) as redis:

        async def commands() -> int:
            return int((await redis.info("stats"))["total_commands_processed"])

        before, updates = await commands(), stage.telegram.given
        await _load(stage)
        # Less the question itself.
        each = (await commands() - before - 1) / (stage.telegram.given - updates)
        print(f"{dialog.name}: {each:.2f} Redis commands an update")


async def _load(stage: World) -> None:
    await Load(_RATE, FORM).run([stage.phone(f"п-{one}") for one in range(_PEOPLE)], 1)
    await asyncio.sleep(_QUIET_SECONDS)


def _lines(said: Path) -> list[str]:
    """What is done, and to which table: neither values nor columns."""
    lines = said.read_text(encoding="utf-8").splitlines()
    return [" ".join(re.findall(_KIND, line)[:2]) or line for line in lines]
