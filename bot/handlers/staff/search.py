"""``/find``: asked in the group, answered in private, as the answer shows personal data.

In private and not by an ephemeral message: that one Telegram may not show to who is offline, and it
is gone with the next start of the app.
"""

import logging

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.filters import Command, CommandObject
from aiogram.types import (
    CallbackQuery,
    Message,
    ReplyParameters,
)

from bot import views
from bot.domain import Actor
from bot.handlers.staff.comments import react
from bot.handlers.staff.context import StaffContext
from bot.handlers.staff.filters import MemberInPrivate, StaffMember
from bot.integrations.errors import FileDamaged, FileInfected, FileMissing, ScannerUnavailable
from bot.keyboards import FoundPage, StaffAction
from bot.services.request_reports import ReportPage, RequestReports
from bot.services.scans import Scans
from bot.services.staff_mentions import StaffMentions
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.stored_uploads import StoredUpload
from bot.telegram.views import turn_page
from bot.views.view import View

log = logging.getLogger(__name__)

#: Letters of a search: the heading of each page repeats it.
_MOST_ASKED = 200


def build_search_router() -> Router:
    """The command, and buttons of lists in the group."""
    router = Router(name="staff_search")

    @router.message(Command("find"), StaffMember())
    async def find(
        message: Message,
        command: CommandObject,
        staff: Actor,
        request_reports: RequestReports,
        staff_mentions: StaffMentions,
        bot: Bot,
        context: StaffContext,
    ) -> None:
        words = (command.args or "").strip()[:_MOST_ASKED]
        if not words:
            await message.reply(context.texts("desk-find-usage"))
            return
        found = await request_reports.run_list("find", words, staff.id, staff, 0)
        await staff_mentions.record(
            found.account_ids, message.chat.id, message.message_id, by_bot=False
        )
        view = _render(found, words, request_reports, context)
        if not found.lines and not found.readings:
            # It names nobody.
            await message.reply(view.text)
            return
        try:
            sent = await bot.send_message(staff.id, view.text, reply_markup=view.inline)
        except (TelegramForbiddenError, TelegramBadRequest) as error:
            log.info("a member of the staff cannot be written to: %s", error.message)
            name = (await bot.me()).username or ""
            start = views.request_reports.render_start(name, context.texts)
            await message.reply(start.text, reply_markup=start.inline)
            return
        await staff_mentions.record(found.account_ids, sent.chat.id, sent.message_id)
        await react(message, "👌")

    router.callback_query.register(show_card, StaffAction.filter(F.act == "show"), StaffMember())
    router.callback_query.register(
        show_photos, StaffAction.filter(F.act == "photos"), StaffMember()
    )
    return router


def build_private_search_router() -> Router:
    """Buttons of what was found, in the private chat."""
    router = Router(name="staff_private_search")

    @router.callback_query(FoundPage.filter(), MemberInPrivate())
    async def show_found_page(
        query: CallbackQuery,
        callback_data: FoundPage,
        staff: Actor,
        request_reports: RequestReports,
        staff_mentions: StaffMentions,
        context: StaffContext,
        alert: CallbackAlert,
    ) -> None:
        shown = query.message
        words = _read_words(shown) if isinstance(shown, Message) else ""
        if not isinstance(shown, Message) or not words:
            alert.text = context.texts("desk-outdated")
            return
        page = max(callback_data.page, 0)
        found = await request_reports.run_list("find", words, staff.id, staff, page)
        # Before the message shows them: an erasure in between must find it.
        await staff_mentions.record(found.account_ids, shown.chat.id, shown.message_id)
        view = _render(found, words, request_reports, context)
        await turn_page(shown, view)

    router.callback_query.register(
        show_card, StaffAction.filter(F.act == "show"), MemberInPrivate()
    )
    router.callback_query.register(
        show_photos, StaffAction.filter(F.act == "photos"), MemberInPrivate()
    )
    return router


async def show_card(
    _: CallbackQuery,
    callback_data: StaffAction,
    staff: Actor,
    request_reports: RequestReports,
    bot: Bot,
    context: StaffContext,
    alert: CallbackAlert,
) -> None:
    card = await request_reports.open_card(callback_data.id, staff)
    if card is None:
        alert.text = context.texts("desk-no-card")
        return
    chat_id, message_id = card
    try:
        await bot.send_message(
            chat_id,
            context.texts("desk-here"),
            reply_parameters=ReplyParameters(message_id=message_id),
        )
    except (TelegramBadRequest, TelegramForbiddenError):
        alert.text = context.texts("desk-no-card")


async def show_photos(
    query: CallbackQuery,
    callback_data: StaffAction,
    staff: Actor,
    request_reports: RequestReports,
    staff_mentions: StaffMentions,
    scans: Scans,
    context: StaffContext,
    alert: CallbackAlert,
) -> None:
    photos = await request_reports.list_photos(callback_data.id, staff)
    if not photos or not isinstance(query.message, Message):
        alert.text = context.texts("desk-no-photos")
        return
    for photo in photos:
        try:
            await scans.verify(photo)
        except (FileMissing, FileDamaged, FileInfected, ScannerUnavailable):
            alert.text = context.texts("desk-photo-withheld")
            continue
        sent = await query.message.reply_document(StoredUpload(photo, scans.read_pieces))
        await staff_mentions.record({callback_data.id}, sent.chat.id, sent.message_id)


def _render(
    found: ReportPage, words: str, request_reports: RequestReports, context: StaffContext
) -> View:
    return views.request_reports.render_found(
        found, words, request_reports.get_today(), context.catalogue, context.texts
    )


def _read_words(shown: Message) -> str:
    """What was searched for: the message itself remembers it, in its heading."""
    for entity in shown.entities or ():
        if entity.type == "code":
            return entity.extract_from(shown.text or "")
    return ""
