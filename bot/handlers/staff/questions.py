"""Questions of the staff chat: what is asked below a press, and why a press did nothing."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message, ReplyParameters

from bot import views
from bot.domain import Actor, Request
from bot.handlers.staff.context import StaffContext
from bot.keyboards import build_inline_keyboard
from bot.services.errors import (
    AssignedToAnother,
    MemberUnknown,
    ReopeningExpired,
    RequestUnknown,
    StatusConflict,
    UndoExpired,
)
from bot.telegram.callback_answer import CallbackAlert
from bot.views.view import View

log = logging.getLogger(__name__)

#: Why a press did nothing.
PRESS_FAILURES = (
    RequestUnknown,
    StatusConflict,
    AssignedToAnother,
    MemberUnknown,
    ReopeningExpired,
    UndoExpired,
)
PressFailure = (
    RequestUnknown
    | StatusConflict
    | AssignedToAnother
    | MemberUnknown
    | ReopeningExpired
    | UndoExpired
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPress:
    """A press of a member of the staff."""

    query: CallbackQuery
    staff: Actor
    bot: Bot
    context: StaffContext
    alert: CallbackAlert

    async def ask(self, view: View) -> Message | None:
        """Sends a question as a reply to the pressed message; it concerns nobody else."""
        pressed = self.query.message
        if pressed is None:
            return None
        return await self.bot.send_message(
            pressed.chat.id,
            view.text,
            reply_markup=view.keyboard,
            disable_notification=True,
            reply_parameters=ReplyParameters(
                message_id=pressed.message_id, allow_sending_without_reply=True
            ),
        )

    async def edit(self, view: View) -> None:
        """Shows the view in place of the pressed message, where that can still be edited."""
        if isinstance(self.query.message, Message):
            try:
                await self.query.message.edit_text(view.text, reply_markup=view.inline)
            except TelegramBadRequest as error:
                log.info("a message stays: %s", error.message)

    async def edit_keyboard(self, keyboard: InlineKeyboardMarkup) -> None:
        if isinstance(self.query.message, Message):
            try:
                await self.query.message.edit_reply_markup(reply_markup=keyboard)
            except TelegramBadRequest as error:
                log.info("a keyboard stays: %s", error.message)

    async def show_rows(self, request: Request, view: View) -> None:
        """Shows the buttons of the view in place of those of the request.

        They come as a message of their own where Telegram lets the bot change the pressed one no
        more.
        """
        pressed = self.query.message
        if pressed is None or view.inline is None:
            return
        shown = pressed.reply_markup if isinstance(pressed, Message) else None
        try:
            await self.bot.edit_message_reply_markup(
                chat_id=pressed.chat.id,
                message_id=pressed.message_id,
                reply_markup=views.cards.replace_rows(request, shown, view.inline.inline_keyboard),
            )
        except TelegramBadRequest as error:
            log.info("a keyboard stays: %s", error.message)
            if view.text and "not modified" not in error.message:
                await self.ask(view)

    async def show_buttons(self, request: Request, *, can_undo: bool = False) -> None:
        """Shows the buttons of the request again in place of a question, or that of the undo."""
        undo_by = self.staff.id if can_undo else None
        rows = views.cards.build_rows([request], self.context.texts, undo_by)
        await self.show_rows(request, View(text="", keyboard=build_inline_keyboard(*rows)))

    async def delete(self) -> None:
        """Deletes the pressed message: a question that was answered.

        One that is older than 48 hours can only be edited: then nothing is left to be pressed.
        """
        if self.query.message is not None:
            try:
                await self.bot.delete_message(
                    self.query.message.chat.id, self.query.message.message_id
                )
            except TelegramBadRequest as error:
                log.info("a question stays: %s", error.message)
                await self.edit(View(text=self.context.texts("desk-question-closed")))

    async def explain(
        self, failure: PressFailure, repeat: Callable[[int], CallbackData] | None = None
    ) -> None:
        """Says why the press did nothing.

        A press on what another member answers is asked about first; ``repeat`` builds the button
        that agrees to pass over the assignee with this id.
        """
        if not isinstance(failure, AssignedToAnother) or repeat is None:
            self.alert.text = format_failure(failure, self.context)
        elif failure.request.assignee is not None:
            again = repeat(failure.request.assignee.id)
            view = views.assignments.render_first_question(
                failure.request, self.staff, again, self.context.texts
            )
            await self.show_rows(failure.request, view)


def format_failure(failure: PressFailure, context: StaffContext) -> str:
    match failure:
        case StatusConflict():
            return views.cards.format_conflict(failure.request, context.company, context.texts)
        case AssignedToAnother():
            assignee = failure.request.assignee
            return context.texts(
                "desk-assigned",
                number=failure.request.number,
                name=assignee.name[: views.cards.NAME_IN_ALERT] if assignee else "",
            )
        case ReopeningExpired():
            return context.texts("desk-reopening-late")
        case UndoExpired():
            return context.texts("desk-undo-late")
        case MemberUnknown():
            return context.texts("desk-member-gone")
    return context.texts("desk-unknown-request")
