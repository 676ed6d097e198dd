"""Methods of the Bot API that Cabinet uses, with Telegram's limits and error descriptions."""

import inspect
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from sandbox.bot_api.html import InvalidHtml, count_units, parse_html
from sandbox.bot_api.rich import check_rich
from sandbox.bot_api.state import (
    ApiError,
    Chat,
    Message,
    ShownAlert,
    StoredFile,
    Telegram,
    Topic,
    build_menu_key,
)

_TEXT_UNITS = 4096
_CAPTION_UNITS = 1024
_ALERT_UNITS = 200
_DATA_BYTES = 64
_DELETE_SECONDS = 48 * 3600
_DOWNLOAD_BYTES = 20 * 1024**2
_UPLOAD_BYTES = 50 * 1024**2
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
_TOPIC_LENGTH = 128
_REACTIONS = {"👍", "👎", "❤", "🔥", "👌", "🤝", "✍", "👀", "🙏", "🎉"}
#: Calls that Telegram counts as messages.
_COUNTED = (
    "sendmessage",
    "sendphoto",
    "senddocument",
    "sendmediagroup",
    "sendrichmessage",
    "editmessage",
)
_SENDING = {"sendmessage", "sendphoto", "senddocument", "sendmediagroup"}
_KINDS = {"message", "edited_message", "callback_query", "my_chat_member", "chat_member"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file uploaded with a call."""

    name: str
    data: bytes


Json = Any
"""A parameter that is written as JSON."""

Media = Upload | str
"""An uploaded file, or the id of a stored one."""


class Methods:
    """``await methods.call(name, raw)``: parameters as they came, as strings or uploads."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._asking = 0

    async def call(self, name: str, raw: Mapping[str, Any]) -> Any:
        """Raises ApiError; an unknown method or parameter is recorded as a violation too."""
        method = _BY_NAME.get(name.lower())
        if method is None:
            self._record_violation(f"{name}: no such method here")
            raise ApiError(404, "Not Found")
        try:
            arguments = _parse_arguments(method, raw)
        except ApiError as error:
            self._record_violation(f"{name}: {error.description}")
            raise
        if self._telegram.limits is not None and name.lower().startswith(_COUNTED):
            self._telegram.limits.count(
                arguments["chat_id"], len(arguments["media"]) if "media" in arguments else 1
            )
        result = method(self, **arguments)
        result = await result if inspect.isawaitable(result) else result
        if name.lower() in _SENDING:
            self._telegram.sent[arguments["chat_id"]] += 1
            if not arguments.get("disable_notification"):
                self._telegram.sounded[arguments["chat_id"]] += 1
        return result

    # --- the bot itself ------------------------------------------------------------------------

    def get_me(self) -> dict[str, Any]:
        return {**self._telegram.bot, "can_join_groups": True}

    def get_chat(self, chat_id: int) -> dict[str, Any]:
        return {
            **self._get_readable_chat(chat_id).to_json(),
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": {
                "unlimited_gifts": False,
                "limited_gifts": False,
                "unique_gifts": False,
                "premium_subscription": False,
                "gifts_from_channels": False,
            },
        }

    def set_my_commands(self, commands: Json, scope: Json = None, language_code: str = "") -> bool:
        if not commands or len(commands) > 100:
            raise ApiError(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            name, description = command["command"], command["description"]
            if not (name.isascii() and name == name.lower() and 1 <= len(name) <= 32):
                raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(description) <= 256:
                raise ApiError(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        if scope and "chat_id" in scope:
            self._get_writable_chat(int(scope["chat_id"]))
        self._telegram.commands[build_menu_key(scope or {"type": "default"}, language_code)] = (
            commands
        )
        self._telegram.notify()
        return True

    def set_chat_menu_button(self, chat_id: int = 0, menu_button: Json = None) -> bool:
        button = _check_menu_button(menu_button or {"type": "default"})
        if chat_id and self._telegram.get_chat(chat_id).type != "private":
            raise ApiError(400, "Bad Request: chat not found")
        self._telegram.menu_buttons[chat_id] = button
        self._telegram.notify()
        return True

    def get_chat_menu_button(self, chat_id: int = 0) -> dict[str, Any]:
        return self._telegram.get_menu_button(chat_id)

    def get_chat_member(self, chat_id: int, user_id: int) -> dict[str, Any]:
        chat = self._get_readable_chat(chat_id)
        person = self._telegram.people.get(user_id)
        if person is None:
            raise ApiError(400, "Bad Request: user not found")
        return self._telegram.describe_member(chat, user_id)

    # --- updates -------------------------------------------------------------------------------

    async def get_updates(
        self, offset: int = 0, limit: int = 100, timeout: int = 0, allowed_updates: Json = None
    ) -> list[dict[str, Any]]:
        telegram = self._telegram
        if telegram.webhook:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if allowed_updates is not None:
            telegram.allowed_updates = _check_update_types(allowed_updates)
        self._asking += 1
        turn = self._asking
        telegram.notify()
        telegram.updates = [one for one in telegram.updates if one["update_id"] >= offset]
        await telegram.wait_until(lambda: telegram.updates or self._asking != turn, timeout)
        if self._asking != turn:
            raise ApiError(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )
        return telegram.updates[: min(max(limit, 1), 100)]

    def set_webhook(
        self,
        url: str,
        secret_token: str = "",
        allowed_updates: Json = None,
        max_connections: int = 40,
    ) -> bool:
        hook = {"url": url, "secret": secret_token, "connections": min(int(max_connections), 100)}
        self._telegram.webhook = hook if url else None
        self._telegram.allowed_updates = _check_update_types(allowed_updates or [])
        self._telegram.notify()
        return True

    def delete_webhook(self, drop_pending_updates: bool = False) -> bool:
        self._telegram.webhook = None
        if drop_pending_updates:
            self._telegram.updates.clear()
        return True

    # --- messages ------------------------------------------------------------------------------

    def send_message(
        self,
        chat_id: int,
        text: str,
        parse_mode: str = "",
        reply_markup: Json = None,
        reply_parameters: Json = None,
        link_preview_options: Json = None,
        message_thread_id: int = 0,
        disable_notification: bool = False,
    ) -> Message:
        content = _build_text(text, parse_mode)
        return self._add_message(
            chat_id,
            content,
            reply_markup,
            reply_parameters,
            message_thread_id,
            silent=disable_notification,
        )

    def send_document(
        self,
        chat_id: int,
        document: Media,
        caption: str = "",
        parse_mode: str = "",
        reply_markup: Json = None,
        reply_parameters: Json = None,
        message_thread_id: int = 0,
        disable_notification: bool = False,
    ) -> Message:
        content = self._build_document(document) | _build_caption(caption, parse_mode)
        return self._add_message(
            chat_id,
            content,
            reply_markup,
            reply_parameters,
            message_thread_id,
            silent=disable_notification,
        )

    def send_photo(
        self,
        chat_id: int,
        photo: Media,
        caption: str = "",
        parse_mode: str = "",
        reply_markup: Json = None,
        reply_parameters: Json = None,
        message_thread_id: int = 0,
        disable_notification: bool = False,
    ) -> Message:
        content = self._build_photo(photo) | _build_caption(caption, parse_mode)
        return self._add_message(
            chat_id,
            content,
            reply_markup,
            reply_parameters,
            message_thread_id,
            silent=disable_notification,
        )

    def send_media_group(
        self,
        chat_id: int,
        media: Json,
        reply_parameters: Json = None,
        message_thread_id: int = 0,
        disable_notification: bool = False,
    ) -> list[Message]:
        if not 2 <= len(media) <= 10:
            raise ApiError(400, "Bad Request: group send failed: wrong number of media")
        kinds = {one["type"] for one in media}
        if not kinds <= {"photo", "document"} or len(kinds) > 1:
            raise ApiError(400, "Bad Request: group send failed: media of different types")
        make = self._build_photo if kinds == {"photo"} else self._build_document
        album = uuid4().hex
        return [
            self._add_message(
                chat_id,
                make(one["media"])
                | _build_caption(one.get("caption", ""), one.get("parse_mode", ""))
                | {"media_group_id": album},
                None,
                reply_parameters,
                message_thread_id,
                silent=disable_notification,
            )
            for one in media
        ]

    def edit_message_caption(
        self,
        chat_id: int,
        message_id: int,
        caption: str = "",
        parse_mode: str = "",
        reply_markup: Json = None,
    ) -> Message:
        message = self._get_editable_message(chat_id, message_id)
        if "text" in message:
            raise ApiError(400, "Bad Request: there is no caption in the message to edit")
        changed = _build_caption(caption, parse_mode) or {"caption": "", "caption_entities": []}
        markup = _require_inline(_check_markup(reply_markup, self._telegram.get_chat(chat_id)))
        if changed["caption"] == message.get("caption", "") and markup == message.get(
            "reply_markup"
        ):
            raise _build_not_modified()
        message |= changed
        return self._set_markup(message, markup)

    def set_message_reaction(
        self, chat_id: int, message_id: int, reaction: Json = None, is_big: bool = False
    ) -> bool:
        message = self._get_writable_chat(chat_id).messages.get(message_id)
        if message is None:
            raise ApiError(400, "Bad Request: message to react not found")
        if any(one.get("emoji") not in _REACTIONS for one in reaction or []):
            raise ApiError(400, "Bad Request: REACTION_INVALID")
        message["reactions"] = [one["emoji"] for one in reaction or []]
        self._telegram.notify()
        return True

    def send_rich_message(
        self,
        chat_id: int,
        rich_message: Json,
        reply_markup: Json = None,
        reply_parameters: Json = None,
    ) -> Message:
        return self._add_message(chat_id, check_rich(rich_message), reply_markup, reply_parameters)

    def send_chat_action(self, chat_id: int, action: str) -> bool:
        chat = self._get_writable_chat(chat_id)
        if action not in _ACTIONS:
            raise ApiError(400, "Bad Request: wrong parameter action in request")
        self._telegram.show_action(chat, action)
        return True

    def edit_message_text(
        self,
        chat_id: int,
        message_id: int,
        text: str = "",
        parse_mode: str = "",
        reply_markup: Json = None,
        link_preview_options: Json = None,
        rich_message: Json = None,
    ) -> Message:
        message = self._get_editable_message(chat_id, message_id)
        if not {"text", "rich_message"} & message.keys():
            raise ApiError(400, "Bad Request: there is no text in the message to edit")
        changed = check_rich(rich_message) if rich_message else _build_text(text, parse_mode)
        markup = _require_inline(_check_markup(reply_markup, self._telegram.get_chat(chat_id)))
        if changed == {key: message.get(key, []) for key in changed} and markup == message.get(
            "reply_markup"
        ):
            raise _build_not_modified()
        for replaced in ("text", "entities", "rich_message"):
            message.pop(replaced, None)
        message |= changed
        return self._set_markup(message, markup)

    def edit_message_media(
        self, chat_id: int, message_id: int, media: Json, reply_markup: Json = None
    ) -> Message:
        message = self._get_editable_message(chat_id, message_id)
        if not {"document", "photo"} & message.keys():
            raise ApiError(400, "Bad Request: there is no media in the message to edit")
        if media["type"] not in {"document", "photo"}:
            raise ApiError(400, "Bad Request: only documents and photos are taken here")
        if "media_group_id" in message and media["type"] not in message:
            raise ApiError(400, "Bad Request: media of the album has another type")
        for replaced in ("document", "photo", "caption", "caption_entities"):
            message.pop(replaced, None)
        make = self._build_photo if media["type"] == "photo" else self._build_document
        message |= make(media["media"]) | _build_caption(
            media.get("caption", ""), media.get("parse_mode", "")
        )
        markup = _require_inline(_check_markup(reply_markup, self._telegram.get_chat(chat_id)))
        return self._set_markup(message, markup)

    def edit_message_reply_markup(
        self, chat_id: int, message_id: int, reply_markup: Json = None
    ) -> Message:
        message = self._get_editable_message(chat_id, message_id)
        markup = _require_inline(_check_markup(reply_markup, self._telegram.get_chat(chat_id)))
        if markup == message.get("reply_markup"):
            raise _build_not_modified()
        return self._set_markup(message, markup)

    def delete_message(self, chat_id: int, message_id: int) -> bool:
        chat = self._get_readable_chat(chat_id)
        message = chat.messages.get(message_id)
        if message is None:
            raise ApiError(400, "Bad Request: message to delete not found")
        if self._telegram.now() - message["date"] > _DELETE_SECONDS:
            raise ApiError(400, "Bad Request: message can't be deleted for everyone")
        del chat.messages[message_id]
        self._telegram.notify()
        return True

    def pin_chat_message(
        self, chat_id: int, message_id: int, disable_notification: bool = False
    ) -> bool:
        chat = self._get_pinnable_chat(chat_id)
        if message_id not in chat.messages:
            raise ApiError(400, "Bad Request: message to pin not found")
        # Telegram moves a message that is pinned already to the end.
        chat.pinned = [*(one for one in chat.pinned if one != message_id), message_id]
        self._telegram.notify()
        return True

    def unpin_chat_message(self, chat_id: int, message_id: int) -> bool:
        chat = self._get_pinnable_chat(chat_id)
        if message_id not in chat.messages:
            raise ApiError(400, "Bad Request: message to unpin not found")
        chat.pinned = [one for one in chat.pinned if one != message_id]
        self._telegram.notify()
        return True

    def _get_pinnable_chat(self, chat_id: int) -> Chat:
        chat = self._get_writable_chat(chat_id)
        if chat_id < 0 and not chat.pins_messages:
            raise ApiError(
                400, "Bad Request: not enough rights to manage pinned messages in the chat"
            )
        return chat

    # --- topics --------------------------------------------------------------------------------

    def create_forum_topic(
        self, chat_id: int, name: str, icon_color: int = 0x6FB9F0, icon_custom_emoji_id: str = ""
    ) -> dict[str, Any]:
        chat = self._get_forum(chat_id, "create a topic")
        if not 1 <= len(name) <= _TOPIC_LENGTH:
            raise ApiError(400, "Bad Request: TOPIC_TITLE_INVALID")
        about = {"name": name, "icon_color": icon_color}
        thread_id = self._telegram.add_topic(chat, self._telegram.bot, about)
        return {**about, "message_thread_id": thread_id}

    def edit_forum_topic(
        self, chat_id: int, message_thread_id: int, name: str = "", icon_custom_emoji_id: str = ""
    ) -> bool:
        topic = self._get_topic(chat_id, message_thread_id, "edit the topic")
        if not len(name) <= _TOPIC_LENGTH:
            raise ApiError(400, "Bad Request: TOPIC_TITLE_INVALID")
        if name in {topic.name, ""}:
            raise ApiError(400, "Bad Request: TOPIC_NOT_MODIFIED")
        topic.name = name
        self._telegram.notify()
        return True

    def close_forum_topic(self, chat_id: int, message_thread_id: int) -> bool:
        return self._set_closed(chat_id, message_thread_id, "close the topic", closed=True)

    def reopen_forum_topic(self, chat_id: int, message_thread_id: int) -> bool:
        return self._set_closed(chat_id, message_thread_id, "reopen the topic", closed=False)

    def _set_closed(self, chat_id: int, thread_id: int, operation: str, *, closed: bool) -> bool:
        topic = self._get_topic(chat_id, thread_id, operation)
        if topic.closed is closed:
            raise ApiError(400, "Bad Request: TOPIC_NOT_MODIFIED")
        topic.closed = closed
        self._telegram.notify()
        return True

    def _get_forum(self, chat_id: int, operation: str) -> Chat:
        chat = self._get_writable_chat(chat_id)
        if not chat.is_forum:
            raise ApiError(400, "Bad Request: the chat is not a forum")
        if not chat.manages_topics:
            raise ApiError(400, f"Bad Request: not enough rights to {operation}")
        return chat

    def _get_topic(self, chat_id: int, thread_id: int, operation: str) -> Topic:
        topic = self._get_forum(chat_id, operation).topics.get(thread_id)
        if topic is None:
            raise ApiError(400, "Bad Request: TOPIC_ID_INVALID")
        return topic

    # --- presses and files ---------------------------------------------------------------------

    def answer_callback_query(
        self,
        callback_query_id: str,
        text: str = "",
        show_alert: bool = False,
    ) -> bool:
        press = self._telegram.presses.pop(callback_query_id, None)
        if press is None or press.until < time.monotonic():
            raise ApiError(
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
            )
        if count_units(text) > _ALERT_UNITS:
            raise ApiError(400, "Bad Request: MESSAGE_TOO_LONG")
        self._telegram.alerts.append(ShownAlert(user_id=press.user_id, text=text, modal=show_alert))
        self._telegram.notify()
        return True

    def get_file(self, file_id: str) -> dict[str, Any]:
        stored = self._telegram.files.get(file_id)
        if stored is None:
            raise ApiError(400, "Bad Request: invalid file_id")
        if len(stored.data) > _DOWNLOAD_BYTES:
            raise ApiError(400, "Bad Request: file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": stored.unique_id,
            "file_size": len(stored.data),
            "file_path": stored.path,
        }

    # --- checks --------------------------------------------------------------------------------

    def _get_readable_chat(self, chat_id: int) -> Chat:
        """A bot that was removed from a group sees nothing of it."""
        chat = self._telegram.get_chat(chat_id)
        if chat.blocked and chat.type != "private":
            raise ApiError(403, "Forbidden: bot was kicked from the supergroup chat")
        return chat

    def _get_writable_chat(self, chat_id: int) -> Chat:
        chat = self._get_readable_chat(chat_id)
        if chat.migrated_to is not None:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.migrated_to,
            )
        if chat.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if not chat.started:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def _get_editable_message(self, chat_id: int, message_id: int) -> Message:
        message = self._get_writable_chat(chat_id).messages.get(message_id)
        if message is None:
            raise ApiError(400, "Bad Request: message to edit not found")
        age, limit = self._telegram.now() - message["date"], self._telegram.edit_seconds
        if message["from"]["id"] != self._telegram.bot["id"] or (limit is not None and age > limit):
            raise ApiError(400, "Bad Request: message can't be edited")
        return message

    def _build_placement(self, chat: Chat, reply: Json, thread_id: int) -> dict[str, Any]:
        """The fields of a message that tell what it replies to and its topic."""
        if thread_id and thread_id not in chat.topics:
            raise ApiError(400, "Bad Request: message thread not found")
        if reply and reply["message_id"] in chat.messages:
            return chat.build_reply(reply["message_id"])
        if reply and not reply.get("allow_sending_without_reply"):
            raise ApiError(400, "Bad Request: message to be replied not found")
        return chat.build_reply(thread_id) if thread_id else {}

    def _build_document(self, document: Upload | str) -> dict[str, Any]:
        stored = self._store_media(document)
        return {
            "document": {
                "file_id": stored.file_id,
                "file_unique_id": stored.unique_id,
                "file_name": stored.name,
                "file_size": len(stored.data),
            }
        }

    def _build_photo(self, photo: Upload | str) -> dict[str, Any]:
        stored = self._store_media(photo)
        if not stored.data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
            raise ApiError(400, "Bad Request: IMAGE_PROCESS_FAILED")
        size = {
            "file_id": stored.file_id,
            "file_unique_id": stored.unique_id,
            "file_size": len(stored.data),
            "width": 1280,
            "height": 960,
        }
        return {"photo": [size]}

    def _store_media(self, media: Upload | str) -> StoredFile:
        if isinstance(media, str):
            stored = self._telegram.files.get(media)
            if stored is None:
                raise ApiError(400, "Bad Request: wrong file identifier/HTTP URL specified")
            return stored
        if not media.data:
            raise ApiError(400, "Bad Request: file must be non-empty")
        if len(media.data) > _UPLOAD_BYTES:
            raise ApiError(413, "Request Entity Too Large")
        return self._telegram.store_file(media.data, media.name)

    def _add_message(
        self,
        chat_id: int,
        content: dict[str, Any],
        reply_markup: Json,
        reply_parameters: Json,
        thread_id: int = 0,
        *,
        silent: bool = False,
    ) -> Message:
        chat = self._get_writable_chat(chat_id)
        content |= self._build_placement(chat, reply_parameters, thread_id)
        if markup := _check_markup(reply_markup, chat):
            content["reply_markup"] = markup
        message = self._telegram.add_message(chat, self._telegram.bot, content)
        if silent:
            chat.silent.add(message["message_id"])
        return _to_answer(message)

    def _set_markup(self, message: Message, markup: Json) -> Message:
        message.pop("reply_markup", None)
        if markup:
            message["reply_markup"] = markup
        message["edit_date"] = self._telegram.now()
        self._telegram.notify()
        return _to_answer(message)

    def _record_violation(self, what: str) -> None:
        self._telegram.violations.append(what)


def _parse_arguments(method: Callable[..., Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    known = dict(list(inspect.signature(method).parameters.items())[1:])
    if unknown := raw.keys() - known.keys():
        raise ApiError(400, f"Bad Request: unknown parameters {', '.join(sorted(unknown))}")
    arguments = {}
    for name, parameter in known.items():
        if name in raw:
            arguments[name] = _parse_argument(name, raw[name], parameter.annotation)
        elif parameter.default is inspect.Parameter.empty:
            raise ApiError(400, f"Bad Request: {name} is missing")
    return arguments


def _parse_argument(name: str, value: Any, kind: Any) -> Any:
    try:
        if kind is int:
            return int(value)
        if kind is bool:
            return {"true": True, "false": False}[str(value).lower()]
        if kind == Media and isinstance(value, Media):
            return value
        if kind is Json:
            return json.loads(value) if isinstance(value, str) else value
    except (ValueError, KeyError):
        raise ApiError(400, f"Bad Request: can't parse {name}") from None
    if not isinstance(value, kind):
        raise ApiError(400, f"Bad Request: {name} must be a {kind.__name__}")
    return value


def _check_update_types(allowed: list[str]) -> list[str]:
    if unknown := set(allowed) - _KINDS:
        raise ApiError(400, f"Bad Request: unknown update types {sorted(unknown)}")
    return allowed


def _parse_text(source: str, parse_mode: str) -> tuple[str, list[dict[str, Any]]]:
    if parse_mode not in {"", "HTML"}:
        raise ApiError(400, "Bad Request: unsupported parse_mode")
    if not parse_mode:
        return source.strip(), []
    try:
        return parse_html(source)
    except InvalidHtml as wrong:
        raise ApiError(400, f"Bad Request: can't parse entities: {wrong}") from None


def _build_text(source: str, parse_mode: str) -> dict[str, Any]:
    words, entities = _parse_text(source, parse_mode)
    if not words:
        raise ApiError(400, "Bad Request: message text is empty")
    if count_units(words) > _TEXT_UNITS:
        raise ApiError(400, "Bad Request: message is too long")
    return {"text": words, "entities": entities}


def _build_caption(source: str, parse_mode: str) -> dict[str, Any]:
    words, entities = _parse_text(source, parse_mode)
    if count_units(words) > _CAPTION_UNITS:
        raise ApiError(400, "Bad Request: message caption is too long")
    return {"caption": words, "caption_entities": entities} if words else {}


def _check_markup(markup: Json, chat: Chat) -> Json:
    """Returns the keyboard of the stored message; raises ApiError for one that Telegram refuses."""
    if not markup:
        return None
    if "inline_keyboard" in markup:
        rows = markup["inline_keyboard"]
        for button in (button for row in rows for button in row):
            _check_button(button)
        if sum(len(row) for row in rows) > 100:
            raise ApiError(400, "Bad Request: reply markup is too long")
        return markup if rows else None
    for button in (button for row in markup.get("keyboard", []) for button in row):
        if not button.get("text"):
            raise ApiError(400, "Bad Request: text buttons are unallowed in the keyboard")
        if button.get("request_contact") and chat.type != "private":
            raise ApiError(400, "Bad Request: phone number can be requested in private chats only")
    return markup


def _check_button(button: Mapping[str, Any]) -> None:
    actions = {"callback_data", "url", "copy_text"} & button.keys()
    if not button.get("text"):
        raise ApiError(400, "Bad Request: text of an inline keyboard button is empty")
    if len(actions) != 1 or button.keys() - actions - {"text", "style"}:
        raise ApiError(400, "Bad Request: inline keyboard button type is invalid")
    if not 1 <= len(button.get("callback_data", "x").encode()) <= _DATA_BYTES:
        raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    if not 1 <= len(button.get("copy_text", {"text": "x"})["text"]) <= 256:
        raise ApiError(400, "Bad Request: BUTTON_COPY_TEXT_INVALID")
    if button.get("style", "primary") not in {"primary", "success", "danger"}:
        raise ApiError(400, "Bad Request: button style is invalid")


def _check_menu_button(button: Json) -> dict[str, Any]:
    """http is for this machine, as Telegram's test servers take it."""
    if not isinstance(button, dict) or button.get("type") not in {
        "commands",
        "default",
        "web_app",
    }:
        raise ApiError(400, "Bad Request: unsupported type of menu button specified")
    if button["type"] != "web_app":
        return {"type": button["type"]}
    if not button.get("text"):
        raise ApiError(400, "Bad Request: menu button text must be non-empty")
    url = button.get("web_app", {}).get("url", "")
    parts = urlsplit(url)
    if not parts.hostname:
        raise ApiError(400, f"Bad Request: menu button web app URL '{url}' is invalid: Wrong URL")
    if parts.scheme != "https" and (parts.scheme, parts.hostname) != ("http", "127.0.0.1"):
        raise ApiError(
            400,
            f"Bad Request: menu button web app URL '{url}' is invalid: "
            "Only HTTPS links are allowed",
        )
    return {"type": "web_app", "text": button["text"], "web_app": {"url": url}}


def _require_inline(markup: Json) -> Json:
    if markup and "inline_keyboard" not in markup:
        raise ApiError(400, "Bad Request: inline keyboard expected")
    return markup


def _build_not_modified() -> ApiError:
    return ApiError(
        400,
        "Bad Request: message is not modified: specified new message content and reply markup "
        "are exactly the same as a current content and reply markup of the message",
    )


def _to_answer(message: Message) -> Message:
    """The message as the bot gets it: without its reply keyboard."""
    if "inline_keyboard" in (message.get("reply_markup") or {"inline_keyboard": 1}):
        return message
    return {key: value for key, value in message.items() if key != "reply_markup"}


#: A method or a parameter that is not here is refused, and recorded as a violation.
_BY_NAME: Mapping[str, Callable[..., Any]] = {
    name.replace("_", ""): method
    for name, method in vars(Methods).items()
    if not name.startswith("_") and name != "call"
}


def list_methods() -> list[str]:
    """The names of all methods, as Telegram writes them."""
    names = (name for name in vars(Methods) if not name.startswith("_") and name != "call")
    return [head + "".join(map(str.title, rest)) for head, *rest in (n.split("_") for n in names)]
