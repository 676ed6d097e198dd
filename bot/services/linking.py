"""Links between the doors: a chat opens the site, and the site opens a chat, without a password."""

from datetime import timedelta
from enum import StrEnum

from bot.db.database import Database
from bot.domain import Account, Address
from bot.services.accounts import Accounts
from bot.services.clock import Clock
from bot.services.sessions import hash_token
from bot.services.web_sessions import make_token


class TokenPurpose(StrEnum):
    """Where a token logs in; it opens nothing elsewhere."""

    SITE = "site"
    CHAT = "chat"


#: The link of a chat is pressed at once; for a chat somebody takes up the phone first.
LIFETIMES = {TokenPurpose.SITE: timedelta(seconds=60), TokenPurpose.CHAT: timedelta(minutes=5)}


class Linking:
    def __init__(self, database: Database, clock: Clock, accounts: Accounts) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts

    async def issue(self, account_id: int, purpose: TokenPurpose) -> str:
        """A token that logs in to the account once; only its hash is stored."""
        token, now = make_token(), self._clock.now()
        async with self._database.begin() as tx:
            await tx.one_time_tokens.add(
                hash_token(token), purpose, account_id, now + LIFETIMES[purpose]
            )
        return token

    async def find_account(self, token: str, purpose: TokenPurpose) -> Account | None:
        """Whose token it is, without using it up: a preview of a link must not."""
        async with self._database.read() as tx:
            account_id = await tx.one_time_tokens.find_account_id(
                hash_token(token), purpose, self._clock.now()
            )
            return None if account_id is None else await tx.accounts.get(account_id)

    async def log_in(
        self,
        token: str,
        purpose: TokenPurpose,
        address: Address,
        *,
        name: str,
        session_token: str | None = None,
    ) -> Account | None:
        """Logs in where the link was opened; None when it is unknown, used or expired.

        ``session_token`` is of the web session that begins.
        """
        async with self._database.begin() as tx:
            account_id = await tx.one_time_tokens.use(hash_token(token), purpose, self._clock.now())
            if account_id is None:
                return None
            account = await tx.accounts.get(account_id)
            await self._accounts.link(tx, address, account, name, session_token)
        return account
