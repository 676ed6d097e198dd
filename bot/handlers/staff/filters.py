"""Filters of the staff group: members who act under their own names."""

from typing import Any

from aiogram import Bot
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, User

from bot.domain import Actor, ActorKind
from bot.handlers.staff.membership import MembershipUnknown, StaffMembership
from bot.services.staff_chat import StaffChat
from bot.telegram.callback_answer import CallbackAlert
from bot.texts import Texts, Translations

#: The account in whose name Telegram sends what an anonymous administrator writes.
_ANONYMOUS_ADMIN = 1_087_968_824


class InStaffChat(BaseFilter):
    """Passes what comes from the staff group, and gives the handler the group's ``texts``."""

    async def __call__(
        self,
        event: Message | CallbackQuery | ChatMemberUpdated,
        staff_chat: StaffChat,
        translations: Translations,
    ) -> bool | dict[str, Any]:
        place = event.message if isinstance(event, CallbackQuery) else event
        if place is None or place.chat.id != await staff_chat.get_chat_id():
            return False
        return {"texts": translations.get_texts(translations.locales[0])}


class StaffMember(BaseFilter):
    """Passes members of the staff group under their own name, as ``staff``.

    Others get a reply, or a window over a press, that says why they cannot act. With
    ``silent=True`` they get none.
    """

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent

    async def __call__(
        self,
        event: Message | CallbackQuery,
        texts: Texts,
        membership: StaffMembership,
        bot: Bot,
        alert: CallbackAlert | None = None,
    ) -> bool | dict[str, Any]:
        message = event.message if isinstance(event, CallbackQuery) else event
        user = event.from_user
        if user is None or message is None or _is_anonymous(event, user):
            reason = "desk-anonymous"
        else:
            try:
                if await membership.is_member(bot, message.chat.id, user.id):
                    return {"staff": _to_actor(user)}
            except MembershipUnknown:
                reason = "desk-membership-unknown"
            else:
                reason = "desk-not-member"
        if isinstance(event, CallbackQuery):
            if alert is not None:
                alert.text = texts(reason)
        elif not self._silent:
            await event.reply(texts(reason))
        return False


def _is_anonymous(event: Message | CallbackQuery, user: User) -> bool:
    sent_by_chat = isinstance(event, Message) and event.sender_chat is not None
    return sent_by_chat or user.id == _ANONYMOUS_ADMIN


def _to_actor(user: User) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=user.id, name=user.full_name)
