"""Membership of the staff chat, asked of Telegram and cached."""

import time
from collections.abc import Callable

from aiogram import Bot
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import ClientDecodeError, TelegramBadRequest
from aiogram.types import ChatMemberRestricted

#: How long an answer of Telegram is used again, seconds.
_CACHE_SECONDS = 60.0

_MEMBERS = {
    ChatMemberStatus.CREATOR,
    ChatMemberStatus.ADMINISTRATOR,
    ChatMemberStatus.MEMBER,
    ChatMemberStatus.RESTRICTED,
}
_OTHERS = {ChatMemberStatus.LEFT, ChatMemberStatus.KICKED}


class MembershipUnknown(Exception):
    """Telegram gave an answer that says neither yes nor no."""


class StaffMembership:
    """Asks Telegram who is a member: in a public group strangers see cards and buttons too."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """``now``: seconds of a clock that only moves forward."""
        self._now = now
        self._known_until: dict[tuple[int, int], float] = {}

    async def is_member(self, bot: Bot, chat_id: int, user_id: int) -> bool:
        """Raises MembershipUnknown, and what calls of Telegram raise."""
        now = self._now()
        if self._known_until.get((chat_id, user_id), 0.0) > now:
            return True
        try:
            member = await bot.get_chat_member(chat_id, user_id)
        except TelegramBadRequest:
            # «user not found», «participant id invalid»: the group does not know this user.
            return False
        except ClientDecodeError as error:
            raise MembershipUnknown from error
        if member.status in _OTHERS or (
            # Restrictions outlast leaving the group.
            isinstance(member, ChatMemberRestricted) and not member.is_member
        ):
            return False
        if member.status not in _MEMBERS:
            raise MembershipUnknown
        self._known_until[chat_id, user_id] = now + _CACHE_SECONDS
        return True

    def forget(self, chat_id: int, user_id: int) -> None:
        """Telegram is asked again: something about this member has changed."""
        self._known_until.pop((chat_id, user_id), None)
