"""Filters of updates by their content."""

from aiogram.filters import BaseFilter
from aiogram.types import Message, TelegramObject
from aiogram.utils.magic_filter import MagicFilter

from bot.telegram.message_content import is_service_message


class Matches(BaseFilter):
    """``Matches(F.text)`` passes what ``F.text`` passes.

    aiogram resolves a bare ``F.text`` in another thread, as any function that is not a coroutine;
    that costs more than finding the handler.
    """

    def __init__(self, magic_filter: MagicFilter) -> None:
        self._magic_filter = magic_filter

    async def __call__(self, event: TelegramObject) -> bool:
        return bool(self._magic_filter.resolve(event))


class ServiceMessage(BaseFilter):
    """Passes what Telegram itself reports in a chat, which is nobody's answer."""

    async def __call__(self, message: Message) -> bool:
        return is_service_message(message)
