"""What a page knows of a request: the browser, the account, the language, the company."""

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from aiohttp import web

from bot.domain import FIRST_BROWSER_ID, Account, Address, Channel
from bot.formatting.company import Company
from bot.request_types import Catalogue
from bot.texts import Texts
from bot.web.site.errors import LoginNeeded

_IDS = 2**62
_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")
BROWSER_COOKIE = "browser"
LANGUAGE_COOKIE = "language"
#: Browsers keep no cookie for longer, seconds.
BROWSER_SECONDS = 400 * 86400

#: Who is logged in on a browser, by the token of its session's cookie.
FindAccount = Callable[[Address, str], Awaitable[Account | None]]


class SiteAddress:
    """The public address of the site, and the names of cookies that follow from it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.secure = parts.scheme == "https"

    def name_cookie(self, name: str) -> str:
        """With the prefix that binds a cookie to this very host, which browsers take over TLS."""
        return f"__Host-{name}" if self.secure else name

    def set_cookie(
        self, response: web.StreamResponse, name: str, value: str, seconds: int | None
    ) -> None:
        response.set_cookie(
            self.name_cookie(name),
            value,
            max_age=seconds,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="Lax",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """A browser, known by a long-lived random cookie. ``is_new``: the answer sets the cookie."""

    id: int
    cookie: str
    is_new: bool

    @classmethod
    def read(cls, cookie: str | None) -> Self:
        """A new browser when there is no cookie of ours."""
        is_new = cookie is None or not _COOKIE.fullmatch(cookie)
        secret = secrets.token_urlsafe(32) if cookie is None or is_new else cookie
        digest = hashlib.sha256(secret.encode()).digest()
        return cls(
            id=FIRST_BROWSER_ID + int.from_bytes(digest[:8], "big") % _IDS,
            cookie=secret,
            is_new=is_new,
        )

    @property
    def address(self) -> Address:
        return Address(Channel.WEB, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteContext:
    """Who asks, from which browser and in which language.

    ``asked_as`` is the account for which the posted form was rendered: another one than ``account``
    when a session ended, or another person logged in, while the form was open.
    """

    account: Account | None
    browser: Browser
    texts: Texts
    company: Company
    catalogue: Catalogue
    asked_as: int | None = None

    @property
    def address(self) -> Address:
        return self.browser.address

    def require_account(self) -> Account:
        """Raises LoginNeeded for a guest."""
        if self.account is None:
            raise LoginNeeded
        return self.account


_CONTEXT = web.RequestKey("context", SiteContext)
_ADDRESS = web.AppKey("address", SiteAddress)


def get_context(request: web.Request) -> SiteContext:
    return request[_CONTEXT]


def get_site_address(request: web.Request) -> SiteAddress:
    return request.app[_ADDRESS]


def attach_site_address(app: web.Application, address: SiteAddress) -> None:
    app[_ADDRESS] = address


def set_context(request: web.Request, context: SiteContext) -> None:
    request[_CONTEXT] = context
