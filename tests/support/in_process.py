"""The whole bot in this process, with the sandbox's Telegram and a fake mailer."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import TelegramMethod
from aiogram.types import InputFile, LinkPreviewOptions
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from bot.app import factories
from bot.app.container import Application, build_application
from bot.db.database import is_in_transaction
from bot.db.locks import UpdateTurn
from bot.domain import Account, Address, Answer, Category, Request
from bot.fsm.storage import current_turn
from bot.services.accounts import Accounts
from bot.settings import Settings
from bot.telegram.inbox import build_chat_key
from bot.telegram.session import LenientResponses
from bot.telegram.update_parser import parse_update
from sandbox.bot_api.methods import Methods, Upload
from sandbox.bot_api.routes import resolve_media
from sandbox.bot_api.state import ApiError, Telegram
from tests.support.clock import FakeClock
from tests.support.counting_hasher import CountingHasher
from tests.support.fake_mailer import FakeMailer
from tests.support.no_break_spaces import read_spaces
from tests.support.phone import Phone, holds
from tests.support.staff_phone import StaffPhone

STAFF_CHAT_ID = -1_001_000_000_500
PASSWORD = "синий чайник у окна"
#: Marks a module: each of its tests runs on every kind of storage.
EACH_STORAGE = pytest.mark.parametrize("cabinet", ["sqlite", "postgresql", "redis"], indirect=True)
#: For tests that count statements.
ON_SQLITE = pytest.mark.parametrize("cabinet", ["sqlite"], indirect=True)
#: No test cuts the power, and waiting for the disk would take most of the time.


class InMemorySession(LenientResponses, BaseSession):
    """A session that calls the sandbox's methods directly, with parameters as HTTP sends them."""

    def __init__(self, telegram: Telegram) -> None:
        super().__init__()
        self._telegram = telegram
        self._methods = Methods(telegram)

    async def make_request(
        self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None
    ) -> Any:
        assert not is_in_transaction(), "nothing is said inside a transaction"
        name = method.__api_method__
        self._telegram.calls.append(name)
        fault = self._telegram.take_fault(name)
        try:
            if fault is not None and fault.error is not None:
                raise fault.error
            answer = await self._methods.call(name, await self._prepare_parameters(bot, method))
            if fault is not None:
                answer = fault.alter(answer)
            code, content = 200, {"ok": True, "result": answer}
        except ApiError as error:
            code = error.code
            content = {"ok": False, "error_code": code, "description": error.description}
            if error.parameters:
                content["parameters"] = error.parameters
        if fault is not None and fault.lost:
            raise TelegramNetworkError(method=method, message="the answer was lost")
        return self.check_response(bot, method, code, json.dumps(content)).result

    async def _prepare_parameters(self, bot: Bot, method: TelegramMethod[Any]) -> dict[str, Any]:
        files: dict[str, InputFile] = {}
        values = {
            key: prepared
            for key, value in method.model_dump(warnings=False).items()
            if (prepared := self.prepare_value(value, bot=bot, files=files))
        }
        for key, value in values.items():
            file = files.get(str(value).removeprefix("attach://"))
            if file is not None:
                data = b"".join([part async for part in file.read(bot)])
                values[key] = Upload(file.filename or "", data)
        if "media" in values:
            uploads = {
                name: Upload(file.filename or "", b"".join([part async for part in file.read(bot)]))
                for name, file in files.items()
            }
            values["media"] = resolve_media(json.loads(values["media"]), uploads)
        return values

    async def stream_content(
        self, url: str, *args: Any, **kwargs: Any
    ) -> AsyncGenerator[bytes, None]:
        if (fault := self._telegram.take_fault("download")) is not None:
            raise fault.error or TimeoutError
        yield next(
            file.data for file in self._telegram.files.values() if url.endswith(f"/{file.path}")
        )

    async def close(self) -> None: ...


class InProcessPhone(Phone):
    """A phone whose updates the bot handles at once."""

    def __init__(self, cabinet: "InProcessCabinet", user_id: int, name: str, number: str) -> None:
        super().__init__(cabinet.telegram, user_id, name, number)
        self._cabinet = cabinet

    async def wait_until_handled(self) -> None:
        await self._cabinet.take_updates()

    async def expects(self, *words: str) -> str:
        texts = [str(one.get("text", "")) for one in reversed(self.messages)]
        found = [text for text in texts if holds(text, words)]
        assert found, f"{words} not in {self.screen!r}"
        return found[0]

    @property
    def rows(self) -> list[list[str]]:
        """The inline buttons of the newest message, row by row."""
        markup = self.messages[-1].get("reply_markup", {})
        return [[one["text"] for one in row] for row in markup.get("inline_keyboard", [])]

    @property
    def alerts(self) -> list[str]:
        """The alerts that answered presses, oldest first."""
        return [read_spaces(one.text) for one in self.telegram.alerts if one.text]

    @property
    def step(self) -> str:
        """The line of the newest message that begins with «Шаг»."""
        return next((line for line in self.screen.splitlines() if line.startswith("Шаг ")), "")


class InProcessStaffPhone(StaffPhone):
    """A staff member's phone; the bot handles each update, and delivers its notices, at once."""

    def __init__(self, cabinet: "InProcessCabinet", user_id: int, name: str, chat_id: int) -> None:
        super().__init__(cabinet.telegram, chat_id, user_id, name)
        self._cabinet = cabinet

    async def wait_until_handled(self) -> None:
        await self._cabinet.take_updates()
        # The bot gathers the files of an album for a moment.
        self._cabinet.clock.advance(seconds=2)
        await self._cabinet.deliver()

    def has_message(self, words: str) -> bool:
        return any(words in str(one.get("text", "")) for one in self.messages)


class InProcessCabinet:
    """The bot and its surroundings; ``run`` again starts a new process of it in effect."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # A bot id of its own keeps keys in Redis apart from other tests.
        self.telegram = Telegram(f"{uuid4().int % 10**9}:chat")
        self.telegram.add_group(STAFF_CHAT_ID, "Поддержка")
        self.mailer = FakeMailer()
        self.clock = FakeClock()
        self.settings: dict[str, Any] = {"database_url": f"sqlite+aiosqlite:///{folder}/cabinet.db"}
        #: Every update that the bot handled, for repeating.
        self.taken: list[dict[str, Any]] = []
        self._people = 1000

    app: Application
    hasher: CountingHasher

    @asynccontextmanager
    async def run(self, **settings: Any) -> AsyncIterator["InProcessCabinet"]:
        self.settings |= settings
        self.hasher = CountingHasher()
        bot = Bot(
            self.telegram.token,
            session=InMemorySession(self.telegram),
            default=DefaultBotProperties(
                parse_mode="HTML",
                link_preview=LinkPreviewOptions(is_disabled=True),
                # The message that is replied to may have been deleted meanwhile.
                allow_sending_without_reply=True,
            ),
        )
        made = Settings(
            _env_file=None,
            staff_chat_id=STAFF_CHAT_ID,
            bot_token=self.telegram.token,
            files_url=f"file://{self.folder}/files",
            company_name="Сети <Севера> & Юга",
            **{"staff_messages_per_minute": 6000, "undo_seconds": 0, **self.settings},
        )
        async with (
            factories.connect_redis(made) or nullcontext() as redis,
            build_application(
                made,
                bot=bot,
                notices_bot=bot,
                mailer=self.mailer,
                clock=self.clock,
                hasher=self.hasher,
                redis=redis,
            ) as self.app,
        ):
            database = self.app.database
            await database.dispose()
            if database.serves_one_process:
                database._pragmas.append("synchronous = OFF")
            else:
                hurry = partial(_execute, "SET synchronous_commit = OFF")
                event.listen(database._engine.sync_engine, "connect", hurry)
            yield self

    def add_phone(self, name: str = "Анна") -> InProcessPhone:
        self._people += 1
        return InProcessPhone(self, self._people, name, f"+7912345{self._people}")

    def add_staff_phone(
        self, user_id: int = 501, name: str = "Мария", chat_id: int = STAFF_CHAT_ID
    ) -> InProcessStaffPhone:
        return InProcessStaffPhone(self, user_id, name, chat_id)

    async def add_consumer(
        self, name: str = "Иванова Анна Петровна", category: Category = Category.INDIVIDUAL
    ) -> InProcessPhone:
        """A consumer with an account (``PASSWORD``), logged in, at the main menu."""
        phone = self.add_phone(name)
        account = await self.add_account(get_email(phone), name, category)
        hashed = await self.hasher.hash(PASSWORD)
        async with self.app.database.begin() as tx:
            await tx.accounts.set_password(account.id, hashed, temporary=False)
        await self.accounts.log_in(
            Address.from_chat(phone.user_id), account.email, PASSWORD, name=name
        )
        await phone.say("/start")
        return phone

    async def add_account(
        self,
        email: str,
        name: str = "Иванова Анна Петровна",
        category: Category = Category.INDIVIDUAL,
    ) -> Account:
        await self.accounts.register(
            draft_id=email,
            category=category,
            name=name,
            email=email,
            phone="+79123456789",
            locale="ru",
            consent_version="1",
            consent_text="Согласен",
            address=Address.from_chat(1),
        )
        async with self.app.database.read() as tx:
            found = await tx.accounts.get_by_email(email)
        assert found is not None
        return found

    async def register_request(
        self,
        phone: Phone,
        type_code: str = "meter_reading_visit",
        *,
        emergency: bool = False,
        scans: Sequence[tuple[str, bytes]] = (),
        are_photos: bool = False,
    ) -> Request:
        """A request of a consumer, as the last step of its form registers it."""
        draft_id = uuid4().hex
        account = await self.get_account(phone)
        for number, (name, data) in enumerate(scans):
            await self.app.services.scans.accept(
                draft_id, f"{number}", name, data, is_photo=are_photos
            )
        return await self.app.services.requests.register(
            draft_id=draft_id,
            account=account,
            type_code="grid_asset_theft" if emergency else type_code,
            raw_answers={"danger": "yes"} if emergency else {},
            answers=[Answer(key="address", label="Адрес", value="Тула, ул. Мира, 1")],
            text="Прошу рассмотреть",
        )

    async def get_account(self, phone: Phone) -> Account:
        async with self.app.database.read() as tx:
            found = await tx.accounts.get_by_email(get_email(phone))
        assert found is not None
        return found

    @property
    def accounts(self) -> Accounts:
        return self.app.services.accounts

    @property
    def today(self) -> date:
        return self.clock.now().date()

    async def take_updates(self) -> None:
        while self.telegram.updates:
            await self._take_update(self.telegram.updates.pop(0))

    async def take_updates_at_once(self) -> None:
        """Handles all waiting updates in parallel, as a webhook would."""
        updates, self.telegram.updates = self.telegram.updates, []
        await asyncio.gather(*(self._take_update(update) for update in updates))

    async def _take_update(self, update: dict[str, Any]) -> None:
        self.taken.append(update)
        parsed = parse_update(update, self.app.bot)
        if parsed is None:
            return
        # As by the inbox; no process has crashed here.
        turn = UpdateTurn(build_chat_key(parsed), parsed.update_id, counted=True)
        token = current_turn.set(turn)
        try:
            await self.app.handle(parsed)
        finally:
            current_turn.reset(token)

    async def deliver(self) -> None:
        """Delivers everything that waits in the outbox."""
        while await self.app.delivery.drain_once():
            pass

    async def count_requests(self) -> int:
        """How many requests there are, of all consumers."""
        async with self.app.database.read() as tx:
            found = await tx.connection.exec_driver_sql("SELECT count(*) FROM requests")
            return int(found.scalar_one())


def _execute(statement: str, connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute(statement)
    cursor.close()


def get_email(phone: Phone) -> str:
    return f"person{phone.user_id}@example.ru"


async def read_metrics(cabinet: InProcessCabinet) -> dict[str, float]:
    """Samples by name and labels, such as ``cabinet_notices_total card sent``."""
    exposed = (await cabinet.app.render_metrics()).decode()
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(exposed)
        for sample in family.samples
    }
