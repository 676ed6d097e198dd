"""Messages about requests: from the staff to the consumer, from the consumer to the staff."""

import hashlib
import re
from datetime import datetime, timedelta

from bot.db.bot_messages import BotMessage
from bot.db.database import Database, Tx
from bot.domain import (
    Account,
    Actor,
    Address,
    MessageContent,
    MessageKind,
    Request,
    RequestMessage,
    Status,
)
from bot.fsm.model import Rejected
from bot.services import recipients
from bot.services.account_limits import UNLIMITED, AccountLimits
from bot.services.clock import Clock
from bot.services.deadlines import ReviewDeadlines
from bot.services.errors import RequestUnknown, UndoExpired
from bot.services.request_workflow import (
    change_status,
    compute_album_delay,
    lock_own_request,
    to_consumer_actor,
)
from bot.services.scans import build_supplement_id

_MESSAGES_SHOWN = 20
#: As ``RequestRepository.take_next_number`` writes it.
_NUMBER = re.compile(r"\b\d{4}-\d{6}\b")
#: The albums that came with an internal note, and how many of them are remembered.
_NOTED_ALBUMS = "noted_albums"
_ALBUMS_REMEMBERED = 50
#: So many hexadecimal digits fit into a signed number of 64 bits.
_MESSAGE_DIGITS = 15


class RequestMessages:
    """Every message is stored once, by its chat and message id."""

    def __init__(
        self,
        database: Database,
        deadlines: ReviewDeadlines,
        clock: Clock,
        limits: AccountLimits = UNLIMITED,
        undo_time: timedelta = timedelta(),
    ) -> None:
        """``undo_time``: how long a canned answer can be taken back before it is sent."""
        self._undo_time = undo_time
        self._limits = limits
        self._database = database
        self._deadlines = deadlines
        self._clock = clock

    async def list_last(
        self, request_id: int, limit: int = _MESSAGES_SHOWN
    ) -> list[RequestMessage]:
        """The end of the conversation about a request, oldest first."""
        async with self._database.read() as tx:
            return await tx.request_messages.list_last(request_id, limit)

    async def find_bot_message(self, chat_id: int, message_id: int) -> BotMessage | None:
        """What a message of the bot is about; None when it is about no request."""
        async with self._database.read() as tx:
            return await tx.bot_messages.find(chat_id, message_id)

    async def find_replied_request(
        self, account_id: int, chat_id: int, message_id: int, words: str
    ) -> int | None:
        """The request of the account that a message of the bot is about.

        A notice is known by its id, a screen by the only number in its ``words``.
        """
        numbers = {*_NUMBER.findall(words)}
        async with self._database.read() as tx:
            message = await tx.bot_messages.find(chat_id, message_id)
            if message is not None:
                found = await tx.requests.get_for_account(account_id, message.request_id)
                return found.id if found else None
            if len(numbers) != 1:
                return None
            return await tx.requests.find_by_number(account_id, numbers.pop())

    async def remember_question(
        self, request_id: int, to: Status, chat_id: int, message_id: int
    ) -> None:
        """Remembers that a message asks the staff for the words of a transition."""
        async with self._database.begin() as tx:
            await tx.bot_messages.add(request_id, f"?{to}", None, chat_id, message_id)

    async def expire_question(self, request_id: int, chat_id: int, message_id: int) -> None:
        """An answered question is deleted once it is too late to undo the answer."""
        async with self._database.begin() as tx:
            await recipients.expire_question(
                tx, request_id, chat_id, message_id, self._clock.now(), self._undo_time
            )

    async def send_canned(
        self, request_id: int, staff: Actor, written: MessageContent
    ) -> int | None:
        """Sends a canned answer once it is too late to undo; returns the id of the message.

        None when it was sent before.
        """
        return await self._send_to_consumer(request_id, staff, written, self._undo_time)

    async def undo_canned(self, request_message_id: int, staff: Actor) -> None:
        """Takes a canned answer back; raises UndoExpired when it is too late."""
        async with self._database.begin() as tx:
            # As MessageToConsumer writes it.
            if not await tx.outbox.cancel([f"talk_out:{request_message_id}"]):
                raise UndoExpired
            message = await tx.request_messages.get(request_message_id)
            await tx.request_messages.remove(request_message_id)
            await tx.audit.add(staff, "undone", self._clock.now(), request_id=message.request_id)

    async def keep_note(self, request_id: int, album: str | None) -> None:
        """An internal note: the other files of its album are as internal as the one with the words.

        They come as messages of their own, before or after it.
        """
        if album is None:
            return
        async with self._database.begin() as tx:
            noted = (await tx.values.get(_NOTED_ALBUMS) or "").split()
            await tx.values.set(_NOTED_ALBUMS, " ".join([*noted[-_ALBUMS_REMEMBERED:], album]))
            for message_id in await tx.request_messages.list_in_album(request_id, album):
                if await tx.outbox.cancel([f"talk_out:{message_id}"]):
                    await tx.request_messages.remove(message_id)

    async def send_to_consumer(
        self, request_id: int, staff: Actor, written: MessageContent
    ) -> None:
        """Relays a message of the staff to the consumer; the same message once."""
        await self._send_to_consumer(request_id, staff, written, compute_album_delay(written))

    async def _send_to_consumer(
        self, request_id: int, staff: Actor, written: MessageContent, delay: timedelta
    ) -> int | None:
        now = self._clock.now()
        async with self._database.begin() as tx:
            noted = (await tx.values.get(_NOTED_ALBUMS) or "") if written.album else ""
            if written.album in noted.split():
                return None
            request_message_id = await tx.request_messages.add(request_id, staff, written, now)
            if request_message_id is not None:
                await tx.audit.add(staff, "wrote", now, request_id=request_id)
                await recipients.announce_message_to_consumer(
                    tx, request_message_id, request_id, now, delay
                )
        return request_message_id

    async def check_limit(self, account_id: int) -> None:
        """Raises RateLimitExceeded when the account may not write to the staff now."""
        async with self._database.read() as tx:
            await self._limits.check_messages(tx, account_id, self._clock.now())

    async def supplement(
        self, account: Account, request_id: int, written: MessageContent, *, scan_id: str | None
    ) -> Request:
        """«Дополнить» in a chat: relays a message of the consumer to the staff.

        ``check_limit`` comes first. ``scan_id``: the unique id of its file, which is kept already.
        A message answers a clarification, if one is awaited, and brings the request back to work.
        Returns the request after that. Raises RequestUnknown.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            request = await lock_own_request(tx, account, request_id)
            consumer = to_consumer_actor(account, Address.from_chat(written.chat_id))
            request_message_id = await tx.request_messages.add(request_id, consumer, written, now)
            if request_message_id is None:
                return request
            if scan_id is not None:
                draft_id = build_supplement_id(request_id)
                await tx.files.attach_to_message(draft_id, request_message_id, unique_id=scan_id)
            await recipients.announce_message_to_staff(
                tx, request_message_id, request_id, now, compute_album_delay(written)
            )
            return await self._take_answer(tx, request, consumer, now, has_scans=bool(scan_id))

    async def send_to_staff(
        self, account: Account, address: Address, request_id: int, form_id: str, text: str
    ) -> Request:
        """«Дополнить» on the site: a text, and the scans accepted for ``build_message_draft_id``.

        ``form_id`` is the random id of the page's form: sent twice, it is stored once. The rest is
        as ``supplement`` does it. Raises Rejected ``message-empty``, RequestUnknown,
        RateLimitExceeded.
        """
        now, draft_id = self._clock.now(), build_message_draft_id(account.id, form_id)
        async with self._database.begin() as tx:
            request = await lock_own_request(tx, account, request_id)
            consumer = to_consumer_actor(account, address)
            written = MessageContent(
                kind=MessageKind.TEXT,
                text=text,
                chat_id=address.id,
                message_id=int(draft_id[:_MESSAGE_DIGITS], 16),
            )
            if await tx.request_messages.find_by_source(address.id, written.message_id):
                return request
            scans = await tx.files.list_for_draft(draft_id)
            if not text and not scans:
                raise Rejected("message-empty")
            await self._limits.check_messages(tx, account.id, now)
            request_message_id = await tx.request_messages.add(request_id, consumer, written, now)
            if request_message_id is None:
                return request
            await tx.files.attach(draft_id, request_id)
            await tx.files.attach_to_message(draft_id, request_message_id)
            if text:
                await recipients.announce_message_to_staff(
                    tx, request_message_id, request_id, now, timedelta()
                )
            await recipients.announce_scans(tx, request_id, scans, now)
            return await self._take_answer(tx, request, consumer, now, has_scans=bool(scans))

    async def _take_answer(
        self, tx: Tx, request: Request, consumer: Actor, now: datetime, *, has_scans: bool
    ) -> Request:
        if request.status is Status.CLARIFICATION:
            return await change_status(
                tx, self._deadlines, request, consumer, Status.IN_WORK, "", now
            )
        if has_scans:
            await recipients.announce_card_change(tx, request.id, now.isoformat(), now)
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
        await recipients.announce_message_edit(tx, message.id, message.request_id, now)


def build_message_draft_id(account_id: int, form_id: str) -> str:
    """Under which the scans of a message wait for it; of nobody else's form."""
    return hashlib.sha256(f"message:{account_id}:{form_id}".encode()).hexdigest()[:32]
