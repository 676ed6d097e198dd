"""The sandbox's Bot API refuses what Telegram refuses, in its words."""

from typing import Any

import pytest

from sandbox.bot_api.methods import Methods, Upload
from sandbox.bot_api.state import ApiError, Telegram

ANNA = 7
GROUP = -100
TWO_DAYS = 48 * 3600
PNG = Upload("chart.png", b"\x89PNG\r\n\x1a\n")
PDF = Upload("act.pdf", b"%PDF-1.7")
MENU = [{"command": "start", "description": "Начать"}]
STAFF_MENU = [{"command": "find", "description": "Найти"}]


@pytest.fixture
def telegram() -> Telegram:
    telegram = Telegram("1:token")
    telegram.add_person(ANNA, "Анна")
    telegram.add_group(GROUP, "Поддержка")
    telegram.send(ANNA, ANNA, text="/start")
    return telegram


@pytest.fixture
def methods(telegram: Telegram) -> Methods:
    return Methods(telegram)


async def call_refused(methods: Methods, method: str, **parameters: Any) -> str:
    with pytest.raises(ApiError) as refused:
        await methods.call(method, {"chat_id": ANNA, **parameters})
    return refused.value.description.partition(": ")[2]


async def send_text(methods: Methods, **parameters: Any) -> int:
    message = await methods.call("sendMessage", {"chat_id": ANNA, "text": "да", **parameters})
    return int(message["message_id"])


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"text": " "}, "message text is empty"),
        ({"text": "я" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "<b>да", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag"),
        ({"text": "<br>", "parse_mode": "HTML"}, "can't parse entities: Unsupported start tag"),
        ({"text": "да", "message_thread_id": 5}, "message thread not found"),
        ({"text": "да", "reply_parameters": {"message_id": 5}}, "message to be replied not found"),
        ({"text": "да", "colour": "red"}, "unknown parameters colour"),
    ],
)
async def test_messages(methods: Methods, parameters: dict[str, Any], reason: str) -> None:
    assert reason in await call_refused(methods, "sendMessage", **parameters)


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"text": "", "callback_data": "x"}, "text of an inline keyboard button is empty"),
        ({"text": "Да"}, "button type is invalid"),
        ({"text": "Да", "callback_data": "x", "url": "https://e.ru"}, "button type is invalid"),
        ({"text": "Да", "callback_data": "я" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "Да", "copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "Да", "callback_data": "x", "style": "pink"}, "button style is invalid"),
    ],
)
async def test_buttons(methods: Methods, button: dict[str, Any], reason: str) -> None:
    markup = {"inline_keyboard": [[button]]}
    assert reason in await call_refused(methods, "sendMessage", text="да", reply_markup=markup)


async def test_edits_and_deletions(methods: Methods, telegram: Telegram) -> None:
    message = await send_text(methods)
    assert "not modified" in await call_refused(
        methods, "editMessageText", message_id=message, text="да"
    )
    photo = await methods.call("sendPhoto", {"chat_id": ANNA, "photo": PNG, "caption": "график"})
    assert "no text in the message" in await call_refused(
        methods, "editMessageText", message_id=photo["message_id"], text="да"
    )
    assert "no caption in the message" in await call_refused(
        methods, "editMessageCaption", message_id=message, caption="да"
    )
    assert "IMAGE_PROCESS_FAILED" in await call_refused(methods, "sendPhoto", photo=PDF)
    await methods.call("sendDocument", {"chat_id": ANNA, "document": PDF})
    telegram.seconds_ahead = TWO_DAYS + 60
    assert "can't be deleted for everyone" in await call_refused(
        methods, "deleteMessage", message_id=message
    )
    telegram.seconds_ahead = 0
    assert await methods.call("deleteMessage", {"chat_id": ANNA, "message_id": message})
    assert "message to delete not found" in await call_refused(
        methods, "deleteMessage", message_id=message
    )


async def test_who_may_be_written_to(methods: Methods, telegram: Telegram) -> None:
    telegram.add_person(8, "Борис")
    assert "can't initiate" in await call_refused(methods, "sendMessage", chat_id=8, text="да")
    telegram.set_blocked(ANNA, blocked=True)
    assert "blocked by the user" in await call_refused(methods, "sendMessage", text="да")
    told = telegram.updates[-1]["my_chat_member"]
    assert told["old_chat_member"]["status"] == "member"
    assert told["new_chat_member"]["status"] == "kicked"
    telegram.set_blocked(ANNA, blocked=False)
    assert telegram.updates[-1]["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert await send_text(methods)


async def test_presses_are_answered_once_and_in_time(methods: Methods, telegram: Telegram) -> None:
    query = telegram.press(ANNA, ANNA, await send_text(methods), "go:menu")
    answer = {"callback_query_id": query, "text": "Готово", "show_alert": True}
    assert await methods.call("answerCallbackQuery", answer)
    (alert,) = telegram.alerts
    assert (alert.user_id, alert.text, alert.modal) == (ANNA, "Готово", True)
    with pytest.raises(ApiError, match="query is too old"):
        await methods.call("answerCallbackQuery", answer)


async def test_the_nearest_menu_is_shown(methods: Methods, telegram: Telegram) -> None:
    private = {"type": "all_private_chats"}
    english = [{"command": "start", "description": "Start"}]
    await methods.call("setMyCommands", {"commands": MENU, "scope": private})
    await methods.call(
        "setMyCommands", {"commands": english, "scope": private, "language_code": "en"}
    )
    group = {"type": "chat", "chat_id": GROUP}
    await methods.call("setMyCommands", {"commands": STAFF_MENU, "scope": group})
    assert telegram.get_commands(telegram.chats[ANNA], "ru") == MENU
    assert telegram.get_commands(telegram.chats[ANNA], "en") == english
    assert telegram.get_commands(telegram.chats[GROUP], "") == STAFF_MENU
    assert telegram.get_commands(telegram.chats[GROUP], "en") == STAFF_MENU


async def test_the_menu_button_opens_https_or_this_machine_only(methods: Methods) -> None:
    async def set_button(url: str, text: str = "Кабинет", **about: int) -> bool:
        button = {"type": "web_app", "text": text, "web_app": {"url": url}}
        return bool(await methods.call("setChatMenuButton", {"menu_button": button, **about}))

    of_all = {"chat_id": ANNA}
    assert await methods.call("getChatMenuButton", of_all) == {"type": "commands"}
    for url in ("https://lk.example.ru/miniapp", "http://127.0.0.1:8082/miniapp"):
        assert await set_button(url)
        shown = await methods.call("getChatMenuButton", of_all)
        assert shown["web_app"] == {"url": url}
    with pytest.raises(ApiError, match="Only HTTPS links are allowed"):
        await set_button("http://lk.example.ru/miniapp")
    with pytest.raises(ApiError, match="Wrong URL"):
        await set_button("miniapp")
    with pytest.raises(ApiError, match="text must be non-empty"):
        await set_button("https://lk.example.ru/", "")
    with pytest.raises(ApiError, match="unsupported type"):
        await methods.call("setChatMenuButton", {"menu_button": {"type": "link"}})
    with pytest.raises(ApiError, match="chat not found"):
        await set_button("https://lk.example.ru/", chat_id=GROUP)
    await methods.call("setChatMenuButton", {"menu_button": {"type": "default"}})
    assert await methods.call("getChatMenuButton", of_all) == {"type": "commands"}


async def test_what_the_bot_is_doing_ends_with_its_message(
    methods: Methods, telegram: Telegram
) -> None:
    await methods.call("sendChatAction", {"chat_id": ANNA, "action": "typing"})
    action = telegram.chats[ANNA].action
    assert action is not None
    assert action[0] == "typing"
    await send_text(methods)
    assert telegram.chats[ANNA].action is None
    assert "wrong parameter action" in await call_refused(
        methods, "sendChatAction", action="thinking"
    )


async def test_methods_that_are_not_there_are_violations(
    methods: Methods, telegram: Telegram
) -> None:
    with pytest.raises(ApiError, match="Not Found"):
        await methods.call("banChatMember", {})
    assert telegram.violations == ["banChatMember: no such method here"]
