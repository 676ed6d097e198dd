"""Registration: the questions of the chat on one page, and another letter with the password."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.domain import Category
from bot.formatting.forms import format_consent
from bot.fsm import engine
from bot.fsm.builtin_forms import get_builtin_forms
from bot.fsm.model import NeedsConfirmation, Rejected
from bot.integrations.smtp import Mailer
from bot.services.accounts import Accounts
from bot.services.form_drafts import FormDrafts
from bot.services.new_emails import check_new_email
from bot.web.site.bodies import read_form
from bot.web.site.complaints import format_complaints
from bot.web.site.context import get_context
from bot.web.site.rendering import read_cookie, redirect, remove_cookie, render, set_cookie

_FORM = get_builtin_forms()["registration"]
_FIELDS = {field.key: field for field in _FORM.fields}
_COOKIE = "registration"
#: How long another letter may be asked for.
_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Registration:
    """What a browser registered a moment ago: it keeps that itself, as nobody is logged in yet."""

    draft_id: str
    answers: Mapping[str, str]


def read_registration(request: web.Request) -> Registration | None:
    """From the cookie; None when there is none that we wrote."""
    try:
        draft_id, answers = json.loads(urlsafe_b64decode(read_cookie(request, _COOKIE)))
        kept = {key: str(answers[key]) for key in answers if key in _FIELDS}
    except (ValueError, TypeError):
        return None
    return Registration(str(draft_id), kept) if "email" in kept else None


def forget_registration(request: web.Request, response: web.Response) -> None:
    if read_cookie(request, _COOKIE):
        remove_cookie(request, response, _COOKIE)


def build_registration_routes(
    accounts: Accounts, drafts: FormDrafts, mailer: Mailer
) -> list[web.RouteDef]:
    async def show_form(request: web.Request) -> web.Response:
        if get_context(request).account is not None:
            return redirect(request, "/")
        registration = read_registration(request)
        values = dict(registration.answers) if registration else {}
        return _render_form(request, secrets.token_hex(8), values, {})

    async def register(request: web.Request) -> web.Response:
        context, form = get_context(request), await read_form(request)
        values = {key: form.get(key, "") for key in _FIELDS}
        draft_id = form.get("draft", "")
        if len(draft_id) != 16 or not draft_id.isalnum():
            draft_id = secrets.token_hex(8)
        empty = drafts.begin(_FORM.id)[1].draft
        answered = engine.answer_all(
            _FORM,
            empty,
            values,
            drafts.build_answer_context(empty, None),
            empty.touched_at,
        )
        answers, errors = answered.draft.answers, dict(answered.errors)
        if values["consent"] == "disagree":
            errors = {"consent": Rejected("consent-refused")}
        if "email" in answers:
            is_kept = form.get("email_kept") == answers["email"]
            try:
                await check_new_email(mailer, answers["email"], is_confirmed=is_kept)
            except Rejected as rejected:
                errors["email"] = rejected
        if errors:
            return _render_form(request, draft_id, values, errors)
        await accounts.register(
            draft_id=draft_id,
            category=Category(answers["category"]),
            name=answers.get("full_name") or answers["organisation"],
            email=answers["email"],
            phone=answers["phone"],
            locale=context.texts.locale,
            consent_version=context.company.consent_version,
            consent_text=format_consent(context.texts, context.company),
            address=context.address,
        )
        response = redirect(request, "/")
        _keep(request, response, Registration(draft_id, answers))
        return response

    async def send_again(request: web.Request) -> web.Response:
        registration = read_registration(request)
        if registration is None:
            return redirect(request, "/register")
        await accounts.send_password_again(registration.draft_id, get_context(request).address)
        return redirect(request, "/", notice="letter-again")

    async def correct_email(request: web.Request) -> web.Response:
        registration = read_registration(request)
        if registration is not None:
            await accounts.withdraw_registration(
                registration.draft_id, get_context(request).address
            )
        return redirect(request, "/register")

    return [
        web.get("/register", show_form),
        web.post("/register", register),
        web.post("/register/again", send_again),
        web.post("/register/correct", correct_email),
    ]


def _keep(request: web.Request, response: web.Response, registration: Registration) -> None:
    written = json.dumps([registration.draft_id, dict(registration.answers)]).encode()
    set_cookie(request, response, _COOKIE, urlsafe_b64encode(written).decode(), _SECONDS)


def _render_form(
    request: web.Request, draft_id: str, values: Mapping[str, str], errors: Mapping[str, Rejected]
) -> web.Response:
    context = get_context(request)
    doubt = errors.get("email")
    return render(
        request,
        "registration.html",
        422 if errors else 200,
        draft=draft_id,
        values={key: values.get(key, "") for key in _FIELDS},
        errors=format_complaints(errors, _FIELDS, context.texts),
        # The same email once more means that it is right.
        email_kept=values["email"].strip().lower() if isinstance(doubt, NeedsConfirmation) else "",
        consent=format_consent(context.texts, context.company),
        categories=[category.value for category in Category],
    )
