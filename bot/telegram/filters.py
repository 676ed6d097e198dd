"""Filters of updates by their content."""

from aiogram.filters import BaseFilter
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message, TelegramObject
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


class PressOf(BaseFilter):
    """Passes presses of exactly these buttons; provides the ``callback_data``."""

    def __init__(self, *buttons: CallbackData) -> None:
        self.buttons = {one.pack(): one for one in buttons}

    async def __call__(self, query: CallbackQuery) -> bool | dict[str, CallbackData]:
        button = self.buttons.get(query.data or "")
        return False if button is None else {"callback_data": button}


class ServiceMessage(BaseFilter):
    """Passes what Telegram itself reports in a chat, which is nobody's answer."""

    async def __call__(self, message: Message) -> bool:
        return is_service_message(message)
