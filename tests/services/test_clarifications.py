"""Clarifications: how the clock goes on, reminders, and annulment by the rule of the type."""

import asyncio
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bot.db.database import Database
from bot.domain import (
    Account,
    Actor,
    ActorKind,
    Address,
    MessageContent,
    MessageKind,
    Request,
    Status,
)
from bot.request_types import load
from bot.services.accounts import Accounts
from bot.services.calendar import WorkingCalendar
from bot.services.deadlines import ReviewDeadlines
from bot.services.errors import StatusConflict
from bot.services.request_messages import RequestMessages
from bot.services.request_reports import RequestReports
from bot.services.request_workflow import RequestWorkflow
from bot.services.requests import Requests
from tests.support.clock import FakeClock
from tests.support.samples import FAR_FUTURE, list_audit, register_account

MOSCOW = ZoneInfo("Europe/Moscow")
MARIA = Actor(kind=ActorKind.STAFF, id=501, name="Мария")
CHAT = 7
CALENDAR = WorkingCalendar()
#: Registered and asked on this day, at noon in Moscow.
TODAY = date(2026, 11, 24)
ANSWER_BY = CALENDAR.find_working_day_after(TODAY, 20)


@pytest.fixture
def deadlines() -> ReviewDeadlines:
    return ReviewDeadlines(load(), CALENDAR, MOSCOW, 9)


@pytest.fixture
def workflow(database: Database, deadlines: ReviewDeadlines, clock: FakeClock) -> RequestWorkflow:
    return RequestWorkflow(database, deadlines, clock)


@pytest.fixture
def messages(database: Database, deadlines: ReviewDeadlines, clock: FakeClock) -> RequestMessages:
    return RequestMessages(database, deadlines, clock)


@pytest.fixture
def reports(database: Database, deadlines: ReviewDeadlines, clock: FakeClock) -> RequestReports:
    return RequestReports(database, deadlines, clock, MOSCOW, 9)


@pytest.fixture
async def account(database: Database, accounts: Accounts, clock: FakeClock) -> Account:
    await register_account(accounts)
    async with database.begin() as tx:
        found = await tx.accounts.get_by_email("ivanova@example.ru")
        assert found
        await tx.chats.link(CHAT, found.id, clock.now(), FAR_FUTURE)
    return found


async def filed(
    database: Database,
    clock: FakeClock,
    account: Account,
    type_code: str = "tech_connection",
    **answers: str,
) -> Request:
    requests = Requests(database, load(), CALENDAR, clock, MOSCOW)
    return await requests.register(
        draft_id=f"d-{type_code}",
        account=account,
        type_code=type_code,
        raw_answers=answers,
        answers=[],
        text="Прошу присоединить дом",
    )


async def answer(messages: RequestMessages, account: Account, request: Request) -> Request:
    content = MessageContent(
        kind=MessageKind.TEXT, text="Прикладываю план", chat_id=CHAT, message_id=request.id
    )
    return await messages.supplement(account, request.id, content, scan_id=None)


async def waiting(database: Database) -> dict[str, int]:
    async with database.read() as tx:
        return await tx.outbox.count_waiting()


def go_to(clock: FakeClock, day: date) -> None:
    """Noon of the day in Moscow."""
    clock.advance(days=(day - clock.now().astimezone(MOSCOW).date()).days)


async def test_the_term_of_a_connection_is_counted_anew_from_the_answer(
    database: Database,
    account: Account,
    workflow: RequestWorkflow,
    messages: RequestMessages,
    clock: FakeClock,
) -> None:
    request = await filed(database, clock, account, max_power_kw="16")
    assert request.review_due == CALENDAR.find_working_day_after(TODAY, 20)
    clock.advance(days=6)
    asked = await workflow.set_status(request.id, MARIA, Status.CLARIFICATION, comment="План?")
    assert asked.answer_by == CALENDAR.find_working_day_after(date(2026, 11, 30), 20)
    clock.advance(days=8)
    answered = await answer(messages, account, request)
    assert answered.status is Status.IN_WORK
    assert answered.was_clarified
    assert answered.answer_by is None
    # All 20 working days, not the 16 that were left.
    assert answered.review_due == CALENDAR.find_working_day_after(date(2026, 12, 8), 20)
    promised = await waiting(database)
    # The chat that answered is not told; the letter names the new day.
    assert promised["talk_in"] == 1
    assert promised["status_letter"] == 2
    assert promised["status_notice"] == 1
    # A second message changes nothing more.
    again = await messages.supplement(
        account,
        request.id,
        MessageContent(kind=MessageKind.TEXT, text="И ещё", chat_id=CHAT, message_id=99),
        scan_id=None,
    )
    assert len(again.history) == len(answered.history)


async def test_of_other_types_the_rest_of_the_term_goes_on(
    database: Database,
    account: Account,
    workflow: RequestWorkflow,
    messages: RequestMessages,
    clock: FakeClock,
) -> None:
    request = await filed(database, clock, account, "meter_reading_visit")
    clock.advance(days=6)
    asked = await workflow.set_status(request.id, MARIA, Status.CLARIFICATION, comment="Этаж?")
    assert asked.answer_by is None
    clock.advance(days=8)
    answered = await answer(messages, account, request)
    left = CALENDAR.count_working_days(date(2026, 11, 30), request.review_due)
    assert answered.review_due == CALENDAR.find_working_day_after(date(2026, 12, 8), left)
    clock.advance(days=100)
    await workflow.check_clarifications()
    still = await workflow.get(request.id)
    assert still is not None
    assert still.status is Status.IN_WORK


async def test_who_does_not_answer_is_reminded_and_then_the_request_is_annulled(
    database: Database, account: Account, workflow: RequestWorkflow, clock: FakeClock
) -> None:
    request = await filed(database, clock, account)
    asked = await workflow.set_status(request.id, MARIA, Status.CLARIFICATION, comment="План?")
    assert asked.answer_by == ANSWER_BY
    reminded_on = CALENDAR.find_working_day_before(ANSWER_BY, 5)
    go_to(clock, CALENDAR.find_working_day_before(reminded_on, 1))
    await workflow.check_clarifications()
    assert "clarification_reminder" not in await waiting(database)
    go_to(clock, reminded_on)
    for _ in range(2):
        await workflow.check_clarifications()
    promised = await waiting(database)
    assert promised["clarification_reminder"] == promised["clarification_letter"] == 1
    go_to(clock, ANSWER_BY)
    await workflow.check_clarifications()
    assert (await workflow.get(request.id) or request).status is Status.CLARIFICATION
    clock.advance(days=1)
    before = await waiting(database)
    await asyncio.gather(*(workflow.check_clarifications() for _ in range(4)))
    await workflow.check_clarifications()
    annulled = await workflow.get(request.id)
    assert annulled is not None
    assert annulled.status is Status.ANNULLED
    assert annulled.closed_at == clock.now()
    assert [one.actor for one in annulled.history].count(ActorKind.SYSTEM) == 1
    after = await waiting(database)
    for kind in ("status_letter", "status_notice", "card_edit"):
        assert after[kind] == before[kind] + 1, kind
    async with database.read() as tx:
        assert ("annulled", 0) in await list_audit(tx, request_id=request.id)
    with pytest.raises(StatusConflict):
        await workflow.dispute(account, Address.from_chat(CHAT), request.id)


async def test_nobody_is_woken(
    database: Database, account: Account, workflow: RequestWorkflow, clock: FakeClock
) -> None:
    request = await filed(database, clock, account)
    await workflow.set_status(request.id, MARIA, Status.CLARIFICATION, comment="План?")
    go_to(clock, CALENDAR.find_working_day_before(ANSWER_BY, 5))
    clock.advance(hours=9)
    await workflow.check_clarifications()
    assert "clarification_reminder" not in await waiting(database)
    clock.advance(hours=14)
    await workflow.check_clarifications()
    assert (await waiting(database))["clarification_reminder"] == 1


async def test_a_bot_that_was_away_reminds_before_it_annuls(
    database: Database, account: Account, workflow: RequestWorkflow, clock: FakeClock
) -> None:
    request = await filed(database, clock, account)
    await workflow.set_status(request.id, MARIA, Status.CLARIFICATION, comment="План?")
    go_to(clock, ANSWER_BY)
    clock.advance(days=3)
    today = clock.now().astimezone(MOSCOW).date()
    await workflow.check_clarifications()
    reminded = await workflow.get(request.id)
    assert reminded is not None
    assert reminded.status is Status.CLARIFICATION
    assert reminded.answer_by == CALENDAR.find_working_day_after(today, 1)
    assert (await waiting(database))["clarification_reminder"] == 1
    go_to(clock, reminded.answer_by)
    clock.advance(days=1)
    await workflow.check_clarifications()
    assert (await workflow.get(request.id) or request).status is Status.ANNULLED


async def test_an_answer_ends_the_watch(
    database: Database,
    account: Account,
    workflow: RequestWorkflow,
    messages: RequestMessages,
    clock: FakeClock,
) -> None:
    request = await filed(database, clock, account)
    await workflow.set_status(request.id, MARIA, Status.CLARIFICATION, comment="План?")
    await answer(messages, account, request)
    clock.advance(days=90)
    await workflow.check_clarifications()
    assert (await workflow.get(request.id) or request).status is Status.IN_WORK
    promised = await waiting(database)
    assert "clarification_reminder" not in promised
    assert "clarification_letter" not in promised


async def test_an_answered_request_is_overdue_when_its_day_has_passed(
    database: Database,
    account: Account,
    workflow: RequestWorkflow,
    messages: RequestMessages,
    reports: RequestReports,
    clock: FakeClock,
) -> None:
    request = await filed(database, clock, account, "meter_reading_visit")
    await workflow.set_status(request.id, MARIA, Status.CLARIFICATION, comment="Этаж?")
    answered = await answer(messages, account, request)
    go_to(clock, answered.review_due)
    assert (await reports.list_overdue(0)).lines == ()
    await reports.put_reminders()
    reminders = (await waiting(database)).get("reminder", 0)
    clock.advance(days=1)
    assert [one.id for one in (await reports.list_overdue(0)).lines] == [request.id]
    await reports.put_reminders()
    assert (await waiting(database))["reminder"] == reminders + 1


async def test_an_emergency_has_a_term_in_hours(
    database: Database, account: Account, reports: RequestReports, clock: FakeClock
) -> None:
    # 23:00 in Moscow: the answer is due on the next day, in the quiet hours of the staff.
    clock.advance(hours=11)
    request = await filed(database, clock, account, "grid_asset_theft", danger="yes")
    assert request.emergency
    assert request.due_at is not None
    assert (request.due_at - clock.now()).total_seconds() == 2 * 3600
    assert request.review_due == date(2026, 11, 25)
    promised = await waiting(database)
    assert promised["emergency_card"] == 1
    assert "card" not in promised
    await reports.put_reminders()
    assert "reminder" not in await waiting(database)
    assert (await reports.list_overdue(0)).lines == ()
    clock.advance(hours=2, minutes=1)
    assert [one.id for one in (await reports.list_overdue(0)).lines] == [request.id]
    for _ in range(2):
        await reports.put_reminders()
        assert (await waiting(database))["reminder"] == 1
    clock.advance(hours=1)
    await reports.put_reminders()
    assert (await waiting(database))["reminder"] == 2


async def test_without_danger_the_term_is_that_of_the_type(
    database: Database, account: Account, clock: FakeClock
) -> None:
    request = await filed(database, clock, account, "grid_asset_theft", danger="no")
    assert (request.emergency, request.due_at) == (False, None)
    assert request.review_due == date(2026, 12, 9)
    assert (await waiting(database))["card"] == 1
