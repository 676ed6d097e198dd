"""Handlers of ASKUE: the query form, the waiting screen, the table and its spreadsheet."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from aiogram import Router
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery

from bot import views
from bot.domain import Account
from bot.formatting.askue import AskueLayout, build_table
from bot.fsm.field_types import clean_text
from bot.fsm.model import Draft, Field, Form, FormId
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import FormAction, FormResult, Forms
from bot.integrations.spreadsheets import Cell, build_xlsx
from bot.integrations.worker_process import WorkerProcess
from bot.keyboards import AskuePage, Go
from bot.services.askue_queries import AskueQueries, AskueTable
from bot.services.errors import CredentialsGone
from bot.services.rate_limits import LimitedAction
from bot.services.readings import Readings
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.filters import PressOf

#: Telegram shows a chat action for five seconds.
_TYPING_SECONDS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AskueTables:
    """Renders pages of ASKUE tables in the layout that the account chose."""

    readings: Readings
    layout: AskueLayout

    async def render(self, context: ChatContext, table: AskueTable, page: int = 0) -> views.View:
        chosen = (await self.readings.get_preferences(table.account_id)).layout
        return views.askue.render_table(
            table.states, page, table.at, self.layout, chosen, context.texts
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AskueReply:
    """Shows the outcome of a query in place of the waiting screen, whatever the chat did since."""

    context: ChatContext
    message_id: int | None
    tables: AskueTables

    async def show_progress(self) -> None:
        while True:
            with suppress(TelegramAPIError):
                await self.context.screen.show_activity()
            await asyncio.sleep(_TYPING_SECONDS)

    async def show_table(self, table: AskueTable) -> None:
        view = await self.tables.render(self.context, table)
        await self.context.screen.replace(self.message_id, view)

    async def show_failure(self, code: str) -> None:
        view = views.askue.render_failed(code, self.context.texts)
        await self.context.screen.replace(self.message_id, view)


class AskueQueryAction(FormAction):
    """Asks for identifier and password each time; neither ever enters the draft."""

    def __init__(self, askue_queries: AskueQueries, tables: AskueTables) -> None:
        self._queries = askue_queries
        self._tables = tables

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str
    ) -> str | None:
        if field.key == "password":
            self._queries.keep_password(draft.id, answer)
        else:
            self._queries.keep_identifier(draft.id, clean_text(answer))
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        account = context.require_account()
        context.conversation.rate_limiter.spend(LimitedAction.ASKUE)
        try:
            identifier, password = self._queries.take_credentials(draft.id)
        except CredentialsGone:
            return FormResult(views=(views.askue.render_credentials_gone(context.texts),))

        def start() -> None:
            reply = AskueReply(
                context=context,
                message_id=context.conversation.screen_message_id,
                tables=self._tables,
            )
            self._queries.start(context.chat.address, account.id, identifier, password, reply)

        return FormResult(views=(views.askue.render_waiting(context.texts),), after_shown=start)


def build_askue_router() -> Router:
    router = Router(name="askue")

    @router.callback_query(PressOf(Go(to="askue")), LoggedIn())
    async def open_askue(
        _: CallbackQuery, context: ChatContext, forms: Forms, askue_queries: AskueQueries
    ) -> None:
        if askue_queries.is_connected:
            await forms.open(context, FormId("askue"))
        else:
            await context.screen.show(views.askue.render_not_connected(context.texts))

    @router.callback_query(PressOf(Go(to="askue-wait")), LoggedIn())
    async def show_waiting(
        _: CallbackQuery, context: ChatContext, askue_queries: AskueQueries, alert: CallbackAlert
    ) -> None:
        if askue_queries.is_running(context.chat.address):
            alert.text = context.texts("askue-patience")
        else:
            await context.screen.show(views.askue.render_forgotten(context.texts))

    @router.callback_query(PressOf(Go(to="askue-cancel")))
    async def cancel_query(
        _: CallbackQuery, context: ChatContext, askue_queries: AskueQueries
    ) -> None:
        askue_queries.cancel(context.chat.address)
        await context.screen.show(views.askue.render_cancelled(context.texts))

    @router.callback_query(AskuePage.filter(), LoggedIn())
    async def show_page(
        _: CallbackQuery,
        callback_data: AskuePage,
        context: ChatContext,
        account: Account,
        askue_queries: AskueQueries,
        askue_tables: AskueTables,
    ) -> None:
        table = askue_queries.get_table(context.chat.address, account.id)
        if table is None:
            await context.screen.show(views.askue.render_forgotten(context.texts))
        else:
            await context.screen.show(await askue_tables.render(context, table, callback_data.page))

    @router.callback_query(PressOf(Go(to="askue-xlsx")), LoggedIn())
    async def send_spreadsheet(
        _: CallbackQuery,
        context: ChatContext,
        account: Account,
        askue_queries: AskueQueries,
        askue_tables: AskueTables,
        worker: WorkerProcess,
    ) -> None:
        table = askue_queries.get_table(context.chat.address, account.id)
        if table is None:
            await context.screen.show(views.askue.render_forgotten(context.texts))
            return
        await context.screen.show_activity("upload_document")
        sheet = build_table(table.at, askue_tables.layout, context.texts)

        async def iterate_rows() -> AsyncIterator[Sequence[Cell]]:
            for one in table.states:
                yield sheet.build_row(one)

        data = await build_xlsx(
            worker, context.texts("button-askue"), sheet.columns, iterate_rows()
        )
        await context.screen.send_file("askue.xlsx", data)
        await context.screen.show(await askue_tables.render(context, table))

    return router
