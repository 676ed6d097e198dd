"""Request workflow: status transitions by staff and consumer, disputes and ratings."""

from datetime import timedelta
from typing import Any

from bot.db.database import Database, Tx
from bot.domain import (
    OPEN,
    RATINGS,
    RUNNING,
    TRANSITIONS,
    Account,
    Actor,
    ActorKind,
    Request,
    Status,
)
from bot.services import recipients
from bot.services.clock import Clock
from bot.services.deadlines import ReviewDeadlines
from bot.services.errors import DisputeExpired, RequestUnknown, StatusConflict

#: How long after closing a consumer may disagree.
DISPUTE_TIME = timedelta(days=10)


class RequestWorkflow:
    def __init__(self, database: Database, deadlines: ReviewDeadlines, clock: Clock) -> None:
        self._database = database
        self._deadlines = deadlines
        self._clock = clock

    async def set_status(
        self,
        request_id: int,
        staff: Actor,
        to: Status,
        *,
        seen: Status | None = None,
        comment: str = "",
    ) -> Request:
        """The staff set a status, the consumer is notified; ``seen`` is the status the staff saw.

        Raises RequestUnknown, StatusConflict.
        """
        async with self._database.begin() as tx:
            request = await lock_request(tx, request_id)
            _check_transition(request, staff.kind, to, seen)
            return await self._set(tx, request, staff, to, comment)

    async def check_transition(self, request_id: int, to: Status, *, seen: Status) -> Request:
        """The request, if the staff may set this status now; nothing changes.

        ``seen`` is the status that the card showed. Raises RequestUnknown, StatusConflict.
        """
        request = await self.get(request_id)
        if request is None:
            raise RequestUnknown(request_id)
        _check_transition(request, ActorKind.STAFF, to, seen)
        return request

    async def withdraw(self, account: Account, chat_id: int, request_id: int) -> Request:
        """The consumer takes an open request back; raises RequestUnknown, StatusConflict."""
        async with self._database.begin() as tx:
            request = await lock_own_request(tx, account, request_id)
            return await self._set(
                tx, request, to_consumer_actor(account, chat_id), Status.WITHDRAWN, ""
            )

    async def dispute(self, account: Account, chat_id: int, request_id: int) -> Request:
        """«Не согласен»: a closed request is reviewed again.

        Raises RequestUnknown, StatusConflict, DisputeExpired.
        """
        async with self._database.begin() as tx:
            request = await lock_own_request(tx, account, request_id)
            if request.closed_at and self._clock.now() - request.closed_at > DISPUTE_TIME:
                raise DisputeExpired
            return await self._set(
                tx, request, to_consumer_actor(account, chat_id), Status.REGISTERED, ""
            )

    async def rate(self, account: Account, chat_id: int, request_id: int, stars: int) -> bool:
        """Rates a closed request; ``stars`` are of RATINGS. False when it was rated before.

        Raises RequestUnknown, StatusConflict (it is open).
        """
        if stars not in RATINGS:
            raise ValueError(f"{stars} stars")
        now = self._clock.now()
        async with self._database.begin() as tx:
            request = await lock_own_request(tx, account, request_id)
            if request.status not in {Status.DONE, Status.REJECTED}:
                raise StatusConflict(request)
            if request.rating is not None:
                return False
            await tx.requests.change(request_id, rating=stars)
            consumer = to_consumer_actor(account, chat_id)
            await tx.audit.add(consumer, "rated", now, account_id=account.id, request_id=request_id)
            await recipients.announce_card_change(tx, request_id, now.isoformat(), now)
        return True

    async def get(self, request_id: int) -> Request | None:
        async with self._database.read() as tx:
            return await tx.requests.get(request_id)

    async def _set(
        self, tx: Tx, request: Request, actor: Actor, to: Status, comment: str
    ) -> Request:
        _check_transition(request, actor.kind, to)
        now = self._clock.now()
        changes: dict[str, Any] = {"status": to.value, "clock_stopped_at": None}
        due = self._deadlines.compute_resumed(request, now)
        if request.status not in OPEN:
            due = self._deadlines.compute_reopened(request, now)
        changes["review_due"] = due
        changes["closed_at"] = None if to in OPEN else now
        if to is Status.CLARIFICATION:
            changes["clock_stopped_at"] = now
        changes["remind_at"] = self._deadlines.compute_reminder(due, now) if to in RUNNING else None
        if actor.kind is ActorKind.STAFF and (
            to is Status.IN_WORK or await tx.requests.get_assignee(request.id) is None
        ):
            changes["assignee_id"] = actor.id
        await tx.requests.change(request.id, **changes)
        history_id = await tx.requests.add_history(request.id, actor, to, comment, now)
        account = request.account
        await tx.audit.add(actor, to.value, now, account_id=account.id, request_id=request.id)
        await recipients.announce_status(tx, request, history_id, actor, now)
        changed = await tx.requests.get(request.id)
        if changed is None:
            raise RequestUnknown(request.id)
        return changed


def _check_transition(
    request: Request, actor: ActorKind, to: Status, seen: Status | None = None
) -> None:
    """Raises StatusConflict; ``seen`` None: whatever status the actor saw."""
    overtaken = seen is not None and request.status is not seen
    if overtaken or to not in TRANSITIONS.get((actor, request.status), ()):
        raise StatusConflict(request)


def to_consumer_actor(account: Account, chat_id: int) -> Actor:
    return Actor(kind=ActorKind.CONSUMER, id=chat_id, name=account.name)


async def lock_request(tx: Tx, request_id: int) -> Request:
    """The request, which nobody else changes until the transaction ends.

    Raises RequestUnknown.
    """
    request = await tx.requests.lock(request_id)
    if request is None:
        raise RequestUnknown(request_id)
    return request


async def lock_own_request(tx: Tx, account: Account, request_id: int) -> Request:
    """As ``lock_request``; raises RequestUnknown also for another account's request."""
    request = await lock_request(tx, request_id)
    if request.account.id != account.id:
        raise RequestUnknown(request_id)
    return request
