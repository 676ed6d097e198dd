"""The form engine: (form, draft, event) → (draft, screen). Pure: no clock, database or texts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.fsm import field_types
from bot.fsm.field_types import AnswerContext, clean_text
from bot.fsm.model import (
    SEALED,
    SKIPPED,
    Draft,
    Field,
    Form,
    NeedsConfirmation,
    Rejected,
    list_visible,
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed answer; ``sealed`` is stored in place of a secret one, such as its hash."""

    text: str
    sealed: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choice at ``index`` was pressed, or «done» below files."""

    index: int


@dataclass(frozen=True, slots=True)
class Attached:
    """The draft now has ``count`` scans."""

    count: int


@dataclass(frozen=True, slots=True)
class Shared:
    """The text of a contact, a location or a table; only fields of this ``kind`` take it."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """The ready answer was pressed."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The unconfirmed answer was confirmed; ``way`` is the reason, one of WAYS."""

    way: str


@dataclass(frozen=True, slots=True)
class Skip:
    """An optional question was skipped."""


@dataclass(frozen=True, slots=True)
class Back:
    """Goes one question back, or to the review card while an answer is being changed."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Opens one answer from the review card in order to change it."""

    key: str


Event = Typed | Chosen | Attached | Shared | Suggested | Confirmed | Skip | Back | Edit


@dataclass(frozen=True, slots=True)
class Ask:
    """The question on screen; step ``number`` of ``total``, both from 1."""

    field: Field
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Review:
    """All answers are given and wait for confirmation: fields with raw answers, in order."""

    answers: tuple[tuple[Field, str], ...]


@dataclass(frozen=True, slots=True)
class Completed:
    """All answers of a form without a review card are given."""


Screen = Ask | Review | Completed


@dataclass(frozen=True, slots=True)
class Step:
    """The result of an event. With ``rejected`` set the draft is unchanged."""

    draft: Draft
    screen: Screen
    rejected: Rejected | None = None


@dataclass(frozen=True, slots=True)
class Resumed:
    """A resumed draft; ``changed``: the form has changed since the draft was begun."""

    step: Step
    changed: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A draft after several answers at once; ``errors``: what is wrong, by the keys of questions.

    A question whose answer was wrong is open again, whatever its answer was before.
    """

    draft: Draft
    errors: Mapping[str, Rejected]


@dataclass(frozen=True, slots=True)
class Expired:
    """The draft is too old to be resumed."""


def begin(form: Form, draft_id: str, now: float, answers: Mapping[str, str] | None = None) -> Draft:
    """A new draft; of ``answers``, which another draft gave, those that fit are taken over."""
    kept = _keep_valid(form, answers or {})
    return Draft(
        id=draft_id,
        form=form.id,
        fingerprint=form.fingerprint,
        open=_find_first_missing(form, kept),
        answers=kept,
        editing=False,
        touched_at=now,
    )


def show(form: Form, draft: Draft, rejected: Rejected | None = None) -> Step:
    """The present screen again, with what was wrong; nothing changes."""
    return Step(draft, get_screen(form, draft), rejected)


def ask_confirmation(form: Form, draft: Draft, answer: str, doubt: NeedsConfirmation) -> Step:
    """Asks the open question again, and remembers its answer for the case that it is confirmed."""
    waiting = replace(draft, unconfirmed=answer, correction=doubt.correction)
    return Step(waiting, get_screen(form, waiting), doubt)


def advance(form: Form, draft: Draft, event: Event, context: AnswerContext, now: float) -> Step:
    """Applies one event. A wrong answer changes nothing and is returned as ``rejected``."""
    try:
        changed = _apply(form, draft, event, context)
    except Rejected as rejected:
        return show(form, draft, rejected)
    return show(form, replace(changed, touched_at=now))


def answer_all(
    form: Form,
    draft: Draft,
    raw: Mapping[str, str],
    context: AnswerContext,
    now: float,
    *,
    sealed: Mapping[str, str] = MappingProxyType({}),
    confirmed: Mapping[str, str] = MappingProxyType({}),
) -> Answered:
    """Takes the answers of a page at once, by the rules of the steps.

    ``raw``: what was typed, the values of choices, the number of scans, the answer that a table
    gave, by the keys of the questions that were shown; an empty text skips an optional one. Other
    questions keep their answers, as far as the new ones allow. ``sealed`` is stored in place of
    secret answers, ``confirmed`` are the reasons of those that were confirmed.
    """
    answers: dict[str, str] = {}
    errors: dict[str, Rejected] = {}
    outdated: set[str] = set()
    reasons: dict[str, str] = {}
    is_changed = False
    for field in form.fields:
        key, former = field.key, draft.answers.get(field.key)
        if not list_visible([field], answers):
            continue
        answer = None if key in outdated else former
        if key in raw:
            try:
                answer = _read_shown(field, raw[key], replace(context, answers=answers))
            except Rejected as rejected:
                answer = None
                errors[key] = rejected
            if answer is not None and field.sealed:
                answer = sealed.get(key, SEALED)
        if answer != former:
            is_changed = True
            outdated |= field.invalidates
        if answer is not None:
            answers[key] = answer
            if key in confirmed:
                reasons[key] = confirmed[key]
            elif key in draft.confirmed and not is_changed:
                # It was confirmed beside the same answers to the questions before it.
                reasons[key] = draft.confirmed[key]
    changed = replace(
        draft,
        answers=answers,
        open=_find_first_missing(form, answers),
        editing=False,
        touched_at=now,
        unconfirmed=None,
        correction=None,
        confirmed=reasons,
    )
    return Answered(changed, errors)


def get_screen(form: Form, draft: Draft) -> Screen:
    if draft.open is not None:
        fields = list_visible(form.fields, draft.answers)
        number = next(at for at, field in enumerate(fields, 1) if field.key == draft.open)
        return Ask(form.get_field(draft.open), number, _count_longest(form, draft.answers))
    if not form.reviewed:
        return Completed()
    return Review(tuple(_list_pairs(form, draft)))


def get_position(form: Form, draft: Draft) -> int:
    """The index of the open question among the form's fields; their count on the review card."""
    keys = [field.key for field in form.fields]
    return len(keys) if draft.open is None else keys.index(draft.open)


def resume(form: Form, draft: Draft, now: float, lifetime: float) -> Resumed | Expired:
    """Resumes a draft; ``lifetime`` is in seconds.

    When the form has changed, answers that are still valid are kept, and the first missing one is
    asked.
    """
    if now - draft.touched_at > lifetime:
        return Expired()
    if draft.fingerprint == form.fingerprint:
        return Resumed(show(form, draft), changed=False)
    answers = _keep_valid(form, draft.answers)
    renewed = replace(
        draft,
        fingerprint=form.fingerprint,
        answers=answers,
        open=_find_first_missing(form, answers),
        editing=False,
    )
    return Resumed(show(form, renewed), changed=True)


def _apply(form: Form, draft: Draft, event: Event, context: AnswerContext) -> Draft:
    if isinstance(event, Edit):
        return _begin_edit(form, draft, event.key)
    if isinstance(event, Attached) and (files := form.find_files_field(draft.open)):
        return _set_file_count(draft, files, event.count)
    if draft.open is None:
        raise Rejected("review-open")
    field = form.get_field(draft.open)
    match event:
        case Back():
            return _go_back(form, draft)
        case Attached():
            raise Rejected("wrong-kind")
        case Skip():
            if not field.optional:
                raise Rejected("not-optional")
            return _store_answer(form, draft, field, SKIPPED)
        case Typed(text, sealed):
            if field.kind == "files":
                raise Rejected("files-expected")
            if field.kind == "table":
                raise Rejected("wrong-kind")
            if field.choices:
                raise Rejected("choose")
            answer = field_types.read(text, field, context)
            return _store_answer(form, draft, field, (sealed or SEALED) if field.sealed else answer)
        case Shared(kind, text):
            if field.kind != kind:
                raise Rejected("wrong-kind")
            return _store_answer(form, draft, field, field_types.read(text, field, context))
        case Suggested():
            return _store_answer(
                form, draft, field, field_types.read(get_suggestion(field, context), field, context)
            )
        case Confirmed(way):
            if draft.unconfirmed is None:
                raise Rejected("blank")
            return _store_answer(form, draft, field, draft.unconfirmed, way)
        case Chosen(index):
            return _store_answer(form, draft, field, _take_choice(draft, field, index))


def _read_shown(field: Field, raw: str, context: AnswerContext) -> str | None:
    """The answer to a question of a page; None: files aside, of which there are none."""
    if field.kind == "files" and raw in {"", "0"}:
        if field.aside:
            return None
        if not field.optional:
            raise Rejected("files-none")
        return SKIPPED
    if field.optional and not clean_text(raw):
        return SKIPPED
    return field_types.read(raw, field, context)


def get_suggestion(field: Field, context: AnswerContext) -> str:
    """The ready answer of a question; raises Rejected when there is none."""
    name = (field.suggestion or "").partition(".")[2]
    if name not in context.profile:
        raise Rejected("choose" if field.choices else "blank")
    return context.profile[name]


def _take_choice(draft: Draft, field: Field, index: int) -> str:
    if field.kind == "files":
        if not draft.answers.get(field.key):
            raise Rejected("files-none")
        return draft.answers[field.key]
    if not 0 <= index < len(field.choices):
        raise Rejected("choose")
    return field.choices[index].value


def _set_file_count(draft: Draft, field: Field, count: int) -> Draft:
    answers = {key: raw for key, raw in draft.answers.items() if key != field.key}
    if count:
        answers[field.key] = str(count)
    return replace(draft, answers=answers)


def _store_answer(
    form: Form, draft: Draft, field: Field, answer: str, way: str | None = None
) -> Draft:
    valid = {key: raw for key, raw in draft.answers.items() if key not in field.invalidates}
    answers = _keep_open_branch(form, {**valid, field.key: answer})
    following = _find_first_missing(form, answers)
    # Later answers were confirmed beside the former answer to this question.
    ahead = form.fields[: form.fields.index(field)]
    confirmed = {one.key: draft.confirmed[one.key] for one in ahead if one.key in draft.confirmed}
    if way is not None:
        confirmed[field.key] = way
    return replace(
        draft,
        answers=answers,
        open=following,
        editing=draft.editing and following is not None,
        unconfirmed=None,
        correction=None,
        confirmed=confirmed,
    )


def _begin_edit(form: Form, draft: Draft, key: str) -> Draft:
    known = {field.key for field in form.fields if field.aside}
    known |= {field.key for field, _ in _list_pairs(form, draft)}
    if draft.open is not None or key not in known:
        raise Rejected("edit-unknown")
    return replace(draft, open=key, editing=True, unconfirmed=None, correction=None)


def _go_back(form: Form, draft: Draft) -> Draft:
    keys = [field.key for field in list_visible(form.fields, draft.answers)]
    if draft.editing and _find_first_missing(form, draft.answers) is None:
        return replace(draft, open=None, editing=False, unconfirmed=None, correction=None)
    at = keys.index(draft.open or "")
    return replace(draft, open=keys[max(at - 1, 0)], unconfirmed=None, correction=None)


def _list_pairs(form: Form, draft: Draft) -> list[tuple[Field, str]]:
    return [
        (field, draft.answers[field.key])
        for field in list_visible(form.fields, draft.answers)
        if field.key in draft.answers
    ]


def _keep_open_branch(form: Form, answers: Mapping[str, str]) -> dict[str, str]:
    """Drops the answers of questions that are no longer asked; one drop may cause another."""
    kept: dict[str, str] = {}
    for field in form.fields:
        if field.key in answers and list_visible([field], kept):
            kept[field.key] = answers[field.key]
    return kept


def _find_first_missing(form: Form, answers: Mapping[str, str]) -> str | None:
    return next(
        (
            field.key
            for field in list_visible(form.fields, answers)
            if field.key not in answers and not field.aside
        ),
        None,
    )


def _count_longest(form: Form, answers: Mapping[str, str]) -> int:
    """The number of questions on the longest branch that is still open."""
    open_fields = list_visible(form.fields, answers)
    deciding = {field.when.field for field in form.fields if field.when is not None}
    undecided = next(
        (
            field
            for field in open_fields
            # Without choices it decides by what an action keeps in its place: a rare branch.
            if field.key in deciding and field.choices and field.key not in answers
        ),
        None,
    )
    if undecided is None:
        return sum(not field.aside for field in open_fields)
    return max(
        _count_longest(form, {**answers, undecided.key: answer})
        for answer in _list_deciding_answers(form, undecided)
    )


def _list_deciding_answers(form: Form, field: Field) -> list[str]:
    """Answers that open each branch below a question: its choices, or numbers around the bounds."""
    if field.choices:
        return [choice.value for choice in field.choices]
    bounds = {
        bound
        for one in form.fields
        if one.when is not None and one.when.field == field.key
        for bound in (one.when.above, one.when.at_most)
        if bound is not None
    }
    return [str(bound + more) for bound in bounds for more in (0, 1)]


def _keep_valid(form: Form, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers to questions that this edition of the form asks in the same way."""
    kept: dict[str, str] = {}
    for field in form.fields:
        raw = answers.get(field.key)
        if raw is not None and list_visible([field], kept) and _is_still_valid(raw, field):
            kept[field.key] = raw
    return kept


def _is_still_valid(raw: str, field: Field) -> bool:
    if raw == SKIPPED:
        return field.optional
    if field.sealed:
        return False
    return not field.choices or any(choice.value == raw for choice in field.choices)
