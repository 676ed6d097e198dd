"""The staff desk: what staff and consumer do with a request once it is registered."""

from datetime import datetime, timedelta
from typing import Any

from bot.db.bot_messages import BotMessage
from bot.db.database import Database, Tx
from bot.domain import (
    OPEN,
    RUNNING,
    TRANSITIONS,
    Account,
    Actor,
    ActorKind,
    MessageContent,
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
    def __init__(self, database: Database, terms: ReviewDeadlines, clock: Clock) -> None:
        self._database = database
        self._terms = terms
        self._clock = clock

    # --- status --------------------------------------------------------------------------------

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
            request = await self._lock(tx, request_id)
            if seen is not None and request.status is not seen:
                raise StatusConflict(request)
            return await self._set(tx, request, staff, to, comment)

    async def withdraw(self, account: Account, chat_id: int, request_id: int) -> Request:
        """Raises RequestUnknown, Overtaken."""
        async with self._database.begin() as tx:
            request = await self._lock_own(tx, account, request_id)
            return await self._set(tx, request, _to_actor(account, chat_id), Status.WITHDRAWN, "")

    async def dispute(self, account: Account, chat_id: int, request_id: int) -> Request:
        """«Не согласен»: a closed request is reviewed again.

        Raises RequestUnknown, Overtaken, TooLate.
        """
        async with self._database.begin() as tx:
            request = await self._lock_own(tx, account, request_id)
            if request.closed_at and self._clock.now() - request.closed_at > DISPUTE_TIME:
                raise DisputeExpired
            return await self._set(tx, request, _to_actor(account, chat_id), Status.REGISTERED, "")

    async def rate(self, account: Account, chat_id: int, request_id: int, stars: int) -> bool:
        """Marks how a closed request was dealt with, 1–5; False when it was rated before.

        Raises RequestUnknown, Overtaken (it is open).
        """
        if not 1 <= stars <= 5:
            raise ValueError(f"{stars} stars")
        now = self._clock.now()
        async with self._database.begin() as tx:
            request = await self._lock_own(tx, account, request_id)
            if request.status not in {Status.DONE, Status.REJECTED}:
                raise StatusConflict(request)
            if request.rating is not None:
                return False
            await tx.requests.change(request_id, rating=stars)
            consumer = _to_actor(account, chat_id)
            await tx.audit.add(consumer, "rated", now, account_id=account.id, request_id=request_id)
            await _edit_card(tx, request_id, now)
        return True

    async def get(self, request_id: int) -> Request | None:
        async with self._database.read() as tx:
            return await tx.requests.get(request_id)

    # --- talk ----------------------------------------------------------------------------------

    async def find_bot_message(self, chat_id: int, message_id: int) -> BotMessage | None:
        """What a message of the bot is about; None when it is about no request."""
        async with self._database.read() as tx:
            return await tx.bot_messages.find(chat_id, message_id)

    async def remember_question(
        self, request_id: int, to: Status, chat_id: int, message_id: int
    ) -> None:
        """Remembers that a message asks the staff for the words of a transition."""
        async with self._database.begin() as tx:
            await tx.bot_messages.add(request_id, f"?{to}", None, chat_id, message_id)

    async def send_to_consumer(
        self, request_id: int, staff: Actor, written: MessageContent
    ) -> None:
        """Promises a message of the staff to the consumer; the same message once."""
        now = self._clock.now()
        async with self._database.begin() as tx:
            talk_id = await tx.request_messages.add(request_id, staff, written, now)
            if talk_id is not None:
                await tx.audit.add(staff, "wrote", now, request_id=request_id)
                await _put_message_notice(
                    tx, "talk_out", talk_id, request_id, now + _compute_album_delay(written)
                )

    async def supplement(
        self, account: Account, request_id: int, written: MessageContent, *, has_scan: bool
    ) -> Request:
        """«Дополнить»: promises a message of the consumer to the staff; raises RequestUnknown.

        Whoever was asked to clarify has answered, and the review clock runs again.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            request = await self._lock_own(tx, account, request_id)
            consumer = _to_actor(account, written.chat_id)
            talk_id = await tx.request_messages.add(request_id, consumer, written, now)
            if talk_id is None:
                return request
            await _put_message_notice(
                tx, "talk_in", talk_id, request_id, now + _compute_album_delay(written)
            )
            if request.clock_stopped_at is not None:
                due = self._terms.compute_resumed(request, now)
                await tx.requests.change(
                    request_id,
                    review_due=due,
                    clock_stopped_at=None,
                    remind_at=self._terms.compute_reminder(due, now),
                )
            if request.clock_stopped_at is not None or has_scan:
                await _edit_card(tx, request_id, now)
        return request

    async def mirror_edit(self, chat_id: int, message_id: int, text: str) -> bool:
        """Mirrors an edit of a message that was relayed; False when it was not."""
        now = self._clock.now()
        async with self._database.begin() as tx:
            message = await tx.request_messages.find_by_source(chat_id, message_id)
            if message is None:
                return False
            if message.content.text != text:
                await tx.request_messages.correct(message.id, text)
                await _put_message_notice(
                    tx, "talk_edit", message.id, message.request_id, now, mark=f":{now.isoformat()}"
                )
        return True

    # --- inside --------------------------------------------------------------------------------

    async def _lock(self, tx: Tx, request_id: int) -> Request:
        request = await tx.requests.lock(request_id)
        if request is None:
            raise RequestUnknown(request_id)
        return request

    async def _lock_own(self, tx: Tx, account: Account, request_id: int) -> Request:
        request = await self._lock(tx, request_id)
        if request.account.id != account.id:
            raise RequestUnknown(request_id)
        return request

    async def _set(
        self, tx: Tx, request: Request, actor: Actor, to: Status, comment: str
    ) -> Request:
        if to not in TRANSITIONS.get((actor.kind, request.status), ()):
            raise StatusConflict(request)
        now = self._clock.now()
        changes: dict[str, Any] = {"status": to.value, "clock_stopped_at": None}
        due = self._terms.compute_resumed(request, now)
        if request.status not in OPEN:
            due = self._terms.compute_reopened(request, now)
        changes["review_due"] = due
        changes["closed_at"] = None if to in OPEN else now
        if to is Status.CLARIFICATION:
            changes["clock_stopped_at"] = now
        changes["remind_at"] = self._terms.compute_reminder(due, now) if to in RUNNING else None
        if actor.kind is ActorKind.STAFF and (
            to is Status.IN_WORK or await tx.requests.get_assignee(request.id) is None
        ):
            changes["assignee_id"] = actor.id
        await tx.requests.change(request.id, **changes)
        entry = await tx.requests.add_history(request.id, actor, to, comment, now)
        account = request.account
        await tx.audit.add(actor, to.value, now, account_id=account.id, request_id=request.id)
        await _edit_card(tx, request.id, now, f"{entry}")
        await self._tell(tx, request, entry, now, exclude=actor.id)
        changed = await tx.requests.get(request.id)
        if changed is None:
            raise RequestUnknown(request.id)
        return changed

    async def _tell(
        self, tx: Tx, request: Request, entry: int, now: datetime, exclude: int
    ) -> None:
        """Promises a word about a change to the consumer's chats, except ``but``, and a letter."""
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


def _to_actor(account: Account, chat_id: int) -> Actor:
    return Actor(kind=ActorKind.CONSUMER, id=chat_id, name=account.name)


async def _edit_card(tx: Tx, request_id: int, now: datetime, mark: str = "") -> None:
    await tx.outbox.put(
        stream=f"request:{request_id}",
        kind="card_edit",
        payload={"request_id": request_id},
        dedupe_key=f"card_edit:{request_id}:{mark or now.isoformat()}",
        not_before=now,
    )


def _compute_album_delay(written: MessageContent) -> timedelta:
    """The files of an album come as messages of their own, one after the other."""
    return _ALBUM_TIME if written.album else timedelta()


async def _put_message_notice(
    tx: Tx, kind: str, talk_id: int, request_id: int, now: datetime, mark: str = ""
) -> None:
    await tx.outbox.put(
        # In the order of writing, and never before the card.
        stream=f"request:{request_id}" if kind == "talk_in" else f"talk:{request_id}",
        kind=kind,
        payload={"talk_id": talk_id, "request_id": request_id},
        dedupe_key=f"{kind}:{talk_id}{mark}",
        not_before=now,
    )
