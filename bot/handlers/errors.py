"""Error handler: tells the person that it failed and that the answers are kept.

While the database or Telegram is away, and before the last attempt, nobody is told: the inbox
tries again.
"""

import logging
import traceback

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
from bot.db.locks import EarlierUpdateWaits
from bot.handlers.consumer.context import ChatContext
from bot.telegram.attempt import current_attempt
from bot.telegram.deadline import DeadlineExceeded
from bot.texts import Translations

log = logging.getLogger(__name__)

_AWAY: tuple[type[Exception], ...] = (*OUTAGES, TelegramNetworkError, TelegramRetryAfter)


def build_errors_router() -> Router:
    router = Router(name="errors")

    @router.error()
    async def failed(
        event: ErrorEvent, translations: Translations, context: ChatContext | None = None
    ) -> None:
        error = event.exception
        if isinstance(error, (*_AWAY, EarlierUpdateWaits)):
            raise error
        if isinstance(error, TelegramForbiddenError):
            # The person blocked the bot meanwhile; another attempt would end the same.
            log.info("an update was not answered: %s", error.message)
            return
        attempt = current_attempt.get()
        late = isinstance(error, DeadlineExceeded)
        if attempt is not None and not attempt.last and not late:
            raise error
        told = await (
            _tell_consumer(context, "update-took-too-long" if late else "internal-error")
            if context is not None
            else _tell_staff(event.update, translations)
        )
        if attempt is not None:
            attempt.told = told
            raise error
        if isinstance(error, TelegramServerError) and not told:
            raise error
        # The message of an exception may hold what a person typed; its kind and place do not.
        place = "".join(traceback.format_tb(error.__traceback__))
        log.error("an update failed with %s at\n%s", type(error).__name__, place)

    return router


async def _tell_consumer(context: ChatContext, text: str) -> bool:
    try:
        await context.screen.say(context.texts(text))
    except TelegramAPIError as complaint:
        log.warning("nor could the person be told: %s", type(complaint).__name__)
        return False
    return True


async def _tell_staff(update: Update, translations: Translations) -> bool:
    """Only the staff group has handlers beside people's own chats."""
    press = update.callback_query
    failed = press.message if press is not None else update.message
    if not isinstance(failed, Message):
        return False
    try:
        await failed.reply(translations.get_texts(translations.locales[0])("desk-error"))
    except TelegramAPIError as complaint:
        log.warning("nor could the staff be told: %s", type(complaint).__name__)
        return False
    return True
