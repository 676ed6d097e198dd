"""Login throttle: counts wrong passwords by email and address, by address, and by email.

An address is a chat or a browser. Nobody can lock another person out: one waits only for failures
of its own. Failures of all addresses with one email never make anybody wait; they only make
addresses that are new to the account confirm the login with a code. Known and unknown emails are
counted alike, and the owner's logins change no counter that another address can observe.
"""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.db.accounts import LoginAttempts
from bot.db.database import Tx
from bot.domain import Address
from bot.services import recipients
from bot.services.errors import LoginDelayed
from bot.services.throttling import Failures, ThrottlePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginTry:
    """A try that was counted as failed before its check.

    ``before``: the failures by key before it. ``braked``: a series of failures with this email is
    on.
    """

    email_key: str
    before: Mapping[str, Failures]
    braked: bool


class LoginThrottle:
    """All methods belong to the caller's transaction."""

    def __init__(self, policy: ThrottlePolicy) -> None:
        self._policy = policy

    async def begin(self, tx: Tx, email: str, address: Address, now: datetime) -> LoginTry:
        """Counts a login as failed before it is checked, or parallel guesses would all be free.

        Raises LoginDelayed.
        """
        return await self._begin(
            tx, email, (_build_pair_key(email, address), build_address_key(address)), now
        )

    async def begin_check(self, tx: Tx, email: str, address: Address, now: datetime) -> LoginTry:
        """The same for a person who is logged in and repeats the password."""
        return await self._begin(tx, email, (_build_pair_key(email, address),), now)

    async def record_failure(
        self, tx: Tx, made: LoginTry, account_id: int | None, now: datetime
    ) -> None:
        """Counts the failed login by its email; the owner is told once in a series.

        ``account_id``: None when no account has the email; then all the same is done.
        """
        known = await tx.login_attempts.get(made.email_key, now)
        count = self._policy.count(Failures(known.failures, known.blocked_until), now) + 1
        # The email's counter makes nobody wait: ``blocked_until`` only dates the last failure.
        failures = Failures(count, now)
        await _record(tx, {made.email_key: failures}, now)
        if self._policy.is_series_start(failures):
            await recipients.announce_failed_logins(tx, account_id, now)

    async def record_success(self, tx: Tx, made: LoginTry, now: datetime) -> None:
        """Forgives the address its failures with this email, and this try in every counter."""
        for key, before in made.before.items():
            if key.startswith("email:"):
                await tx.login_attempts.clear(key)
            else:
                # Its failures with other emails stay: logging in to an account of one's own
                # must not buy fresh guesses at the accounts of others.
                await _record(tx, {key: Failures(self._policy.count(before, now), now)}, now)

    async def _begin(self, tx: Tx, email: str, keys: tuple[str, ...], now: datetime) -> LoginTry:
        email_key = f"email:{hash_email(email)}"
        known = {
            key: Failures(one.failures, one.blocked_until)
            for key, one in (await tx.login_attempts.get_all((*keys, email_key), now)).items()
        }
        total = known.pop(email_key)
        blocked_until = self._policy.find_block(known, now)
        if blocked_until is not None:
            raise LoginDelayed(blocked_until, now)
        await _record(tx, {key: self._policy.add(one, now) for key, one in known.items()}, now)
        braked = self._policy.is_series(total, now)
        return LoginTry(email_key=email_key, before=known, braked=braked)


def hash_email(email: str) -> str:
    """Known and unknown emails count alike; hashed, as a stranger's email is not ours to keep."""
    canonical = unicodedata.normalize("NFC", email.strip()).casefold()
    return hashlib.sha256(canonical.encode()).hexdigest()


def build_address_key(address: Address) -> str:
    """The key of failures from an address; the ids of the channels are disjoint."""
    return f"chat:{address.id}"


def _build_pair_key(email: str, address: Address) -> str:
    return f"email:{hash_email(email)}:{address.id}"


async def _record(tx: Tx, failures: Mapping[str, Failures], now: datetime) -> None:
    await tx.login_attempts.record_all(
        {key: LoginAttempts(one.count, one.blocked_until) for key, one in failures.items()}, now
    )
