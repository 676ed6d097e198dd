"""Reminders of readings: to whom, when, and when not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.db.database import Database
from bot.db.outbox import LeasedNotice
from bot.domain import Account, MeterKind
from bot.notices import ReadingReminder
from bot.notifications.reading_reminders import ReadingReminders
from bot.notifications.senders import SenderContext
from bot.request_types import load
from bot.services.readings import ReadingRules, Readings
from bot.telegram.messenger import Messenger
from bot.telegram.rate_limit import RateLimited, SendRateLimiter
from bot.texts import Translations
from tests.support.clock import FakeClock
from tests.support.company import COMPANY
from tests.support.fake_telegram import FakeTelegram
from tests.support.samples import FAR_FUTURE, add_account

ANNA, OTHER = 7_000_000_001, 7_000_000_002
#: In Moscow the 23rd, 12 o'clock: three days before the last one.
CLOSING = datetime(2026, 12, 23, 9, 0, tzinfo=UTC)


class ReminderFixture:
    """Readings, and the sender of their reminders."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.clock = clock
        self.telegram = FakeTelegram()
        self.readings = Readings(database, clock, ZoneInfo("Europe/Moscow"), ReadingRules())
        context = SenderContext(
            database=database,
            messenger=Messenger(self.telegram.build_bot(), SendRateLimiter()),
            translations=Translations.load(),
            catalogue=load(None),
            company=COMPANY,
            clock=clock,
        )
        self._reminders = ReadingReminders(context, readings=self.readings)

    async def add_account(self, email: str, chat_id: int) -> Account:
        async with self.database.begin() as tx:
            account = await add_account(tx, email)
            await tx.chats.link(chat_id, account.id, self.clock.now(), FAR_FUTURE)
        return account

    async def submit_reading(self, account: Account, value: str) -> None:
        await self.readings.submit(
            draft_id=f"{account.id}-{value}",
            account=account,
            number="7777",
            kind=MeterKind.SINGLE,
            values=(Decimal(value),),
            confirmed=(frozenset(),),
        )

    async def remind(self) -> None:
        """Stores the reminders that are due, and delivers them."""
        await self.readings.put_reminders()
        async with self.database.begin() as tx:
            rows = await tx.outbox.lease(
                self.clock.now(), timedelta(seconds=15), 10, "test", [ReadingReminder.kind]
            )
        for row in rows:
            assert isinstance(row, LeasedNotice)
            assert isinstance(row.notice, ReadingReminder)
            record = await self._reminders.send(
                LeasedNotice(
                    id=row.id,
                    notice=row.notice,
                    attempts=row.attempts,
                    stored_at=row.stored_at,
                )
            )
            async with self.database.begin() as tx:
                await tx.outbox.mark_done(row.id, self.clock.now())
                if record:
                    await record(tx)

    def list_texts(self, chat_id: int) -> list[str]:
        return [message.text for message in self.telegram.chats[chat_id]]


@pytest.fixture
async def fixture(database: Database) -> ReminderFixture:
    return ReminderFixture(database, FakeClock())


@pytest.fixture
async def anna(fixture: ReminderFixture) -> Account:
    """Who gave a reading in November."""
    account = await fixture.add_account("anna@example.ru", ANNA)
    await fixture.submit_reading(account, "100")
    return account


async def test_who_sent_readings_before_is_reminded_once(
    fixture: ReminderFixture, anna: Account
) -> None:
    await fixture.add_account("silent@example.ru", OTHER)
    fixture.clock.moment = CLOSING - timedelta(days=1)
    await fixture.remind()
    assert fixture.list_texts(ANNA) == []
    fixture.clock.moment = CLOSING
    for _ in range(3):
        await fixture.remind()
        fixture.clock.advance(days=1)
    assert len(fixture.list_texts(ANNA)) == 1
    assert "26.12.2026" in fixture.list_texts(ANNA)[0]
    assert fixture.list_texts(OTHER) == []


async def test_a_reading_of_the_month_stops_the_reminder(
    fixture: ReminderFixture, anna: Account
) -> None:
    fixture.clock.moment = CLOSING
    await fixture.readings.put_reminders()
    await fixture.submit_reading(anna, "150")
    await fixture.remind()
    assert fixture.list_texts(ANNA) == []


async def test_one_press_stops_reminders(fixture: ReminderFixture, anna: Account) -> None:
    fixture.clock.moment = CLOSING
    await fixture.readings.set_reminders(anna.id, wanted=False)
    await fixture.remind()
    assert fixture.list_texts(ANNA) == []
    await fixture.readings.set_reminders(anna.id, wanted=True)
    await fixture.remind()
    assert len(fixture.list_texts(ANNA)) == 1


async def test_nobody_is_disturbed_at_night(fixture: ReminderFixture, anna: Account) -> None:
    fixture.clock.moment = CLOSING.replace(hour=6)  # nine o'clock in Moscow
    await fixture.remind()
    assert fixture.list_texts(ANNA) == []
    fixture.clock.moment = CLOSING
    await fixture.readings.put_reminders()
    fixture.clock.moment = CLOSING.replace(hour=18)  # stored by day, leased by night
    with pytest.raises(RateLimited) as later:
        await fixture.remind()
    assert later.value.seconds == 13 * 3600


async def test_a_chat_that_left_or_blocked_the_bot_is_left_alone(
    fixture: ReminderFixture, anna: Account
) -> None:
    fixture.clock.moment = CLOSING
    await fixture.readings.put_reminders()
    async with fixture.database.begin() as tx:
        await tx.chats.unlink(ANNA)
    await fixture.remind()
    assert fixture.list_texts(ANNA) == []
    async with fixture.database.begin() as tx:
        await tx.chats.link(ANNA, anna.id, CLOSING, FAR_FUTURE)
    fixture.telegram.blocked.add(ANNA)
    fixture.clock.advance(days=31)
    await fixture.remind()
    async with fixture.database.read() as tx:
        assert await tx.chats.list_for_account(anna.id, CLOSING) == []
