"""Reads the content of Telegram messages: words to relay and files to store."""

from dataclasses import dataclass

from aiogram.types import Document, Message, PhotoSize

from bot.domain import MessageContent, MessageKind
from bot.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that a person sent; ``album`` is the media group it belongs to."""

    file: Document | PhotoSize
    name: str
    album: str | None


def find_attachment(message: Message, texts: Texts) -> Attachment | None:
    """The document or the largest photo of a message; a live photo counts as its still picture."""
    if message.document:
        name = message.document.file_name or texts("file-unnamed")
        return Attachment(file=message.document, name=name, album=message.media_group_id)
    sizes = message.photo or (message.live_photo.photo if message.live_photo else None)
    if not sizes:
        return None
    name = f"{texts('photo')}-{message.message_id}.jpg"
    return Attachment(file=sizes[-1], name=name, album=message.media_group_id)


def to_message_content(message: Message) -> MessageContent | None:
    """The content to relay: a text, photo or document; None for any other kind."""
    kind, media, name = MessageKind.TEXT, None, None
    if message.photo:
        kind, media = MessageKind.PHOTO, message.photo[-1].file_id
    elif message.document:
        kind, media = MessageKind.DOCUMENT, message.document.file_id
        name = message.document.file_name
    elif not message.text:
        return None
    return MessageContent(
        kind=kind,
        text=message.text or message.caption or "",
        media=media,
        file_name=name,
        album=message.media_group_id,
        chat_id=message.chat.id,
        message_id=message.message_id,
    )
