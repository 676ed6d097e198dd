"""All routers in the order in which they are asked."""

from aiogram import F, Router
from aiogram.enums import ChatType

from bot.handlers.answers import build_answers_router
from bot.handlers.askue import build_askue_router
from bot.handlers.auth import build_auth_router
from bot.handlers.commands import build_commands_router
from bot.handlers.deeds import build_deeds_router
from bot.handlers.errors import build_errors_router
from bot.handlers.fallback import build_fallback_router
from bot.handlers.has import Has
from bot.handlers.profile import build_profile_router
from bot.handlers.readings import build_readings_router
from bot.handlers.requests import build_requests_router
from bot.handlers.staff import build_staff_router, build_strangers_router
from bot.handlers.talk import build_talk_router


def build_router() -> Router:
    private = Router(name="private")
    private.message.filter(Has(F.chat.type == ChatType.PRIVATE))
    private.edited_message.filter(Has(F.chat.type == ChatType.PRIVATE))
    private.callback_query.filter(Has(F.message.chat.type == ChatType.PRIVATE))
    private.include_routers(
        build_commands_router(),
        build_talk_router(),
        build_answers_router(),
        build_auth_router(),
        build_requests_router(),
        build_deeds_router(),
        build_readings_router(),
        build_askue_router(),
        build_profile_router(),
        build_fallback_router(),
    )
    root = Router(name="root")
    root.include_routers(
        private, build_staff_router(), build_strangers_router(), build_errors_router()
    )
    return root
