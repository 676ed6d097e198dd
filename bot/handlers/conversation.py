"""What the bot remembers of one private chat between two updates."""

from dataclasses import dataclass, field
from typing import Any

from aiogram.fsm.context import FSMContext

from bot.fsm.form import Draft

#: As many as Telegram may hand over again after a crash: updates of one chat in flight at once.
_REMEMBERED_UPDATES = 32


@dataclass(slots=True)
class Conversation:
    """The draft being filled in and the message that shows it.

    The id of the update that changed it is stored in the same write: an update that Telegram sends
    again after a crash is known, and never answers the next question by mistake. ``paused``: a menu
    is on screen and the draft waits; ``album`` is the media group whose files are arriving;
    ``talk`` is the request about which messages go to the staff.
    """

    _context: FSMContext
    update_id: int
    draft: Draft | None = None
    paused: bool = False
    album: str | None = None
    talk: int | None = None
    screen: int | None = None
    reply_keyboard: bool = False
    updates: list[int] = field(default_factory=list)

    @classmethod
    async def load(cls, context: FSMContext, update_id: int) -> "Conversation":
        data = await context.get_data()
        draft = data.get("draft")
        return cls(
            context,
            update_id,
            draft=Draft.from_json(draft) if draft else None,
            paused=data.get("paused", False),
            album=data.get("album"),
            talk=data.get("talk"),
            screen=data.get("screen"),
            reply_keyboard=data.get("reply_keyboard", False),
            updates=data.get("updates", []),
        )

    @property
    def repeated(self) -> bool:
        return self.update_id in self.updates

    async def save(self) -> None:
        data: dict[str, Any] = {
            "draft": self.draft.to_json() if self.draft else None,
            "paused": self.paused,
            "album": self.album,
            "talk": self.talk,
            "screen": self.screen,
            "reply_keyboard": self.reply_keyboard,
            "updates": [*self.updates, self.update_id][-_REMEMBERED_UPDATES:],
        }
        await self._context.set_data(data)
