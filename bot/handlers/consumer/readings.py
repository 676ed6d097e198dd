"""Meter readings: entering them and looking back at them."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.domain import Account, Layout, Meter, MeterKind, MeterReading, ReadingMark
from bot.fsm.builtin_forms import build_zone_key
from bot.fsm.model import Draft, Field, Form, FormId, Rejected
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import FormAction, FormResult, Forms
from bot.integrations.charts import draw_columns
from bot.integrations.spreadsheets import write_xlsx
from bot.integrations.worker_process import WorkerProcess
from bot.keyboards import ChooseLayout, Go, MeterFile, MeterForm, OpenMeter, SetReminders
from bot.request_types import Catalogue
from bot.services.readings import EarlierReadings, Readings, compute_used_by_zone
from bot.services.readings import compute_used as used_in_zone
from bot.texts import Texts
from bot.views.forms import Hints
from bot.views.view import Company


class ReadingEntryAction(FormAction):
    """Keeps what a meter shows; asks again when that cannot be."""

    def __init__(self, readings: Readings, company: Company) -> None:
        self._readings = readings
        self._company = company

    async def get_hints(self, context: ChatContext, form: Form, draft: Draft) -> Hints:
        if context.chat.account is None:
            return Hints()
        if draft.open == "meter":
            meters = await self._readings.list_meters(context.chat.account.id)
            return views.readings.build_meter_hints(meters, context.texts)
        if draft.open == "kind":
            return Hints()
        kind = MeterKind(draft.answers["kind"])
        earlier = await self._find_earlier(context, draft)
        if draft.open is not None:
            return views.readings.build_previous_hint(
                earlier, kind, _parse_zone(draft.open), context.texts
            )
        values = _parse_values(draft)
        try:
            used = compute_used_by_zone(
                earlier, kind, values, _parse_marks(draft), self._readings.rules.jump
            )
        except Rejected:
            # Known since the answers were given, and told when they are submitted.
            return Hints()
        late = self._readings.rules.is_late(
            self._readings.get_today(), context.chat.account.category
        )
        return views.readings.build_comparison_hint(earlier, kind, used, context.texts, late=late)

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str, message: Message | None
    ) -> str | None:
        if field.kind == "reading":
            zone = _parse_zone(field.key)
            replaced = ReadingMark.REPLACED in draft.confirmed.values()
            used_in_zone(
                await self._find_earlier(context, draft),
                MeterKind(draft.answers["kind"]),
                zone,
                Decimal(answer),
                frozenset({ReadingMark.REPLACED}) if replaced else _parse_marks(draft)[zone],
                self._readings.rules.jump,
            )
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        account = context.chat.account
        if account is None:
            raise Rejected("session-over")
        reading = await self._readings.submit(
            draft_id=draft.id,
            account=account,
            number=draft.answers["meter"],
            kind=MeterKind(draft.answers["kind"]),
            values=_parse_values(draft),
            confirmed=_parse_marks(draft),
        )
        return self._build_result(reading, context)

    async def already_submitted(self, context: ChatContext, draft_id: str) -> FormResult | None:
        if context.chat.account is None:
            return None
        reading = await self._readings.find_submitted(draft_id, context.chat.account.id)
        return self._build_result(reading, context) if reading else None

    async def _find_earlier(self, context: ChatContext, draft: Draft) -> EarlierReadings | None:
        if context.chat.account is None:
            return None
        return await self._readings.find_earlier(context.chat.account.id, draft.answers["meter"])

    def _build_result(self, reading: MeterReading, context: ChatContext) -> FormResult:
        return FormResult(
            views=(views.readings.render_submitted(reading, self._company, context.texts),),
            lasting=True,
        )


def _parse_zone(key: str) -> int:
    """The zone that a question is about, from 0."""
    return int(key[-1]) - 1


def _list_zone_keys(draft: Draft) -> list[str]:
    kind = MeterKind(draft.answers["kind"])
    return [build_zone_key(kind, zone) for zone in range(kind.zones)]


def _parse_values(draft: Draft) -> tuple[Decimal, ...]:
    return tuple(Decimal(draft.answers[key]) for key in _list_zone_keys(draft))


def _parse_marks(draft: Draft) -> tuple[frozenset[ReadingMark], ...]:
    """What the consumer said of the values, by zone."""
    return tuple(
        frozenset({ReadingMark(draft.confirmed[key])}) if key in draft.confirmed else frozenset()
        for key in _list_zone_keys(draft)
    )


class HistoryPeriodAction(FormAction):
    """Shows the history between two days."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str, message: Message | None
    ) -> str | None:
        if field.key == "last" and answer < draft.answers["first"]:
            raise Rejected("period-backwards")
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        account = context.chat.account
        if account is None:
            raise Rejected("session-over")
        first, last = (date.fromisoformat(draft.answers[key]) for key in ("first", "last"))
        meter_id = int(form.id.parts[0])
        view = await _render_history(
            self._readings, account, meter_id, first, last, 0, context.texts
        )
        return FormResult(views=(view,))


class MeterPlaceAction(FormAction):
    """Remembers where a meter is; its button then says so."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        account = context.chat.account
        if account is None:
            raise Rejected("session-over")
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
    choices = await readings.get_preferences(account.id)
    return views.readings.render_history(meter, page, first, last, choices.layout, texts)


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
    with TemporaryDirectory() as folder:
        path = await write_xlsx(
            worker,
            Path(folder),
            texts("sheet-readings"),
            table.columns,
            (table.build_row(one) async for one in found),
        )
        return await asyncio.to_thread(path.read_bytes)


def build_readings_router() -> Router:
    router = Router(name="readings")

    @router.callback_query(Go.filter(F.to == "readings"), LoggedIn())
    async def open_readings(
        _: CallbackQuery,
        context: ChatContext,
        account: Account,
        readings: Readings,
        catalogue: Catalogue,
        company: Company,
    ) -> None:
        choices = await readings.get_preferences(account.id)
        await context.screen.show(
            views.readings.render_section(choices, catalogue, company, context.texts)
        )

    @router.callback_query(Go.filter(F.to == "reading"), LoggedIn())
    async def enter(_: CallbackQuery, context: ChatContext, forms: Forms) -> None:
        await forms.open(context, FormId("reading"))

    @router.callback_query(Go.filter(F.to == "history"), LoggedIn())
    async def open_meters(
        _: CallbackQuery, context: ChatContext, account: Account, readings: Readings
    ) -> None:
        meters = await readings.list_meters(account.id)
        await context.screen.show(views.readings.render_meters(meters, context.texts))

    @router.callback_query(OpenMeter.filter(), LoggedIn())
    async def open_meter(
        _: CallbackQuery,
        callback_data: OpenMeter,
        context: ChatContext,
        account: Account,
        readings: Readings,
    ) -> None:
        first, last = _parse_days(callback_data.first, callback_data.last, readings.get_today())
        view = await _render_history(
            readings, account, callback_data.id, first, last, callback_data.page, context.texts
        )
        await context.screen.show(view)

    @router.callback_query(MeterForm.filter(F.form.in_({"period", "place"})), LoggedIn())
    async def ask(
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
        first, last = _parse_days(callback_data.first, callback_data.last, readings.get_today())
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
        catalogue: Catalogue,
        company: Company,
    ) -> None:
        await readings.set_reminders(account.id, wanted=callback_data.on)
        choices = await readings.get_preferences(account.id)
        await context.screen.show(
            views.readings.render_section(choices, catalogue, company, context.texts)
        )

    @router.callback_query(Go.filter(F.to == "layouts"), LoggedIn())
    async def layouts(_: CallbackQuery, context: ChatContext) -> None:
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


def _parse_days(first: int, last: int, today: date) -> tuple[date, date]:
    """The period that a button carries, as ordinals; a year up to today when it carries none."""
    try:
        return (
            date.fromordinal(first) if first else today - timedelta(days=365),
            date.fromordinal(last) if last else today,
        )
    except (ValueError, OverflowError):
        return today, today
