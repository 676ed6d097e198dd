"""Methods of the Bot API that nearly every answer calls, with the parameters that it gives.

aiogram's own have all parameters, and read what Telegram answers, the whole message that was sent
or changed, into a model of 130 fields. Of it nothing is used but its number.
"""

from typing import Any

from aiogram.client.default import Default
from aiogram.methods import TelegramMethod
from aiogram.types import (
    ForceReply,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    TelegramObject,
)
from pydantic import ConfigDict


class SentMessage(TelegramObject):
    """The number of a message."""

    model_config = ConfigDict(extra="ignore")

    message_id: int


class SendText(TelegramMethod[SentMessage]):
    __returning__ = SentMessage
    __api_method__ = "sendMessage"

    chat_id: int
    text: str
    parse_mode: str | Default = Default("parse_mode")
    link_preview_options: LinkPreviewOptions | Default = Default("link_preview")
    reply_markup: InlineKeyboardMarkup | ReplyKeyboardMarkup | ForceReply | None = None


class EditText(TelegramMethod[Any]):
    __returning__ = Any
    __api_method__ = "editMessageText"

    chat_id: int
    message_id: int
    text: str
    parse_mode: str | Default = Default("parse_mode")
    link_preview_options: LinkPreviewOptions | Default = Default("link_preview")
    reply_markup: InlineKeyboardMarkup | None = None


class RemoveButtons(TelegramMethod[Any]):
    """``editMessageReplyMarkup`` without buttons."""

    __returning__ = Any
    __api_method__ = "editMessageReplyMarkup"

    chat_id: int
    message_id: int
