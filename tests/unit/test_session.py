"""What goes over the wire to Telegram, and what comes back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from aiohttp import ClientError, web
from aiohttp.test_utils import TestServer

from bot.telegram.proxy_session import ProxySession
from bot.telegram.session import JsonSession
from tests.support.world import find_free_port

MESSAGE = {"message_id": 5, "date": 1_764_000_000, "chat": {"id": 7, "type": "private"}}


class FakeBotApi:
    """A Bot API server that answers as tests set it, and keeps the last call."""

    def __init__(self) -> None:
        self.status = 200
        self.answer: str | dict[str, object] = {"ok": True, "result": MESSAGE}
        self.said: dict[str, object] = {}
        self.content_type = ""

    async def receive(self, request: web.Request) -> web.Response:
        self.content_type = request.content_type
        told = await (request.json() if "json" in self.content_type else request.post())
        self.said = dict(told)
        if isinstance(self.answer, str):
            return web.Response(text=self.answer, status=self.status)
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
async def bot_api() -> FakeBotApi:
    return FakeBotApi()


@pytest.fixture
async def bot(bot_api: FakeBotApi) -> AsyncIterator[Bot]:
    app = web.Application()
    app.router.add_post("/{path:.*}", bot_api.receive)
    async with (
        TestServer(app) as server,
        JsonSession(api=TelegramAPIServer.from_base(str(server.make_url("")))) as session,
    ):
        yield Bot(
            "42:x",
            session=session,
            default=DefaultBotProperties(
                parse_mode="HTML", link_preview=LinkPreviewOptions(is_disabled=True)
            ),
        )


async def test_a_message_goes_as_json_with_what_holds_for_all(
    bot: Bot, bot_api: FakeBotApi
) -> None:
    button = InlineKeyboardButton(text="Да", callback_data="yes")
    sent = await bot.send_message(
        7, "Готово?", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]])
    )
    assert sent.message_id == 5
    assert sent.bot is bot
    assert bot_api.content_type == "application/json"
    assert bot_api.said == {
        "chat_id": 7,
        "text": "Готово?",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": {"inline_keyboard": [[{"text": "Да", "callback_data": "yes"}]]},
    }


async def test_times_and_what_holds_for_all_inside_of_something_go_as_json(
    bot: Bot, bot_api: FakeBotApi
) -> None:
    await bot.send_message(7, "Да", reply_parameters=ReplyParameters(message_id=3, quote="д"))
    assert bot_api.said["reply_parameters"] == {
        "message_id": 3,
        "quote": "д",
        "quote_parse_mode": "HTML",
    }
    bot_api.answer = {"ok": True, "result": True}
    await bot.ban_chat_member(7, 8, until_date=datetime.fromtimestamp(1_764_000_000, UTC))
    assert bot_api.said == {"chat_id": 7, "user_id": 8, "until_date": "1764000000"}


async def test_a_file_goes_in_a_form(bot: Bot, bot_api: FakeBotApi) -> None:
    await bot.send_document(7, BufferedInputFile(b"%PDF", "act.pdf"), caption="Акт")
    assert bot_api.content_type == "multipart/form-data"
    file = next(one for one in bot_api.said.values() if isinstance(one, web.FileField))
    assert file.filename == "act.pdf"
    assert bot_api.said["caption"] == "Акт"


async def test_no_and_nothing_are_told_apart(bot: Bot, bot_api: FakeBotApi) -> None:
    bot_api.answer = {"ok": True, "result": True}
    await bot.answer_callback_query("1", show_alert=False, cache_time=0)
    assert bot_api.said == {"callback_query_id": "1", "show_alert": False, "cache_time": 0}


@pytest.mark.parametrize(
    ("status", "extra", "error"),
    [
        (400, {}, TelegramBadRequest),
        (429, {"parameters": {"retry_after": 3}}, TelegramRetryAfter),
        (502, {}, TelegramServerError),
    ],
)
async def test_refusals_are_told_by_their_kind(
    bot: Bot, bot_api: FakeBotApi, status: int, extra: dict[str, object], error: type[Exception]
) -> None:
    bot_api.status = status
    bot_api.answer = {"ok": False, "error_code": status, "description": "no", **extra}
    with pytest.raises(error):
        await bot.send_message(7, "да")


@pytest.mark.parametrize("status", [200, 403, 404, 502])
@pytest.mark.parametrize("answer", ["<html>", "", "{}", "[]", "null", '{"ok": false}'])
async def test_what_is_no_answer_of_telegram_means_that_it_is_away(
    bot: Bot, bot_api: FakeBotApi, answer: str, status: int
) -> None:
    bot_api.status, bot_api.answer = status, answer
    with pytest.raises(TelegramServerError, match=f"HTTP {status}"):
        await bot.send_message(7, "да")


async def test_a_result_of_another_shape_is_an_error(bot: Bot, bot_api: FakeBotApi) -> None:
    bot_api.answer = '{"ok": true, "result": {"date": 5}}'
    with pytest.raises(ClientDecodeError):
        await bot.send_message(7, "да")


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_is_away_is_a_network_that_is_away(scheme: str) -> None:
    proxy = f"{scheme}://127.0.0.1:{find_free_port()}"
    async with ProxySession(proxy=proxy) as session:
        bot = Bot("1:a", session=session)
        with pytest.raises(TelegramNetworkError):
            await bot.get_me()
        with pytest.raises(ClientError):
            await bot.download_file("photos/1.jpg", BytesIO())
