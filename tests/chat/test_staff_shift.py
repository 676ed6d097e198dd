"""A shift of three members of the staff and twenty consumers: plain group, forum, two groups."""

from pathlib import Path

import pytest

from bot.domain import Status
from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet, InProcessStaffPhone
from tests.support.sqlite_file import copy_database

DANGER = -1_001_000_000_701
CONSUMERS = 20


async def serve_all(
    cabinet: InProcessCabinet, staff: list[InProcessStaffPhone], danger: InProcessStaffPhone
) -> None:
    """Each fourth request is an emergency; each is taken, talked about, and withdrawn or kept."""
    consumers = [await cabinet.add_consumer(f"Иванов Иван {at}") for at in range(CONSUMERS)]
    reports = cabinet.app.services.request_reports
    for at, consumer in enumerate(consumers):
        await cabinet.register_request(consumer, emergency=at % 4 == 0)
    await cabinet.deliver()
    await reports.put_boards()
    await cabinet.deliver()
    for at, consumer in enumerate(consumers):
        member = danger if at % 4 == 0 else staff[at % len(staff)]
        number = f"2026-{at + 1:06d}"
        await member.press(await member.expects_card(number), "Взять в работу")
        await member.say(f"Выезжаем к вам, {at}", await member.expects_card(number, "В работе"))
        await consumer.expects(f"Выезжаем к вам, {at}")
        await consumer.forge(f"q:supplement:{at + 1}:0")
        await consumer.say(f"Жду у ворот, {at}")
        await consumer.press("Готово")
        await cabinet.deliver()
        await member.expects(f"Жду у ворот, {at}")
    await reports.put_boards()
    await cabinet.deliver()
    await staff[0].expects("Очередь", "Ждут: 0")
    await staff[0].say("/new")
    await staff[0].expects("Все заявки взяты в работу")
    for at in range(CONSUMERS):
        request = await cabinet.app.services.request_workflow.get(at + 1)
        assert request is not None
        assert request.status is Status.IN_WORK
        assert request.assignee is not None


@pytest.mark.parametrize("kind", ["plain", "forum", "routed"])
async def test_a_shift_serves_everybody(tmp_path: Path, migrated: Path, kind: str) -> None:
    copy_database(migrated, tmp_path)
    made = InProcessCabinet(tmp_path)
    made.telegram.chats[STAFF_CHAT_ID].is_forum = kind == "forum"
    settings: dict[str, object] = {}
    if kind == "routed":
        made.telegram.add_group(DANGER, "Аварийная служба")
        routes = tmp_path / "routes.yaml"
        routes.write_text(f"emergencies: {{chat_id: {DANGER}}}\n", encoding="utf-8")
        settings["staff_routes_file"] = routes
    async with made.run(**settings):
        names = ("Мария", "Олег", "Вера")
        staff = [made.add_staff_phone(501 + at, name) for at, name in enumerate(names)]
        danger = staff[1]
        if kind == "routed":
            danger = made.add_staff_phone(502, "Олег", DANGER)
            staff.pop(1)
        await serve_all(made, staff, danger)
    assert made.telegram.violations == []
