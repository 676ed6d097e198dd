"""Who belongs to the staff group."""

import time

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest

_BELIEVED_SECONDS = 300.0


class StaffMembership:
    """In a public group strangers see the buttons too; a member is believed for a while."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, int], float] = {}

    async def is_member(self, bot: Bot, chat_id: int, user_id: int) -> bool:
        now = time.monotonic()
        if self._seen.get((chat_id, user_id), 0.0) > now:
            return True
        try:
            member = await bot.get_chat_member(chat_id, user_id)
        except TelegramBadRequest:
            # «user not found», «participant id invalid»: nobody whom this group knows.
            return False
        if member.status in {"left", "kicked"}:
            return False
        self._seen[chat_id, user_id] = now + _BELIEVED_SECONDS
        return True
