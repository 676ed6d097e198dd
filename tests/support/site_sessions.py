"""Browsers that are logged in to the site, without a login of each."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.db.database import Database
from bot.db.web_sessions import WebSession
from bot.services.sessions import hash_token
from bot.services.web_sessions import make_token
from bot.web.site.context import BROWSER_COOKIE, Browser
from bot.web.site.sessions import SESSION_COOKIE

Cookies = dict[str, str]


async def begin_sessions(url: str, account_ids: Iterable[int]) -> list[Cookies]:
    """The cookies of a browser for each account of the database."""
    database, now = Database(url), datetime.now(UTC)
    found = []
    try:
        async with database.begin() as tx:
            for account_id in account_ids:
                browser, token = Browser.read(None), make_token()
                account = await tx.accounts.get(account_id)
                until = now + timedelta(days=1)
                session = WebSession(browser.address.id, account, "Firefox", now, now, until)
                await tx.web_sessions.put(session, hash_token(token))
                found.append({BROWSER_COOKIE: browser.cookie, SESSION_COOKIE: token})
    finally:
        await database.dispose()
    return found
