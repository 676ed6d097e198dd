"""Handlers of who answers a request: taking, handing over, giving back, shifts, leaving."""

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from bot import views
from bot.domain import Actor
from bot.handlers.staff.context import StaffContext
from bot.handlers.staff.filters import AskedMember, StaffMember
from bot.handlers.staff.membership import MembershipUnknown, StaffMembership, is_present
from bot.handlers.staff.questions import PRESS_FAILURES, StaffPress
from bot.keyboards import AssignmentAction, CloseQuestion, ShiftAction
from bot.services.assignments import Assignments
from bot.services.errors import MemberUnknown
from bot.services.staff_chats import StaffChats
from bot.telegram.filters import Matches
from bot.views.view import View

#: What may follow ``/shift``.
_ON = {"on", "вкл", "начать"}
_OFF = {"off", "выкл", "закончить"}


def build_assignments_router() -> Router:
    router = Router(name="staff_assignments")

    @router.callback_query(AssignmentAction.filter(), StaffMember())
    async def change_assignee(
        query: CallbackQuery,
        callback_data: AssignmentAction,
        staff: Actor,
        assignments: Assignments,
        membership: StaffMembership,
        staff_chats: StaffChats,
        bot: Bot,
        context: StaffContext,
        press: StaffPress,
    ) -> None:
        action = callback_data

        def build_repeat(agreed: int) -> AssignmentAction:
            return action.model_copy(update={"agreed": agreed})

        try:
            match action.act:
                case "take":
                    await assignments.take(action.id, staff)
                case "give_back":
                    request = await assignments.give_back(action.id, staff, agreed=action.agreed)
                    if action.agreed:
                        await press.show_buttons(request)
                case "give":
                    await _check_present(
                        query, action.to, bot, membership, staff_chats, assignments
                    )
                    await press.show_buttons(
                        await assignments.assign(action.id, action.to, staff, agreed=action.agreed)
                    )
                case "members":
                    request = await assignments.check_assignment(
                        action.id, staff, agreed=action.agreed
                    )
                    keyboard = views.assignments.build_members_keyboard(
                        await assignments.list_members(),
                        lambda to: AssignmentAction(
                            act="give", id=action.id, to=to, agreed=action.agreed
                        ),
                        AssignmentAction(act="card", id=action.id),
                        context.texts,
                    )
                    text = context.texts("desk-ask-members", number=request.number)
                    await press.show_rows(request, View(text=text, keyboard=keyboard))
                case "card":
                    await press.show_buttons(await assignments.get(action.id))
        except PRESS_FAILURES as failure:
            # Nobody takes what another one has: it is handed over, or given back first.
            await press.explain(failure, None if action.act == "take" else build_repeat)

    @router.callback_query(CloseQuestion.filter(), StaffMember(), AskedMember())
    async def close_question(_: CallbackQuery, press: StaffPress) -> None:
        await press.delete()

    @router.message(Command("shift"), StaffMember())
    async def change_shift(
        message: Message,
        command: CommandObject,
        staff: Actor,
        assignments: Assignments,
        context: StaffContext,
    ) -> None:
        wanted = (command.args or "").strip().lower()
        if wanted and wanted not in _ON | _OFF:
            await message.reply(context.texts("desk-shift-usage"))
            return
        if wanted:
            count = await assignments.set_duty(staff, on_duty=wanted in _ON)
            if wanted in _OFF and count:
                view = views.assignments.render_shift_end(staff, count, context.texts)
                await message.reply(view.text, reply_markup=view.inline)
                return
        members = await assignments.list_members()
        await message.reply(views.assignments.render_shift(members, context.texts).text)

    @router.callback_query(ShiftAction.filter(), StaffMember(), AskedMember())
    async def end_shift(
        _: CallbackQuery,
        callback_data: ShiftAction,
        staff: Actor,
        assignments: Assignments,
        membership: StaffMembership,
        staff_chats: StaffChats,
        bot: Bot,
        context: StaffContext,
        press: StaffPress,
    ) -> None:
        texts = context.texts
        try:
            match callback_data.act:
                case "give_back":
                    count = await assignments.give_back_all(staff)
                    await press.edit(views.assignments.render_given_back(staff, count, texts))
                case "keep":
                    await press.delete()
                case "question":
                    await press.edit_keyboard(
                        views.assignments.build_shift_end_keyboard(staff.id, texts)
                    )
                case "members":
                    members = await assignments.list_members()
                    await press.edit_keyboard(
                        views.assignments.build_members_keyboard(
                            [one for one in members if one.id != staff.id],
                            lambda to: ShiftAction(act="give", by=staff.id, to=to),
                            ShiftAction(act="question", by=staff.id),
                            texts,
                        )
                    )
                case "give":
                    to, groups = callback_data.to, await assignments.list_assigned_chats(staff)
                    present = [
                        one for one in groups if await membership.may_be_member(bot, one, to)
                    ]
                    if groups and not present:
                        for one in groups:
                            await _mark_left(one, to, bot, membership, staff_chats, assignments)
                        raise MemberUnknown(to)
                    count = await assignments.assign_all(staff, to, present)
                    if count:
                        await press.edit(views.assignments.render_shift_rest(staff, count, texts))
                    else:
                        await press.delete()
        except MemberUnknown as failure:
            await press.explain(failure)

    @router.chat_member()
    async def follow_member(
        event: ChatMemberUpdated,
        bot: Bot,
        membership: StaffMembership,
        staff_chats: StaffChats,
        assignments: Assignments,
    ) -> None:
        user = event.new_chat_member.user
        membership.forget(event.chat.id, user.id)
        if is_present(event.new_chat_member) is False:
            await _mark_left(event.chat.id, user.id, bot, membership, staff_chats, assignments)

    @router.message(Matches(F.left_chat_member))
    async def follow_leaver(
        message: Message,
        bot: Bot,
        membership: StaffMembership,
        staff_chats: StaffChats,
        assignments: Assignments,
    ) -> None:
        """A bot that is no administrator hears of who leaves by this message only."""
        if message.left_chat_member is not None:
            leaver = message.left_chat_member.id
            membership.forget(message.chat.id, leaver)
            await _mark_left(message.chat.id, leaver, bot, membership, staff_chats, assignments)

    return router


async def _check_present(
    query: CallbackQuery,
    user_id: int,
    bot: Bot,
    membership: StaffMembership,
    staff_chats: StaffChats,
    assignments: Assignments,
) -> None:
    """Raises MemberUnknown for who is not in the group of the pressed message."""
    if query.message is None:
        raise MemberUnknown(user_id)
    chat_id = query.message.chat.id
    if not await membership.may_be_member(bot, chat_id, user_id):
        await _mark_left(chat_id, user_id, bot, membership, staff_chats, assignments)
        raise MemberUnknown(user_id)


async def _mark_left(
    chat_id: int,
    user_id: int,
    bot: Bot,
    membership: StaffMembership,
    staff_chats: StaffChats,
    assignments: Assignments,
) -> None:
    """Somebody is not in a staff group any more, but may be in another one."""
    others = [one for one in await staff_chats.list_chat_ids() if one != chat_id]
    try:
        elsewhere = await membership.is_member_of_any(bot, others, user_id)
    except MembershipUnknown:
        # Nobody loses requests because Telegram gives no answer.
        elsewhere = True
    await assignments.mark_left(user_id, chat_id, elsewhere=elsewhere)
