"""Views of forms: a question, the review card, and what is wrong with an answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup

from bot.domain import StoredFile, Verdict
from bot.formatting.company import Company
from bot.formatting.forms import (
    format_choice,
    format_complaint,
    format_example,
    format_field_complaint,
    format_heading,
    format_label,
    format_prompt,
    format_raw_answer,
    format_ready_answer,
    format_ready_day,
)
from bot.formatting.values import escape, format_answer
from bot.fsm import engine, field_types
from bot.fsm.field_types import AnswerContext
from bot.fsm.model import (
    POWER_OF_ATTORNEY,
    WAYS,
    Draft,
    Field,
    Form,
    FormId,
    NeedsConfirmation,
    list_visible,
)
from bot.keyboards import (
    DraftAction,
    FormButton,
    Go,
    Row,
    build_button,
    build_contact_keyboard,
    build_inline_keyboard,
)
from bot.texts import Texts
from bot.views.menus import build_menu_button
from bot.views.view import View, format_quote, join_groups, split_pages

#: Two answers share a row when both are this short.
_SHORT_WORDS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A button below a question that leads elsewhere; the draft waits."""

    words: str
    target: CallbackData


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """Additions to a question: links; lines of HTML, also for the review card.

    ``warning`` is HTML above the question: the answers report a danger, and the form may be
    submitted before its end.
    """

    links: tuple[Link, ...] = ()
    remarks: tuple[str, ...] = ()
    warning: str | None = None


def render_step(
    form: Form,
    step: engine.Step,
    files: Sequence[StoredFile],
    context: AnswerContext,
    company: Company,
    texts: Texts,
    *,
    hints: Hints,
    notes: Sequence[str] = (),
) -> tuple[View, ...]:
    """The view of a step; ``notes`` are the keys of texts above it."""
    ahead = [texts(note) for note in notes]
    if hints.warning:
        ahead.append(hints.warning)
    if isinstance(step.screen, engine.Ask):
        if step.rejected:
            complaint = format_field_complaint(step.rejected, step.screen.field, texts)
            ahead.append(f"⚠️ {complaint}")
        reasons = step.rejected.reasons if isinstance(step.rejected, NeedsConfirmation) else ()
        rows = _build_ready_rows(form, step, hints, reasons, texts)
        return (
            _render_question(
                form, step.draft, step.screen, ahead, hints, rows, files, context, company, texts
            ),
        )
    if step.rejected:
        ahead.append(f"⚠️ {format_complaint(step.rejected.code, step.rejected, texts)}")
    return _render_review(form, step.draft, ahead, hints, files, texts)


def _build_ready_rows(
    form: Form, step: engine.Step, hints: Hints, reasons: Sequence[str], texts: Texts
) -> list[Row]:
    place = engine.get_position(form, step.draft)

    def press(act: str, index: int) -> FormButton:
        return FormButton(draft=step.draft.id, at=place, act=act, index=index)

    return [
        *(
            [[build_button(texts("button-submit-now"), press("submit_now", 0), style="danger")]]
            if hints.warning
            else []
        ),
        *(
            [[build_button(step.draft.correction, press("correct", 0))]]
            if reasons and step.draft.correction
            else []
        ),
        *(
            [build_button(texts(f"way-{reason}"), press("insist", WAYS.index(reason)))]
            for reason in reasons
        ),
        *([build_button(one.words, one.target)] for one in hints.links),
        *([build_button(texts(f"button-{act}"), press(act, 0))] for act in _list_papers(step)),
    ]


def _list_papers(step: engine.Step) -> list[str]:
    """What may be done about papers beside a question about files."""
    answers = step.draft.answers
    if not isinstance(step.screen, engine.Ask) or step.screen.field.kind != "files":
        return []
    field = step.screen.field
    acts = []
    if not answers.get(field.key) and field.has_application(answers):
        acts = ["sign", "signed", *([] if field.is_application_required(answers) else ["unsigned"])]
    if any(paper.blank == POWER_OF_ATTORNEY for paper in field.list_papers(answers)):
        acts.append(POWER_OF_ATTORNEY)
    return acts


def render_edit_menu(form: Form, draft: Draft, texts: Texts) -> View:
    """Asks which answer is to be changed."""
    place = engine.get_position(form, draft)
    return View(
        text=texts("form-edit"),
        keyboard=build_inline_keyboard(
            *(
                [
                    build_button(
                        format_label(form, field, texts),
                        FormButton(
                            draft=draft.id, at=place, act="edit", index=form.fields.index(field)
                        ),
                    )
                ]
                for field in list_visible(form.fields, draft.answers)
                if not field.secret
            ),
            [_build_button("back", draft, place, act="review", texts=texts)],
        ),
    )


def render_remove_menu(form: Form, draft: Draft, files: Sequence[StoredFile], texts: Texts) -> View:
    """Asks which file is to be removed."""
    place = engine.get_position(form, draft)
    return View(
        text=texts("form-remove"),
        keyboard=build_inline_keyboard(
            *(
                [
                    build_button(
                        f"✕ {one.name}",
                        FormButton(draft=draft.id, at=place, act="remove", index=one.id),
                    )
                ]
                for one in files
            ),
            [_build_button("back", draft, place, act="review", texts=texts)],
        ),
    )


def render_expired(form_id: FormId, texts: Texts) -> View:
    """A draft that is too old, or whose form no longer exists; a button leads to a new one."""
    start = {
        "request": "new",
        "period": "history",
        "place": "history",
        "ratio": "history",
        "organisation": "name",
    }.get(form_id.name, form_id.name)
    return View(
        text=texts("form-expired"),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-again"), Go(to=start))], [build_menu_button(texts)]
        ),
    )


def render_unfinished(form: Form, draft: Draft, texts: Texts) -> View:
    """Asks before the form is opened anew, which would discard the answers of this draft."""
    return _render_draft_question("form-unfinished", form, draft, "again", "anew", texts)


def render_cancel_question(
    form: Form, draft: Draft, texts: Texts, *, reason: str | None = None
) -> View:
    """Asks before the answers of a cancelled form are discarded; ``reason`` is HTML above it."""
    view = _render_draft_question("form-cancelled", form, draft, "discard", "discard", texts)
    return replace(view, text=f"{reason}\n\n{view.text}") if reason else view


def _render_draft_question(
    key: str, form: Form, draft: Draft, button: str, act: str, texts: Texts
) -> View:
    return View(
        text=texts(key, form=format_heading(form, texts)),
        keyboard=build_inline_keyboard(
            [
                build_button(
                    texts(f"button-{button}"), DraftAction(act=act, draft=draft.id), style="danger"
                ),
                build_button(texts("button-keep"), DraftAction(act="resume", draft=draft.id)),
            ],
            [build_menu_button(texts)],
        ),
    )


def _render_question(
    form: Form,
    draft: Draft,
    ask: engine.Ask,
    ahead: Sequence[str],
    hints: Hints,
    ready: Sequence[Row],
    files: Sequence[StoredFile],
    context: AnswerContext,
    company: Company,
    texts: Texts,
) -> View:
    field = ask.field
    lines = [
        *ahead,
        f"<b>{format_heading(form, texts)}</b>\n"
        + texts("step", number=ask.number, total=max(ask.total, ask.number)),
    ]
    if form.notice and ask.number == 1:
        lines.append(f"❗ {escape(form.notice[texts.locale])}")
    lines.append(format_prompt(form, field, draft.answers, company, texts))
    lines.extend(hints.remarks)
    if files and form.find_files_field(field.key):
        lines.append(
            texts("files", count=len(files)) + "".join(f"\n• {escape(one.name)}" for one in files)
        )
        if any(one.verdict is Verdict.WAITING for one in files):
            lines.append(texts("files-unchecked"))
    if example := format_example(form, field, context, texts):
        lines.append(f"{texts('for-example')} <code>{escape(example)}</code>")
    keyboard = _build_answer_rows(form, draft, ask, ready, files, context, texts)
    return View(text="\n\n".join(lines), keyboard=keyboard)


def _build_answer_rows(
    form: Form,
    draft: Draft,
    ask: engine.Ask,
    ready: Sequence[Row],
    files: Sequence[StoredFile],
    context: AnswerContext,
    texts: Texts,
) -> InlineKeyboardMarkup | ReplyKeyboardMarkup:
    field, place = ask.field, engine.get_position(form, draft)
    if field.limits.get("contact"):
        return build_contact_keyboard(
            texts("button-share-phone"),
            texts(f"form-{form.name}-{field.key}-example"),
            *([texts("button-back")] if ask.number > 1 or draft.editing else []),
            texts("button-cancel"),
        )
    rows: list[Row] = []
    has_files = field.kind == "files" and bool(files)
    if has_files:
        rows.append([_build_button("done", draft, place, texts=texts, style="primary")])
    choices = [
        build_button(
            format_choice(form, field, choice, texts),
            FormButton(draft=draft.id, at=place, act="choose", index=at),
        )
        for at, choice in enumerate(field.choices)
    ]
    if len(choices) == 2 and all(len(one.text) <= _SHORT_WORDS for one in choices):
        rows.append(choices)
    else:
        rows += [[one] for one in choices]
    rows += ready
    rows.append(
        [
            build_button(
                format_ready_day(day, context.today, texts),
                FormButton(draft=draft.id, at=place, act="day", index=day.toordinal()),
            )
            for day in field_types.list_ready_days(field, context)
        ]
    )
    if suggested := format_ready_answer(field, context, texts):
        rows.append([build_button(suggested, FormButton(draft=draft.id, at=place, act="suggest"))])
    if has_files:
        rows.append([_build_button("remove", draft, place, act="remove_menu", texts=texts)])
    elif field.optional:
        rows.append([_build_button("skip", draft, place, texts=texts)])
    back = (
        [_build_button("back", draft, place, texts=texts)]
        if ask.number > 1 or draft.editing
        else []
    )
    rows.append([*back, _build_button("cancel", draft, place, texts=texts)])
    return build_inline_keyboard(*rows)


def _render_review(
    form: Form,
    draft: Draft,
    ahead: Sequence[str],
    hints: Hints,
    files: Sequence[StoredFile],
    texts: Texts,
) -> tuple[View, ...]:
    shown = [
        field
        for field in list_visible(form.fields, draft.answers)
        if field.key in draft.answers and not field.secret
    ]
    blocks = [
        *ahead,
        f"<b>{format_heading(form, texts)}</b>\n{texts(f'review-{form.name}')}",
        *join_groups(
            _format_answer(form, field, draft.answers[field.key], texts)
            for field in shown
            if not _is_long(field)
        ),
        *(
            block
            for field in shown
            if _is_long(field)
            for block in _format_long_answer(form, field, draft.answers[field.key], files, texts)
        ),
        *hints.remarks,
    ]
    place = engine.get_position(form, draft)
    edit = [_build_button("edit", draft, place, act="edit_menu", texts=texts)] if shown else []
    keyboard = build_inline_keyboard(
        [
            build_button(
                texts(f"button-submit-{form.name}"),
                FormButton(draft=draft.id, at=place, act="submit"),
                style="success",
            )
        ],
        [*edit, _build_button("cancel", draft, place, texts=texts)],
    )
    return split_pages(blocks, keyboard)


def _is_long(field: Field) -> bool:
    return field.kind == "files" or bool(field.limits.get("multiline"))


def _format_long_answer(
    form: Form, field: Field, raw: str, files: Sequence[StoredFile], texts: Texts
) -> list[str]:
    if field.kind != "files":
        return format_quote(escape(format_label(form, field, texts)), raw)
    if field.aside and not files:
        return []
    names = "".join(f"\n• {escape(one.name)}" for one in files)
    heading = (
        escape(format_label(form, field, texts))
        if field.aside
        else texts("request-scans", count=len(files))
    )
    return [f"<b>{heading}</b>{names}"]


def _format_answer(form: Form, field: Field, raw: str, texts: Texts) -> str:
    return format_answer(
        format_label(form, field, texts), escape(format_raw_answer(form, field, raw, texts))
    )


def _build_button(
    words: str,
    draft: Draft,
    place: int,
    *,
    texts: Texts,
    act: str | None = None,
    style: str | None = None,
) -> InlineKeyboardButton:
    return build_button(
        texts(f"button-{words}"),
        FormButton(draft=draft.id, at=place, act=act or words),
        style=style,
    )
