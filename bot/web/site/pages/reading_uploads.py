"""Readings of many meters in one file: its template, what is wrong with it, one confirmation."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from aiohttp import web
from markupsafe import Markup

from bot.domain import Account, Category
from bot.formatting.reading_uploads import (
    build_labels,
    build_template,
    format_first_errors,
    list_check_remarks,
    list_errors,
    list_receipt_blocks,
)
from bot.fsm.builtin_forms import get_builtin_forms
from bot.fsm.model import FormId, Rejected
from bot.integrations.spreadsheets import Cell, build_xlsx
from bot.integrations.worker_process import WorkerProcess
from bot.services.rate_limits import LimitedAction, RateLimitExceeded
from bot.services.reading_uploads import ReadingUpload, ReadingUploads, check_size
from bot.services.readings import Readings
from bot.services.site_forms import SiteForms
from bot.texts import Translations
from bot.web.site.attachments import build_attachment
from bot.web.site.bodies import read_form
from bot.web.site.complaints import format_limit, format_page_complaint
from bot.web.site.context import get_context
from bot.web.site.errors import PageError
from bot.web.site.markup import join_blocks, mark_safe
from bot.web.site.parameters import read_token
from bot.web.site.rate_limits import spend
from bot.web.site.rendering import redirect, render
from bot.web.site.uploads import SentFile, receive_files

_FORM = FormId("upload")


def build_reading_uploads_routes(
    readings: Readings,
    uploads: ReadingUploads,
    site_forms: SiteForms,
    worker: WorkerProcess,
    translations: Translations,
) -> list[web.RouteDef]:
    #: A template may be filled in by somebody with another language.
    labels = build_labels(map(translations.get_texts, translations.locales))

    field = get_builtin_forms()["upload"].get_field("table")

    def require_organisation(request: web.Request) -> Account:
        account = get_context(request).require_account()
        if account.category is not Category.LEGAL:
            raise PageError(404)
        return account

    async def show_upload(request: web.Request) -> web.Response:
        account, texts = require_organisation(request), get_context(request).texts
        receipt = await uploads.find_submitted(account.id, read_token(request, "sent"))
        done = join_blocks(list_receipt_blocks(receipt, texts)) if receipt else None
        return await render_upload(request, account, done=done)

    async def render_upload(
        request: web.Request,
        account: Account,
        status: int = 200,
        *,
        error: Markup | None = None,
        done: Markup | None = None,
    ) -> web.Response:
        texts = get_context(request).texts
        opened = await site_forms.open(account, _FORM)
        check, name, lines = None, "", list[str]()
        if table := opened.draft.answers.get("table"):
            upload = ReadingUpload.from_json(table)
            found = await uploads.check(account, upload)
            name, lines = upload.file, list(list_errors(found.errors, texts))
            check = join_blocks(list_check_remarks(found, texts))
        return render(
            request,
            "reading_upload.html",
            status,
            draft_id=opened.draft.id,
            check=check,
            file_name=name,
            lines=lines,
            error=error,
            done=done,
        )

    async def take_file(request: web.Request) -> web.Response:
        account, texts = require_organisation(request), get_context(request).texts
        async with receive_files(request) as sent:
            try:
                await site_forms.spend(account.id, LimitedAction.FILES)
                upload = await read_file(account, sent.files)
            except Rejected as rejected:
                error = format_page_complaint(rejected, field, texts)
                return await render_upload(request, account, 422, error=error)
            except RateLimitExceeded as exceeded:
                error = mark_safe(format_limit(exceeded, texts))
                return await render_upload(request, account, 429, error=error)
        errors = (check := await uploads.check(account, upload)).errors
        if not check.right:
            first = format_first_errors(errors, texts)
            empty = Rejected("table-nothing" if errors else "table-empty", errors=first)
            error = join_blocks([format_page_complaint(empty, field, texts)])
            return await render_upload(request, account, 422, error=error)
        await site_forms.answer(account, _FORM, {"table": upload.to_json()}, is_whole=True)
        return redirect(request, "/readings/upload")

    async def read_file(account: Account, files: Sequence[SentFile]) -> ReadingUpload:
        if not files:
            raise Rejected("wrong-kind")
        file = files[0]
        if file.rejected:
            raise file.rejected
        data = await asyncio.to_thread(file.staged.path.read_bytes)
        check_size(len(data))
        return await uploads.read(file.name, data, labels, account.id)

    async def enter(request: web.Request) -> web.Response:
        sent, account = await read_form(request), require_organisation(request)
        texts, draft_id = get_context(request).texts, sent.get("draft", "")[:64]
        opened = await site_forms.open(account, _FORM)
        table = opened.draft.answers.get("table")
        if opened.draft.id == draft_id and table:
            try:
                receipt = await uploads.submit(account, draft_id, ReadingUpload.from_json(table))
            except RateLimitExceeded as exceeded:
                error = mark_safe(format_limit(exceeded, texts))
                return await render_upload(request, account, 429, error=error)
            await site_forms.forget(account.id, draft_id)
            if receipt.errors:
                done = join_blocks(list_receipt_blocks(receipt, texts))
                return await render_upload(request, account, done=done)
        # Or it was sent before: then the page says so.
        return redirect(request, f"/readings/upload?sent={draft_id}")

    async def discard(request: web.Request) -> web.Response:
        sent, account = await read_form(request), require_organisation(request)
        await site_forms.discard(account.id, sent.get("draft", "")[:64])
        return redirect(request, "/readings/upload")

    async def send_template(request: web.Request) -> web.Response:
        account, texts = require_organisation(request), get_context(request).texts
        await spend(site_forms, account, LimitedAction.FILES)
        table = build_template(texts)
        known = await readings.find_all_earlier(account.id)

        async def iterate_rows() -> AsyncIterator[Sequence[Cell]]:
            for one in known.values():
                if not one.meter.hidden:
                    yield table.build_row(one)

        data = await build_xlsx(worker, texts("sheet-readings"), table.columns, iterate_rows())
        return build_attachment(f"{texts('upload-template-file')}.xlsx", data)

    return [
        web.get("/readings/upload", show_upload),
        web.post("/readings/upload", take_file),
        web.post("/readings/upload/enter", enter),
        web.post("/readings/upload/discard", discard),
        web.get("/readings/upload/template.xlsx", send_template),
    ]
