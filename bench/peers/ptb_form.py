"""The same three questions by python-telegram-bot: a ConversationHandler with its persistence.

``python -m bench.peers.ptb_form FILE [durable]``. ``durable``: each step is in the file, synced,
before it is answered. ``update_interval=0`` would not do: the library then writes without a pause.
"""

import os
import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    TypeHandler,
    filters,
)

CONSENT, KIND, NAME, EMAIL, PHONE, CANCELLED = range(6)
DURABLE = sys.argv[2:] == ["durable"]
Context = ContextTypes.DEFAULT_TYPE


class SyncedPersistence(PicklePersistence):
    def _dump_singlefile(self) -> None:
        super()._dump_singlefile()
        with self.filepath.open("rb") as file:
            os.fsync(file.fileno())


async def answer(update: Update, context: Context, text: str, label: str, data: str) -> None:
    """Sends a text with one button; a durable bot leaves that to ``keep_and_answer``."""
    context.answer = (
        text,
        InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)]]),
    )
    if not DURABLE:
        await send_answer(update, context)


async def send_answer(update: Update, context: Context) -> None:
    text, keyboard = context.answer
    if update.callback_query:
        await update.callback_query.answer()
        await update.callback_query.edit_message_text(text, reply_markup=keyboard)
    else:
        await update.message.reply_text(text, reply_markup=keyboard)


async def keep_and_answer(update: Update, context: Context) -> None:
    """Runs after the form, which has set the new state."""
    context.application.mark_data_for_update_persistence(user_ids=update.effective_user.id)
    await context.application.update_persistence()
    await context.application.persistence.flush()
    await send_answer(update, context)


async def start(update: Update, context: Context) -> None:
    await answer(update, context, "Выберите раздел", "Регистрация", "open")


async def open_form(update: Update, context: Context) -> int:
    await answer(update, context, "Шаг 1 из 5. Согласны?", "Согласен", "agree")
    return CONSENT


async def take_consent(update: Update, context: Context) -> int:
    await answer(update, context, "Шаг 2 из 5. Кто вы?", "Физическое лицо", "individual")
    return KIND


async def take_kind(update: Update, context: Context) -> int:
    context.user_data["kind"] = update.callback_query.data
    await answer(update, context, "Шаг 3 из 5. ФИО?", "Назад", "back")
    return NAME


async def take_name(update: Update, context: Context) -> int:
    context.user_data["name"] = update.message.text
    await answer(update, context, "Шаг 4 из 5. Почта?", "Назад", "back")
    return EMAIL


async def take_email(update: Update, context: Context) -> int:
    context.user_data["email"] = update.message.text
    await answer(update, context, "Шаг 5 из 5. Телефон?", "Назад", "back")
    return PHONE


async def take_phone(update: Update, context: Context) -> int:
    context.user_data["phone"] = update.message.text
    lines = "\n".join(str(value) for value in context.user_data.values())
    await answer(update, context, f"Проверьте:\n{lines}", "Назад", "back")
    return PHONE


async def ask_cancel(update: Update, context: Context) -> int:
    await answer(update, context, "Удалить черновик?", "Удалить черновик", "discard")
    return CANCELLED


async def cancel(update: Update, context: Context) -> int:
    context.user_data.clear()
    await answer(update, context, "Форма удалена", "Регистрация", "open")
    return ConversationHandler.END


def main() -> None:
    words = filters.TEXT & ~filters.COMMAND
    persistence = SyncedPersistence if DURABLE else PicklePersistence
    application = (
        Application.builder()
        .token(os.environ["BOT_TOKEN"])
        .base_url(f"{os.environ['TELEGRAM_API_URL']}/bot")
        # On flush: data and state are one write.
        .persistence(persistence(sys.argv[1], on_flush=DURABLE))
        .build()
    )
    application.add_handler(CommandHandler("start", start))
    application.add_handler(
        ConversationHandler(
            entry_points=[CallbackQueryHandler(open_form, "open")],
            states={
                CONSENT: [CallbackQueryHandler(take_consent)],
                KIND: [CallbackQueryHandler(take_kind)],
                NAME: [MessageHandler(words, take_name)],
                EMAIL: [MessageHandler(words, take_email)],
                PHONE: [MessageHandler(words, take_phone)],
                CANCELLED: [CallbackQueryHandler(cancel, "discard")],
            },
            fallbacks=[CommandHandler("cancel", ask_cancel)],
            name="registration",
            persistent=True,
        )
    )
    if DURABLE:
        application.add_handler(TypeHandler(Update, keep_and_answer), group=1)
    application.run_polling(allowed_updates=["message", "callback_query"])


if __name__ == "__main__":
    main()
