"""The link from a chat to the site, and from the site to a chat."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.formatting.values import format_masked_email
from bot.services.linking import Linking, TokenPurpose
from bot.services.web_sessions import make_token
from bot.web.site.context import get_context
from bot.web.site.rendering import redirect, render
from bot.web.site.sessions import describe_browser, set_session_cookie

FindBotName = Callable[[], Awaitable[str | None]]
"""The bot's name in Telegram; None while it cannot be asked for it."""


def build_linking_routes(linking: Linking, find_bot_name: FindBotName) -> list[web.RouteDef]:
    async def confirm(request: web.Request) -> web.Response:
        """Asks first: previews of links open pages, and send no forms."""
        token = request.match_info["token"]
        account = await linking.find_account(token, TokenPurpose.SITE)
        if account is None:
            return render(request, "link.html", 410, owner=None, token=token)
        email = format_masked_email(account.email)
        return render(request, "link.html", owner=account, email=email, token=token)

    async def log_in(request: web.Request) -> web.Response:
        token, session_token = request.match_info["token"], make_token()
        account = await linking.log_in(
            token,
            TokenPurpose.SITE,
            get_context(request).address,
            name=describe_browser(request),
            session_token=session_token,
        )
        if account is None:
            return render(request, "link.html", 410, owner=None, token=token)
        response = redirect(request, "/")
        set_session_cookie(request, response, session_token)
        return response

    async def open_telegram(request: web.Request) -> web.Response:
        account = get_context(request).require_account()
        bot = await find_bot_name()
        link = None
        if bot is not None:
            token = await linking.issue(account.id, TokenPurpose.CHAT)
            link = f"https://t.me/{bot}?start=l{token}"
        return render(request, "telegram.html", 200 if link else 503, link=link)

    return [
        web.get("/link/{token:[A-Za-z0-9_-]{43}}", confirm),
        web.post("/link/{token:[A-Za-z0-9_-]{43}}", log_in),
        web.post("/profile/telegram", open_telegram),
    ]
