"""The only adapter between Telegram and the form engine: every conversation goes through here."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from aiogram import Bot
from aiogram.types import Document, Message, PhotoSize

from bot import views
from bot.domain import Category
from bot.fsm import engine
from bot.fsm.builtin_forms import get_builtin_forms
from bot.fsm.field_types import AnswerContext
from bot.fsm.model import WAYS, Draft, Field, Form, NeedsConfirmation, Rejected
from bot.handlers.consumer.context import ChatContext
from bot.keyboards import FormButton
from bot.request_types import Catalogue
from bot.services.calendar import WorkingCalendar
from bot.services.clock import Clock
from bot.services.rate_limits import LimitedAction
from bot.services.scans import MAX_FILE_BYTES, Scans
from bot.telegram.downloads import download_file
from bot.views.forms import Hints
from bot.views.view import Company


@dataclass(frozen=True, slots=True, kw_only=True)
class FormResult:
    """What is shown when a form is over; ``lasting`` when it holds a promise to keep.

    ``then`` is called once it is on screen.
    """

    views: tuple[views.View, ...]
    lasting: bool = False
    after_shown: Callable[[], None] = lambda: None


class FormAborted(Exception):
    """Raised by a form's check: the form is over before its end."""

    def __init__(self, view: views.View) -> None:
        super().__init__()
        self.view = view


class FormAction(Protocol):
    """What a form is filled in for: the checks that need more than words, and the deed."""

    needs_account: bool = True

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str, message: Message | None
    ) -> str | None:
        """What to keep of a secret ``answer``, or None; raises Rejected or Leave."""
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        """The one service call of the form; safe to repeat with the same draft."""

    async def already_submitted(self, context: ChatContext, draft_id: str) -> FormResult | None:
        """What ``carry_out`` showed for a draft that is gone, if it can be told again."""
        return None


class HintProvider(Protocol):
    """Knows what a form's questions need beside their words."""

    async def get_hints(self, context: ChatContext, form: Form, draft: Draft) -> Hints:
        """For the question or the review card that ``draft`` is at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """Opens forms and takes their answers; the draft it leaves is always saved with its screen."""

    catalogue: Catalogue
    actions: Mapping[str, FormAction]
    hint_providers: Mapping[str, HintProvider]
    scans: Scans
    clock: Clock
    calendar: WorkingCalendar
    lifetime: timedelta
    company: Company
    default_supplier: str
    #: Called with the chat's id when a form is given up or another one begins.
    on_drop: Callable[[int], None] = lambda _: None

    async def open(
        self, context: ChatContext, form_id: str, answers: Mapping[str, str] | None = None
    ) -> None:
        """Starts a form anew, or asks first about the one that is still unfinished.

        ``answers`` are taken over as far as they still fit.
        """
        unfinished = self._find_unfinished(context)
        if unfinished is not None:
            await context.screen.show(views.forms.render_unfinished(unfinished, context.texts))
            return
        await self.drop(context)
        form = self._find_form(form_id)
        if form is None:
            raise LookupError(form_id)
        draft = engine.begin(form, secrets.token_hex(8), self._get_now())
        if answers is None:
            await self._show(context, form, engine.Step(draft, engine.get_screen(form, draft)))
            return
        # As if they had been given to another edition of the form.
        copied = replace(draft, answers=dict(answers), fingerprint="")
        outcome = engine.resume(form, copied, self._get_now(), self.lifetime.total_seconds())
        if isinstance(outcome, engine.Resumed):
            await self._show(context, form, outcome.step, note="request-copied")

    async def drop(self, context: ChatContext) -> None:
        """Forgets the unfinished draft and its files; the next screen saves that."""
        self.on_drop(context.chat.id)
        draft, context.conversation.draft = context.conversation.draft, None
        if draft is not None:
            form = self._find_form(draft.form)
            # Of a form that is gone nobody knows.
            if form is None or form.takes_files:
                await self.scans.drop(draft.id)

    async def take(
        self, context: ChatContext, event: engine.Event, message: Message | None = None
    ) -> None:
        """One answer: the next question, the same one with what to mend, or the end."""
        opened = await self._open_draft(context)
        if opened is None:
            return
        form, draft = opened
        step = engine.advance(
            form, draft, event, self._build_answer_context(context, draft), self._get_now()
        )
        answered = draft.open
        if step.rejected is None and answered and step.draft.answers.get(answered):
            try:
                step = await self._validate(context, form, draft, step, event, answered, message)
            except FormAborted as leave:
                await self.drop(context)
                await context.screen.show(leave.view)
                return
        if isinstance(step.screen, engine.Completed):
            await self._finish(context, form, step.draft)
        else:
            await self._show(context, form, step)

    async def reject(self, context: ChatContext, rejected: Rejected) -> None:
        """Asks the open question again with what is wrong; nothing changes."""
        opened = await self._open_draft(context)
        if opened is not None:
            form, draft = opened
            await self._show(
                context, form, engine.Step(draft, engine.get_screen(form, draft), rejected)
            )

    async def resume(self, context: ChatContext) -> None:
        """Shows the open question again."""
        opened = await self._open_draft(context)
        if opened is not None:
            form, draft = opened
            await self._show(context, form, engine.Step(draft, engine.get_screen(form, draft)))

    async def submit(self, context: ChatContext) -> None:
        opened = await self._open_draft(context)
        if opened is None:
            return
        form, draft = opened
        await self._finish(context, form, draft)

    async def show_edit_menu(self, context: ChatContext) -> None:
        opened = await self._open_draft(context)
        if opened is not None:
            form, draft = opened
            await context.screen.show(
                views.forms.render_edit_menu(form, draft, context.texts), asking=True
            )

    async def attach(
        self,
        context: ChatContext,
        bot: Bot,
        attachment: Document | PhotoSize,
        name: str,
        album: str | None,
    ) -> None:
        """Keeps one file before it is counted; a wrong one is named and the rest stay."""
        field = await self._open_field(context)
        if field is None:
            return
        if field.kind != "files":
            await self.reject(context, Rejected("wrong-kind"))
            return
        draft = context.conversation.draft
        if draft is None:
            return
        context.conversation.rate_limiter.spend(LimitedAction.FILES)
        in_place = album is not None and album == context.conversation.album
        context.conversation.album = album
        try:
            if (attachment.file_size or 0) > MAX_FILE_BYTES:
                raise Rejected("file-too-big", name=name, limit=MAX_FILE_BYTES // 1024**2)
            content = await download_file(bot, attachment)
            files = await self.scans.accept(draft.id, attachment.file_unique_id, name, content)
        except Rejected as rejected:
            await self.reject(context, rejected)
            return
        if in_place:
            context.screen.keep_in_place()
        await self.take(context, engine.Attached(len(files)))

    async def remove_file(self, context: ChatContext, file_id: int) -> bool:
        """False when the draft has no such file (any more)."""
        draft = context.conversation.draft
        if draft is None or not await self.scans.remove(draft.id, file_id):
            return False
        await self.take(context, engine.Attached(len(await self.scans.list_for_draft(draft.id))))
        return True

    async def press(self, context: ChatContext, press: FormButton) -> bool:
        """A button of a form; False when it belongs to another draft or another question."""
        draft = context.conversation.draft
        form = self._find_form(draft.form) if draft else None
        if draft is None or form is None or draft.id != press.draft:
            return press.act == "submit" and await self._show_result_again(context, press.draft)
        if press.at != engine.get_position(form, draft):
            return False
        match press.act:
            case "cancel":
                await self.drop(context)
                await context.screen.show(
                    views.menus.render_menu(context.chat, context.texts, unfinished=False)
                )
            case "choose":
                await self.take(context, engine.Chosen(press.index))
            case "skip":
                await self.take(context, engine.Skip())
            case "back":
                await self.take(context, engine.Back())
            case "suggest":
                await self.take(context, engine.Suggested())
            case "offer":
                suggestions = (await self._get_hints(context, form, draft)).suggestions
                if not 0 <= press.index < len(suggestions):
                    return False
                await self.take(context, engine.Typed(suggestions[press.index].answer))
            case "insist" if draft.unconfirmed is not None and 0 <= press.index < len(WAYS):
                await self.take(context, engine.Confirmed(WAYS[press.index]))
            case "done":
                await self.take(context, engine.Chosen(0))
            case "remove":
                return await self.remove_file(context, press.index)
            case "edit_menu" if draft.open is None:
                await self.show_edit_menu(context)
            case "edit" if 0 <= press.index < len(form.fields):
                await self.take(context, engine.Edit(form.fields[press.index].key))
            case "review":
                await self.resume(context)
            case "submit" if draft.open is None:
                await self.submit(context)
            case _:
                return False
        return True

    def get_question(self, context: ChatContext) -> Field | None:
        """The question on screen, if a form is open and asking."""
        draft = context.conversation.draft
        form = self._find_form(draft.form) if draft else None
        if draft is None or form is None or draft.open is None or context.conversation.paused:
            return None
        return next((field for field in form.fields if field.key == draft.open), None)

    def asks_secret(self, context: ChatContext) -> bool:
        question = self.get_question(context)
        return question is not None and question.secret

    def has_secret(self, draft: Draft) -> bool:
        """Whether a form may ask for a secret; of an unknown form, it may."""
        form = self._find_form(draft.form)
        return form is None or any(field.secret for field in form.fields)

    async def _show_result_again(self, context: ChatContext, draft_id: str) -> bool:
        for action in self.actions.values():
            result = await action.already_submitted(context, draft_id)
            if result is not None:
                await context.screen.show(*result.views, lasting=result.lasting)
                return True
        return False

    async def _validate(
        self,
        context: ChatContext,
        form: Form,
        before: Draft,
        step: engine.Step,
        event: engine.Event,
        answered: str,
        message: Message | None,
    ) -> engine.Step:
        field = form.get_field(answered)
        raw = event.text if isinstance(event, engine.Typed) else step.draft.answers[answered]
        answer = raw if field.secret else step.draft.answers[answered]
        asked = replace(before, confirmed=step.draft.confirmed)
        try:
            sealed = await self._get_action(form).validate(context, field, asked, answer, message)
        except NeedsConfirmation as doubt:
            unconfirmed = replace(before, unconfirmed=answer)
            return engine.Step(unconfirmed, engine.get_screen(form, unconfirmed), doubt)
        except Rejected as rejected:
            return engine.Step(before, engine.get_screen(form, before), rejected)
        if sealed is None:
            return step
        return engine.advance(
            form,
            before,
            engine.Typed(raw, sealed),
            self._build_answer_context(context, before),
            self._get_now(),
        )

    async def _finish(self, context: ChatContext, form: Form, draft: Draft) -> None:
        try:
            result = await self._get_action(form).submit(context, form, draft)
        except Rejected as rejected:
            await self._show(
                context, form, engine.Step(draft, engine.get_screen(form, draft), rejected)
            )
            return
        context.conversation.draft = None
        await context.screen.show(*result.views, lasting=result.lasting)
        result.after_shown()

    async def _open_draft(self, context: ChatContext) -> tuple[Form, Draft] | None:
        """The open form and its draft brought up to date; says so when it can't go on."""
        draft = context.conversation.draft
        if draft is None:
            return None
        form = self._find_form(draft.form)
        if (
            form is not None
            and self._get_action(form).needs_account
            and context.chat.account is None
        ):
            await self.drop(context)
            await context.screen.show(views.menus.render_session_over(context.texts))
            return None
        outcome = (
            engine.resume(form, draft, self._get_now(), self.lifetime.total_seconds())
            if form is not None
            else engine.Expired()
        )
        if isinstance(outcome, engine.Expired) or form is None:
            await self.drop(context)
            await context.screen.show(views.forms.render_expired(draft.form, context.texts))
            return None
        if outcome.changed:
            context.conversation.draft = outcome.step.draft
            await self._show(context, form, outcome.step, note="form-changed")
            return None
        return form, outcome.step.draft

    def _find_unfinished(self, context: ChatContext) -> Form | None:
        """The form whose answers another one would take away; a word or two may go."""
        draft = context.conversation.draft
        form = self._find_form(draft.form) if draft is not None and len(draft.answers) > 1 else None
        if form is None or not form.reviewed:
            return None
        lost_anyway = self._get_action(form).needs_account and context.chat.account is None
        return None if lost_anyway else form

    async def _open_field(self, context: ChatContext) -> Field | None:
        opened = await self._open_draft(context)
        if opened is None:
            return None
        form, draft = opened
        if draft.open is None:
            await self.resume(context)
            return None
        return form.get_field(draft.open)

    async def _show(
        self, context: ChatContext, form: Form, step: engine.Step, note: str | None = None
    ) -> None:
        context.conversation.draft = step.draft
        files = (
            await self.scans.list_for_draft(step.draft.id)
            if step.draft.answers.get("scans")
            else []
        )
        await context.screen.show(
            *views.forms.render_step(
                form,
                step,
                files,
                self._build_answer_context(context, step.draft),
                self.company,
                context.texts,
                hints=await self._get_hints(context, form, step.draft),
                note=note,
            ),
            asking=True,
        )

    def _find_form(self, form_id: str) -> Form | None:
        if form_id.startswith("request:"):
            return self.catalogue.find_form(form_id)
        form = get_builtin_forms().get(form_id.partition(":")[0])
        return form if form is None or form.id == form_id else replace(form, id=form_id)

    async def _get_hints(self, context: ChatContext, form: Form, draft: Draft) -> Hints:
        provider = self.hint_providers.get(form.name)
        return await provider.get_hints(context, form, draft) if provider else Hints()

    def _get_action(self, form: Form) -> FormAction:
        return self.actions[form.name]

    def _build_answer_context(self, context: ChatContext, draft: Draft) -> AnswerContext:
        account = context.chat.account
        profile = {"default_supplier": self.default_supplier}
        if account is not None:
            profile |= {"phone": account.phone, "email": account.email}
            if account.category is Category.INDIVIDUAL:
                profile["full_name"] = account.name
        return AnswerContext(
            today=self.clock.now().astimezone(self.company.timezone).date(),
            profile={name: value for name, value in profile.items() if value},
            working_day_after=self.calendar.find_working_day_after,
            answers=draft.answers,
        )

    def _get_now(self) -> float:
        return self.clock.now().timestamp()
