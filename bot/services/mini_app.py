"""Login by the Mini App: what Telegram signed stands for a password where the chat is logged in."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from bot.db.database import Database, Tx
from bot.domain import FIRST_BROWSER_ID, Account, Address
from bot.services.accounts import Accounts
from bot.services.clock import Clock
from bot.services.rate_limits import RateLimit
from bot.services.sessions import MINI_APP, find_logged_in, hash_token

#: From the press of the menu button: a slow network and the question «Войти» fit in it.
LIFETIME = timedelta(minutes=5)
#: So much may Telegram's clock be ahead of ours.
_AHEAD = timedelta(seconds=30)
#: Launches of one chat. Each is a write, and nobody opens the Mini App more often.
LAUNCHES = RateLimit(20, 900)
_LENGTH = 4096
_FIELDS = 32
#: ``sender`` is the private chat with the bot itself, as ``private`` is with somebody else.
_PRIVATE = frozenset({"sender", "private"})


class LaunchRefused(Exception):
    """``code``: ``invalid``, ``expired``, ``used`` or ``often``; nothing of the data."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """An opening of the Mini App that Telegram signed."""

    chat_id: int
    signature: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """``account`` is the chat's; None where the chat is a guest.

    Without ``logged_in`` the person has to confirm that the account is theirs.
    """

    account: Account | None
    logged_in: bool


class MiniApp:
    def __init__(self, database: Database, clock: Clock, accounts: Accounts, token: str) -> None:
        """``token``: the bot's, with which Telegram signs."""
        self._database = database
        self._clock = clock
        self._accounts = accounts
        self._token = token

    async def log_in(
        self,
        init_data: str,
        browser: Address,
        *,
        name: str,
        session_token: str,
        confirmed: int | None = None,
    ) -> Opening:
        """Logs the browser in to the account of the chat that opened it; raises LaunchRefused.

        Only a browser that is known to the account is logged in at once. Another one may have been
        given a stranger's launch: it is asked first, and ``confirmed`` is the account's id that it
        confirmed. When the chat is a guest, the browser's session ends. ``name`` says which browser
        it is.
        """
        now = self._clock.now()
        launch = verify(init_data, self._token, now)
        async with self._database.begin() as tx:
            account = await find_logged_in(tx, Address.from_chat(launch.chat_id), now)
            if account is not None and account.id != confirmed:
                here = await find_logged_in(tx, browser, now)
                known = await tx.known_chats.list_for_account(account.id)
                if browser not in known or (here is not None and here.id != account.id):
                    return Opening(account, logged_in=False)
            await self._use(tx, launch, now)
            if account is None:
                await tx.web_sessions.end(browser.id)
                return Opening(None, logged_in=False)
            await self._accounts.link(tx, browser, account, f"{MINI_APP}, {name}", session_token)
        return Opening(account, logged_in=True)

    async def _use(self, tx: Tx, launch: Launch, now: datetime) -> None:
        """Once, in whatever process. Raises LaunchRefused."""
        if await tx.login_attempts.count_in_window(
            f"launch:{launch.chat_id}", LAUNCHES.times, LAUNCHES.seconds, now
        ):
            raise LaunchRefused("often")
        if not await tx.one_time_tokens.add_used(
            hash_token(launch.signature), "mini_app", now, launch.expires_at
        ):
            raise LaunchRefused("used")


def verify(init_data: str, token: str, now: datetime) -> Launch:
    """Checks ``Telegram.WebApp.initData`` of a private chat; raises LaunchRefused.

    https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app: all fields but
    ``hash`` are signed, ``signature`` (of another key, for third parties) among them.
    """
    fields = _parse(init_data)
    signature = fields.pop("hash", "")
    words = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    key = hmac.digest(b"WebAppData", token.encode(), hashlib.sha256)
    right = hmac.digest(key, words.encode(), hashlib.sha256).hex()
    # As bytes: a comparison of strings refuses what is not ASCII by an error of its own. Without a
    # token everybody could sign.
    if not token or not hmac.compare_digest(right.encode(), signature.encode()):
        raise LaunchRefused("invalid")
    signed_at, user_id = _read_time(fields.get("auth_date", "")), _read_user(fields.get("user", ""))
    if "chat" in fields or fields.get("chat_type", "sender") not in _PRIVATE:
        raise LaunchRefused("invalid")
    if signed_at > now + _AHEAD:
        raise LaunchRefused("invalid")
    if signed_at + LIFETIME <= now:
        raise LaunchRefused("expired")
    return Launch(chat_id=user_id, signature=signature, expires_at=signed_at + LIFETIME)


def _parse(init_data: str) -> dict[str, str]:
    """Raises LaunchRefused for what is no query string, or names a field twice."""
    if len(init_data) > _LENGTH:
        raise LaunchRefused("invalid")
    try:
        pairs = parse_qsl(
            init_data,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_FIELDS,
        )
        # A lone surrogate can be in no signed text.
        init_data.encode()
    except ValueError:
        raise LaunchRefused("invalid") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise LaunchRefused("invalid")
    return fields


def _read_time(words: str) -> datetime:
    if not re.fullmatch("[0-9]{1,11}", words):
        raise LaunchRefused("invalid")
    return datetime.fromtimestamp(int(words), UTC)


def _read_user(words: str) -> int:
    """The id of the person, which is that of the private chat with the bot too."""
    try:
        user: Any = json.loads(words)
    except (ValueError, RecursionError):
        raise LaunchRefused("invalid") from None
    user_id = user.get("id") if isinstance(user, dict) else None
    if type(user_id) is not int or not 0 < user_id < FIRST_BROWSER_ID:
        raise LaunchRefused("invalid")
    return user_id
