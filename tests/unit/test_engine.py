"""The form engine: any form and any events in any order, then the usual ways by example."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import Category
from bot.fsm.engine import (
    Ask,
    Attached,
    Back,
    Chosen,
    Completed,
    Confirmed,
    Edit,
    Event,
    Expired,
    Resumed,
    Review,
    Screen,
    Skip,
    Step,
    Suggested,
    Typed,
    advance,
    begin,
    get_position,
    get_screen,
    resume,
)
from bot.fsm.field_types import AnswerContext
from bot.fsm.model import (
    SEALED,
    SKIPPED,
    Choice,
    Condition,
    Draft,
    Field,
    Form,
    FormId,
    Words,
    list_visible,
)

PHONE = "+79123456789"
CONTEXT = AnswerContext(
    today=date(2026, 11, 24),
    profile={"phone": PHONE},
    working_day_after=lambda day, days: day + timedelta(days=days),
    answers={},
)
GOOD = {"text": "дом 5", "integer": "12", "phone": "8 912 345-67-89"}
DAY = 86400.0


# --- any form, any events --------------------------------------------------------------------


@st.composite
def _build_forms(draw: st.DrawFn) -> Form:
    fields: list[Field] = []
    for at in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(["text", "integer", "choice", "choice", "files", "phone"]))
        deciding = [field for field in fields if field.choices]
        when = None
        if draw(st.booleans()) and deciding:
            decider = draw(st.sampled_from(deciding))
            values = [choice.value for choice in decider.choices]
            when = Condition(
                field=decider.key,
                values=draw(st.frozensets(st.sampled_from(values), min_size=1)),
            )
        fields.append(
            Field(
                key=f"k{at}",
                kind=kind,
                optional=draw(st.booleans()),
                choices=tuple(Choice(value=value) for value in "abc"[: draw(st.integers(1, 3))])
                if kind == "choice"
                else (),
                when=when,
                suggestion=draw(st.sampled_from([None, "profile.phone", "profile.unknown"])),
            )
        )
    return Form(id=FormId("any"), fields=tuple(fields), reviewed=draw(st.booleans()))


_ANY_EVENT: st.SearchStrategy[Event] = st.one_of(
    st.builds(Typed, st.sampled_from([*GOOD.values(), "", " ", "\u200b", "👍", "а" * 4096])),
    st.builds(Typed, st.text(max_size=8)),
    st.builds(Chosen, st.integers(-1, 3)),
    st.builds(Chosen, st.integers(0, 1)),
    st.builds(Attached, st.integers(0, 3)),
    st.just(Suggested()),
    st.just(Skip()),
    st.just(Back()),
    st.builds(Edit, st.integers(0, 7).map("k{}".format)),
)
#: None stands for a right answer to whatever is asked: chance alone would seldom reach a card.
_EVENTS = st.lists(
    st.booleans().flatmap(lambda right: st.none() if right else _ANY_EVENT),
    min_size=5,
    max_size=30,
)


def _list_right_events(shown: Screen) -> list[Event]:
    if not isinstance(shown, Ask):
        return []
    if shown.field.kind == "files":
        return [Attached(1), Chosen(0)]
    return [Chosen(0)] if shown.field.choices else [Typed(GOOD[shown.field.kind])]


def _check(form: Form, step: Step) -> None:
    """What holds at every moment."""
    draft, shown = step.draft, step.screen
    keys = [field.key for field in list_visible(form.fields, draft.answers)]
    assert set(draft.answers) <= set(keys)
    assert shown == get_screen(form, draft)
    assert Draft.from_json(json.loads(json.dumps(draft.to_json()))) == draft
    assert 0 <= get_position(form, draft) <= len(form.fields)
    if isinstance(shown, Ask):
        assert shown.field.key == draft.open
        assert keys[shown.number - 1] == draft.open
        assert 1 <= shown.number <= len(keys) <= shown.total <= len(form.fields)
        return
    assert set(draft.answers) == set(keys)
    assert not draft.editing
    assert isinstance(shown, Review) is form.reviewed
    if isinstance(shown, Review):
        assert [field.key for field, _ in shown.answers] == keys


@settings(max_examples=400, deadline=None)
@given(form=_build_forms(), events=_EVENTS)
def test_no_order_of_events_breaks_a_draft(form: Form, events: list[Event | None]) -> None:
    draft = begin(form, "d", 0)
    step = Step(draft, get_screen(form, draft))
    _check(form, step)
    moment = 0
    for wanted in events:
        for event in [wanted] if wanted is not None else _list_right_events(step.screen):
            before = step
            moment += 1
            step = advance(form, before.draft, event, CONTEXT, moment)
            _check(form, step)
            if step.rejected is not None:
                assert step.draft == before.draft
                assert step.screen == before.screen
                continue
            assert step.draft.touched_at == moment
            for field in list_visible(form.fields, step.draft.answers):
                if field.key in before.draft.answers and field.key != before.draft.open:
                    assert step.draft.answers[field.key] == before.draft.answers[field.key]
            if isinstance(event, Back | Edit):
                assert step.draft.answers == before.draft.answers


@settings(max_examples=200, deadline=None)
@given(form=_build_forms())
def test_right_answers_always_lead_to_the_end(form: Form) -> None:
    draft = begin(form, "d", 0)
    step = Step(draft, get_screen(form, draft))
    for _ in form.fields:
        for event in _list_right_events(step.screen):
            assert isinstance(step.screen, Ask)
            number, total = step.screen.number, step.screen.total
            step = advance(form, step.draft, event, CONTEXT, 1)
            assert step.rejected is None
            if isinstance(step.screen, Ask) and not isinstance(event, Attached):
                assert step.screen.number == number + 1
                assert step.screen.total <= total  # what is left never grows on the way
    assert isinstance(step.screen, Review if form.reviewed else Completed)


@settings(max_examples=200, deadline=None)
@given(form=_build_forms(), indices=st.lists(st.integers(0, 2), min_size=1, max_size=8))
def test_any_choice_changed_on_the_card_leads_back_to_it(form: Form, indices: list[int]) -> None:
    form = replace(form, reviewed=True)
    draft = begin(form, "d", 0)
    step = Step(draft, get_screen(form, draft))
    for index in indices:
        while not isinstance(step.screen, Review):
            for event in _list_right_events(step.screen):
                step = advance(form, step.draft, event, CONTEXT, 1)
                _check(form, step)
        for field, _ in step.screen.answers:
            if field.choices and isinstance(step.screen, Review):
                step = advance(form, step.draft, Edit(field.key), CONTEXT, 1)
                if step.rejected is None:  # else an earlier change has closed its branch
                    step = advance(form, step.draft, Chosen(index % len(field.choices)), CONTEXT, 1)
                _check(form, step)


@settings(max_examples=200, deadline=None)
@given(old=_build_forms(), new=_build_forms(), events=_EVENTS)
def test_a_draft_survives_any_new_edition(old: Form, new: Form, events: list[Event | None]) -> None:
    draft = begin(old, "d", 0)
    for wanted in events:
        for event in [wanted] if wanted is not None else _list_right_events(get_screen(old, draft)):
            draft = advance(old, draft, event, CONTEXT, 0).draft
    resumed = resume(new, draft, 1, DAY)
    assert isinstance(resumed, Resumed)
    assert resumed.changed is (old.fingerprint != new.fingerprint)
    assert resumed.step.draft.fingerprint == new.fingerprint
    _check(new, resumed.step)


# --- the usual ways --------------------------------------------------------------------------

KIND = Field(key="kind", kind="choice", choices=(Choice(value="house"), Choice(value="shop")))
FORM = Form(
    id=FormId("example"),
    fields=(
        KIND,
        Field(
            key="rooms",
            kind="integer",
            when=Condition(field="kind", values=frozenset({"house"})),
        ),
        Field(
            key="sign",
            kind="text",
            when=Condition(field="kind", values=frozenset({"shop"})),
        ),
        Field(
            key="goods",
            kind="text",
            optional=True,
            when=Condition(field="kind", values=frozenset({"shop"})),
        ),
        Field(key="phone", kind="phone", suggestion="profile.phone"),
        Field(key="note", kind="text", optional=True),
        Field(key="scans", kind="files", optional=True),
    ),
)
HOUSE: list[Event] = [Chosen(0), Typed("3"), Suggested(), Typed("ключ у охраны"), Skip()]


def _walk(*events: Event, form: Form = FORM) -> Step:
    """The last step, of which alone the event may have been rejected."""
    draft = begin(form, "d", 0)
    step = Step(draft, get_screen(form, draft))
    for event in events:
        assert step.rejected is None
        step = advance(form, step.draft, event, CONTEXT, 1)
    return step


def _get_question(step: Step) -> tuple[str, int, int]:
    assert isinstance(step.screen, Ask)
    return step.screen.field.key, step.screen.number, step.screen.total


def _get_code(step: Step) -> str | None:
    return step.rejected.code if step.rejected else None


def test_a_whole_form_to_its_card() -> None:
    step = _walk(*HOUSE)
    assert isinstance(step.screen, Review)
    assert [(field.key, raw) for field, raw in step.screen.answers] == [
        ("kind", "house"),
        ("rooms", "3"),
        ("phone", PHONE),
        ("note", "ключ у охраны"),
        ("scans", SKIPPED),
    ]


def test_steps_are_counted_along_the_longest_branch_still_open() -> None:
    assert _get_question(_walk()) == ("kind", 1, 6)
    assert _get_question(_walk(Chosen(0))) == ("rooms", 2, 5)
    assert _get_question(_walk(Chosen(1))) == ("sign", 2, 6)


def test_one_answer_is_edited_and_the_card_comes_back() -> None:
    step = _walk(*HOUSE, Edit("rooms"))
    assert _get_question(step) == ("rooms", 2, 5)
    assert step.draft.editing
    step = _walk(*HOUSE, Edit("rooms"), Typed("4"))
    assert isinstance(step.screen, Review)
    assert dict(step.draft.answers) == {**_walk(*HOUSE).draft.answers, "rooms": "4"}
    assert not step.draft.editing


def test_a_wrong_edit_leaves_the_old_answer_and_the_question() -> None:
    step = _walk(*HOUSE, Edit("rooms"), Typed("много"))
    assert _get_code(step) == "number"
    assert _get_question(step)[0] == "rooms"
    assert step.draft.answers["rooms"] == "3"


def test_back_from_an_edit_is_the_card_again() -> None:
    step = _walk(*HOUSE, Edit("rooms"), Back())
    assert isinstance(step.screen, Review)
    assert step.draft.answers == _walk(*HOUSE).draft.answers


def test_another_branch_asks_its_questions_and_drops_the_old_answers() -> None:
    step = _walk(*HOUSE, Edit("kind"), Chosen(1))
    assert _get_question(step) == ("sign", 2, 6)
    assert "rooms" not in step.draft.answers
    assert step.draft.answers["phone"] == PHONE
    step = _walk(*HOUSE, Edit("kind"), Chosen(1), Typed("Луч"), Skip())
    assert isinstance(step.screen, Review)
    assert step.draft.answers["goods"] == SKIPPED
    assert not step.draft.editing


def test_the_same_branch_chosen_again_asks_nothing() -> None:
    step = _walk(*HOUSE, Edit("kind"), Chosen(0))
    assert isinstance(step.screen, Review)
    assert step.draft.answers == _walk(*HOUSE).draft.answers


def test_a_left_branch_closes_the_one_that_hangs_on_it() -> None:
    yes_no = (Choice(value="yes"), Choice(value="no"))
    yes = frozenset({"yes"})
    form = Form(
        id=FormId("nested"),
        fields=(
            Field(key="a", kind="choice", choices=yes_no),
            Field(key="b", kind="choice", choices=yes_no, when=Condition(field="a", values=yes)),
            Field(key="c", kind="text", when=Condition(field="b", values=yes)),
        ),
    )
    assert _get_question(_walk(form=form)) == ("a", 1, 3)
    step = _walk(Chosen(0), Chosen(0), Typed("да"), Edit("a"), Chosen(1), form=form)
    assert dict(step.draft.answers) == {"a": "no"}
    assert isinstance(step.screen, Review)


@pytest.mark.parametrize("key", ["sign", "unknown"])
def test_only_what_is_on_the_card_can_be_edited(key: str) -> None:
    assert _get_code(_walk(*HOUSE, Edit(key))) == "edit-unknown"


def test_nothing_is_edited_before_the_card() -> None:
    assert _get_code(_walk(Chosen(0), Edit("kind"))) == "edit-unknown"


@pytest.mark.parametrize("event", [Typed("да"), Chosen(0), Attached(1), Skip(), Back()])
def test_the_card_takes_no_answers(event: Event) -> None:
    assert _get_code(_walk(*HOUSE, event)) == "review-open"


def test_back_keeps_the_answers() -> None:
    step = _walk(Chosen(0), Typed("3"), Back())
    assert _get_question(step) == ("rooms", 2, 5)
    assert dict(step.draft.answers) == {"kind": "house", "rooms": "3"}
    # An answer given again goes on to the first question that has none.
    assert _get_question(_walk(Chosen(0), Typed("3"), Back(), Back(), Chosen(0)))[0] == "phone"


def test_back_on_the_first_question_stays() -> None:
    assert _get_question(_walk(Back())) == ("kind", 1, 6)
    assert _get_question(_walk(Chosen(0), Back(), Back(), Back())) == ("kind", 1, 5)


def test_only_optional_questions_are_skipped() -> None:
    assert _get_code(_walk(Skip())) == "not-optional"
    step = _walk(*HOUSE[:3], Skip())
    assert step.draft.answers["note"] == SKIPPED
    assert _get_question(step)[0] == "scans"


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([Typed("house")], "choose"),  # words never choose
        ([Typed("")], "choose"),
        ([Chosen(2)], "choose"),
        ([Chosen(-1)], "choose"),
        ([Attached(1)], "wrong-kind"),
        ([Suggested()], "choose"),
        ([Chosen(0), Chosen(0)], "choose"),
        ([Chosen(0), Suggested()], "blank"),
        ([Chosen(0), Typed("три")], "number"),
        ([*HOUSE[:4], Typed("вот")], "files-expected"),
        ([*HOUSE[:4], Chosen(0)], "files-none"),
        ([*HOUSE[:4], Attached(2), Attached(0), Chosen(0)], "files-none"),
    ],
)
def test_answers_of_another_kind_are_rejected(events: list[Event], code: str) -> None:
    assert _get_code(_walk(*events)) == code


def test_files_come_one_by_one_until_done() -> None:
    step = _walk(*HOUSE[:4], Attached(1), Attached(2))
    assert _get_question(step)[0] == "scans"
    step = _walk(*HOUSE[:4], Attached(1), Attached(2), Chosen(0))
    assert isinstance(step.screen, Review)
    assert step.draft.answers["scans"] == "2"


def test_a_suggestion_is_read_like_any_answer() -> None:
    events = HOUSE[:2]
    draft = _walk(*events).draft
    assert _walk(*events, Suggested()).draft.answers["phone"] == PHONE
    spoilt = replace(CONTEXT, profile={"phone": "нет"})
    assert _get_code(advance(FORM, draft, Suggested(), spoilt, 1)) == "phone"
    assert _get_code(advance(FORM, draft, Suggested(), replace(CONTEXT, profile={}), 1)) == "blank"


def test_secrets_never_get_into_a_draft() -> None:
    form = Form(id=FormId("s"), fields=(Field(key="password", kind="secret", secret=True),))
    assert _walk(Typed("тайна"), form=form).draft.answers["password"] == SEALED == "•"
    assert _walk(Typed("тайна", "$hash"), form=form).draft.answers["password"] == "$hash"
    assert _get_code(_walk(Typed(" ", "$hash"), form=form)) == "blank"


def test_a_form_without_a_card_completes() -> None:
    form = Form(id=FormId("s"), fields=(Field(key="a", kind="text"),), reviewed=False)
    assert isinstance(_walk(Typed("да"), form=form).screen, Completed)


# --- taking a draft up again -------------------------------------------------------------------


def _resume(form: Form, draft: Draft, now: float = 2) -> Resumed:
    resumed = resume(form, draft, now, DAY)
    assert isinstance(resumed, Resumed)
    return resumed


def _build_edition(*fields: Field) -> Form:
    return replace(FORM, fields=fields)


@pytest.mark.parametrize("count", [0, 2, len(HOUSE)])
def test_the_same_edition_goes_on_where_it_was_left(count: int) -> None:
    step = _walk(*HOUSE[:count])
    assert _resume(FORM, step.draft) == Resumed(step, changed=False)


def test_words_alone_make_no_new_edition() -> None:
    label = Words({"ru": "Вид", "en": "Kind"})
    worded = _build_edition(replace(KIND, label=label), *FORM.fields[1:])
    assert not _resume(worded, _walk(*HOUSE).draft).changed


def test_a_draft_expires_after_its_lifetime() -> None:
    draft = _walk(Chosen(0)).draft  # touched at 1
    assert not _resume(FORM, draft, 1 + DAY).changed
    assert resume(FORM, draft, 1.5 + DAY, DAY) == Expired()


def test_a_new_edition_keeps_what_fits_and_asks_what_is_missing() -> None:
    asked = Field(key="floor", kind="integer")
    resumed = _resume(
        _build_edition(*FORM.fields[:2], asked, *FORM.fields[4:]), _walk(*HOUSE).draft
    )
    assert resumed.changed
    assert _get_question(resumed.step) == ("floor", 3, 6)
    assert resumed.step.draft.answers == _walk(*HOUSE).draft.answers
    assert resumed.step.draft.id == "d"


def test_a_question_that_left_takes_its_answer_along() -> None:
    resumed = _resume(_build_edition(KIND, *FORM.fields[4:]), _walk(*HOUSE).draft)
    assert "rooms" not in resumed.step.draft.answers
    assert isinstance(resumed.step.screen, Review)


def test_a_choice_that_left_takes_its_branch_along() -> None:
    kind = replace(KIND, choices=(Choice(value="shop"), Choice(value="flat")))
    resumed = _resume(_build_edition(kind, *FORM.fields[1:]), _walk(*HOUSE).draft)
    assert _get_question(resumed.step)[0] == "kind"
    assert set(resumed.step.draft.answers) == {"phone", "note", "scans"}


def test_what_is_no_longer_optional_is_asked_again() -> None:
    *others, scans = FORM.fields
    resumed = _resume(_build_edition(*others, replace(scans, optional=False)), _walk(*HOUSE).draft)
    assert _get_question(resumed.step)[0] == "scans"


def test_a_new_edition_asks_for_secrets_again() -> None:
    password = Field(key="password", kind="secret", secret=True)
    form = Form(id=FormId("s"), fields=(password, Field(key="a", kind="text")))
    draft = _walk(Typed("тайна", "$hash"), form=form).draft
    stricter = replace(form, fields=(replace(password, limits={"min_length": 6}), form.fields[1]))
    assert _get_question(_resume(stricter, draft).step)[0] == "password"
    assert not _resume(stricter, draft).step.draft.answers


# --- doubtful answers ------------------------------------------------------------------------


def test_an_answer_that_needs_confirmation_is_taken_once_confirmed() -> None:
    form = Form(
        id=FormId("any"), fields=(Field(key="a", kind="integer"), Field(key="b", kind="integer"))
    )
    draft = replace(begin(form, "d", 0), unconfirmed="12")
    step = advance(form, draft, Confirmed("confirmed"), CONTEXT, 1)
    assert step.draft.answers == {"a": "12"}
    assert step.draft.confirmed == {"a": "confirmed"}
    assert step.draft.unconfirmed is None
    assert Draft.from_json(json.loads(json.dumps(step.draft.to_json()))) == step.draft
    again = advance(form, step.draft, Confirmed("confirmed"), CONTEXT, 1)
    assert again.rejected is not None
    other = replace(step.draft, unconfirmed="7")
    assert advance(form, other, Back(), CONTEXT, 1).draft.unconfirmed is None


def test_a_changed_answer_takes_back_later_confirmations() -> None:
    form = Form(
        id=FormId("any"), fields=(Field(key="a", kind="integer"), Field(key="b", kind="integer"))
    )
    draft = begin(form, "d", 0)
    for _ in form.fields:
        draft = advance(
            form, replace(draft, unconfirmed="1"), Confirmed("replaced"), CONTEXT, 1
        ).draft
    assert set(draft.confirmed) == {"a", "b"}
    editing = advance(form, draft, Edit("b"), CONTEXT, 1).draft
    assert advance(form, editing, Typed("5"), CONTEXT, 1).draft.confirmed == {"a": "replaced"}
    editing = advance(form, draft, Edit("a"), CONTEXT, 1).draft
    assert advance(form, editing, Typed("5"), CONTEXT, 1).draft.confirmed == {}


# --- ids of forms ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "form_id"),
    [
        ("registration", FormId("registration")),
        ("place:17", FormId("place", 17)),
        ("request:street_lighting:legal", FormId("request", "street_lighting", Category.LEGAL)),
    ],
)
def test_an_id_of_a_form_is_kept_as_a_string(written: str, form_id: FormId) -> None:
    assert str(form_id) == written
    assert FormId.parse(written) == form_id
    draft = replace(begin(FORM, "0", 0), form=form_id)
    assert draft.to_json()["form"] == written
    assert Draft.from_json(json.loads(json.dumps(draft.to_json()))) == draft


def test_a_part_of_an_id_has_no_colon() -> None:
    with pytest.raises(ValueError, match="colon"):
        FormId("request", "a:b")


def test_words_fall_back_to_the_first_language() -> None:
    words = Words({"ru": "Да", "en": "Yes"})
    assert [words[locale] for locale in ("ru", "en", "kk")] == ["Да", "Yes", "Да"]
