"""Handlers of answers to the open form: typed, pressed, attached, shared, and edits of answers."""

from aiogram import Bot, F, Router
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message

from bot.fsm import engine
from bot.fsm.model import Field, Rejected
from bot.handlers.consumer.context import ChatContext
from bot.handlers.consumer.forms import Forms
from bot.keyboards import FormButton
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.filters import Matches
from bot.telegram.message_content import find_attachment


class QuestionOpen(BaseFilter):
    """Passes while a form's question is on screen and provides its ``field``."""

    async def __call__(
        self, message: Message, context: ChatContext, forms: Forms
    ) -> bool | dict[str, Field]:
        field = forms.get_question(context)
        return False if field is None else {"field": field}


def build_form_answers_router() -> Router:
    router = Router(name="form_answers")

    @router.callback_query(FormButton.filter())
    async def handle_form_button(
        _: CallbackQuery,
        callback_data: FormButton,
        context: ChatContext,
        forms: Forms,
        alert: CallbackAlert,
    ) -> None:
        if not await forms.handle_button(context, callback_data):
            await show_outdated(context, forms, alert)

    @router.message(QuestionOpen(), Matches(F.text.startswith("/")))
    async def reject_unknown_command(_: Message, context: ChatContext, forms: Forms) -> None:
        await forms.reject(context, Rejected("unknown-command"))

    @router.message(QuestionOpen(), Matches(F.text))
    async def take_text(message: Message, context: ChatContext, forms: Forms, field: Field) -> None:
        text = message.text or ""
        if field.limits.get("contact"):
            # Only a reply keyboard can ask for a contact, and its other buttons send their words.
            if text == context.texts("button-back"):
                await forms.answer(context, engine.Back())
                return
            if text == context.texts("button-cancel"):
                await forms.cancel(context)
                return
        context.conversation.after_secret = field.secret
        if field.secret and not await context.screen.delete_secret(message):
            await message.answer(context.texts("secret-not-deleted"))
        await forms.answer(context, engine.Typed(text))

    @router.message(QuestionOpen(), Matches(F.contact))
    async def take_contact(
        message: Message, context: ChatContext, forms: Forms, field: Field
    ) -> None:
        contact, user = message.contact, message.from_user
        if contact is None:
            return
        if field.kind == "phone" and (user is None or contact.user_id != user.id):
            await forms.reject(context, Rejected("contact-of-another"))
        else:
            # Telegram leaves the plus out of some contacts' numbers.
            number = "+" + contact.phone_number.lstrip("+")
            await forms.answer(context, engine.Shared("phone", number))

    @router.message(QuestionOpen(), Matches(F.location))
    async def take_location(message: Message, context: ChatContext, forms: Forms) -> None:
        place = message.location
        if place is not None:
            coordinates = f"{place.latitude:.6f}, {place.longitude:.6f}"
            await forms.answer(context, engine.Shared("location", coordinates))

    @router.message(QuestionOpen(), Matches(F.document | F.photo | F.live_photo.photo))
    async def take_file(
        message: Message, context: ChatContext, forms: Forms, bot: Bot, field: Field
    ) -> None:
        attachment = find_attachment(message, context.texts)
        if attachment is None or not await forms.attach(context, bot, attachment):
            return
        if attachment.caption and field.kind == "reading":
            # What is written below a photo of the dial is its reading.
            context.screen.keep_in_place()
            await forms.answer(context, engine.Typed(attachment.caption))

    @router.message(QuestionOpen())
    async def reject_other_content(_: Message, context: ChatContext, forms: Forms) -> None:
        await forms.reject(context, Rejected("wrong-kind"))

    @router.edited_message()
    async def reject_edit(_: Message, context: ChatContext, forms: Forms) -> None:
        if context.conversation.draft is not None and not context.conversation.paused:
            await forms.reject(context, Rejected("edited"))

    return router


async def show_outdated(context: ChatContext, forms: Forms, alert: CallbackAlert) -> None:
    """Answers a press on an old screen: says so and shows the live one."""
    alert.text = context.texts("outdated")
    if context.conversation.draft is not None:
        await forms.resume(context)
    else:
        await context.show_menu()
