"""Filters of messages and callback queries by their content."""

from aiogram.filters import BaseFilter
from aiogram.types import Message, TelegramObject
from aiogram.utils.magic_filter import MagicFilter

from bot.telegram.message_content import is_service_message


class Matches(BaseFilter):
    """``Has(F.text)`` passes what ``F.text`` passes.

    A bare ``F.text`` is asked in another thread, like any function that is not a coroutine: that
    way costs more than finding the handler.
    """

    def __init__(self, what: MagicFilter) -> None:
        self._what = what

    async def __call__(self, event: TelegramObject) -> bool:
        return bool(self._what.resolve(event))


class ServiceMessage(BaseFilter):
    """Passes what Telegram itself reports in a chat, which is nobody's answer."""

    async def __call__(self, message: Message) -> bool:
        return is_service_message(message)
