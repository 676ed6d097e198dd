"""A form that is answered at once, as on a page, gives what its steps give."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import Category
from bot.fsm.builtin_forms import find_builtin_form, get_builtin_forms
from bot.fsm.engine import (
    Attached,
    Chosen,
    Confirmed,
    Event,
    Shared,
    Skip,
    Typed,
    advance,
    answer_all,
    ask_confirmation,
    begin,
)
from bot.fsm.model import (
    SEALED,
    SKIPPED,
    Choice,
    Condition,
    Draft,
    Field,
    Form,
    FormId,
    NeedsConfirmation,
    Rejected,
    list_visible,
)
from bot.request_types import load
from tests.support.answer_context import ANSWER_CONTEXT
from tests.support.flows import make_typed_answer

_TODAY = ANSWER_CONTEXT.today
_CATALOGUE = load()


def _list_forms() -> list[Form]:
    """Every form of the catalogue and every built-in one, with those that depend on their id."""
    ids = (FormId("reading", "legal"), FormId("reading", 7, "two"))
    special = [form for form_id in ids if (form := find_builtin_form(form_id)) is not None]
    requests = [
        _CATALOGUE.get_form(one.code, category) for one in _CATALOGUE.types for category in Category
    ]
    return [*requests, *get_builtin_forms().values(), *special]


_GOOD = MappingProxyType(
    {
        "name": "Иванова Анна Петровна",
        "organisation": "ООО «Ромашка»",
        "phone": "8 (912) 345-67-89",
        "email": "anna@example.ru",
        "date": "20.11.2026",
        "integer": "12",
        "decimal": "12,5",
        "secret": "рыжий кот на окне",
        "code": "123 456",
        "location": "55.75, 37.61",
        "reading": "12345,6",
        "meter": "0812-094521",
        "table": '{"file":"показания.xlsx","rows":[]}',
        "text": "Щитовая на первом этаже",
    }
)


def _draw_raw(field: Field) -> st.SearchStrategy[str]:
    if field.choices:
        return st.sampled_from([*(one.value for one in field.choices), "", "nonsense"])
    if field.kind == "files":
        return st.sampled_from(["", "0", "1", "10"])
    typed = field.label and field.kind != "location"
    good = make_typed_answer(field, _TODAY) if typed else _GOOD[field.kind]
    wrong = ["", " \u200b", "👍", "а" * 5000, "0"] if field.kind != "table" else [""]
    return st.sampled_from([good, good, good, *wrong])


@st.composite
def _draw_filled_forms(draw: st.DrawFn) -> tuple[Form, dict[str, str]]:
    form = draw(st.sampled_from(_list_forms()))
    return form, {field.key: draw(_draw_raw(field)) for field in form.fields}


def _list_events(field: Field, raw: str) -> list[Event]:
    """What a person does in the chat to answer so."""
    if field.kind == "files":
        count = int(raw or 0)
        if count or field.aside:
            return [Attached(count), Chosen(0)]
        return [Skip() if field.optional else Chosen(0)]
    if field.optional and not raw.strip(" \u200b"):
        return [Skip()]
    if field.choices:
        values = [one.value for one in field.choices]
        return [Chosen(values.index(raw) if raw in values else -1)]
    return [Shared("table", raw) if field.kind == "table" else Typed(raw)]


def _play_steps(form: Form, raw: Mapping[str, str]) -> tuple[Draft, dict[str, Rejected]]:
    """The draft after the steps, up to the first wrong answer, which is returned too."""
    draft = begin(form, "d", 0)
    for aside in (one for one in form.fields if one.aside and int(raw[one.key] or 0)):
        draft = _advance(form, draft, Attached(int(raw[aside.key])))[0]
    while draft.open is not None:
        key = draft.open
        for event in _list_events(form.get_field(key), raw[key]):
            draft, rejected = _advance(form, draft, event)
            if rejected is not None:
                return draft, {key: rejected}
    return draft, {}


def _advance(form: Form, draft: Draft, event: Event) -> tuple[Draft, Rejected | None]:
    context = replace(ANSWER_CONTEXT, answers=draft.answers)
    step = advance(form, draft, event, context, 1)
    return step.draft, step.rejected


@settings(max_examples=400, deadline=None)
@given(filled=_draw_filled_forms())
def test_answers_at_once_are_those_of_the_steps(filled: tuple[Form, dict[str, str]]) -> None:
    form, raw = filled
    expected, errors = _play_steps(form, raw)
    answered = answer_all(form, begin(form, "d", 0), raw, ANSWER_CONTEXT, 1)
    if not errors:
        assert answered.errors == {}
        assert replace(answered.draft, touched_at=0) == replace(expected, touched_at=0)
        return
    # The steps stop at the first wrong answer; a page names it and goes on.
    ((key, rejected),) = errors.items()
    keys = [field.key for field in form.fields]
    found = answered.errors[key]
    assert min(answered.errors, key=keys.index) == key
    assert (found.code, found.details) == (rejected.code, rejected.details)
    assert answered.draft.open == key
    before = {one: answered.draft.answers.get(one) for one in keys[: keys.index(key)]}
    assert before == {one: expected.answers.get(one) for one in before}


@settings(max_examples=200, deadline=None)
@given(filled=_draw_filled_forms(), data=st.data())
def test_a_page_that_is_sent_anew_replaces_what_was_sent(
    filled: tuple[Form, dict[str, str]], data: st.DataObject
) -> None:
    form, former = filled
    latter = {field.key: data.draw(_draw_raw(field)) for field in form.fields}
    fresh = answer_all(form, begin(form, "d", 0), latter, ANSWER_CONTEXT, 2)
    first = answer_all(form, begin(form, "d", 0), former, ANSWER_CONTEXT, 1).draft
    again = answer_all(form, first, latter, ANSWER_CONTEXT, 2)
    assert again.draft == fresh.draft
    assert set(again.errors) == set(fresh.errors)
    # What is kept belongs to questions that are asked.
    visible = {field.key for field in list_visible(form.fields, again.draft.answers)}
    assert set(again.draft.answers) <= visible


BRANCHES = Form(
    id=FormId("any"),
    fields=(
        Field(key="a", kind="choice", choices=(Choice(value="x"), Choice(value="y"))),
        Field(key="b", kind="integer", when=Condition(field="a", values=frozenset({"x"}))),
        Field(key="c", kind="secret", secret=True, invalidates=frozenset({"d"})),
        Field(key="d", kind="integer"),
    ),
)


def test_a_question_that_was_not_shown_keeps_its_answer_or_stays_open() -> None:
    first = answer_all(
        BRANCHES, begin(BRANCHES, "d", 0), {"a": "y", "c": "s", "d": "1"}, ANSWER_CONTEXT, 1
    )
    assert first.draft.answers == {"a": "y", "c": SEALED, "d": "1"}
    opened = answer_all(BRANCHES, first.draft, {"a": "x"}, ANSWER_CONTEXT, 2)
    # The branch is open now; that nobody has answered it is no mistake.
    assert opened.errors == {}
    assert opened.draft.open == "b"
    assert opened.draft.answers == {"a": "x", "c": SEALED, "d": "1"}
    closed = answer_all(BRANCHES, opened.draft, {"a": "y", "b": "5"}, ANSWER_CONTEXT, 3)
    assert closed.draft.open is None
    assert "b" not in closed.draft.answers


def test_a_new_answer_drops_what_was_checked_beside_the_former_one() -> None:
    draft = replace(begin(BRANCHES, "d", 0), answers={"a": "y", "c": "hash", "d": "1"}, open=None)
    answered = answer_all(
        BRANCHES, draft, {"c": "new"}, ANSWER_CONTEXT, 1, sealed={"c": "another hash"}
    )
    assert answered.draft.answers == {"a": "y", "c": "another hash"}
    assert answered.draft.open == "d"


def test_a_wrong_answer_takes_the_place_of_a_right_one() -> None:
    draft = replace(begin(BRANCHES, "d", 0), answers={"a": "y", "c": "hash", "d": "1"}, open=None)
    answered = answer_all(BRANCHES, draft, {"d": "one"}, ANSWER_CONTEXT, 1)
    assert answered.errors["d"].code == "number"
    assert answered.draft.open == "d"


@pytest.mark.parametrize("changed", ["a", "b", None])
def test_confirmations_are_those_of_the_steps(changed: str | None) -> None:
    form = Form(
        id=FormId("any"), fields=(Field(key="a", kind="integer"), Field(key="b", kind="integer"))
    )
    doubt = NeedsConfirmation("email-slip", ("kept",))
    draft = begin(form, "d", 0)
    for raw in ("1", "2"):
        waiting = ask_confirmation(form, draft, raw, doubt).draft
        draft, _ = _advance(form, waiting, Confirmed("kept"))
    whole = answer_all(
        form,
        begin(form, "d", 0),
        {"a": "1", "b": "2"},
        ANSWER_CONTEXT,
        1,
        confirmed={"a": "kept", "b": "kept"},
    )
    assert whole.draft == draft
    sent = {"a": "1", "b": "2", **({changed: "3"} if changed else {})}
    again = answer_all(form, draft, sent, ANSWER_CONTEXT, 1)
    expected = {"a": {}, "b": {"a": "kept"}, None: {"a": "kept", "b": "kept"}}
    assert again.draft.confirmed == expected[changed]


def test_an_optional_question_may_stay_empty_and_files_may_be_missing() -> None:
    form = Form(
        id=FormId("any"),
        fields=(
            Field(key="a", kind="phone", optional=True),
            Field(key="b", kind="files"),
            Field(key="c", kind="files", optional=True, aside=True),
        ),
    )
    answered = answer_all(form, begin(form, "d", 0), {"a": "", "b": "", "c": ""}, ANSWER_CONTEXT, 1)
    assert answered.draft.answers == {"a": SKIPPED}
    assert answered.errors["b"].code == "files-none"
