"""Errors of services that their callers handle."""

import math
from datetime import datetime

from bot.domain import Request
from bot.fsm.model import Rejected


class LoginRefused(Rejected):
    """The email or the password is wrong; never says which."""

    def __init__(self, code: str = "login-refused") -> None:
        super().__init__(code)


class PasswordRefused(LoginRefused):
    """A person who is logged in repeated the account's password wrongly."""

    def __init__(self) -> None:
        super().__init__("old-password")


class LoginDelayed(Rejected):
    """Too many wrong passwords: nothing is checked before ``until``, ``seconds`` from now."""

    def __init__(self, until: datetime, now: datetime) -> None:
        self.until = until
        self.seconds = math.ceil((until - now).total_seconds())
        super().__init__("login-delayed", seconds=self.seconds)


class LoginCodeNeeded(Exception):
    """The password was right; the login waits for a code that was sent to the account's email."""


class PasswordExpired(Rejected):
    """The password was right, but was mailed and not used in time."""

    def __init__(self) -> None:
        super().__init__("password-expired")


class CodeRefused(Rejected):
    """A wrong one-time code; ``left`` tries remain."""

    def __init__(self, left: int) -> None:
        super().__init__("code-refused", left=left)


class CodeExpired(Rejected):
    """The one-time code is too old, was tried too often, or was never asked for."""

    def __init__(self) -> None:
        super().__init__("code-expired")


class ResetExpired(Exception):
    """The staff approved a password reset too late."""


class RequestUnknown(Exception):
    """There is no such request, or it is another account's."""


class StatusConflict(Exception):
    """The request's status is another one by now, or does not lead to the one wished for."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.number)
        self.request = request


class AssignedToAnother(Exception):
    """Another member of the staff answers the request; who acts has not agreed to pass over it."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.number)
        self.request = request


class ReopeningExpired(Exception):
    """The time in which the staff may bring a closed request back to work is over."""


class UndoExpired(Exception):
    """It is too late to take something back: the consumer has got it, or is getting it."""


class MemberUnknown(Exception):
    """Nobody with this id is a member of the staff, as far as is known."""


class ListUnknown(Exception):
    """The staff asked for a list that does not exist, or searched for nothing."""


class DisputeExpired(Exception):
    """The time to disagree is over."""


class CredentialsGone(Exception):
    """Identifier and password of ASKUE are kept for minutes only, and those are over."""


class ForeignDraft(Exception):
    """A request was already registered from this draft, by another account."""


class DocumentUnavailable(Exception):
    """A PDF cannot be made: its template is wrong, or it takes too much time or memory."""
