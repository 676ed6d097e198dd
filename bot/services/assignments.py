"""Assignments: who of the staff answers a request, who is on duty, and who has left."""

from collections import Counter
from collections.abc import Collection

from bot.db.database import Database, Tx
from bot.domain import OPEN, Actor, ActorKind, Request, StaffUser, Status
from bot.services import recipients
from bot.services.clock import Clock
from bot.services.deadlines import ReviewDeadlines
from bot.services.errors import MemberUnknown, RequestUnknown, StatusConflict
from bot.services.request_workflow import change_status, check_assignee, lock_request
from bot.services.staff_chats import StaffChats


class Assignments:
    """A change of the assignee is no change of the status: the consumer is not told of it."""

    def __init__(
        self,
        database: Database,
        deadlines: ReviewDeadlines,
        clock: Clock,
        staff_chats: StaffChats,
    ) -> None:
        self._database = database
        self._deadlines = deadlines
        self._clock = clock
        self._staff_chats = staff_chats

    # --- one request ---------------------------------------------------------------------------

    async def take(self, request_id: int, staff: Actor) -> Request:
        """The member becomes the assignee of an open request that has none.

        Raises RequestUnknown, StatusConflict, AssignedToAnother.
        """
        async with self._database.begin() as tx:
            request = await _lock_open(tx, request_id)
            check_assignee(request, staff, agreed=0)
            await self._set_assignee(tx, request, staff.id, staff, "taken")
            return await _get(tx, request_id)

    async def check_assignment(self, request_id: int, staff: Actor, *, agreed: int) -> Request:
        """The request, if the member may hand it over now; nothing changes.

        ``agreed``: see ``check_assignee``. Raises what ``assign`` does.
        """
        async with self._database.read() as tx:
            request = await tx.requests.get(request_id)
        if request is None:
            raise RequestUnknown(request_id)
        if request.status not in OPEN:
            raise StatusConflict(request)
        check_assignee(request, staff, agreed=agreed)
        return request

    async def assign(self, request_id: int, to: int, staff: Actor, *, agreed: int) -> Request:
        """Another member becomes the assignee, and is told so; the request is in work by that.

        Raises RequestUnknown, StatusConflict, AssignedToAnother, MemberUnknown.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            request = await _lock_open(tx, request_id)
            check_assignee(request, staff, agreed=agreed)
            if await tx.staff_members.find(to) is None:
                raise MemberUnknown(to)
            if request.status is Status.REGISTERED:
                await change_status(
                    tx, self._deadlines, request, staff, Status.IN_WORK, "", now, assignee_id=to
                )
            await self._set_assignee(tx, request, to, staff, "handed_over")
            if to != staff.id:
                await recipients.note_on_card(tx, request_id, "handed_over", now)
            return await _get(tx, request_id)

    async def give_back(self, request_id: int, staff: Actor, *, agreed: int) -> Request:
        """The request has no assignee any more; it waits in the queue for another member.

        Raises RequestUnknown, StatusConflict, AssignedToAnother.
        """
        async with self._database.begin() as tx:
            request = await _lock_open(tx, request_id)
            check_assignee(request, staff, agreed=agreed)
            await self._set_assignee(tx, request, None, staff, "given_back")
            return await _get(tx, request_id)

    async def get(self, request_id: int) -> Request:
        """Raises RequestUnknown."""
        async with self._database.read() as tx:
            return await _get(tx, request_id)

    # --- members -------------------------------------------------------------------------------

    async def record_member(self, user_id: int, name: str) -> None:
        """Remembers somebody whom Telegram has just confirmed as a member of a staff group."""
        async with self._database.begin() as tx:
            await tx.staff_members.add(user_id, name, self._clock.now())

    async def list_members(self) -> list[StaffUser]:
        """Who was seen and has not left: on duty first, then by name."""
        async with self._database.read() as tx:
            return await tx.staff_members.list_present()

    async def set_duty(self, staff: Actor, *, on_duty: bool) -> int:
        """Begins or ends the member's shift; returns how many open requests the member has."""
        now = self._clock.now()
        async with self._database.begin() as tx:
            await tx.staff_members.add(staff.id, staff.name, now)
            await tx.staff_members.set_duty(staff.id, on_duty=on_duty)
            await tx.audit.add(staff, "shift_on" if on_duty else "shift_off", now)
            return len(await tx.requests.lock_assigned(staff.id))

    async def list_assigned_chats(self, staff: Actor) -> list[int]:
        """The present ids of the groups whose open requests the member answers."""
        async with self._database.begin() as tx:
            ids = await tx.requests.lock_assigned(staff.id)
            requests = [await _get(tx, one) for one in ids]
        groups = {self._staff_chats.find_route(one).chat_id for one in requests}
        return [await self._staff_chats.resolve(one) for one in groups]

    async def give_back_all(self, staff: Actor) -> int:
        """Every open request of the member goes back to the queue; returns how many."""
        async with self._database.begin() as tx:
            ids = await tx.requests.lock_assigned(staff.id)
            for request_id in ids:
                request = await _get(tx, request_id)
                await self._set_assignee(tx, request, None, staff, "given_back")
        return len(ids)

    async def assign_all(self, staff: Actor, to: int, chat_ids: Collection[int]) -> int:
        """The open requests of the member in these groups get another assignee, who is told so.

        Returns how many the member keeps, in other groups; raises MemberUnknown.
        """
        now = self._clock.now()
        groups = {await self._staff_chats.find_configured(one) for one in chat_ids}
        async with self._database.begin() as tx:
            if await tx.staff_members.find(to) is None:
                raise MemberUnknown(to)
            moved: Counter[int | None] = Counter()
            ids = await tx.requests.lock_assigned(staff.id)
            for request_id in ids:
                request = await _get(tx, request_id)
                group = self._staff_chats.find_route(request).chat_id
                if group in groups:
                    await self._set_assignee(tx, request, to, staff, "handed_over")
                    moved[group] += 1
            for group, count in moved.items():
                await recipients.announce_hand_over(tx, staff.id, to, count, group, now)
        return len(ids) - moved.total()

    async def mark_left(self, user_id: int, chat_id: int, *, elsewhere: bool) -> None:
        """The member left a staff group: its open requests go back to the queue, and it is told.

        ``elsewhere``: the member stays in another staff group, and keeps the requests there.
        """
        now = self._clock.now()
        left = await self._staff_chats.find_configured(chat_id)
        async with self._database.begin() as tx:
            member = await tx.staff_members.find(user_id)
            if member is None:
                return
            staff = Actor(kind=ActorKind.STAFF, id=member.id, name=member.name)
            if not elsewhere:
                await tx.staff_members.mark_left(staff.id, now)
            returned: dict[int | None, list[int]] = {}
            for request_id in await tx.requests.lock_assigned(staff.id):
                request = await _get(tx, request_id)
                group = self._staff_chats.find_route(request).chat_id
                if group == left or not elsewhere:
                    await self._set_assignee(tx, request, None, staff, "given_back")
                    returned.setdefault(group, []).append(request_id)
            for group, ids in returned.items():
                await recipients.announce_member_left(tx, staff.id, ids, group, now)

    async def _set_assignee(
        self, tx: Tx, request: Request, to: int | None, staff: Actor, action: str
    ) -> None:
        now = self._clock.now()
        await tx.requests.change(request.id, assignee_id=to)
        await tx.audit.add(staff, action, now, account_id=request.account.id, request_id=request.id)
        await recipients.announce_card_change(tx, request.id, f"{action}:{now.isoformat()}", now)


async def _lock_open(tx: Tx, request_id: int) -> Request:
    """Raises RequestUnknown, and StatusConflict for a request that is closed."""
    request = await lock_request(tx, request_id)
    if request.status not in OPEN:
        raise StatusConflict(request)
    return request


async def _get(tx: Tx, request_id: int) -> Request:
    request = await tx.requests.get(request_id)
    if request is None:
        raise RequestUnknown(request_id)
    return request
