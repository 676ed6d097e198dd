"""Reads the content of Telegram messages: words to relay and files to store."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from aiogram.enums import ContentType
from aiogram.types import Document, Message, PhotoSize

from bot.domain import MessageContent, MessageKind
from bot.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFile:
    """A file that a person sent; ``album`` is the media group it belongs to."""

    file: Document | PhotoSize
    name: str
    album: str | None
    #: What the person wrote below it.
    caption: str = ""
    is_photo: bool = False


def find_attachment(message: Message, texts: Texts) -> MessageFile | None:
    """The document or the largest photo of a message; a live photo counts as its still picture."""
    if message.document:
        name = message.document.file_name or texts("file-unnamed")
        return MessageFile(
            file=message.document,
            name=name,
            album=message.media_group_id,
            caption=message.caption or "",
        )
    sizes = _list_sizes(message)
    if not sizes:
        return None
    return MessageFile(
        file=sizes[-1],
        name=f"{texts('photo')}.jpg",
        album=message.media_group_id,
        caption=message.caption or "",
        is_photo=True,
    )


def _list_sizes(message: Message) -> list[PhotoSize] | None:
    """The sizes of a photo, the largest one last; of a live photo, those of its still picture."""
    return message.photo or (message.live_photo.photo if message.live_photo else None)


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
    """The content to relay: a text, photo or document; None for any other kind."""
    kind, media, name = MessageKind.TEXT, None, None
    if sizes := _list_sizes(message):
        kind, media = MessageKind.PHOTO, sizes[-1].file_id
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMessage:
    """A message of a person with what is needed to download its file later.

    ``unique_id`` and ``size`` (bytes) are those of the file. ``draft_id``: only the form of that
    draft may take it.
    """

    content: MessageContent
    unique_id: str = ""
    size: int = 0
    draft_id: str | None = None

    @property
    def file(self) -> MessageFile | None:
        content = self.content
        if content.media is None:
            return None
        return MessageFile(
            file=Document(
                file_id=content.media, file_unique_id=self.unique_id, file_size=self.size
            ),
            name=content.file_name or "",
            album=content.album,
            caption=content.text,
            is_photo=content.kind is MessageKind.PHOTO,
        )

    def to_json(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "content": {**asdict(self.content), "kind": self.content.kind.value},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        content = data["content"]
        kind = MessageKind(content["kind"])
        return cls(**{**data, "content": MessageContent(**{**content, "kind": kind})})


def read_message(message: Message, texts: Texts) -> ReceivedMessage | None:
    """A text, photo or document that can be passed on; None for any other kind."""
    content, attachment = to_message_content(message), find_attachment(message, texts)
    if content is None:
        return None
    if content.media is None or attachment is None:
        return ReceivedMessage(content=content)
    return ReceivedMessage(
        content=replace(content, file_name=attachment.name),
        unique_id=attachment.file.file_unique_id,
        size=attachment.file.file_size or 0,
    )


def is_service_message(message: Message) -> bool:
    """Whether Telegram itself reports something: a pinned message, a new title, a new member."""
    return message.content_type not in _CONTENT_TYPES
