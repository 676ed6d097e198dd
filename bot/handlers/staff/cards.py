"""The staff group: buttons of cards, words for a transition, and talk with consumers."""

import logging

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import BaseFilter
from aiogram.types import (
    CallbackQuery,
    ChatMemberUpdated,
    Message,
    ReactionTypeEmoji,
    ReplyParameters,
)

from bot import views
from bot.db.bot_messages import BotMessage
from bot.domain import TRANSITIONS, Actor, ActorKind, Status
from bot.handlers.staff.commands import build_staff_commands_router
from bot.handlers.staff.filters import InStaffChat, StaffMember
from bot.handlers.staff.membership import StaffMembership
from bot.keyboards import StaffAction
from bot.services.errors import RequestUnknown, StatusConflict
from bot.services.request_messages import RequestMessages
from bot.services.request_workflow import RequestWorkflow
from bot.services.staff_chat import StaffChat
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.filters import Matches, ServiceMessage
from bot.telegram.message_content import to_message_content
from bot.telegram.update_parser import UnreadableMessage
from bot.texts import Texts, Translations
from bot.views.view import Company, View

log = logging.getLogger(__name__)


class RepliesToRequest(BaseFilter):
    """Passes replies to what the bot wrote about a request, as ``bot_message``."""

    async def __call__(
        self, message: Message, request_messages: RequestMessages, bot: Bot
    ) -> bool | dict[str, BotMessage]:
        answered = message.reply_to_message
        if answered is None:
            return False
        bot_message = await request_messages.find_bot_message(message.chat.id, answered.message_id)
        if (
            bot_message is None
            and answered.from_user is not None
            and answered.from_user.id == bot.id
        ):
            bot_message = _find_request_number(answered)
        return False if bot_message is None else {"bot_message": bot_message}


def _find_request_number(message: Message) -> BotMessage | None:
    """A card of a bot that died before it wrote down where the card is: its buttons know it."""
    rows = message.reply_markup.inline_keyboard if message.reply_markup else []
    for button in (one for row in rows for one in row):
        try:
            press = StaffAction.unpack(button.callback_data or "")
        except (TypeError, ValueError):
            continue
        if press.act == "set":
            return BotMessage(press.id, "card", message.chat.id, message.message_id, None, None)
    return None


def build_staff_router() -> Router:
    router = Router(name="staff")
    for observer in (
        router.message,
        router.edited_message,
        router.callback_query,
        router.chat_member,
    ):
        observer.filter(InStaffChat())

    @router.message(UnreadableMessage())
    async def unreadable(message: Message, texts: Texts) -> None:
        await message.reply(texts("desk-unreadable"))

    @router.chat_member()
    async def membership_changed(event: ChatMemberUpdated, membership: StaffMembership) -> None:
        membership.forget(event.chat.id, event.new_chat_member.user.id)

    @router.message(Matches(F.migrate_to_chat_id))
    async def moved(message: Message, staff_chat: StaffChat) -> None:
        if message.migrate_to_chat_id is not None:
            await staff_chat.move(message.migrate_to_chat_id)

    @router.message(ServiceMessage())
    async def service_message(_: Message) -> None:
        """A pinned card or a new title is no reply."""

    router.include_routers(
        build_staff_commands_router(), _build_buttons_router(), _build_replies_router()
    )
    return router


def build_strangers_router() -> Router:
    """Buttons of the staff anywhere else: copied to another group, or forged."""
    router = Router(name="strangers")

    @router.callback_query(StaffAction.filter())
    async def elsewhere(_: CallbackQuery, alert: CallbackAlert, translations: Translations) -> None:
        # In the group itself somebody was told already why a press did nothing.
        alert.text = alert.text or translations.get_texts(translations.locales[0])("desk-elsewhere")

    return router


def _build_buttons_router() -> Router:
    router = Router(name="staff-presses")

    @router.callback_query(StaffAction.filter(F.act == "set"), StaffMember())
    async def set_status(
        query: CallbackQuery,
        callback_data: StaffAction,
        staff: Actor,
        request_workflow: RequestWorkflow,
        request_messages: RequestMessages,
        bot: Bot,
        company: Company,
        texts: Texts,
        alert: CallbackAlert,
    ) -> None:
        to = Status(callback_data.to)
        if to in views.cards.WORDS_OFFERED:
            request = await request_workflow.get(callback_data.id)
            if request is None:
                alert.text = texts("desk-unknown-request")
            elif request.status != callback_data.seen or to not in TRANSITIONS.get(
                (ActorKind.STAFF, request.status), ()
            ):
                alert.text = views.cards.format_conflict(request, company, texts)
            else:
                await _ask_for_words(
                    bot,
                    query,
                    request_messages,
                    to,
                    callback_data.id,
                    views.cards.render_words_question(request, to, staff, texts),
                )
            return
        await _set_status(request_workflow, callback_data, staff, "", company, texts, alert)

    @router.callback_query(StaffAction.filter(F.act == "words"), StaffMember())
    async def ready_words(
        query: CallbackQuery,
        callback_data: StaffAction,
        staff: Actor,
        request_workflow: RequestWorkflow,
        company: Company,
        translations: Translations,
        texts: Texts,
        alert: CallbackAlert,
    ) -> None:
        request = await request_workflow.get(callback_data.id)
        key = f"desk-words-{callback_data.to}-{callback_data.index}"
        if request is None or not texts.has(key):
            alert.text = texts("desk-unknown-request")
            return
        words = translations.get_texts(request.account.locale)(key)
        done = await _set_status(
            request_workflow, callback_data, staff, words, company, texts, alert
        )
        if done and isinstance(query.message, Message):
            try:
                await query.message.edit_text(done.text)
            except TelegramBadRequest as error:
                log.info("an answered question stays: %s", error.message)

    @router.callback_query(StaffAction.filter(F.act == "own"), StaffMember())
    async def own_words(
        query: CallbackQuery,
        callback_data: StaffAction,
        staff: Actor,
        request_workflow: RequestWorkflow,
        request_messages: RequestMessages,
        bot: Bot,
        texts: Texts,
        alert: CallbackAlert,
    ) -> None:
        request = await request_workflow.get(callback_data.id)
        to = Status(callback_data.to)
        if request is None or to not in views.cards.WORDS_OFFERED:
            alert.text = texts("desk-unknown-request")
            return
        view = views.cards.render_own_words_question(request, to, staff, texts)
        await _ask_for_words(bot, query, request_messages, to, request.id, view)

    @router.callback_query(StaffAction.filter(F.act == "cancel"), StaffMember())
    async def cancelled(query: CallbackQuery, bot: Bot) -> None:
        if query.message is not None:
            try:
                await bot.delete_message(query.message.chat.id, query.message.message_id)
            except TelegramBadRequest as error:
                log.info("a question stays: %s", error.message)

    return router


def _build_replies_router() -> Router:
    router = Router(name="staff-replies")

    @router.message(RepliesToRequest(), Matches(F.text.startswith("/")))
    async def unknown_command(message: Message, texts: Texts) -> None:
        await message.reply(texts("staff-help"))

    @router.message(RepliesToRequest(), StaffMember())
    async def reply(
        message: Message,
        bot_message: BotMessage,
        staff: Actor,
        request_workflow: RequestWorkflow,
        request_messages: RequestMessages,
        company: Company,
        texts: Texts,
    ) -> None:
        _, asks, to = bot_message.kind.partition("?")
        if asks:
            if not message.text:
                await message.reply(texts("desk-words-needed"))
                return
            try:
                await request_workflow.set_status(
                    bot_message.request_id, staff, Status(to), comment=message.text
                )
            except StatusConflict as late:
                await message.reply(views.cards.format_conflict(late.request, company, texts))
            else:
                await _confirm(message)
            return
        words = to_message_content(message)
        if words is None:
            await message.reply(texts("desk-talk-kind"))
        else:
            await request_messages.send_to_consumer(bot_message.request_id, staff, words)

    @router.message(Matches(F.reply_to_message.from_user.is_bot), Matches(~F.text.startswith("/")))
    async def unknown_reply(message: Message, bot: Bot, texts: Texts) -> None:
        answered = message.reply_to_message
        if (
            answered is not None
            and answered.from_user is not None
            and answered.from_user.id == bot.id
            and answered.forum_topic_created is None
        ):
            await message.reply(texts("desk-unknown-message"))

    @router.edited_message(
        Matches(F.text | F.caption | F.photo | F.document), StaffMember(silent=True)
    )
    async def edited(message: Message, request_messages: RequestMessages) -> None:
        await request_messages.mirror_staff_edit(
            message.chat.id, message.message_id, message.text or message.caption or ""
        )

    return router


async def _set_status(
    request_workflow: RequestWorkflow,
    press: StaffAction,
    staff: Actor,
    comment: str,
    company: Company,
    texts: Texts,
    alert: CallbackAlert,
) -> View | None:
    """Carries a press out; None after saying why that was not possible."""
    try:
        request = await request_workflow.set_status(
            press.id, staff, Status(press.to), seen=Status(press.seen), comment=comment
        )
    except RequestUnknown:
        alert.text = texts("desk-unknown-request")
        return None
    except StatusConflict as late:
        alert.text = views.cards.format_conflict(late.request, company, texts)
        return None
    return views.cards.render_words_taken(request, company, texts)


async def _ask_for_words(
    bot: Bot,
    query: CallbackQuery,
    request_messages: RequestMessages,
    to: Status,
    request_id: int,
    view: View,
) -> None:
    """Asks for words below the message pressed, and remembers what the answer will be about."""
    if query.message is None:
        return
    sent = await bot.send_message(
        query.message.chat.id,
        view.text,
        reply_markup=view.keyboard,
        reply_parameters=ReplyParameters(
            message_id=query.message.message_id, allow_sending_without_reply=True
        ),
    )
    await request_messages.remember_question(request_id, to, sent.chat.id, sent.message_id)


async def _confirm(message: Message) -> None:
    """A receipt that needs no words; groups may forbid reactions, and then there is none."""
    try:
        await message.react([ReactionTypeEmoji(emoji="👍")])
    except TelegramBadRequest as error:
        log.info("no reaction: %s", error.message)
