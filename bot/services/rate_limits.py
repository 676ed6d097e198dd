"""Rate limits: how often one person may do what costs others something.

What was used up is kept with the person's conversation, in the write that is made anyway: a limit
holds in all processes and after a restart, and costs an ordinary message nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

#: Of one limit: when its window began (seconds since 1970), how much was used, and whether the
#: person was told that it is all.
Window = tuple[int, int, bool]


class LimitedAction(StrEnum):
    """What is limited."""

    MESSAGES = "messages"
    REGISTRATIONS = "registrations"
    RESETS = "resets"
    FILES = "files"
    ASKUE = "askue"
    DOCUMENTS = "documents"
    #: Of an account; see ``bot.services.account_limits``.
    REQUESTS = "requests"
    STAFF_MESSAGES = "staff_messages"
    STORED_MEGABYTES = "stored_megabytes"
    CONTACT_CHANGES = "contact_changes"
    UPLOADED_READINGS = "uploaded_readings"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many ``times`` in a window of so many ``seconds``, which begins with the first one."""

    times: int
    seconds: int


class RateLimitExceeded(Exception):
    """The limit is reached: try again in so many ``minutes``."""

    def __init__(self, what: LimitedAction, seconds: float) -> None:
        super().__init__(what.value)
        self.what = what
        self.minutes = max(1, math.ceil(seconds / 60))


class RateLimiter:
    """What one person may still do; ``windows`` is what is to be kept of it."""

    def __init__(
        self, rate_limits: Mapping[LimitedAction, RateLimit], kept: Mapping[str, Window], now: float
    ) -> None:
        """``kept``: the ``windows`` of before, as JSON gave them back."""
        self._rate_limits = rate_limits
        self._now = int(now)
        self.windows: dict[LimitedAction, Window] = {}
        for what, quota in rate_limits.items():
            begun, used, told = kept.get(what, (self._now, 0, False))
            # A window that begins later was begun by a clock that has been set back.
            if used and begun <= self._now < begun + quota.seconds:
                self.windows[what] = (begun, used, bool(told))

    def spend(self, what: LimitedAction) -> None:
        """Uses one up; raises UsedUp when nothing is left."""
        quota = self._rate_limits[what]
        begun, used, told = self.windows.get(what, (self._now, 0, False))
        if used >= quota.times:
            raise RateLimitExceeded(what, begun + quota.seconds - self._now)
        self.windows[what] = (begun, used + 1, told)

    def tell(self, what: LimitedAction) -> bool:
        """Whether the person is to be told now; once in a window."""
        if what in OF_ACCOUNT:
            return True
        begun, used, told = self.windows[what]
        self.windows[what] = (begun, used, True)
        return not told


#: Counted by account in the database, not by chat in its conversation.
OF_ACCOUNT = frozenset(
    {
        LimitedAction.REQUESTS,
        LimitedAction.STAFF_MESSAGES,
        LimitedAction.STORED_MEGABYTES,
        LimitedAction.CONTACT_CHANGES,
        LimitedAction.UPLOADED_READINGS,
    }
)
