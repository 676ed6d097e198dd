"""What a message or press is made of."""

from aiogram.filters import BaseFilter
from aiogram.types import TelegramObject
from aiogram.utils.magic_filter import MagicFilter


class Matches(BaseFilter):
    """``Has(F.text)`` passes what ``F.text`` passes.

    A bare ``F.text`` is asked in another thread, like any function that is not a coroutine: that
    way costs more than finding the handler.
    """

    def __init__(self, what: MagicFilter) -> None:
        self._what = what

    async def __call__(self, event: TelegramObject) -> bool:
        return bool(self._what.resolve(event))
