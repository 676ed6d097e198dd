"""Membership of the staff chat, asked of Telegram and cached."""

import time
from collections.abc import Awaitable, Callable, Iterable

from aiogram import Bot
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import ClientDecodeError, TelegramBadRequest, TelegramForbiddenError
from aiogram.types import ChatMemberRestricted, ResultChatMemberUnion

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
    """Telegram gave an answer that says neither yes nor no, or the bot is not in the group."""


class StaffMembership:
    """Asks Telegram who is a member: in a public group strangers see cards and buttons too."""

    def __init__(
        self,
        record_member: Callable[[int, str], Awaitable[None]],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``record_member`` is called with the id and the name of who is confirmed.

        ``now``: seconds of a clock that only moves forward.
        """
        self._record_member = record_member
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
        except (ClientDecodeError, TelegramForbiddenError) as error:
            raise MembershipUnknown from error
        present = is_present(member)
        if present is None:
            raise MembershipUnknown
        if present:
            await self._record_member(user_id, member.user.full_name)
            self._known_until[chat_id, user_id] = now + _CACHE_SECONDS
        return present

    async def may_be_member(self, bot: Bot, chat_id: int, user_id: int) -> bool:
        """False only when Telegram says so: otherwise what was seen of a member counts."""
        try:
            return await self.is_member(bot, chat_id, user_id)
        except MembershipUnknown:
            return True

    async def is_member_of_any(self, bot: Bot, chat_ids: Iterable[int], user_id: int) -> bool:
        """Whether somebody is in one of the groups.

        Raises what ``is_member`` raises; MembershipUnknown only when no other group says yes.
        """
        unknown = False
        for chat_id in chat_ids:
            try:
                if await self.is_member(bot, chat_id, user_id):
                    return True
            except MembershipUnknown:
                unknown = True
        if unknown:
            raise MembershipUnknown
        return False

    def forget(self, chat_id: int, user_id: int) -> None:
        """Telegram is asked again: something about this member has changed."""
        self._known_until.pop((chat_id, user_id), None)


def is_present(member: ResultChatMemberUnion) -> bool | None:
    """Whether somebody is in the group; None for a status that this version does not know."""
    if member.status in _OTHERS or (
        # Restrictions outlast leaving the group.
        isinstance(member, ChatMemberRestricted) and not member.is_member
    ):
        return False
    return True if member.status in _MEMBERS else None
