"""What happens to every request: headers, errors as pages, who asks, protection of forms."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.db.errors import OUTAGES
from bot.formatting.company import Company
from bot.request_types import Catalogue
from bot.texts import Texts, Translations
from bot.web.site.bodies import read_csrf
from bot.web.site.context import (
    BROWSER_COOKIE,
    BROWSER_SECONDS,
    LANGUAGE_COOKIE,
    Browser,
    FindAccount,
    SiteAddress,
    SiteContext,
    get_context,
    set_context,
)
from bot.web.site.csrf import Csrf
from bot.web.site.errors import LoginNeeded, PageError
from bot.web.site.rendering import redirect, render
from bot.web.site.sessions import SESSION_COOKIE

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_SAFE_METHODS = frozenset({"GET", "HEAD"})
#: Each has its page; other statuses get the page of the first one of their hundred.
_EXPLAINED = frozenset({400, 403, 404, 405, 408, 413, 422, 429, 500, 503})
_AWAY: tuple[type[Exception], ...] = (TimeoutError, *OUTAGES)
_RETRY_SECONDS = 30
_HSTS = f"max-age={365 * 86400}; includeSubDomains"
_POLICY = MappingProxyType(
    {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
    }
)
_HEADERS = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        # Ours get the whole address, so that Origin is sent; others get nothing.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
)
_TELEGRAM_ORIGIN = "https://web.telegram.org"


def build_header_setter(
    address: SiteAddress, frame_origins: tuple[str, ...]
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Sets the headers of every answer, streamed ones too."""
    framed = MappingProxyType(
        {"/embed": " ".join(("'self'", *frame_origins)), "/miniapp": _TELEGRAM_ORIGIN}
    )

    async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
        policy = {**_POLICY, "frame-ancestors": framed.get(request.path, "'none'")}
        response.headers["Content-Security-Policy"] = "; ".join(
            f"{name} {sources}" for name, sources in policy.items()
        )
        response.headers.update(_HEADERS)
        if address.secure:
            response.headers["Strict-Transport-Security"] = _HSTS
        if "Server" in response.headers:
            del response.headers["Server"]

    return set_headers


def build_error_middleware() -> Any:
    """Turns errors into pages: never a bare one, never a traceback."""

    @web.middleware
    async def explain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except LoginNeeded as needed:
            return _ask_login(request, kept=needed.kept)
        except PageError as error:
            return _render_error(request, error.status, error.code, error.minutes)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            if error.status == 405 and request.method in _SAFE_METHODS:
                return _go_back(request)
            page = _render_error(request, error.status)
            if "Allow" in error.headers:
                page.headers["Allow"] = error.headers["Allow"]
            return page
        except (ConnectionResetError, asyncio.CancelledError):
            raise
        except _AWAY as error:
            log.warning("a page is not to be had: %s", type(error).__name__)
            return _render_error(request, 503)
        except Exception:
            log.exception("a page failed: %s", request.match_info.route.name or request.path)
            return _render_error(request, 500)

    return explain_errors


def _ask_login(request: web.Request, *, kept: bool) -> web.StreamResponse:
    """The access form, and afterwards the page that was asked for."""
    notice = "login-kept" if kept else "login-needed"
    return redirect(request, f"/?next={quote(request.path_qs, safe='/')}", notice=notice)


def _go_back(request: web.Request) -> web.StreamResponse:
    """From an address that only forms are sent to, to the page that has the form.

    A reload leads there, and the login that interrupted the sending of a form.
    """
    return redirect(request, request.rel_url.raw_path.rpartition("/")[0] or "/")


def _render_error(
    request: web.Request, status: int, code: str | None = None, minutes: int | None = None
) -> web.Response:
    if code is None:
        code = str(status if status in _EXPLAINED else status // 100 * 100)
    page = render(request, "error.html", status, code=code, minutes=minutes or 0)
    if minutes is not None:
        page.headers["Retry-After"] = str(minutes * 60)
    if status == 503:
        page.headers["Retry-After"] = str(_RETRY_SECONDS)
    if not request.content.at_eof():
        # The rest of a body that nobody will read.
        page.force_close()
    return page


def build_context_middleware(
    address: SiteAddress,
    company: Company,
    translations: Translations,
    catalogue: Catalogue,
    find_account: FindAccount,
) -> Any:
    browser_cookie = address.name_cookie(BROWSER_COOKIE)
    language_cookie = address.name_cookie(LANGUAGE_COOKIE)
    session_cookie = address.name_cookie(SESSION_COOKIE)

    def choose_texts(request: web.Request) -> Texts:
        return translations.get_texts(
            request.cookies.get(language_cookie) or _read_language(request, translations.locales)
        )

    @web.middleware
    async def provide_context(request: web.Request, handler: Handler) -> web.StreamResponse:
        browser = Browser.read(request.cookies.get(browser_cookie))
        guest = SiteContext(
            account=None,
            browser=browser,
            texts=choose_texts(request),
            company=company,
            catalogue=catalogue,
        )
        # First, so that a page can say that the database is away.
        set_context(request, guest)
        token = request.cookies.get(session_cookie)
        if token and not browser.is_new and not request.path.startswith("/static/"):
            account = await find_account(browser.address, token)
            if account is not None:
                texts = translations.get_texts(account.locale)
                set_context(request, replace(guest, account=account, texts=texts))
        response = await handler(request)
        if browser.is_new and not response.prepared and request.method in _SAFE_METHODS:
            address.set_cookie(response, BROWSER_COOKIE, browser.cookie, BROWSER_SECONDS)
        return response

    return provide_context


def _read_language(request: web.Request, locales: tuple[str, ...]) -> str:
    """The first language of the browser's that we speak; its own order is that of preference."""
    for part in request.headers.get("Accept-Language", "").split(",")[:10]:
        locale = part.partition(";")[0].strip().partition("-")[0].lower()
        if locale in locales:
            return locale
    return locales[0]


def build_csrf_middleware(
    csrf: Csrf, address: SiteAddress, foreign_posts: Mapping[str, Handler]
) -> Any:
    """Lets through what a page of ours sent: by the header Origin, and by the field ``csrf``."""

    @web.middleware
    async def verify_forms(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method in _SAFE_METHODS or request.match_info.http_exception is not None:
            return await handler(request)
        context = get_context(request)
        asked_as = None
        if _is_ours(request, address):
            asked_as = csrf.verify(context.browser, await read_csrf(request))
        if asked_as is None:
            if (instead := foreign_posts.get(request.path)) is not None:
                return await instead(request)
            raise PageError(403, "csrf")
        if context.account is not None and asked_as not in {0, context.account.id}:
            raise PageError(403, "csrf")
        set_context(request, replace(context, asked_as=asked_as or None))
        return await handler(request)

    return verify_forms


def _is_ours(request: web.Request, address: SiteAddress) -> bool:
    """Old browsers send neither header; then the token alone decides."""
    if (origin := request.headers.get("Origin")) is not None:
        return origin == address.origin
    return request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}
