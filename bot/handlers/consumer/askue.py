"""ASKUE: a slow gateway is waited for beside the conversation, which goes on meanwhile."""

import asyncio
import logging
import traceback
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.domain import Account
from bot.fsm.model import Draft, Field, Form, Rejected
from bot.handlers.consumer.context import SignedIn, Visit
from bot.handlers.consumer.forms import FormAction, Farewell, Forms
from bot.handlers.consumer.screen import Alert, edit_view, send_view
from bot.integrations.askue import Askue, MeterState, Passwords
from bot.integrations.spreadsheets import write_xlsx
from bot.integrations.worker_process import Workshop
from bot.keyboards import AskuePage, Go
from bot.services.clock import Clock
from bot.services.errors import AskueFailed
from bot.services.rate_limits import Limited
from bot.services.readings import Readings
from bot.texts import Texts
from bot.views.askue import Look

log = logging.getLogger(__name__)

_TYPING_SECONDS = 4.0
#: Tables that people page through: the oldest give way, and none is kept for longer.
_TABLES = 500
_TABLE_LIFETIME = timedelta(minutes=30)
_PARTING_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What the gateway gave to an account, and when."""

    account_id: int
    states: tuple[MeterState, ...]
    at: datetime


class Desk:
    """Waits for gateways, one call a chat at a time, and holds what they gave in memory only."""

    def __init__(
        self, askue: Askue | None, readings: Readings, bot: Bot, clock: Clock, look: Look
    ) -> None:
        """Without ``askue`` the section says that it is not connected."""
        self.askue = askue
        self.look = look
        self.passwords = Passwords()
        self._readings = readings
        self._bot = bot
        self._clock = clock
        self._waiting: dict[int, asyncio.Task[None]] = {}
        self._closing = False
        self._tables: OrderedDict[int, Table] = OrderedDict()

    def start(self, visit: Visit, account: Account, identifier: str, password: str) -> None:
        """Asks the gateway; its answer takes the place of the screen that is shown now."""
        chat_id, message_id = visit.chat.id, visit.conversation.screen
        if self.askue is None or message_id is None:
            return
        self.cancel(chat_id)
        task = asyncio.create_task(
            self._serve(
                self.askue, chat_id, message_id, account.id, identifier, password, visit.texts
            )
        )
        self._waiting[chat_id] = task
        task.add_done_callback(lambda done: self._forget(chat_id, done))

    def cancel(self, chat_id: int) -> None:
        """Stops waiting for the chat's gateway, if it does."""
        task = self._waiting.pop(chat_id, None)
        if task is not None:
            task.cancel()

    def waits(self, chat_id: int) -> bool:
        return chat_id in self._waiting

    def table(self, chat_id: int, account_id: int) -> Table | None:
        """The last data of this chat and account."""
        table = self._tables.get(chat_id)
        if table is None or self._clock.now() - table.at > _TABLE_LIFETIME:
            self._tables.pop(chat_id, None)
            return None
        return table if table.account_id == account_id else None

    async def page(self, table: Table, number: int, texts: Texts) -> views.View:
        """A page of a table, in the layout that its account chose."""
        layout = (await self._readings.choices(table.account_id)).layout
        return views.askue.table(table.states, number, table.at, self.look, layout, texts)

    async def close(self) -> None:
        """Gives up all calls, and says so where they were waited for."""
        self._closing = True
        waiting = list(self._waiting.values())
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def _forget(self, chat_id: int, task: asyncio.Task[None]) -> None:
        if self._waiting.get(chat_id) is task:
            del self._waiting[chat_id]

    async def _serve(
        self,
        askue: Askue,
        chat_id: int,
        message_id: int,
        account_id: int,
        identifier: str,
        password: str,
        texts: Texts,
    ) -> None:
        typing = asyncio.create_task(self._type_for_ever(chat_id))
        try:
            states = await askue.states(identifier, password)
            table = Table(account_id=account_id, states=states, at=self._clock.now())
            self._tables[chat_id] = table
            self._tables.move_to_end(chat_id)
            if len(self._tables) > _TABLES:
                self._tables.popitem(last=False)
            view = await self.page(table, 0, texts)
        except asyncio.CancelledError:
            if self._closing:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_PARTING_SECONDS):
                        view = views.askue.failed("down", texts)
                        await self._replace(chat_id, message_id, view)
            raise
        except AskueFailed as failure:
            log.info("the gateway failed: %s", failure.code)
            view = views.askue.failed(failure.code, texts)
        except Exception as error:  # noqa: BLE001 (nobody else would tell the person)
            place = "".join(traceback.format_tb(error.__traceback__))
            log.error("the gateway's answer failed with %s at\n%s", type(error).__name__, place)  # noqa: TRY400
            view = views.askue.failed("strange", texts)
        finally:
            typing.cancel()
        await self._replace(chat_id, message_id, view)

    async def _replace(self, chat_id: int, message_id: int, view: views.View) -> None:
        try:
            if not await edit_view(self._bot, chat_id, message_id, view):
                await send_view(self._bot, chat_id, view)
        except TelegramAPIError as error:
            log.warning("the gateway's answer is not shown: %s", type(error).__name__)

    async def _type_for_ever(self, chat_id: int) -> None:
        while True:
            with suppress(TelegramAPIError):
                await self._bot.send_chat_action(chat_id, "typing")
            await asyncio.sleep(_TYPING_SECONDS)


class Asking(FormAction):
    """Asks for identifier and password each time; the password never enters the draft."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def check(
        self, visit: Visit, field: Field, draft: Draft, answer: str, message: Message | None
    ) -> str | None:
        if field.secret:
            self._desk.passwords.keep(draft.id, answer)
        return None

    async def carry_out(self, visit: Visit, form: Form, draft: Draft) -> Farewell:
        account = visit.chat.account
        if account is None:
            raise Rejected("session-over")
        visit.conversation.allowance.spend(Limited.ASKUE)
        password = self._desk.passwords.take(draft.id)
        if password is None:
            raise Rejected("askue-password-gone")
        identifier = draft.answers["identifier"]
        return Farewell(
            views=(views.askue.waiting(visit.texts),),
            then=lambda: self._desk.start(visit, account, identifier, password),
        )


def build_askue_router() -> Router:
    router = Router(name="askue")

    @router.callback_query(Go.filter(F.to == "askue"), SignedIn())
    async def open_askue(_: CallbackQuery, visit: Visit, forms: Forms, desk: Desk) -> None:
        if desk.askue is None:
            await visit.screen.show(views.askue.not_connected(visit.texts))
        else:
            await forms.open(visit, "askue")

    @router.callback_query(Go.filter(F.to == "askue-wait"), SignedIn())
    async def wait(_: CallbackQuery, visit: Visit, desk: Desk, alert: Alert) -> None:
        if desk.waits(visit.chat.id):
            alert.text = visit.texts("askue-patience")
        else:
            await visit.screen.show(views.askue.forgotten(visit.texts))

    @router.callback_query(Go.filter(F.to == "askue-cancel"))
    async def cancel(_: CallbackQuery, visit: Visit, desk: Desk) -> None:
        desk.cancel(visit.chat.id)
        await visit.screen.show(views.askue.cancelled(visit.texts))

    @router.callback_query(AskuePage.filter(), SignedIn())
    async def turn_page(
        _: CallbackQuery, callback_data: AskuePage, visit: Visit, account: Account, desk: Desk
    ) -> None:
        table = desk.table(visit.chat.id, account.id)
        if table is None:
            await visit.screen.show(views.askue.forgotten(visit.texts))
            return
        view = await desk.page(table, callback_data.page, visit.texts)
        await visit.screen.show(view)

    @router.callback_query(Go.filter(F.to == "askue-xlsx"), SignedIn())
    async def send_spreadsheet(
        _: CallbackQuery, visit: Visit, account: Account, desk: Desk, workshop: Workshop
    ) -> None:
        table = desk.table(visit.chat.id, account.id)
        if table is None:
            await visit.screen.show(views.askue.forgotten(visit.texts))
            return
        await visit.screen.busy("upload_document")
        with TemporaryDirectory() as folder:
            path = await write_xlsx(
                workshop,
                Path(folder),
                visit.texts("button-askue"),
                views.askue.columns(desk.look, visit.texts),
                views.askue.rows(table.states, table.at, desk.look, visit.texts),
            )
            data = await asyncio.to_thread(path.read_bytes)
        await visit.screen.give("askue.xlsx", data)
        await visit.screen.show(await desk.page(table, 0, visit.texts))

    return router
