"""Sessions: how long a chat or a browser stays logged in, and where an account is logged out."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.db.database import Tx
from bot.domain import Account, Address, Channel

#: The beginning of the name of a browser's session that a chat's Mini App began.
MINI_APP = "Telegram Mini App"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPolicy:
    """How long an address stays logged in.

    ``inactivity`` counts from the last message or page, ``lifetime`` from the login. A changed
    policy holds from the next message or page on.
    """

    inactivity: timedelta = timedelta(days=180)
    lifetime: timedelta = timedelta(days=365)

    def compute_end(self, logged_in_at: datetime, now: datetime) -> datetime:
        """When the login ends unless the person comes again after ``now``."""
        return min(now + self.inactivity, logged_in_at + self.lifetime)


def hash_token(token: str) -> str:
    """What is stored of a token; it is random and long, so that a fast hash protects it."""
    return hashlib.sha256(token.encode()).hexdigest()


async def find_logged_in(tx: Tx, address: Address, now: datetime) -> Account | None:
    """The account that is logged in at an address."""
    if address.channel is Channel.WEB:
        session = await tx.web_sessions.get(address.id, now)
        return session.account if session else None
    return (await tx.chats.get(address.id)).to_chat(now).account


async def end_other_sessions(
    tx: Tx, account_id: int, now: datetime, *, keep: Address | None
) -> list[int]:
    """Logs the account out everywhere, or everywhere else; the chats that are to be told."""
    await tx.web_sessions.end_others(account_id, keep=keep)
    return await tx.chats.unlink_others(
        account_id, now, keep_chat_id=keep.chat_id if keep else None
    )
