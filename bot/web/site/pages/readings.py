"""Readings: the meters, one meter with its history, its chart, its files and its settings."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from aiohttp import web

from bot.domain import Account, Category, Meter, ObjectKind, Page
from bot.formatting.reading_documents import build_act, build_history
from bot.formatting.readings import (
    build_chart,
    build_history_table,
    build_table,
    format_by_zone,
    format_day,
    format_meter,
    format_object,
    list_chart_lines,
    list_receipt_blocks,
)
from bot.fsm import field_types
from bot.fsm.model import FormId, Rejected
from bot.integrations.charts import draw_bars
from bot.integrations.spreadsheets import build_xlsx
from bot.integrations.typesetting import Document
from bot.integrations.worker_process import WorkerProcess
from bot.services.documents import Documents
from bot.services.errors import DocumentUnavailable
from bot.services.form_drafts import FormDrafts
from bot.services.periods import check_order, parse_history_period
from bot.services.rate_limits import LimitedAction
from bot.services.reading_entry import ReadingEntry
from bot.services.readings import Readings
from bot.services.site_forms import SiteForms
from bot.texts import Translations
from bot.web.site.attachments import build_attachment, build_picture
from bot.web.site.bodies import read_form
from bot.web.site.complaints import format_page_complaint
from bot.web.site.context import get_context
from bot.web.site.errors import PageError
from bot.web.site.markup import join_blocks, mark_safe
from bot.web.site.parameters import read_page, read_token
from bot.web.site.rate_limits import spend
from bot.web.site.rendering import redirect, render

#: Meters of a page of their list.
_METERS_PER_PAGE = 20
#: Readings of one PDF, the newest; more of them take the typesetter seconds.
_HISTORY_LENGTH = 1_000


def build_readings_routes(
    readings: Readings,
    entry: ReadingEntry,
    documents: Documents,
    drafts: FormDrafts,
    site_forms: SiteForms,
    worker: WorkerProcess,
    translations: Translations,
) -> list[web.RouteDef]:
    async def get_own(request: web.Request) -> tuple[Account, Meter]:
        """Another account's meter is as unknown as one that is not there."""
        account = get_context(request).require_account()
        identity = request.match_info["meter"]
        known = re.fullmatch("[0-9]{1,18}", identity)
        meter = await readings.get_meter(account.id, int(identity)) if known else None
        if meter is None:
            raise PageError(404, "meter-unknown")
        return account, meter

    async def show_section(request: web.Request) -> web.Response:
        context = get_context(request)
        account, texts = context.require_account(), context.texts
        meters = await readings.list_meters_with_last(account.id)
        shown = [(one, one.same_day or one.last) for one in meters if not one.meter.hidden]
        pages = max(1, -(-len(shown) // _METERS_PER_PAGE))
        number = min(read_page(request), pages - 1)
        lines = [
            (
                one.meter,
                format_meter(one.meter, texts),
                format_day(last.day) if last else None,
                format_by_zone(last, texts) if last else [],
            )
            for one, last in shown[number * _METERS_PER_PAGE : (number + 1) * _METERS_PER_PAGE]
        ]
        return render(
            request,
            "readings.html",
            page=Page(items=tuple(lines), number=number, pages=pages),
            hidden=[
                (one.meter, format_meter(one.meter, texts)) for one in meters if one.meter.hidden
            ],
            reminders=(await readings.get_preferences(account.id)).reminders,
            takes_files=account.category is Category.LEGAL,
        )

    async def set_reminders(request: web.Request) -> web.Response:
        sent, account = await read_form(request), get_context(request).require_account()
        wanted = sent.get("reminders") == "on"
        await readings.set_reminders(account.id, wanted=wanted)
        return redirect(request, "/readings", notice="reminders-on" if wanted else "reminders-off")

    async def show_meter(request: web.Request) -> web.Response:
        account, meter = await get_own(request)
        return await render_meter(request, account, meter)

    async def render_meter(
        request: web.Request,
        account: Account,
        meter: Meter,
        status: int = 200,
        *,
        errors: Mapping[str, Any] | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> web.Response:
        context = get_context(request)
        texts = context.texts
        first, last, period_errors = read_period(request)
        page = await readings.list_page(meter.id, first, last, read_page(request))
        month, window = readings.get_window(meter.object)
        months = await readings.sum_by_month(meter, first, last) if page.items else {}
        sent = await entry.find_submitted(read_token(request, "sent"), account.id)
        receipt = None
        if sent is not None and sent.reading.meter.id == meter.id:
            receipt = join_blocks(list_receipt_blocks(sent, context.company, texts))
        period = {} if first == date.min else {"first": first.isoformat(), "last": last.isoformat()}
        return render(
            request,
            "meter.html",
            status,
            meter=meter,
            name=format_meter(meter, texts),
            about=join_blocks([format_object(meter, month, window, texts)]),
            is_legal=account.category is Category.LEGAL,
            other_object=next(kind for kind in ObjectKind if kind is not meter.object),
            receipt=receipt,
            page=page,
            table=build_history_table(page.items, texts),
            first=first,
            last=last,
            query="&".join(f"{key}={day}" for key, day in period.items()) or "first=all",
            chart=[mark_safe(line) for line in list_chart_lines(months, texts)] if months else [],
            errors={**period_errors, **(errors or {})},
            typed=typed or {},
        )

    def read_period(request: web.Request) -> tuple[date, date, dict[str, Any]]:
        """The period of a history from its parameters, and what is wrong with them.

        A year up to today by default, and while something is wrong.
        """
        context, today = get_context(request), readings.get_today()
        default = parse_history_period(0, 0, today)
        if request.query.get("first") == "all":
            return date.min, today, {}
        form, step = drafts.begin(FormId("period"))
        answers = drafts.build_answer_context(step.draft, context.account)
        days, errors = {}, {}
        for field, day in zip(form.fields, default, strict=True):
            words = request.query.get(field.key, "").strip()
            try:
                days[field.key] = field_types.read(words or day.isoformat(), field, answers)
                if field.key == "last" and "first" in days:
                    check_order(days["first"], days["last"])
            except Rejected as rejected:
                errors[field.key] = format_page_complaint(rejected, field, context.texts)
        if errors:
            return *default, errors
        return date.fromisoformat(days["first"]), date.fromisoformat(days["last"]), {}

    async def send_chart(request: web.Request) -> web.Response:
        account, meter = await get_own(request)
        await spend(site_forms, account, LimitedAction.FILES)
        first, last, _ = read_period(request)
        months = await readings.sum_by_month(meter, first, last)
        texts = get_context(request).texts
        return build_picture(await worker.run(draw_bars, *build_chart(meter, months, texts)))

    async def send_spreadsheet(request: web.Request) -> web.Response:
        account, meter = await get_own(request)
        await spend(site_forms, account, LimitedAction.FILES)
        first, last, _ = read_period(request)
        texts = get_context(request).texts
        table = build_table(meter.kind, texts)
        found = readings.iterate_between(first, last, meter_id=meter.id)
        rows = (table.build_row(one) async for one in found)
        data = await build_xlsx(worker, texts("sheet-readings"), table.columns, rows)
        return build_attachment(f"{meter.number}.xlsx", data)

    async def send_history(request: web.Request) -> web.Response:
        account, meter = await get_own(request)
        context = get_context(request)
        first, last, _ = read_period(request)
        newest = await readings.list_newest(meter.id, first, last, _HISTORY_LENGTH)
        if len(newest) == _HISTORY_LENGTH:
            first = newest[0].day
        return await send_document(
            account,
            build_history(meter, account, newest, first, last, context.company, context.texts),
        )

    async def send_act(request: web.Request) -> web.Response:
        account, meter = await get_own(request)
        return await build_act_answer(request, account, meter.id)

    async def send_act_of_all(request: web.Request) -> web.Response:
        account = get_context(request).require_account()
        return await build_act_answer(request, account, None)

    async def build_act_answer(
        request: web.Request, account: Account, meter_id: int | None
    ) -> web.Response:
        """An act is in the language of the company, which is the first one."""
        month, transferred = await readings.list_transferred(account.id, meter_id)
        if not transferred:
            raise PageError(404, "no-readings")
        texts = translations.get_texts(translations.locales[0])
        company = get_context(request).company
        return await send_document(
            account, build_act(transferred, month, account, readings.get_today(), company, texts)
        )

    async def send_document(account: Account, document: Document) -> web.Response:
        await spend(site_forms, account, LimitedAction.DOCUMENTS)
        try:
            data = await documents.render(document, account.id)
        except DocumentUnavailable:
            raise PageError(503, "document") from None
        return build_attachment(document.file_name, data)

    async def change_meter(request: web.Request) -> web.Response:
        """Place and ratio, by the rules of the chat's forms."""
        sent = await read_form(request)
        account, meter = await get_own(request)
        context, name = get_context(request), request.match_info["form"]
        if name == "ratio" and account.category is not Category.LEGAL:
            raise PageError(404)
        form, step = drafts.begin(FormId(name, meter.id))
        field = form.get_field(name)
        answers = drafts.build_answer_context(step.draft, account)
        words = sent.get(name, "")
        try:
            answer = field_types.read(words, field, answers)
        except Rejected as rejected:
            complaint = format_page_complaint(rejected, field, context.texts)
            return await render_meter(
                request, account, meter, 422, errors={name: complaint}, typed={name: words}
            )
        if name == "place":
            await readings.set_place(account.id, meter.id, answer)
        else:
            await readings.set_ratio(account.id, meter.id, int(answer))
        return redirect(request, f"/readings/{meter.id}", notice="meter-changed")

    async def set_object(request: web.Request) -> web.Response:
        sent = await read_form(request)
        account, meter = await get_own(request)
        if sent.get("object") not in set(ObjectKind):
            raise PageError(400)
        await readings.set_object(account.id, meter.id, ObjectKind(sent["object"]))
        return redirect(request, f"/readings/{meter.id}", notice="meter-changed")

    async def set_hidden(request: web.Request) -> web.Response:
        sent = await read_form(request)
        account, meter = await get_own(request)
        hidden = sent.get("hidden") == "yes"
        await readings.set_hidden(account.id, meter.id, hidden=hidden)
        notice = "meter-hidden" if hidden else "meter-shown"
        return redirect(request, "/readings" if hidden else f"/readings/{meter.id}", notice=notice)

    return [
        web.get("/readings", show_section),
        web.post("/readings", set_reminders),
        web.get("/readings/act.pdf", send_act_of_all),
        web.get("/readings/{meter}", show_meter),
        web.get("/readings/{meter}/chart.png", send_chart),
        web.get("/readings/{meter}/history.xlsx", send_spreadsheet),
        web.get("/readings/{meter}/history.pdf", send_history),
        web.get("/readings/{meter}/act.pdf", send_act),
        web.post("/readings/{meter}/{form:place|ratio}", change_meter),
        web.post("/readings/{meter}/object", set_object),
        web.post("/readings/{meter}/hidden", set_hidden),
    ]
