import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiogram import Bot
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageReplyMarkup,
    SendMessage,
    TelegramMethod,
)
from aiogram.types import InlineKeyboardMarkup, Update
from aiohttp import TCPConnector
from aiohttp.test_utils import TestClient, TestServer

from bot import __version__
from bot.metrics import Metrics
from bot.telegram import inbox as inbox_module
from bot.telegram import webhook as webhook_module
from bot.telegram.deadline import TelegramCalls
from bot.telegram.inbox import Inbox
from bot.telegram.methods import RemoveButtons
from bot.telegram.webhook import IN_HAND, WEBHOOK_PATH, Webhook, WebhookReply
from bot.web.server import build_web
from tests.support.in_memory_inbox import InboxTable, InMemoryInboxStore, RecordedReplies

SECRET = "tell-nobody_1"
HEADER = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
MESSAGE = {
    "update_id": 5,
    "message": {
        "message_id": 1,
        "date": 1764000000,
        "chat": {"id": 7, "type": "private"},
        "text": "Войти",
    },
}


def message_of(number: int) -> dict[str, Any]:
    """An update of a chat of its own."""
    chat = {"id": 1000 + number, "type": "private"}
    return {
        "update_id": number,
        "message": {"message_id": 1, "date": 1764000000, "chat": chat, "text": "Войти"},
    }


class FakeBackend:
    """The database, metrics and update handler behind the web server."""

    def __init__(self) -> None:
        self.database_answers = True
        self.measures = Metrics()
        self.handled: list[Update] = []
        self.handling = asyncio.Event()
        self.may_finish = asyncio.Event()
        self.may_finish.set()
        self.table = InboxTable()

    def build_inbox(self, bot: Bot, handle: Callable[[Update], Awaitable[None]]) -> Inbox:
        store, replies = InMemoryInboxStore(self.table), RecordedReplies()
        return Inbox(bot, store, handle, replies, TelegramCalls(), per_chat=200)

    async def ping(self) -> None:
        if not self.database_answers:
            raise ConnectionError("postgresql://bot:password@host")

    async def metrics(self) -> bytes:
        return self.measures.render({"card": (3, 61.5)}, {"parked": 2})

    async def handle(self, update: Update) -> None:
        self.handling.set()
        await self.may_finish.wait()
        self.handled.append(update)


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
async def client(backend: FakeBackend) -> AsyncIterator[TestClient[Any, Any]]:
    bot = Bot("1:a")
    inbox = backend.build_inbox(bot, backend.handle)
    webhook = Webhook(bot, SECRET, inbox)
    app = build_web(
        probes={"database": backend.ping},
        metrics=backend.metrics,
        post_routes={WEBHOOK_PATH: webhook.receive},
    )
    # As many connections as it wants; Telegram asks no more of its own.
    async with (
        inbox.run(),
        TestClient(TestServer(app), connector=TCPConnector(limit=0)) as client,
    ):
        yield client


async def test_an_update_is_handled_before_it_is_answered(
    client: TestClient[Any, Any], backend: FakeBackend
) -> None:
    backend.may_finish.clear()
    posting = asyncio.create_task(client.post(WEBHOOK_PATH, json=MESSAGE, headers=HEADER))
    await backend.handling.wait()
    assert not posting.done()
    backend.may_finish.set()
    assert (await posting).status == 200
    (update,) = backend.handled
    assert update.message is not None
    assert update.message.text == "Войти"
    assert update.message.bot is not None


@pytest.mark.parametrize("headers", [{}, {"X-Telegram-Bot-Api-Secret-Token": "tell-nobody_2"}])
async def test_without_the_secret_nothing_is_handled(
    client: TestClient[Any, Any], backend: FakeBackend, headers: dict[str, str]
) -> None:
    assert (await client.post(WEBHOOK_PATH, json=MESSAGE, headers=headers)).status == 401
    assert backend.handled == []


async def test_a_secret_in_foreign_bytes_is_refused(client: TestClient[Any, Any]) -> None:
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(
        f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n".encode()
        + b"X-Telegram-Bot-Api-Secret-Token: \xff\xfe\r\nConnection: close\r\n\r\n"
    )
    assert b" 401 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_what_takes_long_is_answered_once_it_is_in_the_inbox(
    client: TestClient[Any, Any], backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "STORE_AFTER_SECONDS", 0.02)
    backend.may_finish.clear()
    assert (await client.post(WEBHOOK_PATH, json=MESSAGE, headers=HEADER)).status == 200
    assert backend.handled == []
    assert backend.table.states() == {5: "working"}
    backend.may_finish.set()


async def test_what_is_neither_handled_nor_stored_comes_again(
    client: TestClient[Any, Any], backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_module, "_ANSWER_SECONDS", 0.1)
    backend.may_finish.clear()
    assert (await client.post(WEBHOOK_PATH, json=MESSAGE, headers=HEADER)).status == 503
    backend.may_finish.set()
    assert (await client.post(WEBHOOK_PATH, json=MESSAGE, headers=HEADER)).status == 200
    assert len(backend.handled) >= 1


async def test_beyond_the_work_in_hand_telegram_is_asked_to_come_back(
    client: TestClient[Any, Any], backend: FakeBackend
) -> None:
    backend.may_finish.clear()
    posts = [
        asyncio.create_task(client.post(WEBHOOK_PATH, json=message_of(number), headers=HEADER))
        for number in range(IN_HAND + 16)
    ]
    refused = []
    for finished in asyncio.as_completed(posts[:]):
        refused.append((await finished).status)
        if len(refused) == 16:
            break
    assert refused == [503] * 16
    backend.may_finish.set()
    assert sorted([(await post).status for post in posts]) == [200] * IN_HAND + [503] * 16
    assert len(backend.handled) == IN_HAND
    last = message_of(500)
    assert (await client.post(WEBHOOK_PATH, json=last, headers=HEADER)).status == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json", 400),
        (b"", 400),
        (b'{"message": {}}', 200),
        (b" " * (1024**2 + 1), 413),
    ],
)
async def test_strange_bodies(
    client: TestClient[Any, Any], backend: FakeBackend, body: bytes, status: int
) -> None:
    assert (await client.post(WEBHOOK_PATH, data=io.BytesIO(body), headers=HEADER)).status == status
    assert backend.handled == []


async def test_it_is_ready_while_the_database_answers(
    client: TestClient[Any, Any], backend: FakeBackend
) -> None:
    ready = await client.get("/readyz")
    assert (ready.status, await ready.text()) == (200, "database: ok\n")
    backend.database_answers = False
    broken = await client.get("/readyz")
    assert (broken.status, await broken.text()) == (503, "database: does not answer\n")
    health = await client.get("/healthz")
    assert (health.status, await health.text()) == (200, f"ok, cabinet {__version__}\n")


async def test_metrics_tell_the_depth_of_outbox_and_inbox(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    text = await answer.text()
    assert 'cabinet_outbox_waiting{kind="card"} 3.0' in text
    assert 'cabinet_inbox_updates{state="parked"} 2.0' in text
    assert 'cabinet_outbox_age_seconds{kind="card"} 61.5' in text
    assert "process_resident_memory_bytes" in text


async def test_without_a_webhook_its_path_is_not_there(backend: FakeBackend) -> None:
    app = build_web(probes={}, metrics=backend.metrics)
    async with TestClient(TestServer(app)) as client:
        assert (await client.post(WEBHOOK_PATH, json=MESSAGE, headers=HEADER)).status == 404
        assert (await client.get("/readyz")).status == 200


async def test_one_method_goes_with_the_answer(backend: FakeBackend) -> None:
    bot = Bot("1:a")
    called: list[str] = []

    async def make_request(bot: Bot, method: TelegramMethod[Any]) -> bool:
        called.append(method.__api_method__)
        return True

    async def call(method: TelegramMethod[Any]) -> None:
        assert await WebhookReply()(make_request, bot, method) is True  # type: ignore[comparison-overlap]

    async def handle(update: Update) -> None:
        await call(SendMessage(chat_id=7, text="Пароль?"))
        # Buttons that ask something must arrive.
        await call(
            EditMessageReplyMarkup(
                chat_id=7, message_id=3, reply_markup=InlineKeyboardMarkup(inline_keyboard=[])
            )
        )
        await call(AnswerCallbackQuery(callback_query_id="9", text="Устарело", show_alert=True))
        await call(RemoveButtons(chat_id=7, message_id=3))

    inbox = backend.build_inbox(bot, handle)
    webhook = Webhook(bot, SECRET, inbox)
    app = build_web(probes={}, metrics=backend.metrics, post_routes={WEBHOOK_PATH: webhook.receive})
    async with inbox.run(), TestClient(TestServer(app)) as client:
        answer = await client.post(WEBHOOK_PATH, json=MESSAGE, headers=HEADER)
        assert await answer.json() == {
            "method": "answerCallbackQuery",
            "callback_query_id": "9",
            "text": "Устарело",
            "show_alert": True,
        }
    # One has room there; and outside of a webhook's answer there is none.
    assert called == ["sendMessage", "editMessageReplyMarkup", "editMessageReplyMarkup"]
    await call(AnswerCallbackQuery(callback_query_id="9"))
    assert called[-1] == "answerCallbackQuery"
