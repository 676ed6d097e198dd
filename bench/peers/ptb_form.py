"""The same three questions by python-telegram-bot: a ConversationHandler with its persistence."""

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
    filters,
)

CONSENT, KIND, NAME, EMAIL, PHONE, CANCELLED = range(6)
BACK = InlineKeyboardMarkup([[InlineKeyboardButton("Назад", callback_data="back")]])


def _build_menu() -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("Регистрация", callback_data="open")]])


async def start(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    await update.message.reply_text("Выберите раздел", reply_markup=_build_menu())


async def open_form(update: Update, _: ContextTypes.DEFAULT_TYPE) -> int:
    agree = [[InlineKeyboardButton("Согласен", callback_data="agree")]]
    await update.callback_query.answer()
    await update.callback_query.edit_message_text(
        "Шаг 1 из 5. Согласны?", reply_markup=InlineKeyboardMarkup(agree)
    )
    return CONSENT


async def take_consent(update: Update, _: ContextTypes.DEFAULT_TYPE) -> int:
    kinds = [[InlineKeyboardButton("Физическое лицо", callback_data="individual")]]
    await update.callback_query.answer()
    await update.callback_query.edit_message_text(
        "Шаг 2 из 5. Кто вы?", reply_markup=InlineKeyboardMarkup(kinds)
    )
    return KIND


async def take_kind(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data["kind"] = update.callback_query.data
    await update.callback_query.answer()
    await update.callback_query.edit_message_text("Шаг 3 из 5. ФИО?", reply_markup=BACK)
    return NAME


async def take_name(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data["name"] = update.message.text
    await update.message.reply_text("Шаг 4 из 5. Почта?", reply_markup=BACK)
    return EMAIL


async def take_email(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data["email"] = update.message.text
    await update.message.reply_text("Шаг 5 из 5. Телефон?", reply_markup=BACK)
    return PHONE


async def take_phone(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data["phone"] = update.message.text
    lines = "\n".join(str(value) for value in context.user_data.values())
    await update.message.reply_text(f"Проверьте:\n{lines}", reply_markup=BACK)
    return PHONE


async def ask_cancel(update: Update, _: ContextTypes.DEFAULT_TYPE) -> int:
    discard = [[InlineKeyboardButton("Удалить черновик", callback_data="discard")]]
    await update.message.reply_text("Удалить черновик?", reply_markup=InlineKeyboardMarkup(discard))
    return CANCELLED


async def cancel(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data.clear()
    await update.callback_query.answer()
    await update.callback_query.edit_message_text("Форма удалена", reply_markup=_build_menu())
    return ConversationHandler.END


def main() -> None:
    words = filters.TEXT & ~filters.COMMAND
    application = (
        Application.builder()
        .token(os.environ["BOT_TOKEN"])
        .base_url(f"{os.environ['TELEGRAM_API_URL']}/bot")
        .persistence(PicklePersistence(sys.argv[1]))
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
    application.run_polling(allowed_updates=["message", "callback_query"])


if __name__ == "__main__":
    main()
