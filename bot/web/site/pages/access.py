"""The access form, the main menu, «Выйти», and the language."""

from urllib.parse import urlsplit

from aiohttp import web

from bot.services.accounts import Accounts
from bot.services.errors import LoginRefused
from bot.services.web_sessions import make_token
from bot.web.site.bodies import read_form
from bot.web.site.context import get_context
from bot.web.site.rendering import redirect, render
from bot.web.site.sessions import delete_session_cookie, describe_browser, set_session_cookie


def build_access_routes(accounts: Accounts) -> list[web.RouteDef]:
    async def show_access(request: web.Request) -> web.Response:
        if get_context(request).account is not None:
            return render(request, "menu.html")
        wanted = find_next(request.query.get("next", ""))
        return render(request, "access.html", next=wanted, email="", errors={})

    async def log_in(request: web.Request) -> web.Response:
        form, context = await read_form(request), get_context(request)
        wanted, email = find_next(form.get("next", "")), form.get("email", "")
        if context.account is not None:
            return redirect(request, wanted or "/")
        token = make_token()
        try:
            await accounts.log_in(
                context.browser.address,
                email,
                form.get("password", ""),
                name=describe_browser(request),
                token=token,
            )
        except LoginRefused:
            errors = {"password": context.texts("error-login-refused")}
            return render(request, "access.html", 422, next=wanted, email=email, errors=errors)
        response = redirect(request, wanted or "/")
        set_session_cookie(request, response, token)
        return response

    async def log_out(request: web.Request) -> web.Response:
        await accounts.log_out(get_context(request).browser.address)
        response = redirect(request, "/")
        delete_session_cookie(request, response)
        return response

    return [
        web.get("/", show_access),
        web.post("/", log_in),
        web.post("/logout", log_out),
    ]


def find_next(wanted: str) -> str | None:
    """The page to open after a login; None when it is not one of ours."""
    parts = urlsplit(wanted)
    ours = wanted.startswith("/") and not parts.netloc and not parts.scheme
    return wanted if ours and wanted.isprintable() and not set(wanted[:2]) >= {"\\"} else None
