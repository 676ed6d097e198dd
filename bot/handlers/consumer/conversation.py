"""Conversation state of one private chat, kept between two updates."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aiogram.fsm.storage.base import StorageKey

from bot.fsm.model import Draft
from bot.fsm.storage import ConversationStorage
from bot.services.rate_limits import RateLimiter
from bot.telegram.message_content import ReceivedMessage


@dataclass(slots=True)
class Conversation:
    """The drafts of the chat, one for each form, and the message that shows the open one.

    The id of the update is stored in the same write as the changes that it made: an update that
    Telegram repeats after a crash is recognised, and never answers the next question by mistake.

    ``draft`` is open; ``waiting_drafts`` are of other forms, the one that was left last at the end.
    ``registration`` is the draft of a registration that was submitted, until another form begins.
    ``paused``: another screen is shown and the open draft waits. ``album`` is the media group of
    the last file. Messages go to the staff while ``supplemented_request`` is the id of a request.
    ``screen_message_id`` is the message with the live buttons. ``reply_keyboard``: Telegram shows
    one. ``press_after_login`` is the callback data of a button that a guest pressed and that needs
    an account. ``resumed_press``: it is handled now that the chat is logged in. ``account_id`` is
    the account that was logged in last, whose drafts these are. ``saved``: this update is marked
    as handled.
    """

    _storage: ConversationStorage
    _key: StorageKey
    update_id: int
    rate_limiter: RateLimiter
    draft: Draft | None = None
    waiting_drafts: list[Draft] = field(default_factory=list)
    registration: Draft | None = None
    paused: bool = False
    album: str | None = None
    #: Messages that no question asked for: a button passes them on. Those for no form in
    #: particular are forgotten with the screen that asks about them.
    loose_messages: list[ReceivedMessage] = field(default_factory=list)
    supplemented_request: int | None = None
    screen_message_id: int | None = None
    reply_keyboard: bool = False
    press_after_login: str | None = None
    #: The last message was a secret; it may come twice, and then it is nothing to pass on.
    after_secret: bool = False
    resumed_press: str | None = None
    account_id: int | None = None
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
        draft, registration = data.get("draft"), data.get("registration")
        return cls(
            storage,
            key,
            update_id,
            rate_limiter,
            draft=Draft.from_json(draft) if draft else None,
            waiting_drafts=[Draft.from_json(one) for one in data.get("waiting_drafts", [])],
            registration=Draft.from_json(registration) if registration else None,
            paused=data.get("paused", False),
            album=data.get("album"),
            loose_messages=[ReceivedMessage.from_json(one) for one in data.get("loose", [])],
            supplemented_request=data.get("talk"),
            screen_message_id=data.get("screen"),
            reply_keyboard=data.get("reply_keyboard", False),
            press_after_login=data.get("press_after_login"),
            after_secret=data.get("after_secret", False),
            account_id=data.get("account"),
        )

    def list_drafts(self) -> Sequence[Draft]:
        """All drafts: the open one, then the one that was left last."""
        return [*([self.draft] if self.draft else []), *reversed(self.waiting_drafts)]

    def remove_draft(self, draft: Draft) -> None:
        if self.draft is draft:
            self.draft = None
        else:
            self.waiting_drafts.remove(draft)

    def continue_album(self, album: str | None) -> bool:
        """Remembers the media group of a file; True when the file before it was of the same one."""
        continues = album is not None and album == self.album
        self.album = album
        return continues

    def resume_press(self) -> bool:
        """Has the button handled that waited for a login; False when none did."""
        self.resumed_press, self.press_after_login = self.press_after_login, None
        return self.resumed_press is not None

    def list_loose(self, draft_id: str | None) -> list[ReceivedMessage]:
        """The messages for the form of a draft, or those for no form in particular."""
        return [one for one in self.loose_messages if one.draft_id == draft_id]

    def take_loose(self, draft_id: str | None) -> list[ReceivedMessage]:
        """As ``list_loose``, and forgets them."""
        taken = self.list_loose(draft_id)
        self.loose_messages = [one for one in self.loose_messages if one.draft_id != draft_id]
        return taken

    def correct_loose(self, message_id: int, text: str) -> bool:
        """Takes over an edit of one of them; False when the message is not among them."""
        for at, one in enumerate(self.loose_messages):
            if one.content.message_id == message_id:
                self.loose_messages[at] = replace(one, content=replace(one.content, text=text))
                return True
        return False

    def _list_useful_loose(self) -> list[ReceivedMessage]:
        """Without those for a form that is over."""
        targets = {None, *(draft.id for draft in self.list_drafts())}
        return [one for one in self.loose_messages if one.draft_id in targets]

    async def save(self) -> None:
        data: dict[str, Any] = {
            "draft": self.draft.to_json() if self.draft else None,
            "registration": self.registration.to_json() if self.registration else None,
            "paused": self.paused,
            "album": self.album,
            "talk": self.supplemented_request,
            "screen": self.screen_message_id,
            "reply_keyboard": self.reply_keyboard,
            "used": self.rate_limiter.windows,
        }
        if loose := self._list_useful_loose():
            data["loose"] = [one.to_json() for one in loose]
        if self.waiting_drafts:
            data["waiting_drafts"] = [one.to_json() for one in self.waiting_drafts]
        if self.after_secret:
            data["after_secret"] = True
        if self.account_id is not None:
            data["account"] = self.account_id
        if self.press_after_login is not None:
            data["press_after_login"] = self.press_after_login
        await self._storage.save(self._key, data, self.update_id)
        self.saved = True
