"""A third language is a Fluent file and keys in the file of request types; no code is changed."""

import copy
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from bot import request_types, views
from bot.domain import Category
from bot.formatting.company import Company
from bot.formatting.requests import format_answers
from bot.formatting.values import escape
from bot.fsm import engine, field_types
from bot.fsm.field_types import AnswerContext
from bot.fsm.model import Draft, Field, Form
from bot.request_types import Catalogue
from bot.texts import PACKAGED, Texts, Translations

COMPANY = Company(
    name="Сети",
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
    profile={"phone": "+79123456789", "full_name": "Иванова Анна"},
    working_day_after=lambda day, number: day + timedelta(days=number),
    answers={},
)


@pytest.fixture
def translations(tmp_path: Path) -> Translations:
    for locale in ("ru", "en"):
        source = (PACKAGED / f"{locale}.ftl").read_text(encoding="utf-8")
        (tmp_path / f"{locale}.ftl").write_text(source, encoding="utf-8")
    kazakh = source.replace("language-name = English", "language-name = Қазақша")
    kazakh = kazakh.replace("button-back = Back", "button-back = Артқа")
    (tmp_path / "kk.ftl").write_text(kazakh, encoding="utf-8")
    return Translations.load(tmp_path)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """Kazakh words everywhere, but for the hints, which nobody has translated yet."""

    def translate(part: Any, key: str = "") -> None:
        match part:
            case dict() if "ru" in part:
                if key not in {"hint", "example"}:
                    part["kk"] = f"Қ {part['en']}"[:40]
            case dict():
                for name, item in part.items():
                    translate(item, name)
            case list():
                for item in part:
                    translate(item)

    data = copy.deepcopy(yaml.safe_load(request_types.PACKAGED.read_text(encoding="utf-8")))
    data["languages"].append("kk")
    translate(data)
    path = tmp_path / "types.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return request_types.load(path)


def _answer(field: Field) -> engine.Event:
    if field.kind == "files":
        return engine.Skip()
    if field.choices:
        return engine.Chosen(0)
    if field.example:
        return engine.Typed(field.example["kk"])
    return engine.Typed(str(field_types.make_example(field, CONTEXT)))


def _render(form: Form, draft: Draft, texts: Texts) -> str:
    step = engine.Step(draft, engine.get_screen(form, draft))
    shown = views.forms.render_step(
        form, step, [], CONTEXT, COMPANY, texts, hints=views.forms.Hints()
    )
    return "\n".join(f"{view.text} {view.keyboard}" for view in shown)


def test_the_language_is_offered_under_its_own_name(translations: Translations) -> None:
    assert translations.locales == ("ru", "en", "kk")
    view = views.menus.render_languages(translations.get_names(), translations.get_texts("ru"))
    assert view.inline is not None
    buttons = view.inline.inline_keyboard[0]
    assert [(one.text, one.callback_data) for one in buttons] == [
        ("Русский", "l:ru"),
        ("English", "l:en"),
        ("Қазақша", "l:kk"),
    ]


@pytest.mark.parametrize("category", Category)
def test_every_form_is_walked_in_it(
    translations: Translations, catalogue: Catalogue, category: Category
) -> None:
    texts = translations.get_texts("kk")
    for one in catalogue.types:
        form = catalogue.get_form(one.code, category)
        draft = engine.begin(form, "0123456789abcdef", 0)
        seen = []
        while draft.open is not None:
            field = form.get_field(draft.open)
            seen.append(_render(form, draft, texts))
            assert one.title["kk"] in seen[-1].replace("&#x27;", "'")
            if field.label:
                assert field.label["kk"].startswith("Қ ")
                assert escape(field.label["kk"]) in seen[-1]
            if field.hint and field.kind != "files":
                # It falls back to the first language.
                assert escape(field.hint["ru"]) in seen[-1]
            step = engine.advance(form, draft, _answer(field), CONTEXT, 0)
            assert step.rejected is None, (field.key, step.rejected)
            draft = step.draft
        assert "Артқа" in seen[1]
        assert "Қ " in _render(form, draft, texts)
        answers = format_answers(form, draft.answers, texts)
        assert answers
        assert all(answer.label.startswith("Қ ") for answer in answers)


def test_it_does_not_have_to_be_in_the_file_of_request_types(translations: Translations) -> None:
    texts = translations.get_texts("kk")
    view = views.requests.render_types(request_types.load(), texts)
    assert view.inline is not None
    assert view.inline.inline_keyboard[0][0].text == "Технологическое присоединение"


def test_numbers_get_the_decimal_sign_of_the_language() -> None:
    written = {locale: field_types.format_decimal("1.5", locale) for locale in ("ru", "en", "kk")}
    assert written == {"ru": "1,5", "en": "1.5", "kk": "1,5"}
