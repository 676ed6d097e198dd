"""Error handler: tells the person that it failed and that the answers are kept.

When the database or Telegram is unavailable, and before the last attempt, the error is raised
again: the inbox repeats the update.
"""

import logging

from aiogram import Router
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import ErrorEvent, Message, Update

from bot.db.errors import OUTAGES
from bot.db.locks import TurnRefused
from bot.handlers.consumer.context import ChatContext
from bot.handlers.staff.context import StaffContext
from bot.logs import get_place
from bot.telegram.attempt import current_attempt
from bot.telegram.deadline import DeadlineExceeded

log = logging.getLogger(__name__)

_REPEATED: tuple[type[Exception], ...] = (
    *OUTAGES,
    TelegramNetworkError,
    TelegramRetryAfter,
    TurnRefused,
)


def build_errors_router() -> Router:
    router = Router(name="errors")

    @router.error()
    async def handle_error(
        event: ErrorEvent, staff_context: StaffContext, context: ChatContext | None = None
    ) -> None:
        error = event.exception
        if isinstance(error, _REPEATED):
            raise error
        if isinstance(error, TelegramForbiddenError):
            log.warning("an answer was not sent: %s", error.message)
            return
        attempt = current_attempt.get()
        late = isinstance(error, DeadlineExceeded)
        if attempt is not None and not attempt.last and not late:
            raise error
        notified = await (
            _notify_consumer(context, "update-took-too-long" if late else "internal-error")
            if context is not None
            else _notify_staff(event.update, staff_context)
        )
        if attempt is not None:
            attempt.notified = notified
            raise error
        if isinstance(error, TelegramServerError) and not notified:
            raise error
        # The message of an exception may hold what a person typed; its class and place do not.
        log.error("an update failed with %s at\n%s", type(error).__name__, get_place(error))

    return router


async def _notify_consumer(context: ChatContext, text: str) -> bool:
    try:
        await context.screen.send_text(context.texts(text))
    except TelegramAPIError as complaint:
        log.warning("nor could the person be notified: %s", type(complaint).__name__)
        return False
    return True


async def _notify_staff(update: Update, staff_context: StaffContext) -> bool:
    """Replies in the staff chat: besides private chats only that has handlers."""
    query = update.callback_query
    failed = query.message if query is not None else update.message
    if not isinstance(failed, Message):
        return False
    try:
        await failed.reply(staff_context.texts("desk-error"))
    except TelegramAPIError as complaint:
        log.warning("nor could the staff be notified: %s", type(complaint).__name__)
        return False
    return True
