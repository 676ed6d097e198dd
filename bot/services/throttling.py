"""Throttling policy of logins: when a wrong password makes the next one wait. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Failures:
    """Consecutive failures counted under one key; nothing is checked before ``blocked_until``."""

    count: int = 0
    blocked_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottlePolicy:
    """How guessing of passwords is slowed down.

    After ``free_tries`` failures the next try waits ``first_delay``, each further one twice as
    long, up to ``longest_delay``. Failures are forgotten after ``forget_after`` without one.
    After ``brake_after`` failures with one email, whatever the chats, a series is on: a chat that
    is new to the account then needs a code from an email besides the password.
    """

    free_tries: int = 3
    first_delay: timedelta = timedelta(seconds=30)
    longest_delay: timedelta = timedelta(minutes=15)
    forget_after: timedelta = timedelta(days=1)
    brake_after: int = 10

    def compute_delay(self, count: int) -> timedelta:
        """The wait after so many failures in a row."""
        if count < self.free_tries:
            return timedelta()
        # The exponent is bounded, or a patient guesser would overflow the product.
        doublings = min(count - self.free_tries, 16)
        return min(self.first_delay * (1 << doublings), self.longest_delay)

    def find_block(self, known: Mapping[str, Failures], now: datetime) -> datetime | None:
        """The moment until which no password is checked; None when one may be checked now."""
        blocks = (one.blocked_until for one in known.values())
        return max((until for until in blocks if until and until > now), default=None)

    def count(self, failures: Failures, now: datetime) -> int:
        """The failures that still count ``now``."""
        until = failures.blocked_until
        return 0 if until and until < now - self.forget_after else failures.count

    def add(self, failures: Failures, now: datetime) -> Failures:
        """One more failure, and the wait that follows it."""
        count = self.count(failures, now) + 1
        return Failures(count, now + self.compute_delay(count))

    def is_series(self, failures: Failures, now: datetime) -> bool:
        """Whether ``failures`` with one email are a series, which puts the brake on."""
        return self.count(failures, now) >= self.brake_after

    def is_series_start(self, failures: Failures) -> bool:
        """Whether the last failure with an email made a series of them; true once a series."""
        return failures.count == self.brake_after
