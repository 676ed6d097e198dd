"""Answers and updates of other editions of the Bot API: what is used is read, the rest is not."""

from copy import deepcopy
from typing import Any

import pytest
from aiogram import Bot, methods
from aiogram.types import InputMediaDocument, InputRichMessage, Message

from bot.telegram.lenient_models import remove_unstorable
from bot.telegram.session import JsonSession
from bot.telegram.update_parser import parse_update, parse_update_json
from sandbox.bot_api.methods import Methods, list_methods
from sandbox.bot_api.state import Telegram

GROUP, PERSON = -1_001_000_000_500, 7
USER = {"id": PERSON, "is_bot": False, "first_name": "Анна", "language_code": "ru"}
CHAT = {"id": GROUP, "type": "supergroup", "title": "Поддержка", "is_forum": True}
PHOTO = {"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}
MESSAGE = {
    "message_id": 5,
    "date": 1_764_000_000,
    "chat": CHAT,
    "from": USER,
    "message_thread_id": 3,
    "text": "да",
    "entities": [{"type": "bold", "offset": 0, "length": 2}],
    "reply_markup": {"inline_keyboard": [[{"text": "Да", "callback_data": "x"}]]},
}
#: What the bot reads of the answer of each method that it calls; other methods answer ``true``.
USED: dict[str, tuple[methods.TelegramMethod[Any], Any, tuple[str, ...]]] = {
    "getMe": (methods.GetMe(), {**USER, "is_bot": True, "username": "c_bot"}, ("id",)),
    "getChat": (
        methods.GetChat(chat_id=GROUP),
        # As of Bot API 8.3, 9.0 and 10: each edition made more of these required.
        {**CHAT, "accent_color_id": 0, "max_reaction_count": 11, "permissions": {}},
        ("id",),
    ),
    "getFile": (
        methods.GetFile(file_id="f"),
        {"file_id": "f", "file_unique_id": "u", "file_size": 5, "file_path": "docs/f"},
        ("file_path",),
    ),
    "createForumTopic": (
        methods.CreateForumTopic(chat_id=GROUP, name="Заявка"),
        {"message_thread_id": 3, "name": "Заявка", "icon_color": 1},
        ("message_thread_id",),
    ),
    "sendMessage": (methods.SendMessage(chat_id=GROUP, text="да"), MESSAGE, ("message_id",)),
    "sendPhoto": (
        methods.SendPhoto(chat_id=GROUP, photo="f"),
        {**MESSAGE, "photo": [PHOTO]},
        ("message_id",),
    ),
    "sendDocument": (
        methods.SendDocument(chat_id=GROUP, document="f"),
        {**MESSAGE, "document": {"file_id": "f", "file_unique_id": "u"}},
        ("message_id",),
    ),
    "sendRichMessage": (
        methods.SendRichMessage(chat_id=GROUP, rich_message=InputRichMessage(blocks=[])),
        MESSAGE,
        ("message_id",),
    ),
    "editMessageText": (
        methods.EditMessageText(chat_id=GROUP, message_id=5, text="да"),
        MESSAGE,
        ("message_id",),
    ),
    "editMessageMedia": (
        methods.EditMessageMedia(chat_id=GROUP, message_id=5, media=InputMediaDocument(media="f")),
        {**MESSAGE, "document": {"file_id": "f", "file_unique_id": "u"}},
        ("message_id",),
    ),
    "editMessageCaption": (
        methods.EditMessageCaption(chat_id=GROUP, message_id=5),
        MESSAGE,
        ("message_id",),
    ),
    "editMessageReplyMarkup": (
        methods.EditMessageReplyMarkup(chat_id=GROUP, message_id=5),
        MESSAGE,
        ("message_id",),
    ),
}
MEMBERS: dict[str, dict[str, Any]] = {
    "creator": {"is_anonymous": False},
    # As of Bot API 6.0: no stories, topics, direct messages, tags or welcome messages.
    "administrator": {"can_be_edited": False, "is_anonymous": False, "can_manage_chat": True},
    "member": {},
    "restricted": {"is_member": True, "until_date": 0, "can_send_messages": False},
    "left": {},
    "kicked": {"until_date": 0},
}


@pytest.fixture
def bot() -> Bot:
    return Bot("42:x")


def answered(bot: Bot, method: methods.TelegramMethod[Any], result: Any) -> Any:
    """What the bot's session makes of an answer."""
    content = JsonSession().json_dumps({"ok": True, "result": result, "unknown": {"a": [1]}})
    return JsonSession().check_response(bot, method, 200, content).result


def with_unknown_fields(value: Any) -> Any:
    """The answer of a newer server: every object has fields that nobody here knows."""
    if isinstance(value, dict):
        known = {key: with_unknown_fields(part) for key, part in value.items()}
        return {**known, "brand_new": {"deep": [1, {"er": None}]}, "is_brand_new": True}
    return [with_unknown_fields(part) for part in value] if isinstance(value, list) else value


def test_every_method_is_looked_at() -> None:
    listed = set(list_methods())
    # The bot does not ask for its menu button, tests do.
    special = {"getUpdates", "getChatMember", "getChatMenuButton", "sendMediaGroup"}
    yes_or_no = {
        "setMyCommands",
        "setChatMenuButton",
        "setWebhook",
        "deleteWebhook",
        "setMessageReaction",
        "sendChatAction",
        "deleteMessage",
        "pinChatMessage",
        "unpinChatMessage",
        "editForumTopic",
        "closeForumTopic",
        "reopenForumTopic",
        "answerCallbackQuery",
    }
    assert listed == {*USED, *special, *yes_or_no}


@pytest.mark.parametrize("name", USED)
def test_any_field_that_is_not_used_may_be_missing(bot: Bot, name: str) -> None:
    method, result, used = USED[name]
    full = answered(bot, method, result)
    expected = [getattr(full, field) for field in used]
    identity = {"id", "file_id", "file_unique_id", *used}
    for field in set(result) - identity:
        rest = {key: value for key, value in result.items() if key != field}
        for shape in (rest, with_unknown_fields(rest)):
            read = answered(bot, method, shape)
            assert [getattr(read, one) for one in used] == expected, field
    bare = answered(bot, method, {key: result[key] for key in identity & set(result)})
    assert [getattr(bare, one) for one in used] == expected
    if isinstance(bare, Message):
        # The bot notes in which chat its messages are.
        assert (bare.chat.id, bare.bot) == (GROUP, bot)


@pytest.mark.parametrize("name", USED)
def test_a_field_of_another_kind_takes_nothing_else_with_it(bot: Bot, name: str) -> None:
    method, result, used = USED[name]
    for field in set(result) - {"id", "file_id", "file_unique_id", "chat", *used}:
        for strange in ({"type": "brand_new"}, [5], 5, "?", None):
            read = answered(bot, method, {**result, field: strange})
            assert [getattr(read, one) for one in used] == [result[one] for one in used], field


@pytest.mark.parametrize("status", MEMBERS)
def test_a_member_of_any_edition_has_a_status(bot: Bot, status: str) -> None:
    method = methods.GetChatMember(chat_id=GROUP, user_id=PERSON)
    told = {"status": status, "user": USER, **MEMBERS[status]}
    for shape in (told, with_unknown_fields(told), {**told, "user": {"id": PERSON}}):
        read = answered(bot, method, shape)
        assert read.status == status
        assert read.user.id == PERSON
        assert getattr(read, "is_member", True) is True


def test_an_album_is_read_message_by_message(bot: Bot) -> None:
    method = methods.SendMediaGroup(chat_id=GROUP, media=[])
    sent = answered(bot, method, [{"message_id": 5}, {"message_id": 6, "photo": "?"}])
    assert [(one.message_id, one.chat.id) for one in sent] == [(5, GROUP), (6, GROUP)]


async def test_the_sandbox_itself_is_read_whole(bot: Bot) -> None:
    telegram = Telegram("42:x")
    telegram.add_group(GROUP, "Поддержка")
    told = await Methods(telegram).call("getChat", {"chat_id": GROUP})
    told.pop("accepted_gift_types")
    assert answered(bot, methods.GetChat(chat_id=GROUP), told).id == GROUP


#: Parts of a message that aiogram refuses.
STRANGE_PARTS: dict[str, dict[str, Any]] = {
    "hidden user without a name": {"forward_origin": {"type": "hidden_user", "date": 1}},
    "unknown origin": {"forward_origin": {"type": "brand_new", "date": 1}},
    "origin of another kind": {"forward_origin": 5},
    "author without a name": {"from": {"id": PERSON}},
    "entity without a place": {"entities": [{"type": "bold"}]},
    "no date": {"date": None},
    "quoted message without a chat": {"reply_to_message": {"message_id": 3}},
    "unknown contents of a poll": {"poll": {"id": 5, "options": "?"}},
    "number beyond 64 bits": {"sender_boost_count": 2**70},
}


@pytest.mark.parametrize("part", STRANGE_PARTS)
@pytest.mark.parametrize("kind", ["message", "edited_message"])
def test_the_words_of_a_message_are_read_beside_what_is_strange(
    bot: Bot, part: str, kind: str
) -> None:
    private = {**MESSAGE, "chat": {"id": PERSON, "type": "private"}, **STRANGE_PARTS[part]}
    update = parse_update({"update_id": 1, kind: private}, bot)
    assert update is not None
    assert isinstance(update.event, Message)
    assert (update.event.text, update.event.chat.id) == ("да", PERSON)
    assert update.event.from_user is not None
    assert update.event.bot is bot


def test_a_press_below_a_strange_message_is_a_press(bot: Bot) -> None:
    below = {**MESSAGE, **STRANGE_PARTS["hidden user without a name"]}
    query = {"id": "1", "from": USER, "chat_instance": "1", "message": below, "data": "go:menu"}
    update = parse_update({"update_id": 1, "callback_query": query}, bot)
    assert update is not None
    assert update.callback_query is not None
    assert update.callback_query.data == "go:menu"
    assert isinstance(update.callback_query.message, Message)
    assert update.callback_query.message.message_id == 5


@pytest.mark.parametrize(
    "event",
    [
        {"message": {**MESSAGE, "message_id": "five"}},
        {"message": {"chat": {"id": GROUP}, "from": {"id": PERSON}}},
        {"callback_query": {"from": USER, "message": {"chat": CHAT, "message_id": 5}}},
    ],
)
def test_who_sent_an_unreadable_update_is_known(bot: Bot, event: dict[str, Any]) -> None:
    update = parse_update({"update_id": 1, **event}, bot)
    assert update is not None
    assert update.message is not None
    assert (update.message.chat.id, update.message.chat.type) == (GROUP, "supergroup")
    assert update.message.from_user is not None
    assert update.message.from_user.id == PERSON
    assert update.message.text is None


def test_what_says_nothing_is_left(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    for data in ({"update_id": 1}, {"update_id": 1, "message": {"text": "Иванова"}}, {"a": 1}):
        assert parse_update(data, bot) is None or "message" not in data
    assert "Иванова" not in caplog.text
    for body in (b"[]", b"{", b'"x"', b"\xff"):
        with pytest.raises(ValueError, match=r".*"):
            parse_update_json(body, bot)


def test_nothing_that_no_database_takes_gets_in(bot: Bot) -> None:
    private = {**MESSAGE, "chat": {"id": PERSON, "type": "private"}, "text": "а\0б\ud800"}
    before = deepcopy(private)
    update = parse_update({"update_id": 1, "message": private}, bot)
    assert update is not None
    assert update.message is not None
    assert update.message.text == "аб?"
    assert private == before
    assert remove_unstorable({"a": [2**63, 1, {"b\0": -(2**63)}], "c": 2**64, "d": True}) == {
        "a": [1, {"b": -(2**63)}],
        "d": True,
    }
