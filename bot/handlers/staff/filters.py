"""Filters of the staff chat: where an update comes from, and who acts."""

from typing import Any

from aiogram import Bot
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, User

from bot.domain import Actor, ActorKind
from bot.handlers.staff.context import StaffContext
from bot.handlers.staff.membership import MembershipUnknown, StaffMembership
from bot.handlers.staff.questions import StaffPress
from bot.keyboards import CannedReply, CloseQuestion, CommentAction, ShiftAction, UndoAction
from bot.services.staff_chats import StaffChats
from bot.telegram.callback_answer import CallbackAlert

#: Telegram's account that stands for an anonymous administrator.
_ANONYMOUS_ADMIN = 1_087_968_824


class InStaffChat(BaseFilter):
    """Passes updates of the staff groups and provides its ``context``."""

    async def __call__(
        self,
        event: Message | CallbackQuery | ChatMemberUpdated,
        staff_chats: StaffChats,
        staff_context: StaffContext,
    ) -> bool | dict[str, Any]:
        place = event.message if isinstance(event, CallbackQuery) else event
        if place is None or place.chat.id not in await staff_chats.list_chat_ids():
            return False
        return {"context": staff_context}


class StaffMember(BaseFilter):
    """Passes members who act under their own name; provides the ``staff`` actor and the ``press``.

    The others are told why they may not act, unless ``silent``.
    """

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent

    async def __call__(
        self,
        event: Message | CallbackQuery,
        context: StaffContext,
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
                    staff = _to_actor(user)
                    if alert is None or isinstance(event, Message):
                        return {"staff": staff}
                    press = StaffPress(
                        query=event, staff=staff, bot=bot, context=context, alert=alert
                    )
                    return {"staff": staff, "press": press}
            except MembershipUnknown:
                reason = "desk-membership-unknown"
            else:
                reason = "desk-not-member"
        if isinstance(event, CallbackQuery):
            _set_alert(alert, context.texts(reason))
        elif not self._silent:
            await event.reply(context.texts(reason))
        return False


class MemberInPrivate(BaseFilter):
    """Passes presses in a private chat by members of any staff group; provides the ``staff`` actor.

    Nobody else gets messages with such buttons; they are told what StaffMember says.
    """

    async def __call__(
        self,
        query: CallbackQuery,
        staff_chats: StaffChats,
        staff_context: StaffContext,
        membership: StaffMembership,
        bot: Bot,
        alert: CallbackAlert,
    ) -> bool | dict[str, Any]:
        try:
            chat_ids = await staff_chats.list_chat_ids()
            if await membership.is_member_of_any(bot, chat_ids, query.from_user.id):
                return {"staff": _to_actor(query.from_user), "context": staff_context}
        except MembershipUnknown:
            alert.text = staff_context.texts("desk-membership-unknown")
        else:
            alert.text = staff_context.texts("desk-not-member")
        return False


def _is_anonymous(event: Message | CallbackQuery, user: User) -> bool:
    sent_by_chat = isinstance(event, Message) and event.sender_chat is not None
    return sent_by_chat or user.id == _ANONYMOUS_ADMIN


class AskedMember(BaseFilter):
    """Passes the member to whom a question was put; the others are told that it is not theirs."""

    async def __call__(
        self,
        _: CallbackQuery,
        callback_data: CloseQuestion | CommentAction | CannedReply | ShiftAction | UndoAction,
        staff: Actor,
        context: StaffContext,
        alert: CallbackAlert,
    ) -> bool:
        if callback_data.by == staff.id:
            return True
        alert.text = context.texts("desk-question-of-another")
        return False


class StaffAdmin(BaseFilter):
    """Passes administrators of the staff; the others are told that they are not."""

    async def __call__(
        self,
        event: Message | CallbackQuery,
        staff: Actor,
        staff_chats: StaffChats,
        context: StaffContext,
        alert: CallbackAlert | None = None,
    ) -> bool:
        if staff_chats.is_admin(staff.id):
            return True
        if isinstance(event, Message):
            await event.reply(context.texts("desk-admins-only"))
        else:
            _set_alert(alert, context.texts("desk-admins-only"))
        return False


def _set_alert(alert: CallbackAlert | None, text: str) -> None:
    if alert is not None:
        alert.text = text


def _to_actor(user: User) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=user.id, name=user.full_name)
