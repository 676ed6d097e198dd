"""Escalations: the heads are told of what waits for too long, once, in private and by letter."""

import pytest

from tests.support.in_process import InProcessCabinet

HEAD, EMAIL = 900, "head@example.ru"


@pytest.mark.parametrize("cabinet", ["sqlite", "postgresql"], indirect=True)
async def test_the_heads_are_told_of_delays_once(cabinet: InProcessCabinet) -> None:
    settings = {"staff_admin_ids": frozenset({HEAD, 901}), "staff_admin_emails": (EMAIL,)}
    async with cabinet.run(**settings):
        anna, maria = await cabinet.add_consumer(), cabinet.add_staff_phone()
        cabinet.telegram.add_person(HEAD, "Пётр")
        cabinet.telegram.chats[HEAD].started = True
        # The other head never wrote to the bot.
        cabinet.telegram.add_person(901, "Павел")
        escalations = cabinet.app.services.escalations

        def list_told() -> list[str]:
            return [str(one["text"]) for one in cabinet.telegram.chats[HEAD].messages.values()]

        async def escalate() -> None:
            await escalations.put_escalations()
            await cabinet.deliver()

        cabinet.clock.advance(hours=12)
        for _ in range(2):
            await cabinet.register_request(anna, emergency=True)
        await cabinet.register_request(anna)
        await cabinet.deliver()
        await maria.press(await maria.expects_card("2026-000002"), "Взять в работу")
        cabinet.clock.advance(minutes=10)
        await escalate()
        assert list_told() == []
        cabinet.clock.advance(minutes=6)
        for _ in range(2):
            await escalate()
        (told,) = list_told()
        assert "никто не взял: 1" in told
        assert "2026-000001" in told
        assert "Иванова" not in told
        (letter,) = cabinet.mailer.list_letters(EMAIL)
        assert "2026-000001" in letter.text
        cabinet.clock.advance(days=60)
        await escalate()
        # It is night: what is overdue waits for the morning.
        assert len(list_told()) == 1
        cabinet.clock.advance(hours=12)
        await escalate()
        assert "давно просрочены: 3" in list_told()[-1]
        assert "отвечает: Мария" in list_told()[-1]
        cabinet.clock.advance(days=1)
        await escalate()
        assert len(list_told()) == 2


async def test_the_heads_get_the_picture_of_a_week_once(cabinet: InProcessCabinet) -> None:
    async with cabinet.run(staff_admin_ids=frozenset({HEAD, 901})):
        anna, maria = await cabinet.add_consumer(), cabinet.add_staff_phone()
        cabinet.telegram.add_person(HEAD, "Пётр")
        cabinet.telegram.chats[HEAD].started = True
        cabinet.telegram.add_person(901, "Павел")
        await cabinet.register_request(anna)
        await cabinet.deliver()
        await maria.press(await maria.expects_card("2026-000001"), "Взять в работу")
        escalations = cabinet.app.services.escalations
        await escalations.put_weekly_pictures()
        await cabinet.deliver()
        seen = cabinet.telegram.chats[HEAD].messages
        seen.clear()
        # From Tuesday noon to Monday morning; in the night nobody is told.
        for hours in (5 * 24 + 18, 9, 1, 24, 48):
            cabinet.clock.advance(hours=hours)
            for _ in range(2):  # two processes
                await escalations.put_weekly_pictures()
                await cabinet.deliver()
        (told,) = seen.values()
        assert told["photo"]
        assert "Итоги недели по 29.11.2026" in told["caption"]
        assert "Открыто: 1" in told["caption"]
