"""Sends and edits views, with fallbacks for what Telegram refuses."""

import logging
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InputRichMessage, Message

from bot.telegram.methods import EditText, SendText
from bot.views.view import View

log = logging.getLogger(__name__)

_UNCHANGED = "message is not modified"


async def send_view(bot: Bot, chat_id: int, view: View) -> int:
    """Sends a view, its text when Telegram refuses the rich blocks; the id of the message."""
    if view.rich:
        try:
            rich = InputRichMessage(blocks=list(view.rich))
            sent = await bot.send_rich_message(chat_id, rich, reply_markup=view.keyboard)
        except TelegramBadRequest as error:
            log.warning("a rich message is sent as text: %s", error.message)
        else:
            return sent.message_id
    text = SendText(chat_id=chat_id, text=view.text, reply_markup=view.keyboard)
    return (await bot(text)).message_id


async def edit_view(bot: Bot, chat_id: int, message_id: int, view: View) -> bool:
    """Edits a message to show the view; False when the view must be sent anew."""
    if view.keyboard is not None and view.inline is None:
        return False
    place: dict[str, Any] = {
        "chat_id": chat_id,
        "message_id": message_id,
        "reply_markup": view.inline,
    }
    try:
        if view.rich:
            await bot.edit_message_text(
                rich_message=InputRichMessage(blocks=list(view.rich)),
                parse_mode=None,
                link_preview_options=None,
                **place,
            )
        else:
            await bot(EditText(text=view.text, **place))
    except TelegramBadRequest as error:
        if _UNCHANGED in error.message:
            return True
        log.debug("the screen is sent anew: %s", error.message)
        return False
    return True


async def turn_page(shown: Message, view: View) -> None:
    """Shows another page of a list in its place; the same page again is no error."""
    try:
        await shown.edit_text(view.text, reply_markup=view.inline)
    except TelegramBadRequest as error:
        if _UNCHANGED not in error.message:
            raise
