"""Membership of the staff chat, asked of Telegram and cached."""

import time

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest

_CACHE_SECONDS = 300.0


class StaffMembership:
    """Strangers see the buttons of a public group too, so that each press is checked."""

    def __init__(self) -> None:
        #: When the cached membership expires, by chat and user; seconds of the monotonic clock.
        self._expires_at: dict[tuple[int, int], float] = {}

    async def is_member(self, bot: Bot, chat_id: int, user_id: int) -> bool:
        now = time.monotonic()
        if self._expires_at.get((chat_id, user_id), 0.0) > now:
            return True
        try:
            member = await bot.get_chat_member(chat_id, user_id)
        except TelegramBadRequest:
            # «user not found», «participant id invalid»: the group does not know this user.
            return False
        if member.status in {"left", "kicked"}:
            return False
        self._expires_at[chat_id, user_id] = now + _CACHE_SECONDS
        return True
