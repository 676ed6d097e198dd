"""The table of handlers finds whom aiogram finds by asking one after the other."""

from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram import Bot, Dispatcher, F, Router
from aiogram.dispatcher.event.bases import UNHANDLED, SkipHandler
from aiogram.filters import Command, CommandStart
from aiogram.types import CallbackQuery, Chat, Message, TelegramObject, Update, User

from bot.handlers import build_routers
from bot.keyboards import FormButton, Go, RequestAction
from bot.telegram.filters import Matches, PressOf
from bot.telegram.routing import DirectRouting

ANNA = User(id=7, is_bot=False, first_name="Анна")
CHAT = Chat(id=7, type="private")
FORM_BUTTON = FormButton(draft="1", at=0, act="skip").pack()


def fill(root: Dispatcher) -> Dispatcher:
    """Routers below ``root`` whose handlers return their own names."""

    def answer(name: str) -> Any:
        async def handle(_: TelegramObject) -> str:
            return name

        return handle

    async def skip(_: TelegramObject) -> None:
        raise SkipHandler

    first, inner, last = Router(), Router(), Router()
    first.message.register(answer("photo"), Matches(F.photo))
    first.message.register(answer("link"), CommandStart(deep_link=True))
    first.message.register(answer("start"), CommandStart())
    first.message.register(answer("new or open"), Command("new", "open"))
    first.message.register(answer("bold"), Matches(F.text == "смело"))
    first.callback_query.register(skip, PressOf(Go(to="menu")))
    first.callback_query.register(answer("form"), FormButton.filter())
    inner.callback_query.register(answer("menu"), PressOf(Go(to="menu"), Go(to="home")))
    inner.callback_query.register(answer("rating"), RequestAction.filter(F.act == "rate"))
    inner.callback_query.register(answer("any request"), RequestAction.filter())
    inner.callback_query.register(answer("any place"), Go.filter())
    inner.edited_message.register(answer("edited"), Command("start"))
    last.message.register(answer("other"), Matches(F.text))
    last.callback_query.register(answer("outdated"))
    first.include_router(inner)
    for router in (first, last):
        router.message.filter(Matches(F.chat.id == CHAT.id))
    root.include_routers(first, last)
    return root


def build_message(text: str | None, chat: Chat = CHAT) -> Message:
    now = datetime.now(UTC)
    return Message(message_id=1, date=now, chat=chat, from_user=ANNA, text=text)


@pytest.mark.parametrize(
    ("text", "handler"),
    [
        ("/start", "start"),
        ("/start r1", "link"),
        (" /start", "start"),
        ("/start@some_bot", "start"),
        ("/start@other_bot", "other"),
        ("/open\nвсё", "new or open"),
        ("/start:1", "other"),
        ("/Start", "other"),
        ("/help", "other"),
        ("start", "other"),
        ("смело", "bold"),
        ("  ", "other"),
        ("", UNHANDLED),
        (None, UNHANDLED),
    ],
)
async def test_messages(text: str | None, handler: Any) -> None:
    await check("message", build_message(text), handler)


@pytest.mark.parametrize(
    ("data", "handler"),
    [
        ("go:menu", "menu"),
        ("go:home", "menu"),
        ("go:elsewhere", "any place"),
        ("go:menu:1", "outdated"),
        ("go", "outdated"),
        (FORM_BUTTON, "form"),
        (f"{FORM_BUTTON}:1", "outdated"),
        ("q:rate:1:5", "rating"),
        ("q:copy:1:0", "any request"),
        ("q:no_such:1:0", "outdated"),
        ("", "outdated"),
        (":", "outdated"),
        (None, "outdated"),
    ],
)
async def test_presses(data: str | None, handler: Any) -> None:
    query = CallbackQuery(id="1", from_user=ANNA, chat_instance="1", data=data)
    await check("callback_query", query, handler)


async def test_other_events_and_chats() -> None:
    await check("edited_message", build_message("/start"), "edited")
    await check("edited_message", build_message("да"), UNHANDLED)
    await check("channel_post", build_message("/start"), UNHANDLED)
    await check("message", build_message("/start", Chat(id=8, type="private")), UNHANDLED)


async def check(kind: str, event: TelegramObject, handler: Any) -> None:
    bot = Bot("1:a")
    bot._me = User(id=1, is_bot=True, first_name="", username="some_bot")
    update = Update.model_validate({"update_id": 1, kind: event}).as_(bot)
    one_by_one, by_table = fill(Dispatcher()), fill(Dispatcher())
    by_table.update.outer_middleware(DirectRouting(by_table))
    for dispatcher in (one_by_one, by_table):
        assert await dispatcher.feed_update(bot, update) == handler, dispatcher


def test_of_the_routers_only_the_first_have_filters_and_none_has_middlewares() -> None:
    for first in build_routers():
        for router in first.chain_tail:
            for observer in router.observers.values():
                assert router is first or not observer._handler.filters, router
                assert not [*observer.middleware, *observer.outer_middleware], router
