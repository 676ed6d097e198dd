"""How often the staff group is disturbed: messages for each request, and sounds at night."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.files import make_jpeg, make_pdf
from tests.support.in_process import (
    STAFF_CHAT_ID,
    InProcessCabinet,
    InProcessPhone,
    InProcessStaffPhone,
)
from tests.support.soak import get_size
from tests.support.sqlite_file import copy_database

MOST_MESSAGES = 1.5
MIX = 20
JPEG, PDF = make_jpeg(), make_pdf()


@pytest.fixture
async def plain(tmp_path: Path, migrated: Path) -> AsyncIterator[InProcessCabinet]:
    """A group without topics, whose staff may undo for ten seconds."""
    copy_database(migrated, tmp_path)
    made = InProcessCabinet(tmp_path)
    async with made.run(undo_seconds=10):
        yield made
    assert made.telegram.violations == []


async def live_through(
    cabinet: InProcessCabinet,
    anna: InProcessPhone,
    maria: InProcessStaffPhone,
    kind: int,
) -> None:
    """One request: of 20 kinds six have scans, three are clarified and two are handed over.

    One is refused; one is done in own words with two files, the others with a ready result.
    """
    scans = [("1.jpg", JPEG), ("2.jpg", JPEG), ("3.jpg", JPEG)]
    if kind < 3:
        request = await cabinet.register_request(anna, scans=scans, are_photos=True)
    elif kind < 6:
        request = await cabinet.register_request(anna, scans=[("А.pdf", PDF), ("Б.pdf", PDF)])
    else:
        request = await cabinet.register_request(anna)
    await cabinet.deliver()
    number = request.number
    await maria.press(await maria.expects_card(number), "Взять в работу")
    if kind in (2, 7):
        await maria.choose(await maria.expects_card(number), "Передать…", "Олег")
        # Who took it back is asked whether to pass over the assignee.
        await maria.choose(await maria.expects_card(number), "Вернуть в очередь", "Да, продолжить")
    card = await maria.expects_card(number)
    if kind % 8 == 0:
        await maria.choose(card, "Запросить уточнение", "Приложите документы")
        await wait_out(cabinet)
        await anna.forge(f"q:supplement:{request.id}:0")
        await anna.say("Исправляю")
        await anna.press("Готово")
        await wait_out(cabinet)
    if kind == 13:
        asked = await maria.ask_for_words(card, "Выполнена")
        for name in ("Акт.pdf", "Схема.pdf"):
            await maria.send_file(PDF + name.encode(), name, asked, album=number)
    elif kind == 19:
        await maria.choose(await maria.expects_card(number), "Отклонить", "Не наша сеть")
    else:
        await maria.finish(await maria.expects_card(number))
    await wait_out(cabinet)
    await maria.expects_card(number, "Отклонена" if kind == 19 else "Выполнена")
    if kind % 3 == 2:
        await anna.forge(f"q:rate:{request.id}:5")
    await cabinet.deliver()
    if kind % 10 == 0:
        await cabinet.app.services.request_reports.put_boards()
        await cabinet.deliver()


async def wait_out(cabinet: InProcessCabinet) -> None:
    cabinet.clock.advance(seconds=11)
    await cabinet.deliver()


async def test_a_request_costs_few_messages(plain: InProcessCabinet) -> None:
    """``SOAK_NOISE=300``: the long form. Every message counts, an album once, and no edit."""
    maria, count = plain.add_staff_phone(), get_size("NOISE", MIX)
    await plain.add_staff_phone(502, "Олег").say("/my")
    # The pinned board of the queue is sent once for ever.
    await plain.app.services.request_reports.put_boards()
    await plain.deliver()
    plain.telegram.sent.clear()
    for at in range(count):
        if at % MIX == 0:
            # Nobody may file more within an hour.
            anna = await plain.add_consumer()
        # Eight in a row are of each sort already.
        await live_through(plain, anna, maria, (19 + 9 * at) % MIX)
    assert plain.telegram.sent[STAFF_CHAT_ID] / count <= MOST_MESSAGES


async def test_the_night_is_quiet_but_for_emergencies(cabinet: InProcessCabinet) -> None:
    group = cabinet.telegram.chats[STAFF_CHAT_ID]
    anna, maria = await cabinet.add_consumer(), cabinet.add_staff_phone()
    await cabinet.register_request(anna, scans=[("А.pdf", PDF)])
    await cabinet.deliver()
    assert group.silent == set()
    cabinet.clock.advance(hours=12)
    await cabinet.register_request(anna, scans=[("А.pdf", PDF)])
    await cabinet.register_request(anna, emergency=True, scans=[("А.pdf", PDF)])
    await maria.say("/my")
    silent = [one for one in maria.messages if one["message_id"] in group.silent]
    assert [str(one.get("text", one.get("caption", "")))[:7] for one in silent] == [
        "Открыты",
        "Заявка ",
        "№ 2026-",
    ]
    assert len(maria.messages) == 2 + 2 + 2 + 1
