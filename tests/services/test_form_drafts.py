"""Drafts of forms: which form they belong to, when they expire, what they may be discarded for."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain import Account, Category
from bot.fsm import engine
from bot.fsm.model import Draft, FormId
from bot.request_types import load
from bot.services.calendar import WorkingCalendar
from bot.services.form_drafts import FormDrafts
from tests.support.clock import FakeClock

ACCOUNT = Account(
    id=1,
    category=Category.INDIVIDUAL,
    name="Иванова Анна Петровна",
    email="anna@example.ru",
    phone="+79123456789",
    locale="ru",
    password_is_temporary=False,
    created_at=datetime(2026, 11, 24, tzinfo=UTC),
)


@pytest.fixture
def drafts(clock: FakeClock) -> FormDrafts:
    return FormDrafts(
        catalogue=load(),
        clock=clock,
        calendar=WorkingCalendar(frozenset(), frozenset()),
        timezone=ZoneInfo("Europe/Moscow"),
        lifetime=timedelta(days=14),
        default_supplier="Сбыт",
    )


def begun(drafts: FormDrafts, form_id: str, **answers: str) -> Draft:
    _, step = drafts.begin(FormId.parse(form_id))
    return replace(step.draft, answers=answers)


def test_a_form_is_found_by_what_its_id_begins_with(drafts: FormDrafts) -> None:
    for form_id in ("login", "period:17", "request:meter_reading_visit:individual"):
        form = drafts.find_form(FormId.parse(form_id))
        assert form is not None
        assert str(form.id) == form_id
    assert drafts.find_form(FormId("request", "gone", "individual")) is None
    with pytest.raises(LookupError):
        drafts.begin(FormId("gone"))


def test_a_draft_expires_after_its_lifetime(drafts: FormDrafts, clock: FakeClock) -> None:
    form, step = drafts.begin(FormId("registration"))
    clock.advance(days=14)
    assert isinstance(drafts.resume(form, step.draft), engine.Resumed)
    clock.advance(seconds=1)
    assert isinstance(drafts.resume(form, step.draft), engine.Expired)


def test_answers_of_another_draft_are_taken_over_as_far_as_they_fit(drafts: FormDrafts) -> None:
    _, step = drafts.begin(
        FormId("registration"), {"category": "legal", "full_name": "Анна", "gone": "1"}
    )
    assert step.draft.answers == {"category": "legal"}
    assert step.draft.open == "consent"


def test_more_than_one_answer_is_worth_keeping(drafts: FormDrafts) -> None:
    one = begun(drafts, "registration", category="legal")
    two = begun(drafts, "registration", category="legal", organisation="Завод")
    assert drafts.find_form_worth_keeping(one) is None
    assert drafts.find_form_worth_keeping(two) is not None
    # A form without a review card is over before there is much to lose.
    login = begun(drafts, "login", email="a@example.ru", password="•")
    assert drafts.find_form_worth_keeping(login) is None
    assert drafts.find_form_worth_keeping(None) is None


def test_files_may_belong_to_requests_and_to_forms_that_are_gone(drafts: FormDrafts) -> None:
    request = begun(drafts, "request:meter_reading_visit:individual")
    assert drafts.may_have_files(request)
    assert drafts.may_have_files(replace(request, form=FormId("request", "gone", "individual")))
    assert not drafts.may_have_files(begun(drafts, "login"))


def test_answers_are_checked_against_the_company_s_day_and_the_account(
    drafts: FormDrafts, clock: FakeClock
) -> None:
    clock.moment = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
    draft = begun(drafts, "registration")
    guest = drafts.build_answer_context(draft, None)
    assert guest.today == date(2026, 11, 25)
    assert guest.profile == {"default_supplier": "Сбыт"}
    person = drafts.build_answer_context(draft, ACCOUNT).profile
    assert (person["full_name"], person["phone"]) == (ACCOUNT.name, ACCOUNT.phone)
    company = replace(ACCOUNT, category=Category.LEGAL)
    assert "full_name" not in drafts.build_answer_context(draft, company).profile
