"""Sends and edits views; Telegram's complaints about them are read here only."""

import logging
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InputRichMessage, Message

from bot.views.view import View

log = logging.getLogger(__name__)


async def send_view(bot: Bot, chat_id: int, view: View) -> Message:
    """Telegram's own table goes as text where it is not taken."""
    if view.rich:
        try:
            return await bot.send_rich_message(
                chat_id, InputRichMessage(blocks=list(view.rich)), reply_markup=view.keyboard
            )
        except TelegramBadRequest as error:
            log.warning("a rich message goes as text: %s", error.message)
    return await bot.send_message(chat_id, view.text, reply_markup=view.keyboard)


async def edit_view(bot: Bot, chat_id: int, message_id: int, view: View) -> bool:
    """Puts the view in the place of a message; False when it has to be sent anew."""
    if view.keyboard is not None and view.inline is None:
        return False
    content: dict[str, Any] = {"text": view.text}
    if view.rich:
        content = {
            "rich_message": InputRichMessage(blocks=list(view.rich)),
            "parse_mode": None,
            "link_preview_options": None,
        }
    try:
        await bot.edit_message_text(
            chat_id=chat_id, message_id=message_id, reply_markup=view.inline, **content
        )
    except TelegramBadRequest as error:
        if "message is not modified" in error.message:
            return True
        log.debug("the screen is sent anew: %s", error.message)
        return False
    return True
