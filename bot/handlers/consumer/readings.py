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
from bot.fsm.builtin_forms import zone_key
from bot.fsm.model import Draft, Field, Form, Rejected
from bot.handlers.consumer.context import SignedIn, Visit
from bot.handlers.consumer.forms import FormAction, Farewell, Forms
from bot.integrations.charts import draw_columns
from bot.integrations.spreadsheets import write_xlsx
from bot.integrations.worker_process import Workshop
from bot.keyboards import ChooseLayout, Go, MeterFile, MeterForm, OpenMeter, Reminders
from bot.services.readings import Earlier, Readings, used_in_all
from bot.services.readings import used as used_in_zone
from bot.texts import Texts
from bot.views.forms import Advice
from bot.views.view import Company


class Entry(FormAction):
    """Keeps what a meter shows; asks again when that cannot be."""

    def __init__(self, readings: Readings, company: Company) -> None:
        self._readings = readings
        self._company = company

    async def advise(self, visit: Visit, form: Form, draft: Draft) -> Advice:
        if visit.chat.account is None:
            return Advice()
        if draft.open == "meter":
            meters = await self._readings.meters(visit.chat.account.id)
            return views.readings.known_meters(meters, visit.texts)
        if draft.open == "kind":
            return Advice()
        kind = MeterKind(draft.answers["kind"])
        earlier = await self._earlier(visit, draft)
        if draft.open is not None:
            return views.readings.before(earlier, kind, _zone(draft.open), visit.texts)
        values = _values(draft)
        try:
            used = used_in_all(earlier, kind, values, _ways(draft), self._readings.rules.jump)
        except Rejected:
            # Known since the answers were given, and told when they are submitted.
            return Advice()
        late = self._readings.rules.is_late(self._readings.today(), visit.chat.account.category)
        return views.readings.comparison(earlier, kind, used, visit.texts, late=late)

    async def check(
        self, visit: Visit, field: Field, draft: Draft, answer: str, message: Message | None
    ) -> str | None:
        if field.kind == "reading":
            zone = _zone(field.key)
            replaced = ReadingMark.REPLACED in draft.insisted.values()
            used_in_zone(
                await self._earlier(visit, draft),
                MeterKind(draft.answers["kind"]),
                zone,
                Decimal(answer),
                frozenset({ReadingMark.REPLACED}) if replaced else _ways(draft)[zone],
                self._readings.rules.jump,
            )
        return None

    async def carry_out(self, visit: Visit, form: Form, draft: Draft) -> Farewell:
        account = visit.chat.account
        if account is None:
            raise Rejected("session-over")
        reading = await self._readings.submit(
            draft_id=draft.id,
            account=account,
            number=draft.answers["meter"],
            kind=MeterKind(draft.answers["kind"]),
            values=_values(draft),
            insisted=_ways(draft),
        )
        return self._submitted(reading, visit)

    async def carried_out(self, visit: Visit, draft_id: str) -> Farewell | None:
        if visit.chat.account is None:
            return None
        reading = await self._readings.submitted(draft_id, visit.chat.account.id)
        return self._submitted(reading, visit) if reading else None

    async def _earlier(self, visit: Visit, draft: Draft) -> Earlier | None:
        if visit.chat.account is None:
            return None
        return await self._readings.earlier(visit.chat.account.id, draft.answers["meter"])

    def _submitted(self, reading: MeterReading, visit: Visit) -> Farewell:
        return Farewell(
            views=(views.readings.submitted(reading, self._company, visit.texts),), lasting=True
        )


def _zone(key: str) -> int:
    """The zone that a question is about, from 0."""
    return int(key[-1]) - 1


def _keys(draft: Draft) -> list[str]:
    kind = MeterKind(draft.answers["kind"])
    return [zone_key(kind, zone) for zone in range(kind.zones)]


def _values(draft: Draft) -> tuple[Decimal, ...]:
    return tuple(Decimal(draft.answers[key]) for key in _keys(draft))


def _ways(draft: Draft) -> tuple[frozenset[ReadingMark], ...]:
    """What the consumer said of the values, by zone."""
    return tuple(
        frozenset({ReadingMark(draft.insisted[key])}) if key in draft.insisted else frozenset()
        for key in _keys(draft)
    )


class Period(FormAction):
    """Shows the history between two days."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    async def check(
        self, visit: Visit, field: Field, draft: Draft, answer: str, message: Message | None
    ) -> str | None:
        if field.key == "last" and answer < draft.answers["first"]:
            raise Rejected("period-backwards")
        return None

    async def carry_out(self, visit: Visit, form: Form, draft: Draft) -> Farewell:
        account = visit.chat.account
        if account is None:
            raise Rejected("session-over")
        first, last = (date.fromisoformat(draft.answers[key]) for key in ("first", "last"))
        meter_id = int(form.id.partition(":")[2])
        view = await _history(self._readings, account, meter_id, first, last, 0, visit.texts)
        return Farewell(views=(view,))


class Place(FormAction):
    """Remembers where a meter is; its button then says so."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    async def carry_out(self, visit: Visit, form: Form, draft: Draft) -> Farewell:
        account = visit.chat.account
        if account is None:
            raise Rejected("session-over")
        meter_id = int(form.id.partition(":")[2])
        await self._readings.set_place(account.id, meter_id, draft.answers["place"])
        meters = await self._readings.meters(account.id)
        return Farewell(views=(views.readings.meters(meters, visit.texts),))


async def _history(
    readings: Readings,
    account: Account,
    meter_id: int,
    first: date,
    last: date,
    number: int,
    texts: Texts,
) -> views.View:
    meter = await readings.meter(account.id, meter_id)
    if meter is None:
        return views.readings.meters(await readings.meters(account.id), texts)
    page = await readings.page(meter.id, first, last, number)
    choices = await readings.choices(account.id)
    return views.readings.history(meter, page, first, last, choices.layout, texts)


async def _chart(
    readings: Readings, workshop: Workshop, meter: Meter, first: date, last: date, texts: Texts
) -> bytes:
    months = await readings.monthly(meter.id, first, last)
    return await workshop.run(draw_columns, *views.readings.chart(meter, months, texts))


async def _spreadsheet(
    readings: Readings, workshop: Workshop, meter: Meter, first: date, last: date, texts: Texts
) -> bytes:
    with TemporaryDirectory() as folder:
        path = await write_xlsx(
            workshop,
            Path(folder),
            texts("sheet-readings"),
            views.readings.columns(meter.kind, texts),
            views.readings.rows(
                readings.between(first, last, meter_id=meter.id), meter.kind, texts
            ),
        )
        return await asyncio.to_thread(path.read_bytes)


def build_readings_router() -> Router:
    router = Router(name="readings")

    @router.callback_query(Go.filter(F.to == "readings"), SignedIn())
    async def open_readings(
        _: CallbackQuery, visit: Visit, account: Account, readings: Readings, company: Company
    ) -> None:
        choices = await readings.choices(account.id)
        await visit.screen.show(views.readings.section(choices, company, visit.texts))

    @router.callback_query(Go.filter(F.to == "reading"), SignedIn())
    async def enter(_: CallbackQuery, visit: Visit, forms: Forms) -> None:
        await forms.open(visit, "reading")

    @router.callback_query(Go.filter(F.to == "history"), SignedIn())
    async def open_meters(
        _: CallbackQuery, visit: Visit, account: Account, readings: Readings
    ) -> None:
        meters = await readings.meters(account.id)
        await visit.screen.show(views.readings.meters(meters, visit.texts))

    @router.callback_query(OpenMeter.filter(), SignedIn())
    async def open_meter(
        _: CallbackQuery,
        callback_data: OpenMeter,
        visit: Visit,
        account: Account,
        readings: Readings,
    ) -> None:
        first, last = _days(callback_data.first, callback_data.last, readings.today())
        view = await _history(
            readings, account, callback_data.id, first, last, callback_data.page, visit.texts
        )
        await visit.screen.show(view)

    @router.callback_query(MeterForm.filter(F.form.in_({"period", "place"})), SignedIn())
    async def ask(_: CallbackQuery, callback_data: MeterForm, visit: Visit, forms: Forms) -> None:
        await forms.open(visit, f"{callback_data.form}:{callback_data.id}")

    @router.callback_query(MeterFile.filter(F.kind.in_({"png", "xlsx"})), SignedIn())
    async def send_file(
        _: CallbackQuery,
        callback_data: MeterFile,
        visit: Visit,
        account: Account,
        readings: Readings,
        workshop: Workshop,
    ) -> None:
        first, last = _days(callback_data.first, callback_data.last, readings.today())
        meter = await readings.meter(account.id, callback_data.id)
        if meter is not None:
            await visit.screen.busy("upload_document")
            make = _chart if callback_data.kind == "png" else _spreadsheet
            data = await make(readings, workshop, meter, first, last, visit.texts)
            await visit.screen.give(f"{meter.number}.{callback_data.kind}", data)
        view = await _history(readings, account, callback_data.id, first, last, 0, visit.texts)
        await visit.screen.show(view)

    @router.callback_query(Reminders.filter(), SignedIn())
    async def set_reminders(
        _: CallbackQuery,
        callback_data: Reminders,
        visit: Visit,
        account: Account,
        readings: Readings,
        company: Company,
    ) -> None:
        await readings.set_reminders(account.id, wanted=callback_data.on)
        choices = await readings.choices(account.id)
        await visit.screen.show(views.readings.section(choices, company, visit.texts))

    @router.callback_query(Go.filter(F.to == "layouts"), SignedIn())
    async def layouts(_: CallbackQuery, visit: Visit) -> None:
        await visit.screen.show(views.readings.layouts(visit.texts))

    @router.callback_query(ChooseLayout.filter(F.layout.in_(set(Layout))), SignedIn())
    async def choose_layout(
        _: CallbackQuery,
        callback_data: ChooseLayout,
        visit: Visit,
        account: Account,
        readings: Readings,
    ) -> None:
        layout = Layout(callback_data.layout)
        if layout is Layout.RICH and not callback_data.tried:
            await visit.screen.show(views.readings.sample(visit.texts))
            return
        await readings.set_layout(account.id, layout)
        meters = await readings.meters(account.id)
        await visit.screen.show(views.readings.meters(meters, visit.texts))

    return router


def _days(first: int, last: int, today: date) -> tuple[date, date]:
    """The period that a button carries, as ordinals; a year up to today when it carries none."""
    try:
        return (
            date.fromordinal(first) if first else today - timedelta(days=365),
            date.fromordinal(last) if last else today,
        )
    except (ValueError, OverflowError):
        return today, today
