"""Counts the SQL statements of a step of the form; nothing is timed meanwhile."""

import asyncio
import re
from collections import Counter
from pathlib import Path

from redis.asyncio import Redis

from bench.comparison import COMPETITORS, Competitor, run_competitor
from bench.form import FORM, Load, press, send_text, wait_for_answer
from bench.goals import Goal
from tests.support.postgres import create_postgres
from tests.support.redis import REDIS_URL
from tests.support.world import World

_GOAL = 3.0
_RATE = 40.0
_RUNS = 5
_PEOPLE = 16
#: Without ``/start``, the button that opens the form, ``/cancel`` and the button below it.
_ORDINARY = range(2, len(FORM) - 2)
#: By then the bot has finished writing after its answer.
_QUIET_SECONDS = 0.3
#: By then everything that looks now and then has looked.
_IDLE_SECONDS = 6.0
_KIND = re.compile(r"^(?:UPDATE|PRAGMA) \w+|^[A-Z]+|pg_\w+|(?:FROM|INTO) \w+")
_LITERAL = re.compile(r"'[^']*'|\b\d[\d.]*\b")
_COUNTED = ("-m", "bench.counted_bot", "{folder}/statements")


async def measure() -> list[Goal]:
    async with create_postgres() as postgres, create_postgres() as beside_redis:
        goals = [
            await _count_statements(Competitor("polling", _COUNTED)),
            await _count_statements(Competitor("webhook", _COUNTED, webhook=True)),
            await _count_statements(
                Competitor("polling, PostgreSQL", _COUNTED), DATABASE_URL=postgres
            ),
            # As docs/operations.md puts many processes up.
            await _count_statements(
                Competitor("webhook, PostgreSQL and Redis", _COUNTED, webhook=True),
                DATABASE_URL=beside_redis,
                REDIS_URL=REDIS_URL,
            ),
        ]
    await _count_redis_commands(COMPETITORS[-1])
    return goals


async def _count_statements(one: Competitor, **settings: str) -> Goal:
    """Counts the statements of each ordinary step: the answer to one question of the form.

    Without those of whoever looks now and then for work, which come as often as a step is slow.
    """
    async with run_competitor(one, **settings) as (world, _, _):
        log = world.folder / "statements"
        steps: list[float] = []
        idle = await _collect_idle_statements(log)
        for number in range(_RUNS):
            phone = world.add_phone(f"ш-{number}")
            for step, (kind, words) in enumerate(FORM):
                before = len(_read_statements(log))
                await wait_for_answer(phone, send_text if kind == "say" else press, words)
                await asyncio.sleep(_QUIET_SECONDS)
                if step in _ORDINARY:
                    new = _read_statements(log)[before:]
                    steps.append(len([one for one in new if one not in idle]))
        before, updates = len(_read_statements(log)), world.telegram.queued
        await _run_load(world)
        statements = _read_statements(log)[before:]
        each = len(statements) / (world.telegram.queued - updates)
        print(f"{one.name}: {each:.2f} an update in all")
        print(f"  left out of a step: {', '.join(sorted(set(map(_shorten, idle))))}")
        for statement, count in Counter(map(_shorten, statements)).most_common():
            print(f"  {count:>5} {statement}")
    return Goal(f"statements of a step, {one.name}", steps, _GOAL)


async def _collect_idle_statements(log: Path) -> set[str]:
    """What is executed while nobody writes, once the answers to the start are stored."""
    before = 0
    while (now := len(_read_statements(log))) > before:
        before = now
        await asyncio.sleep(_QUIET_SECONDS)
    await asyncio.sleep(_IDLE_SECONDS)
    return set(_read_statements(log)[before:])


async def _count_redis_commands(dialog: Competitor) -> None:
    """Counts commands of the whole server, which nobody else may use meanwhile."""
    async with run_competitor(dialog) as (world, _, _), Redis.from_url(REDIS_URL) as redis:

        async def count_commands() -> int:
            return int((await redis.info("stats"))["total_commands_processed"])

        before, updates = await count_commands(), world.telegram.queued
        await _run_load(world)
        # Less the question itself.
        each = (await count_commands() - before - 1) / (world.telegram.queued - updates)
        print(f"{dialog.name}: {each:.2f} Redis commands an update")


async def _run_load(world: World) -> None:
    await Load(_RATE, FORM).run([world.add_phone(f"п-{one}") for one in range(_PEOPLE)], 1)
    await asyncio.sleep(_QUIET_SECONDS)


def _read_statements(log: Path) -> list[str]:
    """The statements without values, which SQLite writes into them."""
    lines = log.read_text(encoding="utf-8").splitlines()
    return [_LITERAL.sub("?", line) for line in lines]


def _shorten(statement: str) -> str:
    """The verb and the table."""
    return " ".join(_KIND.findall(statement)[:2]) or statement
