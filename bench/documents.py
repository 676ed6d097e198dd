"""Measures what an application as PDF costs, and other answers while a hundred are made at once."""

import asyncio
import tempfile
import time
from pathlib import Path

from bench.form import measure_answers
from bench.goals import Goal
from bench.measured_typesetting import render_measured
from bot import request_types
from bot.domain import Category
from bot.formatting import documents
from bot.integrations.typesetting import load_templates
from bot.integrations.worker_process import WorkerProcess
from bot.services.documents import TYPESETTING_LIMITS
from bot.texts import Translations
from tests.support import flows
from tests.support.clock import get_today
from tests.support.company import COMPANY
from tests.support.phone import Phone
from tests.support.world import World, run_world

_DOCUMENTS = 40
_CONSUMERS = 100
_AT_A_TIME = 10
_ANSWERS = 300
_ROUNDS = 3
_CPU_GOAL = 300.0
_MEMORY_GOAL = 150.0
_RATIO_GOAL = 2.0


async def measure() -> list[Goal]:
    cpu, memory = await _measure_worker()
    ratios = await _measure_ratios()
    return [
        Goal("CPU of an application of two pages, after the first", cpu, _CPU_GOAL, "ms"),
        Goal("memory of the process that makes applications", memory, _MEMORY_GOAL, "MB"),
        Goal(
            f"p99 of answers beside {_CONSUMERS} applications at once, to idle",
            ratios,
            _RATIO_GOAL,
            "×",
        ),
    ]


async def _measure_worker() -> tuple[list[float], list[float]]:
    """CPU of each document but the first in ms, and the greatest memory in MB."""
    texts = Translations.load().get_texts("ru")
    samples = documents.build_samples(request_types.load(), COMPANY, texts)
    # With all questions of an organisation it has two pages.
    document = next(one for one in samples if one.content.get("signatory") == "")
    worker = WorkerProcess(TYPESETTING_LIMITS)
    try:
        costs = [
            await worker.run(render_measured, load_templates(), document.template, document.content)
            for _ in range(_DOCUMENTS)
        ]
    finally:
        await worker.close()
    cpu = sorted(ms for ms, _ in costs[1:])
    print(f"the first: {costs[0][0]:.0f} ms of CPU; then {cpu[0]:.0f} to {cpu[-1]:.0f} ms")
    return cpu, [max(mb for _, mb in costs)]


async def _measure_ratios() -> list[float]:
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        settings = {"LIMIT_MESSAGES": "100000/1m"}
        async with run_world(Path(folder), **settings) as world:
            await world.start()
            people: list[Phone] = []
            for first in range(0, _CONSUMERS, _AT_A_TIME):
                some = range(first, first + _AT_A_TIME)
                people += await asyncio.gather(*(_reach_text(world, number) for number in some))
            other = world.add_phone("Анна")
            await other.say("/start")
            await measure_answers(other, _ANSWERS)
            return [await _measure_ratio(people, other, at) for at in range(_ROUNDS)]


async def _measure_ratio(people: list[Phone], other: Phone, at: int) -> float:
    """The ratio of the other chat's p99 while applications are made to the idle one."""
    idle = await measure_answers(other, _ANSWERS)
    started = time.perf_counter()
    making = asyncio.gather(*(_take_application(phone, at) for phone in people))
    busy: list[float] = []
    while not making.done():
        busy += await measure_answers(other, 10)
    await making
    lasted = time.perf_counter() - started
    for name, times in (("idle", idle), ("busy", sorted(busy))):
        print(
            f"{name}: median {times[len(times) // 2]:.1f} ms, p99 {_get_p99(times):.1f} ms "
            f"of {len(times)} answers"
        )
    print(f"{_CONSUMERS} applications took {lasted:.1f} s")
    for first in range(0, len(people), _AT_A_TIME):
        await asyncio.gather(
            *(phone.press("Назад") for phone in people[first : first + _AT_A_TIME])
        )
    return _get_p99(sorted(busy)) / _get_p99(idle)


def _get_p99(times: list[float]) -> float:
    return times[int(len(times) * 0.99) - 1]


async def _reach_text(world: World, number: int) -> Phone:
    """A consumer at the last question before the application."""
    phone = world.add_phone(f"Потребитель {number}")
    email = f"{phone.user_id}@example.ru"
    await flows.register_and_log_in(
        phone, world.mail_client, Category.INDIVIDUAL, email, "Иванова Анна Петровна"
    )
    await flows.open_form(phone, "Снятие показаний")
    form = request_types.load().get_form("meter_reading_visit", Category.INDIVIDUAL)
    await flows.fill_form(phone, form, get_today(), until="text")
    return phone


async def _take_application(phone: Phone, at: int) -> None:
    count = _count_documents(phone)
    phone.telegram.send(phone.user_id, phone.user_id, text=f"{flows.TEXT} {at}")
    came = await phone.telegram.wait_until(lambda: _count_documents(phone) > count, 60)
    if not came:
        raise TimeoutError("no application came")


def _count_documents(phone: Phone) -> int:
    return sum("document" in one for one in phone.messages)
