"""Adapter between Telegram and the form engine: every form of a private chat goes through here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from aiogram import Bot

from bot import views
from bot.domain import Address, AnswerKey
from bot.fsm import engine
from bot.fsm.field_types import clean_text
from bot.fsm.model import WAYS, Draft, Field, Form, FormId, NeedsConfirmation, Rejected
from bot.handlers.consumer.applications import Applications
from bot.handlers.consumer.context import ChatContext
from bot.keyboards import FormButton
from bot.services import reading_uploads
from bot.services.form_drafts import FormDrafts
from bot.services.rate_limits import LimitedAction
from bot.services.scans import Scans
from bot.services.site_forms import SiteForms
from bot.telegram.downloads import download_file
from bot.telegram.message_content import MessageFile
from bot.views.forms import Hints

#: More drafts than this do not wait in a chat; the one left first is forgotten.
_WAITING_DRAFTS = 10
#: Ends words that are too long for the text of a request.
_CUT = "[…]"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormResult:
    """The screen after a form; ``lasting`` when it holds something to keep, such as a number.

    ``after_shown`` is called once the screen is shown. ``logs_in``: the chat is logged in now, and
    a button that waited for that is handled in place of the screen.
    """

    views: tuple[views.View, ...]
    lasting: bool = False
    after_shown: Callable[[], None] = lambda: None
    logs_in: bool = False


class FormAborted(Exception):
    """Raised by ``FormAction.validate``: the form ends before its last question, with ``view``.

    ``reason`` is HTML above the question whether to discard the other answers.
    """

    def __init__(self, view: views.View, reason: str) -> None:
        super().__init__()
        self.view = view
        self.reason = reason


class FormAction(Protocol):
    """What a form is filled in for: checks beyond the engine's, and the service call at its end."""

    needs_account: bool = True

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str
    ) -> str | None:
        """The text to keep in place of a secret ``answer``, or None.

        Raises Rejected, NeedsConfirmation, FormAborted.
        """
        return None

    async def read_table(self, context: ChatContext, name: str, data: bytes) -> str:
        """The answer that a spreadsheet gives to the open question; raises Rejected."""
        raise Rejected("wrong-kind")

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        """Makes the one service call of the form; safe to repeat with the same draft.

        Raises Rejected.
        """

    async def already_submitted(self, context: ChatContext, draft_id: str) -> FormResult | None:
        """The result of a draft that was submitted before; None when it cannot be shown again."""
        return None


class HintProvider(Protocol):
    """Provides what a form's questions show besides their texts."""

    async def get_hints(self, context: ChatContext, form: Form, draft: Draft) -> Hints:
        """For the open question of ``draft``, or for its review card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """Opens forms and takes their answers; a draft is always saved together with its screen.

    A chat has one draft for each form: the one that was left waits while another form is open.
    """

    drafts: FormDrafts
    actions: Mapping[str, FormAction]
    hint_providers: Mapping[str, HintProvider]
    scans: Scans
    site_forms: SiteForms
    applications: Applications
    #: Called with the chat's id when its form is cancelled or another one begins.
    on_drop: Callable[[Address], None] = lambda _: None

    async def open(
        self,
        context: ChatContext,
        form_id: FormId,
        answers: Mapping[str, str] | None = None,
        *,
        note: str = "request-copied",
    ) -> None:
        """Starts a form, or asks first when a draft of the same form is unfinished.

        The form that is open now waits. ``answers`` of an earlier draft are taken over as far as
        they still fit; ``note`` is the key of the text that says so.
        """
        await self._drop_useless(context)
        same = [one for one in await context.list_drafts() if one.form == form_id]
        for draft in same:
            unfinished = self.drafts.find_form_worth_keeping(draft)
            if unfinished is not None:
                await context.screen.show(
                    views.forms.render_unfinished(unfinished, draft, context.texts)
                )
                return
            await self._forget(context, draft)
        await self._put_aside(context)
        context.conversation.registration = None
        if answers is None and (words := self._take_loose_text(context, form_id)):
            answers, note = {AnswerKey.TEXT.value: words}, "request-from-messages"
            if words.endswith(_CUT):
                note = "request-from-long-messages"
        form, step = self.drafts.begin(form_id, answers)
        _give_loose_files(context, step.draft)
        await self._show(context, form, step, None if answers is None else note)

    async def drop(self, context: ChatContext) -> None:
        """Forgets the open draft and its files; the next screen saves that."""
        self.on_drop(context.chat.address)
        draft = context.conversation.draft
        if draft is not None:
            await self._forget(context, draft)

    async def drop_all(self, context: ChatContext) -> None:
        """As ``drop``, and the drafts that wait."""
        await self.drop(context)
        for draft in context.conversation.list_drafts():
            await self._forget(context, draft)

    async def drop_former(self, context: ChatContext) -> None:
        """Forgets what another account had begun in the chat that this one is logged in to now.

        What the same account had begun before its login ended goes on.
        """
        account, conversation = context.chat.account, context.conversation
        if account is None or conversation.account_id == account.id:
            return
        if conversation.account_id is not None:
            self.on_drop(context.chat.address)
            for draft in conversation.list_drafts():
                form = self.drafts.find_form(draft.form)
                if form is None or self._get_action(form).needs_account:
                    await self._forget(context, draft)
            conversation.take_loose(None)
        conversation.account_id = account.id

    async def cancel(self, context: ChatContext) -> None:
        """Shows the menu, or asks first when the form on screen has answers to lose.

        A form that waits behind another screen goes on waiting.
        """
        draft = context.conversation.draft
        form = self.drafts.find_form_worth_keeping(draft)
        if draft is None or form is None:
            await self.drop(context)
            await context.show_menu()
        elif self.is_on_screen(context):
            await context.screen.show(
                views.forms.render_cancel_question(form, draft, context.texts)
            )
        else:
            self.on_drop(context.chat.address)
            await context.show_menu()

    async def answer(self, context: ChatContext, event: engine.Event) -> None:
        """Takes an answer and shows the next question, the same one with an error, or the end."""
        opened = await self._open_draft(context)
        if opened is None:
            return
        form, draft = opened
        step = self.drafts.advance(form, draft, event, context.chat.account)
        # Files were inspected on arrival; they may come beside an answer that is being changed.
        question = None if isinstance(event, engine.Attached) else draft.open
        if step.rejected is None and question and step.draft.answers.get(question):
            try:
                step = await self._validate(context, form, draft, step, event, question)
            except FormAborted as aborted:
                await self._end_early(context, draft, aborted)
                return
        if isinstance(step.screen, engine.Completed):
            await self._finish(context, form, step.draft)
        else:
            await self._show(context, form, step)

    async def reject(self, context: ChatContext, rejected: Rejected) -> None:
        """Asks the open question again with what is wrong; nothing changes."""
        await self._show_again(context, rejected)

    async def resume(self, context: ChatContext) -> None:
        """Shows the open question again."""
        await self._show_again(context)

    async def act_on_draft(self, context: ChatContext, act: str, draft_id: str) -> bool:
        """Resumes or discards a draft, or begins its form anew; False when there is none."""
        if not await self._pick_up(context, draft_id):
            return False
        if act == "discard":
            await self.drop(context)
            await context.show_menu()
            return True
        opened = await self._open_draft(context)
        if opened is not None and act == "anew":
            await self.drop(context)
            await self.open(context, opened[0].id)
        elif opened is not None:
            await self.resume(context)
        return True

    async def submit(self, context: ChatContext) -> None:
        opened = await self._open_draft(context)
        if opened is not None:
            await self._finish(context, *opened)

    async def show_edit_menu(self, context: ChatContext) -> None:
        opened = await self._open_draft(context)
        if opened is not None:
            form, draft = opened
            await context.screen.show(
                views.forms.render_edit_menu(form, draft, context.texts), asking=True
            )

    async def attach(self, context: ChatContext, bot: Bot, attachment: MessageFile) -> bool:
        """Stores one file, then counts it; a wrong one is named in the error and the rest stay.

        False when it was not stored.
        """
        opened = await self._open_draft(context)
        if opened is None:
            return False
        form, draft = opened
        if (question := self.get_question(context)) and question.kind == "table":
            await self._take_table(context, bot, form, attachment)
            return False
        if form.find_files_field(draft.open) is None:
            await self.reject(context, Rejected("wrong-kind"))
            return False
        context.conversation.rate_limiter.spend(LimitedAction.FILES)
        continues_album = context.conversation.continue_album(attachment.album)
        try:
            content = await download_file(bot, attachment)
            files = await self.scans.accept(
                draft.id,
                attachment.file.file_unique_id,
                attachment.name,
                content,
                attachment.caption,
                account_id=context.chat.account.id if context.chat.account else None,
                is_photo=attachment.is_photo,
            )
        except Rejected as rejected:
            await self.reject(context, rejected)
            return False
        if continues_album:
            context.screen.keep_in_place()
        await self.answer(context, engine.Attached(len(files)))
        return True

    async def _take_table(
        self, context: ChatContext, bot: Bot, form: Form, attachment: MessageFile
    ) -> None:
        """Takes the answer from a spreadsheet, of which nothing else is kept."""
        context.conversation.rate_limiter.spend(LimitedAction.FILES)
        try:
            reading_uploads.check_size(attachment.file.file_size or 0)
            content = await download_file(bot, attachment)
            answer = await self._get_action(form).read_table(context, attachment.name, content)
        except Rejected as rejected:
            await self.reject(context, rejected)
            return
        await self.answer(context, engine.Shared("table", answer))

    def is_on_screen(self, context: ChatContext) -> bool:
        """Whether a question or the review card of a form is on screen."""
        return context.conversation.draft is not None and not context.conversation.paused

    def can_take_late_files(self, context: ChatContext) -> bool:
        """Whether the review card of a form with files is on screen."""
        draft = context.conversation.draft
        form = self.drafts.find_form(draft.form) if draft else None
        at_review = draft is not None and draft.open is None and self.is_on_screen(context)
        return at_review and form is not None and form.takes_files

    def can_take_files_aside(self, context: ChatContext) -> bool:
        """Whether files may come on the review card too, without a question about them."""
        draft = context.conversation.draft
        form = self.drafts.find_form(draft.form) if draft else None
        return form is not None and form.find_files_field(None) is not None

    async def open_files(self, context: ChatContext) -> bool:
        """Asks for files, again from the review card; False when neither is on screen."""
        question = self.get_question(context)
        if question is not None and question.kind == "files":
            return True
        opened = await self._open_draft(context) if self.can_take_late_files(context) else None
        if opened is None:
            return False
        form, _ = opened
        key = next(one.key for one in form.fields if one.kind == "files")
        await self.answer(context, engine.Edit(key))
        return True

    async def remove_file(self, context: ChatContext, file_id: int) -> bool:
        """False when the draft has no such file (any more)."""
        draft = context.conversation.draft
        if draft is None or not await self.scans.remove(draft.id, file_id):
            return False
        files = await self.scans.list_for_draft(draft.id)
        await self.answer(context, engine.Attached(len(files)))
        return True

    async def handle_button(self, context: ChatContext, button: FormButton) -> bool:
        """Handles a press; False when the button belongs to another draft or question.

        A press on a question of a draft that waits opens that draft.
        """
        await self._pick_up(context, button.draft)
        draft = context.conversation.draft
        form = self.drafts.find_form(draft.form) if draft else None
        if draft is None or form is None or draft.id != button.draft:
            return button.act in {"submit", "submit_now"} and await self._show_result_again(
                context, button.draft
            )
        if button.at != engine.get_position(form, draft):
            return False
        match button.act:
            case "cancel":
                await self.cancel(context)
            case "choose":
                await self.answer(context, engine.Chosen(button.index))
            case "skip":
                await self.answer(context, engine.Skip())
            case "back":
                await self.answer(context, engine.Back())
            case "suggest":
                await self.answer(context, engine.Suggested())
            case "day" if 1 <= button.index <= date.max.toordinal():
                day = date.fromordinal(button.index)
                await self.answer(context, engine.Typed(day.isoformat()))
            case "insist" if draft.unconfirmed is not None and 0 <= button.index < len(WAYS):
                await self.answer(context, engine.Confirmed(WAYS[button.index]))
            case "correct" if draft.correction is not None:
                await self.answer(context, engine.Typed(draft.correction))
            case "done":
                await self.answer(context, engine.Chosen(0))
            case "remove_menu":
                files = await self.scans.list_for_draft(draft.id)
                view = views.forms.render_remove_menu(form, draft, files, context.texts)
                await context.screen.show(view, asking=True)
            case "remove":
                return await self.remove_file(context, button.index)
            case "sign" | "signed" | "unsigned":
                await self._show(
                    context, form, engine.show(form, draft), f"application-{button.act}"
                )
            case "power_of_attorney":
                note = await self.applications.send_power_of_attorney(context, form, draft)
                await self._show(context, form, engine.show(form, draft), note)
            case "edit_menu" if draft.open is None:
                await self.show_edit_menu(context)
            case "edit" if 0 <= button.index < len(form.fields):
                await self.answer(context, engine.Edit(form.fields[button.index].key))
            case "review":
                await self.resume(context)
            case "submit" if draft.open is None:
                await self.submit(context)
            case "submit_now" if (await self._get_hints(context, form, draft)).warning:
                await self.submit(context)
            case _:
                return False
        return True

    def get_question(self, context: ChatContext) -> Field | None:
        """The question on screen; None when no form is open, or it waits behind another screen."""
        if context.conversation.paused:
            return None
        return self.drafts.find_question(context.conversation.draft)

    def is_secret_open(self, context: ChatContext) -> bool:
        question = self.get_question(context)
        return question is not None and question.secret

    def has_secret(self, draft: Draft) -> bool:
        """Whether a draft's form may ask for a secret; of an unknown form, it may."""
        form = self.drafts.find_form(draft.form)
        return form is None or form.has_secrets

    async def _show_again(self, context: ChatContext, rejected: Rejected | None = None) -> None:
        opened = await self._open_draft(context)
        if opened is not None:
            form, draft = opened
            await self._show(context, form, engine.show(form, draft, rejected))

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
        question: str,
    ) -> engine.Step:
        """``step`` unless the form's action refuses the answer, doubts it, or seals it."""
        field = form.get_field(question)
        raw = event.text if isinstance(event, engine.Typed) else step.draft.answers[question]
        answer = raw if field.sealed else step.draft.answers[question]
        confirming = replace(before, confirmed=step.draft.confirmed)
        try:
            sealed = await self._get_action(form).validate(context, field, confirming, answer)
        except NeedsConfirmation as doubt:
            return engine.ask_confirmation(form, before, answer, doubt)
        except Rejected as rejected:
            return engine.show(form, before, rejected)
        if sealed is None:
            return step
        return self.drafts.advance(form, before, engine.Typed(raw, sealed), context.chat.account)

    async def _finish(self, context: ChatContext, form: Form, draft: Draft) -> None:
        try:
            result = await self._get_action(form).submit(context, form, draft)
        except Rejected as rejected:
            await self._show(context, form, engine.show(form, draft, rejected))
            return
        context.conversation.draft = None
        if result.logs_in and context.conversation.resume_press():
            return
        await context.screen.show(*result.views, lasting=result.lasting)
        result.after_shown()

    async def _open_draft(self, context: ChatContext) -> tuple[Form, Draft] | None:
        """The open form and its draft, renewed if the form changed.

        None when the draft cannot go on, or not before the person has seen what changed; the
        screen says so.
        """
        draft = context.conversation.draft
        if draft is None:
            return None
        form = self.drafts.find_form(draft.form)
        if form is not None and self._is_account_missing(context, form):
            await self._put_aside(context)
            await context.screen.show(views.menus.render_session_over(context.texts))
            return None
        resumed = engine.Expired() if form is None else self.drafts.resume(form, draft)
        if form is None or isinstance(resumed, engine.Expired):
            await self.drop(context)
            await context.screen.show(views.forms.render_expired(draft.form, context.texts))
            return None
        if resumed.changed:
            await self._show(context, form, resumed.step, note="form-changed")
            return None
        return form, resumed.step.draft

    async def _end_early(self, context: ChatContext, draft: Draft, aborted: FormAborted) -> None:
        """Ends a form before its last question; asks first when it has answers to lose."""
        form = self.drafts.find_form_worth_keeping(draft)
        if form is None:
            await self.drop(context)
            view = aborted.view
        else:
            view = views.forms.render_cancel_question(
                form, draft, context.texts, reason=aborted.reason
            )
        await context.screen.show(view)

    async def _put_aside(self, context: ChatContext) -> None:
        """Lets the open draft wait; one with nothing to keep is forgotten."""
        draft = context.conversation.draft
        if self.drafts.find_form_worth_keeping(draft) is None or draft is None:
            await self.drop(context)
            return
        self.on_drop(context.chat.address)
        context.conversation.draft = None
        context.conversation.waiting_drafts.append(draft)
        for oldest in context.conversation.waiting_drafts[:-_WAITING_DRAFTS]:
            await self._forget(context, oldest)

    def _take_loose_text(self, context: ChatContext, form_id: FormId) -> str | None:
        """What was written before a request is begun, up to what its text may hold."""
        form = self.drafts.find_form(form_id)
        fields = form.fields if form is not None else ()
        field = next((one for one in fields if one.key == AnswerKey.TEXT), None)
        words = [one.content.text for one in context.conversation.list_loose(None)]
        if field is None or not any(words):
            return None
        text = clean_text("\n".join(filter(None, words)), multiline=True)
        limit = field.limits["max_length"]
        return text if len(text) <= limit else text[: limit - len(_CUT)] + _CUT

    async def _pick_up(self, context: ChatContext, draft_id: str) -> bool:
        """Makes a draft the open one; False when neither the chat nor the site has such a draft."""
        drafts = context.conversation.list_drafts()
        draft = next((one for one in drafts if one.id == draft_id), None)
        if draft is None:
            return await self._fetch_from_site(context, draft_id)
        if draft is not context.conversation.draft:
            context.conversation.remove_draft(draft)
            await self._put_aside(context)
            context.conversation.draft = draft
        return True

    async def _fetch_from_site(self, context: ChatContext, draft_id: str) -> bool:
        """Moves a draft of the account from the site here; False when the site has no such draft.

        It is stored here before it is removed there: a process that dies in between leaves it in
        both, under one id.
        """
        account = context.chat.account
        draft = await self.site_forms.find_on_site(account.id, draft_id) if account else None
        if account is None or draft is None:
            return False
        await self._put_aside(context)
        context.conversation.draft = draft
        await context.conversation.save()
        await self.site_forms.forget(account.id, draft_id)
        return True

    async def _forget(self, context: ChatContext, draft: Draft) -> None:
        context.conversation.remove_draft(draft)
        if self.drafts.may_have_files(draft):
            await self.scans.drop(draft.id)

    async def _drop_useless(self, context: ChatContext) -> None:
        """Forgets drafts that wait in vain."""
        for draft in context.conversation.list_drafts():
            if self.drafts.is_over(draft):
                await self._forget(context, draft)

    def _is_account_missing(self, context: ChatContext, form: Form) -> bool:
        return self._get_action(form).needs_account and context.chat.account is None

    async def _show(
        self, context: ChatContext, form: Form, step: engine.Step, note: str | None = None
    ) -> None:
        step, application_note = await self.applications.send_if_changed(context, form, step)
        context.conversation.draft = step.draft
        files = (
            await self.scans.list_for_draft(step.draft.id)
            if step.draft.answers.get(AnswerKey.SCANS)
            else []
        )
        await context.screen.show(
            *views.forms.render_step(
                form,
                step,
                files,
                self.drafts.build_answer_context(step.draft, context.chat.account),
                context.company,
                context.texts,
                hints=await self._get_hints(context, form, step.draft),
                notes=[one for one in (note, application_note) if one],
            ),
            asking=True,
        )

    async def _get_hints(self, context: ChatContext, form: Form, draft: Draft) -> Hints:
        provider = self.hint_providers.get(form.name)
        return await provider.get_hints(context, form, draft) if provider else Hints()

    def _get_action(self, form: Form) -> FormAction:
        return self.actions[form.name]


def _give_loose_files(context: ChatContext, draft: Draft) -> None:
    """Files that came before a form was begun are offered at its question about files."""
    conversation = context.conversation
    conversation.loose_messages += [
        replace(one, draft_id=draft.id) for one in conversation.take_loose(None) if one.file
    ]
