"""Who acts in the staff group: its members, under their own names."""

from typing import Any

from aiogram import Bot
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message, User

from bot.domain import Actor, ActorKind
from bot.handlers.consumer.screen import Alert
from bot.handlers.staff.membership import Colleagues
from bot.services.staff_chat import Group
from bot.texts import Library, Texts

#: The account in whose name Telegram sends what an anonymous administrator writes.
_ANONYMOUS_ADMIN = 1_087_968_824


class InGroup(BaseFilter):
    """Passes what comes from the staff group, and gives the handler the group's ``texts``."""

    async def __call__(
        self, event: Message | CallbackQuery, group: Group, library: Library
    ) -> bool | dict[str, Any]:
        message = event.message if isinstance(event, CallbackQuery) else event
        if message is None or message.chat.id != await group.chat_id():
            return False
        return {"texts": library.texts(library.locales[0])}


class Named(BaseFilter):
    """Passes staff who act under their own name, as ``staff``; others are told why they can't."""

    async def __call__(
        self,
        event: Message | CallbackQuery,
        texts: Texts,
        colleagues: Colleagues,
        bot: Bot,
        alert: Alert | None = None,
    ) -> bool | dict[str, Any]:
        user = event.from_user
        if isinstance(event, Message):
            if user is None or event.sender_chat is not None:
                await event.reply(texts("desk-anonymous"))
                return False
        elif user is None or user.id == _ANONYMOUS_ADMIN:
            _warn(alert, texts("desk-anonymous"))
            return False
        elif event.message is None or not await colleagues.include(
            bot, event.message.chat.id, user.id
        ):
            _warn(alert, texts("desk-not-member"))
            return False
        return {"staff": _actor(user)}


def _warn(alert: Alert | None, words: str) -> None:
    if alert is not None:
        alert.text = words


def _actor(user: User) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=user.id, name=user.full_name)
