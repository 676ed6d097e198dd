"""Telegram is away for minutes: nothing gets through while people write and notices are due."""

import asyncio
import re
from pathlib import Path

import pytest

from sandbox.bot_api.state import Fault
from tests.support import flows
from tests.support.cluster import WAITING, run_cluster
from tests.support.soak import get_size, print_report
from tests.support.staff_phone import get_callback_data
from tests.support.world import STAFF_CHAT_ID

SECONDS = get_size("OUTAGE", 2)
#: Notices that wait for ten minutes are somebody's concern; the bot looks once a minute.
ALARMING_SECONDS = 660
SAID = [f"слово {number:02d}" for number in range(12)]


@pytest.mark.parametrize("bots", [0, 2], ids=["polling", "webhook"])
async def test_all_is_answered_and_delivered_once_when_it_is_back(
    tmp_path: Path, bots: int
) -> None:
    async with run_cluster(tmp_path, bots=bots) as cluster:
        telegram = cluster.world.telegram
        phone, staff_member = await cluster.add_consumer(0), cluster.add_staff_member(0)
        number = await cluster.file_request(phone)
        card = await staff_member.expects_card(number, "Зарегистрирована")
        await flows.open_request(phone, number)
        await phone.press("Дополнить")
        # Only what is written to chats, until the staff's press is stored and its notices are due.
        away = Fault(
            method="",
            where=lambda call: "chat_id" in call and "user_id" not in call,
            cut=True,
            times=10**9,
        )
        telegram.faults.append(away)
        press = get_callback_data(card, "Взять в работу")
        telegram.press(STAFF_CHAT_ID, staff_member.user_id, card["message_id"], press)
        while not await cluster.count_rows("history WHERE status = 'in_work'"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        away.where = lambda _: True
        for words in SAID:
            telegram.send(phone.user_id, phone.user_id, text=words)
            await asyncio.sleep(SECONDS / len(SAID))
        waited = await cluster.count_rows(WAITING)
        assert waited
        telegram.faults.clear()
        back = asyncio.get_running_loop().time()
        await phone.wait_until_handled()
        answered = asyncio.get_running_loop().time() - back
        await cluster.wait_for_delivery()
        told = asyncio.get_running_loop().time() - back
        group = telegram.chats[STAFF_CHAT_ID].messages.values()
        assert [words for one in group for words in SAID if words in one.get("text", "")] == SAID
        await phone.expects("взята в работу", number)
        card = await staff_member.expects_card(number, "Статус: В работе")
        await staff_member.say(f"Ответ на {number}", reply_to=card)
        await staff_member.finish(card)
        await phone.expects("выполнена", number)
        assert await cluster.check_nothing_lost_or_doubled(most=1) == 0
        await cluster.stop()
        cluster.check_log()
        log = cluster.world.log()
        alarms = re.findall(r"notices \((\w+)\) wait, one since", log)
        assert log.count(" ERROR ") == len(alarms)
        if SECONDS > ALARMING_SECONDS:
            # Each process says of each kind once that it stands still.
            assert set(alarms) >= {"status_notice", "card_edit"}
            assert all(alarms.count(kind) == max(1, bots) for kind in alarms)
        print_report(
            f"Telegram was away for {SECONDS} s from {max(1, bots)} bots: {waited} notices "
            f"waited; {answered:.1f} s after it was back all were answered, "
            f"after {told:.1f} s all was told; at ERROR: {len(alarms)} lines"
        )
