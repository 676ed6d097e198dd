"""«Забыли пароль?»: a code from a letter and a new password."""

from aiohttp import web

from bot.fsm.builtin_forms import get_builtin_forms
from bot.fsm.model import Rejected
from bot.services.form_drafts import FormDrafts
from bot.services.password_resets import PasswordResets
from bot.services.web_sessions import make_token
from bot.web.site.bodies import read_form
from bot.web.site.complaints import format_complaints
from bot.web.site.context import get_context
from bot.web.site.rendering import redirect, render
from bot.web.site.sessions import describe_browser, set_session_cookie

_FORM = get_builtin_forms()["reset"]
_FIELDS = {field.key: field for field in _FORM.fields}


def build_password_routes(resets: PasswordResets, drafts: FormDrafts) -> list[web.RouteDef]:
    async def show_form(request: web.Request) -> web.Response:
        return _render_email(request, request.query.get("email", ""), {})

    async def send_code(request: web.Request) -> web.Response:
        form = await read_form(request)
        answers, errors = drafts.read_answers([_FIELDS["email"]], form)
        if errors:
            return _render_email(request, form.get("email", ""), errors)
        await resets.send_code(answers["email"], get_context(request).address)
        return _render_code(request, answers["email"], "", {})

    async def set_password(request: web.Request) -> web.Response:
        context, form = get_context(request), await read_form(request)
        answers, errors = drafts.read_answers(_FORM.fields, form)
        if "email" in errors:
            return _render_email(request, form.get("email", ""), errors)
        if "new" in answers and answers.get("repeat") not in {None, answers["new"]}:
            errors["repeat"] = Rejected("passwords-differ")
        email, token = answers["email"], make_token()
        if not errors:
            try:
                await resets.check_code(email, context.address, answers["code"])
            except Rejected as rejected:
                errors["code"] = rejected
        if not errors:
            try:
                hashed = await resets.prepare_password(email, context.address, answers["new"])
                await resets.finish(
                    email,
                    context.address,
                    hashed,
                    name=describe_browser(request),
                    token=token,
                )
            except Rejected as rejected:
                errors["code" if rejected.code == "code-expired" else "new"] = rejected
        if errors:
            return _render_code(request, email, form.get("code", ""), errors)
        response = redirect(request, "/", notice="password-saved")
        set_session_cookie(request, response, token)
        return response

    async def ask_staff(request: web.Request) -> web.Response:
        context, form = get_context(request), await read_form(request)
        answers, errors = drafts.read_answers([_FIELDS["email"]], form)
        if errors:
            return _render_email(request, form.get("email", ""), errors)
        await resets.ask_staff(answers["email"], context.address)
        return _render_code(request, answers["email"], "", {}, asked=True)

    return [
        web.get("/forgot", show_form),
        web.post("/forgot", send_code),
        web.post("/forgot/password", set_password),
        web.post("/forgot/staff", ask_staff),
    ]


def _render_email(request: web.Request, email: str, errors: dict[str, Rejected]) -> web.Response:
    complaints = format_complaints(errors, _FIELDS, get_context(request).texts)
    status = 422 if errors else 200
    return render(request, "forgot.html", status, email=email, errors=complaints)


def _render_code(
    request: web.Request,
    email: str,
    code: str,
    errors: dict[str, Rejected],
    *,
    asked: bool = False,
) -> web.Response:
    """``asked``: the staff were asked for a new password."""
    complaints = format_complaints(errors, _FIELDS, get_context(request).texts)
    status = 422 if errors else 200
    return render(
        request,
        "forgot_code.html",
        status,
        email=email,
        code=code,
        errors=complaints,
        asked=asked,
    )
