"""Commands of the staff group."""

import logging
import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import BaseFilter, Command, CommandObject
from aiogram.types import BufferedInputFile, CallbackQuery, Message, ReplyParameters

from bot import views
from bot.domain import Actor
from bot.handlers.staff.filters import StaffMember
from bot.integrations.charts import draw_columns
from bot.integrations.worker_process import WorkerProcess
from bot.keyboards import StaffAction, StaffListPage
from bot.request_types import Catalogue
from bot.services.clock import Clock
from bot.services.password_resets import PasswordResets
from bot.services.request_reports import ReportPage, RequestReports
from bot.telegram.callback_answer import CallbackAlert
from bot.texts import Texts
from bot.views.view import Company, View

log = logging.getLogger(__name__)

STAFF_COMMANDS = ("find", "my", "overdue", "stats", "export", "reset", "help")

_EXPORT_DAYS = 30
_READINGS = ("readings", "показания")


class StaffAdmin(BaseFilter):
    """Passes administrators of the desk; everybody of the staff when none are named."""

    async def __call__(
        self,
        event: Message | CallbackQuery,
        staff: Actor,
        admins: frozenset[int],
        texts: Texts,
        alert: CallbackAlert | None = None,
    ) -> bool:
        if not admins or staff.id in admins:
            return True
        if isinstance(event, Message):
            await event.reply(texts("desk-admins-only"))
        elif alert is not None:
            alert.text = texts("desk-admins-only")
        return False


def build_staff_commands_router() -> Router:
    router = Router(name="staff-commands")

    @router.message(Command("help"))
    async def help_command(message: Message, texts: Texts) -> None:
        await message.reply(texts("staff-help"))

    @router.message(Command("find", "my", "overdue"), StaffMember())
    async def list_command(
        message: Message,
        staff: Actor,
        request_reports: RequestReports,
        catalogue: Catalogue,
        texts: Texts,
    ) -> None:
        view = await _render_list(message, 0, staff, request_reports, catalogue, texts)
        await message.reply(view.text, reply_markup=view.inline)

    @router.callback_query(StaffListPage.filter(), StaffMember())
    async def turn(
        query: CallbackQuery,
        callback_data: StaffListPage,
        staff: Actor,
        request_reports: RequestReports,
        catalogue: Catalogue,
        texts: Texts,
        alert: CallbackAlert,
    ) -> None:
        shown = query.message
        asked = shown.reply_to_message if isinstance(shown, Message) else None
        if not isinstance(shown, Message) or asked is None:
            alert.text = texts("desk-page-lost")
            return
        page = max(callback_data.page, 0)
        view = await _render_list(asked, page, staff, request_reports, catalogue, texts)
        try:
            await shown.edit_text(view.text, reply_markup=view.inline)
        except TelegramBadRequest as error:
            if "message is not modified" not in error.message:
                raise

    @router.callback_query(StaffAction.filter(F.act == "show"), StaffMember())
    async def show_card(
        _: CallbackQuery,
        callback_data: StaffAction,
        staff: Actor,
        request_reports: RequestReports,
        bot: Bot,
        texts: Texts,
        alert: CallbackAlert,
    ) -> None:
        card = await request_reports.find_card(callback_data.id)
        if card is None:
            alert.text = texts("desk-no-card")
            return
        await request_reports.record_views(staff, "show", [callback_data.id])
        chat_id, message_id = card
        try:
            await bot.send_message(
                chat_id,
                texts("desk-here"),
                reply_parameters=ReplyParameters(message_id=message_id),
            )
        except TelegramBadRequest:
            alert.text = texts("desk-no-card")

    @router.message(Command("stats"), StaffMember())
    async def stats_command(
        message: Message,
        request_reports: RequestReports,
        worker: WorkerProcess,
        catalogue: Catalogue,
        texts: Texts,
    ) -> None:
        figures = await request_reports.compute_stats()
        await message.reply(views.request_reports.render_stats(figures, catalogue, texts).text)
        if figures.open:
            title, unit, labels, series = views.request_reports.build_chart(
                figures, catalogue, texts
            )
            picture = await worker.run(draw_columns, title, unit, labels, series)
            await message.reply_photo(BufferedInputFile(picture, "stats.png"))

    @router.message(Command("export"), StaffMember(), StaffAdmin())
    async def export_command(
        message: Message,
        command: CommandObject,
        staff: Actor,
        request_reports: RequestReports,
        texts: Texts,
    ) -> None:
        words = (command.args or "").lower()
        try:
            first, last = _parse_period(words, request_reports.get_today())
        except ValueError:
            await message.reply(texts("desk-export-usage"))
            return
        what = "readings" if words.startswith(_READINGS) else "requests"
        await request_reports.order_export(
            what, first, last, message.chat.id, message.message_id, staff
        )
        await message.reply(texts("desk-export-begun"))

    @router.message(Command("reset"), StaffMember(), StaffAdmin())
    async def reset_command(
        message: Message,
        command: CommandObject,
        staff: Actor,
        password_resets: PasswordResets,
        texts: Texts,
    ) -> None:
        email = (command.args or "").strip().lower()
        if not email:
            await message.reply(texts("desk-reset-usage"))
        elif not await password_resets.request(email, staff):
            await message.reply(texts("desk-reset-none"))

    @router.callback_query(StaffAction.filter(F.act == "reset"), StaffMember(), StaffAdmin())
    async def reset_pressed(
        query: CallbackQuery,
        callback_data: StaffAction,
        staff: Actor,
        password_resets: PasswordResets,
        company: Company,
        clock: Clock,
        texts: Texts,
        alert: CallbackAlert,
    ) -> None:
        account = await password_resets.approve(callback_data.id, staff)
        if account is None:
            alert.text = texts("desk-reset-before")
        elif isinstance(query.message, Message):
            at = company.format_minute(clock.now())
            try:
                done = views.cards.render_reset_done(account, staff, at, texts)
                await query.message.edit_text(done.text)
            except TelegramBadRequest as error:
                log.info("the card of a reset stays: %s", error.message)

    return router


async def _render_list(
    asked: Message,
    page: int,
    staff: Actor,
    request_reports: RequestReports,
    catalogue: Catalogue,
    texts: Texts,
) -> View:
    """What the command of this message finds."""
    command, _, words = (asked.text or "").partition(" ")
    name = command.lstrip("/").partition("@")[0]
    look: dict[str, Callable[[], Awaitable[ReportPage]]] = {
        "find": lambda: request_reports.find(words, page),
        "my": lambda: request_reports.list_assigned(
            asked.from_user.id if asked.from_user else 0, page
        ),
        "overdue": lambda: request_reports.list_overdue(page),
    }
    if name not in look or (name == "find" and not words.strip()):
        return View(text=texts("desk-find-usage"))
    found = await look[name]()
    await request_reports.record_views(staff, name, [line.id for line in found.lines])
    return views.request_reports.render_list(
        found, name, request_reports.get_today(), catalogue, texts
    )


def _parse_period(words: str, today: date) -> tuple[date, date]:
    """The last month when no dates are written; raises ValueError for wrong ones."""
    days = [
        date(int(year), int(month), int(day))
        for day, month, year in re.findall(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", words)
    ]
    if not days:
        if re.search(r"\d", words):
            raise ValueError(words)
        return today - timedelta(days=_EXPORT_DAYS), today
    first, last = days[0], days[-1]
    if len(days) > 2 or first > last:
        raise ValueError(words)
    return first, last
