"""The cookie of a session, and the words by which a browser is listed."""

import re

from aiohttp import web

from bot.web.site.context import get_site_address

SESSION_COOKIE = "session"

#: In this order: Edge and Opera call themselves Chrome too, and Chrome calls itself Safari.
_BROWSERS = (
    ("YaBrowser/", "Yandex Browser"),
    ("EdgA?/|EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/|FxiOS/", "Firefox"),
    ("Chrome/|CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
#: Android calls itself Linux too, and an iPhone is like Mac OS X.
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Mac OS X|Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def set_session_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Until the browser is closed; how long the session lasts is the server's decision."""
    get_site_address(request).set_cookie(response, SESSION_COOKIE, token, None)


def get_session_token(request: web.Request) -> str:
    """Of whoever is logged in; each login has another one."""
    return request.cookies.get(get_site_address(request).name_cookie(SESSION_COOKIE), "")


def delete_session_cookie(request: web.Request, response: web.StreamResponse) -> None:
    address = get_site_address(request)
    response.del_cookie(
        address.name_cookie(SESSION_COOKIE),
        path="/",
        secure=address.secure,
        httponly=True,
        samesite="Lax",
    )


def describe_browser(request: web.Request) -> str:
    """«Firefox, Windows»: of our own words only, as the header is a stranger's text."""
    header = request.headers.get("User-Agent", "")[:500]
    found = (
        next((name for pattern, name in names if re.search(pattern, header)), None)
        for names in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(name for name in found if name) or "—"
