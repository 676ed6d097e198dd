"""Handlers of the staff chat's commands: lists, figures, exports, password resets."""

import logging
import re

from aiogram import F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from bot import views
from bot.domain import OPEN, Actor
from bot.handlers.staff.context import StaffContext
from bot.handlers.staff.filters import StaffAdmin, StaffMember
from bot.integrations.charts import draw_bars
from bot.integrations.worker_process import WorkerProcess
from bot.keyboards import StaffAction, StaffListPage
from bot.services.clock import Clock
from bot.services.errors import ListUnknown, ResetExpired
from bot.services.password_resets import PasswordResets
from bot.services.periods import PeriodInvalid, parse_export_period
from bot.services.request_reports import STATS_DAYS, RequestReports
from bot.services.request_workflow import RequestWorkflow
from bot.services.staff_mentions import StaffMentions
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.views import turn_page
from bot.views.view import View

log = logging.getLogger(__name__)

STAFF_COMMANDS = (
    "new",
    "open",
    "find",
    "my",
    "overdue",
    "shift",
    "stats",
    "export",
    "reset",
    "help",
)

#: First words of an export that ask for readings in place of requests.
_READINGS = ("readings", "показания")


def build_staff_commands_router() -> Router:
    router = Router(name="staff_commands")

    @router.message(Command("help"))
    async def show_help(message: Message, context: StaffContext) -> None:
        await message.reply(context.texts("staff-help"))

    @router.message(Command("new", "open", "my", "overdue"), StaffMember())
    async def show_list(
        message: Message,
        staff: Actor,
        request_reports: RequestReports,
        staff_mentions: StaffMentions,
        context: StaffContext,
    ) -> None:
        view, account_ids = await _render_list(message, 0, staff, request_reports, context)
        sent = await message.reply(view.text, reply_markup=view.inline)
        await staff_mentions.record(account_ids, sent.chat.id, sent.message_id)
        await staff_mentions.record(account_ids, message.chat.id, message.message_id, by_bot=False)

    @router.callback_query(StaffListPage.filter(), StaffMember())
    async def show_list_page(
        query: CallbackQuery,
        callback_data: StaffListPage,
        staff: Actor,
        request_reports: RequestReports,
        staff_mentions: StaffMentions,
        context: StaffContext,
        alert: CallbackAlert,
    ) -> None:
        shown = query.message
        command = shown.reply_to_message if isinstance(shown, Message) else None
        if not isinstance(shown, Message) or command is None:
            alert.text = context.texts("desk-page-lost")
            return
        if (command.text or "").startswith("/find"):
            # Of an earlier version, which answered in the group.
            alert.text = context.texts("desk-outdated")
            return
        page = max(callback_data.page, 0)
        view, account_ids = await _render_list(command, page, staff, request_reports, context)
        # Before the message shows them: an erasure in between must find it.
        await staff_mentions.record(account_ids, shown.chat.id, shown.message_id)
        await turn_page(shown, view)

    @router.message(Command("stats"), StaffMember())
    async def show_stats(
        message: Message,
        command: CommandObject,
        request_reports: RequestReports,
        worker: WorkerProcess,
        context: StaffContext,
    ) -> None:
        wanted = (command.args or str(STATS_DAYS)).split()[0]
        if not re.fullmatch(r"[1-9]\d{0,2}", wanted):
            await message.reply(context.texts("desk-stats-usage"))
            return
        period = await request_reports.compute_period_stats(int(wanted))
        view = views.request_reports.render_stats(period, context.catalogue, context.texts)
        await message.reply(view.text)
        stats = period.everything
        if stats.open:
            chart = views.request_reports.build_chart(stats, context.catalogue, context.texts)
            picture = await worker.run(draw_bars, *chart)
            await message.reply_photo(BufferedInputFile(picture, "stats.png"))

    @router.message(Command("export"), StaffMember(), StaffAdmin())
    async def order_export(
        message: Message,
        command: CommandObject,
        staff: Actor,
        request_reports: RequestReports,
        context: StaffContext,
    ) -> None:
        words = (command.args or "").lower()
        try:
            first, last = parse_export_period(words, request_reports.get_today())
        except PeriodInvalid:
            await message.reply(context.texts("desk-export-usage"))
            return
        what = "readings" if words.startswith(_READINGS) else "requests"
        await request_reports.order_export(
            what, first, last, message.chat.id, message.message_id, staff
        )
        await message.reply(context.texts("desk-export-begun"))

    @router.message(Command("reset"), StaffMember(), StaffAdmin())
    async def request_reset(
        message: Message,
        command: CommandObject,
        password_resets: PasswordResets,
        staff_mentions: StaffMentions,
        context: StaffContext,
    ) -> None:
        email = (command.args or "").strip().lower()
        if not email:
            await message.reply(context.texts("desk-reset-usage"))
            return
        await staff_mentions.record_command(email, message.chat.id, message.message_id)
        if not await password_resets.order(email):
            await message.reply(context.texts("desk-reset-none"))

    @router.callback_query(StaffAction.filter(F.act == "reset"), StaffMember(), StaffAdmin())
    async def approve_reset(
        query: CallbackQuery,
        callback_data: StaffAction,
        staff: Actor,
        password_resets: PasswordResets,
        request_workflow: RequestWorkflow,
        clock: Clock,
        context: StaffContext,
        alert: CallbackAlert,
    ) -> None:
        delay, card = request_workflow.undo_time, query.message
        try:
            if delay and card is not None:
                account = await password_resets.schedule(
                    callback_data.id, staff, card.chat.id, card.message_id, delay
                )
            else:
                account = await password_resets.approve(callback_data.id, staff)
        except ResetExpired:
            alert.text = context.texts("desk-reset-late")
            view = views.cards.render_reset_expired(context.texts)
        else:
            if account is None:
                alert.text = context.texts("desk-reset-before")
                return
            at = context.company.format_minute(clock.now())
            seconds = int(delay.total_seconds())
            view = (
                views.cards.render_reset_undo(
                    account, callback_data.id, staff, seconds, context.texts
                )
                if seconds
                else views.cards.render_reset_done(account, staff, at, context.texts)
            )
        if isinstance(query.message, Message):
            try:
                await query.message.edit_text(view.text, reply_markup=view.inline)
            except TelegramBadRequest as error:
                log.info("the card of a reset stays: %s", error.message)

    return router


async def _render_list(
    message: Message,
    page: int,
    staff: Actor,
    request_reports: RequestReports,
    context: StaffContext,
) -> tuple[View, frozenset[int]]:
    """A page of the list that the command in ``message`` asks for, and whose data it shows."""
    command, _, words = (message.text or "").partition(" ")
    name = command.lstrip("/").partition("@")[0]
    author_id = message.from_user.id if message.from_user else 0
    which = views.request_reports.find_open_filter(
        words,
        context.catalogue,
        {context.texts(f"status-{one}"): one for one in OPEN},
        await request_reports.list_members() if "@" in words else [],
        context.texts,
    )
    try:
        found = await request_reports.run_list(name, words, author_id, staff, page, which=which)
    except ListUnknown:
        return View(text=context.texts("queue-open-usage")), frozenset()
    view = views.request_reports.render_list(
        found, name, request_reports.get_today(), context.catalogue, context.texts
    )
    return view, found.account_ids
