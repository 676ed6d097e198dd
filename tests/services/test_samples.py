"""The sandbox's made-up company: the same at each press of its button, and true to the domain."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from bot.db.database import Database
from bot.domain import OPEN, Category, Status
from bot.integrations.password_hasher import PasswordHasher
from sandbox import samples

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PHONE = 901


async def test_three_years_of_a_company(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/cabinet.db"
    await samples.fill_database(url, NOW, [PHONE])
    # A second press adds nothing.
    await samples.fill_database(url, NOW, [PHONE])
    await samples.add_readings(url, "consumer01@example.ru", "0812094521", Decimal(14820), NOW)
    database = Database(url)
    hasher = PasswordHasher()
    try:
        async with database.read() as tx:
            chat = (await tx.chats.get(PHONE)).to_chat(NOW)
            accounts = [await tx.accounts.get(one) for one in range(1, samples.ACCOUNTS + 1)]
            requests = [await tx.requests.get(one) for one in range(1, samples.REQUESTS + 1)]
            beyond = await tx.requests.get(samples.REQUESTS + 1)
            hashed = await tx.accounts.get_password_hash(5)
            meters = await tx.readings.list_meters(1)
            pages = [
                await tx.readings.list_page(meter.id, date.min, date.max, 0, samples.MONTHS + 1)
                for meter in meters
            ]
            cards = await tx.outbox.count_waiting()
        assert chat.account == accounts[0]
        assert await hasher.verify(hashed, samples.PASSWORD)
    finally:
        hasher.close()
        await database.dispose()
    # The bot, which runs meanwhile, must not take them for registrations that came to nothing.
    assert all(one.email_proved for one in accounts)
    assert {one.category for one in accounts} == set(Category)
    assert len({one.name for one in accounts}) == samples.ACCOUNTS
    registered = [one for one in requests if one is not None]
    assert beyond is None
    assert {one.status for one in registered} == set(Status)
    assert [one.registered_at for one in registered] == sorted(
        one.registered_at for one in registered
    )
    assert all(one.history[-1].status is one.status for one in registered)
    assert all(one.registered_at < one.history[-1].at < NOW for one in registered if one.closed_at)
    assert len([one for one in registered if one.status in OPEN]) == cards["card"]
    for page in pages:
        readings = page.items
        assert len(readings) == samples.MONTHS
        for later, earlier in pairwise(readings):
            zones = zip(later.values, earlier.values, later.used or (), strict=True)
            assert all(after - before == used > 0 for after, before, used in zones)
    assert pages[-1].items[0].values == (Decimal(14820),)
