"""Reads what a Telegram message says as the domain's message content."""

from aiogram.enums import ContentType
from aiogram.types import Message

from bot.domain import MessageContent, MessageKind

#: What people write; ``UNKNOWN`` is content that came into being after this code.
_CONTENT_TYPES = {
    ContentType.UNKNOWN,
    ContentType.TEXT,
    ContentType.ANIMATION,
    ContentType.AUDIO,
    ContentType.DOCUMENT,
    ContentType.LIVE_PHOTO,
    ContentType.PAID_MEDIA,
    ContentType.PHOTO,
    ContentType.STICKER,
    ContentType.STORY,
    ContentType.VIDEO,
    ContentType.VIDEO_NOTE,
    ContentType.VOICE,
    ContentType.CHECKLIST,
    ContentType.CONTACT,
    ContentType.DICE,
    ContentType.GAME,
    ContentType.POLL,
    ContentType.VENUE,
    ContentType.LOCATION,
    ContentType.INVOICE,
    ContentType.GIVEAWAY,
    ContentType.RICH_MESSAGE,
}


def to_message_content(message: Message) -> MessageContent | None:
    """A text, photo or document as it is relayed; None for any other kind."""
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


def is_service_message(message: Message) -> bool:
    """Whether Telegram itself reports something: a pinned message, a new title, a new member."""
    return message.content_type not in _CONTENT_TYPES
