"""Proof that a form was rendered by us for this browser: the field ``csrf``."""

import hashlib
import hmac
import re
import secrets

from bot.web.site.context import Browser

_SALT_BYTES = 8
_TOKEN = re.compile(r"([0-9a-f]{16})-(\d{1,19})-([0-9a-f]{64})", re.ASCII)


class Csrf:
    """Tokens are HMACs over the browser's cookie and the account; a salt makes each one new.

    So nothing is stored, and a compressed page does not give a token away (BREACH).
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, browser: Browser, account_id: int | None) -> str:
        salt = secrets.token_hex(_SALT_BYTES)
        return f"{salt}-{account_id or 0}-{self._compute(browser, salt, account_id or 0)}"

    def verify(self, browser: Browser, token: str) -> int | None:
        """The account that the form was rendered for, 0 for a guest; None for a wrong token."""
        found = _TOKEN.fullmatch(token)
        if found is None or browser.is_new:
            return None
        account_id = int(found[2])
        right = self._compute(browser, found[1], account_id)
        return account_id if hmac.compare_digest(right, found[3]) else None

    def _compute(self, browser: Browser, salt: str, account_id: int) -> str:
        words = f"csrf:{browser.cookie}:{salt}:{account_id}".encode()
        return hmac.new(self._key, words, hashlib.sha256).hexdigest()
