"""Request workflow: status transitions by staff and consumer, disputes and ratings."""

from datetime import datetime, timedelta
from typing import Any

from bot.db.database import Database, Tx
from bot.domain import (
    OPEN,
    RUNNING,
    TRANSITIONS,
    Account,
    Actor,
    ActorKind,
    Request,
    Status,
)
from bot.services.clock import Clock
from bot.services.deadlines import ReviewDeadlines
from bot.services.errors import DisputeExpired, RequestUnknown, StatusConflict

#: How long after closing a consumer may disagree.
DISPUTE_TIME = timedelta(days=10)
_ALBUM_TIME = timedelta(seconds=1.5)


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
        """The staff set a status, and the consumer is told; ``seen`` is the status they acted on.

        Raises RequestUnknown, Overtaken.
        """
        async with self._database.begin() as tx:
            request = await lock_request(tx, request_id)
            if seen is not None and request.status is not seen:
                raise StatusConflict(request)
            return await self._set(tx, request, staff, to, comment)

    async def withdraw(self, account: Account, chat_id: int, request_id: int) -> Request:
        """Raises RequestUnknown, Overtaken."""
        async with self._database.begin() as tx:
            request = await lock_own_request(tx, account, request_id)
            return await self._set(
                tx, request, to_consumer_actor(account, chat_id), Status.WITHDRAWN, ""
            )

    async def dispute(self, account: Account, chat_id: int, request_id: int) -> Request:
        """«Не согласен»: a closed request is reviewed again.

        Raises RequestUnknown, Overtaken, TooLate.
        """
        async with self._database.begin() as tx:
            request = await lock_own_request(tx, account, request_id)
            if request.closed_at and self._clock.now() - request.closed_at > DISPUTE_TIME:
                raise DisputeExpired
            return await self._set(
                tx, request, to_consumer_actor(account, chat_id), Status.REGISTERED, ""
            )

    async def rate(self, account: Account, chat_id: int, request_id: int, stars: int) -> bool:
        """Marks how a closed request was dealt with, 1–5; False when it was rated before.

        Raises RequestUnknown, Overtaken (it is open).
        """
        if not 1 <= stars <= 5:
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
            await put_card_edit(tx, request_id, now)
        return True

    async def get(self, request_id: int) -> Request | None:
        async with self._database.read() as tx:
            return await tx.requests.get(request_id)

    async def _set(
        self, tx: Tx, request: Request, actor: Actor, to: Status, comment: str
    ) -> Request:
        if to not in TRANSITIONS.get((actor.kind, request.status), ()):
            raise StatusConflict(request)
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
        entry = await tx.requests.add_history(request.id, actor, to, comment, now)
        account = request.account
        await tx.audit.add(actor, to.value, now, account_id=account.id, request_id=request.id)
        await put_card_edit(tx, request.id, now, f"{entry}")
        await self._tell(tx, request, entry, now, exclude=actor.id)
        changed = await tx.requests.get(request.id)
        if changed is None:
            raise RequestUnknown(request.id)
        return changed

    async def _tell(
        self, tx: Tx, request: Request, entry: int, now: datetime, exclude: int
    ) -> None:
        """Promises a word about a change to the consumer's chats, except ``exclude``, and a letter."""
        told = {"request_id": request.id, "history_id": entry}
        for chat_id in await tx.chats.list_for_account(request.account.id):
            if chat_id != exclude:
                await tx.outbox.put(
                    stream=f"chat:{chat_id}",
                    kind="status_notice",
                    payload={**told, "chat_id": chat_id},
                    dedupe_key=f"status:{entry}:{chat_id}",
                    not_before=now,
                )
        await tx.outbox.put(
            stream=f"letter:{request.id}",
            kind="status_letter",
            payload=told,
            dedupe_key=f"status_letter:{entry}",
            not_before=now,
        )


def to_consumer_actor(account: Account, chat_id: int) -> Actor:
    return Actor(kind=ActorKind.CONSUMER, id=chat_id, name=account.name)


async def put_card_edit(tx: Tx, request_id: int, now: datetime, mark: str = "") -> None:
    await tx.outbox.put(
        stream=f"request:{request_id}",
        kind="card_edit",
        payload={"request_id": request_id},
        dedupe_key=f"card_edit:{request_id}:{mark or now.isoformat()}",
        not_before=now,
    )


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
