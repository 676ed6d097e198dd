"""Handlers of meter readings: entering them, their history, and how it is shown."""

from datetime import date

from aiogram import F, Router
from aiogram.types import CallbackQuery

from bot import views
from bot.domain import Account, Layout, Meter, MeterReading
from bot.fsm.model import Draft, Field, Form, FormId
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import FormAction, FormResult, Forms
from bot.integrations.charts import draw_columns
from bot.integrations.spreadsheets import build_xlsx
from bot.integrations.worker_process import WorkerProcess
from bot.keyboards import ChooseLayout, Go, MeterFile, MeterForm, OpenMeter, SetReminders
from bot.services.periods import check_order, parse_history_period
from bot.services.reading_entry import ReadingEntry, get_kind, get_zone
from bot.services.readings import Readings
from bot.texts import Texts
from bot.views.forms import Hints


class ReadingEntryAction(FormAction):
    """Submits a meter's reading; values that cannot be are asked again."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._entry = ReadingEntry(readings)

    async def get_hints(self, context: ChatContext, form: Form, draft: Draft) -> Hints:
        account, texts = context.chat.account, context.texts
        if account is None or draft.open == "kind":
            return Hints()
        if draft.open == "meter":
            meters = await self._readings.list_meters(account.id)
            return views.readings.build_meter_hints(meters, texts)
        kind = get_kind(draft)
        if draft.open is not None:
            earlier = await self._entry.find_earlier(account, draft)
            return views.readings.build_previous_hint(
                earlier, kind, get_zone(kind, draft.open), texts
            )
        compared = await self._entry.compare(account, draft)
        if compared is None:
            return Hints()
        return views.readings.build_comparison_hint(
            compared.earlier, kind, compared.used, texts, late=compared.late
        )

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str
    ) -> str | None:
        if field.kind == "reading":
            await self._entry.check(context.require_account(), draft, field.key, answer)
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        reading = await self._entry.submit(context.require_account(), draft)
        return _build_result(reading, context)

    async def already_submitted(self, context: ChatContext, draft_id: str) -> FormResult | None:
        if context.chat.account is None:
            return None
        reading = await self._readings.find_submitted(draft_id, context.chat.account.id)
        return _build_result(reading, context) if reading else None


def _build_result(reading: MeterReading, context: ChatContext) -> FormResult:
    view = views.readings.render_submitted(reading, context.company, context.texts)
    return FormResult(views=(view,), lasting=True)


class HistoryPeriodAction(FormAction):
    """Shows the history between two days."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str
    ) -> str | None:
        if field.key == "last":
            check_order(draft.answers["first"], answer)
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        account = context.require_account()
        first, last = (date.fromisoformat(draft.answers[key]) for key in ("first", "last"))
        meter_id = int(form.id.parts[0])
        view = await _render_history(
            self._readings, account, meter_id, first, last, 0, context.texts
        )
        return FormResult(views=(view,))


class MeterPlaceAction(FormAction):
    """Stores where a meter is, for its button."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        account = context.require_account()
        meter_id = int(form.id.parts[0])
        await self._readings.set_place(account.id, meter_id, draft.answers["place"])
        meters = await self._readings.list_meters(account.id)
        return FormResult(views=(views.readings.render_meters(meters, context.texts),))


async def _render_history(
    readings: Readings,
    account: Account,
    meter_id: int,
    first: date,
    last: date,
    number: int,
    texts: Texts,
) -> views.View:
    meter = await readings.get_meter(account.id, meter_id)
    if meter is None:
        return views.readings.render_meters(await readings.list_meters(account.id), texts)
    page = await readings.list_page(meter.id, first, last, number)
    preferences = await readings.get_preferences(account.id)
    return views.readings.render_history(meter, page, first, last, preferences.layout, texts)


async def _draw_chart(
    readings: Readings, worker: WorkerProcess, meter: Meter, first: date, last: date, texts: Texts
) -> bytes:
    months = await readings.sum_by_month(meter.id, first, last)
    return await worker.run(draw_columns, *views.readings.build_chart(meter, months, texts))


async def _write_spreadsheet(
    readings: Readings, worker: WorkerProcess, meter: Meter, first: date, last: date, texts: Texts
) -> bytes:
    table = views.readings.build_table(meter.kind, texts)
    found = readings.iterate_between(first, last, meter_id=meter.id)
    return await build_xlsx(
        worker,
        texts("sheet-readings"),
        table.columns,
        (table.build_row(one) async for one in found),
    )


def build_readings_router() -> Router:
    router = Router(name="readings")

    @router.callback_query(Go.filter(F.to == "readings"), LoggedIn())
    async def open_readings(
        _: CallbackQuery, context: ChatContext, account: Account, readings: Readings
    ) -> None:
        await _show_section(context, account, readings)

    @router.callback_query(Go.filter(F.to == "reading"), LoggedIn())
    async def open_reading_form(_: CallbackQuery, context: ChatContext, forms: Forms) -> None:
        await forms.open(context, FormId("reading"))

    @router.callback_query(Go.filter(F.to == "history"), LoggedIn())
    async def show_meters(
        _: CallbackQuery, context: ChatContext, account: Account, readings: Readings
    ) -> None:
        meters = await readings.list_meters(account.id)
        await context.screen.show(views.readings.render_meters(meters, context.texts))

    @router.callback_query(OpenMeter.filter(), LoggedIn())
    async def show_history(
        _: CallbackQuery,
        callback_data: OpenMeter,
        context: ChatContext,
        account: Account,
        readings: Readings,
    ) -> None:
        first, last = parse_history_period(
            callback_data.first, callback_data.last, readings.get_today()
        )
        view = await _render_history(
            readings, account, callback_data.id, first, last, callback_data.page, context.texts
        )
        await context.screen.show(view)

    @router.callback_query(MeterForm.filter(F.form.in_({"period", "place"})), LoggedIn())
    async def open_meter_form(
        _: CallbackQuery, callback_data: MeterForm, context: ChatContext, forms: Forms
    ) -> None:
        await forms.open(context, FormId(callback_data.form, callback_data.id))

    @router.callback_query(MeterFile.filter(F.kind.in_({"png", "xlsx"})), LoggedIn())
    async def send_file(
        _: CallbackQuery,
        callback_data: MeterFile,
        context: ChatContext,
        account: Account,
        readings: Readings,
        worker: WorkerProcess,
    ) -> None:
        first, last = parse_history_period(
            callback_data.first, callback_data.last, readings.get_today()
        )
        meter = await readings.get_meter(account.id, callback_data.id)
        if meter is not None:
            await context.screen.show_activity("upload_document")
            make = _draw_chart if callback_data.kind == "png" else _write_spreadsheet
            data = await make(readings, worker, meter, first, last, context.texts)
            await context.screen.send_file(f"{meter.number}.{callback_data.kind}", data)
        view = await _render_history(
            readings, account, callback_data.id, first, last, 0, context.texts
        )
        await context.screen.show(view)

    @router.callback_query(SetReminders.filter(), LoggedIn())
    async def set_reminders(
        _: CallbackQuery,
        callback_data: SetReminders,
        context: ChatContext,
        account: Account,
        readings: Readings,
    ) -> None:
        await readings.set_reminders(account.id, wanted=callback_data.on)
        await _show_section(context, account, readings)

    @router.callback_query(Go.filter(F.to == "layouts"), LoggedIn())
    async def show_layouts(_: CallbackQuery, context: ChatContext) -> None:
        await context.screen.show(views.readings.render_layouts(context.texts))

    @router.callback_query(ChooseLayout.filter(F.layout.in_(set(Layout))), LoggedIn())
    async def choose_layout(
        _: CallbackQuery,
        callback_data: ChooseLayout,
        context: ChatContext,
        account: Account,
        readings: Readings,
    ) -> None:
        layout = Layout(callback_data.layout)
        if layout is Layout.RICH and not callback_data.tried:
            await context.screen.show(views.readings.render_sample(context.texts))
            return
        await readings.set_layout(account.id, layout)
        meters = await readings.list_meters(account.id)
        await context.screen.show(views.readings.render_meters(meters, context.texts))

    return router


async def _show_section(context: ChatContext, account: Account, readings: Readings) -> None:
    preferences = await readings.get_preferences(account.id)
    await context.screen.show(
        views.readings.render_section(
            preferences, context.catalogue, context.company, context.texts
        )
    )
