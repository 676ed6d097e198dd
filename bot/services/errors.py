"""What may go wrong in a service in a way that its caller must tell apart."""

import math
from datetime import datetime

from bot.domain import Request


class LoginRefused(Exception):
    """The email or the password is wrong; never says which."""


class LoginDelayed(Exception):
    """Too many wrong passwords: nothing is checked before ``until``, ``seconds`` from now."""

    def __init__(self, until: datetime, now: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until
        self.seconds = math.ceil((until - now).total_seconds())


class RequestUnknown(Exception):
    """There is no such request, or it is another account's."""


class StatusConflict(Exception):
    """The request's status is another one by now, or does not lead to the one wished for."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.number)
        self.request = request


class DisputeExpired(Exception):
    """The time to disagree is over."""


class ForeignDraft(Exception):
    """A request was already registered from this draft, by another account."""
