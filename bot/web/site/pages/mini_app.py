"""The Mini App: the page that the bot's menu button opens in Telegram; see decision 21."""

import re

from aiohttp import web

from bot.formatting.values import format_masked_email
from bot.services.mini_app import LaunchRefused, MiniApp
from bot.services.web_sessions import make_token
from bot.web.site.bodies import read_form
from bot.web.site.context import get_context
from bot.web.site.rendering import redirect, render
from bot.web.site.sessions import delete_session_cookie, describe_browser, set_session_cookie


def build_mini_app_routes(mini_app: MiniApp) -> list[web.RouteDef]:
    async def open_page(request: web.Request) -> web.Response:
        """Without a secret: the page's script posts what Telegram put behind the address."""
        return render(request, "mini_app.html", owner=None, refused=None)

    async def log_in(request: web.Request) -> web.Response:
        form, session_token = await read_form(request), make_token()
        init_data, confirmed = form.get("init_data", ""), form.get("confirmed", "")
        try:
            opening = await mini_app.log_in(
                init_data,
                get_context(request).address,
                name=describe_browser(request),
                session_token=session_token,
                confirmed=int(confirmed) if re.fullmatch("[0-9]{1,18}", confirmed) else None,
            )
        except LaunchRefused as refused:
            status = 429 if refused.code == "often" else 403
            return render(request, "mini_app.html", status, owner=None, refused=refused.code)
        account = opening.account
        if account is None:
            response = redirect(request, "/", notice="mini-app-guest")
            delete_session_cookie(request, response)
        elif opening.logged_in:
            response = redirect(request, "/")
            set_session_cookie(request, response, session_token)
        else:
            response = render(
                request,
                "mini_app.html",
                owner=account,
                email=format_masked_email(account.email),
                init_data=init_data,
                refused=None,
            )
        return response

    return [web.get("/miniapp", open_page), web.post("/miniapp", log_in)]
