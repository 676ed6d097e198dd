"""Messages about requests: from the staff to the consumer, from the consumer to the staff."""

from datetime import datetime, timedelta

from bot.db.bot_messages import BotMessage
from bot.db.database import Database, Tx
from bot.domain import Account, Actor, MessageContent, Request, RequestMessage, Status
from bot.services.clock import Clock
from bot.services.deadlines import ReviewDeadlines
from bot.services.errors import RequestUnknown
from bot.services.request_workflow import lock_own_request, put_card_edit, to_consumer_actor

#: The files of an album come as messages of their own; the first waits so long for the others.
_ALBUM_TIME = timedelta(seconds=1.5)


class RequestMessages:
    """Every message is stored once, by its chat and message id."""

    def __init__(self, database: Database, deadlines: ReviewDeadlines, clock: Clock) -> None:
        self._database = database
        self._deadlines = deadlines
        self._clock = clock

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
            request = await lock_own_request(tx, account, request_id)
            consumer = to_consumer_actor(account, written.chat_id)
            talk_id = await tx.request_messages.add(request_id, consumer, written, now)
            if talk_id is None:
                return request
            await _put_message_notice(
                tx, "talk_in", talk_id, request_id, now + _compute_album_delay(written)
            )
            if request.clock_stopped_at is not None:
                due = self._deadlines.compute_resumed(request, now)
                await tx.requests.change(
                    request_id,
                    review_due=due,
                    clock_stopped_at=None,
                    remind_at=self._deadlines.compute_reminder(due, now),
                )
            if request.clock_stopped_at is not None or has_scan:
                await put_card_edit(tx, request_id, now)
        return request

    async def mirror_staff_edit(self, chat_id: int, message_id: int, text: str) -> bool:
        """Mirrors an edit of a relayed message of the staff; False when it was not relayed."""
        async with self._database.begin() as tx:
            message = await tx.request_messages.find_by_source(chat_id, message_id)
            if message is not None:
                await self._put_edit(tx, message, text)
        return message is not None

    async def mirror_consumer_edit(
        self, account: Account | None, chat_id: int, message_id: int, text: str
    ) -> bool:
        """Mirrors an edit of a relayed message of a consumer; False when it was not relayed.

        Raises RequestUnknown when ``account``, which is logged in to the chat now, is not the
        one that wrote it.
        """
        async with self._database.begin() as tx:
            message = await tx.request_messages.find_by_source(chat_id, message_id)
            if message is None:
                return False
            if account is None:
                raise RequestUnknown(message.request_id)
            await lock_own_request(tx, account, message.request_id)
            await self._put_edit(tx, message, text)
        return True

    async def _put_edit(self, tx: Tx, message: RequestMessage, text: str) -> None:
        if message.content.text == text:
            return
        now = self._clock.now()
        await tx.request_messages.correct(message.id, text)
        await _put_message_notice(
            tx, "talk_edit", message.id, message.request_id, now, mark=f":{now.isoformat()}"
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
