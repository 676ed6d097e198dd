"""All routers, in the order in which they are tried."""

from aiogram import F, Router
from aiogram.enums import ChatType

from bot.handlers.consumer.askue import build_askue_router
from bot.handlers.consumer.auth import build_auth_router
from bot.handlers.consumer.commands import build_commands_router
from bot.handlers.consumer.fallback import build_fallback_router, build_no_content_router
from bot.handlers.consumer.form_answers import build_form_answers_router
from bot.handlers.consumer.loose_messages import build_loose_messages_router
from bot.handlers.consumer.profile import build_profile_router
from bot.handlers.consumer.reading_uploads import build_reading_uploads_router
from bot.handlers.consumer.readings import build_readings_router
from bot.handlers.consumer.request_actions import build_request_actions_router
from bot.handlers.consumer.request_messages import build_request_messages_router
from bot.handlers.consumer.requests import build_requests_router
from bot.handlers.errors import build_errors_router
from bot.handlers.staff.cards import build_staff_router, build_strangers_router
from bot.handlers.staff.search import build_private_search_router
from bot.telegram.filters import Matches


def build_routers() -> tuple[Router, ...]:
    private = Router(name="private")
    private.message.filter(Matches(F.chat.type == ChatType.PRIVATE))
    private.edited_message.filter(Matches(F.chat.type == ChatType.PRIVATE))
    private.callback_query.filter(Matches(F.message.chat.type == ChatType.PRIVATE))
    private.include_routers(
        build_no_content_router(),
        build_private_search_router(),
        build_commands_router(),
        build_request_messages_router(),
        build_form_answers_router(),
        build_auth_router(),
        build_requests_router(),
        build_request_actions_router(),
        build_readings_router(),
        build_reading_uploads_router(),
        build_askue_router(),
        build_profile_router(),
        build_loose_messages_router(),
        build_fallback_router(),
    )
    return private, build_staff_router(), build_strangers_router(), build_errors_router()
