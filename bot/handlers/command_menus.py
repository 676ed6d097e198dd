"""Telegram's menus: commands of private chats and staff groups, the button of the Mini App."""

import logging
from collections.abc import Collection

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    MenuButtonDefault,
    MenuButtonWebApp,
    WebAppInfo,
)

from bot.handlers.consumer.commands import CONSUMER_COMMANDS
from bot.handlers.staff.commands import STAFF_COMMANDS
from bot.texts import Translations

log = logging.getLogger(__name__)


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


async def set_menu_button(bot: Bot, translations: Translations, site_url: str | None) -> None:
    """The button beside the message field opens the Mini App; without a site, the commands.

    Telegram opens https only. It has one button for all languages.
    """
    if site_url is None:
        await bot.set_chat_menu_button(menu_button=MenuButtonDefault())
        return
    button = MenuButtonWebApp(
        text=translations.get_texts(translations.locales[0])("menu-button-site"),
        web_app=WebAppInfo(url=f"{site_url}/miniapp"),
    )
    try:
        await bot.set_chat_menu_button(menu_button=button)
    except TelegramBadRequest as error:
        # As for a site at this machine's own address: everything else works without the button.
        log.warning("Telegram refuses the menu button of the Mini App: %s", error.message)
