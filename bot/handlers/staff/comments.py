"""Handlers of the words to a consumer: results, reasons, questions, canned answers, undo."""

import logging

from aiogram import F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, Message, ReactionTypeEmoji

from bot import views
from bot.canned_answers import CannedAnswer
from bot.db.bot_messages import BotMessage
from bot.domain import Actor, MessageContent, MessageKind, Request, Status
from bot.formatting.canned_answers import build_placeholders
from bot.handlers.staff.context import StaffContext
from bot.handlers.staff.filters import AskedMember, StaffAdmin, StaffMember
from bot.handlers.staff.questions import PRESS_FAILURES, StaffPress, format_failure
from bot.keyboards import CannedReply, CommentAction, QuestionHeading, StaffAction, UndoAction
from bot.services.password_resets import PasswordResets
from bot.services.request_messages import RequestMessages
from bot.services.request_workflow import RequestWorkflow
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.message_content import to_message_content
from bot.texts import Translations
from bot.views.view import View

log = logging.getLogger(__name__)


def build_comments_router() -> Router:
    router = Router(name="staff_comments")

    @router.callback_query(CommentAction.filter(), StaffMember(), AskedMember())
    async def choose_comment(
        _: CallbackQuery,
        callback_data: CommentAction,
        staff: Actor,
        request_workflow: RequestWorkflow,
        request_messages: RequestMessages,
        translations: Translations,
        context: StaffContext,
        alert: CallbackAlert,
        press: StaffPress,
    ) -> None:
        action, to = callback_data, callback_data.to
        request = await request_workflow.get(action.id)
        if request is None or to not in views.cards.COMMENTED:
            alert.text = context.texts("desk-outdated")
            return
        if action.act == "own":
            view = views.cards.render_own_comment_question(request, to, staff, context.texts)
            sent = await press.ask(view)
            if sent is not None:
                await request_messages.remember_question(
                    request.id, to, sent.chat.id, sent.message_id
                )
            await press.show_buttons(request)
            return
        purpose = views.cards.COMMENTED[to]
        answer = context.canned_answers.find(purpose, request.type_code, action.key)
        if answer is None:
            alert.text = context.texts("desk-outdated")
            return
        try:
            request = await request_workflow.set_status(
                request.id,
                staff,
                to,
                seen=action.seen,
                comment=_fill(answer, request, translations, context),
            )
        except PRESS_FAILURES as failure:
            await press.explain(failure)
            await press.show_buttons(request)
        else:
            await press.show_buttons(request, can_undo=bool(request_workflow.undo_time))

    @router.callback_query(QuestionHeading.filter(), StaffMember())
    async def explain_question(
        _: CallbackQuery,
        callback_data: QuestionHeading,
        request_workflow: RequestWorkflow,
        context: StaffContext,
        alert: CallbackAlert,
    ) -> None:
        request, to = await request_workflow.get(callback_data.id), callback_data.to
        if request is None or (to is not None and to not in views.cards.COMMENTED):
            alert.text = context.texts("desk-outdated")
        elif to is None:
            alert.text = views.assignments.format_first_question(
                request, context.texts, views.cards.NAME_IN_ALERT
            )
        else:
            alert.text = views.cards.format_comment_question(request, to, context.texts)

    @router.callback_query(StaffAction.filter(F.act == "replies"), StaffMember())
    async def offer_replies(
        _: CallbackQuery,
        callback_data: StaffAction,
        staff: Actor,
        request_workflow: RequestWorkflow,
        context: StaffContext,
        alert: CallbackAlert,
        press: StaffPress,
    ) -> None:
        request = await request_workflow.get(callback_data.id)
        if request is None:
            alert.text = context.texts("desk-unknown-request")
            return
        await press.ask(
            views.cards.render_replies_question(
                request, staff, context.canned_answers, context.texts
            )
        )

    @router.callback_query(CannedReply.filter(), StaffMember(), AskedMember())
    async def send_canned_reply(
        query: CallbackQuery,
        callback_data: CannedReply,
        staff: Actor,
        request_workflow: RequestWorkflow,
        request_messages: RequestMessages,
        translations: Translations,
        context: StaffContext,
        alert: CallbackAlert,
        press: StaffPress,
    ) -> None:
        request = await request_workflow.get(callback_data.id)
        answer = request and context.canned_answers.find(
            "reply", request.type_code, callback_data.key
        )
        if request is None or not answer or query.message is None:
            alert.text = context.texts("desk-outdated")
            return
        words = _fill(answer, request, translations, context)
        content = MessageContent(
            kind=MessageKind.TEXT,
            text=words,
            chat_id=query.message.chat.id,
            message_id=query.message.message_id,
        )
        sent = await request_messages.send_canned(request.id, staff, content)
        if sent is not None:
            seconds = int(request_workflow.undo_time.total_seconds())
            view = views.cards.render_reply_undo(
                request, words, sent, staff, seconds, context.texts
            )
            await _offer_undo(press, request_messages, request, view if seconds else None)

    @router.callback_query(UndoAction.filter(F.act != "reset"), StaffMember(), AskedMember())
    async def undo(
        _: CallbackQuery,
        callback_data: UndoAction,
        staff: Actor,
        request_workflow: RequestWorkflow,
        request_messages: RequestMessages,
        context: StaffContext,
        alert: CallbackAlert,
        press: StaffPress,
    ) -> None:
        try:
            if callback_data.act == "status":
                request = await request_workflow.undo(callback_data.id, staff)
                alert.text = views.cards.format_undone(request, context.texts)
                await press.show_buttons(request)
            else:
                await request_messages.undo_canned(callback_data.id, staff)
                alert.text = context.texts("desk-reply-undone")
                await press.delete()
        except PRESS_FAILURES as failure:
            await press.explain(failure)
            # Only the card loses the button by itself.
            if callback_data.act == "status":
                late = await request_workflow.find_undoable(callback_data.id)
                if late is not None:
                    await press.show_buttons(late)

    @router.callback_query(UndoAction.filter(F.act == "reset"), StaffMember(), StaffAdmin())
    async def undo_reset(
        _: CallbackQuery,
        callback_data: UndoAction,
        staff: Actor,
        password_resets: PasswordResets,
        context: StaffContext,
        press: StaffPress,
    ) -> None:
        try:
            await password_resets.cancel_approval(callback_data.id, staff)
        except PRESS_FAILURES as failure:
            await press.explain(failure)
        else:
            await press.edit(View(text=context.texts("desk-reset-undone")))

    return router


async def set_status_with_reply(
    message: Message,
    bot_message: BotMessage,
    staff: Actor,
    request_workflow: RequestWorkflow,
    request_messages: RequestMessages,
    context: StaffContext,
) -> None:
    """Sets the status that ``bot_message`` asked a comment for; the reply is the comment.

    Its file goes to the consumer too, with the others of its album. A file alone may be the result;
    a reason and a question need words.
    """
    content, to = to_message_content(message), bot_message.asked_status
    if content and await request_workflow.attach_to_comment(bot_message.request_id, staff, content):
        await react(message, "👍")
        return
    if to is None or content is None or not (content.text or to is Status.DONE):
        await message.reply(context.texts("desk-words-needed"))
        return
    is_file = content.kind is not MessageKind.TEXT
    try:
        request = await request_workflow.set_status(
            bot_message.request_id,
            staff,
            to,
            comment=content.text,
            attachment=content if is_file else None,
        )
    except PRESS_FAILURES as failure:
        await message.reply(format_failure(failure, context))
        return
    await react(message, "👍")
    await request_messages.expire_question(request.id, bot_message.chat_id, bot_message.message_id)


async def _offer_undo(
    press: StaffPress, request_messages: RequestMessages, request: Request, view: View | None
) -> None:
    """Shows in place of the answered question what can be undone; None: the question goes."""
    if view is None or press.query.message is None:
        await press.delete()
        return
    await press.edit(view)
    chat_id, message_id = press.query.message.chat.id, press.query.message.message_id
    await request_messages.expire_question(request.id, chat_id, message_id)


def _fill(
    answer: CannedAnswer, request: Request, translations: Translations, context: StaffContext
) -> str:
    """The words in the language of the consumer."""
    texts = translations.get_texts(request.account.locale)
    values = build_placeholders(request, context.catalogue, context.company, texts)
    return answer.fill(texts.locale, values)


async def react(message: Message, emoji: str) -> None:
    """Sets a reaction as a receipt; a group may forbid reactions, and then there is none."""
    try:
        await message.react([ReactionTypeEmoji(emoji=emoji)])
    except TelegramBadRequest as error:
        log.info("no reaction: %s", error.message)
