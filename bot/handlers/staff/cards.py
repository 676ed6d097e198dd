"""The staff group: buttons of cards, words for a transition, and talk with consumers."""

import logging

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message, ReactionTypeEmoji, ReplyParameters

from bot import views
from bot.db.bot_messages import Post
from bot.domain import TRANSITIONS, Actor, ActorKind, Status
from bot.handlers.consumer.request_messages import written
from bot.handlers.consumer.screen import Alert
from bot.handlers.staff.commands import build_desk_commands_router
from bot.handlers.staff.filters import InGroup, Named
from bot.keyboards import DeskPress
from bot.services.errors import Overtaken, RequestUnknown
from bot.services.request_workflow import Desk
from bot.services.staff_chat import Group
from bot.telegram.filters import Has
from bot.texts import Library, Texts
from bot.views.view import Company, View

log = logging.getLogger(__name__)


class AboutRequest(BaseFilter):
    """Passes replies to what the bot wrote about a request, and gives the handler the ``post``."""

    async def __call__(
        self, message: Message, staff_desk: Desk, bot: Bot
    ) -> bool | dict[str, Post]:
        answered = message.reply_to_message
        if answered is None:
            return False
        post = await staff_desk.post(message.chat.id, answered.message_id)
        if post is None and answered.from_user is not None and answered.from_user.id == bot.id:
            post = _card_without_row(answered)
        return False if post is None else {"post": post}


def _card_without_row(message: Message) -> Post | None:
    """A card of a bot that died before it wrote down where the card is: its buttons know it."""
    rows = message.reply_markup.inline_keyboard if message.reply_markup else []
    for button in (one for row in rows for one in row):
        try:
            press = DeskPress.unpack(button.callback_data or "")
        except (TypeError, ValueError):
            continue
        if press.act == "set":
            return Post(press.id, "card", message.chat.id, message.message_id, None, None)
    return None


def build_staff_router() -> Router:
    router = Router(name="staff")
    for observer in (router.message, router.edited_message, router.callback_query):
        observer.filter(InGroup())

    @router.message(Has(F.migrate_to_chat_id))
    async def moved(message: Message, group: Group) -> None:
        if message.migrate_to_chat_id is not None:
            await group.move(message.migrate_to_chat_id)

    router.include_routers(build_desk_commands_router(), _presses(), _replies())
    return router


def build_strangers_router() -> Router:
    """Buttons of the staff anywhere else: copied to another group, or forged."""
    router = Router(name="strangers")

    @router.callback_query(DeskPress.filter())
    async def elsewhere(_: CallbackQuery, alert: Alert, library: Library) -> None:
        # In the group itself somebody was told already why a press did nothing.
        alert.text = alert.text or library.texts(library.locales[0])("desk-elsewhere")

    return router


def _presses() -> Router:
    router = Router(name="staff-presses")

    @router.callback_query(DeskPress.filter(F.act == "set"), Named())
    async def set_status(
        query: CallbackQuery,
        callback_data: DeskPress,
        staff: Actor,
        staff_desk: Desk,
        bot: Bot,
        company: Company,
        texts: Texts,
        alert: Alert,
    ) -> None:
        to = Status(callback_data.to)
        if to in views.cards.WORDS_OFFERED:
            request = await staff_desk.open(callback_data.id)
            if request is None:
                alert.text = texts("desk-unknown-request")
            elif request.status != callback_data.seen or to not in TRANSITIONS.get(
                (ActorKind.STAFF, request.status), ()
            ):
                alert.text = views.cards.overtaken(request, company, texts)
            else:
                await _ask(
                    bot,
                    query,
                    staff_desk,
                    to,
                    callback_data.id,
                    views.cards.ask_words(request, to, staff, texts),
                )
            return
        await _move(staff_desk, callback_data, staff, "", company, texts, alert)

    @router.callback_query(DeskPress.filter(F.act == "words"), Named())
    async def ready_words(
        query: CallbackQuery,
        callback_data: DeskPress,
        staff: Actor,
        staff_desk: Desk,
        company: Company,
        library: Library,
        texts: Texts,
        alert: Alert,
    ) -> None:
        request = await staff_desk.open(callback_data.id)
        key = f"desk-words-{callback_data.to}-{callback_data.index}"
        if request is None or not texts.has(key):
            alert.text = texts("desk-unknown-request")
            return
        words = library.texts(request.account.locale)(key)
        done = await _move(staff_desk, callback_data, staff, words, company, texts, alert)
        if done and isinstance(query.message, Message):
            try:
                await query.message.edit_text(done.text)
            except TelegramBadRequest as error:
                log.info("an answered question stays: %s", error.message)

    @router.callback_query(DeskPress.filter(F.act == "own"), Named())
    async def own_words(
        query: CallbackQuery,
        callback_data: DeskPress,
        staff: Actor,
        staff_desk: Desk,
        bot: Bot,
        texts: Texts,
        alert: Alert,
    ) -> None:
        request = await staff_desk.open(callback_data.id)
        to = Status(callback_data.to)
        if request is None or to not in views.cards.WORDS_OFFERED:
            alert.text = texts("desk-unknown-request")
            return
        view = views.cards.ask_own_words(request, to, staff, texts)
        await _ask(bot, query, staff_desk, to, request.id, view)

    @router.callback_query(DeskPress.filter(F.act == "cancel"), Named())
    async def cancelled(query: CallbackQuery, bot: Bot) -> None:
        if query.message is not None:
            try:
                await bot.delete_message(query.message.chat.id, query.message.message_id)
            except TelegramBadRequest as error:
                log.info("a question stays: %s", error.message)

    return router


def _replies() -> Router:
    router = Router(name="staff-replies")

    @router.message(AboutRequest(), Has(F.text.startswith("/")))
    async def unknown_command(message: Message, texts: Texts) -> None:
        await message.reply(texts("staff-help"))

    @router.message(AboutRequest(), Named())
    async def reply(
        message: Message, post: Post, staff: Actor, staff_desk: Desk, company: Company, texts: Texts
    ) -> None:
        _, asks, to = post.kind.partition("?")
        if asks:
            if not message.text:
                await message.reply(texts("desk-words-needed"))
                return
            try:
                await staff_desk.set_status(post.request_id, staff, Status(to), comment=message.text)
            except Overtaken as late:
                await message.reply(views.cards.overtaken(late.request, company, texts))
            else:
                await _nod(message)
            return
        words = written(message)
        if words is None:
            await message.reply(texts("desk-talk-kind"))
        else:
            await staff_desk.say(post.request_id, staff, words)

    @router.message(Has(F.reply_to_message.from_user.is_bot), Has(~F.text.startswith("/")))
    async def unknown_reply(message: Message, bot: Bot, texts: Texts) -> None:
        answered = message.reply_to_message
        if (
            answered is not None
            and answered.from_user is not None
            and answered.from_user.id == bot.id
            and answered.forum_topic_created is None
        ):
            await message.reply(texts("desk-unknown-message"))

    @router.edited_message(Has(F.text | F.caption | F.photo | F.document))
    async def edited(message: Message, staff_desk: Desk) -> None:
        await staff_desk.correct(
            message.chat.id, message.message_id, message.text or message.caption or ""
        )

    return router


async def _move(
    staff_desk: Desk,
    press: DeskPress,
    staff: Actor,
    comment: str,
    company: Company,
    texts: Texts,
    alert: Alert,
) -> View | None:
    """Carries a press out; None after saying why that was not possible."""
    try:
        request = await staff_desk.set_status(
            press.id, staff, Status(press.to), seen=Status(press.seen), comment=comment
        )
    except RequestUnknown:
        alert.text = texts("desk-unknown-request")
        return None
    except Overtaken as late:
        alert.text = views.cards.overtaken(late.request, company, texts)
        return None
    return views.cards.words_taken(request, company, texts)


async def _ask(
    bot: Bot, query: CallbackQuery, staff_desk: Desk, to: Status, request_id: int, view: View
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
    await staff_desk.ask(request_id, to, sent.chat.id, sent.message_id)


async def _nod(message: Message) -> None:
    """A receipt that needs no words; groups may forbid reactions, and then there is none."""
    try:
        await message.react([ReactionTypeEmoji(emoji="👍")])
    except TelegramBadRequest as error:
        log.info("no reaction: %s", error.message)
