"""Chats that take nothing from the bot any more: a person blocked it, the group has moved."""

from pathlib import Path

from tests.support.cluster import ClusterStaffPhone, run_cluster
from tests.support.world import STAFF_CHAT_ID

MOVED = STAFF_CHAT_ID - 1


async def test_who_blocked_the_bot_has_letters_until_they_are_back(tmp_path: Path) -> None:
    async with run_cluster(tmp_path) as cluster:
        mail_client, chats = cluster.world.mail_client, cluster.world.telegram.chats
        phone, staff_member = await cluster.add_consumer(0), cluster.add_staff_member(0)
        number = await cluster.file_request(phone)
        card = await staff_member.expects_card(number, "Зарегистрирована")
        # Nobody tells the bot, which learns it from the refusal of what it sends.
        chats[phone.user_id].blocked = True
        await staff_member.press(card, "Взять в работу")
        await staff_member.say(f"Ответ на {number}", reply_to=card)
        await staff_member.expects("не получил это в Telegram", "p0@example.ru")
        card = await staff_member.expects_card(number, "Статус: В работе")
        await staff_member.finish(card)
        await cluster.wait_for_delivery()
        # Registered, in work, done; and the answer.
        assert len(mail_client.list_letters("p0@example.ru", number)) == 4
        assert not any("выполнена" in one.get("text", "") for one in phone.messages)
        chats[phone.user_id].blocked = False
        await phone.say("/menu")
        await cluster.answer_request(staff_member, phone, await cluster.file_request(phone))
        await cluster.wait_for_delivery()
        await cluster.stop()
        cluster.check_log()
        assert " ERROR " not in cluster.world.log()


async def test_the_group_moves_and_both_bots_follow(tmp_path: Path) -> None:
    async with run_cluster(tmp_path, bots=2) as cluster:
        telegram = cluster.world.telegram
        phone = await cluster.add_consumer(0)
        await cluster.answer_request(
            cluster.add_staff_member(0), phone, await cluster.file_request(phone)
        )
        telegram.add_group(MOVED, "Поддержка")
        # Its service message is lost: one bot learns it from a refusal, the other by the database.
        telegram.chats[STAFF_CHAT_ID].migrated_to = MOVED
        seen = len(telegram.chats[STAFF_CHAT_ID].messages)
        here = ClusterStaffPhone(telegram, MOVED, 501, "Сотрудник")
        for _ in range(2):
            await cluster.answer_request(here, phone, await cluster.file_request(phone))
        # The setting still names the old id.
        await cluster.restart()
        await cluster.answer_request(here, phone, await cluster.file_request(phone))
        await cluster.wait_for_delivery()
        assert len(telegram.chats[STAFF_CHAT_ID].messages) == seen
        assert await cluster.count_rows("history WHERE status = 'done'") == len(cluster.numbers)
        await cluster.stop()
        cluster.check_log()
        assert cluster.world.log().count("a staff group is a supergroup now") == 1
        assert " ERROR " not in cluster.world.log()
