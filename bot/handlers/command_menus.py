"""Telegram's command menus: one for private chats, one for the staff groups."""

from collections.abc import Collection

from aiogram import Bot
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from bot.handlers.consumer.commands import CONSUMER_COMMANDS
from bot.handlers.staff.commands import STAFF_COMMANDS
from bot.texts import Translations


async def set_menus(bot: Bot, translations: Translations, staff_chat_ids: Collection[int]) -> None:
    """Sends the command menus to Telegram, one for each scope and language."""
    for locale in translations.locales:
        texts = translations.get_texts(locale)
        await bot.set_my_commands(
            [
                BotCommand(command=name, description=texts(f"command-{name}"))
                for name in CONSUMER_COMMANDS
            ],
            scope=BotCommandScopeAllPrivateChats(),
            language_code=None if locale == translations.locales[0] else locale,
        )
    texts = translations.get_texts(translations.locales[0])
    for staff_chat_id in staff_chat_ids:
        await bot.set_my_commands(
            [
                BotCommand(command=name, description=texts(f"command-staff-{name}"))
                for name in STAFF_COMMANDS
            ],
            scope=BotCommandScopeChat(chat_id=staff_chat_id),
        )
