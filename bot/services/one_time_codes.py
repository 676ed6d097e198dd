"""One-time codes: six digits sent by email.

They are for a forgotten password, a login under the brake, and a new email of an account.

A code is stored as an HMAC whose key is not in the database. A slow hash would protect less: there
are only a million codes, which even argon2 lets a reader of the database try within the lifetime
of a code, and it would cost the processor something at every code. Requests for known and unknown
emails write the same rows; only the sender of the email finds out which it was.
"""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum, auto

from bot.db.accounts import LoginAttempts
from bot.db.database import Database, Tx
from bot.db.logins import OneTimeCode
from bot.domain import Address
from bot.services import recipients
from bot.services.clock import Clock
from bot.services.errors import CodeExpired, CodeRefused
from bot.services.login_throttle import hash_email

LIFETIME = timedelta(minutes=15)
TRIES = 5
_DIGITS = 6
#: A second press, or the email typed again, sends no second code within this time.
_PAUSE = timedelta(minutes=1)
#: Addresses that are new to an account can send it so many codes in an hour, all together.
_LETTERS_PER_HOUR = 5


class CodePurpose(StrEnum):
    """What a code is for; a code of one purpose is refused for the other."""

    LOGIN = auto()
    PASSWORD_RESET = auto()
    EMAIL_CHANGE = auto()


class OneTimeCodes:
    def __init__(self, database: Database, clock: Clock, key: bytes) -> None:
        """``key`` of the HMAC: the same in all processes, and not stored in the database."""
        self._database = database
        self._clock = clock
        self._key = key

    async def request(
        self,
        tx: Tx,
        purpose: CodePurpose,
        email: str,
        account_id: int | None,
        address: Address,
        *,
        unproved: bool = False,
    ) -> None:
        """Stores a code and the notice that sends it; ``account_id`` None: none is to be sent.

        Does nothing within a minute of the last request. Strangers who send too many codes are
        answered as usual, and none is sent; addresses known to the account are not limited, unless
        the email is ``unproved``: it may be a stranger's.
        """
        now = self._clock.now()
        email_key = hash_email(email)
        known = await tx.known_chats.is_known(account_id, address)
        last = await tx.one_time_codes.find(purpose, email_key, address)
        if last is not None and last.created_at > now - _PAUSE and last.tries < TRIES:
            return
        code_id = await tx.one_time_codes.put(
            purpose=purpose,
            email_key=email_key,
            address=address,
            account_id=account_id,
            now=now,
            expires_at=now + LIFETIME,
        )
        if (known and not unproved) or await self._spend_letter(tx, email_key, now):
            await recipients.send_code(tx, account_id, code_id, now)

    async def issue(self, code_id: int) -> tuple[OneTimeCode, str] | None:
        """Makes the digits of a stored code, readable only here; None when it has expired.

        A repeated call makes other digits in place of the former ones; the tries go on counting.
        """
        digits = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
        async with self._database.begin() as tx:
            code = await tx.one_time_codes.get(code_id)
            if code is None or code.expires_at <= self._clock.now() or code.accepted_at is not None:
                return None
            await tx.one_time_codes.set_hash(code_id, self._hash(code, digits))
        return code, digits

    async def accept(self, purpose: CodePurpose, email: str, address: Address, digits: str) -> int:
        """The id of the account whose code was typed; the code stays accepted for 15 minutes.

        Raises CodeRefused, and CodeExpired after the lifetime or the last try.
        """
        now = self._clock.now()
        # The try is committed before its result is known to anybody.
        async with self._database.begin() as tx:
            code = await tx.one_time_codes.find(purpose, hash_email(email), address)
            if code is None or code.expires_at <= now or code.tries >= TRIES:
                raise CodeExpired
            tries = code.tries + 1
            await tx.one_time_codes.count_try(code.id, tries)
            typed = self._hash(code, re.sub(r"\D", "", digits))
            fits = hmac.compare_digest(typed, code.code_hash or "")
            if fits and code.account_id is not None:
                await tx.one_time_codes.accept(code.id, now, now + LIFETIME)
                return code.account_id
        if tries >= TRIES:
            raise CodeExpired
        raise CodeRefused(TRIES - tries)

    async def get_accepted(
        self, tx: Tx, purpose: CodePurpose, email: str, address: Address
    ) -> tuple[int, int]:
        """The ids of an accepted code and of its account; raises CodeExpired."""
        code = await tx.one_time_codes.find(purpose, hash_email(email), address)
        if (
            code is None
            or code.accepted_at is None
            or code.account_id is None
            or code.expires_at <= self._clock.now()
        ):
            raise CodeExpired
        return code.id, code.account_id

    async def use(self, tx: Tx, purpose: CodePurpose, email: str, address: Address) -> int:
        """Ends an accepted code and returns its account's id; raises CodeExpired."""
        code_id, account_id = await self.get_accepted(tx, purpose, email, address)
        await tx.one_time_codes.delete(code_id)
        return account_id

    async def _spend_letter(self, tx: Tx, email_key: str, now: datetime) -> bool:
        key = f"email:{email_key}:letters"
        sent = await tx.login_attempts.get(key, now)
        begins = sent.blocked_until is None or sent.blocked_until <= now
        count = 1 if begins else sent.failures + 1
        until = now + timedelta(hours=1) if begins else sent.blocked_until
        await tx.login_attempts.record_all({key: LoginAttempts(count, until)}, now)
        return count <= _LETTERS_PER_HOUR

    def _hash(self, code: OneTimeCode, digits: str) -> str:
        words = f"{code.purpose}:{code.email_key}:{code.chat_id}:{digits}"
        return hmac.new(self._key, words.encode(), hashlib.sha256).hexdigest()


def build_key(secret: str) -> bytes:
    """The key of the codes, made of a secret of the process such as the bot's token."""
    return hmac.digest(secret.encode(), b"one-time codes", "sha256")
