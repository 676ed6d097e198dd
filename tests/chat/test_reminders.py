"""The reminder of readings, in the chat."""

from datetime import UTC, datetime

from tests.support.in_process import InProcessCabinet


async def test_one_press_ends_the_reminders_and_another_brings_them_back(
    cabinet: InProcessCabinet,
) -> None:
    phone = await cabinet.add_consumer()
    await phone.press("Показания")
    await phone.press("Ручной ввод")
    await phone.press("Однотарифный")
    await phone.say("0812-094521")
    await phone.say("100")
    await phone.press("Ввести")

    async def count_reminders(year: int, month: int, day: int) -> int:
        cabinet.clock.moment = datetime(year, month, day, 9, 0, tzinfo=UTC)
        before = len(phone.messages)
        await cabinet.app.services.readings.put_reminders()
        await cabinet.deliver()
        return len(phone.messages) - before

    assert await count_reminders(2026, 12, 24) == 1
    assert "26.12.2026" in phone.screen
    await phone.press("Не напоминать о показаниях")
    assert "Напоминать о показаниях" in phone.buttons
    assert await count_reminders(2027, 1, 23) == 0
    await phone.say("/menu")
    await phone.press("Показания")
    await phone.press("Напоминать о показаниях")
    assert await count_reminders(2027, 2, 24) == 1
