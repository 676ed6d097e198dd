"""Sessions on the site: found by the token of a cookie, and prolonged by each page."""

import secrets
from datetime import timedelta

from bot.db.database import Database
from bot.domain import Account, Address
from bot.services.clock import Clock
from bot.services.sessions import SessionPolicy, hash_token

#: Exact enough for half an hour of inactivity, and spares a write per page.
_TOUCH_PAUSE = timedelta(minutes=1)


class WebSessions:
    def __init__(self, database: Database, clock: Clock, policy: SessionPolicy) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy

    async def find_account(self, browser: Address, token: str) -> Account | None:
        """Who is logged in; the page that asks prolongs the session.

        A token belongs to the browser that it was given to: in another one it opens nothing.
        """
        now = self._clock.now()
        async with self._database.read() as tx:
            session = await tx.web_sessions.find(hash_token(token), now)
        if session is None or session.address != browser:
            return None
        if now - session.last_seen_at >= _TOUCH_PAUSE:
            until = self._policy.compute_end(session.logged_in_at, now)
            async with self._database.begin() as tx:
                await tx.web_sessions.touch(browser.id, now, until)
        return session.account


def make_token() -> str:
    """A random token of 256 bits, which a URL and a cookie may hold."""
    return secrets.token_urlsafe(32)
