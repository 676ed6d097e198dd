"""The access form with its code from an email, the main menu, «Выйти», language, the snippet."""

from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp import web

from bot.fsm.builtin_forms import get_builtin_forms
from bot.fsm.model import Rejected
from bot.services.accounts import Accounts
from bot.services.errors import LoginCodeNeeded, LoginDelayed
from bot.services.form_drafts import FormDrafts
from bot.services.site_forms import SiteForms
from bot.services.web_sessions import make_token
from bot.web.site.bodies import read_form
from bot.web.site.complaints import format_page_complaint
from bot.web.site.context import BROWSER_SECONDS, LANGUAGE_COOKIE, get_context
from bot.web.site.pages.registration import forget_registration, read_registration
from bot.web.site.rendering import redirect, render, set_cookie
from bot.web.site.sessions import delete_session_cookie, describe_browser, set_session_cookie
from bot.web.site.unfinished import list_unfinished

_LOGIN = get_builtin_forms()["login"]


def build_access_routes(
    accounts: Accounts, drafts: FormDrafts, site_forms: SiteForms, locales: Collection[str]
) -> list[web.RouteDef]:
    async def show_access(request: web.Request) -> web.Response:
        account = get_context(request).account
        if account is not None:
            unfinished = await list_unfinished(
                request, account, site_forms, "request", "reading", "upload"
            )
            return render(request, "menu.html", unfinished=unfinished)
        registration = read_registration(request)
        email = registration.answers["email"] if registration else ""
        wanted = find_next(request.query.get("next", ""))
        return _render_access(request, wanted, email, registered=registration is not None)

    async def log_in(request: web.Request) -> web.Response:
        form, context = await read_form(request), get_context(request)
        wanted, typed = find_next(form.get("next", "")), form.get("email", "")
        if context.account is not None:
            return redirect(request, wanted or "/")
        asked = [_LOGIN.get_field(key) for key in ("email", "password")]
        values, errors = drafts.read_answers(asked, form)
        token = make_token()
        if not errors:
            try:
                await accounts.log_in(
                    context.address,
                    values["email"],
                    values["password"],
                    name=describe_browser(request),
                    token=token,
                )
            except LoginCodeNeeded:
                return render(
                    request, "login_code.html", next=wanted, email=values["email"], errors={}
                )
            except Rejected as rejected:
                errors["password"] = rejected
        if errors:
            return _render_access(request, wanted, typed, errors)
        return _send_on(request, wanted, token)

    async def confirm_login(request: web.Request) -> web.Response:
        form, context = await read_form(request), get_context(request)
        wanted, email = find_next(form.get("next", "")), form.get("email", "")
        token = make_token()
        try:
            await accounts.confirm_login(
                context.address,
                email,
                form.get("code", ""),
                name=describe_browser(request),
                token=token,
            )
        except Rejected as rejected:
            complaint = format_page_complaint(rejected, _LOGIN.get_field("code"), context.texts)
            return render(
                request,
                "login_code.html",
                422,
                next=wanted,
                email=email,
                errors={"code": complaint},
            )
        return _send_on(request, wanted, token)

    async def log_out(request: web.Request) -> web.Response:
        context = get_context(request)
        await accounts.log_out(context.address)
        response = redirect(request, "/", notice="logged-out")
        delete_session_cookie(request, response)
        return response

    async def set_language(request: web.Request) -> web.Response:
        form, context = await read_form(request), get_context(request)
        response = redirect(request, find_next(form.get("back", "")) or "/")
        if (locale := form.get("locale", "")) in locales:
            set_cookie(request, response, LANGUAGE_COOKIE, locale, BROWSER_SECONDS)
            if context.account is not None:
                await accounts.set_account_locale(context.account.id, locale)
        return response

    async def show_snippet(request: web.Request) -> web.Response:
        return render(request, "embed.html")

    return [
        web.get("/", show_access),
        web.post("/", log_in),
        web.post("/code", confirm_login),
        web.post("/logout", log_out),
        web.post("/language", set_language),
        web.get("/embed", show_snippet),
    ]


async def answer_foreign_login(request: web.Request) -> web.Response:
    """A login form that another site posted: nobody is logged in by it.

    Otherwise a stranger's page could log a visitor in to the stranger's account (login CSRF), and
    the visitor would entrust it with papers. The email is kept, so that one step is left.
    """
    is_form = request.content_type == "application/x-www-form-urlencoded"
    email = (await read_form(request)).get("email", "") if is_form else ""
    return _render_access(request, None, email, is_foreign=True)


def _render_access(
    request: web.Request,
    wanted: str | None,
    email: str,
    errors: dict[str, Rejected] | None = None,
    *,
    registered: bool = False,
    is_foreign: bool = False,
) -> web.Response:
    context, rejected = get_context(request), errors or {}
    delayed = any(isinstance(one, LoginDelayed) for one in rejected.values())
    return render(
        request,
        "access.html",
        429 if delayed else 422 if rejected else 200,
        next=wanted,
        email=email,
        errors={
            key: format_page_complaint(one, _LOGIN.get_field(key), context.texts)
            for key, one in rejected.items()
        },
        registered=email if registered else None,
        is_foreign=is_foreign,
    )


def _send_on(request: web.Request, wanted: str | None, token: str) -> web.Response:
    """To the page that was asked for, with the session that has begun."""
    response = redirect(request, wanted or "/")
    set_session_cookie(request, response, token)
    forget_registration(request, response)
    return response


def find_next(wanted: str) -> str | None:
    """The page to open after a login; None when it is not one of ours."""
    if not wanted.isprintable() or "\\" in wanted:
        return None
    parts = urlsplit(wanted)
    is_ours = wanted.startswith("/") and not parts.netloc and not parts.scheme
    return wanted if is_ours and not wanted.startswith("//") else None
