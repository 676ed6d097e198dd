"""Handlers of readings in a file: its template, the form that takes it, and what it stored."""

from collections.abc import AsyncIterator, Mapping, Sequence

from aiogram import Router
from aiogram.types import CallbackQuery

from bot import views
from bot.domain import Account, Category
from bot.formatting.reading_uploads import (
    build_labels,
    build_template,
    format_first_errors,
    has_more_errors,
    list_errors,
)
from bot.fsm.model import Draft, Form, FormId, Rejected
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import FormAction, FormResult, Forms
from bot.integrations.spreadsheets import Cell, Table, build_xlsx
from bot.integrations.worker_process import WorkerProcess
from bot.keyboards import Go
from bot.services.reading_uploads import ReadingUpload, ReadingUploads
from bot.services.readings import EarlierReadings, Readings
from bot.telegram.filters import PressOf
from bot.texts import Texts
from bot.views.forms import Hints


class ReadingUploadAction(FormAction):
    """Stores the right rows of a file after one confirmation."""

    def __init__(self, uploads: ReadingUploads, all_texts: Sequence[Texts]) -> None:
        """``all_texts``: a template may be filled in by somebody with another language."""
        self._uploads = uploads
        self._labels = build_labels(all_texts)

    async def get_hints(self, context: ChatContext, form: Form, draft: Draft) -> Hints:
        account = context.chat.account
        if account is None or draft.open is not None:
            return views.reading_uploads.build_question_hint(context.texts)
        check = await self._uploads.check(account, _get_upload(draft))
        return views.reading_uploads.build_check_hint(check, context.texts)

    async def read_table(self, context: ChatContext, name: str, data: bytes) -> str:
        account, texts = context.require_account(), context.texts
        upload = await self._uploads.read(name, data, self._labels, account.id)
        errors = (check := await self._uploads.check(account, upload)).errors
        if has_more_errors(errors):
            lines = "\r\n".join(list_errors(errors, texts))
            # With a mark of its encoding, which programs of Windows look for.
            await context.screen.send_file(
                f"{texts('upload-errors-file')}.txt", lines.encode("utf-8-sig")
            )
        if not check.right:
            raise Rejected(
                "table-nothing" if errors else "table-empty",
                errors=format_first_errors(errors, texts),
            )
        return upload.to_json()

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        await context.screen.show_activity()
        receipt = await self._uploads.submit(
            context.require_account(), draft.id, _get_upload(draft)
        )
        view = views.reading_uploads.render_submitted(receipt, context.texts)
        return FormResult(views=(view,), lasting=True)

    async def already_submitted(self, context: ChatContext, draft_id: str) -> FormResult | None:
        account = context.chat.account
        receipt = await self._uploads.find_submitted(account.id, draft_id) if account else None
        if receipt is None:
            return None
        view = views.reading_uploads.render_submitted(receipt, context.texts)
        return FormResult(views=(view,), lasting=True)


def _get_upload(draft: Draft) -> ReadingUpload:
    return ReadingUpload.from_json(draft.answers["table"])


async def _build_rows(
    table: Table[EarlierReadings], known: Mapping[str, EarlierReadings]
) -> AsyncIterator[Sequence[Cell]]:
    for one in known.values():
        if not one.meter.hidden:
            yield table.build_row(one)


def build_reading_uploads_router() -> Router:
    router = Router(name="reading_uploads")

    @router.callback_query(PressOf(Go(to="upload")), LoggedIn())
    async def open_upload(
        _: CallbackQuery, context: ChatContext, account: Account, forms: Forms
    ) -> None:
        if account.category is Category.LEGAL:
            await forms.open(context, FormId("upload"))
        else:
            await context.show_menu()

    @router.callback_query(PressOf(Go(to="upload_template")), LoggedIn())
    async def send_template(
        _: CallbackQuery,
        context: ChatContext,
        account: Account,
        readings: Readings,
        worker: WorkerProcess,
        forms: Forms,
    ) -> None:
        texts = context.texts
        table = build_template(texts)
        data = await build_xlsx(
            worker,
            texts("sheet-readings"),
            table.columns,
            _build_rows(table, await readings.find_all_earlier(account.id)),
        )
        await context.screen.send_file(f"{texts('upload-template-file')}.xlsx", data)
        if context.conversation.draft is not None:
            await forms.resume(context)
        else:
            await context.show_menu()

    return router
