"""Handlers of meter readings: entering them, their history, and how it is shown."""

from datetime import date

from aiogram import F, Router
from aiogram.types import CallbackQuery

from bot import views
from bot.domain import Account, Category, Layout, Meter
from bot.formatting.reading_documents import build_act, build_history
from bot.formatting.readings import build_chart, build_table
from bot.fsm.model import Draft, Field, Form, FormId
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import FormAction, FormResult, Forms
from bot.integrations.charts import draw_bars
from bot.integrations.spreadsheets import build_xlsx
from bot.integrations.typesetting import Document
from bot.integrations.worker_process import WorkerProcess
from bot.keyboards import (
    ChooseLayout,
    EnterReading,
    Go,
    HideMeter,
    MeterFile,
    MeterForm,
    MetersPage,
    OpenMeter,
    SetObject,
    SetReminders,
    ShowMeter,
)
from bot.services.documents import Documents
from bot.services.errors import DocumentUnavailable
from bot.services.periods import check_order, parse_history_period
from bot.services.rate_limits import LimitedAction
from bot.services.reading_entry import (
    ReadingEntry,
    ReadingReceipt,
    build_form_id,
    get_kind,
    get_meter_id,
    get_zone,
)
from bot.services.readings import Readings
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.filters import PressOf
from bot.texts import Texts, Translations
from bot.views.forms import Hints

#: Readings of one PDF, the newest; more of them take the typesetter seconds.
_HISTORY_LENGTH = 1_000


class ReadingEntryAction(FormAction):
    """Submits a meter's reading; values that cannot be are asked again."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._entry = ReadingEntry(readings)

    async def get_hints(self, context: ChatContext, form: Form, draft: Draft) -> Hints:
        account, texts = context.chat.account, context.texts
        is_value = draft.open is not None and form.get_field(draft.open).kind == "reading"
        if account is None or not (is_value or draft.open is None):
            return Hints()
        meter_id = get_meter_id(form.id)
        meter = await self._readings.get_meter(account.id, meter_id) if meter_id else None
        kind = get_kind(draft)
        if draft.open is not None:
            earlier = await self._entry.find_earlier(account, draft)
            zone = get_zone(kind, draft.open)
            return views.readings.build_value_hint(meter, earlier, kind, zone, texts)
        compared = await self._entry.compare(account, draft)
        if compared is None:
            return Hints()
        return views.readings.build_comparison_hint(meter, compared, kind, texts)

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str
    ) -> str | None:
        if field.kind == "reading":
            await self._entry.check(context.require_account(), draft, field.key, answer)
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        receipt = await self._entry.submit(context.require_account(), draft)
        return _build_result(receipt, context)

    async def already_submitted(self, context: ChatContext, draft_id: str) -> FormResult | None:
        account = context.chat.account
        if account is None:
            return None
        receipt = await self._entry.find_submitted(draft_id, account.id)
        return _build_result(receipt, context) if receipt else None


def _build_result(receipt: ReadingReceipt, context: ChatContext) -> FormResult:
    view = views.readings.render_submitted(receipt, context.company, context.texts)
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
        return FormResult(
            views=(await _render_meter(self._readings, account, meter_id, context.texts),)
        )


class MeterRatioAction(FormAction):
    """Stores the ratio of a meter's transformers."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        account = context.require_account()
        meter_id = int(form.id.parts[0])
        await self._readings.set_ratio(account.id, meter_id, int(draft.answers["ratio"]))
        return FormResult(
            views=(await _render_meter(self._readings, account, meter_id, context.texts),)
        )


async def _render_meters(
    readings: Readings, account: Account, page: int, texts: Texts
) -> views.View:
    hidden = await readings.list_meters(account.id, hidden=True)
    return views.readings.render_meters(
        await readings.list_meters(account.id), page, texts, has_hidden=bool(hidden)
    )


async def _render_meter(
    readings: Readings, account: Account, meter_id: int, texts: Texts
) -> views.View:
    """The list of meters when there is no such one."""
    meter = await readings.get_meter(account.id, meter_id)
    if meter is None:
        return await _render_meters(readings, account, 0, texts)
    month, window = readings.get_window(meter.object)
    return views.readings.render_meter(meter, account, month, window, texts)


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
        return await _render_meters(readings, account, 0, texts)
    page = await readings.list_page(meter.id, first, last, number)
    preferences = await readings.get_preferences(account.id)
    return views.readings.render_history(meter, page, first, last, preferences.layout, texts)


async def _draw_chart(
    readings: Readings, worker: WorkerProcess, meter: Meter, first: date, last: date, texts: Texts
) -> tuple[bytes, str]:
    """A picture and its caption."""
    months = await readings.sum_by_month(meter, first, last)
    picture = await worker.run(draw_bars, *build_chart(meter, months, texts))
    return picture, views.readings.format_chart(months, texts)


async def _write_spreadsheet(
    readings: Readings, worker: WorkerProcess, meter: Meter, first: date, last: date, texts: Texts
) -> tuple[bytes, str]:
    """A spreadsheet, without a caption."""
    table = build_table(meter.kind, texts)
    found = readings.iterate_between(first, last, meter_id=meter.id)
    rows = (table.build_row(one) async for one in found)
    return await build_xlsx(worker, texts("sheet-readings"), table.columns, rows), ""


async def _build_history(
    readings: Readings, meter_id: int, first: date, last: date, context: ChatContext
) -> Document | None:
    """None when the account has no such meter."""
    account = context.require_account()
    meter = await readings.get_meter(account.id, meter_id)
    if meter is None:
        return None
    newest = await readings.list_newest(meter.id, first, last, _HISTORY_LENGTH)
    return build_history(
        meter,
        account,
        newest,
        newest[0].day if len(newest) == _HISTORY_LENGTH else first,
        last,
        context.company,
        context.texts,
    )


async def _build_act(
    readings: Readings, meter_id: int | None, context: ChatContext, texts: Texts
) -> Document | None:
    """None without readings; ``texts`` are those of the company's language."""
    account = context.require_account()
    month, transferred = await readings.list_transferred(account.id, meter_id)
    if not transferred:
        return None
    return build_act(transferred, month, account, readings.get_today(), context.company, texts)


def build_readings_router() -> Router:
    router = Router(name="readings")

    @router.callback_query(PressOf(Go(to="readings")), LoggedIn())
    async def open_readings(
        _: CallbackQuery, context: ChatContext, account: Account, readings: Readings
    ) -> None:
        await _show_section(context, account, readings)

    @router.callback_query(PressOf(Go(to="reading")), LoggedIn())
    async def open_entry(
        _: CallbackQuery, context: ChatContext, account: Account, readings: Readings, forms: Forms
    ) -> None:
        known = await readings.list_meters(account.id)
        if known:
            await context.screen.show(views.readings.render_entry(known, 0, context.texts))
        else:
            await forms.open(context, build_form_id(account, None))

    @router.callback_query(PressOf(Go(to="other_meter")), LoggedIn())
    async def open_form_of_other_meter(
        _: CallbackQuery, context: ChatContext, account: Account, forms: Forms
    ) -> None:
        await forms.open(context, build_form_id(account, None))

    @router.callback_query(EnterReading.filter(), LoggedIn())
    async def open_form_of_known_meter(
        _: CallbackQuery,
        callback_data: EnterReading,
        context: ChatContext,
        account: Account,
        readings: Readings,
        forms: Forms,
    ) -> None:
        meter = await readings.get_meter(account.id, callback_data.id)
        await forms.open(context, build_form_id(account, meter))

    @router.callback_query(PressOf(Go(to="history")), LoggedIn())
    async def show_meters(
        _: CallbackQuery, context: ChatContext, account: Account, readings: Readings
    ) -> None:
        await context.screen.show(await _render_meters(readings, account, 0, context.texts))

    @router.callback_query(MetersPage.filter(), LoggedIn())
    async def turn_page_of_meters(
        _: CallbackQuery,
        callback_data: MetersPage,
        context: ChatContext,
        account: Account,
        readings: Readings,
    ) -> None:
        page, texts = callback_data.page, context.texts
        match callback_data.to:
            case "reading":
                known = await readings.list_meters(account.id)
                view = views.readings.render_entry(known, page, texts)
            case "hidden":
                hidden = await readings.list_meters(account.id, hidden=True)
                view = views.readings.render_hidden_meters(hidden, page, texts)
            case _:
                view = await _render_meters(readings, account, page, texts)
        await context.screen.show(view)

    @router.callback_query(ShowMeter.filter(), LoggedIn())
    async def show_meter(
        _: CallbackQuery,
        callback_data: ShowMeter,
        context: ChatContext,
        account: Account,
        readings: Readings,
    ) -> None:
        view = await _render_meter(readings, account, callback_data.id, context.texts)
        await context.screen.show(view)

    @router.callback_query(SetObject.filter(), LoggedIn())
    async def set_object(
        _: CallbackQuery,
        callback_data: SetObject,
        context: ChatContext,
        account: Account,
        readings: Readings,
    ) -> None:
        await readings.set_object(account.id, callback_data.id, callback_data.kind)
        view = await _render_meter(readings, account, callback_data.id, context.texts)
        await context.screen.show(view)

    @router.callback_query(HideMeter.filter(), LoggedIn())
    async def set_hidden(
        _: CallbackQuery,
        callback_data: HideMeter,
        context: ChatContext,
        account: Account,
        readings: Readings,
    ) -> None:
        await readings.set_hidden(account.id, callback_data.id, hidden=callback_data.hidden)
        view = await _render_meter(readings, account, callback_data.id, context.texts)
        await context.screen.show(view)

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

    @router.callback_query(MeterForm.filter(), LoggedIn())
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
            data, caption = await make(readings, worker, meter, first, last, context.texts)
            await context.screen.send_file(f"{meter.number}.{callback_data.kind}", data, caption)
        view = await _render_history(
            readings, account, callback_data.id, first, last, 0, context.texts
        )
        await context.screen.show(view)

    @router.callback_query(MeterFile.filter(F.kind.in_({"pdf", "act"})), LoggedIn())
    async def send_document(
        _: CallbackQuery,
        callback_data: MeterFile,
        context: ChatContext,
        account: Account,
        readings: Readings,
        documents: Documents,
        translations: Translations,
        alert: CallbackAlert,
    ) -> None:
        first, last = parse_history_period(
            callback_data.first, callback_data.last, readings.get_today()
        )
        if callback_data.kind == "pdf":
            document = await _build_history(readings, callback_data.id, first, last, context)
        else:
            texts = translations.get_texts(translations.locales[0])
            document = await _build_act(readings, callback_data.id or None, context, texts)
        if document is not None:
            context.conversation.rate_limiter.spend(LimitedAction.DOCUMENTS)
            await context.screen.show_activity("upload_document")
            try:
                data = await documents.render(document, context.require_account().id)
            except DocumentUnavailable:
                alert.text = context.texts("readings-document-unavailable")
            else:
                await context.screen.send_file(document.file_name, data)
        # Without such a meter: the list of meters.
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

    @router.callback_query(PressOf(Go(to="layouts")), LoggedIn())
    async def show_layouts(_: CallbackQuery, context: ChatContext) -> None:
        await context.screen.show(views.readings.render_layouts(context.texts))

    @router.callback_query(ChooseLayout.filter(), LoggedIn())
    async def choose_layout(
        _: CallbackQuery,
        callback_data: ChooseLayout,
        context: ChatContext,
        account: Account,
        readings: Readings,
    ) -> None:
        layout = callback_data.layout
        if layout is Layout.RICH and not callback_data.tried:
            await context.screen.show(views.readings.render_sample(context.texts))
            return
        await readings.set_layout(account.id, layout)
        await context.screen.show(await _render_meters(readings, account, 0, context.texts))

    return router


async def _show_section(context: ChatContext, account: Account, readings: Readings) -> None:
    known = await readings.list_meters(account.id)
    preferences = await readings.get_preferences(account.id)
    await context.screen.show(
        views.readings.render_section(
            known,
            preferences,
            context.catalogue,
            context.company,
            context.texts,
            takes_files=account.category is Category.LEGAL,
        )
    )
