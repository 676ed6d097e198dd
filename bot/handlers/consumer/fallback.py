"""Handlers of what no other router took: the answer says what to do next."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.fsm.model import Rejected
from bot.handlers.consumer.context import ChatContext
from bot.handlers.consumer.form_answers import show_outdated
from bot.handlers.consumer.forms import Forms
from bot.telegram.callback_answer import CallbackAlert


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
    async def handle_unknown_message(_: Message, context: ChatContext, forms: Forms) -> None:
        draft = context.conversation.draft
        if draft is not None and draft.open is None and not context.conversation.paused:
            await forms.reject(context, Rejected("review-open"))
        else:
            await context.screen.show(
                views.menus.render_nothing_here(
                    context.chat, context.texts, unfinished=draft is not None
                )
            )

    return router
