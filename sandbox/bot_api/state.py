"""A small Telegram: people, chats, messages, files, and the updates that wait for the bot."""

import asyncio
import json
import time
from base64 import b64decode, b64encode
from collections import Counter, deque
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any
from uuid import uuid4

Message = dict[str, Any]
Update = dict[str, Any]

#: Ids count seconds since this moment, so that they grow from one run to the next.
_EPOCH = 1_750_000_000

#: For how long the bot may answer a press.
_PRESS_SECONDS = 900.0
#: For how long clients show an action such as typing.
_ACTION_SECONDS = 5.0
#: What is kept between two runs as it is.
_KEPT = ("token", "bot", "updates", "commands")
_RESTRICTED_RIGHTS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)


class ApiError(Exception):
    """An error of the Bot API."""

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
    #: Members and former ones whose rights are restricted.
    restricted: set[int] = field(default_factory=set)
    is_forum: bool = False
    #: Whether the bot may make and change topics.
    manages_topics: bool = True
    #: By the id of their first message.
    topics: dict[int, Topic] = field(default_factory=dict)
    #: Whether the bot may pin messages.
    pins_messages: bool = True
    #: Ids of the bot's messages that made no sound.
    silent: set[int] = field(default_factory=set)
    #: Ids of the pinned messages, the newest pin last.
    pinned: list[int] = field(default_factory=list)
    #: The action shown, such as ``typing``, and the Unix second until which it is shown.
    action: tuple[str, float] | None = None

    def to_json(self) -> dict[str, Any]:
        if self.type == "private":
            return {"id": self.id, "type": self.type, "first_name": self.title}
        forum = {"is_forum": True} if self.is_forum else {}
        return {"id": self.id, "type": self.type, "title": self.title, **forum}

    def build_reply(self, message_id: int) -> dict[str, Any]:
        """The fields of a message that replies to this one."""
        answered = self.messages[message_id]
        markup = answered.get("reply_markup", {})
        # Telegram repeats inline keyboards only.
        left_out = {"reply_to_message", "" if "inline_keyboard" in markup else "reply_markup"}
        content = {"reply_to_message": {k: v for k, v in answered.items() if k not in left_out}}
        return content | self.build_topic_fields(answered.get("message_thread_id"))

    def build_topic_fields(self, thread_id: int | None) -> dict[str, Any]:
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
    """A fault of the next ``times`` calls of ``method`` (any, when empty), if ``where`` holds.

    ``error``: the call is answered with it and not executed. ``page``: the same with a page of a
    gateway, by status and HTML. ``cut``: the connection is aborted and the call not executed.
    ``lost``: the call is executed and its answer is lost. ``action`` is called once the call was
    executed or refused, before the answer; ``alter`` changes the result. ``gate``: the call waits
    until it is set.
    """

    method: str
    error: ApiError | None = None
    page: tuple[int, str] | None = None
    cut: bool = False
    lost: bool = False
    action: Callable[[], None] = lambda: None
    alter: Callable[[Any], Any] = lambda result: result
    where: Callable[[Mapping[str, Any]], bool] = lambda _: True
    times: int = 1
    gate: asyncio.Event | None = None


class Limits:
    """Telegram's rate limits: 30 messages a second, and 20 a minute in a group.

    ``minute``: how many seconds that minute lasts here. Private chats have no limit of their own:
    Telegram lets short bursts pass there.
    """

    _OVERALL = (30, 1.0)
    _GROUP = 20

    def __init__(self, minute: float = 60.0) -> None:
        self.refused = 0
        self._minute = minute
        self._sent: dict[int | None, deque[float]] = {}

    def count(self, chat_id: int, messages: int = 1) -> None:
        """Counts ``messages``; raises ApiError, and counts none, when they exceed a limit."""
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
    """Telegram's state in memory.

    ``violations``: what the bot did against the rules. ``queued``: how many updates were queued.
    """

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
        #: By chat, 0 for all private ones; the bot sets it at each start, so that it is not kept.
        self.menu_buttons: dict[int, dict[str, Any]] = {}
        self.presses: dict[str, Press] = {}
        self.alerts: list[ShownAlert] = []
        #: The offset of Telegram's clock from the machine's.
        self.seconds_ahead = 0
        #: For how long a bot may edit its message; None: for ever, as the Bot API says of all that
        #: are no business messages.
        self.edit_seconds: float | None = None
        self.faults: list[Fault] = []
        #: None: there are no limits.
        self.limits: Limits | None = None
        self.violations: list[str] = []
        self.calls: list[str] = []
        #: By chat, how many messages the bot sent, and how many of them with a sound; an album
        #: counts once.
        self.sent: Counter[int] = Counter()
        self.sounded: Counter[int] = Counter()
        self.queued = 0
        self.revision = 0
        self._next_id = int(time.time()) - _EPOCH
        self._next_update = (int(time.time()) - _EPOCH) * 1000
        self._changed = asyncio.Event()

    # --- what is kept -----------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        """What another run goes on from, as JSON takes it."""
        return {
            **{name: getattr(self, name) for name in _KEPT},
            "chats": [
                {
                    **asdict(chat),
                    "members": sorted(chat.members),
                    "restricted": sorted(chat.restricted),
                    "silent": sorted(chat.silent),
                }
                for chat in self.chats.values()
            ],
            "people": list(self.people.values()),
            "files": [
                {**asdict(file), "data": b64encode(file.data).decode()}
                for file in self.files.values()
            ],
        }

    def load(self, kept: Mapping[str, Any]) -> None:
        """Goes on from what ``dump`` made."""
        for name in _KEPT:
            setattr(self, name, kept[name])
        self.chats = {one["id"]: _load_chat(one) for one in kept["chats"]}
        self.people = {one["id"]: one for one in kept["people"]}
        self.files = {
            one["file_id"]: StoredFile(**{**one, "data": b64decode(one["data"])})
            for one in kept["files"]
        }
        # The clock may stand where it stood when the earlier run gave its last numbers.
        given = (number for chat in self.chats.values() for number in chat.messages)
        self._next_id = max(self._next_id, *given, 0)
        waiting = (one["update_id"] for one in self.updates)
        self._next_update = max(self._next_update, *waiting, 0)
        self.notify()

    # --- people and chats ---------------------------------------------------------------------

    def add_person(self, user_id: int, first_name: str, phone: str = "+79120000000") -> None:
        self.people[user_id] = {
            "id": user_id,
            "is_bot": False,
            "first_name": first_name,
            "language_code": "ru",
        }
        self.chats[user_id] = Chat(id=user_id, type="private", title=first_name)
        self.people[user_id]["phone"] = phone
        self.notify()

    def add_group(self, chat_id: int, title: str, *, is_forum: bool = False) -> None:
        self.chats[chat_id] = Chat(
            id=chat_id, type="supergroup", title=title, started=True, is_forum=is_forum
        )
        self.notify()

    def get_chat(self, chat_id: int) -> Chat:
        """Raises ApiError when there is no such chat."""
        found = self.chats.get(chat_id)
        if found is None:
            raise ApiError(400, "Bad Request: chat not found")
        return found

    # --- what people do ------------------------------------------------------------------------

    def send(
        self, chat_id: int, user_id: int, *, reply_to: int | None = None, **content: Any
    ) -> Message:
        """Sends a person's message: ``text="…"``, ``contact={…}``, ``sticker={…}`` and so on."""
        chat = self.chats[chat_id]
        chat.started = True
        if reply_to is not None:
            content |= chat.build_reply(reply_to)
        text = content.get("text", "")
        if text.startswith("/"):
            end = len(text.split()[0])
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": end}]
        message = self.add_message(chat, self._build_user(user_id), content)
        self.queue_update({"message": deepcopy(message)})
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
        stored = self.store_file(data, name)
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
        self.queue_update({"edited_message": deepcopy(message)})

    def press(self, chat_id: int, user_id: int, message_id: int, data: str) -> str:
        """Presses an inline button with any ``data``; returns the id of the callback query."""
        query_id = uuid4().hex
        until = time.monotonic() + _PRESS_SECONDS
        self.presses[query_id] = Press(user_id=user_id, until=until)
        message = self.chats[chat_id].messages.get(message_id)
        if message is None:
            card = self.chats[chat_id].to_json()
            message = {"chat": card, "message_id": message_id, "date": 0}
        message = deepcopy(message)
        if "inline_keyboard" not in message.get("reply_markup", {}):
            # Telegram shows bots no reply keyboard.
            message.pop("reply_markup", None)
        self.queue_update(
            {
                "callback_query": {
                    "id": query_id,
                    "from": self._build_user(user_id),
                    "chat_instance": str(chat_id),
                    "message": message,
                    "data": data,
                }
            }
        )
        return query_id

    def set_blocked(self, user_id: int, *, blocked: bool) -> None:
        """The person blocks or unblocks the bot, which gets an update about it."""
        chat = self.chats[user_id]
        if chat.blocked == blocked:
            return
        chat.blocked = blocked
        was, now = ("member", "kicked") if blocked else ("kicked", "member")
        self.queue_update(
            {
                "my_chat_member": {
                    "chat": chat.to_json(),
                    "from": self._build_user(user_id),
                    "date": self.now(),
                    "old_chat_member": self._build_member(was),
                    "new_chat_member": self._build_member(now),
                }
            }
        )

    def set_member(self, chat_id: int, user_id: int, *, member: bool) -> None:
        """The person enters or leaves a group; a bot that administers it is told so."""
        chat = self.chats[chat_id]
        was = self.describe_member(chat, user_id)
        if member:
            chat.members.add(user_id)
        else:
            chat.members.discard(user_id)
        self.queue_update(
            {
                "chat_member": {
                    "chat": chat.to_json(),
                    "from": self._build_user(user_id),
                    "date": self.now(),
                    "old_chat_member": was,
                    "new_chat_member": self.describe_member(chat, user_id),
                }
            }
        )

    def describe_member(self, chat: Chat, user_id: int) -> dict[str, Any]:
        """A ``ChatMember`` of the Bot API."""
        user, member = self._build_user(user_id), user_id in chat.members
        if user_id in chat.restricted:
            rights = dict.fromkeys(_RESTRICTED_RIGHTS, False)
            status = {"status": "restricted", "is_member": member, "until_date": 0, **rights}
            return {**status, "user": user}
        return {"status": "member" if member else "left", "user": user}

    def get_commands(self, chat: Chat, language: str) -> list[dict[str, str]]:
        """The commands that a client shows: those of the nearest scope, in this language first."""
        kind = "all_private_chats" if chat.type == "private" else "all_group_chats"
        scopes = ({"type": "chat", "chat_id": chat.id}, {"type": kind}, {"type": "default"})
        for scope in scopes:
            for code in (language, ""):
                if menu := self.commands.get(build_menu_key(scope, code)):
                    return menu
        return []

    def get_menu_button(self, chat_id: int) -> dict[str, Any]:
        """The button beside the message field: the chat's own, or that of all private chats."""
        of_all = self.menu_buttons.get(0, {"type": "commands"})
        button = self.menu_buttons.get(chat_id, of_all)
        button = of_all if button["type"] == "default" else button
        return {"type": "commands"} if button["type"] == "default" else button

    # --- storage, updates and waiting ---------------------------------------------------------

    def add_message(
        self, chat: Chat, sender: Mapping[str, Any], content: Mapping[str, Any]
    ) -> Message:
        self._next_id += 1
        message = {
            "message_id": self._next_id,
            "from": dict(sender),
            "chat": chat.to_json(),
            "date": self.now(),
            **content,
        }
        if sender["is_bot"]:
            chat.action = None
        chat.messages[self._next_id] = message
        self.notify()
        return message

    def add_topic(self, chat: Chat, sender: Mapping[str, Any], about: Mapping[str, Any]) -> int:
        """Returns the id of the topic, which is that of its first message."""
        root = self.add_message(chat, sender, {"forum_topic_created": about})
        thread_id: int = root["message_id"]
        root |= chat.build_topic_fields(thread_id)
        chat.topics[thread_id] = Topic(name=about["name"])
        self.notify()
        return thread_id

    def store_file(self, data: bytes, name: str) -> StoredFile:
        mark = uuid4().hex
        stored = StoredFile(
            file_id=f"f{mark}", unique_id=mark[:16], path=f"docs/{mark}", data=data, name=name
        )
        self.files[stored.file_id] = stored
        return stored

    def queue_update(self, content: Update) -> None:
        """Queues an update for the bot, if the bot wants its kind."""
        kind = next(iter(content))
        self.queued += 1
        if not self.allowed_updates or kind in self.allowed_updates:
            self._next_update += 1
            self.updates.append({"update_id": self._next_update, **content})
        self.notify()

    def repeat_update(self, update: Update, *, anew: bool = False) -> None:
        """Queues an update once more, as Telegram may; ``anew``: with a new id."""
        if anew:
            self.queue_update({key: value for key, value in update.items() if key != "update_id"})
        else:
            self.updates.append(update)
            self.notify()

    def take_fault(self, method: str, parameters: Mapping[str, Any] | None = None) -> Fault | None:
        """Uses up and returns the fault of this call, if any."""
        for fault in self.faults:
            if fault.method in {method, ""} and fault.times > 0 and fault.where(parameters or {}):
                fault.times -= 1
                return fault
        return None

    def notify(self) -> None:
        """Wakes all who wait for a change."""
        self.revision += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_until(self, holds: Callable[[], Any], seconds: float) -> bool:
        """Waits until the condition holds, checked after each change; False after ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    await self._changed.wait()
        except TimeoutError:
            return bool(holds())
        return True

    async def wait_for_change(self, revision: int, seconds: float = 3600) -> None:
        """Waits until there is a newer revision, at most ``seconds``."""
        await self.wait_until(lambda: self.revision != revision, seconds)

    def now(self) -> int:
        """Unix seconds."""
        return int(time.time()) + self.seconds_ahead

    def show_action(self, chat: Chat, action: str) -> None:
        """The bot shows that it is doing something."""
        chat.action = (action, time.time() + _ACTION_SECONDS)
        self.notify()

    def _build_member(self, status: str) -> dict[str, Any]:
        until = {"until_date": 0} if status == "kicked" else {}
        return {"status": status, "user": dict(self.bot), **until}

    def _build_user(self, user_id: int) -> dict[str, Any]:
        return {key: value for key, value in self.people[user_id].items() if key != "phone"}


def _load_chat(kept: Mapping[str, Any]) -> Chat:
    # JSON has no sets, no tuples and no keys but strings.
    return Chat(
        **{
            **kept,
            "messages": {int(key): message for key, message in kept["messages"].items()},
            "topics": {int(key): Topic(**topic) for key, topic in kept["topics"].items()},
            "members": set(kept["members"]),
            "restricted": set(kept["restricted"]),
            "silent": set(kept.get("silent", ())),
            "action": None,
        }
    )


def build_menu_key(scope: Mapping[str, Any], language: str) -> str:
    """The key of a list of commands in ``Telegram.commands``."""
    return f"{json.dumps(scope, sort_keys=True)} {language}".strip()
