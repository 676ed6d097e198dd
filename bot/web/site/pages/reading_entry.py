"""Entering readings: the meter is chosen, then its values are asked, all on one page."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from aiohttp import web
from markupsafe import Markup

from bot.domain import (
    Account,
    AnswerKey,
    Meter,
    MeterKind,
    ReadingMark,
    get_default_object,
)
from bot.formatting.forms import format_example, format_label, format_raw_answer
from bot.formatting.readings import (
    format_meter,
    format_window,
    list_comparison_remarks,
    list_value_remarks,
)
from bot.formatting.values import escape
from bot.fsm import field_types
from bot.fsm.builtin_forms import list_zone_keys
from bot.fsm.model import Field, FormId, NeedsConfirmation, Rejected, list_visible
from bot.services.form_drafts import FormDrafts
from bot.services.rate_limits import LimitedAction
from bot.services.reading_entry import ReadingEntry, build_form_id, get_kind, get_zone
from bot.services.readings import EarlierReadings, Readings
from bot.services.site_forms import OpenForm, SiteForms
from bot.texts import Texts
from bot.web.site.bodies import read_form
from bot.web.site.complaints import format_page_complaint
from bot.web.site.context import SiteContext, get_context
from bot.web.site.ended_sessions import find_former_account
from bot.web.site.errors import LoginNeeded, PageError
from bot.web.site.markup import join_blocks
from bot.web.site.rate_limits import spend
from bot.web.site.rendering import redirect, render
from bot.web.site.uploads import SentForm, receive_files

#: By which a consumer confirms a doubtful reading.
_REASONS = frozenset(
    {ReadingMark.REPLACED, ReadingMark.ROLLOVER, ReadingMark.CONFIRMED, ReadingMark.AMENDS}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredMeter:
    """Of which meter a form asks: one of the account's, or another one of a ``kind``."""

    meter: Meter | None
    kind: MeterKind
    form_id: FormId

    @property
    def address(self) -> str:
        return f"/readings/new?{self._query}"

    @property
    def review(self) -> str:
        return f"/readings/new/review?{self._query}"

    @property
    def _query(self) -> str:
        return f"meter={self.meter.id}" if self.meter else f"kind={self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A field of the page; ``reasons``: by which its doubtful value may be confirmed."""

    field: Field
    label: str
    hint: Markup
    value: str
    error: Markup | None
    reasons: Sequence[tuple[str, str]]


def build_reading_entry_routes(
    readings: Readings, entry: ReadingEntry, drafts: FormDrafts, site_forms: SiteForms
) -> list[web.RouteDef]:
    async def find_meter(request: web.Request, account: Account) -> EnteredMeter | None:
        """From the parameters of the address; None: the person has to choose one."""
        identity, kind = request.query.get("meter", ""), request.query.get("kind", "")
        if re.fullmatch("[0-9]{1,18}", identity):
            meter = await readings.get_meter(account.id, int(identity))
            if meter is None:
                raise PageError(404, "meter-unknown")
            form_id = build_form_id(account, meter)
            return EnteredMeter(meter=meter, kind=meter.kind, form_id=form_id)
        if kind in set(MeterKind):
            form_id = build_form_id(account, None)
            return EnteredMeter(meter=None, kind=MeterKind(kind), form_id=form_id)
        return None

    async def show_entry(request: web.Request) -> web.Response:
        context = get_context(request)
        account = context.require_account()
        chosen = await find_meter(request, account)
        if chosen is None:
            return await show_choice(request, account)
        opened = await site_forms.open(account, chosen.form_id)
        return await show_form(request, account, chosen, opened, {})

    async def show_choice(request: web.Request, account: Account) -> web.Response:
        texts = get_context(request).texts
        meters = await readings.list_meters(account.id)
        return render(
            request,
            "reading_choice.html",
            meters=[(one, format_meter(one, texts)) for one in meters],
            kinds=list(MeterKind),
            asks_kind=not meters or request.query.get("meter") == "other",
        )

    async def require_meter(request: web.Request, account: Account) -> EnteredMeter:
        chosen = await find_meter(request, account)
        if chosen is None:
            raise PageError(400)
        return chosen

    async def find_receipt(account: Account, draft_id: str) -> str | None:
        """Where a draft that was submitted before, by a page that came twice, is shown."""
        submitted = await entry.find_submitted(draft_id[:64], account.id)
        if submitted is None:
            return None
        return f"/readings/{submitted.reading.meter.id}?sent={draft_id[:64]}"

    async def take(request: web.Request) -> web.Response:
        """The answers, or what another button of the form does."""
        account = get_context(request).account
        if account is None:
            await keep_for_later(request)
        chosen = await require_meter(request, account)
        async with receive_files(request) as sent:
            draft_id = sent.fields.get("draft", "")
            if receipt := await find_receipt(account, draft_id):
                return redirect(request, receipt)
            act, _, which = sent.fields.get("act", "").partition(":")
            if act == "discard":
                await site_forms.discard(account.id, draft_id)
                return redirect(request, "/readings")
            if act == "remove" and which.isdecimal():
                await site_forms.remove_file(account, chosen.form_id, int(which[:18]))
                return redirect(request, f"{chosen.address}#field-scans")
            return await take_answers(request, account, chosen, sent)

    async def take_answers(
        request: web.Request, account: Account, chosen: EnteredMeter, sent: SentForm
    ) -> web.Response:
        errors = await attach_photos(account, chosen, sent)
        raw = _read_answers(chosen, sent)
        confirmed = {
            key: reason
            for key in list_zone_keys(chosen.kind)
            if (reason := sent.fields.get(f"confirm-{key}", "")) in _REASONS
        }
        opened = await site_forms.answer(account, chosen.form_id, raw, confirmed, is_whole=True)
        errors = {**opened.errors, **errors}
        if opened.is_complete:
            errors |= await entry.check_all(account, opened.draft)
        if errors or not opened.is_complete:
            return await show_form(request, account, chosen, opened, errors)
        return redirect(request, chosen.review)

    async def keep_for_later(request: web.Request) -> NoReturn:
        """The session is over: the answers wait for the login, in the draft of the account."""
        account = await find_former_account(request, site_forms)
        chosen = await require_meter(request, account)
        async with receive_files(request) as sent:
            raw = _read_answers(chosen, sent)
            await site_forms.answer(account, chosen.form_id, raw, is_whole=False)
        raise LoginNeeded(kept=True)

    async def show_review(request: web.Request) -> web.Response:
        """The values beside those before, which shows a slip better than the values alone."""
        account = get_context(request).require_account()
        chosen = await require_meter(request, account)
        opened = await site_forms.open(account, chosen.form_id)
        texts, draft = get_context(request).texts, opened.draft
        compared = await entry.compare(account, draft) if opened.is_complete else None
        if compared is None or get_kind(draft) is not chosen.kind:
            return redirect(request, chosen.address)
        return render(
            request,
            "reading_review.html",
            chosen=chosen,
            name=format_meter(chosen.meter, texts) if chosen.meter else None,
            facts=[
                (
                    format_label(opened.form, field, texts),
                    format_raw_answer(opened.form, field, draft.answers[field.key], texts),
                )
                for field in list_visible(opened.form.fields, draft.answers)
                if field.kind != "files"
            ],
            remarks=join_blocks(list_comparison_remarks(compared, chosen.kind, texts)),
            files=opened.files,
            draft_id=draft.id,
        )

    async def submit(request: web.Request) -> web.Response:
        account, sent = get_context(request).require_account(), await read_form(request)
        chosen = await require_meter(request, account)
        if receipt := await find_receipt(account, sent.get("draft", "")):
            return redirect(request, receipt)
        opened = await site_forms.open(account, chosen.form_id)
        if not opened.is_complete or get_kind(opened.draft) is not chosen.kind:
            return redirect(request, chosen.address)
        try:
            done = await entry.submit(account, opened.draft)
        except Rejected as rejected:
            # Another door has sent a reading meanwhile.
            errors = await entry.check_all(account, opened.draft)
            errors = errors or {list_zone_keys(chosen.kind)[0]: rejected}
            return await show_form(request, account, chosen, opened, errors)
        await site_forms.forget(account.id, opened.draft.id)
        return redirect(request, f"/readings/{done.reading.meter.id}?sent={opened.draft.id}")

    async def attach_photos(
        account: Account, chosen: EnteredMeter, sent: SentForm
    ) -> dict[str, Rejected]:
        """What is wrong with the last photo that was refused; the others are kept."""
        for file in sent.files:
            try:
                if file.rejected:
                    raise file.rejected
                await spend(site_forms, account, LimitedAction.FILES)
                await site_forms.attach(account, chosen.form_id, file.name, file.staged)
            except Rejected as rejected:
                return {AnswerKey.SCANS.value: rejected}
        return {}

    async def show_form(
        request: web.Request,
        account: Account,
        chosen: EnteredMeter,
        opened: OpenForm,
        errors: Mapping[str, Rejected],
    ) -> web.Response:
        context = get_context(request)
        texts = context.texts
        earlier = (
            await readings.find_earlier(account.id, chosen.meter.number) if chosen.meter else None
        )
        kind = chosen.meter.object if chosen.meter else get_default_object(account.category)
        month, window = readings.get_window(kind)
        return render(
            request,
            "reading_entry.html",
            422 if errors else 200,
            chosen=chosen,
            name=format_meter(chosen.meter, texts) if chosen.meter else None,
            window=join_blocks([format_window(month, window, texts)]),
            draft_id=opened.draft.id,
            questions=list(list_questions(context, account, chosen, opened, errors, earlier)),
            files=opened.files,
            file_error=_format_error(errors.get(AnswerKey.SCANS.value), opened, texts),
        )

    def list_questions(
        context: SiteContext,
        account: Account,
        chosen: EnteredMeter,
        opened: OpenForm,
        errors: Mapping[str, Rejected],
        earlier: EarlierReadings | None,
    ) -> Iterator[Question]:
        texts, form = context.texts, opened.form
        zones = list_zone_keys(chosen.kind)
        answers = drafts.build_answer_context(opened.draft, account)
        for field in list_visible(form.fields, {**opened.draft.answers, "kind": chosen.kind.value}):
            if field.key == "kind" or field.kind == "files":
                continue
            error = errors.get(field.key)
            remarks = []
            if field.key in zones:
                zone = get_zone(chosen.kind, field.key)
                remarks = list_value_remarks(earlier, chosen.kind, zone, texts)
            example = format_example(form, field, answers, texts)
            raw = opened.draft.answers.get(field.key, "")
            shown = field_types.show(raw, field, texts.locale) if raw else ""
            yield Question(
                field=field,
                label=format_label(form, field, texts),
                hint=join_blocks(
                    [*remarks, *([f"{texts('for-example')} {escape(example)}"] if example else [])]
                ),
                value=opened.refused.get(field.key, shown),
                error=_format_error(error, opened, texts, field),
                reasons=[
                    (reason, texts(f"way-{reason}"))
                    for reason in (error.reasons if isinstance(error, NeedsConfirmation) else ())
                ],
            )

    return [
        web.get("/readings/new", show_entry),
        web.post("/readings/new", take),
        web.get("/readings/new/review", show_review),
        web.post("/readings/new/review", submit),
    ]


def _read_answers(chosen: EnteredMeter, sent: SentForm) -> dict[str, str]:
    """What was typed, by the keys of the questions, with the kind that the address says."""
    keys = {"meter", "ratio", *list_zone_keys(chosen.kind)}
    raw = {key: words for key, words in sent.fields.items() if key in keys}
    return raw if chosen.meter else {**raw, "kind": chosen.kind.value}


def _format_error(
    rejected: Rejected | None, opened: OpenForm, texts: Texts, field: Field | None = None
) -> Markup | None:
    if rejected is None:
        return None
    asked = field or opened.form.get_field(AnswerKey.SCANS.value)
    return format_page_complaint(rejected, asked, texts)
