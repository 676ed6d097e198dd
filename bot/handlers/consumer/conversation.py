"""What the bot remembers of one private chat between two updates."""

from dataclasses import dataclass, field
from typing import Any

from aiogram.fsm.storage.base import StorageKey

from bot.fsm.model import Draft
from bot.fsm.storage import ConversationStorage
from bot.services.rate_limits import RateLimiter


@dataclass(slots=True)
class Conversation:
    """The draft being filled in and the message that shows it.

    The id of the update that changed it is stored in the same write: an update that Telegram sends
    again after a crash is known, and never answers the next question by mistake. ``paused``: a menu
    is on screen and the draft waits; ``album`` is the media group whose files are arriving;
    ``talk`` is the request about which messages go to the staff; ``allowance`` is what the person
    may still do; ``saved``: the update in hand is marked as handled.
    """

    _storage: ConversationStorage
    _key: StorageKey
    update_id: int
    rate_limiter: RateLimiter
    draft: Draft | None = None
    paused: bool = False
    album: str | None = None
    talk: int | None = None
    #: Files that came when no question asked for them, to be attached by a button.
    late_files: list[dict[str, Any]] = field(default_factory=list)
    #: The request that was registered last in this chat.
    last_request: int | None = None
    screen: int | None = None
    reply_keyboard: bool = False
    saved: bool = False

    @classmethod
    def from_data(
        cls,
        storage: ConversationStorage,
        key: StorageKey,
        update_id: int,
        data: dict[str, Any],
        rate_limiter: RateLimiter,
    ) -> "Conversation":
        draft = data.get("draft")
        return cls(
            storage,
            key,
            update_id,
            rate_limiter,
            draft=Draft.from_json(draft) if draft else None,
            paused=data.get("paused", False),
            album=data.get("album"),
            talk=data.get("talk"),
            late_files=data.get("late_files", []),
            last_request=data.get("last_request"),
            screen=data.get("screen"),
            reply_keyboard=data.get("reply_keyboard", False),
        )

    async def save(self) -> None:
        data: dict[str, Any] = {
            "draft": self.draft.to_json() if self.draft else None,
            "paused": self.paused,
            "album": self.album,
            "talk": self.talk,
            "late_files": self.late_files,
            "last_request": self.last_request,
            "screen": self.screen,
            "reply_keyboard": self.reply_keyboard,
            "used": self.rate_limiter.windows,
        }
        await self._storage.save(self._key, data, self.update_id)
        self.saved = True
