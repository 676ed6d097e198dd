"""Transitions with their clock, history, audit and notices; and the watch over terms."""

from datetime import date, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.db.database import Database
from bot.domain import (
    OPEN,
    TRANSITIONS,
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
from bot.services.errors import DisputeExpired, RequestUnknown, StatusConflict
from bot.services.request_reports import GroupStats, RequestReports
from bot.services.request_workflow import RequestWorkflow
from bot.services.requests import Requests
from tests.support.clock import FakeClock
from tests.support.samples import FAR_FUTURE, list_audit, register_account

MOSCOW = ZoneInfo("Europe/Moscow")
MARIA = Actor(kind=ActorKind.STAFF, id=501, name="Мария")
OLEG = Actor(kind=ActorKind.STAFF, id=502, name="Олег")
CHAT = 7


@pytest.fixture
def deadlines() -> ReviewDeadlines:
    return ReviewDeadlines(load(), WorkingCalendar(), MOSCOW, 9)


@pytest.fixture
def workflow(database: Database, deadlines: ReviewDeadlines, clock: FakeClock) -> RequestWorkflow:
    return RequestWorkflow(database, deadlines, clock)


@pytest.fixture
def request_reports(
    database: Database, deadlines: ReviewDeadlines, clock: FakeClock
) -> RequestReports:
    return RequestReports(database, deadlines, clock, MOSCOW, 9)


@pytest.fixture
async def account(database: Database, accounts: Accounts, clock: FakeClock) -> Account:
    await register_account(accounts)
    async with database.begin() as tx:
        found = await tx.accounts.get_by_email("ivanova@example.ru")
        assert found
        await tx.chats.link(CHAT, found.id, clock.now(), FAR_FUTURE)
        await tx.chats.link(CHAT + 1, found.id, clock.now(), FAR_FUTURE)
        return await tx.accounts.get(found.id)


@pytest.fixture
async def request_(database: Database, account: Account, clock: FakeClock) -> Request:
    requests = Requests(database, load(), WorkingCalendar(), clock, MOSCOW)
    return await requests.register(
        draft_id="d1",
        account=account,
        type_code="meter_reading_visit",
        raw_answers={},
        answers=[],
        text="Прошу снять показания",
    )


async def count_waiting(database: Database) -> dict[str, int]:
    async with database.read() as tx:
        return await tx.outbox.count_waiting()


def test_the_table_is_that_of_the_contract() -> None:
    staff, consumer = ActorKind.STAFF, ActorKind.CONSUMER
    work, question, done, no = (
        Status.IN_WORK, Status.CLARIFICATION, Status.DONE, Status.REJECTED,
    )  # fmt: skip
    wanted = {
        (staff, Status.REGISTERED): {work, question, done, no},
        (staff, work): {question, done, no},
        (staff, question): {work, done, no},
        **{(staff, one): {work} for one in (done, no, Status.ANNULLED)},
        **{(consumer, one): {Status.WITHDRAWN} for one in OPEN},
        (consumer, question): {Status.WITHDRAWN, work},
        (ActorKind.SYSTEM, question): {Status.ANNULLED},
        (consumer, done): {Status.REGISTERED},
        (consumer, no): {Status.REGISTERED},
    }
    for key in product(ActorKind, Status):
        assert TRANSITIONS.get(key, frozenset()) == wanted.get(key, set()), key


async def test_a_transition_writes_everything_at_once(
    workflow: RequestWorkflow, database: Database, request_: Request
) -> None:
    moved = await workflow.set_status(request_.id, MARIA, Status.IN_WORK, seen=Status.REGISTERED)
    assert moved.status is Status.IN_WORK
    last = moved.history[-1]
    assert (last.actor, last.actor_name, last.status) == (ActorKind.STAFF, "Мария", Status.IN_WORK)
    promised = await count_waiting(database)
    assert promised["card_edit"] == promised["status_letter"] == 1
    assert promised["status_notice"] == 2
    async with database.read() as tx:
        assert await list_audit(tx, request_id=request_.id) == [("in_work", 501)]
    assert moved.assignee
    assert moved.assignee.id == 501


async def test_a_transition_is_checked_before_its_comment_is_asked_for(
    workflow: RequestWorkflow, database: Database, request_: Request
) -> None:
    before = await count_waiting(database)
    checked = await workflow.check_transition(
        request_.id, MARIA, Status.REJECTED, seen=Status.REGISTERED, agreed=0
    )
    assert checked == request_
    for to, seen in ((Status.REJECTED, Status.IN_WORK), (Status.WITHDRAWN, Status.REGISTERED)):
        with pytest.raises(StatusConflict):
            await workflow.check_transition(request_.id, MARIA, to, seen=seen, agreed=0)
    with pytest.raises(RequestUnknown):
        await workflow.check_transition(
            999, MARIA, Status.REJECTED, seen=Status.REGISTERED, agreed=0
        )
    assert await count_waiting(database) == before


async def test_the_second_to_press_is_told_by_whom_it_was_taken(
    workflow: RequestWorkflow, database: Database, request_: Request
) -> None:
    await workflow.set_status(request_.id, MARIA, Status.IN_WORK, seen=Status.REGISTERED)
    before = await count_waiting(database)
    with pytest.raises(StatusConflict) as late:
        await workflow.set_status(request_.id, OLEG, Status.DONE, seen=Status.REGISTERED)
    assert late.value.request.history[-1].actor_name == "Мария"
    with pytest.raises(StatusConflict):
        await workflow.set_status(request_.id, OLEG, Status.REGISTERED)
    with pytest.raises(RequestUnknown):
        await workflow.set_status(10**6, OLEG, Status.DONE)
    assert await count_waiting(database) == before


async def test_the_clock_stands_while_an_answer_is_awaited(
    workflow: RequestWorkflow,
    database: Database,
    request_: Request,
    clock: FakeClock,
    deadlines: ReviewDeadlines,
) -> None:
    calendar = WorkingCalendar()
    today = date(2026, 11, 24)
    assert request_.review_due == calendar.find_working_day_after(today, 10)
    clock.advance(days=2)
    asked = await workflow.set_status(
        request_.id, MARIA, Status.CLARIFICATION, comment="Какой этаж?"
    )
    assert asked.clock_stopped_at == clock.now()
    clock.advance(days=14)
    back = await workflow.set_status(request_.id, MARIA, Status.IN_WORK)
    assert back.clock_stopped_at is None
    left = calendar.count_working_days(date(2026, 11, 26), request_.review_due)
    assert back.review_due == calendar.find_working_day_after(date(2026, 12, 10), left)


async def test_disagreeing_has_its_time(
    workflow: RequestWorkflow, account: Account, request_: Request, clock: FakeClock
) -> None:
    with pytest.raises(StatusConflict):
        await workflow.dispute(account, Address.from_chat(CHAT), request_.id)
    await workflow.set_status(request_.id, MARIA, Status.DONE)
    clock.advance(days=9)
    again = await workflow.dispute(account, Address.from_chat(CHAT), request_.id)
    assert again.status is Status.REGISTERED
    assert again.closed_at is None
    assert again.review_due >= WorkingCalendar().find_working_day_after(date(2026, 12, 3), 5)
    await workflow.set_status(request_.id, MARIA, Status.REJECTED, comment="нет")
    clock.advance(days=10, seconds=1)
    with pytest.raises(DisputeExpired):
        await workflow.dispute(account, Address.from_chat(CHAT), request_.id)


async def test_a_rating_is_given_once_and_after_closing(
    workflow: RequestWorkflow, account: Account, request_: Request
) -> None:
    with pytest.raises(StatusConflict):
        await workflow.rate(account, Address.from_chat(CHAT), request_.id, 5)
    await workflow.set_status(request_.id, MARIA, Status.DONE)
    assert await workflow.rate(account, Address.from_chat(CHAT), request_.id, 4)
    assert not await workflow.rate(account, Address.from_chat(CHAT), request_.id, 1)
    rated = await workflow.get(request_.id)
    assert rated
    assert rated.rating == 4


async def test_withdrawn_by_its_owner_only(
    workflow: RequestWorkflow, account: Account, request_: Request, database: Database
) -> None:
    async with database.begin() as tx:
        other = await tx.accounts.add(
            category=account.category,
            name="Пётр",
            email="p@example.ru",
            phone="+79120000000",
            locale="ru",
            now=account.created_at,
        )
    with pytest.raises(RequestUnknown):
        await workflow.withdraw(other, Address.from_chat(99), request_.id)
    assert (
        await workflow.withdraw(account, Address.from_chat(CHAT), request_.id)
    ).status is Status.WITHDRAWN
    # The chat that pressed sees it anyway.
    assert (await count_waiting(database))["status_notice"] == 1
    with pytest.raises(StatusConflict):
        await workflow.set_status(request_.id, MARIA, Status.DONE)


async def test_the_audit_can_only_grow(
    workflow: RequestWorkflow, database: Database, request_: Request
) -> None:
    await workflow.set_status(request_.id, MARIA, Status.IN_WORK)
    for statement in ("UPDATE audit SET actor_id = 1", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.begin() as tx:
                await tx.connection.execute(text(statement))


async def test_the_watch_reminds_in_time_and_not_at_night(
    request_reports: RequestReports, database: Database, request_: Request, clock: FakeClock
) -> None:
    async def count_reminders() -> int:
        await request_reports.put_reminders()
        return (await count_waiting(database)).get("reminder", 0)

    assert await count_reminders() == 0
    assert (await count_waiting(database))["digest"] == 1
    await request_reports.put_reminders()
    assert (await count_waiting(database))["digest"] == 1
    soon = WorkingCalendar().find_working_day_before(request_.review_due, 2)
    clock.advance(days=(soon - date(2026, 11, 24)).days - 1)
    assert await count_reminders() == 0
    clock.advance(hours=17)  # five in the morning of the day
    digests = (await count_waiting(database))["digest"]
    assert await count_reminders() == 0
    assert (await count_waiting(database))["digest"] == digests
    clock.advance(hours=7)
    assert await count_reminders() == 1
    assert await count_reminders() == 1  # a restart repeats nothing
    clock.advance(days=1)
    assert await count_reminders() == 1
    clock.advance(days=(request_.review_due - soon).days)
    assert await count_reminders() == 2
    clock.advance(hours=1)
    assert await count_reminders() == 2
    clock.advance(days=4)
    assert await count_reminders() == 3


async def test_nothing_is_reminded_while_an_answer_is_awaited(
    request_reports: RequestReports,
    workflow: RequestWorkflow,
    database: Database,
    request_: Request,
    clock: FakeClock,
) -> None:
    await workflow.set_status(request_.id, MARIA, Status.CLARIFICATION, comment="Адрес?")
    clock.advance(days=60)
    await request_reports.put_reminders()
    assert "reminder" not in await count_waiting(database)
    assert (await request_reports.list_overdue(0)).lines == ()


async def test_lists_and_figures(
    request_reports: RequestReports,
    workflow: RequestWorkflow,
    request_: Request,
    clock: FakeClock,
    database: Database,
    account: Account,
) -> None:
    for words in (request_.number, "№ 1", account.email.upper(), "8 912 345-67-89"):
        assert [one.id for one in (await request_reports.find(words, 0)).lines] == [request_.id], (
            words
        )
    assert (await request_reports.find("%", 0)).lines == ()
    clock.advance(days=40)
    assert [one.id for one in (await request_reports.list_overdue(0)).lines] == [request_.id]
    figures = await request_reports.compute_stats()
    assert figures.overdue == 1
    assert figures.open == {"meter_reading_visit": (0, 0, 1)}
    await workflow.set_status(request_.id, MARIA, Status.DONE)
    figures = await request_reports.compute_stats()
    assert (figures.overdue, figures.closed, figures.late_share) == (0, 1, 1)
    assert figures.hours == timedelta(days=40) / timedelta(hours=1)
    async with database.begin() as tx:
        await tx.requests.change(request_.id, rating=2)
    period = await request_reports.compute_period_stats(30)
    (member,) = period.members
    assert (member.member.id, member.open) == (501, 0)
    done = GroupStats(taken=0, closed=1, hours=figures.hours, late=1, rating=2)
    assert member.figures == done
    assert period.types == {"meter_reading_visit": done}
    assert period.everything == await request_reports.compute_stats(30)
    longer = await request_reports.compute_period_stats(41)
    (earlier,) = longer.members
    assert earlier.figures.taken == longer.types["meter_reading_visit"].taken == 1
    clock.advance(days=31)
    assert (await request_reports.compute_period_stats(30)).members == []


async def test_the_album_of_a_result_is_taken_back_as_a_whole(
    database: Database, deadlines: ReviewDeadlines, clock: FakeClock, request_: Request
) -> None:
    workflow = RequestWorkflow(database, deadlines, clock, timedelta(seconds=10))
    act, scheme, other = (
        MessageContent(
            kind=MessageKind.DOCUMENT,
            text="",
            chat_id=-5,
            message_id=at,
            album=album,
            media=f"{at}",
        )
        for at, album in ((1, "a"), (2, "a"), (3, "b"))
    )
    assert not await workflow.attach_to_comment(request_.id, MARIA, act)
    done = await workflow.set_status(request_.id, MARIA, Status.DONE, attachment=act)
    clock.advance(seconds=2)
    for _ in range(2):
        assert await workflow.attach_to_comment(request_.id, MARIA, scheme)
    assert not await workflow.attach_to_comment(request_.id, MARIA, other)
    async with database.read() as tx:
        first, second = await tx.request_messages.list_in_album(request_.id, "a")
        keys = {f"talk_out:{one}": f"{one}" for one in (first, second)}
        assert len(await tx.outbox.list_recorded(keys)) == 2
    await workflow.undo(done.history[-1].id, MARIA)
    async with database.read() as tx:
        assert await tx.request_messages.list_in_album(request_.id, "a") == []
        assert await tx.outbox.list_recorded(keys) == {}
