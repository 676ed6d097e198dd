"""ASKUE: a slow gateway is waited for beside the conversation, which goes on meanwhile."""

import asyncio
import logging
import traceback
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
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
from bot.fsm.model import Draft, Field, Form, FormId, Rejected
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import FormAction, FormResult, Forms
from bot.integrations.askue import AskueClient, MeterState, OneTimePasswords
from bot.integrations.errors import AskueFailed
from bot.integrations.spreadsheets import Cell, write_xlsx
from bot.integrations.worker_process import WorkerProcess
from bot.keyboards import AskuePage, Go
from bot.services.clock import Clock
from bot.services.rate_limits import LimitedAction
from bot.services.readings import Readings
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.views import edit_view, send_view
from bot.texts import Texts
from bot.views.askue import AskueLayout

log = logging.getLogger(__name__)

_TYPING_SECONDS = 4.0
#: Tables that people page through: the oldest give way, and none is kept for longer.
_TABLES = 500
_TABLE_LIFETIME = timedelta(minutes=30)
_PARTING_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AskueTable:
    """What the gateway gave to an account, and when."""

    account_id: int
    states: tuple[MeterState, ...]
    at: datetime


class AskueQueries:
    """Waits for gateways, one call a chat at a time, and holds what they gave in memory only."""

    def __init__(
        self,
        askue: AskueClient | None,
        readings: Readings,
        bot: Bot,
        clock: Clock,
        look: AskueLayout,
    ) -> None:
        """Without ``askue`` the section says that it is not connected."""
        self.askue = askue
        self.look = look
        self.passwords = OneTimePasswords()
        self._readings = readings
        self._bot = bot
        self._clock = clock
        self._waiting: dict[int, asyncio.Task[None]] = {}
        self._closing = False
        self._tables: OrderedDict[int, AskueTable] = OrderedDict()

    def start(self, context: ChatContext, account: Account, identifier: str, password: str) -> None:
        """Asks the gateway; its answer takes the place of the screen that is shown now."""
        chat_id, message_id = context.chat.id, context.conversation.screen
        if self.askue is None or message_id is None:
            return
        self.cancel(chat_id)
        task = asyncio.create_task(
            self._query(
                self.askue, chat_id, message_id, account.id, identifier, password, context.texts
            )
        )
        self._waiting[chat_id] = task
        task.add_done_callback(lambda done: self._forget(chat_id, done))

    def cancel(self, chat_id: int) -> None:
        """Stops waiting for the chat's gateway, if it does."""
        task = self._waiting.pop(chat_id, None)
        if task is not None:
            task.cancel()

    def is_waiting(self, chat_id: int) -> bool:
        return chat_id in self._waiting

    def get_table(self, chat_id: int, account_id: int) -> AskueTable | None:
        """The last data of this chat and account."""
        table = self._tables.get(chat_id)
        if table is None or self._clock.now() - table.at > _TABLE_LIFETIME:
            self._tables.pop(chat_id, None)
            return None
        return table if table.account_id == account_id else None

    async def render_page(self, table: AskueTable, number: int, texts: Texts) -> views.View:
        """A page of a table, in the layout that its account chose."""
        layout = (await self._readings.get_preferences(table.account_id)).layout
        return views.askue.render_table(table.states, number, table.at, self.look, layout, texts)

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

    async def _query(
        self,
        askue: AskueClient,
        chat_id: int,
        message_id: int,
        account_id: int,
        identifier: str,
        password: str,
        texts: Texts,
    ) -> None:
        typing = asyncio.create_task(self._show_typing(chat_id))
        try:
            states = await askue.fetch_states(identifier, password)
            table = AskueTable(account_id=account_id, states=states, at=self._clock.now())
            self._tables[chat_id] = table
            self._tables.move_to_end(chat_id)
            if len(self._tables) > _TABLES:
                self._tables.popitem(last=False)
            view = await self.render_page(table, 0, texts)
        except asyncio.CancelledError:
            if self._closing:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_PARTING_SECONDS):
                        view = views.askue.render_failed("down", texts)
                        await self._replace(chat_id, message_id, view)
            raise
        except AskueFailed as failure:
            log.info("the gateway failed: %s", failure.code)
            view = views.askue.render_failed(failure.code, texts)
        except Exception as error:  # noqa: BLE001 (nobody else would tell the person)
            place = "".join(traceback.format_tb(error.__traceback__))
            log.error("the gateway's answer failed with %s at\n%s", type(error).__name__, place)  # noqa: TRY400
            view = views.askue.render_failed("strange", texts)
        finally:
            typing.cancel()
        await self._replace(chat_id, message_id, view)

    async def _replace(self, chat_id: int, message_id: int, view: views.View) -> None:
        try:
            if not await edit_view(self._bot, chat_id, message_id, view):
                await send_view(self._bot, chat_id, view)
        except TelegramAPIError as error:
            log.warning("the gateway's answer is not shown: %s", type(error).__name__)

    async def _show_typing(self, chat_id: int) -> None:
        while True:
            with suppress(TelegramAPIError):
                await self._bot.send_chat_action(chat_id, "typing")
            await asyncio.sleep(_TYPING_SECONDS)


class AskueQuery(FormAction):
    """Asks for identifier and password each time; the password never enters the draft."""

    def __init__(self, askue_queries: AskueQueries) -> None:
        self._queries = askue_queries

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str, message: Message | None
    ) -> str | None:
        if field.secret:
            self._queries.passwords.put(draft.id, answer)
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        account = context.chat.account
        if account is None:
            raise Rejected("session-over")
        context.conversation.rate_limiter.spend(LimitedAction.ASKUE)
        password = self._queries.passwords.take(draft.id)
        if password is None:
            raise Rejected("askue-password-gone")
        identifier = draft.answers["identifier"]
        return FormResult(
            views=(views.askue.render_waiting(context.texts),),
            after_shown=lambda: self._queries.start(context, account, identifier, password),
        )


def build_askue_router() -> Router:
    router = Router(name="askue")

    @router.callback_query(Go.filter(F.to == "askue"), LoggedIn())
    async def open_askue(
        _: CallbackQuery, context: ChatContext, forms: Forms, askue_queries: AskueQueries
    ) -> None:
        if askue_queries.askue is None:
            await context.screen.show(views.askue.render_not_connected(context.texts))
        else:
            await forms.open(context, FormId("askue"))

    @router.callback_query(Go.filter(F.to == "askue-wait"), LoggedIn())
    async def wait(
        _: CallbackQuery, context: ChatContext, askue_queries: AskueQueries, alert: CallbackAlert
    ) -> None:
        if askue_queries.is_waiting(context.chat.id):
            alert.text = context.texts("askue-patience")
        else:
            await context.screen.show(views.askue.render_forgotten(context.texts))

    @router.callback_query(Go.filter(F.to == "askue-cancel"))
    async def cancel(_: CallbackQuery, context: ChatContext, askue_queries: AskueQueries) -> None:
        askue_queries.cancel(context.chat.id)
        await context.screen.show(views.askue.render_cancelled(context.texts))

    @router.callback_query(AskuePage.filter(), LoggedIn())
    async def turn_page(
        _: CallbackQuery,
        callback_data: AskuePage,
        context: ChatContext,
        account: Account,
        askue_queries: AskueQueries,
    ) -> None:
        table = askue_queries.get_table(context.chat.id, account.id)
        if table is None:
            await context.screen.show(views.askue.render_forgotten(context.texts))
            return
        view = await askue_queries.render_page(table, callback_data.page, context.texts)
        await context.screen.show(view)

    @router.callback_query(Go.filter(F.to == "askue-xlsx"), LoggedIn())
    async def send_spreadsheet(
        _: CallbackQuery,
        context: ChatContext,
        account: Account,
        askue_queries: AskueQueries,
        worker: WorkerProcess,
    ) -> None:
        table = askue_queries.get_table(context.chat.id, account.id)
        if table is None:
            await context.screen.show(views.askue.render_forgotten(context.texts))
            return
        await context.screen.show_activity("upload_document")
        sheet = views.askue.build_table(table.at, askue_queries.look, context.texts)

        async def iterate_rows() -> AsyncIterator[Sequence[Cell]]:
            for one in table.states:
                yield sheet.build_row(one)

        with TemporaryDirectory() as folder:
            path = await write_xlsx(
                worker,
                Path(folder),
                context.texts("button-askue"),
                sheet.columns,
                iterate_rows(),
            )
            data = await asyncio.to_thread(path.read_bytes)
        await context.screen.send_file("askue.xlsx", data)
        await context.screen.show(await askue_queries.render_page(table, 0, context.texts))

    return router
