"""Queries of the staff: lists, messages, messages of the bot and the audit; on both databases."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, NoResultFound

from bot.db.bot_messages import BotMessage
from bot.db.database import Database, Tx
from bot.db.errors import EmailTaken
from bot.db.request_reports import ReportLine
from bot.domain import (
    Account,
    Actor,
    ActorKind,
    Contact,
    MessageContent,
    MessageKind,
    MeterKind,
    ObjectKind,
    ReadingSource,
    Status,
)
from tests.support.samples import NOW, add_account, add_request, list_audit

MARIA = Actor(kind=ActorKind.STAFF, id=7_000_000_501, name="Мария")
OLEG = Actor(kind=ActorKind.STAFF, id=502, name="Олег")
TODAY = date(2026, 12, 30)
GROUP, CHAT = -1_002_000_000_000, 7_000_000_001
WHOLE = {"skip": 0, "take": 100}


async def file_requests(tx: Tx, account: Account, count: int, **changes: Any) -> list[int]:
    """Ids of new requests, an hour apart, changed alike."""
    ids = []
    for _ in range(count):
        number = await tx.requests.take_next_number(2026)
        ids.append(
            await tx.requests.add(
                number=number,
                account_id=account.id,
                draft_id=number,
                type_code="connection",
                text="Прошу подключить",
                registered_at=NOW + timedelta(hours=int(number[5:])),
                review_due=date(2026, 12, 24),
                answers=(),
                emergency=False,
            )
        )
        if changes:
            await tx.requests.change(ids[-1], **changes)
    return ids


def list_ids(lines: list[ReportLine]) -> list[int]:
    return [line.id for line in lines]


async def test_a_phone_is_found_with_any_extension(tx: Tx, account: Account) -> None:
    await tx.accounts.set_contact(account.id, Contact.PHONE, "+74951234567;ext=123")
    other = await add_account(tx, "petrov@example.ru")
    await tx.accounts.set_contact(other.id, Contact.PHONE, "+749512345678")
    assert await tx.request_reports.find_accounts(phone="+74951234567") == [account.id]
    assert await tx.request_reports.find_accounts(phone="+7495123456") == []


async def test_two_accounts_never_get_one_email(tx: Tx, account: Account) -> None:
    other = await add_account(tx, "petrov@example.ru")
    with pytest.raises(EmailTaken):
        await tx.accounts.set_contact(account.id, Contact.EMAIL, other.email)
    assert (await tx.accounts.get(account.id)).email == account.email


async def test_requests_are_found_by_number_person_and_meter(tx: Tx, account: Account) -> None:
    other = await add_account(tx, "petrov@example.ru")
    first, second, third = await file_requests(tx, account, 3)
    (strange,) = await file_requests(tx, other, 1)
    (line,) = await tx.request_reports.find_by_number("2026-000002")
    assert (line.id, line.account_id, line.name) == (second, account.id, account.name)
    assert (line.status, line.registered_at) == (Status.REGISTERED, NOW + timedelta(hours=2))
    assert await tx.request_reports.find_by_number("2026-999999") == []

    assert await tx.request_reports.find_accounts(email=other.email) == [other.id]
    assert set(await tx.request_reports.find_accounts(phone=account.phone)) == {
        account.id,
        other.id,
    }
    assert await tx.request_reports.find_accounts(email="%") == []
    assert list_ids(await tx.request_reports.list_for_accounts([account.id], skip=0, take=2)) == [
        third,
        second,
    ]
    assert list_ids(await tx.request_reports.list_for_accounts([account.id], skip=2, take=2)) == [
        first
    ]
    both = await tx.request_reports.list_for_accounts([account.id, other.id], **WHOLE)
    assert list_ids(both) == [strange, third, second, first]
    assert await tx.request_reports.list_for_accounts([], **WHOLE) == []

    meter = await tx.readings.lock_meter(account.id, "7777", MeterKind.SINGLE, ObjectKind.DWELLING)
    await tx.readings.lock_meter(account.id, "8888", MeterKind.SINGLE, ObjectKind.DWELLING)
    assert await tx.request_reports.find_meter_owners("7777") == [account.id]
    assert await tx.request_reports.find_meter_owners("777") == []
    assert await tx.request_reports.find_by_meter("7777", **WHOLE) == []
    named = await add_request(tx, other.id, "named")
    await tx.connection.execute(
        text(f"UPDATE answers SET key='meter_number', value='7777' WHERE request_id={named}")
    )
    assert set(list_ids(await tx.request_reports.find_by_meter("7777", **WHOLE))) == {named}

    for day, value, draft in ((1, "5", "a"), (3, "9", "b"), (3, "8", "c"), (2, "7", "d")):
        await tx.readings.add(
            meter_id=meter.id,
            draft_id=draft,
            day=date(2026, 11, day),
            submitted_at=NOW,
            kind=MeterKind.SINGLE,
            values=[Decimal(value)],
            used=None,
            source=ReadingSource.BOT,
            marks=(),
        )
    # A corrected one is not the last, nor is one that was entered later for an earlier day.
    (last,) = await tx.readings.list_last_of_meters(account.id, limit=5)
    assert (last.meter.number, last.reading.day.day, last.reading.values) == (
        "7777",
        3,
        (Decimal(8),),
    )
    assert await tx.readings.list_last_of_meters(other.id, limit=5) == ()


async def test_of_what_is_overdue_emergencies_come_first_on_every_page(
    tx: Tx, account: Account
) -> None:
    late, hours_late, later, in_time, oldest = await file_requests(tx, account, 5)
    due = {late: 23, hours_late: 24, later: 22, in_time: 24, oldest: 21}
    for request_id, day in due.items():
        await tx.requests.change(request_id, review_due=date(2026, 12, day))
    today = datetime(2026, 12, 24, 12, tzinfo=UTC)
    hour = timedelta(hours=1)
    emergencies = {late: today - 20 * hour, hours_late: today - hour, in_time: today + hour}
    for request_id, due_at in emergencies.items():
        await tx.requests.change(request_id, due_at=due_at, emergency=True)

    found = [
        list_ids(await tx.request_reports.list_overdue(today.date(), today, skip=page, take=2))
        for page in (0, 2, 4)
    ]
    assert found == [[late, hours_late], [oldest, later], []]


async def test_lists_figures_and_files_hold_what_they_should(tx: Tx, account: Account) -> None:
    late, later, mine, waiting, done = await file_requests(tx, account, 5)
    await tx.requests.change(later, review_due=date(2026, 12, 29), status="in_work")
    await tx.requests.change(mine, review_due=date(2027, 1, 20), assignee_id=MARIA.id)
    await tx.requests.change(waiting, status="clarification", assignee_id=MARIA.id)
    closed = NOW + timedelta(days=3)
    await tx.requests.change(done, status="done", assignee_id=MARIA.id, closed_at=closed)

    assert list_ids(await tx.request_reports.list_assigned(MARIA.id, **WHOLE)) == [waiting, mine]
    assert await tx.request_reports.list_assigned(OLEG.id, **WHOLE) == []
    assert list_ids(await tx.request_reports.list_overdue(TODAY, NOW, **WHOLE)) == [late, later]
    assert list_ids(await tx.request_reports.list_overdue(TODAY, NOW, skip=1, take=1)) == [later]
    assert await tx.request_reports.count_overdue(TODAY, NOW) == 2
    assert await tx.request_reports.count_overdue(date(2026, 12, 24), NOW) == 0
    assert await tx.request_reports.count_open_by_type([NOW + timedelta(hours=2)]) == {
        "connection": [2, 4]
    }
    # An emergency is overdue when its moment has passed, on the same day.
    await tx.requests.change(mine, review_due=TODAY, due_at=NOW + timedelta(hours=2))
    assert mine not in list_ids(await tx.request_reports.list_overdue(TODAY, NOW, **WHOLE))
    later_today = NOW + timedelta(hours=2, seconds=1)
    overdue = list_ids(await tx.request_reports.list_overdue(TODAY, later_today, **WHOLE))
    assert overdue == [mine, late, later]
    assert await tx.request_reports.count_overdue(TODAY, later_today) == 3
    await tx.requests.change(mine, review_due=date(2027, 1, 20), due_at=None)
    (one,) = await tx.request_reports.list_closed_since(NOW, 10)
    assert (one.hours, one.closed_at, one.assignee_id) == (3 * 24 - 5, closed, MARIA.id)
    assert one.review_due == date(2026, 12, 24)
    assert await tx.request_reports.list_closed_since(closed, 10) == []

    since, until = NOW + timedelta(hours=2), NOW + timedelta(hours=5)
    batch = await tx.request_reports.list_registered(since, until, None, 2)
    assert list_ids(batch) == [later, mine]
    batch = await tx.request_reports.list_registered(
        since, until, (batch[-1].registered_at, mine), 2
    )
    assert list_ids(batch) == [waiting]

    await tx.requests.change(mine, remind_at=NOW)
    await tx.requests.change(late, remind_at=NOW - timedelta(hours=1))
    await tx.requests.change(later, remind_at=NOW + timedelta(seconds=1))
    assert await tx.request_reports.lock_due_reminders(NOW, 10) == [late, mine]
    assert await tx.request_reports.lock_due_reminders(NOW, 1) == [late]
    assert list_ids(await tx.request_reports.get_many([mine, late, 999])) == [late, mine]


async def test_two_watchers_never_remind_of_the_same_request(database: Database) -> None:
    async with database.begin() as tx:
        (request_id,) = await file_requests(tx, await add_account(tx), 1, remind_at=NOW)
    async with database.begin() as one:
        assert await one.request_reports.lock_due_reminders(NOW, 10) == [request_id]
        if one.connection.dialect.name == "postgresql":
            async with database.begin() as another:
                assert await another.request_reports.lock_due_reminders(NOW, 10) == []
        await one.requests.change(request_id, remind_at=None)
    async with database.begin() as tx:
        assert await tx.request_reports.lock_due_reminders(NOW, 10) == []


async def test_talk_is_kept_once_with_its_album(tx: Tx, account: Account) -> None:
    request_id, other_id = await file_requests(tx, account, 2)

    def build_photo(message_id: int, album: str | None = "a") -> MessageContent:
        return MessageContent(
            kind=MessageKind.PHOTO,
            text="вид <1>",
            media=f"f{message_id}",
            album=album,
            chat_id=CHAT,
            message_id=message_id,
        )

    async def add_message(request_id: int, what: MessageContent) -> int:
        kept = await tx.request_messages.add(request_id, MARIA, what, NOW)
        assert kept is not None
        return kept

    second = await add_message(request_id, build_photo(2))
    first = await add_message(request_id, build_photo(1))
    alone = await add_message(request_id, build_photo(3, album=None))
    await add_message(other_id, build_photo(4))
    assert await tx.request_messages.add(request_id, OLEG, build_photo(1), NOW) is None
    kept = await tx.request_messages.get(first)
    assert (kept.author, kept.at, kept.content) == (MARIA, NOW, build_photo(1))
    assert [one.id for one in await tx.request_messages.list_album(kept)] == [first, second]
    assert await tx.request_messages.list_album(await tx.request_messages.get(alone)) == [
        await tx.request_messages.get(alone)
    ]
    assert await tx.request_messages.find_by_source(CHAT, 1) == kept
    assert await tx.request_messages.find_by_source(CHAT + 1, 1) is None
    await tx.request_messages.correct(first, "вид <2>")
    assert (await tx.request_messages.get(first)).content.text == "вид <2>"
    assert (await tx.request_messages.get(second)).content.text == "вид <1>"
    with pytest.raises(NoResultFound):
        await tx.request_messages.get(999)


async def test_posts_know_their_card_their_parts_and_their_talk(tx: Tx, account: Account) -> None:
    request_id, other_id = await file_requests(tx, account, 2)
    written = MessageContent(kind=MessageKind.TEXT, text="да", chat_id=CHAT, message_id=1)
    request_message_id = await tx.request_messages.add(request_id, MARIA, written, NOW)
    assert request_message_id
    for kind, message_id in (("part", 5), ("card", 10), ("part", 12), ("part", 11), ("scan", 13)):
        await tx.bot_messages.add(request_id, kind, None, GROUP, message_id, thread_id=9)
    await tx.bot_messages.add(request_id, "part", None, GROUP - 1, 14)
    await tx.bot_messages.add(other_id, "part", None, GROUP, 15)
    await tx.bot_messages.add(
        request_id, "talk", None, GROUP, 17, request_message_id=request_message_id
    )
    await tx.bot_messages.add(
        request_id, "talk", None, CHAT, 16, request_message_id=request_message_id
    )
    await tx.bot_messages.add(other_id, "scan", None, GROUP, 13)  # known already
    head = await tx.bot_messages.find_card(request_id)
    assert head == BotMessage(request_id, "card", GROUP, 10, 9, None)
    assert await tx.bot_messages.find_card_place(other_id) is None
    # Parts of a card that was posted before belong to that one.
    assert await tx.bot_messages.list_card_parts(head) == [11, 12]
    assert [
        mail_client.message_id for mail_client in await tx.bot_messages.list_below_card(head)
    ] == [13, 17]
    assert [
        mail_client.message_id
        for mail_client in await tx.bot_messages.list_copies([request_message_id])
    ] == [16, 17]
    assert await tx.bot_messages.find(GROUP, 13) == BotMessage(
        request_id, "scan", GROUP, 13, 9, None
    )
    await tx.bot_messages.remove(GROUP, 13)
    assert await tx.bot_messages.find(GROUP, 13) is None


async def test_the_audit_tells_who_did_what_and_forgets_nothing(database: Database) -> None:
    async with database.begin() as tx:
        account = await add_account(tx)
        (request_id,) = await file_requests(tx, account, 1)
        await tx.audit.add(MARIA, "in_work", NOW, account_id=account.id, request_id=request_id)
        await tx.audit.add(OLEG, "done", NOW, request_id=request_id)
        await tx.audit.add(OLEG, "reset", NOW, account_id=account.id)
        assert await list_audit(tx, request_id=request_id) == [
            ("in_work", MARIA.id),
            ("done", OLEG.id),
        ]
        assert await list_audit(tx, account_id=account.id) == [
            ("in_work", MARIA.id),
            ("reset", OLEG.id),
        ]
    for statement in ("UPDATE audit SET actor_id = 1", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.begin() as tx:
                await tx.connection.execute(text(statement))
