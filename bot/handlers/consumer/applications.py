"""Papers that the bot makes for a form: the application, ready to sign, and blanks."""

from dataclasses import replace

from bot.domain import AnswerKey, compute_application_number
from bot.formatting.documents import build_application, build_power_of_attorney
from bot.fsm import engine
from bot.fsm.model import Draft, Field, Form
from bot.handlers.consumer.context import ChatContext
from bot.integrations.typesetting import Document
from bot.services.documents import Documents
from bot.services.errors import DocumentUnavailable
from bot.services.form_drafts import FormDrafts
from bot.services.rate_limits import LimitedAction, RateLimitExceeded
from bot.texts import Texts


class Applications:
    def __init__(self, documents: Documents, drafts: FormDrafts, texts: Texts) -> None:
        """``texts`` are those of the first language: in it an application is filed."""
        self._documents = documents
        self._drafts = drafts
        self._texts = texts

    async def send_if_changed(
        self, context: ChatContext, form: Form, step: engine.Step
    ) -> tuple[engine.Step, str | None]:
        """Sends the application when its scan is asked for, and anew when an answer has changed.

        Returns the step with what the person has now, and the key of the text that says so. A form
        goes on without a PDF that cannot be made.
        """
        draft = step.draft
        field = _find_files(form)
        account = context.chat.account
        if field is None or account is None or not field.has_application(draft.answers):
            return step, None
        # On the review card only an application that the person has may be outdated.
        if draft.open != field.key and not (draft.open is None and draft.application):
            return step, None
        number = compute_application_number(draft.id, draft.answers)
        if draft.application == number:
            return step, None
        document = build_application(
            form,
            draft.id,
            draft.answers,
            account,
            self._drafts.get_today(),
            context.company,
            self._texts,
        )
        if not await self._send(context, document):
            return step, "application-unavailable"
        note = "application-outdated" if draft.application else "application-ready"
        return replace(step, draft=replace(draft, application=number)), note

    async def send_power_of_attorney(self, context: ChatContext, form: Form, draft: Draft) -> str:
        """Returns the key of the text that says what was sent."""
        document = build_power_of_attorney(
            form, draft.answers, context.require_account(), context.company, self._texts
        )
        sent = await self._send(context, document)
        return "application-blank" if sent else "application-unavailable"

    async def _send(self, context: ChatContext, document: Document) -> bool:
        try:
            context.conversation.rate_limiter.spend(LimitedAction.DOCUMENTS)
            data = await self._documents.render(document, context.require_account().id)
        except (DocumentUnavailable, RateLimitExceeded):
            return False
        await context.screen.send_file(document.file_name, data)
        return True


def _find_files(form: Form) -> Field | None:
    """The question about scans of a request's form."""
    if form.name != "request":
        return None
    return next((field for field in form.fields if field.key == AnswerKey.SCANS), None)
