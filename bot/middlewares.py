"""Who writes, in which language, and whether this update was handled before."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, TelegramObject, Update

from bot.db.accounts import ChatRecord
from bot.fsm.storage import ConversationStorage
from bot.handlers.consumer.context import ChatContext
from bot.handlers.consumer.conversation import Conversation
from bot.handlers.consumer.forms import Forms
from bot.handlers.consumer.screen import Screen
from bot.metrics import Metrics
from bot.services.accounts import Accounts
from bot.services.clock import Clock
from bot.services.rate_limits import LimitedAction, RateLimit, RateLimiter, RateLimitExceeded
from bot.telegram.attempt import current_attempt
from bot.telegram.callback_answer import CallbackAlert, answer_callback
from bot.telegram.priority_gate import PriorityGate
from bot.texts import Translations

log = logging.getLogger(__name__)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

#: What log lines say about the update in hand: ids, never texts.
update_in_hand: ContextVar[Mapping[str, int | str]] = ContextVar(
    "update_in_hand",
    default=MappingProxyType({}),
)


#: So many are answered at once who have typed a password: hashing is long, and when a crowd logs in
#: the updates of others pass between two of them. One is hashed, the others come before or after.
_AT_PASSWORDS = 3
_ASKED_REMEMBERED = 10_000


class LogContext(BaseMiddleware):
    """What the log says about the update in hand, and what is counted of it."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Update):
            raise TypeError("LogContext belongs to updates")
        token = update_in_hand.set({"update": event.update_id})
        outcome = "failed"
        try:
            result = await handler(event, data)
            outcome = data.get("outcome", "unhandled" if result is UNHANDLED else "handled")
            return result
        finally:
            self._metrics.count_update(event.event_type, outcome)
            update_in_hand.reset(token)


class HandlerTimer(BaseMiddleware):
    """Times whatever handler was found."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        found = data["handler"].callback
        with self._metrics.time_handler(f"{found.__module__.rpartition('.')[2]}.{found.__name__}"):
            return await handler(event, data)


class Deduplicate(BaseMiddleware):
    """Lets an update pass by that was handled before, also by another process.

    In a private chat its conversation knows that; this is for the staff group and other places.
    """

    def __init__(self, storage: ConversationStorage) -> None:
        self._storage = storage

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Update) or _is_private(data):
            return await handler(event, data)
        if await self._storage.is_handled(event.update_id):
            log.info("the update was handled before")
            data["outcome"] = "repeated"
            return None
        result = await handler(event, data)
        if result is not UNHANDLED:
            await self._storage.mark_handled(event.update_id)
        return result


class ConversationMiddleware(BaseMiddleware):
    """Gives the handlers of a private chat its conversation, person, language and screen.

    Whoever does too much of something is told so once, and then not answered for a while.
    """

    def __init__(
        self,
        storage: ConversationStorage,
        accounts: Accounts,
        translations: Translations,
        clock: Clock,
        rate_limits: Mapping[LimitedAction, RateLimit],
    ) -> None:
        self._storage = storage
        #: Chats that this process asked for a password, as far as it remembers.
        self._asked: OrderedDict[int, None] = OrderedDict()
        self._accounts = accounts
        self._translations = translations
        self._clock = clock
        self._rate_limits = rate_limits
        self._passwords = PriorityGate(_AT_PASSWORDS)

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Update) or not _is_private(data):
            return await handler(event, data)
        # A crowd waits before anything is done for it; of whom nothing is remembered, after a look.
        expected = data["event_chat"].id in self._asked
        attempt = current_attempt.get()
        if attempt is not None:
            attempt.secret = expected
        async with self._passwords.enter(event.update_id) if expected else nullcontext():
            return await self._load_and_handle(handler, event, data, in_lane=expected)

    async def _load_and_handle(
        self, handler: Handler, event: Update, data: dict[str, Any], *, in_lane: bool
    ) -> Any:
        key = data["state"].key
        known = await self._storage.recall(key, event.update_id)
        if known.handled:
            log.info("the update was handled before")
            data["outcome"] = "repeated"
            return None
        now = self._clock.now().timestamp()
        rate_limiter = RateLimiter(self._rate_limits, known.data.get("used", {}), now)

        def conversation() -> Conversation:
            return Conversation.from_data(
                self._storage, key, event.update_id, known.data, rate_limiter
            )

        try:
            rate_limiter.spend(LimitedAction.MESSAGES)
            return await self._handle(
                handler, event, data, conversation(), known.chat, in_lane=in_lane
            )
        except RateLimitExceeded as limit:
            # What the handler had changed by then is not kept.
            data["outcome"] = "refused"
            await self._refuse(event, data, limit, conversation(), known.chat)
        return None

    async def _handle(
        self,
        handler: Handler,
        event: Update,
        data: dict[str, Any],
        conversation: Conversation,
        record: ChatRecord | None,
        *,
        in_lane: bool,
    ) -> Any:
        inner = event.event
        leaves = isinstance(inner, CallbackQuery) or (
            (getattr(inner, "text", None) or "").startswith("/")
        )
        if leaves:
            # Whoever goes somewhere else writes to the staff no longer.
            conversation.talk = None
        chat = await self._accounts.get_chat(data["event_chat"].id, record)
        # LogContext, which is outside of this one, takes it away again.
        update_in_hand.set(
            {
                **update_in_hand.get(),
                **({"account": chat.account.id} if chat.account else {}),
                **({"draft": conversation.draft.id} if conversation.draft else {}),
            }
        )
        texts = self._translations.get_texts(chat.locale or self._translations.locales[0])
        pressed = (
            inner.message.message_id
            if isinstance(inner, CallbackQuery) and inner.message is not None
            else None
        )
        context = data["context"] = ChatContext(
            chat=chat,
            conversation=conversation,
            screen=Screen(data["bot"], chat.id, conversation, texts, pressed),
            texts=texts,
        )
        forms: Forms = data["forms"]
        asks_secret = forms.asks_secret(context)
        attempt = current_attempt.get()
        if attempt is not None:
            attempt.secret = asks_secret
        hashes = not (in_lane or leaves) and asks_secret
        async with self._passwords.enter(event.update_id) if hashes else nullcontext():
            result = await handler(event, data)
            if not conversation.saved:
                await conversation.save()
        self._asked.pop(chat.id, None)
        if forms.asks_secret(context):
            self._asked[chat.id] = None
            if len(self._asked) > _ASKED_REMEMBERED:
                self._asked.popitem(last=False)
        return result

    async def _refuse(
        self,
        event: Update,
        data: dict[str, Any],
        limit: RateLimitExceeded,
        conversation: Conversation,
        record: ChatRecord | None,
    ) -> None:
        first = conversation.rate_limiter.tell(limit.what)
        if not first and limit.what is LimitedAction.MESSAGES:
            return
        chat = await self._accounts.get_chat(data["event_chat"].id, record)
        texts = self._translations.get_texts(chat.locale or self._translations.locales[0])
        words = texts(f"limit-{limit.what}", minutes=limit.minutes) if first else None
        if isinstance(event.event, CallbackQuery):
            await answer_callback(event.event, CallbackAlert(words))
        elif words is not None:
            await data["bot"].send_message(chat.id, words)
        await conversation.save()


def _is_private(data: Mapping[str, Any]) -> bool:
    place = data.get("event_chat")
    return place is not None and place.type == ChatType.PRIVATE
