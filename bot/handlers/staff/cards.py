"""Handlers of request cards in the staff chat: status buttons, comments and replies."""

import logging
import re

from aiogram import Bot, F, Router
from aiogram.filters import BaseFilter
from aiogram.types import (
    CallbackQuery,
    Message,
)

from bot import views
from bot.db.bot_messages import BotMessage
from bot.domain import Actor
from bot.handlers.staff.assignments import build_assignments_router
from bot.handlers.staff.commands import build_staff_commands_router
from bot.handlers.staff.comments import (
    build_comments_router,
    react,
    set_status_with_reply,
)
from bot.handlers.staff.context import StaffContext
from bot.handlers.staff.filters import InStaffChat, StaffMember
from bot.handlers.staff.questions import PRESS_FAILURES, StaffPress, format_failure
from bot.handlers.staff.search import build_search_router
from bot.keyboards import StaffAction, StatusAction
from bot.services.documents import Documents
from bot.services.errors import RequestUnknown
from bot.services.request_messages import RequestMessages
from bot.services.request_workflow import RequestWorkflow
from bot.services.staff_chats import StaffChats
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.filters import Matches, ServiceMessage
from bot.telegram.message_content import to_message_content
from bot.telegram.update_parser import UnreadableMessage

log = logging.getLogger(__name__)

#: The first line of a card ends with the number of its request.
_HEADING = re.compile(r"\d{4}-\d{6,}$")


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
            bot_message = _detect_card(answered)
        return False if bot_message is None else {"bot_message": bot_message}


class InternalNote(BaseFilter):
    """Passes what the staff write for one another."""

    async def __call__(self, message: Message) -> bool:
        return is_note(message)


def is_note(message: Message) -> bool:
    """Words that begin with ``//``, or with ``!`` in the topic of a request."""
    words = (message.text or message.caption or "").lstrip()
    return words.startswith("//") or (bool(message.is_topic_message) and words.startswith("!"))


def _is_from_bot(message: Message, bot: Bot) -> bool:
    return message.from_user is not None and message.from_user.id == bot.id


def _detect_card(message: Message) -> BotMessage | None:
    """The request of a card that was sent but not recorded, because the bot was killed between.

    Reminders have the buttons of a card, and so has a question before a press on what another
    member answers: what is said to those is for colleagues.
    """
    if not _HEADING.search((message.text or "").partition("\n")[0]):
        return None
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

    @router.message(Matches(F.migrate_to_chat_id))
    async def move_staff_chat(message: Message, staff_chats: StaffChats) -> None:
        if message.migrate_to_chat_id is not None:
            await staff_chats.move(message.chat.id, message.migrate_to_chat_id)

    router.include_routers(
        build_assignments_router(),
        _build_service_messages_router(),
        build_staff_commands_router(),
        build_search_router(),
        _build_buttons_router(),
        build_comments_router(),
        _build_replies_router(),
        _build_outdated_router(),
    )
    return router


def _build_service_messages_router() -> Router:
    router = Router(name="staff_service_messages")

    @router.message(ServiceMessage())
    async def ignore_service_message(_: Message) -> None:
        """A pinned card or a new title is no reply."""

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

    @router.callback_query(StatusAction.filter(), StaffMember())
    async def set_status(
        _: CallbackQuery,
        callback_data: StatusAction,
        staff: Actor,
        request_workflow: RequestWorkflow,
        context: StaffContext,
        press: StaffPress,
    ) -> None:
        action = callback_data
        to, seen, agreed = action.to, action.seen, action.agreed
        try:
            if to not in views.cards.COMMENTED:
                request = await request_workflow.set_status(
                    action.id, staff, to, seen=seen, agreed=agreed
                )
                if agreed:
                    await press.show_buttons(request)
            else:
                request = await request_workflow.check_transition(
                    action.id, staff, to, seen=seen, agreed=agreed
                )
                view = views.cards.render_comment_question(
                    request, to, staff, context.canned_answers, context.texts
                )
                await press.show_rows(request, view)
        except PRESS_FAILURES as failure:
            await press.explain(
                failure, lambda assignee: action.model_copy(update={"agreed": assignee})
            )

    @router.callback_query(StaffAction.filter(F.act == "buttons"), StaffMember())
    async def show_buttons(
        query: CallbackQuery,
        callback_data: StaffAction,
        request_workflow: RequestWorkflow,
        context: StaffContext,
        alert: CallbackAlert,
        press: StaffPress,
    ) -> None:
        request = await request_workflow.get(callback_data.id)
        if request is None or not isinstance(query.message, Message):
            alert.text = context.texts("desk-outdated")
            return
        await press.edit_keyboard(
            views.cards.add_buttons(request, query.message.reply_markup, context.texts)
        )

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
            alert.text = format_failure(error, context)

    return router


def _build_replies_router() -> Router:
    router = Router(name="staff_replies")

    @router.message(RepliesToRequest(), InternalNote())
    async def keep_note(
        message: Message, bot_message: BotMessage, request_messages: RequestMessages
    ) -> None:
        """A note among the staff, which the consumer never gets."""
        await request_messages.keep_note(bot_message.request_id, message.media_group_id)
        await react(message, "✍")

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
            await set_status_with_reply(
                message, bot_message, staff, request_workflow, request_messages, context
            )
            return
        content = to_message_content(message)
        if bot_message.kind == "note":
            # What is said to it is for colleagues.
            await message.reply(context.texts("desk-unknown-message"))
        elif content is None:
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
        if is_note(message):
            # What was passed on stays as it was: the note is none of the consumer's business.
            return
        await request_messages.mirror_staff_edit(
            message.chat.id, message.message_id, message.text or message.caption or ""
        )

    return router
