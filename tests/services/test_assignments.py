"""Who answers a request: taking, handing over, giving back, shifts and leaving."""

from zoneinfo import ZoneInfo

import pytest

from bot.db.database import Database
from bot.domain import Account, Actor, ActorKind, Request, Status
from bot.request_types import load
from bot.services.accounts import Accounts
from bot.services.assignments import Assignments
from bot.services.calendar import WorkingCalendar
from bot.services.deadlines import ReviewDeadlines
from bot.services.errors import AssignedToAnother, MemberUnknown, RequestUnknown, StatusConflict
from bot.services.request_workflow import RequestWorkflow
from bot.services.requests import Requests
from bot.services.staff_chats import StaffChats
from tests.support.clock import FakeClock
from tests.support.samples import list_audit, register_account

MOSCOW = ZoneInfo("Europe/Moscow")
GROUP = -1_001_000_000_500
MARIA = Actor(kind=ActorKind.STAFF, id=501, name="Мария")
OLEG = Actor(kind=ActorKind.STAFF, id=502, name="Олег")


@pytest.fixture
def deadlines() -> ReviewDeadlines:
    return ReviewDeadlines(load(), WorkingCalendar(), MOSCOW, 9)


@pytest.fixture
def workflow(database: Database, deadlines: ReviewDeadlines, clock: FakeClock) -> RequestWorkflow:
    return RequestWorkflow(database, deadlines, clock)


@pytest.fixture
async def assignments(
    database: Database, deadlines: ReviewDeadlines, clock: FakeClock
) -> Assignments:
    made = Assignments(database, deadlines, clock, StaffChats(database, GROUP))
    for one in (MARIA, OLEG):
        await made.record_member(one.id, one.name)
    return made


@pytest.fixture
async def request_(database: Database, accounts: Accounts, clock: FakeClock) -> Request:
    await register_account(accounts)
    async with database.begin() as tx:
        account: Account | None = await tx.accounts.get_by_email("ivanova@example.ru")
    assert account
    return await Requests(database, load(), WorkingCalendar(), clock, MOSCOW).register(
        draft_id="d1",
        account=account,
        type_code="meter_reading_visit",
        raw_answers={},
        answers=[],
        text="Прошу снять показания",
    )


async def read_request(database: Database, request_id: int) -> Request:
    async with database.read() as tx:
        found = await tx.requests.get(request_id)
    assert found
    return found


async def test_a_request_goes_from_hand_to_hand(
    assignments: Assignments, workflow: RequestWorkflow, database: Database, request_: Request
) -> None:
    taken = await workflow.set_status(request_.id, MARIA, Status.IN_WORK, agreed=0)
    assert taken.assignee
    assert taken.assignee.name == "Мария"
    # Another member is asked first, and may pass over the assignee that was named, only that one.
    for agreed in (0, 777):
        with pytest.raises(AssignedToAnother):
            await workflow.set_status(request_.id, OLEG, Status.DONE, agreed=agreed)
        with pytest.raises(AssignedToAnother):
            await assignments.give_back(request_.id, OLEG, agreed=agreed)
        with pytest.raises(AssignedToAnother):
            await assignments.check_assignment(request_.id, OLEG, agreed=agreed)
    with pytest.raises(AssignedToAnother):
        await assignments.take(request_.id, OLEG)
    with pytest.raises(MemberUnknown):
        await assignments.assign(request_.id, 999, MARIA, agreed=0)
    handed = await assignments.assign(request_.id, OLEG.id, MARIA, agreed=0)
    assert handed.assignee
    assert handed.assignee.id == OLEG.id
    assert handed.status is Status.IN_WORK
    given = await assignments.give_back(request_.id, MARIA, agreed=OLEG.id)
    assert given.assignee is None
    assert (await assignments.take(request_.id, MARIA)).assignee is not None
    async with database.read() as tx:
        waiting = await tx.outbox.count_waiting()
        audit = await list_audit(tx, request_id=request_.id)
    assert waiting["card_note"] == 1
    assert [action for action, _ in audit] == [
        "in_work", "handed_over", "given_back", "taken",
    ]  # fmt: skip


async def test_who_is_handed_a_new_request_has_it_in_work(
    assignments: Assignments, request_: Request
) -> None:
    handed = await assignments.assign(request_.id, OLEG.id, MARIA, agreed=0)
    assert handed.status is Status.IN_WORK
    assert handed.assignee
    assert handed.assignee.id == OLEG.id
    assert handed.history[-1].actor_name == "Мария"


async def test_a_closed_or_unknown_request_changes_no_hands(
    assignments: Assignments, workflow: RequestWorkflow, request_: Request
) -> None:
    with pytest.raises(RequestUnknown):
        await assignments.take(999, MARIA)
    with pytest.raises(RequestUnknown):
        await assignments.check_assignment(999, MARIA, agreed=0)
    await workflow.set_status(request_.id, MARIA, Status.REJECTED, comment="Не наша сеть")
    for change in (
        assignments.take(request_.id, OLEG),
        assignments.give_back(request_.id, MARIA, agreed=0),
        assignments.assign(request_.id, OLEG.id, MARIA, agreed=0),
        assignments.check_assignment(request_.id, MARIA, agreed=0),
    ):
        with pytest.raises(StatusConflict):
            await change


async def test_a_shift_marks_who_is_on_duty_and_its_end_moves_the_requests(
    assignments: Assignments, workflow: RequestWorkflow, database: Database, request_: Request
) -> None:
    assert await assignments.set_duty(OLEG, on_duty=True) == 0
    assert [(one.name, one.on_duty) for one in await assignments.list_members()] == [
        ("Олег", True),
        ("Мария", False),
    ]
    await workflow.set_status(request_.id, OLEG, Status.IN_WORK)
    assert await assignments.set_duty(OLEG, on_duty=False) == 1
    with pytest.raises(MemberUnknown):
        await assignments.assign_all(OLEG, 999, [GROUP])
    assert await assignments.list_assigned_chats(OLEG) == [GROUP]
    assert await assignments.assign_all(OLEG, MARIA.id, []) == 1
    assert await assignments.assign_all(OLEG, MARIA.id, [GROUP]) == 0
    assert await assignments.list_assigned_chats(OLEG) == []
    assert await assignments.give_back_all(MARIA) == 1
    assert (await read_request(database, request_.id)).assignee is None


async def test_who_leaves_gives_back_everything_and_may_return(
    assignments: Assignments, workflow: RequestWorkflow, database: Database, request_: Request
) -> None:
    await workflow.set_status(request_.id, OLEG, Status.IN_WORK)
    for _ in range(2):
        await assignments.mark_left(OLEG.id, GROUP, elsewhere=False)
    assert (await read_request(database, request_.id)).assignee is None
    assert [one.name for one in await assignments.list_members()] == ["Мария"]
    async with database.read() as tx:
        assert (await tx.outbox.count_waiting())["member_left"] == 1
    await assignments.mark_left(999, GROUP, elsewhere=False)
    await assignments.record_member(OLEG.id, "Олег Б.")
    assert [one.name for one in await assignments.list_members()] == ["Мария", "Олег Б."]
