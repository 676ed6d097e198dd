"""Reminders of readings: to whom, when, and when not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.db.database import Database
from bot.domain import Account, MeterKind
from bot.notifications.reading_reminders import ReadingReminders
from bot.services.readings import ReadingRules, Readings
from bot.telegram.messenger import Messenger
from bot.telegram.rate_limit import RateLimited, SendRateLimiter
from bot.texts import Translations
from tests.services.conftest import FakeClock
from tests.support.fake_telegram import FakeTelegram
from tests.support.samples import add_account

ANNA, OTHER = 7_000_000_001, 7_000_000_002
#: In Moscow the 23rd, 12 o'clock: three days before the last one.
CLOSING = datetime(2026, 12, 23, 9, 0, tzinfo=UTC)


class ReminderFixture:
    """Readings, and the room that reminds of them."""

    def __init__(self, database: Database, watch: FakeClock) -> None:
        self.database = database
        self.watch = watch
        self.telegram = FakeTelegram()
        self.readings = Readings(database, watch, ZoneInfo("Europe/Moscow"), ReadingRules())
        self._reminders = ReadingReminders(
            database=database,
            messenger=Messenger(self.telegram.bot(), SendRateLimiter()),
            readings=self.readings,
            library=Translations.load(),
        )

    async def account(self, email: str, chat_id: int) -> Account:
        async with self.database.begin() as tx:
            account = await add_account(tx, email)
            await tx.chats.link(chat_id, account.id, self.watch.now())
        return account

    async def give(self, account: Account, value: str) -> None:
        await self.readings.submit(
            draft_id=f"{account.id}-{value}",
            account=account,
            number="7777",
            kind=MeterKind.SINGLE,
            values=(Decimal(value),),
            confirmed=(frozenset(),),
        )

    async def remind(self) -> None:
        """Promises, and delivers what was promised."""
        await self.readings.promise_reminders()
        async with self.database.begin() as tx:
            rows = await tx.outbox.lease(self.watch.now(), timedelta(seconds=15), 10, "test")
        for row in rows:
            record = await self._reminders.send(row)
            async with self.database.begin() as tx:
                await tx.outbox.mark_done(row.id, self.watch.now())
                if record:
                    await record(tx)

    def told(self, chat_id: int) -> list[str]:
        return [post.text for post in self.telegram.chats[chat_id]]


@pytest.fixture
async def desk(database: Database) -> ReminderFixture:
    return ReminderFixture(database, FakeClock())


@pytest.fixture
async def anna(desk: ReminderFixture) -> Account:
    """Who gave a reading in November."""
    account = await desk.account("anna@example.ru", ANNA)
    await desk.give(account, "100")
    return account


async def test_who_sent_readings_before_is_reminded_once(desk: ReminderFixture, anna: Account) -> None:
    await desk.account("silent@example.ru", OTHER)
    desk.watch.moment = CLOSING - timedelta(days=1)
    await desk.remind()
    assert desk.told(ANNA) == []
    desk.watch.moment = CLOSING
    for _ in range(3):
        await desk.remind()
        desk.watch.advance(days=1)
    assert len(desk.told(ANNA)) == 1
    assert "26.12.2026" in desk.told(ANNA)[0]
    assert desk.told(OTHER) == []


async def test_a_reading_of_the_month_stops_the_reminder(desk: ReminderFixture, anna: Account) -> None:
    desk.watch.moment = CLOSING
    await desk.readings.promise_reminders()
    await desk.give(anna, "150")
    await desk.remind()
    assert desk.told(ANNA) == []


async def test_one_press_stops_reminders(desk: ReminderFixture, anna: Account) -> None:
    desk.watch.moment = CLOSING
    await desk.readings.set_reminders(anna.id, wanted=False)
    await desk.remind()
    assert desk.told(ANNA) == []
    await desk.readings.set_reminders(anna.id, wanted=True)
    await desk.remind()
    assert len(desk.told(ANNA)) == 1


async def test_nobody_is_disturbed_at_night(desk: ReminderFixture, anna: Account) -> None:
    desk.watch.moment = CLOSING.replace(hour=6)  # nine o'clock in Moscow
    await desk.remind()
    assert desk.told(ANNA) == []
    desk.watch.moment = CLOSING
    await desk.readings.promise_reminders()
    desk.watch.moment = CLOSING.replace(hour=18)  # promised by day, leased by night
    with pytest.raises(RateLimited) as later:
        await desk.remind()
    assert later.value.seconds == 13 * 3600


async def test_a_chat_that_left_or_blocked_the_bot_is_left_alone(desk: ReminderFixture, anna: Account) -> None:
    desk.watch.moment = CLOSING
    await desk.readings.promise_reminders()
    async with desk.database.begin() as tx:
        await tx.chats.unlink(ANNA)
    await desk.remind()
    assert desk.told(ANNA) == []
    async with desk.database.begin() as tx:
        await tx.chats.link(ANNA, anna.id, CLOSING)
    desk.telegram.blocked.add(ANNA)
    desk.watch.advance(days=31)
    await desk.remind()
    async with desk.database.read() as tx:
        assert await tx.chats.list_for_account(anna.id) == []
