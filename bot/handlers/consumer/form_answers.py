"""Every answer to an open form: typed, pressed, attached, shared; and edits of old answers."""

from aiogram import Bot, F, Router
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.fsm import engine
from bot.fsm.model import Field, Rejected
from bot.handlers.consumer.commands import cancel
from bot.handlers.consumer.context import ChatContext
from bot.handlers.consumer.forms import Forms
from bot.keyboards import FormButton
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.filters import Matches


class QuestionOpen(BaseFilter):
    """Passes while a form's question is on screen, and gives the handler its ``field``."""

    async def __call__(
        self, message: Message, context: ChatContext, forms: Forms
    ) -> bool | dict[str, Field]:
        field = forms.get_question(context)
        return False if field is None else {"field": field}


def _asks_contact(field: Field) -> bool:
    return bool(field.limits.get("contact"))


def build_form_answers_router() -> Router:
    router = Router(name="answers")

    @router.callback_query(FormButton.filter())
    async def pressed(
        _: CallbackQuery,
        callback_data: FormButton,
        context: ChatContext,
        forms: Forms,
        alert: CallbackAlert,
    ) -> None:
        if not await forms.press(context, callback_data):
            await show_outdated(context, forms, alert)

    @router.message(QuestionOpen(), Matches(F.text.startswith("/")))
    async def unknown_command(_: Message, context: ChatContext, forms: Forms) -> None:
        await forms.reject(context, Rejected("unknown-command"))

    @router.message(QuestionOpen(), Matches(F.text))
    async def typed(message: Message, context: ChatContext, forms: Forms, field: Field) -> None:
        text = message.text or ""
        if _asks_contact(field):
            # The one place where buttons come back as words: a contact can only be asked for by a
            # reply keyboard, and its other buttons are plain text.
            if text == context.texts("button-back"):
                await forms.take(context, engine.Back())
                return
            if text == context.texts("button-cancel"):
                await cancel(context, forms)
                return
        if field.secret and not await context.screen.erase(message):
            await message.answer(context.texts("secret-not-deleted"))
        await forms.take(context, engine.Typed(text), message)

    @router.message(QuestionOpen(), Matches(F.contact))
    async def shared_contact(
        message: Message, context: ChatContext, forms: Forms, field: Field
    ) -> None:
        contact = message.contact
        if contact is None or field.kind != "phone":
            await forms.reject(context, Rejected("wrong-kind"))
        elif message.from_user is None or contact.user_id != message.from_user.id:
            await forms.reject(context, Rejected("contact-of-another"))
        else:
            # Telegram leaves the plus out of some contacts' numbers.
            await forms.take(context, engine.Typed("+" + contact.phone_number.lstrip("+")))

    @router.message(QuestionOpen(), Matches(F.location))
    async def shared_location(
        message: Message, context: ChatContext, forms: Forms, field: Field
    ) -> None:
        place = message.location
        if place is None or field.kind != "location":
            await forms.reject(context, Rejected("wrong-kind"))
        else:
            await forms.take(context, engine.Typed(f"{place.latitude:.6f}, {place.longitude:.6f}"))

    @router.message(QuestionOpen(), Matches(F.document))
    async def document(message: Message, context: ChatContext, forms: Forms, bot: Bot) -> None:
        if message.document is not None:
            name = message.document.file_name or context.texts("file-unnamed")
            await forms.attach(
                context, bot, message.document, name, message.media_group_id, message.caption or ""
            )

    @router.message(QuestionOpen(), Matches(F.photo | F.live_photo.photo))
    async def photo(message: Message, context: ChatContext, forms: Forms, bot: Bot) -> None:
        # Of a live photo, the still picture: the moving one is no scan.
        sizes = message.photo or (message.live_photo.photo if message.live_photo else None)
        if sizes:
            name = f"{context.texts('photo')}-{message.message_id}.jpg"
            await forms.attach(
                context, bot, sizes[-1], name, message.media_group_id, message.caption or ""
            )

    @router.message(QuestionOpen())
    async def anything_else(_: Message, context: ChatContext, forms: Forms) -> None:
        await forms.reject(context, Rejected("wrong-kind"))

    @router.edited_message()
    async def edited(_: Message, context: ChatContext, forms: Forms) -> None:
        if context.conversation.draft is not None and not context.conversation.paused:
            await forms.reject(context, Rejected("edited"))

    return router


async def show_outdated(context: ChatContext, forms: Forms, alert: CallbackAlert) -> None:
    """A button of a window that is gone: says so and shows the live one."""
    alert.text = context.texts("outdated")
    if context.conversation.draft is not None:
        await forms.resume(context)
    else:
        await context.screen.show(
            views.menus.render_menu(context.chat, context.texts, unfinished=False)
        )
