"""The built-in forms, filled in by the engine alone."""

import pytest

from bot.domain import Category
from bot.fsm.builtin_forms import CODE_NEEDED, get_builtin_forms
from bot.fsm.engine import (
    Ask,
    Chosen,
    Completed,
    Edit,
    Event,
    Review,
    Step,
    Typed,
    advance,
    begin,
    get_screen,
)
from bot.fsm.model import Form
from tests.support.answer_context import ANSWER_CONTEXT


def _walk(form: Form, *events: Event) -> Step:
    draft = begin(form, "d", 0)
    step = Step(draft, get_screen(form, draft))
    for event in events:
        assert step.rejected is None
        step = advance(form, step.draft, event, ANSWER_CONTEXT, 1)
    return step


@pytest.mark.parametrize(
    ("category", "key", "name"),
    [
        (Category.INDIVIDUAL, "full_name", "Иванова Мария Петровна"),
        (Category.LEGAL, "organisation", "ООО «Пример»"),
    ],
)
def test_registration_ends_with_a_review(category: Category, key: str, name: str) -> None:
    form = get_builtin_forms()["registration"]
    step = _walk(
        form,
        Chosen(0),
        Chosen(
            [choice.value for choice in form.get_field("category").choices].index(category.value)
        ),
        Typed(name),
        Typed(" Ivanova@Example.RU "),
        Typed("8 (912) 345-67-89"),
    )
    assert step.rejected is None
    assert isinstance(step.screen, Review)
    assert [(field.key, raw) for field, raw in step.screen.answers] == [
        ("consent", "agree"),
        ("category", category.value),
        (key, name),
        ("email", "ivanova@example.ru"),
        ("phone", "+79123456789"),
    ]


def test_registration_counts_the_questions_of_one_category() -> None:
    form = get_builtin_forms()["registration"]
    first, second = _walk(form).screen, _walk(form, Chosen(0)).screen
    assert isinstance(first, Ask)
    assert isinstance(second, Ask)
    assert (first.number, first.total) == (1, 5)
    assert (second.number, second.total) == (2, 5)


def test_no_question_of_ours_can_be_skipped() -> None:
    fields = [field for form in get_builtin_forms().values() for field in form.fields]
    assert not any(field.optional and not field.aside for field in fields)


def test_login_completes_without_a_card_and_keeps_no_password() -> None:
    step = _walk(get_builtin_forms()["login"], Typed("a@example.ru"), Typed("s e c r e t"))
    assert isinstance(step.screen, Completed)
    assert step.draft.answers["email"] == "a@example.ru"
    assert "s e c r e t" not in step.draft.answers.values()


def test_a_login_asks_for_a_code_only_when_it_needs_one() -> None:
    form = get_builtin_forms()["login"]
    email, password = Typed("a@example.ru"), Typed("s e c r e t", CODE_NEEDED)
    first, code = _walk(form, email).screen, _walk(form, email, password).screen
    assert isinstance(first, Ask)
    assert (first.number, first.total) == (2, 2)
    assert isinstance(code, Ask)
    assert (code.field.key, code.number, code.total) == ("code", 3, 3)
    assert isinstance(_walk(form, email, password, Typed("123 456")).screen, Completed)


def test_another_email_drops_the_code_and_the_password_that_belonged_to_the_former() -> None:
    form = get_builtin_forms()["reset"]
    done = _walk(form, Typed("a@b.ru"), Typed("123456"), Typed("новый пароль"), Typed("он же"))
    assert isinstance(done.screen, Review)
    changed = advance(form, done.draft, Edit("email"), ANSWER_CONTEXT, 1)
    changed = advance(form, changed.draft, Typed("c@b.ru"), ANSWER_CONTEXT, 1)
    assert dict(changed.draft.answers) == {"email": "c@b.ru"}
    assert isinstance(changed.screen, Ask)
    assert changed.screen.field.key == "code"


def test_a_login_takes_passwords_of_any_length() -> None:
    # The length is a rule for new passwords: an old one may be shorter.
    assert isinstance(
        _walk(get_builtin_forms()["login"], Typed("a@b.ru"), Typed("1")).screen, Completed
    )


def test_a_new_password_is_longer_than_five() -> None:
    form = get_builtin_forms()["password"]
    short = _walk(form, Typed("old"), Typed("12345"))
    assert short.rejected is not None
    assert (short.rejected.code, short.rejected.details) == ("password-too-short", {"limit": 6})
    done = _walk(form, Typed("old", "A"), Typed("123456", "B"), Typed("123456", "C"))
    assert isinstance(done.screen, Review)
    assert dict(done.draft.answers) == {"old": "A", "new": "B", "repeat": "C"}


def test_forms_are_known_by_their_ids() -> None:
    assert {form.name: form for form in get_builtin_forms().values()} == get_builtin_forms()
    assert set(get_builtin_forms()) == {
        "registration",
        "login",
        "reset",
        "password",
        "name",
        "organisation",
        "phone",
        "email",
        "deletion",
        "reading",
        "period",
        "place",
        "ratio",
        "upload",
        "askue",
    }
