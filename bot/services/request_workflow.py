"""Request workflow: status transitions, disputes, ratings, and clarifications without an answer."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from bot.db.database import Database, Tx
from bot.domain import (
    LOW_RATINGS,
    OPEN,
    RATINGS,
    RUNNING,
    SYSTEM_ACTOR,
    TRANSITIONS,
    Account,
    Actor,
    ActorKind,
    Address,
    MessageContent,
    Request,
    Status,
    UndoStep,
)
from bot.services import recipients
from bot.services.clock import Clock
from bot.services.deadlines import ReviewDeadlines
from bot.services.errors import (
    AssignedToAnother,
    DisputeExpired,
    ReopeningExpired,
    RequestUnknown,
    StatusConflict,
    UndoExpired,
)

#: How long after closing a consumer may disagree.
DISPUTE_TIME = timedelta(days=10)
#: What the staff can take back: the consumer gets words that cannot be called back.
UNDOABLE = frozenset({Status.DONE, Status.REJECTED, Status.CLARIFICATION})
_CHECKED_AT_ONCE = 40
#: The files of an album come as separate messages; the first one waits this long for the others.
_ALBUM_TIME = timedelta(seconds=1.5)


class RequestWorkflow:
    def __init__(
        self,
        database: Database,
        deadlines: ReviewDeadlines,
        clock: Clock,
        undo_time: timedelta = timedelta(),
    ) -> None:
        """``undo_time``: how long the staff can take back what the consumer does not know yet."""
        self.undo_time = undo_time
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
        attachment: MessageContent | None = None,
        agreed: int | None = None,
    ) -> Request:
        """The staff set a status, the consumer is notified; ``seen`` is the status the staff saw.

        ``attachment`` is a file that goes to the consumer with the comment. ``agreed``: see
        ``check_assignee``; None: it was checked when the comment was asked for. Raises
        RequestUnknown, StatusConflict, AssignedToAnother, ReopeningExpired.
        """
        async with self._database.begin() as tx:
            request = await lock_request(tx, request_id)
            _check_transition(request, staff.kind, to, seen)
            if agreed is not None:
                check_assignee(request, staff, agreed=agreed)
            self._check_reopening(request)
            now = self._clock.now()
            state = await tx.requests.get_state(request_id)
            changed, notices = await _change_status(
                tx, self._deadlines, request, staff, to, comment, now, undo_time=self.undo_time
            )
            message_id = None
            if attachment is not None:
                message_id = await tx.request_messages.add(request_id, staff, attachment, now)
            if attachment is not None and message_id is not None:
                delay = max(self.undo_time, compute_album_delay(attachment))
                notices.append(
                    await recipients.announce_message_to_consumer(
                        tx, message_id, request_id, now, delay
                    )
                )
            if to in UNDOABLE:
                last = changed.history[-1].id
                if self.undo_time:
                    # The button of the undo goes from the card.
                    cause = f"late:{last}:{now.isoformat()}"
                    notices.append(
                        await recipients.announce_card_change(
                            tx, request_id, cause, now, self.undo_time
                        )
                    )
                step = UndoStep(
                    state=state,
                    notices=tuple(notices),
                    request_message_id=message_id,
                    staff_id=staff.id,
                    until=now + self.undo_time,
                )
                await tx.requests.set_undo(last, step)
            return changed

    async def attach_to_comment(
        self, request_id: int, staff: Actor, attachment: MessageContent
    ) -> bool:
        """Another file of the album whose first file came with the last comment.

        It goes to the consumer with that one, and is taken back with it. False when it belongs to
        no such album. Raises RequestUnknown.
        """
        if attachment.album is None:
            return False
        now = self._clock.now()
        async with self._database.begin() as tx:
            last = (await lock_request(tx, request_id)).history[-1].id
            found = await tx.requests.find_undo(last)
            album = await tx.request_messages.list_in_album(request_id, attachment.album)
            if found is None or found[1].request_message_id not in album:
                return False
            message_id = await tx.request_messages.add(request_id, staff, attachment, now)
            if message_id is not None:
                (_, step) = found
                delay = max((step.until or now) - now, compute_album_delay(attachment))
                key = await recipients.announce_message_to_consumer(
                    tx, message_id, request_id, now, delay
                )
                step = replace(
                    step,
                    notices=(*step.notices, key),
                    album_message_ids=(*step.album_message_ids, message_id),
                )
                await tx.requests.set_undo(last, step)
        return True

    async def undo(self, history_id: int, staff: Actor) -> Request:
        """Takes back what the member did last, before the consumer has heard of it.

        Raises UndoExpired when it is too late, and RequestUnknown.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            found = await tx.requests.find_undo(history_id)
            if found is None:
                raise UndoExpired
            request_id, step = found
            last = (await lock_request(tx, request_id)).history[-1]
            if last.id != history_id or now - last.at > self.undo_time:
                raise UndoExpired
            if not await tx.outbox.cancel(step.notices):
                raise UndoExpired
            for message_id in (step.request_message_id, *step.album_message_ids):
                if message_id is not None:
                    await tx.request_messages.remove(message_id)
            await tx.requests.change(request_id, **asdict(step.state))
            await tx.requests.remove_history(history_id)
            await tx.audit.add(staff, "undone", now, request_id=request_id)
            await recipients.announce_card_change(tx, request_id, f"undo:{now.isoformat()}", now)
            changed = await tx.requests.get(request_id)
        if changed is None:
            raise RequestUnknown(request_id)
        return changed

    async def find_undoable(self, history_id: int) -> Request | None:
        """The request of an entry that can be taken back, or could."""
        async with self._database.read() as tx:
            found = await tx.requests.find_undo(history_id)
            return await tx.requests.get(found[0]) if found else None

    async def check_transition(
        self, request_id: int, staff: Actor, to: Status, *, seen: Status, agreed: int
    ) -> Request:
        """The request, if the member may set this status now; nothing changes.

        ``seen`` is the status that the card showed, ``agreed``: see ``check_assignee``. Raises what
        ``set_status`` does.
        """
        request = await self.get(request_id)
        if request is None:
            raise RequestUnknown(request_id)
        _check_transition(request, staff.kind, to, seen)
        check_assignee(request, staff, agreed=agreed)
        self._check_reopening(request)
        return request

    def _check_reopening(self, request: Request) -> None:
        """Raises ReopeningExpired for a request that was closed too long ago."""
        if request.closed_at and self._clock.now() - request.closed_at > DISPUTE_TIME:
            raise ReopeningExpired

    async def withdraw(self, account: Account, address: Address, request_id: int) -> Request:
        """The consumer takes an open request back; raises RequestUnknown, StatusConflict."""
        async with self._database.begin() as tx:
            request = await lock_own_request(tx, account, request_id)
            now = self._clock.now()
            consumer = to_consumer_actor(account, address)
            changed = await change_status(
                tx, self._deadlines, request, consumer, Status.WITHDRAWN, "", now
            )
            await recipients.note_on_card(tx, request_id, "withdrawn", now)
            return changed

    async def dispute(self, account: Account, address: Address, request_id: int) -> Request:
        """«Не согласен»: a closed request is reviewed again.

        Raises RequestUnknown, StatusConflict, DisputeExpired.
        """
        async with self._database.begin() as tx:
            request = await lock_own_request(tx, account, request_id)
            now = self._clock.now()
            if request.closed_at and now - request.closed_at > DISPUTE_TIME:
                raise DisputeExpired
            consumer = to_consumer_actor(account, address)
            changed = await change_status(
                tx, self._deadlines, request, consumer, Status.REGISTERED, "", now
            )
            await recipients.note_on_card(tx, request_id, "disputed", now)
            return changed

    async def rate(self, account: Account, address: Address, request_id: int, stars: int) -> bool:
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
            consumer = to_consumer_actor(account, address)
            await tx.audit.add(consumer, "rated", now, account_id=account.id, request_id=request_id)
            await recipients.announce_card_change(tx, request_id, now.isoformat(), now)
            if stars in LOW_RATINGS:
                await recipients.note_on_card(tx, request_id, "rated", now)
        return True

    async def check_clarifications(self) -> None:
        """Reminds of clarifications that wait for an answer, and annuls requests without one.

        Safe to run in several processes: each request is checked under a lock, and what was done is
        stored with the notices about it. Does nothing in the quiet hours of consumers.
        """
        now = self._clock.now()
        if self._deadlines.is_quiet_for_consumers(now):
            return
        while await self._check_clarifications(now):
            pass

    async def get(self, request_id: int) -> Request | None:
        async with self._database.read() as tx:
            return await tx.requests.get(request_id)

    async def _check_clarifications(self, now: datetime) -> bool:
        """One batch; whether there may be more."""
        async with self._database.begin() as tx:
            checks = await tx.requests.lock_due_answer_checks(now, _CHECKED_AT_ONCE)
            for request_id, check_at in checks:
                await self._check_clarification(tx, request_id, check_at, now)
        return len(checks) == _CHECKED_AT_ONCE

    async def _check_clarification(
        self, tx: Tx, request_id: int, check_at: datetime, now: datetime
    ) -> None:
        request = await tx.requests.get(request_id)
        if request is None or request.status is not Status.CLARIFICATION or not request.answer_by:
            await tx.requests.change(request_id, answer_check_at=None)
        elif check_at >= self._deadlines.compute_answer_end(request.answer_by):
            await change_status(
                tx, self._deadlines, request, SYSTEM_ACTOR, Status.ANNULLED, "", now
            )
        else:
            answer_by = self._deadlines.extend_answer(request.answer_by, now)
            await tx.requests.change(
                request_id,
                answer_by=answer_by,
                answer_check_at=self._deadlines.compute_answer_end(answer_by),
            )
            await recipients.remind_of_clarification(tx, request, answer_by, now)


async def change_status(
    tx: Tx,
    deadlines: ReviewDeadlines,
    request: Request,
    actor: Actor,
    to: Status,
    comment: str,
    now: datetime,
    *,
    assignee_id: int | None = None,
) -> Request:
    """Sets a status with its deadlines, history, audit and notices; raises StatusConflict.

    ``assignee_id``: who answers the request from now on, if not the member of the staff who acts.
    """
    changed, _ = await _change_status(
        tx, deadlines, request, actor, to, comment, now, assignee_id=assignee_id
    )
    return changed


async def _change_status(
    tx: Tx,
    deadlines: ReviewDeadlines,
    request: Request,
    actor: Actor,
    to: Status,
    comment: str,
    now: datetime,
    *,
    assignee_id: int | None = None,
    undo_time: timedelta = timedelta(),
) -> tuple[Request, list[str]]:
    """As ``change_status``; returns the keys of the notices to the consumer too.

    The consumer hears of a status that the staff can take back after ``undo_time``.
    """
    _check_transition(request, actor.kind, to)
    due = deadlines.compute_resumed(request, now)
    due_at = deadlines.compute_resumed_moment(request, now)
    if request.status not in OPEN:
        due, due_at = deadlines.compute_reopened(request, now), None
    changes: dict[str, Any] = {
        "status": to.value,
        "review_due": due,
        "due_at": due_at,
        "closed_at": None if to in OPEN else now,
        "clock_stopped_at": None,
        "answer_by": None,
        "answer_check_at": None,
        "remind_at": deadlines.compute_reminder(due, now, due_at) if to in RUNNING else None,
    }
    if to is Status.CLARIFICATION:
        changes["clock_stopped_at"] = now
        if answer_by := deadlines.compute_answer_by(request, now):
            changes["answer_by"] = answer_by
            changes["answer_check_at"] = deadlines.compute_answer_reminder(request, answer_by)
    if actor.kind is ActorKind.STAFF and (to is Status.IN_WORK or request.assignee is None):
        changes["assignee_id"] = assignee_id or actor.id
    await tx.requests.change(request.id, **changes)
    entry = await tx.requests.add_history(request.id, actor, to, comment, now)
    await tx.audit.add(actor, to.value, now, account_id=request.account.id, request_id=request.id)
    delay = undo_time if to in UNDOABLE else timedelta()
    notices = await recipients.announce_status(tx, request, entry, actor, now, delay)
    changed = await tx.requests.get(request.id)
    if changed is None:
        raise RequestUnknown(request.id)
    return changed, notices


def _check_transition(
    request: Request, actor: ActorKind, to: Status, seen: Status | None = None
) -> None:
    """Raises StatusConflict; ``seen`` None: whatever status the actor saw."""
    overtaken = seen is not None and request.status is not seen
    if overtaken or to not in TRANSITIONS.get((actor, request.status), ()):
        raise StatusConflict(request)


def compute_album_delay(written: MessageContent) -> timedelta:
    """How long a message waits for the others of its album."""
    return _ALBUM_TIME if written.album else timedelta()


def to_consumer_actor(account: Account, address: Address) -> Actor:
    return Actor(kind=ActorKind.CONSUMER, id=address.id, name=account.name, channel=address.channel)


def check_assignee(request: Request, staff: Actor, *, agreed: int) -> None:
    """Raises AssignedToAnother.

    ``agreed`` is the id of the assignee whom the member agreed to pass over, 0: nobody.
    """
    if request.assignee is not None and request.assignee.id not in (staff.id, agreed):
        raise AssignedToAnother(request)


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
