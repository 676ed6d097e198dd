"""Whatever no other router took: the answer says what to do next."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.fsm.model import Rejected
from bot.handlers.consumer.context import ChatContext
from bot.handlers.consumer.form_answers import show_outdated
from bot.handlers.consumer.forms import Forms
from bot.handlers.consumer.screen import CallbackAlert


def build_fallback_router() -> Router:
    router = Router(name="fallback")

    @router.callback_query()
    async def unknown_press(_: CallbackQuery, visit: ChatContext, forms: Forms, alert: CallbackAlert) -> None:
        if visit.chat.account is None and visit.conversation.draft is None:
            await visit.screen.show(views.menus.render_session_over(visit.texts))
        else:
            await show_outdated(visit, forms, alert)

    @router.message()
    async def unknown_message(_: Message, visit: ChatContext, forms: Forms) -> None:
        draft = visit.conversation.draft
        if draft is not None and draft.open is None and not visit.conversation.paused:
            await forms.reject(visit, Rejected("review-open"))
        else:
            await visit.screen.show(
                views.menus.render_nothing_here(visit.chat, visit.texts, unfinished=draft is not None)
            )

    return router
