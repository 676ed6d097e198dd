"""Middlewares: log context, metrics, deduplication, and the context of private chats."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramForbiddenError
from aiogram.types import CallbackQuery, TelegramObject, Update

from bot.db.accounts import ChatRecord
from bot.domain import Chat
from bot.formatting.company import Company
from bot.fsm.storage import ConversationStorage
from bot.handlers.consumer.context import ChatContext
from bot.handlers.consumer.conversation import Conversation
from bot.handlers.consumer.forms import Forms
from bot.handlers.consumer.screen import Screen
from bot.keyboards import DraftAction, Go, LooseMessages, NewRequest
from bot.metrics import Metrics
from bot.request_types import Catalogue
from bot.services.accounts import Accounts
from bot.services.clock import Clock
from bot.services.rate_limits import LimitedAction, RateLimit, RateLimiter, RateLimitExceeded
from bot.telegram.attempt import current_attempt
from bot.telegram.callback_answer import CallbackAlert, answer_callback
from bot.telegram.priority_gate import PriorityGate
from bot.texts import Texts, Translations

log = logging.getLogger(__name__)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

#: Fields of log lines about the update that is being handled: ids, never texts.
logged_update: ContextVar[Mapping[str, int | str]] = ContextVar(
    "logged_update",
    default=MappingProxyType({}),
)

#: Updates with a password that are handled at once. Hashing takes long: when a crowd logs in, the
#: updates of others pass between. One password is hashed while two are before or after that.
_PASSWORDS_AT_ONCE = 3
#: Beginnings of the data of buttons that pass messages on, or begin a request with them.
_PASSING = tuple(f"{one.__prefix__}:" for one in (LooseMessages, NewRequest, DraftAction))
_PROMPTS_REMEMBERED = 10_000


class LogContext(BaseMiddleware):
    """Puts the update into log lines and counts it by its outcome."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Update):
            raise TypeError("LogContext belongs to updates")
        token = logged_update.set({"update": event.update_id})
        outcome = "failed"
        try:
            result = await handler(event, data)
            outcome = data.get("outcome", "unhandled" if result is UNHANDLED else "handled")
            return result
        finally:
            self._metrics.count_update(event.event_type, outcome)
            logged_update.reset(token)


class HandlerTimer(BaseMiddleware):
    """Times the handler, labelled by its module and name."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        callback = data["handler"].callback
        module = callback.__module__.rpartition(".")[2]
        with self._metrics.time_handler(f"{module}.{callback.__name__}"):
            return await handler(event, data)


class Deduplicate(BaseMiddleware):
    """Skips an update that was handled before, also by another process.

    Private chats are left to ConversationMiddleware, which reads the mark with the conversation.
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
    """Provides the ``context`` of a private chat: conversation, account, language and screen.

    A person who exceeds a rate limit is told so once, and gets no answers until its window ends.
    """

    def __init__(
        self,
        *,
        storage: ConversationStorage,
        accounts: Accounts,
        forms: Forms,
        translations: Translations,
        company: Company,
        catalogue: Catalogue,
        clock: Clock,
        rate_limits: Mapping[LimitedAction, RateLimit],
    ) -> None:
        self._storage = storage
        self._accounts = accounts
        self._forms = forms
        self._translations = translations
        self._company = company
        self._catalogue = catalogue
        self._clock = clock
        self._rate_limits = rate_limits
        self._password_gate = PriorityGate(_PASSWORDS_AT_ONCE)
        #: Chats whose screen asks for a password, as far as this process knows; oldest first.
        self._password_prompts: OrderedDict[int, None] = OrderedDict()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Update) or not _is_private(data):
            return await handler(event, data)
        # The updates of a crowd that logs in wait here, before anything is made of what was read.
        prompted = data["event_chat"].id in self._password_prompts
        attempt = current_attempt.get()
        if attempt is not None:
            attempt.secret = prompted
        async with self._pass_gate(event, needed=prompted):
            return await self._load_and_handle(handler, event, data, gate_passed=prompted)

    async def _load_and_handle(
        self, handler: Handler, event: Update, data: dict[str, Any], *, gate_passed: bool
    ) -> Any:
        """Reads the conversation, skips an update that was handled before, enforces the limits."""
        key = data["state"].key
        stored = await self._storage.recall(key, event.update_id)
        if stored.handled:
            log.info("the update was handled before")
            data["outcome"] = "repeated"
            return None
        now = self._clock.now().timestamp()
        rate_limiter = RateLimiter(self._rate_limits, stored.data.get("used", {}), now)

        def read_conversation() -> Conversation:
            return Conversation.from_data(
                self._storage, key, event.update_id, stored.data, rate_limiter
            )

        try:
            rate_limiter.spend(LimitedAction.MESSAGES)
            context = await self._build_context(event, data, read_conversation(), stored.chat)
            await self._forms.drop_former(context)
            return await self._handle(handler, event, data, context, gate_passed=gate_passed)
        except RateLimitExceeded as limit:
            data["outcome"] = "refused"
            # Read anew: what the handler had changed by then is not kept.
            await self._refuse(event, data, limit, read_conversation(), stored.chat)
        return None

    async def _build_context(
        self,
        event: Update,
        data: dict[str, Any],
        conversation: Conversation,
        record: ChatRecord | None,
    ) -> ChatContext:
        inner = event.event
        if _is_leaving_screen(inner):
            conversation.supplemented_request = None
            conversation.after_secret = False
            if not _may_pass_messages(inner):
                conversation.take_loose(None)
        chat = await self._accounts.get_chat(data["event_chat"].id, record)
        texts = self._get_texts(chat, data)
        query = inner if isinstance(inner, CallbackQuery) else None
        pressed_message_id = query.message.message_id if query and query.message else None
        sender = data.get("event_from_user")
        return ChatContext(
            chat=chat,
            sender_name=sender.full_name if sender else "",
            conversation=conversation,
            screen=Screen(data["bot"], chat.id, conversation, texts, pressed_message_id),
            texts=texts,
            company=self._company,
            catalogue=self._catalogue,
            site_forms=self._forms.site_forms,
        )

    async def _handle(
        self,
        handler: Handler,
        event: Update,
        data: dict[str, Any],
        context: ChatContext,
        *,
        gate_passed: bool,
    ) -> Any:
        """Runs the handler and saves the conversation, unless a screen has saved it already."""
        data["context"] = context
        _add_to_log(context)
        is_secret = self._forms.is_secret_open(context)
        attempt = current_attempt.get()
        if attempt is not None:
            attempt.secret = is_secret
        hashes_password = is_secret and not _is_leaving_screen(event.event)
        async with self._pass_gate(event, needed=hashes_password and not gate_passed):
            try:
                result = await handler(event, data)
                if context.conversation.resumed_press is not None:
                    result = await self._handle_resumed_press(handler, event, data, context)
            except TelegramForbiddenError:
                # Blocked since the person wrote: the answer is kept, and nobody can be told.
                log.info("the person has blocked the bot")
                data["outcome"], result = "blocked", None
                context.conversation.saved = False
            if not context.conversation.saved:
                await context.conversation.save()
        self._remember_prompt(context)
        return result

    async def _handle_resumed_press(
        self, handler: Handler, event: Update, data: dict[str, Any], context: ChatContext
    ) -> Any:
        """Handles the button that a guest pressed before the login, as if it was pressed now."""
        chat = await self._accounts.get_chat(context.chat.id)
        screen = Screen(data["bot"], chat.id, context.conversation, context.texts, None)
        data["context"] = replace(context, chat=chat, screen=screen)
        await self._forms.drop_former(data["context"])
        press = {
            # No press of Telegram's has an empty id; see ``answer_callback``.
            "id": "",
            "from": data["event_from_user"],
            "chat_instance": "",
            "message": {"message_id": 0, "date": 0, "chat": data["event_chat"]},
            "data": context.conversation.resumed_press,
        }
        update = Update.model_validate(
            {"update_id": event.update_id, "callback_query": press}, context={"bot": data["bot"]}
        )
        return await handler(update, data)

    async def _refuse(
        self,
        event: Update,
        data: dict[str, Any],
        limit: RateLimitExceeded,
        conversation: Conversation,
        record: ChatRecord | None,
    ) -> None:
        """Tells once in a window that the limit is reached; each press is answered."""
        first = conversation.rate_limiter.tell(limit.what)
        if not first and limit.what is LimitedAction.MESSAGES:
            return
        chat = await self._accounts.get_chat(data["event_chat"].id, record)
        texts = self._get_texts(chat, data)
        message = texts(f"limit-{limit.what}", minutes=limit.minutes) if first else None
        if isinstance(event.event, CallbackQuery):
            await answer_callback(event.event, CallbackAlert(message))
        elif message is not None:
            await data["bot"].send_message(chat.id, message)
        await conversation.save()

    def _get_texts(self, chat: Chat, data: Mapping[str, Any]) -> Texts:
        """In the language that the person chose, or else in that of the Telegram client."""
        sender = data.get("event_from_user")
        language = sender.language_code if sender else None
        return self._translations.get_texts(chat.locale or language or "")

    def _pass_gate(self, event: Update, *, needed: bool) -> AbstractAsyncContextManager[None]:
        if not needed:
            return nullcontext()
        attempt = current_attempt.get()
        if attempt is not None and self._password_gate.is_busy():
            # Polling that holds a login unacknowledged asks again and again, and fresh ones wait.
            attempt.expect_wait()
        return self._password_gate.enter(event.update_id)

    def _remember_prompt(self, context: ChatContext) -> None:
        """Remembers whether the chat's screen now asks for a password."""
        self._password_prompts.pop(context.chat.id, None)
        if self._forms.is_secret_open(context):
            self._password_prompts[context.chat.id] = None
            if len(self._password_prompts) > _PROMPTS_REMEMBERED:
                self._password_prompts.popitem(last=False)


def _is_leaving_screen(event: TelegramObject) -> bool:
    """Whether an event is a press or a command, which is no answer to what the screen asks."""
    text = getattr(event, "text", None) or ""
    return isinstance(event, CallbackQuery) or text.startswith("/")


def _may_pass_messages(event: TelegramObject) -> bool:
    """Whether a press may lead to where messages without a question belong."""
    data = getattr(event, "data", None) or ""
    return data == Go(to="new").pack() or data.startswith(_PASSING)


def _add_to_log(context: ChatContext) -> None:
    """Adds account and draft to the log lines of the update; LogContext removes them."""
    account, draft = context.chat.account, context.conversation.draft
    logged_update.set(
        {
            **logged_update.get(),
            **({"account": account.id} if account else {}),
            **({"draft": draft.id} if draft else {}),
        }
    )


def _is_private(data: Mapping[str, Any]) -> bool:
    chat = data.get("event_chat")
    return chat is not None and chat.type == ChatType.PRIVATE
