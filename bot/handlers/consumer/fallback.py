"""Handlers of messages without an answer in them, and of what no other router took."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.fsm.model import Rejected
from bot.handlers.consumer.context import ChatContext
from bot.handlers.consumer.form_answers import show_outdated
from bot.handlers.consumer.forms import Forms
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.filters import ServiceMessage
from bot.telegram.update_parser import UnreadableMessage


def build_no_content_router() -> Router:
    """Takes messages that cannot be an answer, before any other router sees them."""
    router = Router(name="no-content")

    @router.message(UnreadableMessage())
    async def answer_unreadable(_: Message, context: ChatContext) -> None:
        await context.screen.send_text(context.texts("message-unreadable"))

    @router.message(ServiceMessage())
    async def ignore_service_message(_: Message) -> None:
        """Whoever pins a message or changes a setting of the chat has not answered."""

    return router


def build_fallback_router() -> Router:
    router = Router(name="fallback")

    @router.callback_query()
    async def handle_unknown_button(
        query: CallbackQuery, context: ChatContext, forms: Forms, alert: CallbackAlert
    ) -> None:
        if context.chat.account is None:
            context.conversation.press_after_login = query.data
        if context.chat.account is None and context.conversation.draft is None:
            await context.screen.show(views.menus.render_session_over(context.texts))
        else:
            await show_outdated(context, forms, alert)

    @router.message()
    async def handle_unknown_message(message: Message, context: ChatContext, forms: Forms) -> None:
        draft = context.conversation.draft
        if draft is not None and draft.open is None and not context.conversation.paused:
            await forms.reject(context, Rejected("review-open"))
        else:
            # A voice message, a sticker and the like: their sender may have something to say.
            is_other = context.chat.account is not None and message.text is None
            await context.screen.show(
                views.menus.render_nothing_here(
                    context.chat,
                    context.texts,
                    drafts=await context.get_draft_titles(),
                    emergency=_format_emergency(message, context),
                    note="loose-kind" if is_other else "nothing-here",
                )
            )

    return router


def _format_emergency(message: Message, context: ChatContext) -> str | None:
    """Whom to call, for a guest who writes that there is no power."""
    words = message.text or message.caption or ""
    if context.catalogue.find_emergency_type([words]) is None:
        return None
    return views.loose_messages.format_emergency(context.company, context.texts)
