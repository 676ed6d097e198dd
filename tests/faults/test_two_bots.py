"""Two bots on one PostgreSQL and one Redis, given the same updates at the same moment."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.db.database import Database
from bot.domain import MeterKind
from bot.request_types import load
from bot.services.calendar import WorkingCalendar
from bot.services.deadlines import ReviewDeadlines
from bot.services.readings import ReadingRules, Readings
from bot.services.request_reports import RequestReports
from tests.support import flows
from tests.support.clock import FakeClock
from tests.support.cluster import Cluster, ClusterPhone, run_cluster
from tests.support.postgres import create_migrated_postgres
from tests.support.samples import FAR_FUTURE, add_account, add_request
from tests.support.world import STAFF_CHAT_ID

MOSCOW = ZoneInfo("Europe/Moscow")
SAID = [f"слово {number:02d}" for number in range(12)]


async def test_one_update_at_two_bots_has_one_effect_and_order_is_kept(tmp_path: Path) -> None:
    async with run_cluster(tmp_path, bots=2) as cluster:
        assert cluster.balancer is not None
        cluster.balancer.to_all = True
        anna, ivan = await asyncio.gather(cluster.add_consumer(0), cluster.add_consumer(1))
        await asyncio.gather(
            cluster.run_rounds(anna, cluster.add_staff_member(0), 1),
            cluster.run_rounds(ivan, cluster.add_staff_member(1), 1),
        )
        assert await cluster.check_nothing_lost_or_doubled() == 0
        # From here on each update goes to one of them, and they follow each other closely.
        cluster.balancer.to_all = False
        await send_messages(cluster, anna)
        await cluster.wait_for_delivery()
        assert await list_relayed(cluster) == SAID
        await cluster.stop()
        cluster.check_log()
        assert cluster.world.log().count("was handled before") > 10


async def test_what_is_due_is_promised_once(tmp_path: Path) -> None:
    async with create_migrated_postgres() as url:
        databases = [Database(url) for _ in range(3)]
        clock = FakeClock()
        # In Moscow the 23rd, 12 o'clock: readings are due in three days, and the digest is.
        clock.moment = datetime(2026, 12, 23, 9, 0, tzinfo=UTC)
        async with databases[0].begin() as tx:
            for number in range(5):
                account = await add_account(tx, f"{number}@example.ru")
                await tx.chats.link(7000 + number, account.id, clock.now(), FAR_FUTURE)
                await add_request(tx, account.id, str(number))
        readings = [Readings(one, clock, MOSCOW, ReadingRules()) for one in databases]
        for account_id in range(1, 6):
            await submit_last_month(readings[0], databases[0], clock, account_id)
        deadlines = ReviewDeadlines(load(), WorkingCalendar(), MOSCOW, 9)
        request_reports = [RequestReports(one, deadlines, clock, MOSCOW, 9) for one in databases]
        await asyncio.gather(
            *(one.put_reminders() for one in request_reports),
            *(one.put_reminders() for one in readings),
        )
        async with databases[0].read() as tx:
            promised = await tx.outbox.count_waiting()
        assert promised["digest"] == 1
        assert promised["reading_reminder"] == 5
        for database in databases:
            await database.dispose()


async def send_messages(cluster: Cluster, phone: ClusterPhone) -> None:
    number = await cluster.file_request(phone)
    await flows.open_request(phone, number)
    await phone.press("Дополнить")
    for words in SAID:
        cluster.world.telegram.send(phone.user_id, phone.user_id, text=words)
    await phone.wait_until_handled()


async def list_relayed(cluster: Cluster) -> list[str]:
    group = cluster.world.telegram.chats[STAFF_CHAT_ID].messages.values()
    return [words for one in group for words in SAID if words in one.get("text", "")]


async def submit_last_month(
    readings: Readings, database: Database, clock: FakeClock, account_id: int
) -> None:
    clock.advance(days=-30)
    async with database.read() as tx:
        account = await tx.accounts.get(account_id)
    await readings.submit(
        draft_id=str(account_id),
        account=account,
        number="7777",
        kind=MeterKind.SINGLE,
        values=(Decimal(1),),
        confirmed=(frozenset(),),
    )
    clock.advance(days=30)
