"""Every question, review card and list of answers of every form, in both languages."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import views
from bot.domain import Category
from bot.formatting.company import Company
from bot.fsm import engine
from bot.fsm.builtin_forms import get_builtin_forms
from bot.fsm.field_types import AnswerContext
from bot.fsm.model import SEALED, Draft, Field, Form, list_visible
from bot.request_types import load
from bot.texts import Translations
from sandbox.bot_api.html import count_units, parse_html

CATALOGUE = load()
FORMS = {
    **get_builtin_forms(),
    **{
        f"{one.code}:{category}": CATALOGUE.get_form(one.code, category)
        for one in CATALOGUE.types
        for category in Category
    },
}
COMPANY = Company(
    name="Сети <Севера> & Юга",
    support_phone="8 800 000-00-00",
    support_email="support@example.com",
    privacy_policy_url="https://example.com/privacy",
    timezone=ZoneInfo("Europe/Moscow"),
    consent_version="1.0",
    inn="7707083893",
    address="649000, г. Горно-Алтайск, ул. Мира, 1",
    color="#1f5fa8",
)
CONTEXT = AnswerContext(
    today=date(2026, 11, 24),
    profile={"phone": "+79123456789"},
    working_day_after=lambda day, number: day + timedelta(days=number),
    answers={},
)
RAW = {
    "date": "2026-12-01",
    "phone": "+79123456789",
    "email": "anna@example.ru",
    "decimal": "15.5",
    "integer": "2",
    "reading": "1234.5",
    "location": "55.000000, 37.000000",
    "files": "1",
    "inn": "7707083893",
    "ogrn": "1027700132195",
    "snils": "11223344595",
}


def make_raw(field: Field) -> str:
    if field.secret:
        return SEALED
    return field.choices[0].value if field.choices else RAW.get(field.kind, "Дом <5> & сад")


def make_answers_to(form: Form, field: Field) -> dict[str, str]:
    """Answers that open the branch of this question."""
    if field.when is None:
        return {}
    deciding = form.get_field(field.when.field)
    when = field.when
    answer = min(when.values) if when.values else str(when.at_most or (when.above or 0) + 1)
    return {**make_answers_to(form, deciding), deciding.key: answer}


def make_all_answers(form: Form) -> dict[str, str]:
    answers: dict[str, str] = {}
    while missing := [one for one in list_visible(form.fields, answers) if one.key not in answers]:
        answers[missing[0].key] = make_raw(missing[0])
    return answers


def build_draft(form: Form, answers: dict[str, str], asked: str | None) -> Draft:
    return Draft(
        id="0123456789abcdef",
        form=form.id,
        fingerprint=form.fingerprint,
        open=asked,
        answers=answers,
        editing=False,
        touched_at=0,
    )


@pytest.mark.parametrize("locale", Translations.load().locales)
@pytest.mark.parametrize("name", FORMS)
def test_every_screen_is_what_telegram_takes(name: str, locale: str) -> None:
    form, texts = FORMS[name], Translations.load().get_texts(locale)
    drafts = [build_draft(form, make_answers_to(form, field), field.key) for field in form.fields]
    if form.reviewed:
        drafts.append(build_draft(form, make_all_answers(form), None))
    for one in drafts:
        step = engine.Step(one, engine.get_screen(form, one))
        shown = views.forms.render_step(
            form, step, [], CONTEXT, COMPANY, texts, hints=views.forms.Hints()
        )
        if form.reviewed and one.open is None:
            shown = (*shown, views.forms.render_edit_menu(form, one, texts))
        for view in shown:
            words, _ = parse_html(view.text)
            assert 0 < count_units(words) <= 4096
            assert view.keyboard or len(shown) > 1
