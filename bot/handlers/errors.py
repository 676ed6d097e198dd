"""Error handler: tells the person that it failed and that the answers are kept.

When the database or Telegram is unavailable the error is raised again: the update stays
unacknowledged and is repeated.
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
from bot.handlers.consumer.context import ChatContext
from bot.handlers.staff.context import StaffContext
from bot.logs import get_place

log = logging.getLogger(__name__)

_AWAY: tuple[type[Exception], ...] = (*OUTAGES, TelegramNetworkError, TelegramRetryAfter)


def build_errors_router() -> Router:
    router = Router(name="errors")

    @router.error()
    async def handle_error(
        event: ErrorEvent, staff_context: StaffContext, context: ChatContext | None = None
    ) -> None:
        error = event.exception
        if isinstance(error, _AWAY):
            raise error
        if isinstance(error, TelegramForbiddenError):
            log.warning("an answer was not sent: %s", error.message)
            return
        notified = await (
            _notify_consumer(context)
            if context is not None
            else _notify_staff(event.update, staff_context)
        )
        if isinstance(error, TelegramServerError) and not notified:
            raise error
        # The message of an exception may hold what a person typed; its class and place do not.
        log.error("an update failed with %s at\n%s", type(error).__name__, get_place(error))

    return router


async def _notify_consumer(context: ChatContext) -> bool:
    try:
        await context.screen.send_text(context.texts("internal-error"))
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
