"""An attempt at handling an update: what handlers of errors know about the ones before."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Attempt:
    """``last``: no attempt follows, so the person has to be told; ``notified``: this was done.

    ``secret``: the update answers a secret question.
    """

    last: bool
    notified: bool = False
    secret: bool = False


#: None outside of the inbox, where an update is handled once.
current_attempt: ContextVar[Attempt | None] = ContextVar("current_attempt", default=None)
