"""Measures the desk: a million requests of which ten thousand are open, and forty staff.

What is measured is database time: the connection and its transaction included, the median of the
answers. Who also works on the machine shows in the slowest hundredth, which is printed beside it.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import seed
from bench.goals import Goal
from bench.process import run_in_process
from bench.staff_queries import build_reports
from bot.db.database import Database
from bot.db.request_reports import OpenFilter
from bot.domain import Status
from bot.services.request_reports import RequestReports
from bot.services.request_words import split_words
from tests.support.postgres import create_postgres

REQUESTS = 1_000_000
_ACCOUNTS = REQUESTS // 10
#: One request in so many is open.
_OPEN = 100
#: Between two registrations: some two hundred a day.
_APART = timedelta(minutes=7)
_STAFF = 40
_ROUNDS, _TURNS = 3, 200
_MOST_MILLISECONDS = 20

_SYLLABLES = tuple(
    one + two for one, two in zip("бвгджзклмнпрстфхцшщн", "аеиоуыаеиоуыаеиоуаею", strict=True)
)

#: Answers the question of one turn.
Ask = Callable[[int], Awaitable[object]]


def make_word(number: int) -> str:
    """One of 8,000 words of six letters."""
    return "".join(_SYLLABLES[number // 20**at % 20] for at in range(3))


def make_name(account: int) -> str:
    """One in ten is Иванов."""
    surname = "Иванов" if account % 10 == 0 else make_word(account * 7).title() + "ёв"
    return f"{surname} {make_word(account % 61).title()} {make_word(account % 53).title()}ич"


def make_address(request: int) -> str:
    return f"Тула, ул. {make_word(request % 499).title()}ая, д. {request % 200 + 1}"


def make_text(request: int) -> str:
    """Words that all have, a third has, all of an old storm have, and some of 8,000."""
    return " ".join(
        [
            "Прошу проверить прибор учёта",
            "после аварии" if request % 3 == 0 else "в удобное время",
            "Крышу сорвал ураган" if REQUESTS * 0.3 < request < REQUESTS * 0.6 else "",
            *(make_word(request * step % 8_000) for step in (3, 7, 11, 13, 17, 19)),
        ]
    )


def _make_accounts() -> Iterator[seed.Row]:
    for one in range(1, _ACCOUNTS + 1):
        email, phone = seed.make_email(one), seed.make_phone(one)
        yield one, "individual", make_name(one), email, phone, "ru", False, seed.NOW


def _make_requests() -> Iterator[seed.Row]:
    for one in range(1, REQUESTS + 1):
        registered = seed.NOW - _APART * (REQUESTS - one)
        opened, is_open = one // _OPEN, one % _OPEN == 0
        status = ("registered", "in_work", "in_work", "clarification")[opened % 4]
        due = seed.NOW + timedelta(days=opened % 13 - 3)
        is_emergency = is_open and opened % 50 == 0
        yield (
            one,
            seed.make_number(one),
            one % _ACCOUNTS + 1,
            f"draft{one}",
            seed.TYPES[one // _OPEN % 6],
            status if is_open else "done",
            make_text(one),
            registered,
            (due if is_open else registered + timedelta(days=10)).date(),
            due if is_emergency else None,
            is_emergency,
            True,
            None if is_open else registered + timedelta(days=3),
            None if is_open and status == "registered" else 501 + opened % _STAFF,
            None if one % 3 else one % 5 + 1,
            json.dumps({"meter_number": seed.make_meter(one)}),
        )


def _make_answers() -> Iterator[seed.Row]:
    for one in range(1, REQUESTS + 1):
        yield one, 0, "address", "Адрес", make_address(one)
        yield one, 1, "meter_number", "Номер прибора учёта", seed.make_meter(one)


def _make_words() -> Iterator[seed.Row]:
    for one in range(1, REQUESTS + 1):
        parts = (
            make_name(one % _ACCOUNTS + 1),
            make_text(one),
            make_address(one),
            seed.make_meter(one),
        )
        yield one, " ".join(split_words("\n".join(parts)))


async def fill_desk(url: str) -> None:
    """Fills an empty database of this URL, and its index of words."""
    began = time.perf_counter()
    await seed.make_tables(url)
    await seed.fill(
        url,
        {
            "accounts": _make_accounts(),
            "requests": _make_requests(),
            "answers": _make_answers(),
            "request_words": _make_words(),
        },
    )
    print(
        f"{url.partition(':')[0]}: {REQUESTS:,} requests in {time.perf_counter() - began:.0f} s",
        flush=True,
    )


def _build_questions(reports: RequestReports) -> dict[str, dict[str, Ask]]:
    """By kind and name; each turn asks about other requests."""

    def pick(turn: int) -> int:
        return turn * 4_999 % (REQUESTS - 1) + 1

    def list_open(which: Callable[[int], OpenFilter]) -> Ask:
        return lambda turn: reports.list_open(which(turn), turn % 5)

    def count(days: int) -> Ask:
        return lambda _: reports.compute_period_stats(days)

    def find(words: Callable[[int], str]) -> Ask:
        return lambda turn: reports.find(words(turn), 0)

    return {
        "list page": {
            "/new": lambda turn: reports.list_new(turn % 20),
            "/open": list_open(lambda _: OpenFilter()),
            "/open type": list_open(lambda turn: OpenFilter(type_code=seed.TYPES[turn % 6])),
            "/open status": list_open(
                lambda turn: OpenFilter(status=(Status.IN_WORK, Status.CLARIFICATION)[turn % 2])
            ),
            "/open @owner": list_open(lambda turn: OpenFilter(assignee_id=501 + turn % _STAFF)),
            "/overdue": lambda turn: reports.list_overdue(turn % 5),
            "/my": lambda turn: reports.list_assigned(501 + turn % _STAFF, 0),
        },
        "live counts": {"counts": lambda _: reports.count_queue(None)},
        "/stats": {f"of {days} days": count(days) for days in (7, 30)},
        "/find": {
            "number": find(lambda turn: seed.make_number(pick(turn))),
            "email": find(lambda turn: seed.make_email(pick(turn) % _ACCOUNTS + 1)),
            "phone": find(lambda turn: seed.make_phone(pick(turn) % _ACCOUNTS + 1)),
            "meter": find(lambda turn: seed.make_meter(pick(turn))),
            "name": find(lambda turn: make_name(pick(turn) % _ACCOUNTS + 1)),
            "address": find(lambda turn: make_address(pick(turn))),
            "word of 1/1000": find(lambda turn: make_word(turn * 31 % 8_000)),
            "beginning": find(lambda turn: make_word(turn * 31 % 8_000)[:4]),
            "word of 1/10": find(lambda _: "ИВАНОВ"),
            "word of all": find(lambda _: "учет"),
            "two common": find(lambda _: "аварии иванов"),
            "common and rare": find(lambda turn: f"прошу {make_word(turn * 17 % 8_000)} иван"),
            "of an old storm": find(lambda _: "ураган"),
            "nothing": find(lambda turn: f"прошу нет{turn}такого"),
        },
    }


async def measure() -> list[Goal]:
    goals = []
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="cabinet-bench-"))
        urls = {
            "SQLite": f"sqlite+aiosqlite:///{Path(folder, 'cabinet.db')}",
            "PostgreSQL": await stack.enter_async_context(create_postgres()),
        }
        await asyncio.gather(
            *(run_in_process("bench.staff_load", "fill_desk", url) for url in urls.values())
        )
        for name, url in urls.items():
            database = Database(url)
            try:
                goals += await _measure_database(name, database)
            finally:
                await database.dispose()
    return goals


async def _measure_database(name: str, database: Database) -> list[Goal]:
    reports = build_reports(database)
    goals = []
    for kind, questions in _build_questions(reports).items():
        slowest = []
        for _ in range(_ROUNDS):
            took = {question: await _time_answers(ask) for question, ask in questions.items()}
            slowest.append(max(middle for middle, _ in took.values()))
            shown = ", ".join(
                f"{question} {middle:.1f} ({worst:.1f})"
                for question, (middle, worst) in took.items()
            )
            print(f"{name}, {kind}, median (p99) in ms: {shown}", flush=True)
        where = f"over {REQUESTS:,} requests, {name}"
        goals.append(Goal(f"slowest {kind} {where}", slowest, _MOST_MILLISECONDS, "ms"))
    return goals


async def _time_answers(ask: Ask) -> tuple[float, float]:
    """Median and slowest hundredth, in milliseconds."""
    took = []
    for turn in range(_TURNS):
        start = time.perf_counter()
        await ask(turn)
        took.append((time.perf_counter() - start) * 1000)
    return median(took), sorted(took)[_TURNS * 99 // 100]
