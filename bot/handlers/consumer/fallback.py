"""Whatever no other router took: the answer says what to do next."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.fsm.model import Rejected
from bot.handlers.consumer.context import Visit
from bot.handlers.consumer.form_answers import outdated
from bot.handlers.consumer.forms import Forms
from bot.handlers.consumer.screen import Alert


def build_fallback_router() -> Router:
    router = Router(name="fallback")

    @router.callback_query()
    async def unknown_press(_: CallbackQuery, visit: Visit, forms: Forms, alert: Alert) -> None:
        if visit.chat.account is None and visit.conversation.draft is None:
            await visit.screen.show(views.menus.session_over(visit.texts))
        else:
            await outdated(visit, forms, alert)

    @router.message()
    async def unknown_message(_: Message, visit: Visit, forms: Forms) -> None:
        draft = visit.conversation.draft
        if draft is not None and draft.open is None and not visit.conversation.paused:
            await forms.reject(visit, Rejected("review-open"))
        else:
            await visit.screen.show(
                views.menus.nothing_here(visit.chat, visit.texts, unfinished=draft is not None)
            )

    return router
