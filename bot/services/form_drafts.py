"""Drafts of forms: the form of a draft, its lifetime, and what its answers are checked against."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.domain import Account, Category
from bot.fsm import engine, field_types
from bot.fsm.builtin_forms import find_builtin_form
from bot.fsm.field_types import AnswerContext
from bot.fsm.model import Draft, Field, Form, FormId, Rejected
from bot.request_types import Catalogue
from bot.services.calendar import WorkingCalendar
from bot.services.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDrafts:
    """Gives the engine a clock, the forms and the account; drafts are kept by the caller.

    ``timezone`` is the company's. A draft expires ``lifetime`` after its last change.
    """

    catalogue: Catalogue
    clock: Clock
    calendar: WorkingCalendar
    timezone: ZoneInfo
    lifetime: timedelta
    default_supplier: str

    def find_form(self, form_id: FormId) -> Form | None:
        """The form with this id; None when it is no longer offered."""
        return find_builtin_form(form_id) or self.catalogue.find_form(form_id)

    def get_form(self, form_id: FormId) -> Form:
        """Raises LookupError for an unknown form."""
        form = self.find_form(form_id)
        if form is None:
            raise LookupError(str(form_id))
        return form

    def begin(
        self, form_id: FormId, answers: Mapping[str, str] | None = None
    ) -> tuple[Form, engine.Step]:
        """A form and its first question without an answer.

        Of ``answers``, which another draft gave, those that fit are taken over. Raises LookupError
        for an unknown form.
        """
        form = self.get_form(form_id)
        draft = engine.begin(form, secrets.token_hex(8), self._get_now(), answers)
        return form, engine.show(form, draft)

    def resume(self, form: Form, draft: Draft) -> engine.Resumed | engine.Expired:
        return engine.resume(form, draft, self._get_now(), self.lifetime.total_seconds())

    def advance(
        self, form: Form, draft: Draft, event: engine.Event, account: Account | None
    ) -> engine.Step:
        context = self.build_answer_context(draft, account)
        return engine.advance(form, draft, event, context, self._get_now())

    def find_question(self, draft: Draft | None) -> Field | None:
        """The open question of a draft; None when there is none, such as on the review card."""
        form = self.find_form(draft.form) if draft else None
        if draft is None or form is None:
            return None
        return next((field for field in form.fields if field.key == draft.open), None)

    def find_form_worth_keeping(self, draft: Draft | None) -> Form | None:
        """The form of a draft that must not be discarded unasked; one choice may be.

        A form that asks for a secret is never kept: it is short, and a secret must not wait.
        """
        form = self.find_form(draft.form) if draft is not None else None
        if draft is None or form is None or not form.reviewed or form.has_secrets:
            return None
        given = [field for field in form.fields if draft.answers.get(field.key)]
        return form if len(given) > 1 or any(not field.choices for field in given) else None

    def is_over(self, draft: Draft) -> bool:
        """Whether a draft has expired, or its form is no longer offered."""
        form = self.find_form(draft.form)
        return form is None or isinstance(self.resume(form, draft), engine.Expired)

    def is_emergency(self, draft: Draft) -> bool:
        """Whether the answers report a danger; such a request may be sent before its end."""
        if draft.form.name != "request":
            return False
        type_code, category = draft.form.parts
        return self.catalogue.is_emergency(type_code, Category(category), draft.answers)

    def may_have_files(self, draft: Draft) -> bool:
        """Whether scans may be stored for a draft; also when its form is no longer offered."""
        form = self.find_form(draft.form)
        return form is None or form.takes_files

    def build_answer_context(self, draft: Draft, account: Account | None) -> AnswerContext:
        """What answers are checked against, and the ready answers from the account's data."""
        return self._build_context(draft.answers, account)

    def read_answers(
        self, fields: Iterable[Field], typed: Mapping[str, str], account: Account | None = None
    ) -> tuple[dict[str, str], dict[str, Rejected]]:
        """Answers of which no draft is kept: as they are stored, and what is wrong with others."""
        context = self._build_context({}, account)
        answers, errors = {}, {}
        for field in fields:
            try:
                answers[field.key] = field_types.read(typed.get(field.key, ""), field, context)
            except Rejected as rejected:
                errors[field.key] = rejected
        return answers, errors

    def _build_context(self, answers: Mapping[str, str], account: Account | None) -> AnswerContext:
        profile = {"default_supplier": self.default_supplier}
        if account is not None:
            profile |= {"phone": account.phone, "email": account.email}
            if account.category is Category.INDIVIDUAL:
                profile["full_name"] = account.name
        return AnswerContext(
            today=self.get_today(),
            profile={name: value for name, value in profile.items() if value},
            working_day_after=self.calendar.find_working_day_after,
            answers=answers,
        )

    def get_today(self) -> date:
        """The company's day."""
        return self.clock.now().astimezone(self.timezone).date()

    def _get_now(self) -> float:
        return self.clock.now().timestamp()
