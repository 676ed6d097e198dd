"""Reads what a Telegram message says as the domain's message content."""

from aiogram.types import Message

from bot.domain import MessageContent, MessageKind


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
