"""A small Telegram: people, chats, messages, files, and the updates that wait for the bot."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from math import ceil
from typing import Any
from uuid import uuid4

Message = dict[str, Any]
Update = dict[str, Any]

#: Ids begin here, and never again below what an earlier run of the sandbox gave.
_EPOCH = 1_750_000_000

#: How long a press may be answered.
_PRESS_SECONDS = 900.0
#: How long clients show that the bot is typing.
_ACTION_SECONDS = 5.0


class ApiError(Exception):
    """An error answer of the Bot API."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


@dataclass(kw_only=True)
class Topic:
    name: str
    closed: bool = False


@dataclass(kw_only=True)
class Chat:
    """``started``: the person wrote to the bot once; before that bots may not write."""

    id: int
    type: str
    title: str
    messages: dict[int, Message] = field(default_factory=dict)
    started: bool = False
    blocked: bool = False
    migrated_to: int | None = None
    members: set[int] = field(default_factory=set)
    is_forum: bool = False
    #: Whether the bot may make and change topics.
    manages_topics: bool = True
    #: By the id of their first message.
    topics: dict[int, Topic] = field(default_factory=dict)
    #: What the bot is doing, such as ``typing``, and the Unix second until which that is shown.
    action: tuple[str, float] | None = None

    def card(self) -> dict[str, Any]:
        if self.type == "private":
            return {"id": self.id, "type": self.type, "first_name": self.title}
        forum = {"is_forum": True} if self.is_forum else {}
        return {"id": self.id, "type": self.type, "title": self.title, **forum}

    def reply_to(self, message_id: int) -> dict[str, Any]:
        """What a message that answers this one carries."""
        answered = self.messages[message_id]
        markup = answered.get("reply_markup", {})
        # Telegram repeats inline keyboards only.
        left_out = {"reply_to_message", "" if "inline_keyboard" in markup else "reply_markup"}
        content = {"reply_to_message": {k: v for k, v in answered.items() if k not in left_out}}
        return content | self.in_topic(answered.get("message_thread_id"))

    def in_topic(self, thread_id: int | None) -> dict[str, Any]:
        if thread_id is None:
            return {}
        return {"message_thread_id": thread_id, "is_topic_message": True}


@dataclass(kw_only=True)
class StoredFile:
    file_id: str
    unique_id: str
    path: str
    data: bytes
    name: str = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A press of an inline button that the bot has not answered; ``until`` on the clock of
    ``time.monotonic``."""

    user_id: int
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAlert:
    """The answer to a press: a box to be closed when it is ``modal``, else a passing line."""

    user_id: int
    text: str
    modal: bool


@dataclass(kw_only=True)
class Fault:
    """What the next ``times`` calls of ``method`` (any, when empty) meet, if their ``where`` holds.

    ``error``: the answer instead of carrying it out. ``cut``: the connection is, and nothing is
    carried out. ``lost``: it is carried out and only its answer is lost. ``deed`` is done when the
    call was carried out or refused, before its answer. ``gate``: the call waits until it is set.
    """

    method: str
    error: ApiError | None = None
    cut: bool = False
    lost: bool = False
    deed: Callable[[], None] = lambda: None
    where: Callable[[Mapping[str, Any]], bool] = lambda _: True
    times: int = 1
    gate: asyncio.Event | None = None


class Limits:
    """What Telegram bears from a bot: 30 messages a second, and 20 a minute in a group.

    ``minute``: how many seconds that minute lasts here. What a private chat bears is not counted:
    Telegram lets short bursts pass there.
    """

    _OVERALL = (30, 1.0)
    _GROUP = 20

    def __init__(self, minute: float = 60.0) -> None:
        self.refused = 0
        self._minute = minute
        self._sent: dict[int | None, deque[float]] = {}

    def count(self, chat_id: int, messages: int = 1) -> None:
        """Raises ApiError for what is too much; that is not counted."""
        now = time.monotonic()
        places: list[tuple[int | None, int, float]] = [(None, *self._OVERALL)]
        if chat_id < 0:
            places.append((chat_id, self._GROUP, self._minute))
        for place, most, seconds in places:
            sent = self._sent.setdefault(place, deque())
            while sent and sent[0] + seconds <= now:
                sent.popleft()
            if len(sent) + messages > most:
                self.refused += 1
                wait = ceil(sent[0] + seconds - now) if sent else 1
                raise ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        for place, *_ in places:
            self._sent[place].extend([now] * messages)


class Telegram:
    """Everything in memory. What a bot may not do is counted in ``violations``."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.bot = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Личный кабинет",
            "username": "cabinet_sandbox_bot",
        }
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, dict[str, Any]] = {}
        self.files: dict[str, StoredFile] = {}
        self.updates: list[Update] = []
        self.allowed_updates: list[str] = []
        self.webhook: dict[str, Any] | None = None
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.presses: dict[str, Press] = {}
        self.alerts: list[ShownAlert] = []
        #: How far Telegram's clock is ahead of this machine's.
        self.seconds_ahead = 0
        self.faults: list[Fault] = []
        #: None: whatever a bot sends is taken.
        self.limits: Limits | None = None
        self.violations: list[str] = []
        self.calls: list[str] = []
        self.given = 0
        self.revision = 0
        self._next_id = int(time.time()) - _EPOCH
        self._next_update = (int(time.time()) - _EPOCH) * 1000
        self._changed = asyncio.Event()

    # --- who is there ------------------------------------------------------------------------

    def add_person(self, user_id: int, first_name: str, phone: str = "+79120000000") -> None:
        self.people[user_id] = {
            "id": user_id,
            "is_bot": False,
            "first_name": first_name,
            "language_code": "ru",
        }
        self.chats[user_id] = Chat(id=user_id, type="private", title=first_name)
        self.people[user_id]["phone"] = phone
        self.touch()

    def add_group(self, chat_id: int, title: str, *, is_forum: bool = False) -> None:
        self.chats[chat_id] = Chat(
            id=chat_id, type="supergroup", title=title, started=True, is_forum=is_forum
        )
        self.touch()

    def chat(self, chat_id: int) -> Chat:
        """Raises ApiError when a bot would not find it."""
        found = self.chats.get(chat_id)
        if found is None:
            raise ApiError(400, "Bad Request: chat not found")
        return found

    # --- what people do ------------------------------------------------------------------------

    def send(
        self, chat_id: int, user_id: int, *, reply_to: int | None = None, **content: Any
    ) -> Message:
        """A person's message: ``text="…"``, ``contact={…}``, ``sticker={…}`` and so on."""
        chat = self.chats[chat_id]
        chat.started = True
        chat.members.add(user_id)
        if reply_to is not None:
            content |= chat.reply_to(reply_to)
        text = content.get("text", "")
        if text.startswith("/"):
            end = len(text.split()[0])
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": end}]
        message = self.put(chat, self._person(user_id), content)
        self.give({"message": deepcopy(message)})
        return message

    def send_file(
        self,
        chat_id: int,
        user_id: int,
        data: bytes,
        name: str,
        media_type: str,
        *,
        photo: bool = False,
        album: str | None = None,
        **more: Any,
    ) -> Message:
        stored = self.store(data, name)
        about = {
            "file_id": stored.file_id,
            "file_unique_id": stored.unique_id,
            "file_size": len(data),
        }
        content: dict[str, Any] = (
            {"photo": [{**about, "width": 1280, "height": 960}]}
            if photo
            else {"document": {**about, "file_name": name, "mime_type": media_type}}
        )
        if album:
            content["media_group_id"] = album
        return self.send(chat_id, user_id, **content, **more)

    def edit(self, chat_id: int, user_id: int, message_id: int, text: str) -> None:
        message = self.chats[chat_id].messages[message_id]
        place = "text" if "text" in message else "caption"
        message |= {place: text, "edit_date": self.now()}
        self.give({"edited_message": deepcopy(message)})

    def press(self, chat_id: int, user_id: int, message_id: int, data: str) -> str:
        """Presses an inline button, forged or not; the id of the callback query."""
        query_id = uuid4().hex
        until = time.monotonic() + _PRESS_SECONDS
        self.presses[query_id] = Press(user_id=user_id, until=until)
        message = self.chats[chat_id].messages.get(message_id)
        if message is None:
            card = self.chats[chat_id].card()
            message = {"chat": card, "message_id": message_id, "date": 0}
        message = deepcopy(message)
        if "inline_keyboard" not in message.get("reply_markup", {}):
            # Telegram shows bots no reply keyboard.
            message.pop("reply_markup", None)
        self.give(
            {
                "callback_query": {
                    "id": query_id,
                    "from": self._person(user_id),
                    "chat_instance": str(chat_id),
                    "message": message,
                    "data": data,
                }
            }
        )
        return query_id

    def block(self, user_id: int, *, blocked: bool) -> None:
        """The person stops the bot, or lets it write again; the bot is told so."""
        chat = self.chats[user_id]
        if chat.blocked == blocked:
            return
        chat.blocked = blocked
        was, now = ("member", "kicked") if blocked else ("kicked", "member")
        self.give(
            {
                "my_chat_member": {
                    "chat": chat.card(),
                    "from": self._person(user_id),
                    "date": self.now(),
                    "old_chat_member": self._membership(was),
                    "new_chat_member": self._membership(now),
                }
            }
        )

    def commands_of(self, chat: Chat, language: str) -> list[dict[str, str]]:
        """The menu that a client shows: the nearest scope that has one, in this language first."""
        kind = "all_private_chats" if chat.type == "private" else "all_group_chats"
        scopes = ({"type": "chat", "chat_id": chat.id}, {"type": kind}, {"type": "default"})
        for scope in scopes:
            for code in (language, ""):
                if menu := self.commands.get(menu_key(scope, code)):
                    return menu
        return []

    # --- what everybody relies on ----------------------------------------------------------------

    def put(self, chat: Chat, sender: Mapping[str, Any], content: Mapping[str, Any]) -> Message:
        self._next_id += 1
        message = {
            "message_id": self._next_id,
            "from": dict(sender),
            "chat": chat.card(),
            "date": self.now(),
            **content,
        }
        if sender["is_bot"]:
            chat.action = None
        chat.messages[self._next_id] = message
        self.touch()
        return message

    def store(self, data: bytes, name: str) -> StoredFile:
        mark = uuid4().hex
        kept = StoredFile(
            file_id=f"f{mark}", unique_id=mark[:16], path=f"docs/{mark}", data=data, name=name
        )
        self.files[kept.file_id] = kept
        return kept

    def give(self, content: Update) -> None:
        """Queues an update for the bot."""
        kind = next(iter(content))
        self.given += 1
        if not self.allowed_updates or kind in self.allowed_updates:
            self._next_update += 1
            self.updates.append({"update_id": self._next_update, **content})
        self.touch()

    def repeat(self, update: Update, *, anew: bool = False) -> None:
        """Gives an update once more, as Telegram may; ``anew``: under an id of its own."""
        if anew:
            self.give({key: value for key, value in update.items() if key != "update_id"})
        else:
            self.updates.append(update)
            self.touch()

    def fault(self, method: str, parameters: Mapping[str, Any] | None = None) -> Fault | None:
        """The fault that this call meets, if any."""
        for fault in self.faults:
            if fault.method in {method, ""} and fault.times > 0 and fault.where(parameters or {}):
                fault.times -= 1
                return fault
        return None

    def touch(self) -> None:
        """Something changed: whoever waits looks again."""
        self.revision += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, holds: Callable[[], Any], seconds: float) -> bool:
        """Whether the condition came to hold in time; looks at it after each change."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    await self._changed.wait()
        except TimeoutError:
            return bool(holds())
        return True

    async def change(self, revision: int, seconds: float = 3600) -> None:
        """Waits until something is other than at this revision, or for so long."""
        await self.until(lambda: self.revision != revision, seconds)

    def now(self) -> int:
        """Unix seconds."""
        return int(time.time()) + self.seconds_ahead

    def act(self, chat: Chat, action: str) -> None:
        """The bot shows that it is doing something."""
        chat.action = (action, time.time() + _ACTION_SECONDS)
        self.touch()

    def _membership(self, status: str) -> dict[str, Any]:
        until = {"until_date": 0} if status == "kicked" else {}
        return {"status": status, "user": dict(self.bot), **until}

    def _person(self, user_id: int) -> dict[str, Any]:
        return {key: value for key, value in self.people[user_id].items() if key != "phone"}


def menu_key(scope: Mapping[str, Any], language: str) -> str:
    """Under which ``Telegram.commands`` keeps a menu."""
    return f"{json.dumps(scope, sort_keys=True)} {language}".strip()
