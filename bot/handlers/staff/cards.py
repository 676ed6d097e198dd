"""Handlers of request cards in the staff chat: status buttons, comments and replies."""

import logging

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import BaseFilter
from aiogram.types import (
    CallbackQuery,
    ChatMemberUpdated,
    Message,
    ReactionTypeEmoji,
    ReplyParameters,
)

from bot import views
from bot.db.bot_messages import BotMessage
from bot.domain import Actor, Status
from bot.handlers.staff.commands import build_staff_commands_router
from bot.handlers.staff.context import StaffContext
from bot.handlers.staff.filters import InStaffChat, StaffMember
from bot.handlers.staff.membership import StaffMembership
from bot.keyboards import StaffAction, StatusAction
from bot.services.documents import Documents
from bot.services.errors import RequestUnknown, StatusConflict
from bot.services.request_messages import RequestMessages
from bot.services.request_workflow import RequestWorkflow
from bot.services.staff_chat import StaffChat
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.filters import Matches, ServiceMessage
from bot.telegram.message_content import to_message_content
from bot.telegram.update_parser import UnreadableMessage
from bot.texts import Translations
from bot.views.view import View

log = logging.getLogger(__name__)


class RepliesToRequest(BaseFilter):
    """Passes replies to the bot's messages about a request and provides the ``bot_message``."""

    async def __call__(
        self, message: Message, request_messages: RequestMessages, bot: Bot
    ) -> bool | dict[str, BotMessage]:
        answered = message.reply_to_message
        if answered is None:
            return False
        bot_message = await request_messages.find_bot_message(message.chat.id, answered.message_id)
        if bot_message is None and _is_from_bot(answered, bot):
            bot_message = _read_card_buttons(answered)
        return False if bot_message is None else {"bot_message": bot_message}


def _is_from_bot(message: Message, bot: Bot) -> bool:
    return message.from_user is not None and message.from_user.id == bot.id


def _read_card_buttons(message: Message) -> BotMessage | None:
    """The request of a card that was sent but not recorded, because the bot was killed between."""
    rows = message.reply_markup.inline_keyboard if message.reply_markup else []
    for button in (one for row in rows for one in row):
        try:
            action = StatusAction.unpack(button.callback_data or "")
        except (TypeError, ValueError):
            continue
        if action.act == "set":
            return BotMessage(action.id, "card", message.chat.id, message.message_id, None, None)
    return None


def build_staff_router() -> Router:
    router = Router(name="staff")
    for observer in (
        router.message,
        router.edited_message,
        router.callback_query,
        router.chat_member,
    ):
        observer.filter(InStaffChat())

    @router.message(UnreadableMessage())
    async def reject_unreadable(message: Message, context: StaffContext) -> None:
        await message.reply(context.texts("desk-unreadable"))

    @router.chat_member()
    async def forget_member(event: ChatMemberUpdated, membership: StaffMembership) -> None:
        membership.forget(event.chat.id, event.new_chat_member.user.id)

    @router.message(Matches(F.migrate_to_chat_id))
    async def move_staff_chat(message: Message, staff_chat: StaffChat) -> None:
        if message.migrate_to_chat_id is not None:
            await staff_chat.move(message.migrate_to_chat_id)

    @router.message(ServiceMessage())
    async def ignore_service_message(_: Message) -> None:
        """A pinned card or a new title is no reply."""

    router.include_routers(
        build_staff_commands_router(),
        _build_buttons_router(),
        _build_replies_router(),
        _build_outdated_router(),
    )
    return router


def _build_outdated_router() -> Router:
    """Presses that no other router took: of an older version, or forged."""
    router = Router(name="staff_outdated")

    @router.callback_query()
    async def explain_outdated(
        _: CallbackQuery, alert: CallbackAlert, context: StaffContext
    ) -> None:
        # A filter may have set the alert before it refused the press.
        alert.text = alert.text or context.texts("desk-outdated")

    return router


def build_strangers_router() -> Router:
    """Presses in any other chat: the buttons were copied to another group, or forged."""
    router = Router(name="strangers")

    @router.callback_query()
    async def refuse_button(
        _: CallbackQuery, alert: CallbackAlert, staff_context: StaffContext
    ) -> None:
        alert.text = staff_context.texts("desk-elsewhere")

    return router


def _build_buttons_router() -> Router:
    router = Router(name="staff_buttons")

    @router.callback_query(StatusAction.filter(F.act == "set"), StaffMember())
    async def set_status(
        query: CallbackQuery,
        callback_data: StatusAction,
        staff: Actor,
        request_workflow: RequestWorkflow,
        request_messages: RequestMessages,
        bot: Bot,
        context: StaffContext,
        alert: CallbackAlert,
    ) -> None:
        to = callback_data.to
        if to not in views.cards.WORDS_OFFERED:
            await _set_status(request_workflow, callback_data, staff, "", context, alert)
            return
        try:
            request = await request_workflow.check_transition(
                callback_data.id, to, seen=callback_data.seen
            )
        except (RequestUnknown, StatusConflict) as error:
            alert.text = _format_failure(error, context)
            return
        view = views.cards.render_words_question(request, to, staff, context.texts)
        await _ask_for_comment(bot, query, request_messages, to, request.id, view)

    @router.callback_query(StatusAction.filter(F.act == "words"), StaffMember())
    async def set_status_with_ready_comment(
        query: CallbackQuery,
        callback_data: StatusAction,
        staff: Actor,
        request_workflow: RequestWorkflow,
        translations: Translations,
        context: StaffContext,
        alert: CallbackAlert,
    ) -> None:
        request = await request_workflow.get(callback_data.id)
        key = f"desk-words-{callback_data.to}-{callback_data.index}"
        if request is None or not context.texts.has(key):
            alert.text = context.texts("desk-outdated")
            return
        comment = translations.get_texts(request.account.locale)(key)
        done = await _set_status(request_workflow, callback_data, staff, comment, context, alert)
        if done and isinstance(query.message, Message):
            try:
                await query.message.edit_text(done.text)
            except TelegramBadRequest as error:
                log.info("an answered question stays: %s", error.message)

    @router.callback_query(StatusAction.filter(F.act == "own"), StaffMember())
    async def ask_for_own_comment(
        query: CallbackQuery,
        callback_data: StatusAction,
        staff: Actor,
        request_workflow: RequestWorkflow,
        request_messages: RequestMessages,
        bot: Bot,
        context: StaffContext,
        alert: CallbackAlert,
    ) -> None:
        request = await request_workflow.get(callback_data.id)
        to = callback_data.to
        if request is None or to not in views.cards.WORDS_OFFERED:
            alert.text = context.texts("desk-outdated")
            return
        view = views.cards.render_own_words_question(request, to, staff, context.texts)
        await _ask_for_comment(bot, query, request_messages, to, request.id, view)

    @router.callback_query(StaffAction.filter(F.act.in_(views.cards.CARD_DOCUMENTS)), StaffMember())
    async def order_document(
        _: CallbackQuery,
        callback_data: StaffAction,
        documents: Documents,
        context: StaffContext,
        alert: CallbackAlert,
    ) -> None:
        try:
            await documents.order_for_staff(callback_data.id, callback_data.act)
        except RequestUnknown as error:
            alert.text = _format_failure(error, context)

    @router.callback_query(StatusAction.filter(F.act == "cancel"), StaffMember())
    async def delete_question(query: CallbackQuery, bot: Bot) -> None:
        if query.message is not None:
            try:
                await bot.delete_message(query.message.chat.id, query.message.message_id)
            except TelegramBadRequest as error:
                log.info("a question stays: %s", error.message)

    return router


def _build_replies_router() -> Router:
    router = Router(name="staff_replies")

    @router.message(RepliesToRequest(), Matches(F.text.startswith("/")))
    async def show_help(message: Message, context: StaffContext) -> None:
        await message.reply(context.texts("staff-help"))

    @router.message(RepliesToRequest(), StaffMember())
    async def handle_reply(
        message: Message,
        bot_message: BotMessage,
        staff: Actor,
        request_workflow: RequestWorkflow,
        request_messages: RequestMessages,
        context: StaffContext,
    ) -> None:
        if bot_message.asked_status is not None:
            await _set_status_with_reply(message, bot_message, staff, request_workflow, context)
            return
        content = to_message_content(message)
        if content is None:
            await message.reply(context.texts("desk-talk-kind"))
        else:
            await request_messages.send_to_consumer(bot_message.request_id, staff, content)

    @router.message(Matches(F.reply_to_message.from_user.is_bot), Matches(~F.text.startswith("/")))
    async def explain_unknown_reply(message: Message, bot: Bot, context: StaffContext) -> None:
        answered = message.reply_to_message
        if (
            answered is not None
            and _is_from_bot(answered, bot)
            and answered.forum_topic_created is None
        ):
            await message.reply(context.texts("desk-unknown-message"))

    @router.edited_message(
        Matches(F.text | F.caption | F.photo | F.document), StaffMember(silent=True)
    )
    async def mirror_edit(message: Message, request_messages: RequestMessages) -> None:
        await request_messages.mirror_staff_edit(
            message.chat.id, message.message_id, message.text or message.caption or ""
        )

    return router


async def _set_status(
    request_workflow: RequestWorkflow,
    action: StatusAction,
    staff: Actor,
    comment: str,
    context: StaffContext,
    alert: CallbackAlert,
) -> View | None:
    """Sets the status of the pressed button; None after an alert that says why it was not set."""
    try:
        request = await request_workflow.set_status(
            action.id, staff, action.to, seen=action.seen, comment=comment
        )
    except (RequestUnknown, StatusConflict) as error:
        alert.text = _format_failure(error, context)
        return None
    return views.cards.render_words_taken(request, context.company, context.texts)


def _format_failure(error: RequestUnknown | StatusConflict, context: StaffContext) -> str:
    if isinstance(error, StatusConflict):
        return views.cards.format_conflict(error.request, context.company, context.texts)
    return context.texts("desk-unknown-request")


async def _set_status_with_reply(
    message: Message,
    bot_message: BotMessage,
    staff: Actor,
    request_workflow: RequestWorkflow,
    context: StaffContext,
) -> None:
    """Sets the status that ``bot_message`` asked a comment for; the reply is the comment."""
    if bot_message.asked_status is None or not message.text:
        await message.reply(context.texts("desk-words-needed"))
        return
    try:
        await request_workflow.set_status(
            bot_message.request_id, staff, bot_message.asked_status, comment=message.text
        )
    except StatusConflict as conflict:
        await message.reply(_format_failure(conflict, context))
    else:
        await _confirm(message)


async def _ask_for_comment(
    bot: Bot,
    query: CallbackQuery,
    request_messages: RequestMessages,
    to: Status,
    request_id: int,
    view: View,
) -> None:
    """Asks below the pressed message, and records which transition the reply will belong to."""
    if query.message is None:
        return
    sent = await bot.send_message(
        query.message.chat.id,
        view.text,
        reply_markup=view.keyboard,
        reply_parameters=ReplyParameters(
            message_id=query.message.message_id, allow_sending_without_reply=True
        ),
    )
    await request_messages.remember_question(request_id, to, sent.chat.id, sent.message_id)


async def _confirm(message: Message) -> None:
    """Sets a reaction as a receipt; a group may forbid reactions, and then there is none."""
    try:
        await message.react([ReactionTypeEmoji(emoji="👍")])
    except TelegramBadRequest as error:
        log.info("no reaction: %s", error.message)
