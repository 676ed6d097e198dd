"""Who acts in the staff group: its members, under their own names."""

from typing import Any

from aiogram import Bot
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message, User

from bot.domain import Actor, ActorKind
from bot.handlers.staff.membership import StaffMembership
from bot.services.staff_chat import StaffChat
from bot.telegram.callback_answer import CallbackAlert
from bot.texts import Texts, Translations

#: The account in whose name Telegram sends what an anonymous administrator writes.
_ANONYMOUS_ADMIN = 1_087_968_824


class InStaffChat(BaseFilter):
    """Passes what comes from the staff group, and gives the handler the group's ``texts``."""

    async def __call__(
        self, event: Message | CallbackQuery, staff_chat: StaffChat, translations: Translations
    ) -> bool | dict[str, Any]:
        message = event.message if isinstance(event, CallbackQuery) else event
        if message is None or message.chat.id != await staff_chat.get_chat_id():
            return False
        return {"texts": translations.get_texts(translations.locales[0])}


class StaffMember(BaseFilter):
    """Passes staff who act under their own name, as ``staff``; others are told why they can't."""

    async def __call__(
        self,
        event: Message | CallbackQuery,
        texts: Texts,
        membership: StaffMembership,
        bot: Bot,
        alert: CallbackAlert | None = None,
    ) -> bool | dict[str, Any]:
        user = event.from_user
        if isinstance(event, Message):
            if user is None or event.sender_chat is not None:
                await event.reply(texts("desk-anonymous"))
                return False
        elif user is None or user.id == _ANONYMOUS_ADMIN:
            _set_alert(alert, texts("desk-anonymous"))
            return False
        elif event.message is None or not await membership.is_member(
            bot, event.message.chat.id, user.id
        ):
            _set_alert(alert, texts("desk-not-member"))
            return False
        return {"staff": _to_actor(user)}


def _set_alert(alert: CallbackAlert | None, words: str) -> None:
    if alert is not None:
        alert.text = words


def _to_actor(user: User) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=user.id, name=user.full_name)
